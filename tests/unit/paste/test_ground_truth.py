"""AWS's own denials: with the policies that the claim speaks of, the engine denies as AWS did.

Nothing is known but that one layer denies, explicitly or by silence; every other layer allows all.
Then the verdict must be AWS's, and the claimed layer must stand among those that block (R-MSG-04).
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.paste.events import (
    ACCOUNT,
    KEY,
    OTHER,
    ROLE,
    SESSION,
    SESSION_IDENTITY,
    by,
    event,
    first,
)
from tests.unit.paste.outline import shipped_events

from policyeval.claim import Claim
from policyeval.context import Facts
from policyeval.decision import Decision, Verdict
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.policy import parse_policy
from policyeval.paste.cloudtrail import read_event
from policyeval.paste.pasted import Pasted
from policyeval.policy import Policy
from policyeval.stack import Layer, PolicyStack, policy_type

ENDPOINT = "vpce-0feed0f00dcafe123"
WITH_PRINCIPAL = (Layer.RESOURCE_POLICY, Layer.VPC_ENDPOINT_POLICY, Layer.RESOURCE_CONTROL_POLICY)
REASONS = {
    Layer.IDENTITY_POLICY: "an identity-based policy",
    Layer.RESOURCE_POLICY: "a resource-based policy",
    Layer.SESSION_POLICY: "a session policy",
    Layer.SERVICE_CONTROL_POLICY: "a service control policy",
    Layer.RESOURCE_CONTROL_POLICY: "a resource control policy",
    Layer.VPC_ENDPOINT_POLICY: "a VPC endpoint policy",
    Layer.PERMISSIONS_BOUNDARY: "a permissions boundary",
}


def policy(pasted: Pasted, layer: Layer, action: str, resource: str, effect: str) -> Policy:
    statement: dict[str, Any] = {"Effect": effect, "Action": action, "Resource": resource}
    if layer is Layer.RESOURCE_POLICY and effect == "Allow":
        # Delegates to the caller's account, so that its own policies decide too.
        statement["Principal"] = {"AWS": pasted.to_request().principal.account}
    elif layer in WITH_PRINCIPAL:
        statement["Principal"] = "*"
    if layer is Layer.RESOURCE_POLICY and pasted.action.startswith("sts:"):
        del statement["Resource"]
    return parse_policy(
        {"Version": "2012-10-17", "Statement": [statement]}, type=policy_type(layer, pasted.action)
    )


def world(pasted: Pasted, claim: Claim) -> PolicyStack:
    """Give policies that allow all, but for the claimed layer."""
    given: dict[Layer, list[Policy]] = {}
    for layer in Layer:
        # AWS: an RCP has no Allow but the one that is always there.
        silent = layer is Layer.RESOURCE_CONTROL_POLICY
        if layer is claim.layer and not claim.explicit:
            given[layer] = [policy(pasted, layer, "tag:GetResources", "*", "Allow")]
        elif not silent and not (layer is Layer.RESOURCE_POLICY and not needs_policy(pasted)):
            given[layer] = [policy(pasted, layer, pasted.action, "*", "Allow")]
        if layer is claim.layer and claim.explicit:
            denies = policy(pasted, layer, pasted.action, pasted.resource, "Deny")
            given[layer] = [*given.get(layer, []), denies]
    return PolicyStack.of(given, complete=Layer)


def needs_policy(pasted: Pasted) -> bool:
    """Tell whether the resource's policy must allow: keys, roles, other accounts."""
    return pasted.action.startswith(("kms:", "sts:")) or not pasted.to_request().same_account


def decide(pasted: Pasted, claim: Claim) -> Decision:
    return evaluate(pasted.to_request(Facts.PARTIAL), world(pasted, claim))


def agrees(pasted: Pasted) -> None:
    claim = pasted.claim
    assert claim is not None
    assert claim.layer is not None
    decision = decide(pasted, claim)
    verdict = Verdict.EXPLICIT_DENY if claim.explicit else Verdict.IMPLICIT_DENY
    assert decision.verdict is verdict
    assert claim.layer in decision.blocking
    assert decision.decided_by is claim.layer
    # The layer that AWS names is what denies: without it the same request passes.
    assert decide(pasted, Claim()).verdict is Verdict.ALLOWED


def denied_for_a_reason() -> list[Pasted]:
    found = []
    for record in shipped_events():
        pasted = read_event(record.event, record.location)
        if not isinstance(pasted, tuple) or pasted[0].claim is None or pasted[0].missing:
            continue
        if pasted[0].claim.layer is not None:
            found.append(pasted[0])
    return found


def test_there_are_real_denials_with_a_reason() -> None:
    assert len(denied_for_a_reason()) >= 4


@pytest.mark.parametrize("pasted", denied_for_a_reason(), ids=lambda pasted: pasted.action)
def test_a_real_denial_is_denied_by_the_layer_that_aws_names(pasted: Pasted) -> None:
    agrees(pasted)


def denial(layer: Layer, explicit: bool, **changes: Any) -> Pasted:
    """Give the event of a denial that AWS explains by a layer."""
    if explicit:
        reason = f"with an explicit deny in {REASONS[layer]}"
    else:
        reason = f"because no {REASONS[layer].partition(' ')[2]} allows the kms:Decrypt action"
    text = f"User: {SESSION} is not authorized to perform: kms:Decrypt on resource: {KEY} {reason}"
    network: dict[str, Any] = {}
    if layer is Layer.VPC_ENDPOINT_POLICY:
        network = {"sourceIPAddress": "10.1.2.3", "vpcEndpointId": ENDPOINT}
    given = by(
        SESSION_IDENTITY,
        errorCode="AccessDenied",
        errorMessage=text,
        **network,
        **changes,
    )
    return first(given)


@pytest.mark.parametrize("layer", Layer, ids=lambda layer: layer.value)
def test_an_explicit_denial_is_denied_by_the_layer_that_aws_names(layer: Layer) -> None:
    pasted = denial(layer, True)
    assert pasted.claim == Claim(explicit=True, layer=layer)
    agrees(pasted)


@pytest.mark.parametrize(
    "layer",
    [layer for layer in Layer if layer is not Layer.RESOURCE_CONTROL_POLICY],
    ids=lambda layer: layer.value,
)
def test_an_implicit_denial_is_denied_by_the_layer_that_aws_names(layer: Layer) -> None:
    pasted = denial(layer, False)
    assert pasted.claim == Claim(explicit=False, layer=layer)
    agrees(pasted)


def test_a_role_trust_policy_that_denies_is_the_resource_layer() -> None:
    text = (
        f"User: {SESSION} is not authorized to perform: sts:AssumeRole on resource: {ROLE} "
        "with an explicit deny in the role trust policy"
    )
    pasted = first(
        by(
            SESSION_IDENTITY,
            eventSource="sts.amazonaws.com",
            eventName="AssumeRole",
            requestParameters={"roleArn": ROLE, "roleSessionName": "n"},
            resources=None,
            errorCode="AccessDenied",
            errorMessage=text,
        )
    )
    assert pasted.claim is not None
    assert pasted.claim.trust
    agrees(pasted)


def test_a_denial_across_accounts_is_denied_by_the_owners_policy() -> None:
    key = KEY.replace(ACCOUNT, OTHER)
    text = (
        f"User: {SESSION} is not authorized to perform: kms:Decrypt on resource: {key} because no "
        "resource-based policy allows the kms:Decrypt action"
    )
    listed = [{"accountId": OTHER, "type": "AWS::KMS::Key", "ARN": key}]
    pasted = first(
        by(SESSION_IDENTITY, errorCode="AccessDenied", errorMessage=text, resources=listed)
    )
    assert pasted.to_request().resource.account == OTHER
    agrees(pasted)


def test_an_allowed_call_is_allowed_where_every_layer_allows() -> None:
    pasted = first(event())
    assert pasted.claim == Claim(allowed=True)
    assert decide(pasted, Claim()).verdict is Verdict.ALLOWED
