import pytest

from policyeval.parsing.variable import parse_template
from policyeval.policy import Variable, Wildcard

RUN, ONE = Wildcard.ANY_RUN, Wildcard.ANY_ONE


def pieces(text, **options):
    template, defects = parse_template(text, **{"variables": True, **options})
    assert template.text == text
    return template.pieces, [defect.code for defect in defects]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("",)),
        ("reports", ("reports",)),
        ("*", (RUN,)),
        ("a*b?", ("a", RUN, "b", ONE)),
        ("**", (RUN, RUN)),
        ("home/${aws:username}/*", ("home/", Variable("aws:username"), "/", RUN)),
        ("${aws:PrincipalTag/team, 'none'}", (Variable("aws:PrincipalTag/team", "none"),)),
        ("${aws:PrincipalTag/team,''}", (Variable("aws:PrincipalTag/team", ""),)),
        ("a${*}b${?}c${$}d", ("a*b?c$d",)),
        ("${$}{aws:username}", ("${aws:username}",)),
        ("$5", ("$5",)),
        ("${aws:a}${aws:b}", (Variable("aws:a"), Variable("aws:b"))),
    ],
)
def test_template_pieces(text, expected):
    assert pieces(text) == (expected, [])


def test_without_wildcards_stars_are_literal():
    assert pieces("a*${aws:username}?${*}", wildcards=False)[0] == (
        "a*",
        Variable("aws:username"),
        "?*",
    )


def test_without_variables_only_wildcards_count():
    assert pieces("${aws:username}*", variables=False) == (("${aws:username}", RUN), [])
    assert pieces("${*}", variables=False)[0] == ("${", RUN, "}")


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("${aws: username}", "PE0305", (Variable(""),)),
        ("${}", "PE0305", (Variable(""),)),
        ("${aws:${aws:b}}", "PE0305", (Variable(""), "}")),
        ("a${aws:username", "PE0306", ("a${aws:username",)),
        ("${aws:a, none}", "PE0309", (Variable(""),)),
        ("${aws:a, 'x}", "PE0309", (Variable(""),)),
        ("${aws:a, '}", "PE0309", (Variable(""),)),
        ("${Account}", "PE0114", (Variable("Account"),)),
        ("${AWS::AccountId}", "PE0114", (Variable("AWS::AccountId"),)),
    ],
)
def test_malformed_variable_never_has_a_value(text, code, expected):
    assert pieces(text) == (expected, [code])


def test_defect_is_located_and_mended():
    _, (defect,) = parse_template("x/${aws: username}/y", variables=True)
    assert (defect.span.start, defect.span.end) == (2, 18)
    assert defect.help == "write `${aws:username}`"


def test_hostile_text_is_read_in_linear_time():
    text = "${" * 200_000
    assert pieces(text)[1] == ["PE0306"]
    assert len(pieces("${a,'" * 100_000 + "}")[1]) == 1
