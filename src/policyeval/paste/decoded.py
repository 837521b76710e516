"""What `aws sts decode-authorization-message` prints (R-MSG-03).

The document comes as it is, or as a string under `DecodedMessage`. Older and newer ones differ:
`"false"` beside `false`, and lists with and without `items` around them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.claim import Claim
from policyeval.errors import PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.paste.fields import text_of
from policyeval.paste.pasted import Pasted, PasteKind
from policyeval.source import Location

# Facts of the request under names that are no condition keys.
_NO_KEYS = frozenset(
    {"aws:resource", "aws:service", "aws:id", "aws:arn", "aws:type", "aws:account", "aws:region"}
)


def is_decoded(tree: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is a decoded message."""
    if isinstance(tree.get("DecodedMessage"), str):
        return True
    return "allowed" in tree and "context" in tree and "explicitDeny" in tree


def read_decoded(tree: Mapping[str, Any], location: Location) -> Pasted:
    """Give the facts of a decoded message; raises PolicyEvalError where it is not of that form."""
    inner = tree.get("DecodedMessage")
    if isinstance(inner, str):
        tree = _inner(inner, location)
    context = tree.get("context")
    if not isinstance(context, Mapping):
        raise _unfit("the decoded message has no `context`", location)
    principal = context.get("principal")
    keys = dict(_keys(context.get("conditions")))
    folded = {key.lower(): values for key, values in keys.items()}
    given: dict[str, Any] = {
        key: values if len(values) != 1 else values[0]
        for key, values in keys.items()
        if key.lower() not in _NO_KEYS
    }
    region = folded.get("aws:region", [])
    if len(region) == 1 and "aws:requestedregion" not in folded:
        given["aws:RequestedRegion"] = region[0]
    account = folded.get("aws:account", [])
    resource = text_of(context.get("resource"))
    origins = dict.fromkeys(given, "context.conditions")
    origins |= {"principal": "context.principal", "action": "context.action"}
    return Pasted(
        PasteKind.DECODED,
        text_of(principal.get("arn")) if isinstance(principal, Mapping) else "",
        text_of(context.get("action")),
        resource,
        given | _user_id(principal, folded),
        _claim(tree),
        resource_account=_owner(resource, account),
        origins=origins | {"resource": "context.resource"},
        findings=tuple(_matched(tree.get("matchedStatements"))),
    )


def _claim(tree: Mapping[str, Any]) -> Claim | None:
    """What AWS decided; None where the document does not tell."""
    allowed = _truth(tree.get("allowed"))
    if allowed is None:
        return None
    return Claim(allowed=True) if allowed else Claim(_truth(tree.get("explicitDeny")))


def _owner(resource: str, account: list[str]) -> str:
    """The account told beside the resource, for an ARN that has none."""
    parts = resource.split(":", 5)
    fits = len(account) == 1 and account[0].isdigit() and len(account[0]) == 12
    return account[0] if fits and len(parts) == 6 and not parts[4] else ""


def _user_id(principal: Any, told: Mapping[str, Any]) -> dict[str, str]:
    id_ = text_of(principal.get("id")) if isinstance(principal, Mapping) else ""
    return {"aws:userid": id_} if id_ and "aws:userid" not in told else {}


def _inner(text: str, location: Location) -> Mapping[str, Any]:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        raise _unfit("`DecodedMessage` holds no JSON", location) from None
    if not isinstance(tree, Mapping):
        raise _unfit("`DecodedMessage` holds no JSON object", location)
    return tree


def _unfit(message: str, location: Location) -> PolicyEvalError:
    help_ = "paste what `aws sts decode-authorization-message` prints, whole"
    return PolicyEvalError(message, (Finding("PE1707", Severity.ERROR, message, location, help_),))


def _items(value: Any) -> list[Any]:
    """The members of a list, with or without `items` around it."""
    if isinstance(value, Mapping):
        value = value.get("items")
    return value if isinstance(value, list) else []


def _keys(conditions: Any) -> Iterator[tuple[str, list[str]]]:
    for entry in _items(conditions):
        if isinstance(entry, Mapping) and isinstance(entry.get("item"), Mapping):
            entry = entry["item"]
        if not isinstance(entry, Mapping) or not isinstance(entry.get("key"), str):
            continue
        values = [
            each.get("value") if isinstance(each, Mapping) else each
            for each in _items(entry.get("values"))
        ]
        yield entry["key"], [value for value in values if isinstance(value, str)]


def _truth(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def _matched(statements: Any) -> Iterator[Finding]:
    """Name the statements that AWS says matched: their Sid, if they have one."""
    for statement in _items(statements):
        if isinstance(statement, Mapping):
            sid = text_of(statement.get("statementId")) or "without Sid"
            effect = text_of(statement.get("effect")).lower() or "matching"
            yield Finding(
                "PE1708",
                Severity.NOTE,
                f"AWS names the {quote(effect)} statement {quote(sid)} as the one that matched",
            )
