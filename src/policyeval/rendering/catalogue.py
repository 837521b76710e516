"""Actions of the catalogue for people and for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from textwrap import wrap
from typing import Any

from policyeval.catalogue.lookup import about, keys_of, service
from policyeval.catalogue.model import ActionEntry, ActionResource, ResourceType, Service

SCHEMA = "policyeval/actions/1"
Style = Callable[[str, str], str]
_INDENT = 11
_TOLD_OF_A_SOURCE = ("package", "version", "released", "licence")


def actions_to_text(entries: Iterable[ActionEntry], width: int, style: Style | None = None) -> str:
    """Give a block for each action, then the ARNs of the resource types that they name.

    A star marks a resource type that a policy must cover, as in AWS's tables.
    """
    paint = style or (lambda _role, text: text)
    entries = tuple(entries)
    lines: list[str] = []
    for entry in entries:
        lines.append(f"{paint('strong', entry.name)}  {paint('dim', entry.access_level)}")
        lines += _row("on", _types_text(entry), width)
        lines += _row("keys", ", ".join(carried_keys(entry)), width)
        lines += _row("needs", ", ".join(_needed(entry)), width)
        lines.append("")
    kinds = list(_kinds(entries))
    if kinds:
        column = max(len(kind.name) for _, kind in kinds)
        lines.append(paint("heading", "resource types"))
        for _, kind in kinds:
            lines += [
                f"  {name:{column}}  {arn}"
                for name, arn in zip(
                    [kind.name] + [""] * len(kind.other_arns), kind.arns, strict=True
                )
            ]
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def _row(name: str, text: str, width: int) -> list[str]:
    if not text:
        return []
    hang = " " * _INDENT
    return wrap(
        text,
        max(width, _INDENT * 4),
        initial_indent=f"    {name:{_INDENT - 4}}",
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _types_text(entry: ActionEntry) -> str:
    named = ", ".join(f"{each.type}{'*' * each.required}" for each in entry.resources)
    if not entry.resources_known:
        return f"{named}, and others that the catalogue does not know" if named else "not known"
    return named or "no resource: asked for on `*`"


def carried_keys(entry: ActionEntry) -> list[str]:
    """Give the condition keys that a request for an action may carry beside the global ones."""
    return sorted(keys_of(entry.name), key=str.lower)


def _needed(entry: ActionEntry) -> list[str]:
    own = dict.fromkeys(entry.dependent_actions)
    own.update(dict.fromkeys(name for each in entry.resources for name in each.dependent_actions))
    return list(own)


def _kinds(entries: Iterable[ActionEntry]) -> Iterator[tuple[Service, ResourceType]]:
    """The resource types of the actions, each once, in the order of first use."""
    seen = set()
    for entry in entries:
        found = service(entry.name.partition(":")[0])
        assert found is not None
        for each in entry.resources:
            if (found.prefix, each.type) not in seen:
                seen.add((found.prefix, each.type))
                yield found, found.resources[each.type]


# ---- for programs -----------------------------------------------------------------------------


def actions_to_json(patterns: Iterable[str], entries: Iterable[ActionEntry]) -> dict[str, Any]:
    """Give the answer of `policyeval actions` as a JSON object."""
    entries = tuple(entries)
    return {
        "schema": SCHEMA,
        "catalogue": about_to_json(),
        "patterns": list(patterns),
        "actions": [_action(entry) for entry in entries],
        "resource_types": [_kind(found, kind) for found, kind in _kinds(entries)],
        "condition_keys": [
            {"name": name, "type": kind or None}
            for name, kind in sorted(_key_types(entries).items())
        ],
    }


def about_to_json() -> dict[str, Any]:
    """Give the date, the hash and the sources of the catalogue."""
    told = about()
    return {
        "date": told.date,
        "sha256": told.sha256,
        "sources": [
            {
                field: getattr(source, field)
                for field in ("package", "version", "released", "licence")
            }
            for source in told.sources
        ],
    }


def _action(entry: ActionEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "access_level": entry.access_level,
        "resources": [_action_resource(each) for each in entry.resources],
        "resources_known": entry.resources_known,
        "condition_keys": carried_keys(entry),
        "dependent_actions": list(entry.dependent_actions),
    }


def _action_resource(each: ActionResource) -> dict[str, Any]:
    return {
        "type": each.type,
        "required": each.required,
        "condition_keys": list(each.condition_keys),
        "dependent_actions": list(each.dependent_actions),
    }


def _kind(found: Service, kind: ResourceType) -> dict[str, Any]:
    return {
        "service": found.prefix,
        "type": kind.name,
        "arns": list(kind.arns),
        "condition_keys": list(kind.condition_keys),
    }


def _key_types(entries: Iterable[ActionEntry]) -> dict[str, str]:
    types: dict[str, str] = {}
    for entry in entries:
        found = service(entry.name.partition(":")[0])
        assert found is not None
        for key in keys_of(entry.name):
            types[key] = found.condition_keys[key.lower()].type
    return types
