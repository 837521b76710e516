"""What a negated operator says of a present, single value is what its twin does not (R-COND-03)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.property import strategies

from policyeval.context import ABSENT, Facts
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.policy import parse_policy
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack

TWINS = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
}
KEY = "app:key"
VALUES = sorted({value for values in strategies.KEY_VALUES.values() for value in values})


def holds(operator, wanted, given_value):
    """Whether a condition on one key holds, seen from outside: by what it allows."""
    statement = {
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*",
        "Condition": {operator: {KEY: wanted}},
    }
    policy = parse_policy({"Version": "2012-10-17", "Statement": statement})
    request = Request.of(
        strategies.USER, "s3:GetObject", strategies.OBJECT, {KEY: given_value}, facts=Facts.COMPLETE
    )
    return evaluate(request, PolicyStack.of({Layer.IDENTITY_POLICY: [policy]})).allowed


def wanted_values(operator):
    return next(values for names, _, values in strategies.FAMILIES if operator in names)


@pytest.mark.parametrize("operator", TWINS)
@given(data=st.data())
def test_negated_operator_holds_where_its_twin_does_not(operator, data):
    wanted = data.draw(strategies.one_or_list(wanted_values(operator)))
    value = data.draw(st.one_of(st.sampled_from(VALUES), st.text(max_size=4)))
    assert holds(operator, wanted, value) is not holds(TWINS[operator], wanted, value)


@pytest.mark.parametrize("operator", TWINS)
@given(data=st.data())
def test_absent_key_fails_the_operator_and_satisfies_its_twin(operator, data):
    wanted = data.draw(strategies.one_or_list(wanted_values(operator)))
    assert not holds(operator, wanted, ABSENT)
    assert holds(TWINS[operator], wanted, ABSENT)
    assert holds(f"{operator}IfExists", wanted, ABSENT)
    assert holds(f"{TWINS[operator]}IfExists", wanted, ABSENT)


@pytest.mark.parametrize("operator", TWINS)
@given(data=st.data())
def test_if_exists_changes_nothing_where_the_key_is_there(operator, data):
    wanted = data.draw(strategies.one_or_list(wanted_values(operator)))
    value = data.draw(st.sampled_from(VALUES))
    for name in (operator, TWINS[operator]):
        assert holds(f"{name}IfExists", wanted, value) is holds(name, wanted, value)


@pytest.mark.parametrize("operator", TWINS)
@given(data=st.data())
def test_several_values_satisfy_neither_the_operator_nor_its_twin(operator, data):
    # R-COND-05
    wanted = data.draw(strategies.one_or_list(wanted_values(operator)))
    value = data.draw(st.lists(st.sampled_from(VALUES), min_size=2, max_size=3))
    assert not holds(operator, wanted, value)
    assert not holds(TWINS[operator], wanted, value)


@pytest.mark.parametrize("operator", TWINS)
@given(data=st.data())
def test_every_value_matches_unless_one_matches_none(operator, data):
    # R-COND-06: "every value matches" is the contrary of "at least one value matches none".
    wanted = data.draw(strategies.one_or_list(wanted_values(operator)))
    value = data.draw(st.one_of(st.just(ABSENT), st.lists(st.sampled_from(VALUES), max_size=3)))
    for one, twin in ((operator, TWINS[operator]), (TWINS[operator], operator)):
        every = holds(f"ForAllValues:{one}", wanted, value)
        assert every is not holds(f"ForAnyValue:{twin}", wanted, value)


@pytest.mark.parametrize("family", ["Numeric", "Date"])
@given(data=st.data())
def test_less_is_the_contrary_of_greater_or_equal(family, data):
    good = {"Numeric": ("0", "5", "5.00", "-1", "0.5"), "Date": ("2026-01-01", "1767225600")}
    wanted = data.draw(st.sampled_from(good[family]))
    value = data.draw(st.sampled_from((*good[family], "7", "9999999999")))
    less = holds(f"{family}LessThan", wanted, value)
    equal = holds(f"{family}Equals", wanted, value)
    greater = holds(f"{family}GreaterThan", wanted, value)
    assert less + equal + greater == 1
    assert holds(f"{family}LessThanEquals", wanted, value) is (less or equal)
    assert holds(f"{family}GreaterThanEquals", wanted, value) is (greater or equal)


@given(value=st.one_of(st.just(ABSENT), st.lists(st.sampled_from(VALUES), max_size=2)))
def test_null_true_is_the_contrary_of_null_false(value):
    # R-COND-07
    absent = value is ABSENT or value == []
    assert holds("Null", "true", value) is absent
    assert holds("Null", "false", value) is not absent
