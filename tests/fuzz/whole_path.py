"""What the fuzzers ask: the whole path from hostile input to an answer.

Nothing may come out but an answer or a `PolicyEvalError`; every finding must have a place that can
be shown.
"""

from __future__ import annotations

import json
from typing import Any

from policyeval.case import Case, decide, decision_to_json
from policyeval.context import UNKNOWN, Facts
from policyeval.decision import Decision
from policyeval.errors import PolicyEvalError
from policyeval.evaluation.engine import evaluate
from policyeval.evaluation.notes import notes_of
from policyeval.explanation.explain import explain
from policyeval.finding import Finding
from policyeval.parsing.policy import read_policy
from policyeval.policy import Policy, PolicyType
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack

LAYER_OF = {
    None: Layer.RESOURCE_POLICY,
    PolicyType.IDENTITY: Layer.IDENTITY_POLICY,
    PolicyType.BOUNDARY: Layer.PERMISSIONS_BOUNDARY,
    PolicyType.SESSION: Layer.SESSION_POLICY,
    PolicyType.SCP: Layer.SERVICE_CONTROL_POLICY,
    PolicyType.RCP: Layer.RESOURCE_CONTROL_POLICY,
    PolicyType.RESOURCE: Layer.RESOURCE_POLICY,
    PolicyType.TRUST: Layer.RESOURCE_POLICY,
    PolicyType.VPC_ENDPOINT: Layer.VPC_ENDPOINT_POLICY,
}
CONTEXT = {
    "aws:SourceVpce": "vpce-1",
    "aws:TagKeys": ["a", "b"],
    "aws:SourceIp": "10.0.0.1",
    "aws:CurrentTime": UNKNOWN,
    "s3:prefix": "a",
}
REQUESTS = tuple(
    Request.of(
        principal,
        "s3:GetObject",
        "arn:aws:s3:::shop/list",
        CONTEXT,
        resource_account="111122223333",
        facts=facts,
    )
    for principal in (
        "arn:aws:iam::111122223333:user/ana",
        "arn:aws:iam::444455556666:role/dev",
        "*",
    )
    for facts in Facts
)


def from_bytes(data: bytes | str) -> None:
    """Read a text as each kind of policy; ask what could be read; explain the answers."""
    for type_ in (None, *PolicyType):
        policy, findings = read_policy(data, name="fuzz", type=type_)
        for finding in findings:
            check_finding(finding)
        if policy is None:
            assert any(finding.is_error for finding in findings), findings
        else:
            assert not any(finding.is_error for finding in findings), findings
            ask(policy, LAYER_OF[type_])


def ask(policy: Policy, layer: Layer) -> None:
    stack = PolicyStack.of({layer: [policy]})
    for request in REQUESTS:
        check_decision(evaluate(request, stack))


def from_value(value: Any) -> None:
    """Read a JSON value as a case, and decide it."""
    try:
        case = Case.of(value)
        decision = decide(case)
    except PolicyEvalError as error:
        check_error(error)
    else:
        check_decision(decision)
        json.dumps(decision_to_json(case, decision))


def check_error(error: PolicyEvalError) -> None:
    assert error.message
    for finding in error.findings:
        check_finding(finding)


def check_decision(decision: Decision) -> None:
    assert decision.allowed + decision.denied + decision.unknown == 1
    assert bool(decision.blocking) is decision.denied
    if decision.unknown:
        assert decision.missing
        assert len({one.verdict for one in decision.alternatives}) > 1
    for note in notes_of(decision):
        check_finding(note)
    explain(decision, max_fixes=1)


def check_finding(finding: Finding) -> None:
    assert finding.code.startswith("PE")
    assert finding.message
    location = finding.location
    if location is None or location.source.text is None:
        return
    span = location.resolve()
    text = location.source.text
    assert span is not None
    assert 0 <= span.start <= span.end <= len(text), (finding, span)
    line, column = location.source.map.line_and_column(span.start)
    assert line >= 1
    assert column >= 1
    location.source.map.line_text(line)
