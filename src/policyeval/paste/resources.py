"""Which resource a call was about: `resources` of the event, and ARNs in its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.arn import is_account_id
from policyeval.catalogue.lookup import resources_of
from policyeval.parsing.arn import read_arn
from policyeval.paste.fields import Fields, shown
from policyeval.value import Value

_MOST_PARAMETERS = 2000  # texts looked at in one event's parameters


class Listed(Value):
    """An entry of `resources`. `account` is empty where it is not told; `path` is its place."""

    arn: str
    account: str
    path: str


def listed_resources(fields: Fields) -> tuple[Listed, ...]:
    """Give the resources that the event lists with an ARN.

    Some services write the field `ARN`, some `arn` (both are seen in real events).
    """
    found = []
    for index, entry in enumerate(fields.items("resources")):
        path = f"resources.{index}"
        if not isinstance(entry, Mapping):
            fields.odd(path, "no object")
            continue
        arn = entry.get("ARN") or entry.get("arn") or ""
        account = entry.get("accountId") or ""
        if not isinstance(arn, str) or not isinstance(account, str):
            fields.odd(path, "no resource with a text as ARN")
            continue
        if not arn:
            continue
        parsed, defect = read_arn(arn)
        if parsed is None:
            assert defect is not None
            fields.odd(path, f"no ARN ({defect.message})")
            continue
        if is_account_id(account) and is_account_id(parsed.account) and account != parsed.account:
            fields.contradiction(
                f"the accountId of this resource is {shown(account)}",
                f"its ARN belongs to {shown(parsed.account)}",
                path,
                "the ARN is used",
            )
        found.append(Listed(arn, account if is_account_id(account) else "", path))
    return tuple(found)


def fits(action: str, arn: str) -> bool:
    """Tell whether an ARN can be a resource of an action, by the catalogue's patterns."""
    return any(
        _fits_pattern(arn, pattern) for kind in resources_of(action) for pattern in kind.arns
    )


def arns_in(parameters: Any, path: str) -> Iterator[tuple[str, str]]:
    """Give the ARNs among the values of a call's parameters, with the path of each."""
    waiting: list[tuple[Any, str]] = [(parameters, path)]
    seen = 0
    while waiting and seen < _MOST_PARAMETERS:
        value, place = waiting.pop()
        seen += 1
        if isinstance(value, str):
            if value.startswith("arn:") and read_arn(value)[0] is not None:
                yield value, place
        elif isinstance(value, Mapping) and not is_policy(value):
            waiting.extend((child, f"{place}.{key}") for key, child in value.items())
        elif isinstance(value, list):
            waiting.extend((child, f"{place}.{index}") for index, child in enumerate(value))


def is_policy(value: Mapping[str, Any]) -> bool:
    """Tell whether a parameter is a policy: the ARNs in it are not what the call is about."""
    return "Statement" in value or "statement" in value


# ---- ARN patterns -----------------------------------------------------------------------------


def _fits_pattern(arn: str, pattern: str) -> bool:
    """Tell whether an ARN has the form of a pattern such as `arn:${Partition}:s3:::${Bucket}`."""
    have, want = arn.split(":", 5), pattern.split(":", 5)
    if len(have) != 6 or len(want) != 6:
        return False
    for part, form in zip(have[:5], want[:5], strict=True):
        if form != part and not (form.startswith("${") and (part or form != "${Partition}")):
            return False
        if form.startswith("${") and not part and form in ("${Region}", "${Account}"):
            return False
    return _fits_resource(have[5], want[5])


def _fits_resource(text: str, pattern: str) -> bool:
    """Match literal pieces in order; a variable takes at least one character.

    Only a last variable behind some literal takes slashes: `role/${RoleNameWithPath}` does,
    `${BucketName}` does not.
    """
    pieces: list[str] = []
    rest = pattern
    while "${" in rest:
        before, _, after = rest.partition("${")
        pieces.append(before)
        rest = after.partition("}")[2]
    pieces.append(rest)
    if len(pieces) == 1:
        return text == pattern
    if not text.startswith(pieces[0]) or (pieces[-1] and not text.endswith(pieces[-1])):
        return False
    at = len(pieces[0])
    for piece in pieces[1:-1]:
        end = text.find(piece, at + 1)
        if end < 0 or (piece != "/" and "/" in text[at:end] and not piece.startswith("/")):
            return False
        at = end + len(piece)
    last = text[at : len(text) - len(pieces[-1])]
    return bool(last) and ("/" not in last or any(pieces[:-1]))
