"""What can be said about a condition from the document alone (R-COND)."""

from __future__ import annotations

from policyeval.parsing.reading import Reading
from policyeval.policy import ConditionClause


def remark_on_clause(clause: ConditionClause, pointer: str, reading: Reading) -> None:
    """Add the remarks on one clause."""
