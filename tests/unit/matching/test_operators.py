"""Every condition operator at its boundary values (R-COND-02 to R-COND-16)."""

import pytest
from tests.unit.asking import allow, ask_user, holds

from policyeval.context import ABSENT
from policyeval.matching.operators import OPERATORS
from policyeval.parsing.operator import OPERATORS as OPERATOR_NAMES

ARN = "arn:aws:iam::111122223333:role/dev"

TABLE = [
    # operator, policy value, request value, holds
    ("StringEquals", "a", "a", True),
    ("StringEquals", "a", "A", False),
    ("StringEquals", "a", "a ", False),
    ("StringEquals", "a*", "a*", True),  # R-COND-14: `*` is literal
    ("StringEquals", "a*", "ab", False),
    ("StringEquals", "", "", True),
    ("StringEquals", "é", "e\u0301", False),  # R-COND-14: no normalization
    ("StringEquals", "5", 5, True),  # R-LANG-06
    ("StringEquals", True, "true", True),
    ("StringNotEquals", "a", "A", True),
    ("StringNotEquals", "a", "a", False),
    ("StringEqualsIgnoreCase", "Ab", "aB", True),
    ("StringEqualsIgnoreCase", "É", "é", True),
    ("StringEqualsIgnoreCase", "a*", "ab", False),
    ("StringNotEqualsIgnoreCase", "Ab", "aB", False),
    ("StringNotEqualsIgnoreCase", "Ab", "abc", True),
    ("StringLike", "a*", "a", True),
    ("StringLike", "a*", "abc", True),
    ("StringLike", "a*", "A", False),
    ("StringLike", "a?", "a", False),
    ("StringLike", "a?", "ab", True),
    ("StringLike", "*", "", True),
    ("StringLike", "?", "", False),
    ("StringLike", "?", "\U0001f600", True),
    ("StringLike", "a${*}", "a*", True),
    ("StringLike", "a${*}", "ab", False),
    ("StringLike", "${$}{a}", "${a}", True),
    ("StringLike", "*:*", "a:b:c", True),
    ("StringNotLike", "a*", "b", True),
    ("StringNotLike", "a*", "ab", False),
    ("NumericEquals", "5", "5.0", True),
    ("NumericEquals", "5", 5, True),
    ("NumericEquals", "0.1", 0.1, True),
    ("NumericEquals", "5", "five", False),
    ("NumericEquals", "five", "five", False),
    ("NumericEquals", "9007199254740992", "9007199254740993", False),  # no floating point
    ("NumericNotEquals", "5", "5.00", False),
    ("NumericNotEquals", "5", "five", True),
    ("NumericLessThan", "5", "4.999999999999999999", True),
    ("NumericLessThan", "5", "5", False),
    ("NumericLessThan", "5", "x", False),
    ("NumericLessThanEquals", "5", "5.0", True),
    ("NumericLessThanEquals", "5", "5.000000000000000001", False),
    ("NumericGreaterThan", "-1", "0", True),
    ("NumericGreaterThan", "5", "5", False),
    ("NumericGreaterThanEquals", "5", "5", True),
    ("NumericGreaterThanEquals", "5", "4.9", False),
    ("NumericGreaterThanEquals", "5", "1" + "0" * 1000, True),
    ("NumericGreaterThan", "10", "9", False),  # as numbers, not as texts
    ("DateEquals", "2026-05-01", "2026-05-01T00:00:00Z", True),
    ("DateEquals", "2026-05-01T02:00:00+02:00", "1777593600", True),
    ("DateEquals", "2026-05-01T00:00:00.5Z", "2026-05-01T00:00:00.50Z", True),
    ("DateEquals", "soon", "soon", False),
    ("DateNotEquals", "2026-05-01", "2026-05-01T00:00:01Z", True),
    ("DateNotEquals", "soon", "2026-05-01", True),
    ("DateNotEquals", "2026-05-01", "1777593600", False),
    ("DateLessThan", "2026-05-01", "2026-04-30T23:59:59Z", True),
    ("DateLessThan", "2026-05-01", "2026-05-01", False),
    ("DateLessThan", "2026-05-01", "2026-05-01T00:00:00+00:01", True),
    ("DateLessThanEquals", "2026-05-01", "2026-05-01", True),
    ("DateLessThanEquals", "2026-05-01", "2026-05-01T00:00:00.1Z", False),
    ("DateGreaterThan", "2026-05-01", "2026-05-01T00:00:00.001Z", True),
    ("DateGreaterThan", "2026-05-01", "2026-05-01", False),
    ("DateGreaterThanEquals", "2026-05-01", "2026-05-01", True),
    ("DateGreaterThanEquals", "2026-05-01", "2026-04-30T23:59:59.9Z", False),
    ("DateGreaterThan", "2025-05-01", "2026", False),  # `2026` is second 2026 of 1970
    ("Bool", "true", "True", True),
    ("Bool", True, True, True),
    ("Bool", "true", "false", False),
    ("Bool", "false", False, True),
    ("Bool", "yes", "yes", False),
    ("BinaryEquals", "YQ==", "YQ==", True),
    ("BinaryEquals", "YQ==", "YR==", True),  # the same byte
    ("BinaryEquals", "YQ==", "Yg==", False),
    ("BinaryEquals", "!", "!", False),
    ("IpAddress", "10.0.0.0/8", "10.0.0.0", True),
    ("IpAddress", "10.0.0.0/8", "10.255.255.255", True),
    ("IpAddress", "10.0.0.0/8", "9.255.255.255", False),
    ("IpAddress", "10.0.0.0/8", "11.0.0.0", False),
    ("IpAddress", "10.1.2.3/8", "10.9.9.9", True),
    ("IpAddress", "10.1.2.3", "10.1.2.3", True),
    ("IpAddress", "10.1.2.3", "10.1.2.4", False),
    ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
    ("IpAddress", "::/0", "10.1.2.3", False),
    ("IpAddress", "10.0.0.0/8", "::ffff:10.0.0.1", False),
    ("IpAddress", "::ffff:0:0/96", "::ffff:10.0.0.1", True),
    ("IpAddress", "2001:db8::/32", "2001:DB8:1:0:0:0:0:1", True),
    ("IpAddress", "x", "x", False),
    ("NotIpAddress", "10.0.0.0/8", "11.0.0.0", True),
    ("NotIpAddress", "10.0.0.0/8", "x", True),
    ("NotIpAddress", "0.0.0.0/0", "10.1.2.3", False),
    ("ArnEquals", ARN, ARN, True),
    ("ArnEquals", "arn:aws:iam::*:role/*", ARN, True),
    ("ArnEquals", "arn:aws:iam::*:role/*", "arn:aws:iam::1:2:role/dev", False),
    ("ArnLike", "arn:aws:iam::111122223333:*", ARN + ":with:colons/and/slashes", True),
    ("ArnLike", "arn:aws:*:role/dev", ARN, False),  # `*` does not span fields
    ("ArnLike", "arn:aws:iam::11112222333?:role/d?v", ARN, True),
    ("ArnLike", "ARN:aws:iam::111122223333:role/dev", ARN, False),
    ("ArnLike", "*", ARN, False),  # no six parts: malformed
    ("ArnLike", "arn:aws:iam", ARN, False),
    ("ArnLike", "arn:*:*:*:*:*", "nonsense", False),
    ("ArnNotEquals", ARN, ARN, False),
    ("ArnNotEquals", ARN, "nonsense", True),
    ("ArnNotLike", "*", ARN, True),
    ("ArnNotLike", "arn:aws:iam::*:role/*", ARN, False),
]


@pytest.mark.parametrize(("operator", "wanted", "given", "expected"), TABLE)
def test_operator_holds_at_its_boundary_as_the_rules_say(operator, wanted, given, expected):
    assert holds(operator, wanted, given) is expected


def test_table_has_every_operator_both_ways():
    seen = {(operator, expected) for operator, _, _, expected in TABLE}
    assert seen >= {(name, answer) for name in OPERATORS for answer in (True, False)}


def test_operators_are_those_that_the_parser_knows():
    assert {*OPERATORS, "Null"} == set(OPERATOR_NAMES)


NEGATED = [name for name, row in OPERATORS.items() if row.negated]
POSITIVE = [name for name, row in OPERATORS.items() if not row.negated]


def test_negated_operators_are_those_with_not_in_their_name():
    assert set(NEGATED) == {name for name in OPERATORS if "Not" in name}


@pytest.mark.parametrize("name", POSITIVE)
def test_absent_key_fails_a_positive_operator(name):
    # R-COND-03, R-COND-04, R-COND-06
    assert not holds(name, "5", ABSENT)
    assert holds(f"{name}IfExists", "5", ABSENT)
    assert holds(f"ForAllValues:{name}", "5", ABSENT)
    assert holds(f"ForAllValues:{name}IfExists", "5", ABSENT)
    assert not holds(f"ForAnyValue:{name}", "5", ABSENT)
    assert not holds(f"ForAnyValue:{name}IfExists", "5", ABSENT)


@pytest.mark.parametrize("name", NEGATED)
def test_absent_key_satisfies_a_negated_operator(name):
    assert holds(name, "5", ABSENT)
    assert holds(f"{name}IfExists", "5", ABSENT)
    assert holds(f"ForAllValues:{name}", "5", ABSENT)
    assert not holds(f"ForAnyValue:{name}", "5", ABSENT)


@pytest.mark.parametrize("name", POSITIVE)
def test_empty_list_of_policy_values_matches_nothing(name):
    # R-COND-16
    assert not holds(name, [], "5")
    assert not holds(name, [], ABSENT)
    assert not holds(f"{name}IfExists", [], "5")
    assert holds(f"{name}IfExists", [], ABSENT)
    assert not holds(f"ForAllValues:{name}", [], "5")
    assert holds(f"ForAllValues:{name}", [], ABSENT)
    assert not holds(f"ForAnyValue:{name}", [], "5")
    assert not holds(f"ForAnyValue:{name}", [], ABSENT)


@pytest.mark.parametrize("name", NEGATED)
def test_empty_list_of_policy_values_satisfies_a_negated_operator(name):
    assert holds(name, [], "5")
    assert holds(name, [], ABSENT)


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "expected"),
    [
        # R-COND-06
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a", "b"], "a", True),
        ("ForAllValues:StringEquals", ["a", "b"], [], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["a", "c"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "d"], False),
        ("ForAnyValue:StringEquals", ["a", "b"], [], False),
        ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "d"], True),
        ("ForAllValues:StringNotEquals", ["a", "b"], ["a", "c"], False),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "c"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "b"], False),
        ("ForAllValues:NumericLessThan", "5", ["1", "2"], True),
        ("ForAllValues:NumericLessThan", "5", ["1", "x"], False),
        ("ForAnyValue:IpAddress", "10.0.0.0/8", ["192.0.2.1", "10.0.0.1"], True),
        # On a single-valued key a set operator sees a set of one, the empty string too.
        ("ForAllValues:StringEquals", "a", "", False),
        ("ForAnyValue:StringNotEquals", "a", "", True),
        # Several empty strings, and nothing else, are the empty set.
        ("ForAllValues:StringEquals", "a", ["", ""], True),
        ("ForAnyValue:StringNotEquals", "a", ["", ""], False),
        ("ForAllValues:StringEquals", "a", ["", "a"], False),
        # R-COND-05: a plain operator on several values is false, the negated one too.
        ("StringEquals", ["a", "b"], ["a", "b"], False),
        ("StringNotEquals", ["c"], ["a", "b"], False),
        ("StringEqualsIfExists", ["a", "b"], ["a", "b"], False),
        ("StringEquals", ["a", "b"], ["a"], True),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringNotEquals", ["a", "b"], "b", False),
    ],
)
def test_several_values_combine_as_the_rules_say(operator, wanted, given, expected):
    assert holds(operator, wanted, given) is expected


def test_multivalued_key_of_one_empty_string_is_the_empty_set():
    key = "aws:TagKeys"
    assert holds("ForAllValues:StringEquals", "a", [""], key=key)
    assert not holds("ForAnyValue:StringNotEquals", "a", [""], key=key)


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "expected"),
    [
        # R-COND-07
        ("Null", "true", ABSENT, True),
        ("Null", "true", "x", False),
        ("Null", "false", ABSENT, False),
        ("Null", "false", "x", True),
        ("Null", "false", "", True),
        ("Null", "true", [], True),
        ("Null", "false", [], False),
        ("Null", "TRUE", ABSENT, True),
        ("Null", True, ABSENT, True),
        ("Null", False, ["a", "b"], True),
        ("Null", ["true", "false"], ABSENT, True),
        ("Null", ["true", "false"], "x", True),
        ("Null", [], "x", False),
        ("ForAllValues:Null", "true", "x", True),
        ("ForAllValues:Null", "false", ABSENT, True),
        ("ForAnyValue:Null", "true", ABSENT, False),
        ("ForAnyValue:Null", "false", "x", False),
    ],
)
def test_null_asks_whether_the_key_is_there(operator, wanted, given, expected):
    assert holds(operator, wanted, given) is expected


def test_operators_keys_and_values_combine_as_the_rules_say():
    # R-LANG-07: operators and keys with AND, values with OR.
    condition = {
        "StringEquals": {"a:one": ["x", "y"], "a:two": "z"},
        "NumericLessThan": {"a:three": "5"},
    }
    good = {"a:one": "y", "a:two": "z", "a:three": "4"}
    assert ask_user(allow(condition=condition), context=good).allowed
    for key in good:
        assert ask_user(allow(condition=condition), context={**good, key: "9"}).denied


def test_empty_condition_is_no_condition():
    statement = {**allow(), "Condition": {}}
    assert ask_user(statement).allowed


def test_tag_key_is_found_in_any_letter_case():
    # R-COND-01
    condition = {"StringEquals": {"AWS:principaltag/TEAM": "a"}}
    assert ask_user(allow(condition=condition), context={"aws:PrincipalTag/team": "a"}).allowed
