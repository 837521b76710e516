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
    """The actions of the catalogue that the patterns of a statement cover, by place of pattern.

    `whole` is false where the statement may speak of others too: `*`, NotAction, a pattern that
    the catalogue does not know.
    """

    actions: Mapping[int, tuple[str, ...]]
    whole: bool

    @property
    def all(self) -> tuple[str, ...]:
        """Every action, each once."""
        return tuple(dict.fromkeys(name for names in self.actions.values() for name in names))


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
    return Covered(found, whole)


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
        near = "" if several else nearest(name, _names_of(pattern.service))
        yield Finding(
            "PE1604",
            Severity.WARNING,
            f"{quote(pattern.text)} {what} the action catalogue of {about().date}",
            location,
            f"did you mean `{pattern.service}:{near}`?" if near else "",
            "no such action",
        )


def _names_of(prefix: str) -> list[str]:
    return [name.partition(":")[2] for name in expand(f"{prefix}:*")]


# ---- words ------------------------------------------------------------------------------------


def expected(arns: Iterable[str]) -> str:
    """Give the help that shows ARN patterns, the plainest first."""
    plainest_first = sorted(arns, key=lambda arn: (len(arn), arn))
    return f"expected {joined([f'`{arn}`' for arn in plainest_first])}"


def list_of(names: tuple[str, ...]) -> str:
    """Give a few names in backticks and the number of the others."""
    return joined([f"`{name}`" for name in names])


def joined(names: list[str]) -> str:
    """Give a few names and the number of the others."""
    if len(names) > _MOST_NAMED:
        return f"{', '.join(names[:_MOST_NAMED])} or {len(names) - _MOST_NAMED} others"
    return (
        " or ".join(names) if len(names) < _MOST_NAMED else f"{names[0]}, {names[1]} or {names[2]}"
    )
