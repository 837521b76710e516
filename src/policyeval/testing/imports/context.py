"""ContextEntries of the simulator, which politest uses as well, to condition keys and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean

TYPES = ("string", "numeric", "boolean", "ip", "binary", "date")
TYPE_NAMES = (*TYPES, *(f"{each}List" for each in TYPES))
PARTS = ("ContextKeyName", "ContextKeyValues", "ContextKeyType")

_OF_CATALOGUE = {"bool": "boolean", "numeric": "numeric", "ipaddress": "ip", "date": "date"}


class EntryError(Exception):
    """A context entry that is not understood."""

    def __init__(self, message: str, part: str = "", help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.part = part
        self.help = help


def key_and_value(entry: Mapping[str, Any]) -> tuple[str, Any]:
    """Give a condition key and its value, from texts; raises EntryError.

    A single value of a type that is no list is a text, or a boolean; everything else is a list.
    """
    for part in entry:
        if part not in PARTS:
            known = did_you_mean(part, PARTS) or f"expected {', '.join(PARTS)}"
            raise EntryError(f"a context entry has no {quote(part)}", part, known)
    name, values = entry.get("ContextKeyName"), entry.get("ContextKeyValues")
    kind = entry.get("ContextKeyType", "string")
    if not isinstance(name, str) or ":" not in name.strip(":"):
        raise EntryError(
            "the context entry has no key", "ContextKeyName", "keys look like `aws:SourceIp`"
        )
    if isinstance(values, str):
        values = [values]
    if not isinstance(values, list) or not all(isinstance(each, (str, bool)) for each in values):
        raise EntryError(f"{quote(name)} has no list of values", "ContextKeyValues")
    if not isinstance(kind, str) or kind.lower() not in map(str.lower, TYPE_NAMES):
        raise EntryError(
            f"{quote(str(kind))} is no type of context keys",
            "ContextKeyType",
            did_you_mean(str(kind), TYPE_NAMES) or f"expected one of {', '.join(TYPE_NAMES)}",
        )
    texts = [_text(each) for each in values]
    if kind.lower().endswith("list") or len(texts) != 1:
        return name, texts
    return name, _scalar(texts[0], kind.lower())


def _text(value: str | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _scalar(text: str, kind: str) -> str | bool | int:
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "numeric" and text.isascii() and text.isdigit() and str(int(text[:9])) == text:
        return int(text)
    return text


def entries(context: Mapping[str, str | tuple[str, ...]]) -> Iterator[dict[str, Any]]:
    """Give the context entries of condition keys; a tuple is a list, a text is a single value."""
    for key, value in context.items():
        several = not isinstance(value, str)
        kind = "string"
        if not several:
            kind = _type_of(key, str(value))
        yield {
            "ContextKeyName": key,
            "ContextKeyValues": list(value) if several else [value],
            "ContextKeyType": "stringList" if several else kind,
        }


def _type_of(key: str, value: str) -> str:
    """Give the simulator's type of a key: as the catalogue has it, where the value is of it."""
    from policyeval.catalogue.lookup import global_keys

    known = global_keys().get(key.lower())
    kind = _OF_CATALOGUE.get(known.type.lower(), "string") if known is not None else "string"
    if kind == "boolean" and value not in ("true", "false"):
        return "string"
    return kind
