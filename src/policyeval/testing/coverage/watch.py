"""Watches one statement while requests pass: which patterns and conditions does a request use?

The engine keeps one code for each statement. Here the parts answer on their own, by the tests that
the engine compiled, and only as long as there is something left to learn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from policyeval.context import ABSENT
from policyeval.decision import Naming
from policyeval.matching.action import compile_action
from policyeval.matching.principal import Caller, CompiledPrincipal
from policyeval.matching.resource import ResourceTest, compile_resource
from policyeval.matching.result import NO, YES
from policyeval.matching.statement import CompiledStatement
from policyeval.policy import ActionElement, PolicyType, PrincipalElement, ResourceElement
from policyeval.request import Request
from policyeval.testing.coverage.counts import StatementCounts

Covers = Callable[[str], bool]
MEMO_LIMIT = 4096


class Watch:
    """One statement in one use. `counts` is None for a policy that nobody has to cover.

    `identity` is the same wherever the statement's policy hangs.
    """

    __slots__ = (
        "_actions",
        "_keys",
        "_plain",
        "_principals",
        "_resources",
        "_seen",
        "compiled",
        "counts",
        "denies",
        "identity",
        "not_actions",
    )

    def __init__(
        self, compiled: CompiledStatement, use: PolicyType, counts: StatementCounts | None
    ) -> None:
        self.compiled = compiled
        self.counts = counts
        self.denies = compiled.denies
        self.identity = id(counts if counts is not None else compiled.statement)
        self._keys = tuple(clause.key.lower() for clause in compiled.statement.condition)
        self._seen: set[tuple[str, str]] = set()
        self._actions: list[tuple[int, Covers]] = []
        self.not_actions: list[tuple[int, Covers]] = []
        self._resources: list[tuple[int, ResourceTest | None]] = []
        self._principals: list[tuple[int, CompiledPrincipal]] = []
        statement = compiled.statement
        if counts is None:
            return
        first = len(statement.action.patterns)
        actions = self.not_actions if statement.action.negated else self._actions
        for place, action in enumerate(statement.action.patterns):
            actions.append((place, compile_action(ActionElement(False, (action,)))))
        resources = statement.resource.patterns if statement.resource is not None else ()
        for place, resource in enumerate(resources, first):
            test = compile_resource(ResourceElement(False, (resource,)), use)
            self._resources.append((place, test))
        first += len(resources)
        principals = statement.principal.patterns if statement.principal is not None else ()
        for place, principal in enumerate(principals, first):
            element = PrincipalElement(False, (principal,))
            self._principals.append((place, CompiledPrincipal(element, denies=self.denies)))
        # Without a variable, what is listed covers the same resources in every request.
        self._plain = not principals and not any(each.variables for each in resources)

    def speaks(self, request: Request, caller: Caller) -> bool:
        """Tell whether resource and principal match for certain; the action does already."""
        compiled, context = self.compiled, request.context
        if compiled.resource is not None:
            text = request.resource.text
            if compiled.resource(text, context.entries, context.default) != YES:
                return False
        return compiled.principal is None or bool(compiled.principal.naming(caller))

    def spoke(self, request: Request, caller: Caller) -> None:
        """Note the listed texts by which action, resource and principal matched."""
        if not (self._actions or self._resources or self._principals):
            return
        assert self.counts is not None
        action, resource = request.action.folded, request.resource.text
        if self._plain:
            if (action, resource) in self._seen:
                return
            if len(self._seen) < MEMO_LIMIT:
                self._seen.add((action, resource))
        statement, used = self.compiled.statement, self.counts.used
        if self._actions:
            self._actions = list(_unused(self._actions, action, used))
        if self._resources and statement.resource and not statement.resource.negated:
            self._resources = list(self._unused_resources(request))
        if self._principals and statement.principal and not statement.principal.negated:
            self._principals = list(self._unused_principals(caller))

    def met_another_action(self, action: str) -> None:
        """Note the texts of a NotAction that cover an action."""
        assert self.counts is not None
        self.not_actions = list(_unused(self.not_actions, action, self.counts.used))

    def met_another_resource(self, request: Request) -> None:
        """Note the texts of a NotResource that cover the resource."""
        resource = self.compiled.statement.resource
        if self._resources and resource is not None and resource.negated:
            self._resources = list(self._unused_resources(request))

    def met_another_caller(self, caller: Caller) -> None:
        """Note the principals of a NotPrincipal that name the caller."""
        principal = self.compiled.statement.principal
        if self._principals and principal is not None and principal.negated:
            self._principals = list(self._unused_principals(caller))

    def _unused_resources(self, request: Request) -> Iterator[tuple[int, ResourceTest | None]]:
        assert self.counts is not None
        context, text = request.context, request.resource.text
        for place, test in self._resources:
            if test is None or test(text, context.entries, context.default) == YES:
                self.counts.used[place] = True
            else:
                yield place, test

    def _unused_principals(self, caller: Caller) -> Iterator[tuple[int, CompiledPrincipal]]:
        assert self.counts is not None
        for place, principal in self._principals:
            if principal.naming(caller) not in (None, Naming.NOT_NAMED):
                self.counts.used[place] = True
            else:
                yield place, principal

    def ask_conditions(self, request: Request) -> None:
        """Note how each condition answers, asked on its own."""
        assert self.counts is not None
        entries, default = request.context.entries, request.context.default
        asked = zip(self.counts.clauses, self.compiled.clauses, self._keys, strict=True)
        for seen, clause, key in asked:
            answer = clause(entries, default)
            if answer == YES:
                seen.true += 1
            elif answer == NO:
                seen.false += 1
            else:
                continue
            value = entries.get(key, default)
            if value is ABSENT or value == ():
                seen.absent += 1


def _unused(
    patterns: list[tuple[int, Covers]], action: str, used: list[bool]
) -> Iterator[tuple[int, Covers]]:
    for place, covers in patterns:
        if covers(action):
            used[place] = True
        else:
            yield place, covers
