"""The long form: every statement that was read, and why it did not match."""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.decision import Decision, LayerDecision, Outcome, StatementRef
from policyeval.policy import Effect
from policyeval.rendering.comparisons import shortened
from policyeval.rendering.document import Block, Cell, Run, Table, cell, line
from policyeval.rendering.words import (
    context_words,
    counted,
    layer_reason,
    level_name,
    origin_of,
    statement_name,
    statement_place,
)

OUTCOME_WORDS = {
    Outcome.MATCHED: "matches",
    Outcome.ACTION_DIFFERS: "another action",
    Outcome.RESOURCE_DIFFERS: "another resource",
    Outcome.PRINCIPAL_DIFFERS: "another principal",
    Outcome.CONDITION_FAILS: "the condition fails",
    Outcome.UNKNOWN: "depends on a fact not given",
}


def trace_blocks(decision: Decision, verbose: int) -> Iterator[Block]:
    """Give the statements read, layer by layer; at 2 also those of other actions, and all facts."""
    for said in decision.layers:
        rows = list(_rows(said, decision, every=verbose > 1))
        title = line(Run("heading", f"statements of {said.layer.value}"), _remark(said, decision))
        if rows or verbose > 1:
            yield Block("trace", (Table(tuple(rows), flexible=2),) if rows else (), title)
    if verbose > 1:
        yield _facts(decision)


def _remark(said: LayerDecision, decision: Decision) -> str:
    reason = layer_reason(said, decision.request) or ("no policy" if not said.visited else "")
    total = sum(len(item.policy.statements) for item in decision.stack.policies(said.layer))
    read = sum(len(visited.statements) for visited in said.visited)
    if total:
        others = f", {counted(total - read, 'other')} not about this action" if total > read else ""
        return f"  {read} of {total} read{others}"
    return f"  {reason}" if reason else ""


def _rows(said: LayerDecision, decision: Decision, *, every: bool) -> Iterator[tuple[Cell, ...]]:
    visited = said.trace
    seen = {(id(ref.statement), ref.level) for ref, _ in visited}
    for ref, outcome in visited:
        yield _row(ref, outcome, decision)
    if not every or said.reason not in ("", "none"):
        return
    for depth, level in enumerate(decision.stack.layers.get(said.layer, ())):
        for attached in level:
            for statement in attached.policy.statements:
                at = depth if said.level_count else None
                if (id(statement), at) not in seen:
                    ref = StatementRef(said.layer, attached, statement, at)
                    yield _row(ref, Outcome.ACTION_DIFFERS, decision)


def _row(ref: StatementRef, outcome: Outcome, decision: Decision) -> tuple[Cell, ...]:
    where = ""
    if ref.level is not None and decision.layer(ref.layer).level_count > 1:
        where = f" at {level_name(decision, ref.layer, ref.level)}"
    role = ""
    if outcome is Outcome.MATCHED:
        role = "deny" if ref.statement.effect is Effect.DENY else "allow"
    return (
        cell(Run("path", statement_place(ref)), f" {statement_name(ref)}{where}"),
        cell(ref.statement.effect.value),
        cell(Run(role, OUTCOME_WORDS[outcome])),
    )


def _facts(decision: Decision) -> Block:
    """Every context key with its value, and where that comes from."""
    context = decision.request.context
    rows = tuple(
        (
            cell(key),
            cell(shortened(context_words(context[key]))),
            cell(Run("dim", origin_of(key, decision.request) or "given")),
        )
        for key in sorted(context)
    )
    title = line(
        Run("heading", "context"), f"  every other key is {context_words(context.default)}"
    )
    return Block("trace", (Table(rows, flexible=1),) if rows else (), title)
