"""Action and NotAction (R-MATCH-01, R-MATCH-05)."""

import pytest
from tests.unit.asking import OBJECT, QUEUE, allow, ask_user

from policyeval.matching.action import pattern_covers, services_of
from policyeval.parsing.action import parse_action_pattern
from policyeval.policy import ActionElement


@pytest.mark.parametrize(
    ("pattern", "action", "covered"),
    [
        ("*", "s3:getobject", True),
        ("*:*", "s3:getobject", True),
        ("s3:*", "s3:getobject", True),
        ("S3:*", "s3:getobject", True),
        ("s3:GetObject", "s3:getobject", True),
        ("s3:getObject", "s3:getobject", True),
        ("s3:GetObject", "s3:getobjectacl", False),
        ("s3:Get*", "s3:getobject", True),
        ("s3:Get*", "s3:get", True),
        ("s3:Get?bject", "s3:getobject", True),
        ("s3:GetObject?", "s3:getobject", False),
        ("s3:*Object", "s3:getobject", True),
        ("s3:*Object", "s3:getobjectacl", False),
        ("s3:*Obj*", "s3:getobjectacl", True),
        ("s3:*", "s3-object-lambda:getobject", False),
        ("iam:*", "s3:getobject", False),
        ("s3:**", "s3:getobject", True),
        ("s3:?*", "s3:getobject", True),
    ],
)
def test_action_pattern_covers_an_action_as_the_rule_says(pattern, action, covered):
    assert pattern_covers(parse_action_pattern(pattern), action) is covered


def test_not_action_reaches_every_service():
    listed = tuple(parse_action_pattern(text) for text in ("s3:Get*", "sqs:*"))
    assert services_of(ActionElement(True, listed)) is None
    assert services_of(ActionElement(False, listed)) == {"s3", "sqs"}
    everything = (*listed, parse_action_pattern("*"))
    assert services_of(ActionElement(False, everything)) is None


def test_not_action_allows_what_is_not_listed_in_any_service():
    statement = allow(NotAction=["s3:Get*", "iam:*"])
    assert ask_user(statement, action="s3:PutObject", resource=OBJECT).allowed
    assert ask_user(statement, action="sqs:SendMessage", resource=QUEUE).allowed
    assert ask_user(statement, action="s3:GetObject", resource=OBJECT).denied


def test_empty_action_list_matches_nothing_and_empty_not_action_everything():
    assert ask_user(allow(action=[])).denied
    assert ask_user(allow(NotAction=[])).allowed


def test_statement_with_many_services_is_found_under_each():
    statement = allow(action=["s3:*", "sqs:SendMessage", "S3:GetObject"])
    assert ask_user(statement).allowed
    assert ask_user(statement, action="sqs:SendMessage", resource=QUEUE).allowed
    assert ask_user(statement, action="sqs:DeleteQueue", resource=QUEUE).denied
