"""Ask a statement again, part by part, and keep the particulars.

The decision keeps one code for each statement. Where somebody wants to know more, the same
compiled tests answer once more, each listed text on its own, so that an explanation cannot say
anything that the decision does not.
"""

from __future__ import annotations

from policyeval.context import ContextValue
from policyeval.decision import Decision, Naming, Outcome, StatementRef
from policyeval.evaluation.caller import caller_at, caller_of
from policyeval.evaluation.compile import USES, compile_stack
from policyeval.explanation.tree import Part, StatementView
from policyeval.matching.action import pattern_covers
from policyeval.matching.condition import compile_clause
from policyeval.matching.principal import Caller, CompiledPrincipal
from policyeval.matching.resource import compile_resource
from policyeval.matching.result import NO, YES, Match
from policyeval.matching.variables import resolve
from policyeval.policy import (
    ConditionClause,
    Effect,
    PrincipalElement,
    ResourceElement,
    Statement,
    Template,
)
from policyeval.request import Request
from policyeval.source import Location


def take_apart(ref: StatementRef, decision: Decision) -> StatementView:
    """Give a statement with the answer of each of its parts."""
    request = decision.request
    statement = ref.statement
    parts = [_action(ref, request)]
    if statement.resource is not None:
        parts.append(_resource(ref, statement.resource, request))
    if statement.principal is not None:
        compiled = compile_stack(decision.stack)[ref.layer]
        caller = caller_at(ref.layer, caller_of(request, decision.stack), request, compiled)
        parts.append(_principal(ref, statement.principal, caller, request))
    parts.extend(_condition(ref, clause, request) for clause in statement.condition)
    return StatementView(
        ref, _outcome(parts), tuple(parts), ref.policy.policy.location(statement.pointer)
    )


def _outcome(parts: list[Part]) -> Outcome:
    failing = {
        "Action": Outcome.ACTION_DIFFERS,
        "Resource": Outcome.RESOURCE_DIFFERS,
        "Principal": Outcome.PRINCIPAL_DIFFERS,
        "Condition": Outcome.CONDITION_FAILS,
    }
    for part in parts:
        if part.holds is False:
            return failing[part.element.removeprefix("Not")]
    return Outcome.MATCHED if all(part.holds for part in parts) else Outcome.UNKNOWN


def _holds(answer: Match) -> bool | None:
    return None if answer not in (NO, YES) else answer == YES


def _location(ref: StatementRef, element: str, matching: int | None, listed: int) -> Location:
    """Point at the listed text that matched, or the only one; else at the whole element."""
    policy, statement = ref.policy.policy, ref.statement
    if matching is None and listed != 1:
        return policy.location(statement.at(element))
    return policy.location(statement.at(element, matching or 0))


def _action(ref: StatementRef, request: Request) -> Part:
    element = ref.statement.action
    name = "NotAction" if element.negated else "Action"
    matching = next(
        (
            place
            for place, pattern in enumerate(element.patterns)
            if pattern_covers(pattern, request.action.folded)
        ),
        None,
    )
    return Part(
        name,
        (matching is not None) is not element.negated,
        tuple(pattern.text for pattern in element.patterns),
        (request.action.text,),
        _location(ref, name, matching, len(element.patterns)),
    )


def _resource(ref: StatementRef, element: ResourceElement, request: Request) -> Part:
    name = "NotResource" if element.negated else "Resource"
    answers = [
        _one_resource(ResourceElement(False, (template,)), ref, request)
        for template in element.patterns
    ]
    listed = max(answers, default=NO)
    answer = YES - listed if element.negated else listed
    matching = answers.index(listed) if listed != NO else None
    return Part(
        name,
        _holds(answer),
        tuple(template.text for template in element.patterns),
        (request.resource.text,),
        _location(ref, name, matching, len(element.patterns)),
        resolved=_resolved(element.patterns, request),
    )


def _one_resource(element: ResourceElement, ref: StatementRef, request: Request) -> Match:
    test = compile_resource(element, USES[ref.layer])
    if test is None:
        return YES
    return test(request.resource.text, request.context.entries, request.context.default)


def _principal(
    ref: StatementRef, element: PrincipalElement, caller: Caller, request: Request
) -> Part:
    name = "NotPrincipal" if element.negated else "Principal"
    denies = ref.statement.effect is Effect.DENY
    naming = CompiledPrincipal(element, denies=denies).naming(caller)
    matching = next(
        (
            place
            for place, pattern in enumerate(element.patterns)
            if CompiledPrincipal(PrincipalElement(False, (pattern,)), denies=denies).naming(caller)
        ),
        None,
    )
    location = ref.policy.policy.location(ref.statement.at(name))
    if matching is not None or len(element.patterns) == 1:
        pointer = principal_pointer(ref.statement, matching or 0)
        location = ref.policy.policy.location(pointer)
    return Part(
        name,
        None if naming is None else naming is not Naming.NOT_NAMED,
        tuple(pattern.text for pattern in element.patterns),
        (request.principal.text,),
        location,
    )


def principal_pointer(statement: Statement, place: int) -> str:
    """Address a listed principal: `/Principal/AWS/1`, or `/Principal` for the bare `*`."""
    element = statement.principal
    assert element is not None
    name = "NotPrincipal" if element.negated else "Principal"
    pattern = element.patterns[place]
    if pattern.kind == "*":
        return statement.at(name)
    before = sum(1 for other in element.patterns[:place] if other.kind == pattern.kind)
    return statement.at(name, pattern.kind, before)


def _condition(ref: StatementRef, clause: ConditionClause, request: Request) -> Part:
    context = request.context
    answer = compile_clause(clause)(context.entries, context.default)
    got: ContextValue = context[clause.key]
    pointer = ref.statement.at_clause(clause)
    return Part(
        "Condition",
        _holds(answer),
        tuple(template.text for template in clause.values),
        got,
        Location(ref.policy.policy.source, pointer, key=True),
        clause.operator.text,
        clause.key,
        _resolved(clause.values, request),
    )


def _resolved(templates: tuple[Template, ...], request: Request) -> tuple[str, ...]:
    """The listed texts as they read in this request; empty where no variable stands in them."""
    if not any(template.variables for template in templates):
        return ()
    shown = []
    for template in templates:
        tokens, _ = resolve(template.pieces, request.context.entries, request.context.default)
        if tokens is None:
            shown.append(template.text)
        else:
            shown.append("".join(t if isinstance(t, str) else t.value for t in tokens))
    return tuple(shown)
