"""The answer of GetRequestAuthorizationDetails (R-MSG-05): one request for each evaluation.

Shape: the service model of `iam-toolbox` in botocore, version 2018-05-10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.claim import Claim
from policyeval.errors import PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.paste.fields import text_of
from policyeval.paste.pasted import Pasted, PasteKind
from policyeval.source import Location
from policyeval.stack import LEVELED, Layer

CHECKS = {
    "SERVICE_CONTROL_POLICY": Layer.SERVICE_CONTROL_POLICY,
    "RESOURCE_CONTROL_POLICY": Layer.RESOURCE_CONTROL_POLICY,
    "VPC_ENDPOINT": Layer.VPC_ENDPOINT_POLICY,
    "RESOURCE": Layer.RESOURCE_POLICY,
    "PRINCIPAL": Layer.IDENTITY_POLICY,
    "PERMISSIONS_BOUNDARY": Layer.PERMISSIONS_BOUNDARY,
    "SESSION": Layer.SESSION_POLICY,
}
_DENIES = ("EXPLICIT_DENY", "IMPLICIT_DENY")
_PRINCIPAL = "aws:principalarn"
_USER_ID = "aws:userid"


def is_details(tree: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is such an answer."""
    return isinstance(tree.get("evaluations"), list) and "requestContext" in tree


def read_details(tree: Mapping[str, Any], location: Location) -> tuple[Pasted, ...]:
    """Give each evaluation, the denied ones first; raises PolicyEvalError where there is none."""
    shared = tree.get("requestContext")
    evaluations = [each for each in tree["evaluations"] if isinstance(each, Mapping)]
    if not evaluations or not isinstance(shared, Mapping):
        message = "the authorization details hold no evaluation"
        raise PolicyEvalError(
            message, (Finding("PE1709", Severity.ERROR, message, location, _HELP),)
        )
    found = [_evaluation(each, shared, location) for each in evaluations]
    return tuple(sorted(found, key=lambda each: each.claim is not None and each.claim.allowed))


_HELP = "paste what GetRequestAuthorizationDetails gives, whole: `requestContext`, `evaluations`"


def _evaluation(
    evaluation: Mapping[str, Any],
    shared: Mapping[str, Any],
    location: Location,
) -> Pasted:
    own = evaluation.get("context")
    keys = {**shared, **(own if isinstance(own, Mapping) else {})}
    context: dict[str, Any] = {}
    findings: list[Finding] = []
    for key, value in keys.items():
        if _is_value(value):
            context[key] = value
        else:
            findings.append(_not_understood(key, location))
    told = {key.lower(): value for key, value in context.items()}
    resource = evaluation.get("resource")
    return Pasted(
        PasteKind.DETAILS,
        _principal(told),
        text_of(evaluation.get("action")),
        "*" if resource == "" else text_of(resource),
        context,
        _claim(evaluation),
        origins=dict.fromkeys(context, "requestContext")
        | {"principal": "aws:PrincipalArn", "action": "evaluations", "resource": "evaluations"},
        findings=(*findings, *_matched(evaluation)),
    )


def _principal(told: Mapping[str, Any]) -> str:
    """The caller: aws:PrincipalArn has the role alone, the session's name ends aws:userid."""
    arn, id_ = told.get(_PRINCIPAL), told.get(_USER_ID)
    if not isinstance(arn, str):
        return ""
    head, role, path = arn.partition(":role/")
    session = id_.partition(":")[2] if isinstance(id_, str) else ""
    if not role or not session or head.count(":") != 4:
        return arn
    partition, account = head.split(":")[1], head.split(":")[-1]
    return f"arn:{partition}:sts::{account}:assumed-role/{path.rpartition('/')[2]}/{session}"


def _claim(evaluation: Mapping[str, Any]) -> Claim | None:
    """What AWS found: the first check that denies, in its own order; an explicit deny first.

    A resource policy's silence comes last: in one account another's allow makes up for it
    (R-FLOW-17). None where the effect is not one that AWS knows.
    """
    effect = evaluation.get("evaluatedEffect")
    if effect == "ALLOW":
        return Claim(allowed=True)
    if effect not in _DENIES:
        return None
    explicit = {"EXPLICIT_DENY": True, "IMPLICIT_DENY": False}.get(text_of(effect))
    checks = evaluation.get("checks")
    denying = [
        each
        for each in (checks if isinstance(checks, list) else [])
        if isinstance(each, Mapping) and each.get("evaluatedEffect") in _DENIES
    ]
    denying.sort(
        key=lambda each: (
            each["evaluatedEffect"] != "EXPLICIT_DENY",
            each.get("checkType") == "RESOURCE",
        )
    )
    layer = CHECKS.get(text_of(denying[0].get("checkType"))) if denying else None
    return Claim(explicit, layer, _denying_policy(evaluation, layer) if explicit else "")


def _denying_policy(evaluation: Mapping[str, Any], layer: Layer | None) -> str:
    """The ARN of the layer's managed policy of which a Deny matched; empty for an inline one."""
    service = "organizations" if layer in LEVELED else "iam"
    for policy in _mappings(evaluation.get("matchedPolicies")):
        for statement in _mappings(policy.get("matchedStatements")):
            uri = text_of(policy.get("uri"))
            if statement.get("evaluatedEffect") == "DENY" and f":{service}:" in uri:
                return uri
    return ""


def _matched(evaluation: Mapping[str, Any]) -> Iterator[Finding]:
    for policy in _mappings(evaluation.get("matchedPolicies")):
        for statement in _mappings(policy.get("matchedStatements")):
            effect = text_of(statement.get("evaluatedEffect")).lower() or "matching"
            sid = text_of(statement.get("sid")) or "without Sid"
            yield Finding(
                "PE1708",
                Severity.NOTE,
                f"AWS names the {quote(effect)} statement {quote(sid)} of "
                f"{quote(text_of(policy.get('uri')))} as one that matched",
            )


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _is_value(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, (str, int, float)) for each in value)
    return isinstance(value, (str, int, float))


def _not_understood(key: str, location: Location) -> Finding:
    return Finding(
        "PE1710",
        Severity.WARNING,
        f"the value of {quote(key)} is not understood: the key is taken to be unknown",
        location,
    )
