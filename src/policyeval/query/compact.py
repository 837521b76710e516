"""Many actions in few words: patterns that cover these and no others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache

from policyeval.glob import wildcard_tokens
from policyeval.query.patterns import Budget, Pattern, Undecided, witness
from policyeval.query.reach import covered, types_of
from policyeval.query.shapes import shapes_of

LEAST = 3
"""A pattern is worth it for this many actions."""

_WORD = re.compile(r"[A-Z][a-z0-9]*|[a-z0-9]+")


def compact(actions: Iterable[str], within: Iterable[str] = ("*",)) -> list[str]:
    """Give patterns and names that together cover these actions, and no other of the catalogue.

    `within` are the patterns of the resources that are meant: actions that AWS knows on no such
    resource may be covered too.
    """
    services: dict[str, set[str]] = {}
    for action in actions:
        services.setdefault(action.partition(":")[0], set()).add(action)
    region = [_pattern(text) for text in within]
    found: list[str] = []
    for service, names in sorted(services.items()):
        found += _of_service(service, names, _others_matter(service, region))
    return found


def _pattern(text: str) -> Pattern:
    """Give a listed resource as a pattern; a variable may be anything."""
    parts = text.split("${")
    plain = parts[0] + "".join(f"*{part.partition('}')[2]}" for part in parts[1:])
    return Pattern(text, wildcard_tokens(plain))


def _others_matter(service: str, region: list[Pattern]) -> Callable[[str], bool]:
    """Give the test whether a pattern must not cover an action that is not listed."""
    budget = Budget()

    @cache
    def matters(action: str) -> bool:
        for shapes in shapes_of(types_of(action), service, "*", ""):
            kind = shapes[-1]
            if kind.text == "*":
                if all(pattern.matches("*") for pattern in region):
                    return True
            elif _is_in(region, kind, budget):
                return True
        return False

    return matters


def _is_in(region: list[Pattern], kind: Pattern, budget: Budget) -> bool:
    """Tell whether resources of a kind are in a region; in doubt they are."""
    try:
        shared = witness((*region, kind), budget)
    except Undecided:
        return True
    return shared is not None and kind.matches(shared)


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
