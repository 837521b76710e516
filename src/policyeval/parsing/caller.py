"""Callers: what kind of principal a text names (R-ARN-04)."""

from __future__ import annotations

from functools import lru_cache

from policyeval.arn import Arn, is_account_id
from policyeval.errors import InvalidRequestError
from policyeval.parsing.arn import parse_arn
from policyeval.parsing.defect import quote
from policyeval.principal import Principal, PrincipalKind

SERVICE_ENDINGS = (".amazonaws.com", ".amazonaws.com.cn", ".aws.internal")

LONGEST_REMEMBERED = 512
_NAMED = ("user", "role", "assumed-role", "federated-user")
EXPECTED = (
    "expected a user, role, root, assumed-role, federated-user, saml-provider or oidc-provider ARN"
)


def parse_caller(
    text: str, *, web_identity: bool = False, role_arn: str = "", issuer: str = ""
) -> Principal:
    """Give the principal that a text names.

    `web_identity`: the call is AssumeRoleWithWebIdentity, where a plain name is a provider.
    `role_arn` tells the path of a session's role; `issuer` is the user's ARN behind a
    GetFederationToken session. Raises InvalidRequestError, or InvalidArnError for a malformed ARN.
    """
    read = _remembered if len(text) <= LONGEST_REMEMBERED else _read
    return read(text, web_identity, role_arn, issuer)


def _read(text: str, web_identity: bool, role_arn: str, issuer: str) -> Principal:
    if text == "*":
        return Principal(PrincipalKind.ANONYMOUS, text, partition="")
    if text.startswith("arn:"):
        return _of_arn(text, parse_arn(text), role_arn, issuer)
    if _is_service(text) and not web_identity:
        return Principal(PrincipalKind.AWS_SERVICE, text, partition="")
    if is_account_id(text):
        return Principal(PrincipalKind.ROOT_USER, f"arn:aws:iam::{text}:root", account=text)
    if web_identity and text and ":" not in text:
        return Principal(PrincipalKind.FEDERATED, text, partition="")
    parse_arn(text)  # tells what is wrong, and how to mend it
    raise InvalidRequestError(f"{quote(text)} is no principal: {EXPECTED}")


# The same callers ask again and again; a hostile text shall not stay in memory.
_remembered = lru_cache(maxsize=1024)(_read)


def _is_service(text: str) -> bool:
    """Tell whether the text is a service principal: a name, and one of AWS's endings."""
    name = next((text.removesuffix(e) for e in SERVICE_ENDINGS if text.endswith(e)), "")
    return bool(name) and all(char.isalnum() or char in "-._" for char in name)


def _of_arn(text: str, arn: Arn, role_arn: str, issuer: str) -> Principal:
    if not is_account_id(arn.account):
        raise InvalidRequestError(f"{quote(text)} is no principal: it has no account")
    where = (arn.partition, arn.account)
    if (arn.service, arn.resource) == ("iam", "root"):
        return Principal(PrincipalKind.ROOT_USER, text, *where)
    kind, _, name = arn.resource.partition("/")
    _check_name(text, kind, name)
    match arn.service, kind:
        case "iam", "user":
            return Principal(PrincipalKind.IAM_USER, text, *where, name)
        case "iam", "role":
            return Principal(PrincipalKind.ROLE_SESSION, text, *where, name)
        case "iam", ("saml-provider" | "oidc-provider"):
            return Principal(PrincipalKind.FEDERATED, text, *where)
        case "sts", "federated-user":
            return Principal(PrincipalKind.FEDERATED_USER, text, *where, name, issuer=issuer)
        case "sts", "assumed-role":
            return _session(text, arn, name, role_arn)
        case _:
            raise InvalidRequestError(f"{quote(text)} is no principal: {EXPECTED}")


def _check_name(text: str, kind: str, name: str) -> None:
    if not name or name.startswith("/") or name.endswith("/"):
        raise InvalidRequestError(f"{quote(text)} is no principal: {EXPECTED}")
    path, _, last = name.rpartition("/")
    well_named = last.isprintable() and all(c.isalnum() or c in "_+=,.@-" for c in last)
    if kind in _NAMED and not (well_named and all("!" <= char <= "~" for char in path)):
        raise InvalidRequestError(
            f"{quote(text)} is no principal: names have letters, digits and `_+=,.@-` only"
        )


def _session(text: str, arn: Arn, name: str, role_arn: str) -> Principal:
    role, _, session = name.partition("/")
    if not session or "/" in session:
        raise InvalidRequestError(
            f"{quote(text)} is no session: after `assumed-role/` come the role's name without its "
            "path and the name of the session"
        )
    path = _path_of(role_arn, arn.account, role)
    return Principal(
        PrincipalKind.ROLE_SESSION,
        text,
        arn.partition,
        arn.account,
        (path or "") + role,
        session,
        path_known=path is not None,
    )


def _path_of(role_arn: str, account: str, role: str) -> str | None:
    """The path of a role as its ARN tells it; None where the ARN is another role's or none."""
    head, _, path_and_name = role_arn.partition(":role/")
    path, slash, name = path_and_name.rpartition("/")
    return path + slash if name == role and head.endswith(f":{account}") else None
