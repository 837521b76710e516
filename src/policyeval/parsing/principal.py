"""Principals of policies (R-MATCH-08); normative form: grammars/principal.lark.

    AWS           : "*" | account id | unique id | arn
    Service       : name "." … "." name
    Federated     : domain | arn of a SAML or OIDC provider
    CanonicalUser : 64 hexadecimal digits

What is none of these names nobody: a warning, since the document still means something.
"""

from __future__ import annotations

from policyeval.arn import Arn, is_account_id
from policyeval.finding import Severity
from policyeval.parsing.arn import as_warning, has_wildcard, read_arn
from policyeval.parsing.defect import Defect, quote, warning
from policyeval.policy import PrincipalPattern
from policyeval.source import Span

KINDS = ("AWS", "Service", "Federated", "CanonicalUser")
EVERYONE = PrincipalPattern("*", "*")
_UNIQUE_IDS = ("AIDA", "AROA")  # users and roles; others are never principals
_CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_HEXADECIMAL = frozenset("0123456789abcdef")
_LABEL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def read_principal(kind: str, text: str) -> tuple[PrincipalPattern, Defect | None]:
    """Give the principal of a kind, and why it names nobody if it does not."""
    return PrincipalPattern(kind, text), _READERS[kind](text)


# ---- AWS ----------------------------------------------------------------------------------


def _read_aws(text: str) -> Defect | None:
    if text == "*" or is_account_id(text):
        return None
    if has_wildcard(text):
        return _wildcard(text)
    if text.startswith("arn:"):
        arn, defect = read_arn(text)
        if arn is None:
            assert defect is not None
            return as_warning(defect)
        return _arn_defect(arn)
    if is_unique_id(text):
        return _deleted(text)
    return _no_principal(text)


def is_unique_id(text: str) -> bool:
    """Tell whether the text is the id of a user or role: `AIDA…`, `AROA…`."""
    return len(text) > 15 and text[:4] in _UNIQUE_IDS and _CAPITALS.issuperset(text)


def _arn_defect(arn: Arn) -> Defect | None:
    kind, slash, name = arn.resource.partition("/")
    if arn.service == "iam":
        return _iam_defect(arn, kind, name)
    if arn.service == "sts" and is_account_id(arn.account):
        if arn.resource == "self" or (kind == "federated-user" and _is_name(name)):
            return None
        if kind == "assumed-role":
            names = name.split("/")
            right = len(names) == 2 and all(names) and not any(map(str.isspace, name))
            return None if right else _no_session(arn)
    return _unlike(arn, f"`{arn.service}:{kind}{slash}` is no kind of principal")


def _iam_defect(arn: Arn, kind: str, name: str) -> Defect | None:
    if arn.account == "cloudfront":  # an origin access identity
        right = kind == "user" and _is_name(name)
        return None if right else _unlike(arn, "expected `user/…`")
    if not is_account_id(arn.account):
        return _unlike(arn, "expected an account id of 12 digits")
    if arn.resource == "root" or (kind in ("user", "role") and _is_name(name)):
        return None
    if kind == "group":
        return warning(
            "PE0406",
            f"the group {quote(str(arn))} is no principal, so it names nobody",
            _resource_span(arn),
            label="groups cannot call",
            help="name the roles or users, or attach the permission to the group",
        )
    if kind in ("saml-provider", "oidc-provider"):
        return _other_kind(str(arn), "Federated")
    return _unlike(arn, "expected `root`, `user/…` or `role/…`")


def _unlike(arn: Arn, label: str) -> Defect:
    return warning(
        "PE0404",
        f"the ARN {quote(str(arn))} names nobody who could call",
        _resource_span(arn),
        label=label,
        help="principals are `arn:aws:iam::ACCOUNT:root`, `…:user/NAME`, `…:role/NAME` and "
        "`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`",
    )


def _no_session(arn: Arn) -> Defect:
    return warning(
        "PE0408",
        f"the session {quote(str(arn))} is not of the form ROLE/SESSION, so it names nobody",
        _resource_span(arn),
        label="expected `assumed-role/ROLE/SESSION`",
        help="the path of the role is left out; to name every session, write the ARN of the role: "
        f"`arn:{arn.partition}:iam::{arn.account}:role/…`",
    )


def _resource_span(arn: Arn) -> Span:
    size = len(str(arn))
    return Span(size - len(arn.resource), size)


def _wildcard(text: str) -> Defect:
    place = min(i for i in (text.find("*"), text.find("?")) if i >= 0)
    return warning(
        "PE0402",
        f"the principal {quote(text)} has a wildcard, so it names nobody",
        Span(place, place + 1),
        label="no wildcards here",
        help='write `"*"` and compare `aws:PrincipalArn` in a condition with ArnLike',
    )


def _deleted(text: str) -> Defect:
    return Defect(
        "PE0413",
        f"the principal {quote(text)} is the id of a user or role that was deleted",
        Span(0, len(text)),
        "names nobody who exists",
        "AWS puts the id in place of the ARN when the user or role is deleted; remove it",
        Severity.NOTE,
    )


def _no_principal(text: str) -> Defect:
    if _is_domain(text) and ".amazonaws.com" in text:
        return _other_kind(text, "Service")
    span = Span(0, len(text))
    if text.isascii() and text.isdigit():
        lost = f"a leading zero may be lost: `{text.zfill(12)}`" if len(text) == 11 else ""
        return warning(
            "PE0405",
            f"account id {quote(text)} has {len(text)} digits, 12 expected",
            span,
            label=f"{len(text)} digits",
            help=lost or "an account id has 12 digits",
        )
    arn_defect = read_arn(text)[1]
    if arn_defect is not None and arn_defect.code in ("PE0204", "PE0205", "PE0210"):
        return as_warning(arn_defect)
    return warning(
        "PE0404",
        f"{quote(text)} is no principal, so it names nobody",
        span,
        label="expected `*`, an account id or an ARN",
        help="principals are account ids, `arn:aws:iam::ACCOUNT:role/NAME` and the like",
    )


def _other_kind(text: str, kind: str) -> Defect:
    return warning(
        "PE0407",
        f"{quote(text)} is a principal of another kind, so it names nobody here",
        Span(0, len(text)),
        label=f"belongs under `{kind}`",
        help=f'write `{{"{kind}": "{text}"}}`',
    )


# ---- Service, Federated, CanonicalUser -----------------------------------------------------


def _read_service(text: str) -> Defect | None:
    if _is_domain(text):
        return None
    if has_wildcard(text):
        return warning(
            "PE0403",
            f"the service principal {quote(text)} has a wildcard, so it names no service",
            Span(0, len(text)),
            label="no wildcards here",
            help="list the services, as in `lambda.amazonaws.com`",
        )
    if text.startswith("arn:") or is_account_id(text):
        return _other_kind(text, "AWS")
    return warning(
        "PE0411",
        f"{quote(text)} is no service principal, so it names no service",
        Span(0, len(text)),
        label="expected `service.amazonaws.com`",
        help="a service principal is written as in `lambda.amazonaws.com`",
    )


def _read_federated(text: str) -> Defect | None:
    if has_wildcard(text):
        return _wildcard(text)
    if text.startswith("arn:"):
        arn, defect = read_arn(text)
        if arn is None:
            assert defect is not None
            return as_warning(defect)
        kind, _, name = arn.resource.partition("/")
        if kind in ("saml-provider", "oidc-provider") and _is_provider(arn, name):
            return None
        return _unlike(arn, "expected `saml-provider/…` or `oidc-provider/…`")
    if _is_domain(text.partition("/")[0]):
        return None
    return warning(
        "PE0404",
        f"{quote(text)} is no identity provider, so it names nobody",
        Span(0, len(text)),
        label="expected a domain or the ARN of a provider",
        help="as in `accounts.google.com` or `arn:aws:iam::ACCOUNT:saml-provider/NAME`",
    )


def _read_canonical_user(text: str) -> Defect | None:
    if len(text) == 64 and _HEXADECIMAL.issuperset(text):
        return None
    return warning(
        "PE0412",
        f"{quote(text)} is no canonical user id, so it names nobody",
        Span(0, len(text)),
        label="expected 64 hexadecimal digits",
        help="S3 shows the id of an account with `aws s3api list-buckets --query Owner.ID`",
    )


def _is_name(text: str) -> bool:
    """Tell whether the text is a name, perhaps with a path before it."""
    return text != "" and text[-1] != "/"


def _is_provider(arn: Arn, name: str) -> bool:
    return arn.service == "iam" and is_account_id(arn.account) and _is_name(name)


def _is_domain(text: str) -> bool:
    labels = text.split(".")
    return len(labels) > 1 and all(label and _LABEL.issuperset(label) for label in labels)


_READERS = {
    "AWS": _read_aws,
    "Service": _read_service,
    "Federated": _read_federated,
    "CanonicalUser": _read_canonical_user,
}
