"""Records what the tests of a run do with the statements of the policies.

For each test that passes: which policies took part, which statements matched, which of them the
answer depends on (`decisive`), how each condition answered, which listed texts were used. Tests
that fail cover nothing. Records of several processes add up, in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyeval.decision import Decision, LayerDecision
from policyeval.environment.builtin import ARNS
from policyeval.environment.model import PolicyDocument
from policyeval.evaluation.caller import caller_at, caller_of
from policyeval.evaluation.compile import (
    USES,
    Candidates,
    CompiledLayer,
    compile_policy,
    compile_stack,
)
from policyeval.matching.statement import (
    MATCHED,
    PRINCIPAL_DIFFERS,
    RESOURCE_DIFFERS,
    CompiledStatement,
)
from policyeval.policy import Policy, PolicyType
from policyeval.stack import Layer, PolicyStack
from policyeval.testing.coverage.counts import PolicyCounts
from policyeval.testing.coverage.decisive import Said, WhatIf
from policyeval.testing.coverage.shape import Key, shape_of
from policyeval.testing.coverage.watch import Watch
from policyeval.testing.model import Result, Status, World

Took = tuple[int, tuple[Layer, ...]]  # a stack, and the layers of it that took part


class Recorder:
    """What the tests covered so far. The same policy file in several worlds is one policy."""

    def __init__(self) -> None:
        self._policies: dict[Key, PolicyCounts] = {}
        self._unread: set[str] = set()
        self._known: dict[int, tuple[Policy, PolicyCounts | None]] = {}
        self._watches: dict[int, Watch] = {}
        self._watched: dict[int, tuple[Candidates, list[tuple[Watch, int]]]] = {}
        self._took_part: dict[Took, int] = {}
        self._by_not_action: dict[Took, tuple[list[Watch], set[str]]] = {}
        self._stacks: dict[int, PolicyStack] = {}  # keeps the ids above their own
        self._what_if = WhatIf(self._counts)

    # ---- what comes in ----------------------------------------------------------------------

    def expect(self, world: World) -> None:
        """Count the policies of a world, though no test may ever meet them."""
        if world.environment is not None:
            self._expect(world.environment.documents)
            return
        # One policy on its own has its stack around it.
        stack = getattr(world.policies, "stack", world.policies)
        if isinstance(stack, PolicyStack):
            for layer in stack.layers:
                for attached in stack.policies(layer):
                    self._counts(attached.policy)

    def _expect(self, documents: Iterable[PolicyDocument]) -> None:
        for document in documents:
            policy = document.policy
            if policy is None:
                self._unread.add(document.name)
            else:
                self._counts(policy)

    def add(self, result: Result) -> None:
        """Count a test; one without a decision (skipped, an error) says nothing."""
        decision = result.decision
        if decision is None:
            return
        compiled = compile_stack(decision.stack)
        said: list[Said] = [
            (layer, self._watches_of(compiled[layer.layer], layer.layer, decision))
            for layer in decision.layers
            if layer.outcomes
        ]
        matched = {
            watch.counts
            for layer, watches in said
            for (watch, _), outcome in zip(watches, layer.outcomes, strict=True)
            if outcome == MATCHED and watch.counts is not None
        }
        if result.status is not Status.PASSED:
            for statement in matched:
                statement.failing += 1
            return
        for layer, watches in said:
            self._add_layer(decision, layer, watches, compiled[layer.layer])
        took_part = tuple(layer.layer for layer in decision.layers if not layer.reason)
        self._add_took_part(decision, took_part)
        decisive = self._what_if.decisive(decision, said)
        test = result.test.id
        # An unknown answer may depend on a statement that only perhaps matches.
        for statement in matched.union(decisive):
            statement.matched.add(test)
        for statement in decisive:
            statement.decisive.add(test)

    def _add_layer(
        self,
        decision: Decision,
        layer: LayerDecision,
        watches: list[tuple[Watch, int]],
        compiled: CompiledLayer,
    ) -> None:
        """Note patterns and conditions of the statements whose action matched."""
        request, caller = decision.request, None
        for (watch, _), outcome in zip(watches, layer.outcomes, strict=True):
            if watch.counts is None:
                continue
            if outcome == RESOURCE_DIFFERS:
                watch.met_another_resource(request)
                continue
            if caller is None:
                own = caller_of(request, decision.stack)
                caller = caller_at(layer.layer, own, request, compiled)
            if outcome == PRINCIPAL_DIFFERS:
                watch.met_another_caller(caller)
            elif outcome == MATCHED or watch.speaks(request, caller):
                watch.spoke(request, caller)
                watch.ask_conditions(request)

    def _add_took_part(self, decision: Decision, took: tuple[Layer, ...]) -> None:
        stack = decision.stack
        self._stacks.setdefault(id(stack), stack)
        key = id(stack), took
        self._took_part[key] = self._took_part.get(key, 0) + 1
        found = self._by_not_action.get(key)
        if found is None:
            found = self._by_not_action[key] = ([*self._with_not_action(stack, took)], set())
        watches, actions = found
        action = decision.request.action.folded
        if action not in actions:
            actions.add(action)
            for watch in watches:
                watch.met_another_action(action)

    def _with_not_action(self, stack: PolicyStack, took: tuple[Layer, ...]) -> Iterable[Watch]:
        for layer in took:
            for attached in stack.policies(layer):
                counts = self._counts(attached.policy)
                if counts is None:
                    continue
                for compiled in compile_policy(attached.policy, USES[layer]).statements:
                    if compiled.statement.action.negated:
                        yield self._watch(compiled, USES[layer], counts)

    # ---- from what the engine has to what is counted ----------------------------------------

    def _counts(self, policy: Policy) -> PolicyCounts | None:
        """Give the counts of a policy; None for one that AWS attaches by itself."""
        found = self._known.get(id(policy))
        if found is None:
            found = self._known[id(policy)] = policy, self._new_counts(policy)
        return found[1]

    def _new_counts(self, policy: Policy) -> PolicyCounts | None:
        if policy.source.text is None and policy.source.name in ARNS:
            return None
        counts = PolicyCounts(shape_of(policy))
        return self._policies.setdefault(counts.shape.key, counts)

    def _watches_of(
        self, compiled: CompiledLayer, layer: Layer, decision: Decision
    ) -> list[tuple[Watch, int]]:
        """Give what watches the statements of a layer's outcomes, with their levels."""
        candidates = compiled.candidates(decision.request.action.folded)
        found = self._watched.get(id(candidates))
        if found is None:
            levels = [level for _, level in candidates.statements]
            owners = [each.policy.policy for each in candidates.visited for _ in each.statements]
            watches = [
                self._watch(statement, USES[layer], self._counts(owner))
                for (statement, _), owner in zip(candidates.statements, owners, strict=True)
            ]
            found = candidates, list(zip(watches, levels, strict=True))
            self._watched[id(candidates)] = found
        return found[1]

    def _watch(
        self, compiled: CompiledStatement, use: PolicyType, counts: PolicyCounts | None
    ) -> Watch:
        watch = self._watches.get(id(compiled))
        if watch is None:
            own = counts.statements[compiled.statement.index] if counts is not None else None
            watch = self._watches[id(compiled)] = Watch(compiled, use, own)
        return watch

    # ---- what goes out ----------------------------------------------------------------------

    @property
    def policies(self) -> tuple[PolicyCounts, ...]:
        """The counts of each policy, by file and place in it."""
        self._settle()
        return tuple(self._policies[key] for key in sorted(self._policies))

    @property
    def unread(self) -> tuple[str, ...]:
        """The names of policies that cannot be read, so that nothing in them is counted."""
        return tuple(sorted(self._unread))

    def _settle(self) -> None:
        """Count for each policy in how many tests it took part; put off so far, for it is dear."""
        for (stack, took), tests in self._took_part.items():
            found = {
                id(counts): counts
                for layer in took
                for attached in self._stacks[stack].policies(layer)
                if (counts := self._counts(attached.policy)) is not None
            }
            for counts in found.values():
                counts.evaluated += tests
        self._took_part.clear()

    def merge(self, data: Mapping[str, Any]) -> None:
        """Add what another recorder wrote down."""
        self._unread.update(data["unread"])
        for each in data["policies"]:
            counts = PolicyCounts.of(each)
            mine = self._policies.setdefault(counts.shape.key, counts)
            if mine is not counts:
                mine.merge(counts)

    def to_data(self) -> dict[str, Any]:
        """Write down what is recorded, as JSON-able data, the same in whatever order it came."""
        return {
            "policies": [counts.to_data() for counts in self.policies],
            "unread": list(self.unread),
        }

    @staticmethod
    def of(data: Mapping[str, Any]) -> Recorder:
        """Give the recorder that was written down."""
        recorder = Recorder()
        recorder.merge(data)
        return recorder
