"""Coverage as JSON, for programs."""

from __future__ import annotations

from typing import Any

from policyeval.rendering.json import finding_to_json
from policyeval.testing.coverage.table import (
    Coverage,
    PolicyCoverage,
    Share,
    StatementCoverage,
)

SCHEMA = "policyeval/coverage/1"


def coverage_to_json(coverage: Coverage, *, contexts: bool = False) -> dict[str, Any]:
    """Give coverage as a JSON object; `contexts` adds the ids of the tests that hit a statement.

    `percent` is cut off after two decimal places, null where there is nothing to cover. Lines are
    null for a policy that has no text.
    """
    return {
        "schema": SCHEMA,
        "summary": _summary(coverage),
        "policies": [_policy(policy, contexts) for policy in coverage.policies],
        "findings": [finding_to_json(finding) for finding in coverage.findings],
    }


def _summary(of: Coverage | PolicyCoverage) -> dict[str, Any]:
    return {
        "statements": of.decisive.all,
        "decisive": of.decisive.covered,
        "percent": _percent(of.decisive),
        "conditions": {"seen": of.conditions.covered, "all": of.conditions.all},
        "patterns": {"used": of.patterns.covered, "all": of.patterns.all},
    }


def _percent(share: Share) -> float | None:
    return share.covered * 10_000 // share.all / 100 if share.all else None


def _policy(policy: PolicyCoverage, contexts: bool) -> dict[str, Any]:
    shape = policy.shape
    return {
        "file": shape.name,
        "pointer": shape.pointer,
        "line": shape.line or None,
        "evaluated": policy.evaluated,
        "summary": _summary(policy),
        "statements": [_statement(each, contexts) for each in policy.statements],
        "missing": [
            {
                "gap": each.gap.value,
                "line": each.line or None,
                "statement": each.statement.shape.index,
                "subject": each.subject or None,
            }
            for each in policy.missing
        ],
    }


def _statement(statement: StatementCoverage, contexts: bool) -> dict[str, Any]:
    shape = statement.shape
    shown: dict[str, Any] = {
        "index": shape.index,
        "sid": shape.sid or None,
        "effect": shape.effect,
        "line": shape.line or None,
        "end_line": shape.end_line or None,
        "state": statement.state.value,
        "matched": statement.matched,
        "decisive": statement.decisive,
        "failing": statement.failing,
        "conditions": [
            {
                "operator": each.shape.operator,
                "key": each.shape.key,
                "line": each.shape.line or None,
                "true": each.true,
                "false": each.false,
                "absent": each.absent,
            }
            for each in statement.conditions
        ],
        "patterns": [
            {
                "element": each.shape.element,
                "text": each.shape.text,
                "line": each.shape.line or None,
                "used": each.used,
            }
            for each in statement.patterns
        ],
    }
    if contexts:
        shown["matched_in"] = list(statement.matched_in)
        shown["decisive_in"] = list(statement.decisive_in)
    return shown
