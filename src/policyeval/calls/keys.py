"""Condition keys that follow from the parameters of a call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyeval.calls.operations import ServiceModel, fold
from policyeval.calls.parameters import Parameters, Tree, as_text
from policyeval.catalogue.model import ActionEntry, ConditionKey, ResourceType

_TAGS = (
    "tags",
    "tagset",
    "taglist",
    "tagging",
    "tag",
    "resourcetags",
    "tagstoadd",
    "newtags",
    "tagsmodel",
)
_TAG_KEYS = ("tagkeys", "tagkeylist", "tagstoremove", "untagkeys")
_OF_THE_RESOURCE = ("ResourceTag/", "aws:ResourceTag", "ResourceAccount")


def keys_of(
    entry: ActionEntry,
    types: Mapping[str, ResourceType],
    known: Mapping[str, ConditionKey],
    model: ServiceModel,
    parameters: Parameters,
    exceptions: Mapping[str, str],
) -> dict[str, Any]:
    """Give the condition keys that an action carries and whose values the parameters tell.

    A key takes the parameter of its name (`sts:ExternalId`), or the one that travels in a header of
    its name (`s3:x-amz-acl`); others are in the exceptions. Tags give aws:RequestTag and
    aws:TagKeys. A key of type ARN takes an ARN only.
    """
    carried = _carried(entry, types)
    found: dict[str, Any] = {}
    by_header = {fold(header): name for name, header in model.headers.items()}
    for key in sorted(carried):
        if "$" in key or "<" in key or key.startswith("aws:"):
            continue
        name = fold(key.partition(":")[2])
        path = exceptions.get(key) or by_header.get(name) or name
        value = _value(parameters, path, known.get(key.lower()))
        if value is not None:
            found[key] = value
    tags = tags_of(parameters, types)
    for stem in ("aws:RequestTag", "s3:RequestObjectTag"):
        if any(key.startswith(f"{stem}/") for key in carried):
            found |= {f"{stem}/{key}": value for key, value in tags.items()}
    encryption = read_tags(parameters.get("EncryptionContext"))
    if encryption and any(key.startswith("kms:EncryptionContext:") for key in carried):
        found |= {f"kms:EncryptionContext:{key}": value for key, value in encryption.items()}
        found["kms:EncryptionContextKeys"] = tuple(encryption)
    names = [*tags, *(text for path in _TAG_KEYS for text in parameters.texts(path))]
    for key in ("aws:TagKeys", "s3:RequestObjectTagKeys"):
        if names and key in carried:
            found[key] = tuple(dict.fromkeys(names))
    return found


def _carried(entry: ActionEntry, types: Mapping[str, ResourceType]) -> set[str]:
    """The keys of the action, and those of the resource types that the request is about."""
    keys = set(entry.condition_keys)
    for resource in entry.resources:
        if not types or resource.type in types:
            keys |= set(resource.condition_keys)
    for kind in types.values():
        keys |= set(kind.condition_keys)
    return keys


def _value(parameters: Parameters, path: str, known: ConditionKey | None) -> Any:
    if parameters.get(path) == "":
        return ""  # AWS: an empty prefix is one: policies ask for s3:prefix ""
    texts = parameters.texts(path)
    kind = known.type if known is not None else ""
    if kind.upper().endswith("ARN"):
        texts = tuple(text for text in texts if text.startswith("arn:"))
    if not texts:
        return None
    return texts[0] if len(texts) == 1 and not kind.startswith("ArrayOf") else texts


def tags_of(parameters: Parameters, types: Iterable[str] = ()) -> dict[str, str]:
    """Give the tags that the parameters bring: a list of Key and Value, or a map.

    EC2 brings them for each type of what is made.
    """
    for item in parameters.all("TagSpecifications[]"):
        if isinstance(item, dict) and as_text(item.get("resourcetype")) in types:
            return read_tags(item.get("tags", item.get("tag")))
    for name in _TAGS:
        value = parameters.get(name)
        if isinstance(value, dict) and isinstance(value.get("tagset"), list):
            value = value["tagset"]
        tags = read_tags(value)
        if tags:
            return tags
    return {}


def read_tags(value: object) -> dict[str, str]:
    """Give the tags of a list of Key and Value, of a map, of `a=b&c=d`; none for other things."""
    if isinstance(value, Tree):
        plain = all(not isinstance(text, (dict, list)) for _, text in value.spelled)
        return {name: as_text(text) for name, text in value.spelled} if plain else {}
    if isinstance(value, list):
        tags = {}
        for item in value:
            if isinstance(item, dict):
                key = as_text(item.get("key", item.get("tagkey")))
                if key:
                    tags[key] = as_text(item.get("value", item.get("tagvalue")))
        return tags
    if isinstance(value, str) and "=" in value:
        from urllib.parse import unquote_plus

        pairs = (pair.partition("=") for pair in value.split("&") if pair)
        return {unquote_plus(key): unquote_plus(text) for key, _, text in pairs if key}
    return {}
