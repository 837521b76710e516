"""The conditions that an answer rests on: what must hold, and which denies must not.

What follows from the principal, the resource or the environment is no condition: it is as it is.
A condition is on a key that the call decides: told, assumed, taken to be absent, or unknown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from policyeval.context import ABSENT, PRESENT, RequestContext, RoleOfUnknownPath
from policyeval.decision import Decision, LayerDecision, Naming, Outcome, StatementRef
from policyeval.evaluation.compile import compile_stack
from policyeval.evaluation.service_rules import ResourcePart, rule_for
from policyeval.matching.result import NO
from policyeval.matching.statement import CompiledStatement
from policyeval.policy import ConditionClause, Effect
from policyeval.stack import GRANTING, Layer
from policyeval.value import Value

_EITHER_SIDE = "grant"
_BEHIND_IDENTITY = (Layer.IDENTITY_POLICY, Layer.PERMISSIONS_BOUNDARY, Layer.SESSION_POLICY)
_HELD = (Outcome.MATCHED, Outcome.UNKNOWN)
_MATTERING = frozenset({*_HELD, Outcome.CONDITION_FAILS})

Asked = tuple[StatementRef, Outcome, CompiledStatement]


class Condition(Value):
    """One statement whose condition the answer rests on.

    All `clauses` must hold where the statement allows; where it denies, they must not all hold.
    Of allowing statements with the same `group` one is enough.
    """

    ref: StatementRef
    clauses: tuple[ConditionClause, ...]
    group: str = ""

    @property
    def denies(self) -> bool:
        """True where the statement denies what these clauses describe."""
        return self.ref.statement.effect is Effect.DENY


def granting_statements(decision: Decision) -> tuple[StatementRef, ...]:
    """Give the statements of identity and resource policies that grant, or perhaps grant."""
    unneeded = _unneeded(decision)
    return tuple(
        ref
        for said in decision.layers
        if said.layer in GRANTING and not (said.layer is Layer.RESOURCE_POLICY and unneeded)
        for asked in (_asked(said, decision),)
        for wanted in _HELD
        for ref, outcome, _ in asked
        if outcome is wanted and ref.statement.effect is Effect.ALLOW
    )


def conditions_of(decision: Decision) -> tuple[Condition, ...]:
    """Give the conditions that an allow, or an unknown answer, rests on, layer by layer."""
    context = decision.request.context
    asked = {said.layer: _asked(said, decision) for said in decision.layers}
    skipped = set(_skipped(decision, asked))
    either = _is_either_side(decision)
    found: list[Condition] = []
    for layer, statements in asked.items():
        if layer not in skipped:
            group = _EITHER_SIDE if either and layer in GRANTING else layer.value
            found += _of_allows(statements, context, group)
        found += _of_denies(statements, context)
    return tuple(found)


def _asked(said: LayerDecision, decision: Decision) -> list[Asked]:
    """Give the statements that a layer asked and that matter: with outcome and compiled form.

    Those are statements that hold, or perhaps hold, and denies that their condition alone stopped.
    """
    if not said.visited:
        return []
    # Of thousands of statements few matter, so the outcomes alone are looked through.
    mattering = [place for place, outcome in enumerate(said.outcomes) if outcome in _MATTERING]
    if not mattering:
        return []
    compiled = compile_stack(decision.stack)[said.layer]
    statements = compiled.candidates(decision.request.action.folded).statements
    ends = list(accumulate(len(visited.statements) for visited in said.visited))
    found: list[Asked] = []
    for place in mattering:
        outcome, form = Outcome(said.outcomes[place]), statements[place][0]
        if outcome is Outcome.CONDITION_FAILS and not form.denies:
            continue
        visited = said.visited[bisect_right(ends, place)]
        level = visited.level if said.level_count else None
        found.append(
            (StatementRef(said.layer, visited.policy, form.statement, level), outcome, form)
        )
    return found


def _of_allows(asked: list[Asked], context: RequestContext, group: str) -> Iterator[Condition]:
    levels: dict[int | None, list[Condition]] = {}
    free: set[int | None] = set()
    for ref, outcome, _ in asked:
        if ref.statement.effect is Effect.DENY or outcome not in _HELD:
            continue
        clauses = open_clauses(ref, context)
        if clauses:
            name = group if ref.level is None else f"{group}[{ref.level}]"
            levels.setdefault(ref.level, []).append(Condition(ref, clauses, name))
        elif outcome is Outcome.MATCHED:
            free.add(ref.level)
    for level, conditions in levels.items():
        if level not in free:
            yield from conditions


def _of_denies(asked: list[Asked], context: RequestContext) -> Iterator[Condition]:
    for ref, outcome, compiled in asked:
        if ref.statement.effect is Effect.ALLOW or outcome not in (
            Outcome.CONDITION_FAILS,
            Outcome.UNKNOWN,
        ):
            continue
        clauses = open_clauses(ref, context)
        settled = any(
            test(context.entries, context.default) == NO
            for clause, test in zip(ref.statement.condition, compiled.clauses, strict=True)
            if clause not in clauses
        )
        if clauses and not settled:
            yield Condition(ref, clauses)


def open_clauses(ref: StatementRef, context: RequestContext) -> tuple[ConditionClause, ...]:
    """Give the clauses of a statement that the call decides, not who asks or what for."""
    return tuple(clause for clause in ref.statement.condition if _is_open(clause, context))


def _is_open(clause: ConditionClause, context: RequestContext) -> bool:
    if clause.operator.name == "Null" and context[clause.key] is PRESENT:
        return False
    variables = (variable.key for value in clause.values for variable in value.variables)
    return any(not _follows(key, context) for key in (clause.key, *variables) if key)


def _follows(key: str, context: RequestContext) -> bool:
    """Tell whether a key has its value from the principal, the resource or the environment."""
    if key.lower() not in context.derived:
        return False
    value = context[key]
    return value is ABSENT or (
        isinstance(value, tuple) and not isinstance(value, RoleOfUnknownPath)
    )


def _is_either_side(decision: Decision) -> bool:
    """Tell whether an allow of one side is enough (R-FLOW-07)."""
    rule = rule_for(decision.request)
    same_account = decision.request.same_account or rule.any_account
    return same_account and rule.part is ResourcePart.EITHER


def _unneeded(decision: Decision) -> bool:
    """Tell whether the resource policy at most names the account, which grants nothing here."""
    said = decision.layer(Layer.RESOURCE_POLICY)
    more = (said.granted | said.may_grant) & ~(1 << Naming.ACCOUNT | 1 << Naming.NOT_NAMED)
    return _is_either_side(decision) and not more


def _skipped(decision: Decision, asked: dict[Layer, list[Asked]]) -> Iterator[Layer]:
    """Give the layers whose allows are not needed, since another side grants by itself."""
    if _unneeded(decision):
        yield Layer.RESOURCE_POLICY
    if not _is_either_side(decision):
        return
    context = decision.request.context
    if _grants_freely(asked[Layer.IDENTITY_POLICY], context):
        yield Layer.RESOURCE_POLICY
    said = decision.layer(Layer.RESOURCE_POLICY)
    directly = said.granted == 1 << Naming.DIRECT and not said.may_grant
    if directly and _grants_freely(asked[Layer.RESOURCE_POLICY], context):
        yield from _BEHIND_IDENTITY


def _grants_freely(asked: list[Asked], context: RequestContext) -> bool:
    return any(
        ref.statement.effect is Effect.ALLOW
        and outcome is Outcome.MATCHED
        and not open_clauses(ref, context)
        for ref, outcome, _ in asked
    )
