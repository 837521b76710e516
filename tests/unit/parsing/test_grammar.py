import pytest

from policyeval.parsing.grammar import expected_words, first_error, grammar_text, load_grammar

GRAMMARS = [
    ("json", ["start"]),
    ("policy", ["start"]),
    ("arn", ["start", "pattern"]),
    ("action", ["start"]),
    ("variable", ["start"]),
    ("operator", ["start"]),
    ("principal", ["aws", "service", "federated", "canonical_user"]),
]


@pytest.mark.parametrize(("name", "starts"), GRAMMARS)
def test_every_grammar_builds_without_conflicts(name, starts):
    for start in starts:
        assert load_grammar(name, start=start) is load_grammar(name, start=start)


@pytest.mark.parametrize(("name", "starts"), GRAMMARS)
def test_grammars_import_no_stock_terminals_and_no_digits_of_every_script(name, starts):
    text = "\n".join(
        line for line in grammar_text(name).splitlines() if not line.lstrip().startswith("//")
    )
    assert "%import" not in text
    assert "\\d" not in text
    assert "\\w" not in text
    assert starts


def test_unknown_grammar_says_where_it_was_looked_for():
    with pytest.raises(FileNotFoundError, match=r"nothing\.lark is neither in"):
        load_grammar("nothing")


def test_first_error_has_place_and_expected_terminals():
    assert first_error("json", '{"a": 1}') is None
    place, expected = first_error("json", '{"a" 1}')
    assert (place, expected_words(expected)) == (5, "`:`")
    place, expected = first_error("policy", '{"Statement": {"Effect": "Alow"}}')
    assert (place, expected) == (25, {"EFFECT"})
    assert first_error("json", "[1")[0] == 2


def test_policy_grammar_names_the_legal_elements():
    _, expected = first_error("policy", '{"Statement": {"Actions": "s3:*"}}')
    assert len(expected) == 10  # nine elements, or the end of the statement
