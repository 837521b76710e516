import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval.environment.yaml_tree import merge, read_tree
from policyeval.parsing.document import NumberText


def plain(text):
    node, findings = read_tree(text, "x.yaml")
    assert not findings
    return node.plain()


def defect(text):
    node, findings = read_tree(text, "x.yaml")
    assert node is None or any(finding.is_error for finding in findings)
    return findings[-1]


def test_scalars_follow_the_core_schema_of_yaml_1_2():
    values = plain("[no, off, y, true, False, ~, null, 12:30, 2020-01-01, '5', \"true\"]")
    assert values == [
        "no", "off", "y", True, False, None, None, "12:30", "2020-01-01", "5", "true",
    ]  # fmt: skip
    assert not any(isinstance(value, NumberText) for value in values)


def test_numbers_keep_their_text():
    values = plain("[1, 012, 0x1F, 1.10, -3e4, .5, .inf]")
    assert values == ["1", "012", "0x1F", "1.10", "-3e4", ".5", ".inf"]
    assert all(isinstance(value, NumberText) for value in values)


def test_json_is_yaml():
    assert plain('{"a": {"b": [1, "é"]}}') == {"a": {"b": ["1", "é"]}}


def test_every_node_knows_where_it_stands():
    node, _ = read_tree("a:\n  é: [x, 'y']\n", "x.yaml")
    found, place = node.find(("a", "é", 1))
    assert node.source.text[found.span.start : found.span.end] == "'y'"
    _, key = node.find(("a", "é"))
    assert node.source.text[key.span.start : key.span.end] == "é"
    assert place == found.location


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "PE0702"),
        ("a: b: c", "PE0702"),
        ("a:\n\t- x", "PE0702"),
        ("\0", "PE0702"),
        ("a: \x07", "PE0702"),
        ("'", "PE0702"),
        ('"\\ud800": x', "PE0702"),
        ("%YAML 9.9\n---\na: 1", "PE0702"),
        ("a: !!python/object/apply:os.system [x]", "PE0703"),
        ("a: !!str x", "PE0703"),
        ("a: !x {}", "PE0703"),
        ("--- 1\n--- 2", "PE0703"),
        ("? [a]\n: b", "PE0703"),
        ("? {a: b}\n: b", "PE0703"),
        ("a: *b", "PE0703"),
        ("a: &a [*a]", "PE0703"),
        ("&a {b: *a}", "PE0703"),
        ("[" * 100_000, "PE0703"),
        ("{a: " * 100_000, "PE0703"),
        ("- " * 100_000, "PE0703"),
        ("x" * 5_000_000, "PE0701"),
        ("a: 1\nb: 2\na: 3", "PE0704"),
        ("{a: 1, 'a': 2}", "PE0704"),
    ],
)
def test_hostile_or_broken_text_is_a_finding_with_a_place(text, code):
    finding = defect(text)
    assert finding.code == code
    assert finding.location.resolve() is not None


def test_an_expanding_file_is_refused_before_it_expands():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    assert defect("\n".join(lines)).code == "PE0703"


def test_aliases_cannot_nest_deeper_than_texts():
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 5000)]
    assert "nests deeper" in defect("\n".join(lines)).message


def test_small_aliases_are_fine():
    assert plain("a: &x {b: 1}\nc: *x") == {"a": {"b": "1"}, "c": {"b": "1"}}


def test_merge_merges_maps_by_key_and_replaces_lists():
    base, _ = read_tree("a: {b: 1, c: [1, 2]}\nd: 1", "base.yaml")
    over, _ = read_tree("a: {c: [3], e: 5}", "over.yaml")
    merged = merge(base, over)
    assert merged.plain() == {"a": {"b": "1", "c": ["3"], "e": "5"}, "d": "1"}
    assert merged.find(("a", "b"))[0].source.name == "base.yaml"
    assert merged.find(("a", "e"))[1].source.name == "over.yaml"


@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@,? \n\t~0\0\u2028\ufeff", max_size=60))
def test_no_text_raises(text):
    node, findings = read_tree(text, "x.yaml")
    assert (node is None) <= any(finding.is_error for finding in findings)
    if node is not None:
        node.plain()
    for finding in findings:
        span = finding.location.resolve()
        assert 0 <= span.start <= span.end <= len(text)


def test_an_at_without_quotes_is_told_to_stand_in_quotes():
    _, [finding] = read_tree("attach: { scp: { @Workloads: closed.json } }", "a.yaml")
    assert finding.code == "PE0702"
    assert "`@`" in finding.help


@pytest.mark.parametrize(
    "value", ["\U0001f600", "a \U0001f600\U0001f601 b", "\\\U0001f600", "\\\\ud83d\U0001f600 c"]
)
def test_json_may_write_characters_as_pairs_of_escapes(value):
    node, findings = read_tree(json.dumps({"a": {"b": value}, "c": "x"}), "a.json")
    assert findings == ()
    assert node.plain() == {"a": {"b": value}, "c": "x"}
    text = node.source.text
    place = node.value["c"].span
    assert text[place.start : place.end] == '"x"'
