"""Callers: what kind of principal a text names (R-ARN-04)."""

from __future__ import annotations

from policyeval.arn import Arn, is_account_id
from policyeval.errors import InvalidRequestError
from policyeval.parsing.arn import parse_arn
from policyeval.principal import Principal, PrincipalKind

SERVICE_ENDINGS = (".amazonaws.com", ".amazonaws.com.cn", ".aws.internal")

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
    if text == "*":
        return Principal(PrincipalKind.ANONYMOUS, text, partition="")
    if text.startswith("arn:"):
        return _of_arn(text, parse_arn(text), role_arn, issuer)
    if ":" not in text and text.endswith(SERVICE_ENDINGS) and not web_identity:
        return Principal(PrincipalKind.AWS_SERVICE, text, partition="")
    if is_account_id(text):
        return Principal(PrincipalKind.ROOT_USER, f"arn:aws:iam::{text}:root", account=text)
    if web_identity and text and ":" not in text:
        return Principal(PrincipalKind.FEDERATED, text, partition="")
    parse_arn(text)  # tells what is wrong, and how to mend it
    raise InvalidRequestError(f"`{text}` is no principal: {EXPECTED}")


def _of_arn(text: str, arn: Arn, role_arn: str, issuer: str) -> Principal:
    if not is_account_id(arn.account):
        raise InvalidRequestError(f"`{text}` is no principal: it has no account")
    kind, _, name = arn.resource.partition("/")
    where = (arn.partition, arn.account)
    if (arn.service, arn.resource) == ("iam", "root"):
        return Principal(PrincipalKind.ROOT_USER, text, *where)
    if not name:
        raise InvalidRequestError(f"`{text}` is no principal: {EXPECTED}")
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
            role, _, session = name.partition("/")
            if session:
                path = _path_of(role_arn, arn.account, role)
                return Principal(
                    PrincipalKind.ROLE_SESSION,
                    text,
                    *where,
                    (path or "") + role,
                    session,
                    path_known=path is not None,
                )
        case _:
            pass
    raise InvalidRequestError(f"`{text}` is no principal: {EXPECTED}")


def _path_of(role_arn: str, account: str, role: str) -> str | None:
    """The path of a role as its ARN tells it; None where the ARN is another role's or none."""
    head, _, path_and_name = role_arn.partition(":role/")
    path, slash, name = path_and_name.rpartition("/")
    return path + slash if name == role and head.endswith(f":{account}") else None
