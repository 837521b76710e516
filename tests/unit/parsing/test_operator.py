import pytest

from policyeval.errors import PolicySyntaxError
from policyeval.parsing.operator import OPERATORS, parse_operator, read_operator
from policyeval.policy import ConditionOperator


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_is_known_in_any_case(name):
    assert parse_operator(name) == ConditionOperator(name, text=name)
    assert parse_operator(name.upper()).name == name


def test_there_are_twenty_seven_operators():
    assert len(OPERATORS) == len(set(OPERATORS)) == 27


def test_prefix_and_ending_are_taken_apart():
    assert parse_operator("foranyvalue:StringLike") == ConditionOperator(
        "StringLike", "ForAnyValue", text="foranyvalue:StringLike"
    )
    assert parse_operator("BoolIfExists") == ConditionOperator(
        "Bool", if_exists=True, text="BoolIfExists"
    )


@pytest.mark.parametrize(
    ("text", "code", "help_"),
    [
        ("StringEqual", "PE0301", "did you mean `StringEquals`?"),
        ("StringLikeIfExist", "PE0301", "the condition cannot be evaluated"),
        ("ForAnyValues:StringLike", "PE0301", "did you mean `ForAnyValue:StringLike`?"),
        ("ForAnyValue:StringLik", "PE0301", "did you mean `ForAnyValue:StringLike`?"),
        ("ForEver:StringLike", "PE0301", "the condition cannot be evaluated"),
        ("", "PE0301", "the condition cannot be evaluated"),
        (":Bool", "PE0301", "did you mean `Bool`?"),
        ("NullIfExists", "PE0302", "write `Null`"),
        ("ForAnyValue:NullIfExists", "PE0302", "write `Null`"),
        ("\u017ftringLike", "PE0301", "did you mean `StringLike`?"),
    ],
)
def test_unknown_operator_stops_the_document(text, code, help_):
    with pytest.raises(PolicySyntaxError) as raised:
        parse_operator(text)
    (finding,) = raised.value.findings
    assert finding.code == code
    assert finding.help.startswith(help_)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ForAnyValue:StringLikeIfExists", "PE0303"),
        ("ForAllValues:Null", "PE0304"),
        ("ForAnyValue:Null", "PE0304"),
    ],
)
def test_set_prefix_with_ending_or_null_is_a_remark(text, code):
    operator, defects = read_operator(text)
    assert operator is not None
    assert [(defect.code, defect.severity.value) for defect in defects] == [(code, "warning")]
