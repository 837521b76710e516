"""Policies made ready: each statement compiled once, indexed by service and action.

What the index gives for an action is remembered, so a repeated question costs one look-up. The
compiled form hangs on the policy (and on the stack) it was made from and goes with it.
"""

from __future__ import annotations

from policyeval.decision import Visited
from policyeval.matching.statement import CompiledStatement
from policyeval.policy import Policy, PolicyType, Statement
from policyeval.stack import AttachedPolicy, EndpointType, Layer, PolicyStack
from policyeval.value import fill_cache

MEMO_LIMIT = 4096

USES = {
    Layer.RESOURCE_CONTROL_POLICY: PolicyType.RCP,
    Layer.SERVICE_CONTROL_POLICY: PolicyType.SCP,
    Layer.VPC_ENDPOINT_POLICY: PolicyType.VPC_ENDPOINT,
    Layer.RESOURCE_POLICY: PolicyType.RESOURCE,
    Layer.IDENTITY_POLICY: PolicyType.IDENTITY,
    Layer.PERMISSIONS_BOUNDARY: PolicyType.BOUNDARY,
    Layer.SESSION_POLICY: PolicyType.SESSION,
}


class Covering:
    """The statements of one policy whose Action covers an action, in document order."""

    __slots__ = ("keys", "originals", "statements")

    def __init__(self, statements: tuple[CompiledStatement, ...]) -> None:
        self.statements = statements
        self.originals = tuple([compiled.statement for compiled in statements])
        self.keys = frozenset().union(*(compiled.keys for compiled in statements))


class CompiledPolicy:
    """A policy's statements by the service whose actions they may cover.

    What covers an action is remembered: a managed policy hangs at many principals.
    """

    __slots__ = ("_anywhere", "_by_service", "_memo", "statements")

    def __init__(self, policy: Policy, use: PolicyType) -> None:
        self.statements = tuple(compile_statement(item, use) for item in policy.statements)
        self._by_service: dict[str, list[int]] = {}
        self._anywhere: list[int] = []
        self._memo: dict[str, Covering] = {}
        for place, statement in enumerate(self.statements):
            if statement.services is None:
                self._anywhere.append(place)
            else:
                for service in statement.services:
                    self._by_service.setdefault(service, []).append(place)

    def covering(self, action: str) -> Covering:
        """Give the statements whose Action covers a lower-case action."""
        found = self._memo.get(action)
        if found is None:
            if len(self._memo) >= MEMO_LIMIT:
                self._memo.clear()
            found = self._memo[action] = Covering(self.candidates(action))
        return found

    def candidates(self, action: str) -> tuple[CompiledStatement, ...]:
        """Give the statements whose Action covers a lower-case action, in document order."""
        service = action.partition(":")[0]
        places = self._by_service.get(service, ())
        ordered = sorted((*places, *self._anywhere)) if places else self._anywhere
        return tuple(
            self.statements[place]
            for place in ordered
            if self.statements[place].covers_action(action)
        )


class Candidates:
    """What a layer has to say about one action: the statements worth asking.

    `statements` runs parallel to the statements of `visited`, with the level of each.
    """

    __slots__ = ("keys", "statements", "visited")

    def __init__(self, found: list[tuple[AttachedPolicy, int, Covering]]) -> None:
        self.visited = tuple(
            Visited(attached, level, covering.originals) for attached, level, covering in found
        )
        self.statements = tuple(
            [(compiled, level) for _, level, covering in found for compiled in covering.statements]
        )
        self.keys = frozenset().union(*(covering.keys for _, _, covering in found))


class CompiledLayer:
    """The policies of one layer, with a memory of what they say about each action."""

    __slots__ = ("_memo", "_policies", "at_gateway", "level_count")

    def __init__(self, layer: Layer, levels: tuple[tuple[AttachedPolicy, ...], ...]) -> None:
        use = USES[layer]
        self.level_count = len(levels)
        self._policies = [
            (attached, depth, compile_policy(attached.policy, use))
            for depth, level in enumerate(levels)
            for attached in level
        ]
        self.at_gateway = any(
            attached.endpoint_type is EndpointType.GATEWAY for attached, _, _ in self._policies
        )
        self._memo: dict[str, Candidates] = {}

    def candidates(self, action: str) -> Candidates:
        """Give the statements whose Action covers a lower-case action."""
        found = self._memo.get(action)
        if found is None:
            listed = []
            for attached, depth, policy in self._policies:
                covering = policy.covering(action)
                if covering.statements:
                    listed.append((attached, depth, covering))
            if len(self._memo) >= MEMO_LIMIT:
                self._memo.clear()
            found = self._memo[action] = Candidates(listed)
        return found


def compile_statement(statement: Statement, use: PolicyType) -> CompiledStatement:
    """Compile a statement for one use, or give the form made before.

    A policy that differs in one statement (a what-if) shares all the others.
    """
    forms = statement._compiled
    if forms is None:
        forms = {}
        fill_cache(statement, "_compiled", forms)
    compiled = forms.get(use)
    if compiled is None:
        compiled = forms[use] = CompiledStatement(statement, use)
    return compiled


def compile_policy(policy: Policy, use: PolicyType) -> CompiledPolicy:
    """Compile a policy for one use, or give the form made before."""
    forms = policy._compiled
    if forms is None:
        forms = {}
        fill_cache(policy, "_compiled", forms)
    compiled = forms.get(use)
    if compiled is None:
        compiled = forms[use] = CompiledPolicy(policy, use)
    return compiled


def compile_stack(stack: PolicyStack) -> dict[Layer, CompiledLayer]:
    """Give the layers of which something was given, ready to be asked."""
    if stack._compiled is None:
        fill_cache(
            stack,
            "_compiled",
            {layer: CompiledLayer(layer, levels) for layer, levels in stack.layers.items()},
        )
    return stack._compiled  # type: ignore[no-any-return]
