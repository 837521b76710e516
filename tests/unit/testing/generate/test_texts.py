"""Actions and resources are made that a statement speaks about, and that go together."""

from itertools import islice

import pytest

from policyeval.parsing.policy import parse_policy
from policyeval.request import Request
from policyeval.testing.generate.texts import (
    Whereabouts,
    actions_inside,
    actions_outside,
    fits,
    neighbours,
    resources_inside,
    resources_of_action,
    resources_shared,
)

ACCOUNT = "111122223333"
ENTRIES = {"aws:username": ("ana",)}
WHERE = Whereabouts(ACCOUNT, ("eu-west-1",), ENTRIES)


def statement(**elements):
    whole = {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}
    if "NotAction" in elements:
        del whole["Action"]
    return parse_policy({"Version": "2012-10-17", "Statement": [whole]}).statements[0]


def template(resource):
    return statement(Resource=resource).resource.patterns[0]


def test_listed_actions_come_first_in_the_catalogues_spelling():
    found = actions_inside(statement(Action=["s3:getobject", "s3:Put*"]).action, ())
    assert next(found) == "s3:GetObject"


def test_of_a_pattern_an_action_in_use_is_preferred():
    element = statement(Action="sqs:*").action
    assert next(actions_inside(element, ["s3:GetObject", "sqs:PurgeQueue"])) == "sqs:PurgeQueue"


def test_an_action_that_the_catalogue_does_not_know_is_asked_as_written():
    assert list(actions_inside(statement(Action="new:DoThis").action, ())) == ["new:DoThis"]
    assert "new:Do" in list(actions_inside(statement(Action="new:Do*").action, ()))


def test_what_not_action_lists_is_not_inside():
    element = statement(NotAction=["s3:*", "iam:*"]).action
    found = list(islice(actions_inside(element, ["s3:GetObject"]), 20))
    assert found
    assert not [action for action in found if action.startswith(("s3:", "iam:"))]


def test_an_action_outside_is_of_the_same_service_where_there_is_one():
    assert next(actions_outside(statement(Action="s3:Get*").action, "s3", ())) == "s3:PutObject"
    of_other = next(actions_outside(statement(Action="s3:*").action, "s3", ()))
    assert not of_other.startswith("s3:")
    assert list(actions_outside(statement(Action="*").action, "s3", ())) == []


@pytest.mark.parametrize(
    ("pattern", "resource"),
    [
        ("arn:aws:s3:::logs/*", "arn:aws:s3:::logs/any"),
        ("arn:*:s3:::logs", "arn:aws:s3:::logs"),
        ("arn:aws:sqs:*:*:jobs-*", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs-any"),
        ("arn:aws:iam::*:role/x?", f"arn:aws:iam::{ACCOUNT}:role/xx"),
        ("arn:aws:iam:*:*:role/x", f"arn:aws:iam::{ACCOUNT}:role/x"),
        ("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/ana/any"),
        ("arn:aws:logs:*:*:log-group:/aws/*:*", None),
    ],
)
def test_a_resource_is_made_of_a_pattern(pattern, resource):
    found = list(resources_inside(template(pattern), WHERE))
    if resource is not None:
        assert found[0] == resource
    assert found
    for text in found:
        assert Request.of("*", "s3:GetObject", text).resource.text == text


def test_a_variable_that_nothing_tells_makes_no_resource():
    assert list(resources_inside(template("arn:aws:s3:::${aws:PrincipalTag/x}"), WHERE)) == []


def test_a_resource_is_of_the_type_of_the_action_and_of_the_pattern():
    pattern = template("arn:aws:sagemaker:*:*:*canvas*")
    found = list(resources_shared(pattern, "sagemaker:CreateModel", WHERE))
    assert [text for text in found if text.startswith("arn:aws:sagemaker:eu-west-1:")]
    assert all("canvas" in text and fits("sagemaker:CreateModel", text) for text in found)


def test_an_action_has_resources_of_its_types():
    assert next(resources_of_action("sqs:SendMessage", WHERE)) == (
        f"arn:aws:sqs:eu-west-1:{ACCOUNT}:example"
    )
    assert list(resources_of_action("s3:ListAllMyBuckets", WHERE)) == ["*"]


def test_objects_do_not_fit_an_action_on_buckets():
    assert fits("s3:GetObject", "arn:aws:s3:::logs/a")
    assert not fits("s3:GetObject", "arn:aws:s3:::logs")
    assert not fits("s3:ListBucket", "arn:aws:s3:::logs/a")
    assert fits("s3:ListAllMyBuckets", "*")
    assert not fits("s3:GetObject", "*")
    assert fits("new:DoThis", "arn:aws:new:::x")


def test_neighbours_differ_in_one_field():
    resource = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"
    for other in neighbours(resource):
        pairs = zip(resource.split(":"), other.split(":"), strict=True)
        assert sum(one != two for one, two in pairs) == 1
    assert "arn:aws:s3:::other-logs/a" in list(neighbours("arn:aws:s3:::logs/a"))
    assert list(neighbours("*")) == []
