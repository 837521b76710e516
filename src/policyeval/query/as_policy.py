"""What a principal can do as one policy document, which alone allows no more.

The document is for reading and comparing. It has a statement for each grant, the conditions that
the grant rests on in it, and denies for what is cut out. A grant whose conditions cannot be put
into one statement, or that hangs on something no condition can say, is left out and named.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from policyeval.decision import Verdict
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.policy import ConditionClause
from policyeval.query.compact import compact
from policyeval.query.conditions import Condition
from policyeval.query.grant import Grant, WhatCan
from policyeval.value import Value

MOST_ALTERNATIVES = 16

Document = dict[str, Any]


class Consolidated(Value):
    """A policy document, and remarks on what is not in it."""

    document: Document
    findings: tuple[Finding, ...] = ()


def as_policy(answer: WhatCan) -> Consolidated:
    """Give the policy of an answer; one of any context, so that no condition is taken as met."""
    statements: list[Document] = []
    findings: dict[Finding, None] = {}
    for grant in answer.grants:
        built = _statements(grant, answer.grants)
        if built is None:
            findings[_left_out(grant)] = None
        else:
            statements += built
    return Consolidated(
        {"Version": "2012-10-17", "Statement": list(_joined(statements))}, tuple(findings)
    )


def _joined(statements: Iterable[Document]) -> Iterator[Document]:
    """Put the actions of statements together that differ in nothing else."""
    found: dict[str, Document] = {}
    for statement in statements:
        others = {key: value for key, value in statement.items() if key != "Action"}
        same = found.setdefault(json.dumps(others), {**statement, "Action": []})
        same["Action"] = sorted({*same["Action"], *statement["Action"]})
    for statement in found.values():
        yield {key: _short(value) for key, value in statement.items()}


def _short(value: Any) -> Any:
    """A list of one is written as the text in it."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _statements(grant: Grant, every: Iterable[Grant]) -> list[Document] | None:
    """Give the statements of a grant; None where no policy can say it."""
    statements = _itself(grant)
    if statements is None:
        return None
    cut = [text for text in grant.excepts if not _is_told_apart(text, grant, every)]
    if cut:
        statements.append(
            {"Effect": "Deny", "Action": compact(grant.actions, grant.within), "Resource": cut}
        )
    return statements


def _itself(grant: Grant) -> list[Document] | None:
    """Give the statements of a grant as if nothing was cut out of it."""
    if len(grant.within) != 1 or not _is_told(grant):
        return None
    actions = compact(grant.actions, grant.within)
    allows = list(_allows(grant, actions))
    denies = [
        _statement("Deny", actions, grant.within, condition.clauses)
        for condition in grant.conditions
        if condition.denies
    ]
    if not allows or any(statement is None for statement in denies):
        return None
    return [statement for statement in (*allows, *denies) if statement is not None]


def _is_told_apart(text: str, grant: Grant, every: Iterable[Grant]) -> bool:
    """Tell whether what is cut out is allowed alike, but for denies that its own grant says."""
    alike: set[str] = set()
    for other in every:
        if other.within == (text,) and _wanted(other) == _wanted(grant) and _itself(other):
            alike.update(other.actions)
    return alike.issuperset(grant.actions)


def _wanted(grant: Grant) -> list[tuple[str, tuple[ConditionClause, ...]]]:
    """What the allowing statements of a grant ask for."""
    return [(each.group, each.clauses) for each in grant.conditions if not each.denies]


def _is_told(grant: Grant) -> bool:
    """Tell whether the conditions say all that an unknown answer hangs on."""
    if grant.verdict is Verdict.ALLOWED:
        return True
    keys = {clause.key.lower() for each in grant.conditions for clause in each.clauses}
    return all(fact.lower() in keys for fact in grant.missing)


def _allows(grant: Grant, actions: list[str]) -> Iterator[Document]:
    """Give a statement for each way in which the allowing conditions may hold together."""
    groups: dict[str, list[Condition]] = {}
    for condition in grant.conditions:
        if not condition.denies:
            groups.setdefault(condition.group, []).append(condition)
    ways: list[tuple[ConditionClause, ...]] = [()]
    for same in groups.values():
        ways = [(*way, *condition.clauses) for way in ways for condition in same]
        if len(ways) > MOST_ALTERNATIVES:
            return
    for way in ways:
        statement = _statement("Allow", actions, grant.within, way)
        if statement is not None:
            yield statement


def _statement(
    effect: str,
    actions: list[str],
    resources: Iterable[str],
    clauses: Iterable[ConditionClause],
) -> Document | None:
    statement: Document = {"Effect": effect, "Action": actions, "Resource": list(resources)}
    condition: dict[str, dict[str, list[str]]] = {}
    for clause in clauses:
        keys = condition.setdefault(clause.operator.text, {})
        values = [value.text for value in clause.values]
        if keys.setdefault(clause.key, values) != values:
            return None  # one key cannot be asked twice by one operator
    if condition:
        statement["Condition"] = condition
    return statement


def _left_out(grant: Grant) -> Finding:
    actions = compact(grant.actions)
    shown = ", ".join(actions[:3]) + (" …" if len(actions) > 3 else "")
    return Finding(
        "PE1910",
        Severity.WARNING,
        f"{shown} on {quote(' and '.join(grant.within))} is not in the policy: it hangs on what "
        "one statement cannot say",
        help="`policyeval can PRINCIPAL` lists it with its reasons",
    )
