"""Who made the call: `userIdentity` to a principal (R-CTX-01).

Source: CloudTrail User Guide, "CloudTrail userIdentity element".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from policyeval.arn import is_account_id
from policyeval.errors import PolicyEvalError
from policyeval.parsing.caller import SERVICE_ENDINGS, parse_caller
from policyeval.paste.fields import Fields, shown
from policyeval.principal import Principal, PrincipalKind
from policyeval.value import Value, replace

ANONYMOUS = "ANONYMOUS_PRINCIPAL"
INTERNAL = "AWS Internal"


class Caller(Value):
    """The principal of an event, as far as it tells.

    `text` is what `Request.of` takes, empty where the event does not tell: then `reason` says why.
    `principal` is that text read. `no_request` is set, in words, where such a caller makes no
    request that policies decide. `rebuilt`: put together from parts.
    """

    text: str = ""
    principal: Principal | None = None
    origin: str = ""
    rebuilt: bool = False
    issuer: str = ""
    role_arn: str = ""
    reason: str = ""
    no_request: str = ""
    context: Mapping[str, Any] = {}
    origins: Mapping[str, str] = {}

    @property
    def kind(self) -> PrincipalKind | None:
        """The kind of caller, None where it is not known."""
        return self.principal.kind if self.principal else None


def read_caller(fields: Fields, partition: str) -> Caller:
    """Give the caller of an event."""
    if not fields.mapping("userIdentity"):
        return Caller(reason="the event has no userIdentity")
    kind = fields.text("userIdentity.type")
    read = _READERS.get(kind)
    if read is None:
        return _other(fields, kind)
    return read(fields, partition)


def is_service(text: str) -> bool:
    """Tell whether the text names an AWS service, as `invokedBy` and others do."""
    return text.endswith(SERVICE_ENDINGS) and text.isascii() and "/" not in text


# ---- by type ----------------------------------------------------------------------------------


def _named(fields: Fields, text: str, origin: str, *, rebuilt: bool = False, **more: Any) -> Caller:
    """Give the caller that a text names, if it is one."""
    try:
        web_identity = fields.text("eventName") == "AssumeRoleWithWebIdentity"
        role_arn, issuer = more.get("role_arn", ""), more.get("issuer", "")
        principal = parse_caller(text, web_identity=web_identity, role_arn=role_arn, issuer=issuer)
    except PolicyEvalError as error:
        fields.odd(origin, f"no principal ({error.message})")
        return Caller(reason=f"{origin} is {shown(text)}, which is no principal")
    account = fields.text("userIdentity.accountId")
    if is_account_id(account) and principal.account and account != principal.account:
        fields.contradiction(
            f"userIdentity.accountId is {shown(account)}",
            f"{origin} belongs to {shown(principal.account)}",
            "userIdentity.accountId",
            "the ARN is used",
        )
    return Caller(text, principal, origin, rebuilt, **more)


def _user(fields: Fields, partition: str) -> Caller:
    arn = fields.text("userIdentity.arn")
    if arn:
        return _named(fields, arn, "userIdentity.arn")
    name, account = fields.text("userIdentity.userName"), fields.text("userIdentity.accountId")
    if not (name and is_account_id(account)):
        return Caller(reason="the event tells neither the user's ARN nor its name and account")
    # The path of the user is in its ARN alone.
    text = f"arn:{partition}:iam::{account}:user/{name}"
    return _named(fields, text, "userIdentity.userName", rebuilt=True)


def _session(fields: Fields, _partition: str) -> Caller:
    arn = fields.text("userIdentity.arn")
    issuer = "userIdentity.sessionContext.sessionIssuer"
    role = fields.text(f"{issuer}.arn") if fields.text(f"{issuer}.type") != "Root" else ""
    if not arn and role:
        name = fields.text("userIdentity.principalId").partition(":")[2]
        parts = role.split(":", 5)
        if name and len(parts) == 6 and parts[5].startswith("role/"):
            arn = f"arn:{parts[1]}:sts::{parts[4]}:assumed-role/{role.rpartition('/')[2]}/{name}"
            return _with_role(fields, _named(fields, arn, f"{issuer}.arn", rebuilt=True), role)
        return _named(fields, role, f"{issuer}.arn", rebuilt=True)
    if not arn:
        return Caller(reason="the event tells neither the session's ARN nor its role's")
    caller = _named(fields, arn, "userIdentity.arn")
    if not caller.text and role:
        return _named(fields, role, f"{issuer}.arn", rebuilt=True)
    return _with_role(fields, caller, role)


def _with_role(fields: Fields, caller: Caller, role: str) -> Caller:
    """Give the caller with its role's ARN, which tells the path (R-CTX-01)."""
    origin = "userIdentity.sessionContext.sessionIssuer.arn"
    if not role or caller.kind is not PrincipalKind.ROLE_SESSION:
        return caller
    known = _named(fields, caller.text, caller.origin, rebuilt=caller.rebuilt, role_arn=role)
    assert known.principal is not None
    if not known.principal.path_known:
        fields.contradiction(
            f"the session's role is {shown(role)}",
            f"the caller is {shown(caller.text)}",
            origin,
            "the role's path is taken to be unknown",
        )
        return caller
    return Caller(
        caller.text,
        known.principal,
        caller.origin,
        caller.rebuilt,
        role_arn=role,
        context={"aws:PrincipalArn": role},
        origins={"aws:PrincipalArn": origin},
    )


def _root(fields: Fields, partition: str) -> Caller:
    arn = fields.text("userIdentity.arn")
    if arn:
        return _named(fields, arn, "userIdentity.arn")
    account = fields.text("userIdentity.accountId")
    if not is_account_id(account):
        return Caller(reason="the event does not tell whose root user it is")
    return _named(fields, f"arn:{partition}:iam::{account}:root", "userIdentity.accountId")


def _federated(fields: Fields, _partition: str) -> Caller:
    arn = fields.text("userIdentity.arn")
    if not arn:
        return Caller(reason="the event does not tell the federated user's ARN")
    issuer = "userIdentity.sessionContext.sessionIssuer"
    user = fields.text(f"{issuer}.arn") if fields.text(f"{issuer}.type") == "IAMUser" else ""
    return _named(fields, arn, "userIdentity.arn", issuer=user)


def _account(fields: Fields, _partition: str) -> Caller:
    account = fields.text("userIdentity.accountId")
    if account == ANONYMOUS or fields.text("userIdentity.principalId") == ANONYMOUS:
        return _named(fields, "*", "userIdentity.accountId")
    arn = fields.text("userIdentity.arn")
    if arn:
        return _named(fields, arn, "userIdentity.arn")
    who = fields.text("userIdentity.principalId")
    words = f"the caller is of another account, {shown(account)}" if account else "the caller is"
    shared = fields.text("sharedEventID")
    return Caller(
        reason=f"{words} known by its id {shown(who)} alone, not by its ARN"
        + (
            f": the event of that account with sharedEventID {shown(shared)} tells"
            if shared
            else ""
        )
    )


def _service(fields: Fields, _partition: str) -> Caller:
    name = fields.text("userIdentity.invokedBy")
    if is_service(name):
        return _named(fields, name, "userIdentity.invokedBy")
    return Caller(reason="the event does not tell which AWS service called")


def _web_identity(fields: Fields, _partition: str) -> Caller:
    provider = fields.text("userIdentity.identityProvider")
    who = fields.text("userIdentity.principalId")
    user = fields.text("userIdentity.userName")
    if not provider:
        return Caller(reason="the event does not tell the identity provider")
    caller = _named(fields, provider, "userIdentity.identityProvider")
    # principalId is PROVIDER:AUDIENCE:SUBJECT, and userName the subject alone.
    prefix = provider.rpartition("oidc-provider/")[2]
    keys, origins = {}, {}
    if user and not prefix.startswith("arn:"):
        keys[f"{prefix}:sub"], origins[f"{prefix}:sub"] = user, "userIdentity.userName"
        audience = who.removeprefix(f"{provider}:").removesuffix(f":{user}")
        whole = who == f"{provider}:{audience}:{user}"
        # AWS: for Google and others of its kind, `aud` is the `azp` claim where there is one.
        if whole and provider.startswith("arn:"):
            keys[f"{prefix}:aud"] = audience
            origins[f"{prefix}:aud"] = "userIdentity.principalId"
    return replace(caller, context=keys, origins=origins)


def _saml(fields: Fields, _partition: str) -> Caller:
    provider = fields.text("requestParameters.principalArn")
    if not provider:
        return Caller(reason="the event does not tell the SAML provider's ARN")
    caller = _named(fields, provider, "requestParameters.principalArn")
    keys, origins = {}, {}
    for key, path in _SAML_KEYS.items():
        value = fields.text(path)
        if value:
            keys[key], origins[key] = value, path
    return replace(caller, context=keys, origins=origins)


def _identity_center(_fields: Fields, _partition: str) -> Caller:
    return Caller(
        no_request="a user of IAM Identity Center called with a token: the service decides"
    )


def _other(fields: Fields, kind: str) -> Caller:
    arn = fields.text("userIdentity.arn")
    if arn:
        return _named(fields, arn, "userIdentity.arn")
    invoked_by = fields.text("userIdentity.invokedBy")
    if not kind and is_service(invoked_by):
        return _named(fields, invoked_by, "userIdentity.invokedBy")
    if fields.text("userIdentity.accountId") == ANONYMOUS:
        return _named(fields, "*", "userIdentity.accountId")
    if not kind:
        return Caller(reason="userIdentity has no type and no ARN")
    return Caller(reason=f"the caller is of the type {shown(kind)}, and has no ARN")


_READERS: dict[str, Callable[[Fields, str], Caller]] = {
    "IAMUser": _user,
    "AssumedRole": _session,
    "Role": _session,
    "Root": _root,
    "FederatedUser": _federated,
    "AWSAccount": _account,
    "AWSService": _service,
    "WebIdentityUser": _web_identity,
    "SAMLUser": _saml,
    "IdentityCenterUser": _identity_center,
}

_SAML_KEYS = {
    "saml:namequalifier": "userIdentity.identityProvider",
    "saml:sub": "userIdentity.userName",
    "saml:iss": "responseElements.issuer",
    "saml:aud": "responseElements.audience",
    "saml:sub_type": "responseElements.subjectType",
}
"""Condition keys of a SAML login by field: "Values for AWS STS APIs with SAML"."""
