"""Requests inside a statement, and requests outside it by one thing only.

Every probe is asked before it is handed out: the trace of the decision tells whether the statement
matched. What the search does not find, it does not give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyeval.decision import Decision
from policyeval.environment.model import Environment
from policyeval.policy import Statement
from policyeval.stack import PolicySource
from policyeval.testing.generate.ground import Ground
from policyeval.testing.generate.inside import Inside
from policyeval.testing.generate.outside import Outside
from policyeval.testing.generate.places import Place
from policyeval.testing.generate.probe import Probe


class Prober:
    """Finds probes in a world; `environment` is empty where one policy is on its own."""

    def __init__(self, policies: PolicySource, environment: Environment) -> None:
        ground = Ground(policies, environment)
        self._inside = Inside(ground)
        self._outside = Outside(ground)

    def inside(self, place: Place, statement: Statement) -> Probe | None:
        """Give a request that the statement matches; where there is a choice, one it decides."""
        return self._inside.find(place, statement)

    def outside(self, probe: Probe) -> Iterator[Probe]:
        """Give requests that differ from one inside by one thing, and are outside by it."""
        return self._outside.find(probe)


def best_outside(probe: Probe, found: Iterable[Probe]) -> Probe | None:
    """Give the first that gets another answer than the one inside; else the first that is sure."""
    first: Probe | None = None
    for other in found:
        if _differs(probe.decision, other.decision):
            return other
        if first is None or (first.decision.unknown and not other.decision.unknown):
            first = other
    return first


def _differs(one: Decision, other: Decision) -> bool:
    if other.unknown:
        return False
    return (one.verdict, one.decided_by) != (other.verdict, other.decided_by)
