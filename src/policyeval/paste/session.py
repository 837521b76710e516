"""What an event tells of the caller's credentials, and of the rest of the simple fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from policyeval.paste.caller import Caller
from policyeval.paste.cloudtrail_fields import FIELD_ROWS, SCOPE_KEYS, Reading
from policyeval.paste.fields import Fields, shown
from policyeval.principal import PrincipalKind

Keys = dict[str, Any]
_SESSION = "userIdentity.sessionContext"
_TOLD_BY_ARNS = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:resourceaccount",
    "s3:resourceaccount",
)
"""Keys that follow from principal and resource: another value would contradict these (R-CTX-05)."""


def read_facts(fields: Fields, caller: Caller) -> tuple[Keys, dict[str, str]]:
    """Give the condition keys of the plain fields, and where each was read."""
    keys: Keys = {}
    origins: dict[str, str] = {}
    kind = fields.text("userIdentity.type")
    for row in FIELD_ROWS:
        if row.types and kind not in row.types:
            continue
        text = fields.text(row.field)
        if not text:
            continue
        value = _READINGS[row.reading](fields, row.field, text)
        if value is not None:
            keys[row.key], origins[row.key] = value, row.field
    _scope(fields, keys, origins)
    _credentials(fields, caller, keys, origins)
    _enriched(fields, keys, origins)
    return keys, origins


# ---- one field --------------------------------------------------------------------------------


def _text(_fields: Fields, _path: str, text: str) -> str:
    return text


def _true(_fields: Fields, _path: str, text: str) -> bool | None:
    return True if text.lower() == "true" else None


def _instant(fields: Fields, path: str, text: str) -> str | None:
    moment = _moment(fields, path, text)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _epoch(fields: Fields, path: str, text: str) -> int | None:
    moment = _moment(fields, path, text)
    return int(moment.timestamp()) if moment else None


def _moment(fields: Fields, path: str, text: str) -> datetime | None:
    """Read a time; CloudTrail writes UTC, with or without saying so."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        fields.odd(path, f"{shown(text)}, which is no time")
        return None
    return moment


def _user_id(fields: Fields, path: str, text: str) -> str | None:
    """A user's id has no colon, a session's is ID:SESSION-NAME (R-CTX-01)."""
    session = fields.text("userIdentity.type") != "IAMUser"
    if (":" in text) != session:
        fields.odd(path, f"{shown(text)}, which is no id of such a caller")
        return None
    return text


_READINGS: dict[Reading, Callable[[Fields, str, str], Any]] = {
    Reading.TEXT: _text,
    Reading.TRUE: _true,
    Reading.INSTANT: _instant,
    Reading.EPOCH: _epoch,
    Reading.USER_ID: _user_id,
}


# ---- several fields ---------------------------------------------------------------------------


def _scope(fields: Fields, keys: Keys, origins: dict[str, str]) -> None:
    key = SCOPE_KEYS.get(fields.text("userIdentity.inScopeOf.issuerType"))
    path = "userIdentity.inScopeOf.credentialsIssuedTo"
    text = fields.text(path) if key else ""
    if key and text:
        keys[key], origins[key] = text, path


def _credentials(fields: Fields, caller: Caller, keys: Keys, origins: dict[str, str]) -> None:
    """Tell MFA and age of the credentials, present or certainly absent (R-CTX-01)."""
    kind = fields.text("userIdentity.type")
    mfa = fields.text(f"{_SESSION}.attributes.mfaAuthenticated").lower()
    name, origin = "aws:MultiFactorAuthPresent", f"{_SESSION}.attributes.mfaAuthenticated"
    federated = caller.kind is PrincipalKind.FEDERATED_USER or fields.mapping(
        f"{_SESSION}.webIdFederationData"
    )
    if mfa == "true" or (mfa == "false" and not federated):
        keys[name], origins[name] = mfa, origin
    if fields.mapping(_SESSION) or kind not in ("IAMUser", "Root"):
        return
    # Long-term keys carry neither; their ids begin with AKIA. [reference_identifiers]
    if fields.text("userIdentity.accessKeyId").startswith("AKIA"):
        for key in (name, "aws:TokenIssueTime"):
            keys[key], origins[key] = None, "userIdentity.accessKeyId"


def _enriched(fields: Fields, keys: Keys, origins: dict[str, str]) -> None:
    """Take over the keys that an enriched event lists itself: they are what IAM compared."""
    for path, prefix in (
        ("eventContext.requestContext", ""),
        ("eventContext.tagContext.principalTags", "aws:PrincipalTag/"),
    ):
        for name, value in fields.mapping(path).items():
            given = value if isinstance(value, list) else [value]
            if not given or not all(isinstance(item, (str, bool, int, float)) for item in given):
                fields.odd(path, "no map of condition keys")
                continue
            if prefix or (":" in name and name.lower() not in _TOLD_BY_ARNS):
                keys[prefix + name], origins[prefix + name] = value, path
