"""Many actions in few words: patterns that cover these and no others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from policyeval.query.reach import covered, types_of
from policyeval.query.shapes import fits, shapes_of

LEAST = 3
"""A pattern is worth it for this many actions."""

_WORD = re.compile(r"[A-Z][a-z0-9]*|[a-z0-9]+")


def compact(actions: Iterable[str], resource: str = "") -> list[str]:
    """Give patterns and names that together cover these actions, and no other of the catalogue.

    With `resource`, actions that AWS does not know on resources of its kind may be covered too.
    """
    services: dict[str, set[str]] = {}
    for action in actions:
        services.setdefault(action.partition(":")[0], set()).add(action)
    found: list[str] = []
    for service, names in sorted(services.items()):
        found += _of_service(service, names, _others_matter(service, resource))
    return found


def _others_matter(service: str, resource: str) -> Callable[[str], bool]:
    """Give the test whether a pattern must not cover an action that is not listed."""
    if not resource:
        return lambda _action: True
    parts = resource.split(":", 5)
    partition, account = (parts[1] or "aws", parts[4]) if len(parts) == 6 else ("aws", "")

    def matters(action: str) -> bool:
        shapes = shapes_of(types_of(action), service, partition, account)
        return any(fits(each, resource) for each in shapes)

    return matters


def _of_service(service: str, names: set[str], matters: Callable[[str], bool]) -> list[str]:
    if len(names) >= LEAST and _only(f"{service}:*", names, matters):
        return [f"{service}:*"]
    verbs: dict[str, list[str]] = {}
    for name in sorted(names):
        word = _WORD.match(name.partition(":")[2])
        verbs.setdefault(word[0] if word else name, []).append(name)
    found: list[str] = []
    for verb, same in verbs.items():
        pattern = f"{service}:{verb}*"
        worth = len(same) >= LEAST and _only(pattern, names, matters)
        found += [pattern] if worth else same
    return found


def _only(pattern: str, names: set[str], matters: Callable[[str], bool]) -> bool:
    return all(action in names or not matters(action) for action in covered(pattern))
