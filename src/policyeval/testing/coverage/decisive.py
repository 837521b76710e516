"""On which statements does an answer depend? Each is taken out of its policy, and asked again.

Taken out of its policy means: everywhere the policy hangs. A statement whose loss changes the
decision, its kind or the deciding layer is decisive. What cannot change the answer for a plain
reason is not tried: where two statements allow at one level, or two deny in one layer, neither is
decisive alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from policyeval.decision import Decision, LayerDecision, Verdict
from policyeval.evaluation.engine import evaluate, evaluate_once
from policyeval.matching.statement import MATCHED, UNKNOWN
from policyeval.policy import Policy
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack
from policyeval.testing.coverage.counts import PolicyCounts, StatementCounts
from policyeval.testing.coverage.watch import Watch
from policyeval.value import Value, replace

MOST_STACKS = 4096

Said = tuple[LayerDecision, list[tuple[Watch, int]]]
"""What a layer answered, with what watches each statement of its outcomes, and its level."""


class Resolved(Value):
    """The policies for a request that has all facts already."""

    stack: PolicyStack

    def resolve(self, request: Request) -> tuple[Request, PolicyStack]:
        """Give both as they are."""
        return request, self.stack


class WhatIf:
    """Asks what an answer would be without a statement.

    `counts` gives a policy's counts: policies with the same counts are the same policy.
    """

    def __init__(self, counts: Callable[[Policy], PolicyCounts | None]) -> None:
        self._counts = counts
        self._edited: dict[tuple[int, int], tuple[Policy, Policy]] = {}
        self._stacks: dict[tuple[int, int], tuple[PolicyStack, Resolved]] = {}

    def decisive(self, decision: Decision, said: list[Said]) -> list[StatementCounts]:
        """Give the statements on which the answer depends, each once."""
        return [
            statement
            for statement in dict.fromkeys(_thinkable(decision, said))
            if self._changes(decision, statement)
        ]

    def _changes(self, decision: Decision, statement: StatementCounts) -> bool:
        after = evaluate(decision.request, self._without(decision.stack, statement))
        if after.verdict is not decision.verdict:
            return True
        return after.decided_by is not decision.decided_by

    def _without(self, stack: PolicyStack, statement: StatementCounts) -> Resolved:
        key = id(stack), id(statement)
        found = self._stacks.get(key)
        if found is None:
            if len(self._stacks) >= MOST_STACKS:
                self._stacks.clear()
            found = self._stacks[key] = stack, Resolved(self._edited_stack(stack, statement))
        return found[1]

    def _edited_stack(self, stack: PolicyStack, statement: StatementCounts) -> PolicyStack:
        place = statement.policy.statements.index(statement)
        return stack.with_policies(
            lambda policy: (
                self._edited_policy(policy, place)
                if self._counts(policy) is statement.policy
                else policy
            )
        )

    def _edited_policy(self, policy: Policy, place: int) -> Policy:
        """Give a policy without a statement: made once, so that it is compiled once."""
        key = id(policy), place
        found = self._edited.get(key)
        if found is None:
            kept = (*policy.statements[:place], *policy.statements[place + 1 :])
            found = self._edited[key] = policy, replace(policy, statements=kept)
        return found[1]


def _thinkable(decision: Decision, said: list[Said]) -> Iterator[StatementCounts]:
    """Give the statements whose loss may change the answer."""
    if _is_settled(decision):
        # The outcomes are those of several completions: no statement stands for another one.
        yield from _all(said)
        return
    for layer, watches in said:
        allows: dict[int, list[tuple[Watch, int]]] = {}
        denies: list[tuple[Watch, int]] = []
        for (watch, level), outcome in zip(watches, layer.outcomes, strict=True):
            if outcome != MATCHED and outcome != UNKNOWN:
                continue
            if watch.denies:
                denies.append((watch, outcome))
            else:
                allows.setdefault(level, []).append((watch, outcome))
        yield from _alone(denies)
        if decision.verdict is Verdict.EXPLICIT_DENY:
            continue  # R-FLOW-02: whatever is allowed besides
        if layer.layer is Layer.RESOURCE_CONTROL_POLICY:
            continue  # R-FLOW-04: RCPFullAWSAccess is implied at each level
        for spoken in allows.values():
            if layer.layer is Layer.RESOURCE_POLICY:
                # Each may name the caller in its own way (R-FLOW-08).
                yield from (watch.counts for watch, _ in spoken if watch.counts is not None)
            else:
                yield from _alone(spoken)


def _all(said: list[Said]) -> Iterator[StatementCounts]:
    for layer, watches in said:
        for (watch, _), outcome in zip(watches, layer.outcomes, strict=True):
            if outcome in (MATCHED, UNKNOWN) and watch.counts is not None:
                yield watch.counts


def _alone(spoken: list[tuple[Watch, int]]) -> Iterator[StatementCounts]:
    """Give the statement that matches alone; where none matches, those that perhaps do."""
    matched = {watch.identity for watch, outcome in spoken if outcome == MATCHED}
    if len(matched) > 1:
        return
    for watch, outcome in spoken:
        if watch.counts is not None and (outcome == MATCHED or not matched):
            yield watch.counts


def _is_settled(decision: Decision) -> bool:
    """Tell whether facts were missing, so that the answer came from trying what they could be."""
    certain = all(
        said.possible & (said.possible - 1) == 0 and not said.may_grant for said in decision.layers
    )
    if certain and not decision.missing:
        return False
    return bool(evaluate_once(decision.request, Resolved(decision.stack)).missing)
