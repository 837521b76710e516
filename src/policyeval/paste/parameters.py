"""The parameters of an event's call, spelled as the API spells them.

CloudTrail writes most of them like the API, in lower camel case. What it writes in forms of its own
is brought into the API's form here; everything else passes through.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.paste.cloudtrail_names import (
    EC2_NAMES,
    NAMED_THINGS,
    S3_NAMES,
    TAGGED_BY_SSM,
)
from policyeval.paste.fields import HIDDEN, Fields
from policyeval.paste.resources import is_policy
from policyeval.value import Value

_MOST_ELEMENTS = 200  # of one list: each may be a request of its own
_DEEPEST = 30  # far more than any API nests; what lies deeper tells no resource


class Where(Value):
    """Where a call was made: what completes the ARN of a thing that is named."""

    partition: str
    region: str
    account: str


def api_parameters(fields: Fields, service: str, event_name: str, where: Where) -> dict[str, Any]:
    """Give the parameters of an event's call; without what is hidden, empty or too deep."""
    given = fields.mapping("requestParameters")
    wrapper = given.get(f"{event_name}Request")
    if len(given) == 1 and isinstance(wrapper, Mapping):
        given = wrapper  # newer calls of EC2: {"DeleteFlowLogsRequest": {…}}
    found = _plain(given, 0)
    longest = _longest_list(given)
    if longest > _MOST_ELEMENTS:
        fields.note(
            "PE1735",
            f"a list in the parameters has {longest} elements: the first {_MOST_ELEMENTS} are read",
            "requestParameters",
        )
    if service == "ec2":
        found = _of_ec2(fields, event_name, found)
    elif service == "s3":
        headers = {name: value for name, value in found.items() if name.startswith("x-amz-")}
        found = headers | {S3_NAMES.get(name, name): value for name, value in found.items()}
    elif service == "ssm":
        _tagged_by_ssm(found, where)
    for name, template in NAMED_THINGS.get(service, {}).items():
        value = found.get(name)
        if isinstance(value, str) and not value.startswith("arn:"):
            found.setdefault(f"{name}Arn", _fill(template(value), where, value))
    return {name: value for name, value in found.items() if value not in ("", {}, [])}


def _plain(value: Any, depth: int) -> Any:
    """Leave out what is hidden, empty or a policy; unfold `{items: […]}` and `{tag, content}`."""
    if isinstance(value, list):
        some = value[:_MOST_ELEMENTS]
        return [_plain(inner, depth + 1) for inner in some if _says_something(inner, depth)]
    if not isinstance(value, Mapping):
        return value
    if is_policy(value):
        return {}
    if set(value) == {"tag", "content"}:
        return _plain(value["content"], depth + 1)
    for name in ("items", "item"):
        if set(value) == {name} and isinstance(value[name], list):
            return _plain(value[name], depth + 1)
    return {
        str(name): _plain(inner, depth + 1)
        for name, inner in value.items()
        if name != HIDDEN and _says_something(inner, depth)
    }


def _longest_list(value: Any) -> int:
    """Give the length of the longest list anywhere inside."""
    longest, waiting = 0, [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            waiting.extend(item.values())
        elif isinstance(item, list):
            longest = max(longest, len(item))
            waiting.extend(item)
    return longest


def _says_something(value: Any, depth: int) -> bool:
    return depth < _DEEPEST and value is not None and value not in ("", HIDDEN)


def _fill(template: str, where: Where, value: str) -> str:
    """Complete an ARN template; empty where a part of the place is not known."""
    parts = {"partition": where.partition, "region": where.region, "account": where.account}
    for name, text in parts.items():
        if f"{{{name}}}" in template and not text:
            return ""
        template = template.replace(f"{{{name}}}", text)
    return template.replace("{value}", value)


# ---- services ---------------------------------------------------------------------------------


def _of_ec2(fields: Fields, event_name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Rename EC2's sets, and take the ids out of their elements."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        known = EC2_NAMES.get(name)
        if known is None:
            found[name] = value
            continue
        new_name, inner = known
        items = value if isinstance(value, list) else []
        if inner:
            items = [item[inner] for item in items if isinstance(item, dict) and inner in item]
        if items:
            found[new_name] = items
    if event_name == "RunInstances":
        _launched(fields, given, found)
    return found


def _launched(fields: Fields, given: dict[str, Any], found: dict[str, Any]) -> None:
    """Take what an instance is made of out of the request, or out of the answer."""
    requested = given.get("instancesSet")
    made = fields.raw("responseElements.instancesSet.items")
    for items in (requested, made):
        first = items[0] if isinstance(items, list) and items else None
        if not isinstance(first, Mapping):
            continue
        for name in ("imageId", "keyName", "subnetId"):
            if isinstance(first.get(name), str):
                found.setdefault(name, first[name])
        groups = _plain(first.get("groupSet"), 0)
        ids = [
            group["groupId"]
            for group in (groups if isinstance(groups, list) else ())
            if isinstance(group, dict) and isinstance(group.get("groupId"), str)
        ]
        if ids and "NetworkInterfaces" not in found:
            found.setdefault("SecurityGroupIds", ids)


def _tagged_by_ssm(given: dict[str, Any], where: Where) -> None:
    """Systems Manager tags things by their type and id."""
    template = TAGGED_BY_SSM.get(str(given.get("resourceType", "")))
    value = given.get("resourceId")
    if template and isinstance(value, str) and not value.startswith("arn:"):
        given["resourceArn"] = _fill(template, where, value.lstrip("/"))
        del given["resourceId"]
