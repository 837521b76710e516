"""The one statement matcher: four questions in a fixed order, whatever layer the policy hangs on.

Action first (the index has asked it already), then resource, principal, condition. The first
question answered with no ends it; if none is, but one is unknown, the outcome is unknown.
"""

from __future__ import annotations

from policyeval.context import Presence
from policyeval.decision import Naming, Outcome
from policyeval.matching.action import compile_action, services_of
from policyeval.matching.condition import compile_clause
from policyeval.matching.principal import Caller, CompiledPrincipal
from policyeval.matching.resource import compile_resource, literal_prefixes
from policyeval.matching.result import NO, YES
from policyeval.matching.variables import Entries
from policyeval.policy import Effect, PolicyType, Statement, Template

MATCHED = int(Outcome.MATCHED)
RESOURCE_DIFFERS = int(Outcome.RESOURCE_DIFFERS)
PRINCIPAL_DIFFERS = int(Outcome.PRINCIPAL_DIFFERS)
CONDITION_FAILS = int(Outcome.CONDITION_FAILS)
UNKNOWN = int(Outcome.UNKNOWN)


class CompiledStatement:
    """A statement with its four questions compiled. Immutable after construction."""

    __slots__ = (
        "always",
        "clauses",
        "covers_action",
        "denies",
        "keys",
        "prefixes",
        "principal",
        "resource",
        "services",
        "statement",
    )

    def __init__(self, statement: Statement, use: PolicyType) -> None:
        self.statement = statement
        self.denies = statement.effect is Effect.DENY
        self.covers_action = compile_action(statement.action)
        self.services = services_of(statement.action)
        self.resource = (
            compile_resource(statement.resource, use) if statement.resource is not None else None
        )
        self.prefixes = (
            literal_prefixes(statement.resource, use) if statement.resource is not None else ("",)
        )
        self.principal = (
            CompiledPrincipal(statement.principal, denies=self.denies)
            if statement.principal is not None
            else None
        )
        self.clauses = tuple(compile_clause(clause) for clause in statement.condition)
        self.keys = keys_of(statement)
        self.always = self.resource is None and self.principal is None and not self.clauses


def keys_of(statement: Statement) -> dict[str, str]:
    """Give the context keys that a statement's answer can depend on: lower case, as spelled."""
    keys: dict[str, str] = {}
    templates: list[Template] = []
    for clause in statement.condition:
        keys.setdefault(clause.key.lower(), clause.key)
        templates += clause.values
    if statement.resource is not None:
        templates += statement.resource.patterns
    for template in templates:
        for variable in template.variables:
            if variable.key:
                keys.setdefault(variable.key.lower(), variable.key)
    return keys


def is_about_callers(statement: Statement) -> bool:
    """Tell whether a statement singles out callers: by Principal, or by a condition."""
    return statement.principal is not None or any(
        clause.key.lower().startswith("aws:principal") for clause in statement.condition
    )


def match_statement(  # noqa: C901 - the hot path: four questions in a row
    compiled: CompiledStatement,
    resource: str,
    entries: Entries,
    default: Presence,
    caller: Caller,
) -> int:
    """Answer the questions after the action's; gives an `Outcome` as a plain integer."""
    certain = True
    if compiled.resource is not None:
        if not resource.startswith(compiled.prefixes):
            return RESOURCE_DIFFERS
        answer = compiled.resource(resource, entries, default)
        if answer != YES:
            if answer == NO:
                return RESOURCE_DIFFERS
            certain = False
    if compiled.principal is not None:
        naming = compiled.principal.naming(caller)
        if naming is None:
            certain = False
        elif naming == Naming.NOT_NAMED:
            return PRINCIPAL_DIFFERS
    for clause in compiled.clauses:
        answer = clause(entries, default)
        if answer != YES:
            if answer == NO:
                return CONDITION_FAILS
            certain = False
    return MATCHED if certain else UNKNOWN
