"""The statements that came nearest to allowing, in order of nearness."""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.decision import Decision, StatementRef
from policyeval.explanation.replay import take_apart
from policyeval.explanation.tree import StatementView
from policyeval.matching.action import services_of
from policyeval.policy import Effect
from policyeval.stack import Layer

MOST_LOOKED_AT = 200
MOST_SHOWN = 4


def near_misses(
    decision: Decision, layer: Layer, level: int | None = None
) -> tuple[StatementView, ...]:
    """Give the Allow statements of a layer that fail in the fewest parts.

    Statements of other services are no near miss. At most `MOST_LOOKED_AT` are taken apart: those
    whose action matches come first, so that a large policy costs no more than a small one.
    """
    views = []
    for ref in _in_question(decision, layer, level):
        views.append(take_apart(ref, decision))
        if len(views) == MOST_LOOKED_AT:
            break
    views.sort(key=_distance)
    return tuple(view for view in views[:MOST_SHOWN] if view.failing)


def _in_question(decision: Decision, layer: Layer, level: int | None) -> Iterator[StatementRef]:
    # The later the question at which a statement failed, the nearer it came.
    trace = sorted(decision.layer(layer).trace, key=lambda step: -step[1])
    visited = [ref for ref, _ in trace if ref.statement.effect is Effect.ALLOW]
    seen = {id(ref.statement) for ref in visited}
    leveled = decision.layer(layer).level_count > 0
    service = decision.request.action.service
    for ref in visited:
        if level is None or ref.level == level:
            yield ref
    for depth, attached_here in enumerate(decision.stack.layers.get(layer, ())):
        if level is not None and depth != level:
            continue
        for attached in attached_here:
            for statement in attached.policy.statements:
                if statement.effect is Effect.ALLOW and id(statement) not in seen:
                    services = services_of(statement.action)
                    if services is None or service in services:
                        yield StatementRef(layer, attached, statement, depth if leveled else None)


def _distance(view: StatementView) -> tuple[int, int, int]:
    """Fewest failing parts first; then a failing condition before a resource or an action.

    Another condition is what the caller can most often bring about. Likeness decides the rest.
    """
    weight = {"Condition": 1, "Resource": 2, "Principal": 3, "Action": 4}
    heaviest = max(
        (weight.get(part.element.removeprefix("Not"), 5) for part in view.failing), default=0
    )
    return len(view.failing), heaviest, -_likeness(view)


def _likeness(view: StatementView) -> int:
    """Length of the longest beginning that a listed resource or action shares with the request."""
    best = 0
    for part in view.failing:
        if isinstance(part.got, tuple) and part.element in ("Resource", "Action"):
            for wanted in part.wanted:
                best = max(best, _shared(wanted.lower(), part.got[0].lower()))
    return best


def _shared(one: str, other: str) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length
