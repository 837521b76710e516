"""Values as the AWS CLI writes them."""

import pytest

from policyeval.calls.shorthand import read_value
from policyeval.errors import InvalidRequestError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Key=team,Value=pets", {"Key": "team", "Value": "pets"}),
        ("Name=x,Values=a,b", {"Name": "x", "Values": ["a", "b"]}),
        ("Name=x,Values=a,b,Last=c", {"Name": "x", "Values": ["a", "b"], "Last": "c"}),
        (
            "Objects=[{Key=a},{Key=b}],Quiet=true",
            {"Objects": [{"Key": "a"}, {"Key": "b"}], "Quiet": "true"},
        ),
        ("A={B={C=d}},E=[]", {"A": {"B": {"C": "d"}}, "E": []}),
        ("Key='a, b',Value=\"=\"", {"Key": "a, b", "Value": "="}),
        ("Key=a,Value=", {"Key": "a", "Value": ""}),
        ('{"Key": "a"}', {"Key": "a"}),
        ('[{"Key": "a"}]', [{"Key": "a"}]),
    ],
)
def test_a_structure_is_read_from_shorthand_or_json(text, value):
    assert read_value(text, "<") == value


def test_a_scalar_is_taken_as_it_is_whatever_it_looks_like():
    assert read_value("a=b", "") == "a=b"
    assert read_value("{", "") == "{"
    assert read_value("a=b", "[") == "a=b"


@pytest.mark.parametrize(
    "text",
    [
        "A=[b",
        "A={B=c",
        "=a",
        "A=b,c=]",
        "A='b",
        "A=[b}",
        "a=b,,c=d",
        "{'a': 1}",
        '{"a": ',
        "[" * 500 + "=",
    ],
)
def test_what_does_not_hold_together_is_refused(text):
    with pytest.raises(InvalidRequestError):
        read_value(text, "{")
