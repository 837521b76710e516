"""Which layers reach which requests, and what a layer says of which nothing was given."""

import pytest
from tests.unit.asking import (
    ACCOUNT,
    BUCKET,
    FEDERATED_USER,
    KEY,
    LINKED_ROLE,
    OBJECT,
    OTHER_ACCOUNT,
    QUEUE,
    ROLE,
    ROOT,
    SAML,
    SERVICE,
    SESSION,
    STRANGER,
    USER,
    allow,
    ask,
    deny,
    policy,
)

from policyeval.context import PRESENT, UNKNOWN, Facts
from policyeval.decision import LayerVerdict, Verdict
from policyeval.evaluation.service_rules import RCP_SERVICES
from policyeval.stack import Layer, Organization

RCP, SCP, ENDPOINT, RESOURCE, IDENTITY, BOUNDARY, SESSION_POLICY = Layer
DENIES = {
    layer: [policy(deny(Principal="*") if layer in (RCP, ENDPOINT, RESOURCE) else deny())]
    for layer in Layer
}
THROUGH_ENDPOINT = {"aws:SourceVpce": "vpce-1"}
HAVE_IDENTITY = (USER, SESSION, ROLE, LINKED_ROLE, FEDERATED_USER, STRANGER)


def reached(**question):
    """The layers whose Deny was asked, where every layer has one."""
    decision = ask(DENIES, **question)
    return {said.layer for said in decision.layers if said.verdict is LayerVerdict.DENIED}


@pytest.mark.parametrize("principal", [USER, SESSION, ROLE, FEDERATED_USER, STRANGER])
def test_every_layer_reaches_users_and_sessions(principal):
    question = {"principal": principal, "resource_account": ACCOUNT, "context": THROUGH_ENDPOINT}
    assert reached(**question) == set(Layer)


@pytest.mark.parametrize("principal", [SERVICE, SAML, "*"])
def test_neither_scps_nor_the_identity_side_reach_services_and_outsiders(principal):
    question = {"principal": principal, "resource_account": ACCOUNT, "context": THROUGH_ENDPOINT}
    assert reached(**question) == {RCP, ENDPOINT, RESOURCE}


def test_identity_policies_do_not_reach_root():
    question = {"principal": ROOT, "context": THROUGH_ENDPOINT}
    assert reached(**question) == {RCP, SCP, ENDPOINT, RESOURCE}


def test_task_policy_reaches_a_root_session_from_assume_root():
    question = {"principal": ROOT, "context": {"aws:AssumedRoot": "true"}}
    assert reached(**question) == {RCP, SCP, RESOURCE, SESSION_POLICY}


def test_root_that_may_come_from_assume_root_may_be_bound_by_the_task_policy():
    layers = {layer: [] for layer in Layer} | {SESSION_POLICY: DENIES[SESSION_POLICY]}
    question = {"principal": ROOT, "facts": Facts.PARTIAL}
    decision = ask(layers, **question)
    assert decision.unknown
    assert decision.missing == ("aws:AssumedRoot",)
    assert ask(layers, **question, context={"aws:AssumedRoot": "false"}).allowed
    assert ask(layers, **question, context={"aws:AssumedRoot": "true"}).denied


def test_service_linked_role_is_out_of_reach_of_scps_and_rcps():
    # R-FLOW-15
    assert reached(principal=LINKED_ROLE) == {RESOURCE, IDENTITY, BOUNDARY, SESSION_POLICY}


@pytest.mark.parametrize(
    ("organization", "scp", "rcp"),
    [
        # R-FLOW-03, R-FLOW-04; the caller is of ACCOUNT, the bucket of OTHER_ACCOUNT
        (None, True, True),
        (Organization("o-1", ACCOUNT, frozenset((ACCOUNT, OTHER_ACCOUNT))), False, True),
        (Organization("o-1", OTHER_ACCOUNT, frozenset((ACCOUNT, OTHER_ACCOUNT))), True, False),
        (Organization("o-1", "", frozenset((ACCOUNT,))), True, False),
        (Organization("o-1", "", frozenset((OTHER_ACCOUNT,))), False, True),
        (Organization("o-1", "", frozenset()), True, True),
    ],
)
def test_organization_says_whom_scps_and_rcps_reach(organization, scp, rcp):
    got = reached(organization=organization, resource_account=OTHER_ACCOUNT)
    assert (SCP in got, RCP in got) == (scp, rcp)


def test_rcps_of_the_callers_account_reach_a_call_without_a_resource():
    question = {"action": "s3:ListAllMyBuckets", "resource": "*"}
    member = Organization("o-1", OTHER_ACCOUNT, frozenset((ACCOUNT,)))
    manager = Organization("o-1", ACCOUNT, frozenset((ACCOUNT,)))
    assert RCP in reached(organization=member, **question)
    assert RCP not in reached(organization=manager, **question)


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("s3:GetObject", OBJECT, True),
        ("S3:GetObject", OBJECT, True),
        ("kms:Decrypt", KEY, True),
        ("kms:RetireGrant", KEY, False),
        ("KMS:retiregrant", KEY, False),
        ("iam:GetUser", USER, False),
        ("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f", False),
        ("sqs:SendMessage", QUEUE, True),
        ("sts:AssumeRole", ROLE, True),
    ],
)
def test_rcps_reach_the_services_that_support_them(action, resource, expected):
    assert (RCP in reached(action=action, resource=resource)) is expected


def test_rcp_services_are_those_of_the_specification():
    from pathlib import Path

    text = (Path(__file__).resolve().parents[3] / "docs" / "semantics.md").read_text("utf-8")
    _, _, after = text.partition("Supported service prefixes, September 2026: ")
    listed, _, _ = after.partition(". ")
    assert set(listed.split()) == RCP_SERVICES


# ---- VPC endpoints (R-FLOW-05, R-FLOW-13) -------------------------------------------------


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({}, False),
        ({"aws:SourceVpce": []}, False),
        ({"aws:SourceVpce": "vpce-1"}, True),
        ({"AWS:sourcevpce": "vpce-1"}, True),
        ({"aws:SourceVpce": "vpce-1", "aws:ViaAWSService": True}, False),
        ({"aws:SourceVpce": PRESENT}, True),
    ],
)
def test_endpoint_policy_reaches_what_comes_through_the_endpoint(context, expected):
    assert (ENDPOINT in reached(context=context)) is expected


def test_endpoint_that_may_be_used_leaves_the_answer_open():
    layers = {IDENTITY: [policy(allow())], ENDPOINT: DENIES[ENDPOINT]}
    decision = ask(layers, context={"aws:SourceVpce": UNKNOWN})
    assert decision.unknown
    assert decision.missing == ("aws:SourceVpce",)
    assert {one.verdict for one in decision.alternatives} == {
        Verdict.ALLOWED,
        Verdict.EXPLICIT_DENY,
    }


def test_endpoint_policy_that_allows_leaves_nothing_open():
    layers = {IDENTITY: [policy(allow())], ENDPOINT: [policy(allow(Principal="*"))]}
    assert ask(layers, context={"aws:SourceVpce": UNKNOWN}).allowed


# ---- resource policies that take no part --------------------------------------------------


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:GetRole", ROLE),
        ("kms:ListKeys", "*"),
        ("kms:CreateAlias", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/a"),
    ],
)
def test_resource_policy_takes_no_part_where_the_identity_side_alone_decides(action, resource):
    assert RESOURCE not in reached(action=action, resource=resource)


@pytest.mark.parametrize("name", ["Get", "Put", "Delete"])
def test_bucket_policy_does_not_bind_the_owners_root_in_managing_it(name):
    # R-FLOW-12
    question = {"action": f"s3:{name}BucketPolicy", "resource": BUCKET}
    assert RESOURCE not in reached(principal=ROOT, **question)
    assert RESOURCE in reached(principal=USER, **question)
    assert RESOURCE in reached(principal=ROOT, resource_account=OTHER_ACCOUNT, **question)


def test_bucket_policy_binds_the_owners_root_in_everything_else():
    assert RESOURCE in reached(principal=ROOT)


# ---- what was not given (R-FLOW-20) -------------------------------------------------------


def said_of(layer, layers=None, **question):
    return ask(layers or {}, **question).layer(layer)


@pytest.mark.parametrize("layer", Layer)
def test_layer_not_given_is_none_in_a_complete_request(layer):
    said = said_of(layer, context=THROUGH_ENDPOINT)
    assert (said.verdict, said.assumed) == (LayerVerdict.NONE, False)


@pytest.mark.parametrize("layer", Layer)
def test_layer_not_given_is_unknown_in_a_partial_request(layer):
    said = said_of(layer, facts=Facts.PARTIAL, context=THROUGH_ENDPOINT)
    assert said.verdict is LayerVerdict.UNKNOWN


@pytest.mark.parametrize("layer", Layer)
def test_layer_declared_complete_is_none_in_a_partial_request(layer):
    said = said_of(layer, facts=Facts.PARTIAL, context=THROUGH_ENDPOINT, complete=[layer])
    assert (said.verdict, said.assumed) == (LayerVerdict.NONE, False)


@pytest.mark.parametrize("layer", Layer)
def test_layer_given_as_empty_is_none_in_a_partial_request(layer):
    said = said_of(layer, {layer: []}, facts=Facts.PARTIAL, context=THROUGH_ENDPOINT)
    assert said.verdict is LayerVerdict.NONE


@pytest.mark.parametrize("layer", Layer)
def test_layer_not_given_is_assumed_empty_in_a_typed_request_and_said_so(layer):
    decision = ask({}, facts=Facts.TYPED, context=THROUGH_ENDPOINT)
    said = decision.layer(layer)
    assert (said.verdict, said.assumed) == (LayerVerdict.NONE, True)
    assert (f"policies:{layer.value}", "none") in decision.assumed


@pytest.mark.parametrize(
    "question",
    [
        {"resource_account": OTHER_ACCOUNT},
        {"action": "sts:AssumeRole", "resource": ROLE},
        {"action": "kms:Decrypt", "resource": KEY},
        {"principal": SERVICE, "resource_account": ACCOUNT},
        {"principal": "*", "resource_account": ACCOUNT},
    ],
)
def test_resource_policy_that_must_allow_is_unknown_in_a_typed_request(question):
    layers = {IDENTITY: [policy(allow())]}
    decision = ask(layers, facts=Facts.TYPED, **question)
    assert decision.unknown
    assert decision.missing == ("policies:resource",)


def test_level_of_scps_without_a_policy_allows_nothing():
    layers = {IDENTITY: [policy(allow())], SCP: [[policy(allow())], []]}
    decision = ask(layers)
    assert decision.denied
    assert decision.blocking == (SCP,)


def test_level_of_rcps_without_a_policy_allows_everything():
    layers = {IDENTITY: [policy(allow())], RCP: [[], []]}
    assert ask(layers).allowed


def test_every_level_of_scps_must_allow():
    # R-FLOW-03: one allowing statement among the policies of each level
    narrow, wide = policy(allow("s3:*")), policy(allow("sqs:*"))
    layers = {IDENTITY: [policy(allow())], SCP: [[narrow, wide], [narrow], [wide, narrow]]}
    assert ask(layers).allowed
    assert ask({**layers, SCP: [[narrow, wide], [wide]]}).blocking == (SCP,)


def test_deny_at_any_level_of_rcps_denies():
    layers = {IDENTITY: [policy(allow())], RCP: [[], [policy(deny("s3:*", Principal="*"))]]}
    decision = ask(layers)
    assert decision.verdict is Verdict.EXPLICIT_DENY
    assert [(ref.layer, ref.level) for ref in decision.determining] == [(RCP, 1)]
