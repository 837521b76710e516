"""AWS's word about a request of which little is known, where the policies are complete and right.

The truth is the decision over all facts; what AWS says of it is asked with a few of them.
"""

from __future__ import annotations

import random

import pytest

from policyeval.claim import Claim
from policyeval.context import Facts
from policyeval.decision import Decision, LayerVerdict, Verdict
from policyeval.evaluation.engine import evaluate
from policyeval.evaluation.samples import OTHER
from policyeval.explanation.claimed import Agreement, decide_claimed
from policyeval.parsing.policy import parse_policy
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack, policy_type

ANA = "arn:aws:iam::111122223333:user/ana"
SESSION = "arn:aws:sts::111122223333:assumed-role/deploy/ci"
LOG = "arn:aws:s3:::logs/blue/a.log"
TEAM, ENDPOINT = "aws:PrincipalTag/team", "aws:SourceVpce"
VALUES = {
    ENDPOINT: ["vpce-1", "vpce-2", "vpce-9", None],
    TEAM: ["x", "y", "blue", None],
    "aws:SourceIp": ["203.0.113.5", "198.51.100.1", None],
    "aws:SecureTransport": ["true", "false"],
    "aws:ViaAWSService": ["true", "false"],
    "aws:MultiFactorAuthPresent": ["true", "false", None],
}
TEXT = ["StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists"]
WITH_PRINCIPAL = {
    Layer.RESOURCE_POLICY: ["*", {"AWS": "111122223333"}, {"AWS": ANA}],
    Layer.RESOURCE_CONTROL_POLICY: ["*"],
    Layer.VPC_ENDPOINT_POLICY: ["*"],
}


def condition(chance: random.Random) -> dict[str, dict[str, list[str]]]:
    block: dict[str, dict[str, list[str]]] = {}
    for _ in range(chance.choice([0, 1, 1, 2])):
        key = chance.choice(list(VALUES))
        if key in (ENDPOINT, TEAM):
            operator = chance.choice(TEXT)
            values = chance.sample([str(value) for value in VALUES[key][:2]], chance.choice([1, 2]))
        elif key == "aws:SourceIp":
            operator, values = chance.choice(["IpAddress", "NotIpAddress"]), ["203.0.113.0/24"]
        else:
            operator, values = (
                chance.choice(["Bool", "BoolIfExists"]),
                [chance.choice(["true", "false"])],
            )
        block.setdefault(operator, {})[key] = values
    return block


def policy(chance: random.Random, layer: Layer) -> dict[str, object]:
    statements: list[dict[str, object]] = []
    for place in range(chance.choice([1, 2, 3])):
        statement: dict[str, object] = {
            "Sid": f"{layer.name.title().replace('_', '')}{place}",
            "Effect": chance.choice(["Allow", "Allow", "Deny"]),
            "Action": chance.choice(["s3:*", "s3:GetObject", "s3:PutObject"]),
            "Resource": chance.choice(["*", f"arn:aws:s3:::logs/${{{TEAM}}}/*"]),
            "Condition": condition(chance),
        }
        if layer is Layer.RESOURCE_CONTROL_POLICY:
            statement |= {"Effect": "Deny"}
        if layer in WITH_PRINCIPAL:
            statement["Principal"] = chance.choice(WITH_PRINCIPAL[layer])
        statements.append(statement)
    if place % 2 == 0 and layer not in (Layer.RESOURCE_POLICY, Layer.RESOURCE_CONTROL_POLICY):
        everything: dict[str, object] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        more = {"Principal": "*"} if layer in WITH_PRINCIPAL else {}
        statements.append(everything | more)
    return {"Version": "2012-10-17", "Statement": statements}


def claims(truth: Decision) -> list[Claim]:
    """All that AWS may say of it (R-MSG-04)."""
    if truth.allowed:
        return [Claim(allowed=True)]
    if truth.verdict is Verdict.IMPLICIT_DENY:
        return [Claim(), *(Claim(False, layer) for layer in truth.blocking)]
    denying = [
        layer for layer in truth.blocking if truth.layer(layer).verdict is LayerVerdict.DENIED
    ]
    return [Claim(), Claim(True), *(Claim(True, layer) for layer in denying)]


@pytest.mark.parametrize("seed", range(60))
def test_of_right_policies_aws_never_seems_wrong_and_nothing_false_is_inferred(seed: int) -> None:
    chance = random.Random(seed)
    caller = chance.choice([ANA, SESSION])
    layers = {
        layer: [parse_policy(policy(chance, layer), type=policy_type(layer, "s3:GetObject"))]
        for layer in Layer
        if (layer is not Layer.SESSION_POLICY or caller == SESSION)
        and (layer is Layer.IDENTITY_POLICY or chance.random() < 0.4)
    }
    facts = {key: chance.choice(values) for key, values in VALUES.items()}
    if facts["aws:ViaAWSService"] == "true":
        facts[ENDPOINT] = None  # R-FLOW-13
    if facts[ENDPOINT]:
        facts["aws:SourceIp"] = None  # R-CTX-03
    known = {key: value for key, value in facts.items() if chance.random() < 0.35}
    owner = chance.choice(["111122223333", "444455556666"])

    def asked(context: dict[str, str | None], given: Facts) -> Request:
        return Request.of(caller, "s3:GetObject", LOG, context, resource_account=owner, facts=given)

    truth = evaluate(asked(facts, Facts.COMPLETE), PolicyStack.of(layers, complete=Layer))
    kept = {layer: items for layer, items in layers.items() if chance.random() < 0.6}
    for claim in claims(truth):
        for stack in (PolicyStack.of(layers, complete=Layer), PolicyStack.of(kept)):
            partial, typed = asked(known, Facts.PARTIAL), asked(known, Facts.TYPED)
            decision, check = decide_claimed(partial, stack, claim, typed)
            assert check.agreement is not Agreement.DISAGREES
            assert decision.unknown or decision.allowed == truth.allowed
            told = {key.lower(): value for key, value in facts.items()}
            assert all(
                told[key.lower()] == value for key, value in check.inferred if value != OTHER
            )
