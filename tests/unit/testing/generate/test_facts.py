"""Contexts are found that make conditions hold, and keys by which one fails."""

import pytest

from policyeval.evaluation.compile import compile_statement
from policyeval.matching.result import NO, YES
from policyeval.parsing.policy import parse_policy
from policyeval.policy import PolicyType
from policyeval.request import Request, with_context
from policyeval.testing.generate.facts import failing, satisfying, variables_of
from policyeval.testing.generate.texts import Whereabouts

ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/ana"


def setting(condition, *, resource="*", context=None, **where):
    document = {"Effect": "Allow", "Action": "*", "Resource": resource, "Condition": condition}
    policy = parse_policy({"Version": "2012-10-17", "Statement": [document]})
    compiled = compile_statement(policy.statements[0], PolicyType.IDENTITY)
    request = Request.of(USER, "s3:GetObject", "arn:aws:s3:::logs/a", context or {})
    return compiled, request, Whereabouts(ACCOUNT, ("us-east-1",), request.context.entries, **where)


def holds(compiled, request, facts):
    changes = {key: (value,) for key, value in facts.items() if value is not None}
    context = with_context(request, changes).context
    return [clause(context.entries, context.default) for clause in compiled.clauses]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "Bool": {"aws:SecureTransport": "false"}},
        {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.0/24"]}},
        {"NumericLessThan": {"s3:max-keys": "10"}, "NumericGreaterThan": {"s3:max-keys": "5"}},
        {"DateGreaterThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}},
        {"Null": {"aws:RequestTag/team": "false"}, "StringLike": {"aws:RequestTag/team": "a*z"}},
        {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}, "Null": {"aws:TagKeys": "false"}},
        {"ForAnyValue:StringEquals": {"aws:TagKeys": ["team", "cost"]}},
        {"StringEquals": {"s3:prefix": "${aws:username}/"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:topic-*"}},
    ],
)
def test_facts_are_found_that_make_a_condition_hold(condition):
    compiled, request, where = setting(condition)
    facts = satisfying(compiled, request.context, where, loose=False)
    assert set(holds(compiled, request, facts)) == {YES}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalAccount": "999999999999"}},
        {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/x"}},
        {"StringEquals": {"aws:username": "bob"}},
        {"StringEquals": {"aws:SourceVpce": "a"}, "Null": {"aws:SourceVpce": "true"}},
    ],
)
def test_no_facts_are_made_up_about_who_asks_or_against_each_other(condition):
    compiled, request, where = setting(condition)
    assert satisfying(compiled, request.context, where, loose=True) is None


@pytest.mark.parametrize("operator", ["IpAddress", "NotIpAddress"])
def test_a_request_comes_from_one_address_and_not_from_a_block(operator):
    condition = {operator: {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}
    compiled, request, where = setting(condition)
    facts = satisfying(compiled, request.context, where, loose=False)
    tried = [*facts.items(), *failing(compiled, request.context, where)]
    assert len(tried) > 2
    assert not [value for _, value in tried if value is not None and "/" in value]


def test_what_holds_already_is_not_said_again():
    compiled, request, where = setting({"Bool": {"aws:SecureTransport": "true"}})
    assert satisfying(compiled, request.context, where, loose=False) == {}


def test_tags_of_the_caller_are_given_only_where_nothing_else_helps():
    condition = {"StringEquals": {"aws:PrincipalTag/team": "pets"}}
    compiled, request, where = setting(condition)
    assert satisfying(compiled, request.context, where, loose=False) is None
    assert satisfying(compiled, request.context, where, loose=True) == {
        "aws:PrincipalTag/team": "pets"
    }


def test_organization_ids_are_given_where_nobody_knows_the_organization():
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    compiled, request, where = setting(condition)
    told = {"aws:PrincipalOrgID": "o-1"}
    assert satisfying(compiled, request.context, where, loose=False) == told
    compiled, request, where = setting(condition, has_organization=True)
    assert satisfying(compiled, request.context, where, loose=True) is None


def test_a_variable_gets_a_text_that_suits_the_conditions_on_it():
    condition = {"StringNotEquals": {"s3:x": "example"}}
    resource = "arn:aws:s3:::${s3:x}/*"
    compiled, request, where = setting(condition, resource=resource)
    found = variables_of(compiled, request.context, where, loose=False)
    assert set(found) == {"s3:x"}
    assert found["s3:x"] not in ("example", None)


def test_a_variable_that_is_compared_with_a_known_fact_gets_that_fact():
    condition = {"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalTag/home}"}}
    compiled, request, where = setting(condition)
    found = variables_of(compiled, request.context, where, loose=True)
    assert found == {"aws:PrincipalTag/home": ACCOUNT}


def test_a_placeholder_that_is_no_condition_key_is_left_out():
    condition = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::${Account}:role/boss"}}
    compiled, request, where = setting(condition)
    assert variables_of(compiled, request.context, where, loose=True) == {}
    assert satisfying(compiled, request.context, where, loose=True) == {}


def test_one_key_is_enough_to_fail():
    condition = {"StringEquals": {"aws:SourceVpce": "vpce-1", "s3:prefix": "a/"}}
    context = {"aws:SourceVpce": "vpce-1", "s3:prefix": "a/"}
    compiled, request, where = setting(condition, context=context)
    found = list(failing(compiled, request.context, where))
    assert {key for key, _ in found} == {"aws:SourceVpce", "s3:prefix"}
    assert found[0] == ("aws:SourceVpce", None)
    for key, value in found:
        if value is not None:
            assert NO in holds(compiled, request, {key: value})


def test_a_key_that_every_request_carries_fails_by_another_value_first():
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    context = {"aws:SecureTransport": "false"}
    compiled, request, where = setting(condition, context=context)
    assert next(failing(compiled, request.context, where)) == ("aws:SecureTransport", "true")
