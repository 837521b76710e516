"""Where services and callers differ (R-FLOW-09 to -12, -16, -21)."""

import pytest
from tests.unit.asking import (
    ACCOUNT,
    BUCKET,
    FEDERATED_USER,
    KEY,
    OTHER_ACCOUNT,
    QUEUE,
    ROLE,
    ROOT,
    SERVICE,
    SESSION,
    USER,
    allow,
    ask,
    deny,
    policy,
)

from policyeval.context import Facts
from policyeval.evaluation.service_rules import (
    RULES,
    ResourcePart,
    forbidden_to,
    rule_for,
)
from policyeval.request import Request
from policyeval.stack import Layer

ALIAS = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/a"
EVERYTHING = {
    Layer.IDENTITY_POLICY: [policy(allow())],
    Layer.SESSION_POLICY: [policy(allow())],
    Layer.RESOURCE_POLICY: [policy(allow(Principal="*"))],
}


def rule(action, resource):
    return rule_for(Request.of(USER, action, resource, facts=Facts.COMPLETE))


@pytest.mark.parametrize(
    ("action", "resource", "part"),
    [
        ("s3:GetObject", "arn:aws:s3:::shop/a", ResourcePart.EITHER),
        ("sts:AssumeRole", ROLE, ResourcePart.TRUST),
        ("STS:assumerole", ROLE, ResourcePart.TRUST),
        ("sts:AssumeRoleWithSAML", ROLE, ResourcePart.TRUST),
        ("sts:AssumeRoleWithWebIdentity", ROLE, ResourcePart.TRUST),
        ("sts:TagSession", ROLE, ResourcePart.TRUST),
        ("sts:SetSourceIdentity", ROLE, ResourcePart.TRUST),
        ("sts:GetFederationToken", USER, ResourcePart.EITHER),
        ("kms:Decrypt", KEY, ResourcePart.KEY),
        ("kms:PutKeyPolicy", KEY, ResourcePart.KEY),
        ("kms:ListKeys", "*", ResourcePart.NONE),
        ("kms:CreateKey", "*", ResourcePart.NONE),
        ("kms:ListAliases", "*", ResourcePart.NONE),
        ("kms:GenerateRandom", "*", ResourcePart.NONE),
        ("kms:CreateAlias", ALIAS, ResourcePart.NONE),
        ("kms:CreateAlias", KEY, ResourcePart.KEY),
        ("iam:GetRole", ROLE, ResourcePart.NONE),
        ("iam:UpdateAssumeRolePolicy", ROLE, ResourcePart.NONE),
    ],
)
def test_part_of_the_resource_policy_follows_from_the_action(action, resource, part):
    assert rule(action, resource).part is part


def test_every_row_has_a_source_and_cites_a_rule():
    for action, row in RULES.items():
        assert action == action.lower()
        assert row.source
        assert row.rule.startswith("R-FLOW-")


OWNER_ONLY = [
    *(f"s3:{name}BucketPolicy" for name in ("Get", "Put", "Delete")),
    *(
        f"sqs:{name}"
        for name in (
            *("AddPermission", "RemovePermission", "CreateQueue", "DeleteQueue", "ListQueues"),
            *("ListQueueTags", "TagQueue", "UntagQueue", "SetQueueAttributes"),
            *("StartMessageMoveTask", "CancelMessageMoveTask", "ListMessageMoveTasks"),
        )
    ),
    *(
        f"kms:{name}"
        for name in ("PutKeyPolicy", "DisableKey", "ScheduleKeyDeletion", "TagResource")
    ),
]
RESOURCE_OF = {"s3": BUCKET, "sqs": QUEUE, "kms": KEY}


def of_owner(action, principal):
    resource = RESOURCE_OF[action.partition(":")[0]]
    return ask(
        EVERYTHING, principal=principal, action=action, resource=resource, resource_account=ACCOUNT
    )


@pytest.mark.parametrize("action", OWNER_ONLY)
def test_action_of_the_owner_alone_is_closed_to_everyone_else(action):
    assert of_owner(action, USER).allowed
    for principal in (
        f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob",
        f"arn:aws:iam::{OTHER_ACCOUNT}:root",
    ):
        decision = of_owner(action, principal)
        assert decision.denied
        assert Layer.RESOURCE_POLICY in decision.blocking


@pytest.mark.parametrize("action", OWNER_ONLY)
@pytest.mark.parametrize("principal", ["*", SERVICE])
def test_action_of_the_owner_alone_is_closed_to_callers_without_an_account(action, principal):
    assert of_owner(action, principal).denied


ACROSS_ACCOUNTS = [
    *("Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "ReEncryptFrom"),
    *("ReEncryptTo", "Sign", "Verify", "GenerateMac", "VerifyMac", "DeriveSharedSecret"),
    *("GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPairWithoutPlaintext"),
    *("CreateGrant", "DescribeKey", "GetKeyRotationStatus", "GetPublicKey", "ListGrants"),
    *("RetireGrant", "RevokeGrant"),
]


@pytest.mark.parametrize("name", ACROSS_ACCOUNTS)
def test_cryptographic_operations_and_grants_work_across_accounts(name):
    assert of_owner(f"kms:{name}", f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob").allowed


@pytest.mark.parametrize(
    ("principal", "action", "context", "rule"),
    [
        (ROOT, "sts:AssumeRole", {}, "R-FLOW-10"),
        (ROOT, "sts:AssumeRoot", {}, "R-FLOW-21"),
        (ROOT, "s3:GetObject", {}, ""),
        (USER, "sts:AssumeRole", {}, ""),
        (FEDERATED_USER, "iam:GetUser", {}, "R-FLOW-16"),
        (FEDERATED_USER, "sts:AssumeRole", {}, "R-FLOW-16"),
        (FEDERATED_USER, "STS:getcalleridentity", {}, ""),
        (FEDERATED_USER, "s3:GetObject", {}, ""),
        (SESSION, "sts:GetFederationToken", {}, "R-FLOW-16"),
        (SESSION, "sts:GetSessionToken", {}, "R-FLOW-16"),
        (SESSION, "sts:AssumeRole", {}, ""),
        (USER, "sts:GetFederationToken", {}, ""),
        # with temporary credentials: a GetSessionToken session
        (USER, "sts:GetFederationToken", {"aws:TokenIssueTime": "2026-05-01"}, "R-FLOW-16"),
        (USER, "sts:GetCallerIdentity", {"aws:TokenIssueTime": "2026-05-01"}, ""),
        (USER, "sts:AssumeRole", {"aws:TokenIssueTime": "2026-05-01"}, ""),
        (USER, "iam:GetUser", {"aws:TokenIssueTime": "2026-05-01"}, "R-FLOW-16"),
        (
            USER,
            "iam:GetUser",
            {"aws:TokenIssueTime": "2026-05-01", "aws:MultiFactorAuthPresent": "false"},
            "R-FLOW-16",
        ),
        (
            USER,
            "iam:GetUser",
            {"aws:TokenIssueTime": "2026-05-01", "aws:MultiFactorAuthPresent": "true"},
            "",
        ),
        (USER, "iam:GetUser", {"aws:MultiFactorAuthPresent": "false"}, ""),
    ],
)
def test_caller_is_kept_from_an_action_by_its_kind(principal, action, context, rule):
    request = Request.of(principal, action, "*", context, facts=Facts.COMPLETE)
    assert forbidden_to(request, None) == (rule, True)
    decision = ask(EVERYTHING, principal=principal, action=action, resource="*", context=context)
    if rule:
        assert decision.denied
        assert decision.rule == rule


@pytest.mark.parametrize("action", ["sts:GetCallerIdentity", "sts:GetSessionToken"])
def test_no_policy_stops_the_calls_that_always_succeed(action):
    # R-FLOW-21
    stops = {
        Layer.IDENTITY_POLICY: [policy(deny())],
        Layer.SERVICE_CONTROL_POLICY: [policy(deny())],
        Layer.PERMISSIONS_BOUNDARY: [policy(deny())],
    }
    assert ask(stops, action=action, resource="*").allowed


def test_nothing_is_allowed_across_partitions():
    # R-FLOW-09
    china = f"arn:aws-cn:sqs:cn-north-1:{ACCOUNT}:orders"
    decision = ask(EVERYTHING, action="sqs:SendMessage", resource=china)
    assert decision.denied
    assert decision.blocking == (Layer.RESOURCE_POLICY,)
