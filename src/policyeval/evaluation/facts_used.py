"""Which facts an answer rests on: those that are missing, and those taken for granted."""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.context import ABSENT, ContextValue, Facts, RoleOfUnknownPath
from policyeval.decision import Decision, LayerDecision, Outcome
from policyeval.evaluation.caller import caller_of
from policyeval.evaluation.compile import CompiledLayer
from policyeval.evaluation.reach import may_not_apply
from policyeval.matching.condition import with_paths
from policyeval.matching.principal import Caller
from policyeval.matching.statement import CompiledStatement, keys_of
from policyeval.principal import PrincipalKind
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack

POLICIES = "policies:"
"""Prefix of a fact that is a whole layer: `policies:scp`."""
SESSION_NAME = "principal:session_name"
CANONICAL_USER = "principal:canonical_user"
ISSUER = "principal:issuer"


def missing_facts(
    layers: tuple[LayerDecision, ...],
    compiled: Mapping[Layer, CompiledLayer],
    request: Request,
    stack: PolicyStack,
) -> tuple[str, ...]:
    """Name the facts on which the undecided layers depend: context keys, and whole layers."""
    missing: dict[str, None] = {}
    caller = caller_of(request, stack)
    for decision in layers:
        if decision.possible & (decision.possible - 1) == 0 and not decision.may_grant:
            continue
        if decision.reason == "not_given":
            missing[POLICIES + decision.layer.value] = None
            continue
        if may_not_apply(decision.layer, request):
            endpoint = decision.layer is Layer.VPC_ENDPOINT_POLICY
            missing["aws:SourceVpce" if endpoint else "aws:AssumedRoot"] = None
        for statement in undecided(decision, compiled, request):
            missing.update(dict.fromkeys(_facts_of(statement, request, caller)))
        if decision.may_grant and caller.unnamed:
            missing[_name_missing(request, caller)] = None
    return tuple(missing)


def undecided(
    decision: LayerDecision, compiled: Mapping[Layer, CompiledLayer], request: Request
) -> list[CompiledStatement]:
    """Give a layer's statements whose answer depends on a missing fact."""
    candidates = compiled[decision.layer].candidates(request.action.folded)
    return [
        statement
        for (statement, _), outcome in zip(candidates.statements, decision.outcomes, strict=True)
        if outcome == Outcome.UNKNOWN
    ]


def unknown_keys(statement: CompiledStatement, request: Request) -> list[str]:
    """The lower-case keys of a statement whose value is not known."""
    entries, default = request.context.entries, request.context.default
    values = {key: entries.get(key, default) for key in sorted(statement.keys)}
    return [key for key, value in values.items() if _is_open(value, key, statement)]


def _is_open(value: ContextValue, key: str, statement: CompiledStatement) -> bool:
    if isinstance(value, RoleOfUnknownPath):
        clauses = (c for c in statement.statement.condition if c.key.lower() == key)
        return any(with_paths(clause, value[0]) for clause in clauses)
    return not isinstance(value, tuple) and value is not ABSENT


def _facts_of(statement: CompiledStatement, request: Request, caller: Caller) -> list[str]:
    facts = [statement.keys[key] for key in unknown_keys(statement, request)]
    if statement.principal is not None and statement.principal.naming(caller) is None:
        facts.append(_name_missing(request, caller))
    return facts


def _name_missing(request: Request, caller: Caller) -> str:
    """What would tell whether a Principal element names the caller."""
    if caller.unnamed:
        role = request.principal.kind is PrincipalKind.ROLE_SESSION
        return SESSION_NAME if role else ISSUER
    if caller.never_exempt is None:
        return POLICIES + Layer.PERMISSIONS_BOUNDARY.value
    return CANONICAL_USER


def taken_absent(decision: Decision) -> tuple[str, ...]:
    """Name the keys that statements asked for, that nobody told and that were taken as absent.

    In a typed request these are the keys which AWS does not fill in on every call (R-FLOW-20).
    """
    if decision.request.facts is not Facts.TYPED:
        return ()
    entries = decision.request.context.entries
    found: dict[str, str] = {}
    for said in decision.layers:
        for ref, _ in said.trace:
            for key, spelled in keys_of(ref.statement).items():
                if key not in entries:
                    found.setdefault(key, spelled)
    return tuple(found.values())


def assumptions(
    layers: tuple[LayerDecision, ...],
    compiled: Mapping[Layer, CompiledLayer],
    request: Request,
) -> tuple[tuple[str, str], ...]:
    """List what was taken as given: layers held to be empty, keys that statements asked for."""
    taken = [(POLICIES + decision.layer.value, "none") for decision in layers if decision.assumed]
    for key in sorted(request.context.assumed):
        asked = any(
            key in compiled[decision.layer].candidates(request.action.folded).keys
            for decision in layers
            if decision.visited
        )
        value = request.context.entries[key]
        if asked and isinstance(value, tuple):
            taken.append((request.context.name_of(key), value[0]))
    return tuple(taken)
