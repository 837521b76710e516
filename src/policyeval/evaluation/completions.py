"""Settle an unknown answer by trying the values that missing facts could take.

Three-valued logic takes each unknown on its own, so it may say unknown where every value of a
fact leads to one answer (`StringEquals` in one statement, `StringNotEquals` in another). Here
the conditions themselves tell which values make a difference: the listed ones, their neighbours,
one that is like none of them, and absence. Where these stand for all values there are, the
answers found are exactly the answers possible; elsewhere they are examples, and the wider set of
three-valued logic stays.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from policyeval.context import ABSENT, ContextValue
from policyeval.decision import (
    Alternative,
    Decision,
    LayerDecision,
    LayerVerdict,
    Outcome,
    StatementRef,
    Verdict,
)
from policyeval.evaluation.compile import compile_stack
from policyeval.evaluation.facts_used import undecided, unknown_keys
from policyeval.evaluation.samples import Samples
from policyeval.matching.statement import CompiledStatement
from policyeval.request import Request, with_context
from policyeval.stack import Layer, PolicyStack
from policyeval.value import replace

MOST_COMPLETIONS = 512
MOST_KEYS = 16
MOST_EXAMPLES = 8
MOST_CAUSES = 24

Ask = Callable[[Request, PolicyStack], Decision]
Assignment = tuple[tuple[str, str | None], ...]


def settle(decision: Decision, ask: Ask) -> Decision:
    """Give the decision with its open answers narrowed, and an example of facts for each.

    `ask` decides a request once, with three-valued answers.
    """
    statements = _undecided(decision)
    keys: dict[str, str] = {}
    for statement in statements:
        for key in unknown_keys(statement, decision.request):
            keys.setdefault(key, statement.keys[key])
    if len(keys) > MOST_KEYS:
        return decision
    samples = [Samples.of(key, statements, decision.request.context) for key in keys]
    # A fact that is no key of these conditions stays open whatever the keys are.
    facts = list(keys.values())
    exact = all(sample.exact for sample in samples) and set(facts) >= set(decision.missing)
    size = 1
    for sample in samples:
        size *= len(sample.values)
    if size > MOST_COMPLETIONS or not samples:
        return decision
    if not exact and decision.verdict is not Verdict.UNKNOWN:
        return decision  # denied for certain, and examples would not tell the kind
    tried = _try(decision, ask, facts, [sample.values for sample in samples])
    if not exact or any(answer.verdict is Verdict.UNKNOWN for _, answer in tried):
        examples = _examples(decision, tried, facts)
        return replace(decision, alternatives=examples, inexact=not exact)
    return _narrowed(decision, tried, facts)


def sample_values(key: str, decision: Decision) -> tuple[str | None, ...]:
    """Give the values of a missing fact that make a difference to the open statements."""
    return Samples.of(key.lower(), _undecided(decision), decision.request.context).values


def _undecided(decision: Decision) -> list[CompiledStatement]:
    compiled = compile_stack(decision.stack)
    return [
        statement
        for layer in decision.layers
        if layer.visited
        for statement in undecided(layer, compiled, decision.request)
    ]


def _try(
    decision: Decision, ask: Ask, keys: list[str], values: list[tuple[str | None, ...]]
) -> list[tuple[Assignment, Decision]]:
    """Evaluate every combination of sample values."""
    tried = []
    for chosen in product(*values):
        assignment = tuple(zip(keys, chosen, strict=True))
        changes: dict[str, ContextValue] = {
            key: ABSENT if value is None else (value,) for key, value in assignment
        }
        request = with_context(decision.request, changes)
        tried.append((assignment, ask(request, decision.stack)))
    return tried


def _narrowed(
    decision: Decision, tried: list[tuple[Assignment, Decision]], keys: list[str]
) -> Decision:
    verdicts = {answer.verdict for _, answer in tried}
    if len(verdicts) == 1 or Verdict.ALLOWED not in verdicts:
        only = next(iter(verdicts)) if len(verdicts) == 1 else Verdict.IMPLICIT_DENY
        always = [layer for layer in Layer if all(layer in a.blocking for _, a in tried)]
        sometimes = [layer for layer in Layer if any(layer in a.blocking for _, a in tried)]
        return replace(
            decision,
            verdict=only,
            layers=_merged(decision, [answer for _, answer in tried]),
            blocking=tuple(always or sometimes),
            missing=() if len(verdicts) == 1 else decision.missing,
            alternatives=(),
        )
    matter = [key for place, key in enumerate(keys) if _matters(place, tried)]
    return replace(
        decision,
        missing=tuple(matter),
        alternatives=_examples(replace(decision, alternatives=()), tried, matter),
    )


def _merged(decision: Decision, answers: list[Decision]) -> tuple[LayerDecision, ...]:
    """What the layers say where the answer is the same whatever the facts are.

    A statement counts as matching where it matches in one of the completions: together they make
    the answer sure.
    """
    merged = []
    for place, said in enumerate(decision.layers):
        whole = [answer.layers[place] for answer in answers]
        same_visits = [one for one in whole if len(one.outcomes) == len(said.outcomes)]
        outcomes = tuple(
            int(Outcome.MATCHED)
            if any(one.outcomes[index] == Outcome.MATCHED for one in same_visits)
            else outcome
            for index, outcome in enumerate(said.outcomes)
        )
        verdicts = {one.verdict for one in whole}
        verdict = said.verdict
        if len(verdicts) == 1 or LayerVerdict.DENIED in verdicts:
            verdict = LayerVerdict.DENIED if LayerVerdict.DENIED in verdicts else verdicts.pop()
        merged.append(replace(said, outcomes=outcomes, verdict=verdict))
    return tuple(merged)


def _matters(place: int, tried: list[tuple[Assignment, Decision]]) -> bool:
    """Tell whether two completions that differ in this fact alone have different answers."""
    seen: dict[Assignment, Verdict] = {}
    for assignment, answer in tried:
        others = assignment[:place] + assignment[place + 1 :]
        if seen.setdefault(others, answer.verdict) is not answer.verdict:
            return True
    return False


def _denying(answer: Decision) -> tuple[StatementRef, ...]:
    return answer.determining if answer.denied else ()


def _examples(
    decision: Decision, tried: list[tuple[Assignment, Decision]], keys: list[str]
) -> tuple[Alternative, ...]:
    """Facts that lead to each answer, told by the keys that matter; few and each different.

    Each cause of a denial is shown once, by the facts that lead to it alone.
    """
    examples: dict[tuple[Verdict, Layer | None, tuple[StatementRef, ...]], list[Alternative]] = {}
    for assignment, answer in tried:
        if answer.verdict is Verdict.UNKNOWN:
            continue
        facts = tuple((key, value) for key, value in assignment if key in keys)
        denying = _denying(answer)
        alternative = Alternative(answer.verdict, facts, answer.decided_by, denying)
        found = examples.setdefault((answer.verdict, answer.decided_by, denying), [])
        if alternative not in found and len(found) < (MOST_EXAMPLES if len(keys) == 1 else 1):
            found.append(alternative)
    shown = [
        alternative
        for cause, found in list(examples.items())[:MOST_CAUSES]
        if not any(_is_part(other, cause) for other in examples)
        for alternative in found
    ]
    covered = {alternative.verdict for alternative in shown}
    shown += [open_ for open_ in decision.alternatives if open_.verdict not in covered]
    return tuple(sorted(shown, key=lambda one: list(Verdict).index(one.verdict)))


def _is_part(
    one: tuple[Verdict, Layer | None, tuple[StatementRef, ...]],
    other: tuple[Verdict, Layer | None, tuple[StatementRef, ...]],
) -> bool:
    """Tell whether the second cause is the first and something more, in the same layers."""
    more = set(other[2])
    if one[0] is not other[0] or not one[2] or not set(one[2]) < more:
        return False
    return {ref.layer for ref in one[2]} == {ref.layer for ref in more}
