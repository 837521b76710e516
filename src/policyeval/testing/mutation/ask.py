"""Which test fails under a mutant? Few are asked: a statement that says the same changes nothing.

A layer folds what its statements say: effect, outcome, and in a resource policy how the caller is
named. Where old and new form of a statement say the same about a request, the decision is the
same, so the layers are not asked again. That needs two cautions. An outcome that is unknown is
never taken for the same, since the facts that are missing differ. And tests that look at near
misses read statements that did not match, so they are asked whenever the statement speaks about
the service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from policyeval.decision import Naming, Outcome
from policyeval.evaluation.caller import caller_at, caller_of
from policyeval.evaluation.compile import USES, compile_stack, compile_statement
from policyeval.evaluation.engine import evaluate
from policyeval.matching.action import services_of
from policyeval.matching.principal import Caller
from policyeval.matching.statement import CompiledStatement, match_statement
from policyeval.policy import Policy, PolicyType, Statement
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack
from policyeval.testing.judge import is_met
from policyeval.testing.mutation.attachments import detached, hangs
from policyeval.testing.mutation.model import Mutant
from policyeval.testing.mutation.plan import Asked, Plan, Unit
from policyeval.value import Value, fill_cache, replace

_ACTION = int(Outcome.ACTION_DIFFERS)
_MATCHED = int(Outcome.MATCHED)
_UNKNOWN = int(Outcome.UNKNOWN)
_HELD = frozenset((_MATCHED, _UNKNOWN))
_ASKED_CONDITION = _HELD | {int(Outcome.CONDITION_FAILS)}
_ASKED_PRINCIPAL = _ASKED_CONDITION | {int(Outcome.PRINCIPAL_DIFFERS)}
_ASKED_RESOURCE = _ASKED_PRINCIPAL | {int(Outcome.RESOURCE_DIFFERS)}
_ALL = _ASKED_RESOURCE | {_ACTION}


class Place(Value):
    """A layer in which a policy meets a request, and the names by which it knows the caller."""

    layer: Layer
    use: PolicyType
    caller: Caller


class _Row:
    """What a statement of the policy says about one test's request."""

    __slots__ = ("asked", "outcomes", "places")

    def __init__(self, asked: Asked, places: tuple[Place, ...], statement: Statement) -> None:
        self.asked = asked
        self.places = places
        self.outcomes = tuple(outcome(statement, asked.request, place) for place in places)


class Asking:
    """Finds the tests that kill mutants."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._places: dict[tuple[int, int], tuple[Place, ...]] = {}
        self._callers: dict[int, Caller] = {}
        self._rows: tuple[tuple[int, int], list[_Row]] = ((-1, -1), [])
        self._stacks: tuple[Mutant | None, dict[int, tuple[PolicyStack, PolicyStack]]] = (None, {})

    def met(self, mutant: Mutant) -> int:
        """Count the tests whose stack has what the mutant changes."""
        return len(self.tests(mutant))

    def tests(self, mutant: Mutant) -> list[int]:
        """Give the numbers of the tests whose stack has what the mutant changes."""
        if mutant.attachment is not None:
            attachment = mutant.attachment
            return [each.number for each in self.plan.asked if hangs(attachment, each.stack)]
        unit = self.plan.unit_of(mutant.policy)
        return unit.tests if unit is not None else []

    def killer(self, mutant: Mutant) -> Asked | None:
        """Give the first test that fails under a mutant; None where all pass."""
        for asked in self._candidates(mutant):
            decision = evaluate(asked.request, self.stack(asked.stack, mutant))
            if not is_met(asked.test.expect, decision):
                return asked
        return None

    def stack(self, stack: PolicyStack, mutant: Mutant) -> PolicyStack:
        """Give a stack with the mutant in it, made once as long as one mutant is asked about."""
        if self._stacks[0] is not mutant:
            self._stacks = (mutant, {})
        made = self._stacks[1]
        if id(stack) not in made:
            changed = mutated_stack(stack, mutant, self.plan)
            if changed is not stack:
                fill_cache(changed, "_compiled", _shared(stack, changed))
            made[id(stack)] = (stack, changed)  # the key is an id, so the stack must live as long
        return made[id(stack)][1]

    # ---- who is worth asking ----------------------------------------------------------------

    def _candidates(self, mutant: Mutant) -> Iterator[Asked]:
        old = mutant.original
        if old is None:
            yield from (self.plan.asked[number] for number in self.tests(mutant))
            return
        unit = self.plan.unit_of(mutant.policy)
        if unit is None:
            return
        new = mutant.statement
        affected = _affected(old, new)
        services = (services_of(old.action), services_of(new.action if new else old.action))
        for row in self._rows_of(unit, old):
            request, expect = row.asked.request, row.asked.test.expect
            if expect.near_miss or expect.message:
                service = request.action.service
                if any(listed is None or service in listed for listed in services):
                    yield row.asked
            elif any(
                result in affected and differs(old, new, result, request, place)
                for result, place in zip(row.outcomes, row.places, strict=True)
            ):
                yield row.asked

    def _rows_of(self, unit: Unit, statement: Statement) -> list[_Row]:
        key = (unit.number, statement.index)
        if self._rows[0] != key:
            asked = [self.plan.asked[number] for number in unit.tests]
            rows = [_Row(each, self.places(unit, each), statement) for each in asked]
            self._rows = (key, rows)
        return self._rows[1]

    def places(self, unit: Unit, asked: Asked) -> tuple[Place, ...]:
        """Give the layers through which a policy can say something about a test's request."""
        key = (unit.number, asked.number)
        if key not in self._places:
            if asked.number not in self._callers:
                self._callers[asked.number] = caller_of(asked.request, asked.stack)
            caller = self._callers[asked.number]
            self._places[key] = tuple(
                places_of(
                    asked.request, asked.stack, caller, lambda p: self.plan.unit_of(p) is unit
                )
            )
        return self._places[key]


def places_of(
    request: Request, stack: PolicyStack, caller: Caller, is_it: Callable[[Policy], bool]
) -> Iterator[Place]:
    """Give the layers of a stack that hold a policy, with the caller's names there."""
    compiled = compile_stack(stack)
    for layer in stack.layers:
        if any(is_it(attached.policy) for attached in stack.policies(layer)):
            yield Place(layer, USES[layer], caller_at(layer, caller, request, compiled[layer]))


def outcome(statement: Statement, request: Request, place: Place) -> int:
    """Give the outcome of a statement, the action asked too."""
    compiled = compile_statement(statement, place.use)
    if not compiled.covers_action(request.action.folded):
        return _ACTION
    context = request.context
    return match_statement(
        compiled, request.resource.text, context.entries, context.default, place.caller
    )


def differs(
    old: Statement, new: Statement | None, result: int, request: Request, place: Place
) -> bool:
    """Tell whether two forms of a statement say different things; `result` is the old outcome."""
    other = outcome(new, request, place) if new is not None else _ACTION
    if result == _UNKNOWN or other == _UNKNOWN:
        return True
    if (result == _MATCHED) is not (other == _MATCHED):
        return True
    if result != _MATCHED:
        return False
    assert new is not None
    if old.effect is not new.effect:
        return True
    return place.layer is Layer.RESOURCE_POLICY and _naming(old, place) != _naming(new, place)


def _naming(statement: Statement, place: Place) -> tuple[Naming | None, bool]:
    compiled: CompiledStatement = compile_statement(statement, place.use)
    if compiled.principal is None:
        return Naming.DIRECT, False
    return compiled.principal.naming(place.caller), compiled.principal.may_grant_more(place.caller)


def _affected(old: Statement, new: Statement | None) -> frozenset[int]:
    """Give the old outcomes that the new form may turn into others.

    Questions are asked in order, so one that was answered with no before the first changed one is
    answered so again.
    """
    if new is None:
        return _HELD
    if old.action != new.action:
        return _ALL
    if old.resource != new.resource:
        return _ASKED_RESOURCE
    negated = old.principal is not None and old.principal.negated
    if old.principal != new.principal or (negated and old.effect is not new.effect):
        return _ASKED_PRINCIPAL
    return _ASKED_CONDITION if old.condition != new.condition else _HELD


# ---- the changed stack --------------------------------------------------------------------


def mutated_policy(mutant: Mutant) -> Policy:
    """Give the policy with the changed statement, or without it."""
    statements = tuple(
        each if each.index != mutant.index else mutant.statement
        for each in mutant.policy.statements
        if each.index != mutant.index or mutant.statement is not None
    )
    return replace(mutant.policy, statements=statements)


def mutated_stack(stack: PolicyStack, mutant: Mutant, plan: Plan) -> PolicyStack:
    """Give the stack with the mutant wherever its policy hangs."""
    if mutant.attachment is not None:
        return detached(stack, mutant.attachment) if hangs(mutant.attachment, stack) else stack
    unit = plan.unit_of(mutant.policy)
    changed = mutated_policy(mutant)
    return stack.with_policies(lambda p: changed if plan.unit_of(p) is unit else p)


def _shared(stack: PolicyStack, changed: PolicyStack) -> dict[Layer, object]:
    """Compile a changed stack; layers that are as they were are ready already."""
    from policyeval.evaluation.compile import CompiledLayer

    compiled = compile_stack(stack)
    return {
        layer: compiled[layer]
        if stack.layers.get(layer) is levels
        else CompiledLayer(layer, levels)
        for layer, levels in changed.layers.items()
    }
