"""Condition keys that follow from the other facts of a request (semantics.md, R-CTX)."""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.context import (
    ABSENT,
    PRESENT,
    UNKNOWN,
    ContextValue,
    Facts,
    RequestContext,
    RoleOfUnknownPath,
)
from policyeval.errors import InvalidRequestError
from policyeval.principal import Principal, PrincipalKind
from policyeval.resource import Action, Resource
from policyeval.value import replace

Keys = dict[str, ContextValue]

_PRINCIPAL_TYPES = {
    PrincipalKind.IAM_USER: "User",
    PrincipalKind.ROLE_SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
    PrincipalKind.ROOT_USER: "Account",
    PrincipalKind.ANONYMOUS: "Anonymous",
}

GLOBAL_SERVICES = frozenset(
    {
        "iam",
        "organizations",
        "route53",
        "cloudfront",
        "globalaccelerator",
        "budgets",
        "waf",
        "shield",
        "support",
        "ce",
        "account",
    }
)
"""Services with one endpoint: their calls carry aws:RequestedRegion us-east-1 (R-ARN-02)."""


def build_context(
    principal: Principal,
    action: Action,
    resource: Resource,
    given: Mapping[str, ContextValue],
    facts: Facts,
) -> RequestContext:
    """Put together what is given, what follows from it, and what is assumed or unknown.

    A given value wins over a derived one; a contradiction raises InvalidRequestError (R-CTX-05).
    """
    spelled = {key.lower(): key for key in given}
    stated = {key.lower(): value for key, value in given.items()}
    if facts is Facts.COMPLETE:
        principal = replace(principal, path_known=True)
    derived = _of_principal(principal) | _of_resource(resource, action, principal)
    derived |= _of_call(stated)
    if facts is Facts.PARTIAL:
        derived = _never_there(principal) | derived
    _refuse_contradictions(principal, resource, stated, derived)
    assumed: Keys = {}
    if facts is Facts.COMPLETE:
        derived["aws:ViaAWSService"] = ("false",)
    else:
        region = _region(resource, action, principal)
        if region:
            derived["aws:RequestedRegion"] = (region,)
    if facts is Facts.TYPED:
        assumed = _assumptions(principal, stated)
        derived = _unknowns(principal, action, stated) | derived
    entries: Keys = {}
    names: dict[str, str] = {}
    for source in (assumed, derived):
        for key, value in source.items():
            entries[key.lower()] = value
            names[key.lower()] = key
    inferred = frozenset(entries) - frozenset(stated)
    entries |= stated
    names |= spelled
    return RequestContext(
        entries,
        UNKNOWN if facts is Facts.PARTIAL else ABSENT,
        names,
        inferred - {key.lower() for key in assumed},
        inferred & {key.lower() for key in assumed},
    )


def _of_principal(principal: Principal) -> Keys:
    kind = principal.kind
    keys: Keys = {}
    if kind in _PRINCIPAL_TYPES:
        keys["aws:PrincipalType"] = (_PRINCIPAL_TYPES[kind],)
    if kind is PrincipalKind.ANONYMOUS:
        # AWS: these three are there, PrincipalArn and PrincipalIsAWSService are not (R-FLOW-14).
        keys["aws:PrincipalAccount"] = keys["aws:userid"] = ("anonymous",)
        return keys
    keys["aws:PrincipalIsAWSService"] = ("true" if kind is PrincipalKind.AWS_SERVICE else "false",)
    if kind is PrincipalKind.AWS_SERVICE:
        keys["aws:PrincipalServiceName"] = keys["aws:PrincipalServiceNamesList"] = (principal.text,)
        return keys
    if kind is PrincipalKind.FEDERATED:
        if ":saml-provider/" not in principal.text:
            keys["aws:FederatedProvider"] = (principal.text,)
        return keys
    keys["aws:PrincipalAccount"] = (principal.account,)
    arn = (principal.role_arn or principal.text,)
    keys["aws:PrincipalArn"] = arn if principal.path_known else RoleOfUnknownPath(arn)
    if kind is PrincipalKind.IAM_USER:
        keys["aws:username"] = (principal.name.rpartition("/")[2],)
    elif kind is PrincipalKind.FEDERATED_USER:
        keys["aws:userid"] = (f"{principal.account}:{principal.name}",)
    elif kind is PrincipalKind.ROOT_USER:
        keys["aws:userid"] = (principal.account,)
    return keys


def _of_call(stated: Mapping[str, ContextValue]) -> Keys:
    chain = stated.get("aws:calledvia")
    if not isinstance(chain, tuple) or not chain:
        return {}
    return {"aws:CalledViaFirst": chain[:1], "aws:CalledViaLast": chain[-1:]}


def _never_there(principal: Principal) -> Keys:
    """Keys that this kind of caller never carries: absent even where facts are partial."""
    if principal.kind is PrincipalKind.ANONYMOUS:
        keys = ("PrincipalArn", "PrincipalOrgID", "PrincipalOrgPaths", "PrincipalIsAWSService")
        return dict.fromkeys((*(f"aws:{key}" for key in keys), "aws:username"), ABSENT)
    if principal.kind is PrincipalKind.IAM_USER:
        return {}
    return {"aws:username": ABSENT}


def _of_resource(resource: Resource, action: Action, principal: Principal) -> Keys:
    keys: Keys = {}
    if resource.account:
        keys["aws:ResourceAccount"] = (resource.account,)
        if resource.service == "s3":
            keys["s3:ResourceAccount"] = (resource.account,)
    if action.service == "kms" and principal.account:
        keys["kms:CallerAccount"] = (principal.account,)
    return keys


_HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


def _region(resource: Resource, action: Action, principal: Principal) -> str:
    if resource.region:
        return resource.region
    if action.service not in GLOBAL_SERVICES:
        return ""
    return _HOME_REGIONS.get(resource.partition or principal.partition, "")


def _assumptions(principal: Principal, stated: Mapping[str, ContextValue]) -> Keys:
    """What a typed request takes for granted, and says so (R-FLOW-20)."""
    keys: Keys = {"aws:SecureTransport": ("true",), "aws:ViaAWSService": ("false",)}
    temporary = isinstance(stated.get("aws:tokenissuetime"), tuple)
    if principal.kind is PrincipalKind.ROLE_SESSION or (
        principal.kind is PrincipalKind.IAM_USER and temporary
    ):
        # Temporary credentials carry the key, false without MFA (R-CTX-01).
        keys["aws:MultiFactorAuthPresent"] = ("false",)
    return keys


def _unknowns(principal: Principal, action: Action, stated: Mapping[str, ContextValue]) -> Keys:
    """Keys that AWS fills in on every such request, with values nobody told (R-FLOW-20)."""
    keys: Keys = dict.fromkeys(("aws:CurrentTime", "aws:EpochTime", "aws:UserAgent"), PRESENT)
    keys["aws:RequestedRegion"] = PRESENT
    if action.folded == "iam:passrole":
        keys["iam:PassedToService"] = PRESENT
    keys |= _network(principal, stated)
    if principal.kind in (PrincipalKind.IAM_USER, PrincipalKind.ROLE_SESSION):
        keys["aws:userid"] = PRESENT
    if principal.kind in (PrincipalKind.ROLE_SESSION, PrincipalKind.FEDERATED_USER):
        keys["aws:TokenIssueTime"] = PRESENT
    return keys


def _network(principal: Principal, stated: Mapping[str, ContextValue]) -> Keys:
    """The caller's address, which a VPC endpoint hides (R-CTX-03)."""
    told = [stated[key] for key in ("aws:sourcevpce", "aws:sourcevpc") if key in stated]
    if any((isinstance(value, tuple) and value) or value is PRESENT for value in told):
        return {"aws:VpcSourceIp": PRESENT, "aws:SourceVpc": PRESENT, "aws:SourceIp": ABSENT}
    open_ = UNKNOWN in told or principal.kind is PrincipalKind.AWS_SERVICE
    return {"aws:SourceIp": UNKNOWN if open_ else PRESENT}


_CHECKED = (
    "aws:PrincipalAccount",
    "aws:ResourceAccount",
    "s3:ResourceAccount",
)


def _refuse_contradictions(
    principal: Principal, resource: Resource, stated: Mapping[str, ContextValue], derived: Keys
) -> None:
    for key in _CHECKED:
        given, follows = stated.get(key.lower()), derived.get(key)
        if isinstance(given, tuple) and isinstance(follows, tuple) and given != follows:
            owner = resource.text if "Resource" in key else principal.text
            raise InvalidRequestError(
                f"`{key}` is given as `{', '.join(given)}`, but `{owner}` belongs to `{follows[0]}`"
            )
    arn, follows = stated.get("aws:principalarn"), derived.get("aws:PrincipalArn")
    if not isinstance(arn, tuple) or len(arn) != 1 or not isinstance(follows, tuple):
        return
    # A session's ARN does not tell its role's path, so account and name are compared.
    if _without_path(arn[0]) != _without_path(follows[0]):
        raise InvalidRequestError(
            f"`aws:PrincipalArn` is given as `{arn[0]}`, but the principal is `{principal.text}`"
        )


def _without_path(arn: str) -> str:
    head, role, path_and_name = arn.partition(":role/")
    return head + role + path_and_name.rpartition("/")[2] if role else arn
