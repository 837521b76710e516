"""A run as data for programs, and the JSON Schema of it.

Words of statuses, decisions, layers and aspects are codes; `text` members hold the sentence that
people read, and may change between versions.
"""

from __future__ import annotations

import json
from typing import Any

from policyeval.decision import Decision
from policyeval.rendering.json import (
    explanation_to_json,
    finding_to_json,
    place_to_json,
    statement_to_json,
)
from policyeval.stack import Layer
from policyeval.testing.judge import WANTS, deciding_statements
from policyeval.testing.model import Aspect, Expectation, PolicyTest, Result, Run, Status, Want
from policyeval.testing.reports.failure import Kind, decision_of, explanation_of, kind_of, sentences
from policyeval.testing.reports.rerun import rerun_command
from policyeval.testing.reports.text import FAILURES

SCHEMA = "policyeval/test/1"


def json_report(run: Run) -> str:
    """Give a run as one JSON object, in ASCII, that ends with a newline."""
    return json.dumps(run_to_json(run), indent=2) + "\n"


def run_to_json(run: Run) -> dict[str, Any]:
    """Give a run as a JSON object; `report_schema` describes it."""
    return {
        "schema": SCHEMA,
        "passed": run.passed,
        "totals": {
            "tests": len(run.results),
            **{status.value: run.count(status) for status in Status},
            "deselected": run.deselected,
        },
        "seconds": round(run.seconds, 6),
        "results": [result_to_json(result) for result in run.results],
    }


def result_to_json(result: Result) -> dict[str, Any]:
    """Give what came of one test as a JSON object; with the explanation where it failed."""
    test, decision = result.test, decision_of(result)
    failed = result.status in FAILURES
    place = place_to_json(test.location)
    shown: dict[str, Any] = {
        "id": test.id,
        "file": test.file,
        "line": place.get("line"),
        "column": place.get("column"),
        "name": test.name,
        "parameters": test.parameters,
        "status": result.status.value,
        "kind": kind_of(result).value if failed else None,
        "request": _request(test),
        "world": test.world.name,
        "expected": _expected(test.expect),
        "decision": WANTS[decision.verdict].value if decision is not None else None,
        "decided_by": _decided_by(decision),
        "statements": _statements(decision),
        "mismatches": [
            {"aspect": mismatch.aspect.value, "wanted": mismatch.wanted, "got": mismatch.got}
            for mismatch in result.mismatches
        ],
        "text": list(sentences(result)),
        "findings": [finding_to_json(finding) for finding in result.findings],
        "skip": test.skip.reason if test.skip is not None else None,
        "seconds": round(result.seconds, 6),
    }
    explanation = explanation_of(result) if failed else None
    if explanation is not None:
        shown["rerun"] = rerun_command(test) or None
        shown["explanation"] = explanation_to_json(explanation)
    return shown


def _request(test: PolicyTest) -> dict[str, Any]:
    return {"principal": test.principal, "action": test.action, "resource": test.resource}


def _expected(expect: Expectation) -> dict[str, Any]:
    return {
        "decision": expect.decision.value if expect.decision is not None else None,
        "layer": expect.layer.value if expect.layer is not None else None,
        "statement": expect.statement or None,
        "message": expect.message or None,
        "near_miss": expect.near_miss or None,
        "missing": list(expect.missing),
        "not": expect.negated,
    }


def _decided_by(decision: Decision | None) -> str | None:
    if decision is None or decision.decided_by is None:
        return None
    return decision.decided_by.value


def _statements(decision: Decision | None) -> list[dict[str, Any]]:
    if decision is None:
        return []
    return [statement_to_json(ref) for ref in deciding_statements(decision)]


# ---- its schema ---------------------------------------------------------------------------


def report_schema() -> dict[str, Any]:
    """Give the JSON Schema of `json_report`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:policyeval:test-report:1",
        "title": "policyeval test report",
        "description": "what came of a run of policy tests",
        **_object(
            {
                "schema": {"const": SCHEMA},
                "passed": {"type": "boolean", "description": "nothing failed, nothing is an error"},
                "totals": _object(
                    dict.fromkeys(
                        ("tests", *(status.value for status in Status), "deselected"), _COUNT
                    )
                ),
                "seconds": _SECONDS,
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            }
        ),
        "$defs": {
            "result": _result(),
            "expected": _object(
                {
                    "decision": _one_of(Want),
                    "layer": _one_of(Layer),
                    **dict.fromkeys(("statement", "message", "near_miss"), _TEXT_OR_NULL),
                    "missing": _TEXTS,
                    "not": {"type": "boolean", "description": "the answer must be another"},
                }
            ),
            "statement": _object(
                {
                    "layer": {"enum": [layer.value for layer in Layer]},
                    "policy": _TEXT,
                    "sid": _TEXT_OR_NULL,
                    "index": {**_COUNT, "description": "from 0"},
                    "effect": {"enum": ["Allow", "Deny"]},
                    "file": _TEXT,
                    "pointer": {**_TEXT, "description": "a JSON Pointer into the file"},
                },
                optional={
                    "level": {**_COUNT, "description": "of an organization, root first"},
                    "policy_arn": _TEXT,
                    "line": _LINE,
                    "column": _LINE,
                },
            ),
            "finding": _object(
                {
                    "code": _TEXT,
                    "severity": {"enum": ["error", "warning", "note"]},
                    "message": _TEXT,
                },
                optional={
                    **dict.fromkeys(("file", "pointer", "label", "help", "command"), _TEXT),
                    "line": _LINE,
                    "column": _LINE,
                },
            ),
        },
    }


def _result() -> dict[str, Any]:
    return _object(
        {
            "id": {**_TEXT, "description": "file::name[parameters]; stable"},
            "file": _TEXT,
            "line": {**_LINE, "type": ["integer", "null"]},
            "column": {**_LINE, "type": ["integer", "null"]},
            "name": _TEXT,
            "parameters": _TEXT,
            "status": {"enum": [status.value for status in Status]},
            "kind": {**_one_of(Kind), "description": "of a failure or an error"},
            "request": _object(dict.fromkeys(("principal", "action", "resource"), _TEXT)),
            "world": {**_TEXT, "description": "the policies asked: environment and overlays"},
            "expected": {"$ref": "#/$defs/expected"},
            "decision": {**_one_of(Want), "description": "null where nothing was asked"},
            "decided_by": {**_one_of(Layer), "description": "the deciding layer of a denial"},
            "statements": {
                "type": "array",
                "items": {"$ref": "#/$defs/statement"},
                "description": "the Deny statements that decide, or the Allow statements that "
                "grant",
            },
            "mismatches": {
                "type": "array",
                "items": _object(
                    {
                        "aspect": {"enum": [aspect.value for aspect in Aspect]},
                        "wanted": _TEXT,
                        "got": _TEXT,
                    }
                ),
            },
            "text": {**_TEXTS, "description": "what went wrong, in sentences"},
            "findings": {"type": "array", "items": {"$ref": "#/$defs/finding"}},
            "skip": {**_TEXT_OR_NULL, "description": "why the test is not run"},
            "seconds": _SECONDS,
        },
        optional={
            "rerun": {**_TEXT_OR_NULL, "description": "a command that asks the same"},
            "explanation": {
                "type": "object",
                "properties": {"schema": {"const": "policyeval/explanation/1"}},
                "required": ["schema"],
                "description": "what `policyeval why --json` says; of a failure",
            },
        },
    )


_TEXT: dict[str, Any] = {"type": "string"}
_TEXT_OR_NULL: dict[str, Any] = {"type": ["string", "null"]}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_LINE: dict[str, Any] = {"type": "integer", "minimum": 1}
_SECONDS: dict[str, Any] = {"type": "number", "minimum": 0}


def _one_of(words: type[Want | Layer | Kind]) -> dict[str, Any]:
    return {"enum": [*(word.value for word in words), None]}


def _object(
    properties: dict[str, Any], *, optional: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties | (optional or {}),
        "required": list(properties),
        "additionalProperties": False,
    }
