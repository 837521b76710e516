"""The actions that a statement names, and remarks on those that the catalogue does not know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from policyeval.catalogue.lookup import about, expand, services
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean, nearest
from policyeval.parsing.placeholder import has_placeholder
from policyeval.policy import ActionPattern, Statement
from policyeval.source import Location
from policyeval.value import Value

_MOST_NAMED = 3
_WILDCARDS = frozenset("*?")


class Covered(Value):
    """The actions of the catalogue that a statement names: all of them, and by place of pattern.

    `whole` is false where the statement may speak of others too: `*`, NotAction, a pattern that
    the catalogue does not know.
    """

    names: tuple[str, ...]
    by_place: Mapping[int, tuple[str, ...]]
    whole: bool


def covered_by(statement: Statement) -> Covered:
    """Give the actions that a statement names."""
    found: dict[int, tuple[str, ...]] = {}
    whole = not statement.action.negated
    for place, pattern in enumerate(statement.action.patterns):
        names = () if pattern.service == "*" else expand(pattern.text)
        if names:
            found[place] = names
        else:
            whole = False
    every = dict.fromkeys(name for names in found.values() for name in names)
    return Covered(tuple(every), found, whole)


def remark_on_pattern(pattern: ActionPattern, location: Location | None) -> Iterator[Finding]:
    """Say that an action, or a pattern of actions, is nothing that the catalogue knows."""
    if pattern.service == "*" or has_placeholder(pattern.text):
        return
    prefix, _, name = pattern.text.partition(":")
    if pattern.service not in services():
        yield Finding(
            "PE1603",
            Severity.WARNING,
            f"{quote(prefix)} is no service of the action catalogue of {about().date}",
            location,
            did_you_mean(prefix, services()),
            "no such service",
        )
    elif not expand(pattern.text):
        several = _WILDCARDS.intersection(name)
        what = "matches no action of" if several else "is not in"
        near = "" if several else _nearest_name(name, pattern.service)
        yield Finding(
            "PE1604",
            Severity.WARNING,
            f"{quote(pattern.text)} {what} the action catalogue of {about().date}",
            location,
            f"did you mean `{pattern.service}:{near}`?" if near else "",
            "no such action",
        )


def _nearest_name(name: str, prefix: str) -> str:
    """Give the action of a service that a misspelt one may mean; empty where there is none.

    Two edits leave at least one third of a name as it was, nearly always: only names that hold one
    of the thirds are compared letter by letter.
    """
    names = [full.partition(":")[2] for full in expand(f"{prefix}:*")]
    third = len(name) // 3
    if third > 1:
        folded = name.lower()
        parts = (folded[:third], folded[third : 2 * third], folded[2 * third :])
        names = [each for each in names if any(part in each.lower() for part in parts)]
    return nearest(name, names)


# ---- words ------------------------------------------------------------------------------------


def expected(arns: Iterable[str]) -> str:
    """Give the help that shows ARN patterns, the plainest first."""
    plainest_first = sorted(arns, key=lambda arn: (len(arn), arn))
    return f"expected {joined([f'`{arn}`' for arn in plainest_first])}"


def list_of(names: tuple[str, ...]) -> str:
    """Give a few names in backticks and the number of the others."""
    return joined([f"`{name}`" for name in names[:_MOST_NAMED]], len(names))


def joined(names: list[str], total: int = 0) -> str:
    """Give a few names and the number of the others, of `total` where more are meant."""
    left = max(total, len(names)) - _MOST_NAMED
    if left > 0:
        others = "1 other" if left == 1 else f"{left} others"
        return f"{', '.join(names[:_MOST_NAMED])} or {others}"
    *before, last = names
    return f"{', '.join(before)} or {last}" if before else last
