"""Policy to canonical JSON: what `parse` reads back as the same policy."""

from __future__ import annotations

import json
from typing import Any

from policyeval.policy import (
    ConditionClause,
    Policy,
    PrincipalElement,
    Statement,
)


def write_policy(policy: Policy, indent: int | None = 2) -> str:
    """Give the policy as JSON text, elements in canonical order, all characters ASCII-safe."""
    return json.dumps(policy_to_dict(policy), indent=indent, ensure_ascii=True) + "\n"


def policy_to_dict(policy: Policy) -> dict[str, Any]:
    """Give the policy as JSON values: Version, Id, Statement.

    A list of one is a bare string, but `Statement` is always a list. Numbers and booleans among
    condition values come back as strings, which mean the same (R-LANG-06).
    """
    written: dict[str, Any] = {}
    if policy.version is not None:
        written["Version"] = policy.version
    if policy.id is not None:
        written["Id"] = policy.id
    written["Statement"] = [_statement(statement) for statement in policy.statements]
    return written


def _statement(statement: Statement) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if statement.sid is not None:
        written["Sid"] = statement.sid
    written["Effect"] = statement.effect.value
    if statement.principal is not None:
        written[_name("Principal", statement.principal.negated)] = _principals(statement.principal)
    written[_name("Action", statement.action.negated)] = _bare(
        [pattern.text for pattern in statement.action.patterns]
    )
    if statement.resource is not None:
        written[_name("Resource", statement.resource.negated)] = _bare(
            [pattern.text for pattern in statement.resource.patterns]
        )
    if statement.condition:
        written["Condition"] = _condition(statement.condition)
    return written


def _name(element: str, negated: bool) -> str:
    return f"Not{element}" if negated else element


def _bare(texts: list[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else texts


def _principals(element: PrincipalElement) -> str | dict[str, Any]:
    if any(pattern.kind == "*" for pattern in element.patterns):
        return "*"
    kinds: dict[str, list[str]] = {}
    for pattern in element.patterns:
        kinds.setdefault(pattern.kind, []).append(pattern.text)
    return {kind: _bare(texts) for kind, texts in kinds.items()}


def _condition(clauses: tuple[ConditionClause, ...]) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for clause in clauses:
        block = written.setdefault(clause.operator.text, {})
        block[clause.key] = _bare([value.text for value in clause.values])
    return written
