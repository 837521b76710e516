"""An explanation as data for programs: everything that the text shows, under stable keys.

The words of verdicts, layers, reasons and outcomes are codes, not sentences; `text` members hold
the sentence that people read, and may change between versions.
"""

from __future__ import annotations

from typing import Any

from policyeval.catalogue.lookup import catalogue_date
from policyeval.context import ContextValue, Presence
from policyeval.decision import Alternative, Decision, LayerDecision, StatementRef
from policyeval.explanation.claimed import ClaimCheck
from policyeval.explanation.tree import (
    Cause,
    Change,
    ContextChange,
    Explanation,
    Fix,
    Opens,
    Part,
    StatementEdit,
    StatementView,
)
from policyeval.finding import Finding
from policyeval.rendering.changes import change_sentence, cost_sentence
from policyeval.rendering.claims import claim_words
from policyeval.rendering.comparisons import got_words, wanted_words
from policyeval.rendering.reasons import cause_sentence, verdict_sentence
from policyeval.rendering.words import position, statement_location
from policyeval.request import Request
from policyeval.source import Location

SCHEMA = "policyeval/explanation/1"


def explanation_to_json(explanation: Explanation) -> dict[str, Any]:
    """Give an explanation as a JSON object."""
    decision = explanation.decision
    return {
        "schema": SCHEMA,
        "catalogue": catalogue_date(),
        "decision": decision.verdict.value,
        "reason": explanation.reason.value,
        "text": verdict_sentence(explanation),
        "decided_by": decision.decided_by.value if decision.decided_by else None,
        "blocking": [layer.value for layer in decision.blocking],
        "rule": decision.rule or None,
        "request": request_to_json(decision.request),
        **_pasted(explanation),
        "layers": [_layer(said) for said in decision.layers],
        "causes": [_cause(cause, decision) for cause in explanation.causes],
        "granting": [_view(view) for view in explanation.granting],
        "fixes": [_fix(fix, decision.request) for fix in explanation.fixes],
        "alternatives": [_alternative(item) for item in decision.alternatives],
        "alternatives_are_examples": decision.inexact,
        "missing": list(decision.missing),
        "assumed": dict(decision.assumed),
        "not_evaluated": list(explanation.not_evaluated),
        "taken_absent": list(explanation.taken_absent),
        "findings": [finding_to_json(finding) for finding in explanation.findings],
    }


def _pasted(explanation: Explanation) -> dict[str, Any]:
    """What the request was read from, and AWS's word in it; nothing for a typed request."""
    pasted, check = explanation.pasted, explanation.check
    if pasted is None:
        return {}
    shown: dict[str, Any] = {
        "pasted": {
            "kind": pasted.kind.value,
            "name": pasted.name or None,
            "origins": dict(pasted.origins),
            "rebuilt": sorted(pasted.rebuilt),
            "also": pasted.also or None,
        }
    }
    if check is not None:
        shown["claim"] = _claim(check)
    return shown


def _claim(check: ClaimCheck) -> dict[str, Any]:
    claim = check.claim
    kind = {None: None, True: "explicit_deny", False: "implicit_deny"}[claim.explicit]
    return {
        "decision": "allowed" if claim.allowed else kind or "denied",
        "layer": claim.layer.value if claim.layer else None,
        "through": claim.through.value if claim.through else None,
        "policy_arn": claim.policy_arn or None,
        "text": claim_words(claim),
        "agreement": check.agreement.value,
        "policy_arn_in_input": None if not claim.policy_arn else not check.unknown_arn,
        "layer_given": None if claim.layer is None else not check.not_given,
        "taken_silent": [layer.value for layer in check.silent],
        "inferred": dict(check.inferred),
        "causes": [_alternative(each) for each in check.causes],
        "first_cause_likely": check.likely,
    }


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """Give a finding as a JSON object; with line and column where its source has text."""
    shown: dict[str, Any] = {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
    }
    if finding.location is not None:
        shown |= place_to_json(finding.location)
    if finding.label:
        shown["label"] = finding.label
    if finding.help:
        shown["help"] = finding.help
    if finding.command:
        shown["command"] = finding.command
    return shown


def place_to_json(location: Location) -> dict[str, Any]:
    """`file`, `pointer`, and `line` and `column`, counted from 1, where there is a text."""
    shown: dict[str, Any] = {"file": location.source.name, "pointer": location.pointer}
    found = position(location)
    if found is not None:
        shown |= {"line": found[0], "column": found[1]}
    return shown


def statement_to_json(ref: StatementRef) -> dict[str, Any]:
    """Give a statement by its place; `index` counts from 0, `level` from the root."""
    shown: dict[str, Any] = {
        "layer": ref.layer.value,
        "policy": ref.policy.name,
        "sid": ref.statement.sid,
        "index": ref.statement.index,
        "effect": ref.statement.effect.value,
    }
    if ref.level is not None:
        shown["level"] = ref.level
    if ref.policy.arn:
        shown["policy_arn"] = ref.policy.arn
    return shown | place_to_json(statement_location(ref))


def request_to_json(request: Request) -> dict[str, Any]:
    """Give a request with its whole context: each key with its value and where that is from."""
    context = request.context
    return {
        "principal": request.principal.text,
        "principal_kind": request.principal.kind.value,
        "principal_account": request.principal.account or None,
        "action": request.action.text,
        "resource": request.resource.text,
        "resource_account": request.resource.account or None,
        "facts": request.facts.value,
        "context": {key: _context_entry(key, request) for key in sorted(context)},
    }


def _context_entry(key: str, request: Request) -> dict[str, Any]:
    folded, context = key.lower(), request.context
    origin = "given"
    if folded in context.assumed:
        origin = "assumed"
    elif folded in context.derived:
        origin = "derived"
    return {"value": _value(context[key]), "origin": origin}


def _value(value: ContextValue) -> Any:
    """A list of strings, or `{"state": "absent"}` for a key without known value."""
    return {"state": value.value} if isinstance(value, Presence) else list(value)


def _layer(said: LayerDecision) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "layer": said.layer.value,
        "verdict": said.verdict.value,
        "assumed": said.assumed,
        "reason": said.reason or None,
    }
    if said.level_count:
        shown["levels"] = said.level_count
    shown["statements"] = [
        {**statement_to_json(ref), "outcome": outcome.name.lower()} for ref, outcome in said.trace
    ]
    return shown


def _cause(cause: Cause, decision: Decision) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "layer": cause.layer.value if cause.layer else None,
        "reason": cause.reason.value,
        "reason_name": cause.reason.name.lower(),
        "text": cause_sentence(cause, decision),
    }
    if cause.level is not None:
        shown["level"] = cause.level
    shown["statements"] = [_view(view) for view in cause.statements]
    return shown


def _view(view: StatementView) -> dict[str, Any]:
    return {
        **statement_to_json(view.ref),
        "outcome": view.outcome.name.lower(),
        "parts": [_part(part) for part in view.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    shown: dict[str, Any] = {"element": part.element, "holds": part.holds}
    if part.key:
        shown |= {"operator": part.operator, "key": part.key}
    shown |= {"wanted": list(part.wanted), "got": _value(part.got)}
    words = {"wanted_text": wanted_words(part), "got_text": got_words(part)}
    return shown | words | place_to_json(part.location)


def _fix(fix: Fix, request: Request) -> dict[str, Any]:
    return {
        "decision": "allowed",
        "changes": [_change(change, request) for change in fix.changes],
        "opens": [
            _opens(opens, change, request)
            for opens, change in zip(fix.opens, fix.changes, strict=False)
        ],
    }


def _change(change: Change, request: Request) -> dict[str, Any]:
    text = change_sentence(change, request)
    if isinstance(change, ContextChange):
        return {
            "kind": "context",
            "key": change.key,
            "value": _value(change.value),
            "was": _value(change.was),
            "also": list(change.also),
            "range": change.range or None,
            "text": text,
        }
    if isinstance(change, StatementEdit):
        return _edit(change) | {"text": text}
    shown: dict[str, Any] = {
        "kind": "new_statement",
        "layer": change.layer.value,
        "policy": change.policy.name if change.policy else None,
        "statement": dict(change.document),
        "text": text,
    }
    return shown if change.level is None else {**shown, "level": change.level}


def _edit(change: StatementEdit) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "kind": "edit",
        "verb": change.verb,
        "element": change.element,
        "value": change.text,
        "at": place_to_json(change.location),
        "statement": statement_to_json(change.ref),
    }
    return shown | ({"operator": change.operator, "key": change.key} if change.key else {})


def _opens(opens: Opens, change: Change, request: Request) -> dict[str, Any]:
    return {
        "kind": opens.kind.value,
        "subject": opens.subject or None,
        "actions": list(opens.actions),
        "resources": [text for text in opens.resources if text],
        "layer": opens.layer.value if opens.layer else None,
        "text": cost_sentence(opens, change, request),
    }


def _alternative(alternative: Alternative) -> dict[str, Any]:
    return {
        "decision": alternative.verdict.value,
        "decided_by": alternative.decided_by.value if alternative.decided_by else None,
        "facts": dict(alternative.facts),
    }
