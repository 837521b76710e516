import pytest

from policyeval.context import ABSENT, PRESENT, UNKNOWN
from policyeval.explanation.tree import Part
from policyeval.rendering.comparisons import (
    comparison,
    failing_label,
    holds_if,
    matching_label,
    would_hold_if,
)
from policyeval.source import Location, Source

HERE = Location(Source("p.json"))


def condition(operator, wanted, got, holds=False, key="k:ey"):
    return Part("Condition", holds, tuple(wanted), got, HERE, operator, key)


def element(name, wanted, got, holds=False):
    return Part(name, holds, tuple(wanted), (got,), HERE)


@pytest.mark.parametrize(
    ("operator", "wanted", "got", "sentence"),
    [
        ("StringEquals", ["a"], ("b",), 'wanted: "a"   got: "b"'),
        ("StringEquals", ["a", "b"], ABSENT, 'wanted: "a" or "b"   got: absent'),
        ("StringNotEquals", ["a"], ("a",), 'wanted: anything but "a"   got: "a"'),
        ("StringLike", ["a*"], ("b", "c"), 'wanted: like "a*"   got: "b" and "c"'),
        ("StringEqualsIfExists", ["a"], ("b",), 'wanted: "a", or absent   got: "b"'),
        ("Null", ["false"], ABSENT, "wanted: present   got: absent"),
        ("Null", ["true"], ("x",), "wanted: absent   got: present"),
        ("Bool", ["true"], UNKNOWN, "wanted: true   got: not given"),
        ("NumericLessThan", ["5"], ("7",), "wanted: less than 5   got: 7"),
        ("NumericGreaterThanEquals", ["5"], ("3",), "wanted: at least 5   got: 3"),
        ("DateGreaterThan", ["2026-01-01T00:00:00Z"], PRESENT,
         "wanted: after 2026-01-01T00:00:00Z   got: present, value not given"),
        ("IpAddress", ["10.0.0.0/8"], ("1.2.3.4",), "wanted: in 10.0.0.0/8   got: 1.2.3.4"),
        ("NotIpAddress", ["10.0.0.0/8"], ("10.1.1.1",),
         "wanted: outside 10.0.0.0/8   got: 10.1.1.1"),
        ("ArnLike", ["arn:*"], ABSENT, 'wanted: like "arn:*"   got: absent'),
        ("ForAllValues:StringEquals", ["a"], ("b",), 'wanted: every value "a"   got: "b"'),
        ("ForAnyValue:StringLike", ["a*"], (),
         'wanted: at least one value like "a*"   got: an empty list'),
        ("stringequals", ["a"], ("A",), 'wanted: "a"   got: "A"'),
        ("StringEquals", [], ("A",), 'wanted: no value at all   got: "A"'),
        ("StringEquals", list("abcdefg"), ("x",),
         'wanted: "a", "b", "c", "d" or 3 more   got: "x"'),
    ],
)  # fmt: skip
def test_wanted_and_got(operator, wanted, got, sentence):
    assert comparison(condition(operator, wanted, got)) == sentence


@pytest.mark.parametrize(
    ("operator", "wanted", "got", "label"),
    [
        ("StringNotEquals", ["a", "b"], ("c",), 'got "c", not in this list'),
        ("StringNotEquals", ["a"], ("c",), 'got "c", not "a"'),
        ("StringNotLike", ["a*"], ("c",), 'got "c", not like "a*"'),
        ("ArnNotEquals", ["a"], ("c",), 'got "c", not like "a"'),
        ("StringNotEquals", ["a"], ABSENT, "absent: a negated operator holds for an absent key"),
        ("StringNotEqualsIfExists", ["a"], ABSENT, "absent: IfExists holds for an absent key"),
        ("ForAllValues:StringEquals", ["a"], ABSENT,
         "absent: ForAllValues holds for an absent key"),
        ("NotIpAddress", ["10.0.0.0/8"], ("1.2.3.4",), "got 1.2.3.4, outside 10.0.0.0/8"),
        ("NotIpAddress", ["10.0.0.0/8", "::/0"], ("1.2.3.4",), "got 1.2.3.4, outside these blocks"),
        ("Bool", ["false"], ("false",), "got false"),
        ("Null", ["true"], ABSENT, "absent, as this asks"),
        ("StringEquals", ["a", "b"], ("a",), 'got "a", as this asks'),
    ],
)  # fmt: skip
def test_labels_of_a_condition_that_holds(operator, wanted, got, label):
    assert matching_label(condition(operator, wanted, got, holds=True)) == label


def test_labels_of_other_elements():
    act = "sqs:CreateQueue"
    assert matching_label(element("NotAction", ["iam:*"], act, True)) == f"{act} is not exempt"
    assert matching_label(element("Action", ["sqs:*"], act, True)) == f"covers {act}"
    assert failing_label(element("Action", ["s3:*"], act)) == f"does not cover {act}"
    assert failing_label(element("NotAction", ["sqs:*"], act)) == f"lists {act}"
    assert failing_label(element("Principal", ["x"], "me")) == "does not name me"
    assert failing_label(element("NotPrincipal", ["me"], "me")) == "exempts me"
    assert matching_label(element("Principal", ["*"], "*", True)) == "names an anonymous caller"


def test_what_would_make_a_part_hold():
    tag = condition("Null", ["false"], ABSENT, key="aws:RequestTag/team")
    assert would_hold_if(tag) == "aws:RequestTag/team was present"
    keys = condition("ForAllValues:StringEquals", ["a", "b"], ("c",), key="aws:TagKeys")
    assert would_hold_if(keys) == 'every value of aws:TagKeys was "a" or "b"'
    assert would_hold_if(element("Resource", ["a"], "b")) == "its Resource covered b"
    assert would_hold_if(element("Principal", ["a"], "b")) == "its Principal named b"
    assert would_hold_if(element("NotAction", ["a"], "b")) == "its NotAction did not list b"
    open_ = condition("StringNotEquals", ["vpce-1"], UNKNOWN, key="aws:SourceVpce")
    assert holds_if(open_) == 'aws:SourceVpce is anything but "vpce-1"'
    assert holds_if(element("Principal", ["a"], "b")) == "its Principal names b"


def test_a_value_of_a_megabyte_is_cut():
    assert len(comparison(condition("StringEquals", ["x" * 1_000_000], ("y",)))) < 300


def test_every_operator_of_the_engine_has_words():
    from policyeval.matching.operators import OPERATORS

    for name in OPERATORS:
        assert f"{name} " not in comparison(condition(name, ["1"], ("2",)))
