"""Which elements a kind of policy may have (R-LANG-04, R-LANG-05, R-MATCH-09)."""

from __future__ import annotations

from policyeval.parsing.defect import Defect, warning
from policyeval.parsing.principal import EVERYONE
from policyeval.parsing.reading import Reading
from policyeval.policy import (
    ActionElement,
    Effect,
    PolicyType,
    PrincipalElement,
    ResourceElement,
    Statement,
)

_NAMES = {
    PolicyType.IDENTITY: "an identity-based policy",
    PolicyType.BOUNDARY: "a permissions boundary",
    PolicyType.SESSION: "a session policy",
    PolicyType.SCP: "a service control policy",
    PolicyType.RCP: "a resource control policy",
    PolicyType.RESOURCE: "a resource-based policy",
    PolicyType.TRUST: "a role trust policy",
    PolicyType.VPC_ENDPOINT: "a VPC endpoint policy",
}
_WITHOUT_PRINCIPAL = frozenset(
    (PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION, PolicyType.SCP)
)
_WITHOUT_NOT_PRINCIPAL = _WITHOUT_PRINCIPAL | {PolicyType.TRUST, PolicyType.RCP}


def check_legality(statement: Statement, reading: Reading) -> None:
    """Report elements that may not stand in this kind of policy, and missing ones."""
    _check_principal(statement, reading)
    _check_resource(statement, reading)
    if reading.type is PolicyType.RCP:
        _check_rcp(statement, reading)


def _check_principal(statement: Statement, reading: Reading) -> None:
    principal, type = statement.principal, reading.type
    if principal is None:
        if type is not None and type not in _WITHOUT_PRINCIPAL:
            reading.add(_without_principal(type), statement.pointer)
        return
    element = "NotPrincipal" if principal.negated else "Principal"
    place = statement.at(element)
    if type in _WITHOUT_NOT_PRINCIPAL and principal.negated:
        reading.add(_illegal("PE0603", element, type, _INSTEAD_OF_NOT_PRINCIPAL), place, key=True)
    elif type in _WITHOUT_PRINCIPAL:
        reading.add(_illegal("PE0601", element, type, _INSTEAD_OF_PRINCIPAL), place, key=True)
    elif principal.negated and statement.effect is Effect.ALLOW:
        reading.add(_ALLOW_WITH_NOT_PRINCIPAL, place, key=True)
    if type is not None and type is not PolicyType.TRUST:
        _check_providers(statement, principal, reading)


def _check_providers(statement: Statement, principal: PrincipalElement, reading: Reading) -> None:
    """OIDC providers stand only in trust policies (R-MATCH-08)."""
    place = 0
    for pattern in principal.patterns:
        if pattern.kind != "Federated":
            continue
        if ":oidc-provider/" in pattern.text:
            element = "NotPrincipal" if principal.negated else "Principal"
            reading.add(_OIDC_ELSEWHERE, statement.at(element, "Federated", place))
        place += 1


def _check_resource(statement: Statement, reading: Reading) -> None:
    resource, type = statement.resource, reading.type
    if resource is not None:
        if type is PolicyType.TRUST:
            element = "NotResource" if resource.negated else "Resource"
            instead = "take it out: the resource is the role that carries the policy"
            reading.add(_illegal("PE0604", element, type, instead), statement.at(element), key=True)
        return
    if type is PolicyType.TRUST or (type is None and statement.principal is not None):
        return
    if type is PolicyType.RESOURCE:
        reading.add(_WITHOUT_RESOURCE, statement.pointer)
        return
    reading.add(
        Defect(
            "PE0103",
            "the statement has no `Resource` or `NotResource`",
            label="`Resource` is missing",
            help='add `"Resource": "arn:…"`, or `"*"` for every resource',
        ),
        statement.pointer,
    )


def _check_rcp(statement: Statement, reading: Reading) -> None:
    if statement.effect is Effect.ALLOW:
        if not _is_full_access(statement):
            reading.add(_RCP_WITH_ALLOW, statement.at("Effect"))
        return
    principal = statement.principal
    if principal is not None and not principal.negated and principal.patterns != _EVERYONE:
        reading.add(_RCP_FOR_SOME, statement.at("Principal"))
    if statement.action.negated:
        instead = "list the actions under `Action`, and make exceptions in the condition"
        reading.add(
            _illegal("PE0608", "NotAction", PolicyType.RCP, instead),
            statement.at("NotAction"),
            key=True,
        )


def _is_full_access(statement: Statement) -> bool:
    """Tell whether this is the one statement of RCPFullAWSAccess."""
    return (
        statement.principal is not None
        and not statement.principal.negated
        and statement.principal.patterns == _EVERYONE
        and _is_everything(statement.action)
        and _is_everything(statement.resource)
        and not statement.condition
    )


def _is_everything(element: ActionElement | ResourceElement | None) -> bool:
    if element is None or element.negated:
        return False
    return len(element.patterns) == 1 and element.patterns[0].text == "*"


def _illegal(code: str, element: str, type: PolicyType | None, instead: str) -> Defect:
    where = _NAMES[type] if type is not None else "this policy"
    return Defect(
        code, f"`{element}` may not stand in {where}", label="not in " + where, help=instead
    )


def _without_principal(type: PolicyType) -> Defect:
    return Defect(
        "PE0602",
        f"the statement has no `Principal`, which {_NAMES[type]} must have",
        label="`Principal` is missing",
        help='add `"Principal": {"AWS": "arn:aws:iam::ACCOUNT:root"}`, or `"*"` for everyone',
    )


_EVERYONE = (EVERYONE,)
_INSTEAD_OF_PRINCIPAL = "take it out: the policy speaks about whoever carries it"
_INSTEAD_OF_NOT_PRINCIPAL = "compare `aws:PrincipalArn` in a condition with ArnNotLike instead"
_ALLOW_WITH_NOT_PRINCIPAL = warning(
    "PE0410",
    "AWS does not support `NotPrincipal` with Allow: it would grant everyone who is not listed, "
    "anonymous callers too",
    label="everyone but those listed",
    help="list who may under `Principal`",
)
_OIDC_ELSEWHERE = warning(
    "PE0414",
    "OIDC providers are principals of role trust policies alone, so this names nobody",
    label="only in trust policies",
    help="name the role that the provider's identities assume",
)
_WITHOUT_RESOURCE = warning(
    "PE0609",
    "the statement has no `Resource`: it speaks about the resource that carries the policy",
    label="`Resource` is missing",
    help="ECR repositories take policies without it, most other services refuse them",
)
_RCP_WITH_ALLOW = Defect(
    "PE0606",
    "a resource control policy has Deny statements alone",
    label="expected `Deny`",
    help="RCPs only take away; RCPFullAWSAccess, attached everywhere, allows what is left",
)
_RCP_FOR_SOME = Defect(
    "PE0607",
    "the `Principal` of a resource control policy is always `*`",
    label="expected `*`",
    help='write `"Principal": "*"` and make exceptions in the condition, with `aws:PrincipalArn`',
)
