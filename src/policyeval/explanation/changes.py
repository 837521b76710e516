"""Small changes to a request or a policy: how they are made, and how they are applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyeval.decision import Decision, StatementRef
from policyeval.explanation.tree import (
    Change,
    ContextChange,
    NewStatement,
    Opening,
    Opens,
    Part,
    StatementEdit,
)
from policyeval.parsing.action import parse_action_pattern
from policyeval.parsing.policy import read_policy
from policyeval.policy import (
    ActionElement,
    ConditionClause,
    ConditionOperator,
    Policy,
    PrincipalElement,
    PrincipalPattern,
    ResourceElement,
    Statement,
    Template,
    Wildcard,
)
from policyeval.principal import Principal, PrincipalKind
from policyeval.request import Request, with_context
from policyeval.source import Source
from policyeval.stack import AttachedPolicy, Layer, PolicyStack
from policyeval.value import replace

_BY_AWS = "::aws:policy/"


def is_by_aws(policy: AttachedPolicy) -> bool:
    """Tell whether AWS manages a policy: nobody else can edit it."""
    return _BY_AWS in policy.arn


def apply_changes(
    changes: Iterable[Change], request: Request, stack: PolicyStack
) -> tuple[Request, PolicyStack]:
    """Give the request and the stack as they are after the changes."""
    for change in changes:
        if isinstance(change, ContextChange):
            request = with_context(request, {change.key: change.value})
        elif isinstance(change, StatementEdit):
            stack = _with_statement(stack, change)
        else:
            stack = _with_new_statement(stack, change)
    return request, stack


def _with_statement(stack: PolicyStack, edit: StatementEdit) -> PolicyStack:
    layer, name = edit.ref.layer, edit.ref.policy.name
    for depth, level in enumerate(stack.layers[layer]):
        for attached in level:
            if attached.name == name and edit.ref.level in (None, depth):
                statements = tuple(
                    edit.edited if old.index == edit.edited.index else old
                    for old in attached.policy.statements
                )
                changed = replace(attached.policy, statements=statements)
                return stack.with_policy(layer, attached, changed)
    return stack


def _with_new_statement(stack: PolicyStack, new: NewStatement) -> PolicyStack:
    levels = [list(level) for level in stack.layers.get(new.layer, ())] or [[]]
    level = levels[new.level or 0]
    for place, attached in enumerate(level):
        if new.policy is not None and attached.name == new.policy.name:
            policy = attached.policy
            added = replace(new.parsed.statements[0], index=len(policy.statements))
            changed = replace(policy, statements=(*policy.statements, added))
            level[place] = replace(attached, policy=changed)
            break
    else:
        level.append(AttachedPolicy(new.parsed, f"new {new.layer.value} policy"))
    layers = {**stack.layers, new.layer: tuple(tuple(level) for level in levels)}
    return replace(stack, layers=layers)


def add_action(ref: StatementRef, statement: Statement, part: Part, text: str) -> StatementEdit:
    """Add an action to Action or NotAction."""
    element = statement.action
    patterns = (*element.patterns, parse_action_pattern(text))
    edited = replace(statement, action=ActionElement(element.negated, patterns))
    return StatementEdit(ref, "add", part.element, text, part.location, edited)


def add_resource(ref: StatementRef, statement: Statement, part: Part, text: str) -> StatementEdit:
    """Add a resource to Resource or NotResource; a `*` at its end is a wildcard."""
    element = statement.resource
    assert element is not None
    pieces: tuple[str | Wildcard, ...] = (text,)
    if text.endswith("/*"):
        pieces = (text[:-1], Wildcard.ANY_RUN)
    patterns = (*element.patterns, Template(text, pieces))
    edited = replace(statement, resource=ResourceElement(element.negated, patterns))
    return StatementEdit(ref, "add", part.element, text, part.location, edited)


def add_principal(
    ref: StatementRef, statement: Statement, part: Part, who: Principal
) -> StatementEdit | None:
    """Add the caller to Principal; None for anonymous callers, who would need `*`."""
    named = naming_of(who)
    element = statement.principal
    if named is None or element is None or element.negated:
        return None
    kind, text = named
    edited = replace(
        statement,
        principal=PrincipalElement(False, (*element.patterns, PrincipalPattern(kind, text))),
    )
    return StatementEdit(ref, "add", part.element, text, part.location, edited)


def naming_of(who: Principal) -> tuple[str, str] | None:
    """How a policy would name the caller: kind and text."""
    if who.kind is PrincipalKind.ANONYMOUS:
        return None
    if who.kind is PrincipalKind.AWS_SERVICE:
        return "Service", who.text
    if who.kind is PrincipalKind.FEDERATED:
        return "Federated", who.text
    return "AWS", who.role_arn or who.text


def remove_listed(
    ref: StatementRef, statement: Statement, part: Part, place: int
) -> StatementEdit | None:
    """Take one text out of NotAction or a condition's values; None if it is the last."""
    if part.element == "Condition":
        clause = find_clause(statement, part)
        if len(clause.values) < 2:
            return None
        values = clause.values[:place] + clause.values[place + 1 :]
        edited = _with_clause(statement, clause, replace(clause, values=values))
        text = clause.values[place].text
    elif part.element == "NotAction":
        patterns = statement.action.patterns
        if len(patterns) < 2:
            return None
        kept = patterns[:place] + patterns[place + 1 :]
        edited = replace(statement, action=ActionElement(True, kept))
        text = patterns[place].text
    else:
        return None
    return StatementEdit(
        ref, "remove", part.element, text, part.location, edited, part.operator, part.key
    )


def add_value(ref: StatementRef, statement: Statement, part: Part, text: str) -> StatementEdit:
    """Add a literal value to a condition."""
    clause = find_clause(statement, part)
    values = (*clause.values, Template(text, (text,)))
    edited = _with_clause(statement, clause, replace(clause, values=values))
    return StatementEdit(
        ref, "add", "Condition", text, part.location, edited, part.operator, part.key
    )


def drop_condition(ref: StatementRef, statement: Statement, part: Part) -> StatementEdit:
    """Drop a condition key from a statement."""
    clause = find_clause(statement, part)
    condition = tuple(other for other in statement.condition if other is not clause)
    return StatementEdit(
        ref,
        "drop",
        "Condition",
        part.key,
        part.location,
        replace(statement, condition=condition),
        part.operator,
        part.key,
    )


def exempt_caller(
    ref: StatementRef, statement: Statement, decision: Decision
) -> StatementEdit | None:
    """Exempt the caller from a Deny by a condition on aws:PrincipalArn."""
    arn = decision.request.context["aws:PrincipalArn"]
    if not isinstance(arn, tuple) or len(arn) != 1:
        return None
    key = "aws:PrincipalArn"
    if any(clause.key.lower() == key.lower() for clause in statement.condition):
        return None
    clause = ConditionClause(
        ConditionOperator("ArnNotEquals", text="ArnNotEquals"), key, (Template(arn[0], arn),)
    )
    edited = replace(statement, condition=(*statement.condition, clause))
    location = ref.policy.policy.location(statement.pointer)
    return StatementEdit(ref, "exempt", "Condition", arn[0], location, edited, "ArnNotEquals", key)


def find_clause(statement: Statement, part: Part) -> ConditionClause:
    """Give the clause that a condition part speaks about."""
    return next(
        clause
        for clause in statement.condition
        if clause.key == part.key and clause.operator.text == part.operator
    )


def _with_clause(statement: Statement, old: ConditionClause, new: ConditionClause) -> Statement:
    condition = tuple(new if clause is old else clause for clause in statement.condition)
    return replace(statement, condition=condition)


def new_statement(
    decision: Decision, layer: Layer, level: int | None, *, trust: bool
) -> NewStatement | None:
    """An Allow for exactly this request; None where it could only be written with `*`."""
    request = decision.request
    document: dict[str, Any] = {"Effect": "Allow"}
    named = naming_of(request.principal)
    if layer is Layer.RESOURCE_POLICY or layer is Layer.VPC_ENDPOINT_POLICY:
        if named is None:
            return None
        document["Principal"] = {named[0]: named[1]}
    document["Action"] = request.action.text
    if not trust:
        document["Resource"] = literal(request.resource.text)
    if layer is Layer.VPC_ENDPOINT_POLICY and named is not None and named[0] == "AWS":
        # Works at gateway endpoints too, which know no principal but `*` (R-FLOW-05).
        document["Principal"] = "*"
        document["Condition"] = {"ArnEquals": {"aws:PrincipalArn": named[1]}}
    parsed = _parse_one(document)
    if parsed is None:
        return None
    levels = decision.stack.layers.get(layer, ())
    attached = levels[level or 0] if len(levels) > (level or 0) else ()
    policy = next((each for each in attached if not is_by_aws(each)), None)
    if policy is None and attached and layer is Layer.PERMISSIONS_BOUNDARY:
        return None  # there can be no second boundary
    return NewStatement(layer, policy, document, parsed, level)


def literal(resource: str) -> str:
    """Write a resource so that `*` and `?` in it are no wildcards; the lone `*` stays."""
    if resource == "*":
        return resource
    return resource.replace("*", "${*}").replace("?", "${?}")


def _parse_one(document: Mapping[str, Any]) -> Policy | None:
    whole = {"Version": "2012-10-17", "Statement": [document]}
    policy, _ = read_policy(whole, name="new statement", source=Source("new statement"))
    return policy


def breadth_of(opens: Opens) -> int:
    """Rank what a change opens: 0 nothing, 1 what it names alone, up to 4 whatever a key is."""
    if opens.kind in (Opening.NOTHING, Opening.STATEMENT, Opening.TAG):
        return list(_NARROW).index(opens.kind)
    wild = any("*" in text for text in (*opens.actions, *opens.resources))
    return 4 if opens.kind is Opening.CONDITION_DROPPED and wild else 3 if wild else 2


_NARROW = (Opening.NOTHING, Opening.STATEMENT, Opening.TAG)


def opens_of(change: Change) -> Opens:
    """Say what a change lets through beside the request."""
    if isinstance(change, ContextChange):
        tagged = "tag/" in change.key.lower() and not change.key.lower().startswith("aws:request")
        return Opens(Opening.TAG if tagged else Opening.NOTHING, change.key)
    if isinstance(change, NewStatement):
        return Opens(
            Opening.STATEMENT,
            actions=(str(change.document["Action"]),),
            resources=(str(change.document.get("Resource", "")),),
            layer=change.layer,
        )
    statement = change.edited
    actions = tuple(pattern.text for pattern in statement.action.patterns)
    resources = tuple(
        template.text for template in (statement.resource.patterns if statement.resource else ())
    )
    kind = {
        ("add", "Action"): Opening.ACTION,
        ("add", "Resource"): Opening.RESOURCE,
        ("add", "Principal"): Opening.PRINCIPAL,
        ("drop", "Condition"): Opening.CONDITION_DROPPED,
        ("exempt", "Condition"): Opening.EXEMPTION,
        ("add", "Condition"): Opening.CONDITION_VALUE,
        ("remove", "Condition"): Opening.CONDITION_VALUE,
        ("add", "NotAction"): Opening.ACTION,
        ("remove", "NotAction"): Opening.ACTION,
        ("add", "NotResource"): Opening.RESOURCE,
    }[change.verb, change.element]
    return Opens(kind, change.text, actions, resources, change.ref.layer)
