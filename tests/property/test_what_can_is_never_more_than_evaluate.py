"""Whatever `what_can` lists is what `evaluate` says, of every resource that the listing means."""

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st
from tests.property.households import PEOPLE, contexts, households
from tests.property.strategies import ACCOUNT, BUCKET, KEY, QUEUE

from policyeval.context import Facts
from policyeval.decision import Verdict
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.policy import parse_policy
from policyeval.query.as_policy import as_policy
from policyeval.query.reach import types_of
from policyeval.query.shapes import fits, shapes_of
from policyeval.query.what_can import what_can
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack

ARNS = [arn for _, arn in PEOPLE]
RESOURCES = (
    BUCKET,
    f"{BUCKET}/ana/list",
    f"{BUCKET}/bob/x",
    "arn:aws:s3:::ship",
    "arn:aws:s3:::ship/ana/list",
    "arn:aws:s3:::other/x",
    QUEUE,
    f"arn:aws:sqs:eu-west-1:{ACCOUNT}:others",
    KEY,
    f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1b",
    f"arn:aws:iam::{ACCOUNT}:user/ana",
    f"arn:aws:iam::{ACCOUNT}:role/dev",
    "*",
)
"""Of the first account, or taken to be."""


ACTIONS = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:ListAllMyBuckets",
    "s3:GetBucketPolicy",
    "sqs:SendMessage",
    "kms:Decrypt",
    "kms:ListKeys",
    "iam:GetUser",
    "sts:AssumeRole",
)


def is_in(grant, resource):
    return all(fnmatchcase(resource, pattern) for pattern in grant.within) and not any(
        fnmatchcase(resource, pattern) for pattern in grant.excepts
    )


@given(households(), st.sampled_from(ARNS[:3]), contexts(), st.sampled_from(Facts))
def test_every_certain_grant_is_allowed_on_each_resource_that_it_means(
    environment, principal, context, facts
):
    answer = what_can(environment, principal, actions=ACTIONS, context=context, facts=facts)
    for grant in answer.grants:
        if grant.verdict is not Verdict.ALLOWED or "$" in "".join(grant.within + grant.excepts):
            continue
        for action in grant.actions[:3]:
            for resource in RESOURCES:
                if not is_in(grant, resource) or not is_a_call(action, resource):
                    continue
                request = Request.of(principal, action, resource, context, facts=facts)
                decision = evaluate(request, environment)
                assert decision.allowed, (action, resource, grant.within, grant.excepts)


@given(households(), st.sampled_from(ARNS), st.sampled_from(RESOURCES), contexts())
def test_what_is_listed_on_one_resource_is_what_evaluate_says(
    environment, principal, resource, context
):
    answer = what_can(environment, principal, resource=resource, actions=ACTIONS, context=context)
    for grant in answer.grants:
        for action in grant.actions[:5]:
            request = Request.of(principal, action, resource, context)
            assert evaluate(request, environment).verdict is grant.verdict


def is_a_call(action, resource):
    """A call that there is: AWS knows the action on resources of this kind."""
    service = action.partition(":")[0]
    return any(
        fits(each, resource) for each in shapes_of(types_of(action), service, "aws", ACCOUNT)
    )


@given(households(), st.sampled_from(ARNS[:3]), contexts())
def test_the_policy_of_a_principal_alone_allows_no_more_than_it_can(
    environment, principal, context
):
    # The tags are the principal's own: a policy for it may rest on them.
    given_ = {
        key: value
        for key, value in context.items()
        if isinstance(value, (str, list)) and key != "aws:PrincipalTag/team"
    }
    answer = what_can(environment, principal, actions=ACTIONS, any_context=True)
    document = as_policy(answer).document
    if not document["Statement"]:
        return
    alone = PolicyStack.of({Layer.IDENTITY_POLICY: [parse_policy(document)]})
    for action in ACTIONS:
        for resource in RESOURCES:
            if not is_a_call(action, resource):
                continue
            request = Request.of(principal, action, resource, given_)
            told = environment.resolve(request)[0]  # with the facts that the environment adds
            if evaluate(told, alone).allowed and not is_through_the_resource(action):
                decision = evaluate(request, environment)
                assert decision.allowed, (action, resource, document)


def is_through_the_resource(action):
    """Keys and roles: an identity policy alone, without theirs, allows nothing to compare."""
    return action.startswith(("kms:", "sts:"))
