"""What is peculiar to the requests of EC2: tags on what a call makes, and public things.

Source: Amazon EC2 User Guide, "Grant permission to tag Amazon EC2 resources during creation": the
tags are compared on the action that creates, and asked for with ec2:CreateTags beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.paste.made import Made
from policyeval.paste.parameters import Where
from policyeval.value import replace

CREATE_TAGS = "ec2:CreateTags"
_WHY = "tags what is made (EC2 User Guide: tag resources during creation)"
_NO_ACCOUNT = ("image", "snapshot")  # their ARNs name none, since they can be public


def of_ec2(
    made: list[Made], parameters: Mapping[str, Any], event_name: str, where: Where
) -> list[Made]:
    """Give the requests of an EC2 call with the keys of its tags, and those that set them."""
    found = [_as_ec2_names_it(request) for request in made]
    tags = _tags_by_type(parameters.get("TagSpecifications"))
    if not tags:
        return found
    tagged = [
        request.with_keys(_keys(tags[kind]))
        if (kind := _kind(request.resource)) in tags and request.resource.endswith("/*")
        else request
        for request in found
    ]
    asked = {_kind(request.resource) for request in found if request.action == CREATE_TAGS}
    for kind, own in tags.items():
        if kind not in asked and where.region and where.account:
            keys = {**_keys(own), "ec2:CreateAction": event_name}
            resource, origin = _to_be_made(kind, where), "requestParameters.tagSpecificationSet"
            tagged.append(Made(CREATE_TAGS, resource, origin, True, keys, _WHY))
    return tagged


def _to_be_made(kind: str, where: Where) -> str:
    account = "" if kind in _NO_ACCOUNT else where.account
    return f"arn:{where.partition}:ec2:{where.region}:{account}:{kind}/*"


def _as_ec2_names_it(request: Made) -> Made:
    """Leave the account out where EC2 does; an image that is yet to be made has no id."""
    parts = request.resource.split(":", 5)
    if len(parts) < 6 or parts[2] != "ec2":
        return request
    kind, _, name = parts[5].partition("/")
    if kind not in _NO_ACCOUNT:
        return request
    parts[4] = ""
    if kind == "image" and not name.startswith("ami-"):
        parts[5] = "image/*"
    return replace(request, resource=":".join(parts))


def _kind(resource: str) -> str:
    return resource.rpartition(":")[2].partition("/")[0] if resource.count(":") > 4 else ""


def _keys(tags: Mapping[str, str]) -> dict[str, Any]:
    keys: dict[str, Any] = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
    keys["aws:TagKeys"] = tuple(tags)
    return keys


def _tags_by_type(specifications: Any) -> dict[str, dict[str, str]]:
    """Give the tags by the type of resource that they are for."""
    found: dict[str, dict[str, str]] = {}
    for entry in specifications if isinstance(specifications, list) else ():
        if not isinstance(entry, Mapping) or not isinstance(entry.get("resourceType"), str):
            continue
        tags = entry.get("tags")
        for tag in tags if isinstance(tags, list) else ():
            if isinstance(tag, Mapping) and isinstance(tag.get("key"), str):
                value = tag.get("value", "")
                own = found.setdefault(entry["resourceType"], {})
                own[tag["key"]] = value if isinstance(value, str) else str(value)
    return found
