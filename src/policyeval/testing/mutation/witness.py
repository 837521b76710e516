"""A request that a mutant answers otherwise: the test that is missing.

The search starts from the tests that meet the policy and varies what the change is about: actions,
resources and principals that old and new form list, context keys that they compare. A candidate
costs little as long as both forms say the same about it; only where they differ are the layers
asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from policyeval.context import Presence
from policyeval.decision import Verdict
from policyeval.errors import PolicyEvalError
from policyeval.evaluation.caller import caller_of
from policyeval.evaluation.compile import USES, compile_statement
from policyeval.evaluation.engine import evaluate
from policyeval.matching.result import NO, UNKNOWN, YES
from policyeval.policy import Effect, PolicyType, Statement
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack
from policyeval.testing.model import PolicyTest
from policyeval.testing.mutation.ask import Asking, differs, outcome, places_of
from policyeval.testing.mutation.attachments import hangs
from policyeval.testing.mutation.candidates import (
    actions_granted,
    actions_of,
    contexts_for,
    pairs_for,
    principals_for,
    resources_for,
)
from policyeval.testing.mutation.model import Mutant, MutantResult, Witness
from policyeval.testing.mutation.plan import Plan, Unit
from policyeval.value import replace

MOST_BASES = 6
MOST_TRIED = 400
MOST_PAIRS = 64
MOST_EVALUATED = 60
MOST_BETTER = 12
MOST_CONTEXTS = 16
MOST_STATEMENTS = 16
OF_MANY = (
    Layer.SERVICE_CONTROL_POLICY,
    Layer.RESOURCE_CONTROL_POLICY,
    Layer.VPC_ENDPOINT_POLICY,
)
"""Layers whose policies reach many callers."""


_OF_ONE_SERVICE = ("s3", "dynamodb")
"""Services whose gateway endpoints let no other service's requests through."""


def _passes_endpoint(request: Request, test: PolicyTest) -> bool:
    """Tell whether a call can come through the endpoint that it is said to come through."""
    through, environment = request.context["aws:SourceVpce"], test.world.environment
    if environment is None or not isinstance(through, tuple) or len(through) != 1:
        return True
    endpoint = environment.index.endpoints.get(through[0])
    service = endpoint.service.rpartition(".")[2] if endpoint is not None else ""
    return service not in _OF_ONE_SERVICE or request.action.service == service


class Searching:
    """Finds witnesses. One search for each survivor, all of bounded size."""

    def __init__(self, plan: Plan, asking: Asking) -> None:
        self.plan = plan
        self.asking = asking
        self._actions: tuple[Mutant | None, list[str]] = (None, [])

    def witness(self, mutant: Mutant) -> Witness | None:
        """Give a request with two answers; None where none was found.

        One that is allowed and then not, or the other way round, is taken before one that is
        denied for another reason, and that before one with an answer that is unknown.
        """
        unit = self.plan.unit_of(mutant.policy)
        if unit is None:
            return None
        tried = evaluated = 0
        best: Witness | None = None
        most = MOST_EVALUATED
        seen: set[tuple[Any, ...]] = set()
        for test in self._candidates(mutant, unit):
            told = tuple(sorted((name, repr(value)) for name, value in test.context.items()))
            key = (test.principal, test.action, test.resource, id(test.world), told)
            if key in seen:
                continue
            seen.add(key)
            tried += 1
            if tried > MOST_TRIED:
                break
            asked = self._resolved(test)
            if asked is None or not self._may_differ(mutant, unit, *asked):
                continue
            evaluated += 1
            if evaluated > most:
                break
            found = self._compared(test, mutant, *asked)
            if found is None:
                continue
            if _weight(found) == 2:
                return found
            if best is None or _weight(best) < _weight(found):
                best = found
            most = min(most, evaluated + MOST_BETTER)
        return best

    def confirms(self, result: MutantResult) -> bool:
        """Tell whether a witness found earlier still gets its two answers."""
        witness = result.witness
        asked = self._resolved(witness.test) if witness is not None else None
        if witness is None or asked is None:
            return False
        again = self._compared(witness.test, result.mutant, *asked)
        return again is not None and (again.today, again.mutated) == (
            witness.today,
            witness.mutated,
        )

    def _resolved(self, test: PolicyTest) -> tuple[Request, PolicyStack] | None:
        try:
            request, stack = test.world.policies.resolve(test.request())
        except PolicyEvalError:
            return None  # facts that contradict each other: no request at all
        return (request, stack) if _passes_endpoint(request, test) else None

    def _may_differ(self, mutant: Mutant, unit: Unit, request: Request, stack: PolicyStack) -> bool:
        old = mutant.original
        if old is None:
            assert mutant.attachment is not None
            return hangs(mutant.attachment, stack)
        caller = caller_of(request, stack)
        places = places_of(request, stack, caller, lambda p: self.plan.unit_of(p) is unit)
        return any(
            differs(old, mutant.statement, outcome(old, request, place), request, place)
            for place in places
        )

    def _compared(
        self, test: PolicyTest, mutant: Mutant, request: Request, stack: PolicyStack
    ) -> Witness | None:
        today = evaluate(request, stack).verdict
        mutated = evaluate(request, self.asking.stack(stack, mutant)).verdict
        return Witness(test, today, mutated) if today is not mutated else None

    # ---- candidates -------------------------------------------------------------------------

    def _candidates(self, mutant: Mutant, unit: Unit) -> Iterator[PolicyTest]:
        """Give requests to try, the likeliest first."""
        forms = [form for form in (mutant.original, mutant.statement) if form is not None]
        bases = self._bases(mutant, unit, forms)
        shared = any(layer in OF_MANY for layer in unit.layers)
        for derived in (False, True):
            for base in bases:
                for principal in principals_for(mutant, base, bases, shared=shared):
                    asked = base if principal == base.principal else _as(base, principal)
                    yield from self._variations(asked, mutant, unit, derived=derived)

    def _variations(
        self, base: PolicyTest, mutant: Mutant, unit: Unit, *, derived: bool
    ) -> Iterator[PolicyTest]:
        forms = [form for form in (mutant.original, mutant.statement) if form is not None]
        resolved = self._resolved(base)
        if resolved is None:
            return
        request, stack = resolved
        contexts = list(islice(contexts_for(forms, request, derived=derived), MOST_CONTEXTS))
        if not contexts:
            return
        granted = _granted(stack)
        speaking = forms or _limiting(stack)
        actions = [*self._actions_of(mutant, speaking), *actions_granted(granted)]
        resources = resources_for(speaking, granted, base, request)
        matters = _mattering(mutant, unit, request)
        pairs = list(islice(pairs_for(actions, resources, request, matters), MOST_PAIRS))
        for first, last in ((0, 2), (2, MOST_CONTEXTS)):
            for action, resource in pairs:
                for context in contexts[first:last]:
                    yield _asking(base, action, resource, context)

    def _actions_of(self, mutant: Mutant, forms: Sequence[Statement]) -> list[str]:
        if mutant.original is None:
            return actions_of(forms)
        if self._actions[0] is not mutant:
            self._actions = (mutant, actions_of(forms))
        return self._actions[1]

    def _bases(self, mutant: Mutant, unit: Unit, forms: Sequence[Statement]) -> list[PolicyTest]:
        """Give tests to start from: those that meet the statement, else others of its world."""
        ranked: list[tuple[bool, int, bool, int, int]] = []
        for number in self.asking.tests(mutant):
            asked = self.plan.asked[number]
            far = 0
            if forms:
                results = [
                    outcome(form, asked.request, place)
                    for place in self.asking.places(unit, asked)
                    for form in forms
                ]
                far = min((_DISTANCE[result] for result in results), default=9)
            context = asked.test.context
            vague = any(isinstance(value, Presence) for value in context.values())
            overlaid = is_overlaid(asked.test)
            ranked.append((vague, far, overlaid, len(context), number))
        chosen: dict[tuple[str, str, str], PolicyTest] = {}
        for _, _, _, _, number in sorted(ranked):
            test = self.plan.asked[number].test
            chosen.setdefault((test.principal, test.action, test.resource), test)
            if len(chosen) == MOST_BASES:
                break
        if not chosen:
            return list(islice(self._unmet_bases(unit), MOST_BASES))
        bases = list(chosen.values())
        overlaid_only = [test for test in bases if is_overlaid(test)][:2]
        for test in overlaid_only:
            bases += (_elsewhere(test, other) for other in self._not_overlaid(test)[:2])
        return bases

    def _not_overlaid(self, test: PolicyTest) -> list[PolicyTest]:
        """Give tests of the same file that are asked in worlds without overlays, one for each."""
        found: dict[int, PolicyTest] = {}
        for asked in self.plan.asked:
            other = asked.test
            if other.file == test.file and not is_overlaid(other):
                found.setdefault(id(other.world), other)
        return list(found.values())

    def _unmet_bases(self, unit: Unit) -> Iterator[PolicyTest]:
        """For a policy that no test meets: a test of its environment, asked by who carries it."""
        tests = [asked.test for asked in self.plan.asked] + self.plan.left_out
        for environment in self.plan.environments:
            base = next((t for t in tests if t.world.environment is environment), None)
            if base is None:
                continue
            carriers = [
                identity
                for identity in environment.identities.values()
                if identity.arn and _carries(self.plan, unit, identity, environment.groups)
            ]
            for identity in carriers:
                yield _as(base, identity.arn)
            if not carriers:
                yield base


_DISTANCE = (0, 4, 3, 2, 1, 0)
"""How far an outcome is from a match: an action that differs is farthest."""


def _carries(plan: Plan, unit: Unit, identity: Any, groups: Mapping[str, Any]) -> bool:
    documents = [*(identity.policies or ()), *(identity.boundary or ()), *(identity.trust or ())]
    for name in identity.groups:
        documents += groups[name].policies
    return any(each.policy is not None and plan.unit_of(each.policy) is unit for each in documents)


def _weight(witness: Witness) -> int:
    answers = (witness.today, witness.mutated)
    if Verdict.UNKNOWN in answers:
        return 0
    return 2 if Verdict.ALLOWED in answers else 1


def _mattering(mutant: Mutant, unit: Unit, request: Request) -> Callable[[str, str], bool]:
    """Tell whether old and new form could say different things about an action on a resource."""
    old, new = mutant.original, mutant.statement
    if old is None:
        return lambda _action, _resource: True
    same = new is not None and (old.action, old.resource) == (new.action, new.resource)
    elsewhere = new is None or (old.effect, old.principal, old.condition) != (
        new.effect,
        new.principal,
        new.condition,
    )
    entries, default = request.context.entries, request.context.default

    def reaches(form: Statement | None, use: PolicyType, action: str, resource: str) -> int:
        if form is None:
            return NO
        compiled = compile_statement(form, use)
        if not compiled.covers_action(action.lower()):
            return NO
        return compiled.resource(resource, entries, default) if compiled.resource else YES

    def matters(action: str, resource: str) -> bool:
        for use in {USES[layer] for layer in unit.layers}:
            one = reaches(old, use, action, resource)
            if same:
                if one != NO:
                    return True
                continue
            other = reaches(new, use, action, resource)
            if one != other or UNKNOWN in (one, other) or (elsewhere and one != NO):
                return True
        return False

    return matters


def is_overlaid(test: PolicyTest) -> bool:
    """Tell whether a test changes the environment: a test beside it would need the same change."""
    environment = test.world.environment
    return environment is not None and test.world.name != environment.name


def _granted(stack: PolicyStack) -> list[Statement]:
    """Give statements by which the caller may do something."""
    return _of_layers(
        stack, (Layer.IDENTITY_POLICY, Layer.RESOURCE_POLICY), lambda s: s.effect is Effect.ALLOW
    )


def _limiting(stack: PolicyStack) -> list[Statement]:
    """Give statements of the layers that may be detached."""
    return _of_layers(
        stack,
        (Layer.PERMISSIONS_BOUNDARY, Layer.SERVICE_CONTROL_POLICY, Layer.VPC_ENDPOINT_POLICY),
        lambda _statement: True,
    )


def _of_layers(
    stack: PolicyStack, layers: Iterable[Layer], wanted: Callable[[Statement], bool]
) -> list[Statement]:
    found = (
        statement
        for layer in layers
        for attached in stack.policies(layer)
        for statement in attached.policy.statements
        if wanted(statement)
    )
    return list(islice(found, MOST_STATEMENTS))


def _elsewhere(test: PolicyTest, other: PolicyTest) -> PolicyTest:
    """Give a test's request, asked where another test is.

    It goes by the other's id: results that were written down find the world again by it.
    """
    return replace(
        other,
        principal=test.principal,
        action=test.action,
        resource=test.resource,
        context=test.context,
        resource_account=test.resource_account,
        facts=test.facts,
        asked=test.asked,
    )


def _as(base: PolicyTest, principal: str) -> PolicyTest:
    return replace(base, principal=principal, asked=(principal, base.asked[1], base.asked[2]))


def _asking(base: PolicyTest, action: str, resource: str, changes: Mapping[str, Any]) -> PolicyTest:
    """Give the test with another action, resource and context."""
    principal, _, shown = base.asked
    context = base.context
    if changes:
        lowered = {key.lower() for key in changes}
        kept = {key: value for key, value in context.items() if key.lower() not in lowered}
        context = {**kept, **changes}
    return replace(
        base,
        action=action,
        resource=resource,
        context=context,
        asked=(
            principal or base.principal,
            action,
            shown if resource == base.resource and shown else resource,
        ),
    )
