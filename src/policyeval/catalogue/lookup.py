"""What AWS says exists, by name. Each service is loaded when it is first asked for.

Every function raises CatalogueError where the catalogue itself is absent or damaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from policyeval.catalogue.archive import damaged, open_archive
from policyeval.catalogue.model import (
    About,
    ActionEntry,
    ActionResource,
    CatalogueSource,
    ConditionKey,
    ResourceType,
    Service,
)
from policyeval.errors import CatalogueError
from policyeval.glob import compile_glob, wildcard_tokens

ACCESS_LEVELS = ("Read", "List", "Write", "Tagging", "Permissions management")
_ENTRIES_REMEMBERED = 4096
_LONGEST_NAME = 256  # longer than any action's: a longer pattern is not worth compiling


GLOBAL = "aws"  # the member that holds the global condition keys, and no actions


@lru_cache(maxsize=1)
def services() -> tuple[str, ...]:
    """Give the prefixes of all services, sorted."""
    return tuple(prefix for prefix in open_archive().header["members"] if prefix != GLOBAL)


@lru_cache(maxsize=1)
def global_keys() -> dict[str, ConditionKey]:
    """Give the condition keys that any request may carry, by their lower-case names."""
    found = service(GLOBAL)
    return dict(found.condition_keys) if found else {}


@lru_cache(maxsize=512)
def service(prefix: str) -> Service | None:
    """Give a service by its prefix in any letter case; None where AWS has none of that name."""
    prefix = prefix.lower()
    plain = _plain(prefix)
    if plain is None:
        return None
    try:
        return Service(
            prefix,
            plain["name"],
            {f"{prefix}:{name.lower()}": _entry(prefix, name, plain) for name in plain["actions"]},
            {name: _resource(name, plain) for name in plain["resources"]},
            {name.lower(): ConditionKey(name, type) for name, type in plain["keys"]},
        )
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise damaged() from error


@lru_cache(maxsize=_ENTRIES_REMEMBERED)
def find_action(action: str) -> ActionEntry | None:
    """Give an action, `service:Name` in any letter case; None where the catalogue has none."""
    prefix, _, wanted = action.lower().partition(":")
    name = _names(prefix).get(wanted)
    plain = _plain(prefix)
    if name is None or plain is None:
        return None
    try:
        return _entry(prefix, name, plain)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise damaged() from error


@lru_cache(maxsize=_ENTRIES_REMEMBERED)
def resources_of(action: str) -> tuple[ResourceType, ...]:
    """Give the resource types of an action; empty where there is none, or no such action."""
    entry = find_action(action)
    prefix = action.lower().partition(":")[0]
    plain = _plain(prefix)
    if entry is None or plain is None:
        return ()
    try:
        return tuple(_resource(resource.type, plain) for resource in entry.resources)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise damaged() from error


def has_no_resource(action: str) -> bool:
    """Tell whether the catalogue knows that the action has no resource: its requests carry `*`."""
    entry = find_action(action)
    return entry is not None and entry.resources_known and not entry.resources


@lru_cache(maxsize=_ENTRIES_REMEMBERED)
def keys_of(action: str) -> frozenset[str]:
    """Give every condition key that a request for an action may carry, by its service's tables.

    Those of the action, of its resource types, and of the two together. Global keys are in it only
    where the tables list them.
    """
    entry = find_action(action)
    if entry is None:
        return frozenset()
    keys = set(entry.condition_keys)
    for resource in entry.resources:
        keys.update(resource.condition_keys)
    for kind in resources_of(action):
        keys.update(kind.condition_keys)
    return frozenset(keys)


def expand(pattern: str) -> tuple[str, ...]:
    """Give the canonical names of all actions that a pattern covers, sorted.

    `*` and `?` stand where a policy may have them (R-MATCH-01); a text that is no pattern covers
    nothing.
    """
    text = pattern.lower()
    prefix, colon, name = text.partition(":")
    if text in ("*", "*:*"):
        return _expand(services(), "*")
    if not colon or not name or "*" in prefix or "?" in prefix:
        return ()
    if len(name) - name.count("*") > _LONGEST_NAME:
        return ()
    while "**" in name:
        name = name.replace("**", "*")
    return _expand((prefix,), name)


@lru_cache(maxsize=1024)
def _expand(prefixes: tuple[str, ...], name: str) -> tuple[str, ...]:
    matches = compile_glob(wildcard_tokens(name))
    return tuple(
        sorted(
            f"{prefix}:{canonical}"
            for prefix in prefixes
            for lower, canonical in _names(prefix).items()
            if matches(lower)
        )
    )


@lru_cache(maxsize=1)
def about() -> About:
    """Give where the catalogue comes from: packages, versions, dates, hashes, licences."""
    try:
        plain = dict(open_archive().header["about"])
        sources = tuple(CatalogueSource(**source) for source in plain.pop("sources"))
        return About(sources=sources, **plain)
    except (KeyError, TypeError, ValueError) as error:
        raise damaged() from error


def catalogue_date() -> str | None:
    """Give the date of the catalogue; None where there is none that can be read."""
    try:
        return about().date
    except CatalogueError:
        return None


# ---- from plain data to values --------------------------------------------------------------


@lru_cache(maxsize=512)
def _plain(prefix: str) -> dict[str, Any] | None:
    return open_archive().member(prefix)


@lru_cache(maxsize=512)
def _names(prefix: str) -> dict[str, str]:
    """The names of a service's actions by their lower-case form."""
    plain = _plain(prefix)
    try:
        return {name.lower(): name for name in plain["actions"]} if plain else {}
    except (AttributeError, KeyError, TypeError) as error:
        raise damaged() from error


def _entry(prefix: str, name: str, plain: dict[str, Any]) -> ActionEntry:
    level, keys, resources, dependent, *incomplete = plain["actions"][name]
    return ActionEntry(
        f"{prefix}:{name}",
        ACCESS_LEVELS[level],
        tuple(_action_resources(resources, plain)),
        _key_names(keys, plain),
        tuple(dependent),
        not incomplete,
    )


def _action_resources(rows: Any, plain: dict[str, Any]) -> Iterator[ActionResource]:
    for name, required, *more in rows:
        keys, dependent = more or ((), ())
        yield ActionResource(name, bool(required), _key_names(keys, plain), tuple(dependent))


def _resource(name: str, plain: dict[str, Any]) -> ResourceType:
    arn, others, keys = plain["resources"][name]
    return ResourceType(name, arn, _key_names(keys, plain), tuple(others))


def _key_names(places: Any, plain: dict[str, Any]) -> tuple[str, ...]:
    keys = plain["keys"]
    return tuple(keys[place][0] for place in places)
