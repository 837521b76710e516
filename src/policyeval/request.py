"""What is asked: who wants to do what to which resource, and the facts around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.arn import is_account_id
from policyeval.context import (
    ABSENT,
    PRESENT,
    UNKNOWN,
    ContextValue,
    Facts,
    Presence,
    RequestContext,
)
from policyeval.errors import InvalidRequestError
from policyeval.facts import build_context
from policyeval.finding import Finding, Severity
from policyeval.parsing.arn import parse_arn
from policyeval.parsing.caller import parse_caller
from policyeval.parsing.defect import quote
from policyeval.principal import Principal
from policyeval.resource import Action, Resource
from policyeval.value import Value, replace

__all__ = ["ABSENT", "PRESENT", "UNKNOWN", "Facts", "Presence", "Request", "RequestContext"]

_WEB_IDENTITY = "sts:assumerolewithwebidentity"


class Request(Value):
    """Principal, action, resource and context of one call. Made by `Request.of`.

    `facts` says how a layer of which nothing was given is to be read (R-FLOW-20); for context keys
    it is already worked into `context`.
    """

    principal: Principal
    action: Action
    resource: Resource
    context: RequestContext
    facts: Facts = Facts.TYPED
    findings: tuple[Finding, ...] = ()

    @staticmethod
    def of(
        principal: str,
        action: str,
        resource: str,
        context: Mapping[str, Any] | None = None,
        *,
        resource_account: str | None = None,
        issuer: str = "",
        facts: Facts = Facts.TYPED,
    ) -> Request:
        """Build a request from texts.

        `principal` is an ARN, a service principal, a provider, or `*`. Context values are
        strings, booleans, numbers or lists of them; `None` or `ABSENT` means absent, `UNKNOWN`
        unknown. `issuer` is the user's ARN behind a GetFederationToken session. Raises
        InvalidRequestError, or InvalidArnError for a malformed ARN.

        >>> str(Request.of("arn:aws:iam::111122223333:user/ana", "s3:GetObject", "*").principal)
        'arn:aws:iam::111122223333:user/ana'
        """
        given: dict[str, ContextValue] = {
            key: (value,) if value.__class__ is str else _context_value(key, value)
            for key, value in (context or {}).items()
        }
        _refuse_twins(given)
        act = _read_action(action)
        caller = parse_caller(
            principal,
            web_identity=act.folded == _WEB_IDENTITY,
            role_arn=_given_role(given),
            issuer=issuer,
        )
        thing, findings = _read_resource(resource, resource_account, caller)
        return Request(
            caller, act, thing, build_context(caller, act, thing, given, facts), facts, findings
        )

    @property
    def same_account(self) -> bool:
        """True where principal and resource belong to one account, or nothing says otherwise."""
        return (
            not self.resource.account
            or not self.principal.account
            or self.principal.account == self.resource.account
        )


def _refuse_twins(given: Mapping[str, ContextValue]) -> None:
    """Context keys are case-insensitive: two spellings of one would leave the answer to chance."""
    if len({key.lower() for key in given}) == len(given):
        return
    spelled: dict[str, str] = {}
    for key in given:
        other = spelled.setdefault(key.lower(), key)
        if other != key:
            raise InvalidRequestError(f"`{other}` and `{key}` are the same context key")


def _given_role(given: Mapping[str, ContextValue]) -> str:
    """The given aws:PrincipalArn: it tells the path of a session's role."""
    for key, value in given.items():
        if key.lower() == "aws:principalarn" and isinstance(value, tuple) and len(value) == 1:
            return value[0]
    return ""


def _read_action(text: str) -> Action:
    service, colon, name = text.partition(":")
    plain = text.isascii() and all(char.isalnum() or char in "-:" for char in text)
    if not (colon and service and name and plain and ":" not in name):
        raise InvalidRequestError(
            f"{quote(text)} is no action: expected `service:Action`, such as `s3:GetObject`"
        )
    return Action(text, text.lower(), service.lower())


def _read_resource(
    text: str, account: str | None, caller: Principal
) -> tuple[Resource, tuple[Finding, ...]]:
    if account is not None and not is_account_id(account):
        raise InvalidRequestError(f"{quote(account)} is no account id: expected 12 digits")
    if text == "*":
        return Resource(text, account=account or caller.account), ()
    arn = parse_arn(text)
    owner = arn.account if is_account_id(arn.account) else ""
    if owner and account and owner != account:
        raise InvalidRequestError(
            f"the resource's account is given as `{account}`, but `{text}` belongs to `{owner}`"
        )
    findings: tuple[Finding, ...] = ()
    if not (owner or account) and caller.account:
        findings = (
            Finding(
                "PE1401",
                Severity.NOTE,
                f"`{text}` does not tell its account: taken to be the caller's, `{caller.account}`",
                help="give the resource's account if it is another one",
            ),
        )
    return (
        Resource(text, arn.partition, arn.service, arn.region, owner or account or caller.account),
        findings,
    )


def _context_value(key: str, value: Any) -> ContextValue:
    """Turn what callers give into what IAM compares: strings."""
    if isinstance(value, Presence):
        return value
    if value is None:
        return ABSENT
    if isinstance(value, (list, tuple)):
        return tuple(_scalar(key, item) for item in value)
    return (_scalar(key, value),)


def _scalar(key: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise InvalidRequestError(
        f"context key `{key}` has a value that is no string, number, boolean or list of them"
    )


def in_organization(request: Request, org_id: str, accounts: frozenset[str]) -> Request:
    """Give the request with the organization keys of a caller and a resource that belong to it."""
    changes: dict[str, ContextValue] = {}
    if request.principal.account in accounts:
        changes["aws:PrincipalOrgID"] = (org_id,)
    if (request.resource.account or request.principal.account) in accounts:
        changes["aws:ResourceOrgID"] = (org_id,)
    context = request.context.with_derived(changes)
    return replace(request, context=context) if changes else request


def with_context(request: Request, changes: Mapping[str, ContextValue]) -> Request:
    """Give the request with other values for some context keys."""
    return replace(request, context=request.context.with_values(changes))
