"""Answers about many principals as data for programs, under stable keys."""

from __future__ import annotations

from typing import Any

from policyeval.query.conditions import Condition
from policyeval.query.grant import WhatCan
from policyeval.query.holder import Holder, Step, WhoCan
from policyeval.query.report import clause_words
from policyeval.rendering.json import finding_to_json, statement_to_json

WHO_CAN = "policyeval/who-can/1"
WHAT_CAN = "policyeval/what-can/1"


def who_can_to_json(answer: WhoCan) -> dict[str, Any]:
    """Give an answer of `who_can` as a JSON object."""
    return {
        "schema": WHO_CAN,
        "action": answer.action,
        "resource": answer.resource,
        "any_context": answer.any_context,
        "holders": [_holder(holder) for holder in answer.holders],
        "asked": answer.asked,
        "evaluated": answer.evaluated,
        "unasked": list(answer.unasked),
        "findings": [finding_to_json(finding) for finding in answer.findings],
    }


def what_can_to_json(answer: WhatCan) -> dict[str, Any]:
    """Give an answer of `what_can` as a JSON object; actions are written out."""
    return {
        "schema": WHAT_CAN,
        "principal": answer.principal,
        "resource": answer.resource or None,
        "any_context": answer.any_context,
        "grants": [
            {
                "decision": grant.verdict.value,
                "actions": list(grant.actions),
                "within": list(grant.within),
                "excepts": list(grant.excepts),
                "by": [statement_to_json(ref) for ref in grant.by],
                "conditions": [condition_to_json(condition) for condition in grant.conditions],
                "missing": list(grant.missing),
                "example": grant.example,
            }
            for grant in answer.grants
        ],
        "findings": [finding_to_json(finding) for finding in answer.findings],
    }


def condition_to_json(condition: Condition) -> dict[str, Any]:
    """Give a statement's conditions: all must hold; of a Deny, not all may."""
    return {
        "effect": condition.ref.statement.effect.value,
        "group": condition.group or None,
        "statement": statement_to_json(condition.ref),
        "clauses": [
            {
                "operator": clause.operator.text,
                "key": clause.key,
                "values": [value.text for value in clause.values],
                "text": clause_words(clause),
            }
            for clause in condition.clauses
        ],
    }


def _holder(holder: Holder) -> dict[str, Any]:
    return {
        "principal": holder.principal,
        "kind": holder.kind.value,
        "account": holder.account or None,
        "decision": holder.verdict.value,
        "in_environment": holder.in_environment,
        "by": [statement_to_json(ref) for ref in holder.by],
        "conditions": [condition_to_json(condition) for condition in holder.conditions],
        "missing": list(holder.missing),
        "via": [_step(step) for step in holder.via],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "principal": step.principal,
        "role": step.role,
        "action": step.action,
        "decision": step.verdict.value,
        "conditions": [condition_to_json(condition) for condition in step.conditions],
        "missing": list(step.missing),
    }
