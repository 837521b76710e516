"""Which organization level of SCPs fails to allow?"""

from __future__ import annotations

from policyeval.decision import LayerDecision, Outcome
from policyeval.policy import Effect


def silent_level(said: LayerDecision) -> int | None:
    """Give the first organization level that allows nothing; None for layers without levels."""
    if not said.level_count:
        return None
    allowing = {
        ref.level
        for ref, outcome in said.trace
        if ref.statement.effect is Effect.ALLOW and outcome is Outcome.MATCHED
    }
    return next((level for level in range(said.level_count) if level not in allowing), None)
