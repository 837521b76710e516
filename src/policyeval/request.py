"""What is asked: who wants to do what to which resource, and the facts around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.arn import Arn, is_account_id
from policyeval.context import ABSENT, PRESENT, UNKNOWN, ContextValue, Facts, Presence, RequestContext
from policyeval.errors import InvalidRequestError
from policyeval.facts import build_context
from policyeval.finding import Finding, Severity
from policyeval.parsing.arn import parse_arn
from policyeval.principal import Principal, PrincipalKind
from policyeval.resource import Action, Resource
from policyeval.value import Value

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
        given = {key: _context_value(key, value) for key, value in (context or {}).items()}
        act = _read_action(action)
        caller = read_principal(principal, given, act, issuer)
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


def read_principal(
    text: str, given: Mapping[str, ContextValue], action: Action, issuer: str = ""
) -> Principal:
    """Read a caller: what kind it is follows from the text (R-ARN-04)."""
    if text == "*":
        return Principal(PrincipalKind.ANONYMOUS, text, partition="")
    if text.startswith("arn:"):
        return _of_arn(text, parse_arn(text), given, issuer)
    if action.folded == _WEB_IDENTITY and text and not text.isdigit() and ":" not in text:
        return Principal(PrincipalKind.FEDERATED, text, partition="")
    if text.endswith((".amazonaws.com", ".amazonaws.com.cn", ".aws.internal")) and ":" not in text:
        return Principal(PrincipalKind.AWS_SERVICE, text, partition="")
    if is_account_id(text):
        return Principal(PrincipalKind.ROOT_USER, f"arn:aws:iam::{text}:root", account=text)
    parse_arn(text)  # tells what is wrong, and how to mend it
    raise InvalidRequestError(f"`{text}` is no principal")


def _of_arn(
    text: str, arn: Arn, given: Mapping[str, ContextValue], issuer: str
) -> Principal:
    kind, _, name = arn.resource.partition("/")
    where = {"partition": arn.partition, "account": arn.account}
    if not is_account_id(arn.account):
        raise InvalidRequestError(f"`{text}` is no principal: it has no account")
    if arn.service == "iam":
        if arn.resource == "root":
            return Principal(PrincipalKind.ROOT_USER, text, **where)
        if kind == "user" and name:
            return Principal(PrincipalKind.IAM_USER, text, name=name, **where)
        if kind == "role" and name:
            return Principal(PrincipalKind.ROLE_SESSION, text, name=name, **where)
        if kind in ("saml-provider", "oidc-provider") and name:
            return Principal(PrincipalKind.FEDERATED, text, **where)
    elif arn.service == "sts":
        if kind == "assumed-role":
            role, _, session = name.partition("/")
            if role and session:
                path = _path_of(given, arn.account, role)
                return Principal(
                    PrincipalKind.ROLE_SESSION,
                    text,
                    name=path + role,
                    session_name=session,
                    **where,
                )
        if kind == "federated-user" and name:
            return Principal(
                PrincipalKind.FEDERATED_USER, text, name=name, issuer=issuer, **where
            )
    raise InvalidRequestError(
        f"`{text}` is no principal: expected a user, role, root, assumed-role, federated-user, "
        "saml-provider or oidc-provider ARN"
    )


def _path_of(given: Mapping[str, ContextValue], account: str, role: str) -> str:
    """The path of a session's role, told by a given aws:PrincipalArn; `/` otherwise."""
    for key, value in given.items():
        if key.lower() == "aws:principalarn" and isinstance(value, tuple) and len(value) == 1:
            head, _, path_and_name = value[0].partition(":role/")
            path, slash, name = path_and_name.rpartition("/")
            if name == role and head.endswith(f":{account}"):
                return path + slash
    return ""


def _read_action(text: str) -> Action:
    service, colon, name = text.partition(":")
    plain = text.isascii() and all(char.isalnum() or char in "-:" for char in text)
    if not (colon and service and name and plain and ":" not in name):
        raise InvalidRequestError(
            f"`{text}` is no action: expected `service:Action`, such as `s3:GetObject`"
        )
    return Action(text, text.lower())


def _read_resource(
    text: str, account: str | None, caller: Principal
) -> tuple[Resource, tuple[Finding, ...]]:
    if account is not None and not is_account_id(account):
        raise InvalidRequestError(f"`{account}` is no account id: expected 12 digits")
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
                f"`{text}` does not tell its account: taken to be the caller's, "
                f"`{caller.account}`",
                help="give the resource's account if it is another one",
            ),
        )
    return (
        Resource(
            text, arn.partition, arn.service, arn.region, owner or account or caller.account
        ),
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


def with_context(request: Request, changes: Mapping[str, ContextValue]) -> Request:
    """Give the request with other values for some context keys."""
    return Request(
        request.principal,
        request.action,
        request.resource,
        request.context.with_values(changes),
        request.facts,
        request.findings,
    )

