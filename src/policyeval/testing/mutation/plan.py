"""What there is to mutate and who can tell: the policies of the tests' stacks, and their tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from policyeval.environment.model import Documents, Environment
from policyeval.evaluation.compile import USES
from policyeval.evaluation.engine import evaluate
from policyeval.policy import Policy, PolicyType
from policyeval.request import Request
from policyeval.stack import AttachedPolicy, Layer, PolicyStack
from policyeval.testing.judge import is_met
from policyeval.testing.model import PolicyTest, Status, Suite
from policyeval.testing.mutation.attachments import is_own
from policyeval.testing.run import Rules, run_test
from policyeval.value import Value


class Asked(Value):
    """A test that passes: its request with all facts, and its stack."""

    number: int
    test: PolicyTest
    request: Request
    stack: PolicyStack


class Unit:
    """One policy, wherever it hangs: `tests` are the numbers of those that meet it."""

    __slots__ = ("layers", "name", "number", "policy", "tests", "types")

    def __init__(self, number: int, policy: Policy, name: str) -> None:
        self.number = number
        self.policy = policy
        self.name = name
        self.layers: dict[Layer, None] = {}
        self.types: dict[PolicyType, None] = {}
        self.tests: list[int] = []


class Plan:
    """The tests that pass, and the policies that they meet.

    Policies are known by identity; of two that say the same and come from the same place, as when
    two suites load one file, both are the one unit.
    """

    def __init__(
        self,
        suites: Sequence[Suite],
        rules: Rules,
        wanted: Callable[[str], bool] = lambda _name: True,
    ) -> None:
        self.asked: list[Asked] = []
        self.left_out: list[PolicyTest] = []
        self.units: list[Unit] = []
        self.stacks: list[PolicyStack] = []
        self.environments: list[Environment] = []
        self._owners: dict[int, dict[str | None, None]] | None = None
        self._wanted = wanted
        self._by_meaning: dict[Any, Unit | None] = {}
        self._by_policy: dict[int, tuple[Policy, Unit | None]] = {}
        self._of_stack: dict[int, list[Unit]] = {}
        for test in (test for suite in suites for test in suite.tests):
            self._add(test, rules)
        self._add_unmet(suites)

    def unit_of(self, policy: Policy) -> Unit | None:
        """Give the unit of a policy object; None for AWS's own, and what nobody wants changed."""
        found = self._by_policy.get(id(policy))
        return found[1] if found is not None else None

    def owners(self, unit: Unit) -> tuple[str, ...]:
        """Give the resources whose policy a unit is, where it is nothing else.

        Empty where it hangs elsewhere too, or where a test asks it on its own: then a request may
        name any resource.
        """
        if set(unit.layers) != {Layer.RESOURCE_POLICY}:
            return ()
        if any(self.asked[number].test.world.environment is None for number in unit.tests):
            return ()
        if self._owners is None:
            self._owners = self._owners_of_all()
        found = self._owners.get(unit.number, {})
        return () if None in found else tuple(arn for arn in found if arn is not None)

    def _owners_of_all(self) -> dict[int, dict[str | None, None]]:
        """Give the resources of each unit; None stands for a role whose trust policy it is."""
        owners: dict[int, dict[str | None, None]] = {}
        for environment in self.environments:
            places: list[tuple[str | None, Documents | None]] = [
                (entry.arn, entry.policy) for entry in environment.resources.values()
            ]
            places += [(None, each.trust) for each in environment.identities.values()]
            for arn, documents in places:
                for document in documents or ():
                    unit = self.unit_of(document.policy) if document.policy is not None else None
                    if unit is not None:
                        owners.setdefault(unit.number, {})[arn] = None
        return owners

    # ---- gathering --------------------------------------------------------------------------

    def _add(self, test: PolicyTest, rules: Rules) -> None:
        result = run_test(test, rules)
        if result.status is Status.SKIPPED:
            return
        decision = result.decision
        if result.status is not Status.PASSED or decision is None:
            self.left_out.append(test)
            return
        # Mutants are asked on the stack, so the answer must be the same there without one.
        again = evaluate(decision.request, decision.stack)
        if not is_met(test.expect, again):
            self.left_out.append(test)
            return
        number = len(self.asked)
        self.asked.append(Asked(number, test, decision.request, decision.stack))
        for unit in self._units_of(decision.stack):
            unit.tests.append(number)

    def _units_of(self, stack: PolicyStack) -> list[Unit]:
        found = self._of_stack.get(id(stack))
        if found is None:
            units: dict[int, Unit] = {}
            for layer in stack.layers:
                for attached in stack.policies(layer):
                    unit = self._unit(attached.policy, attached.name, is_own(attached))
                    if unit is not None:
                        units[unit.number] = unit
                        self._used(unit, layer)
            found = self._of_stack[id(stack)] = list(units.values())
            self.stacks.append(stack)  # ids are of objects that are kept
        return found

    def _used(self, unit: Unit, layer: Layer) -> None:
        unit.layers[layer] = None
        unit.types[unit.policy.type or USES[layer]] = None

    def _unit(self, policy: Policy, name: str, own: bool) -> Unit | None:
        known = self._by_policy.get(id(policy))
        if known is not None:
            return known[1]
        source = policy.source
        meaning = (source.name, source.pointer, policy.pointer, policy.type, policy.same_language)
        if meaning not in self._by_meaning:
            unit = None
            shown = source.name or name
            if own and (self._wanted(shown) or self._wanted(name)):
                unit = Unit(len(self.units), policy, shown)
                self.units.append(unit)
            self._by_meaning[meaning] = unit
        found = self._by_meaning[meaning]
        self._by_policy[id(policy)] = (policy, found)
        return found

    def _add_unmet(self, suites: Sequence[Suite]) -> None:
        """Add the policies of the environments that no test meets."""
        seen: set[int] = set()
        for test in (test for suite in suites for test in suite.tests):
            environment = test.world.environment
            if environment is None or id(environment) in seen:
                continue
            seen.add(id(environment))
            self.environments.append(environment)
            for document, layer in environment.placed():
                if layer is not None and document.policy is not None:
                    attached = AttachedPolicy(document.policy, document.name, document.arn)
                    unit = self._unit(document.policy, document.name, is_own(attached))
                    if unit is not None:
                        self._used(unit, layer)
