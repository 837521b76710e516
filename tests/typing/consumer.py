"""A program that embeds policyeval, checked by `mypy --strict`; nothing here is run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, assert_never, assert_type

from hypothesis.strategies import SearchStrategy

from policyeval import (
    ABSENT,
    UNKNOWN,
    Arn,
    AttachedPolicy,
    Decision,
    Environment,
    Facts,
    Finding,
    Layer,
    LayerVerdict,
    Policy,
    PolicyEvalError,
    PolicyStack,
    PolicyType,
    Request,
    Verdict,
    evaluate,
    explain,
    load_environment,
    parse_arn,
    parse_policy,
)
from policyeval.rendering.html import render_html
from policyeval.rendering.json import explanation_to_json
from policyeval.rendering.markdown import render_markdown
from policyeval.rendering.text import render_text
from policyeval.testing import Iam, assert_allowed, assert_denied, assert_unknown
from policyeval.testing import strategies as drawn

QUESTION = ("arn:aws:iam::111122223333:user/ana", "s3:GetObject", "arn:aws:s3:::logs/a.log")


def read(path: Path) -> Policy:
    """A policy from a file, whatever can be read of it said."""
    policy = parse_policy(path.read_text(encoding="utf-8"), name=path.name)
    assert_type(policy, Policy)
    findings: tuple[Finding, ...] = policy.findings
    assert_type([finding.code for finding in findings], list[str])
    return policy


def from_objects(document: Mapping[str, Any]) -> Policy:
    """A policy from a dict, of a known type."""
    return parse_policy(dict(document), name="inline", type=PolicyType.SCP)


def stack_of(identity: Policy, scp: list[list[Policy]]) -> PolicyStack:
    """Policies by layer: flat, by level, and attached with a name of one's own."""
    attached = AttachedPolicy(identity, "identity/ana.json")
    return PolicyStack.of(
        {
            Layer.IDENTITY_POLICY: [identity, attached],
            Layer.SERVICE_CONTROL_POLICY: scp,
            Layer.SESSION_POLICY: [],
        }
    )


def ask(stack: PolicyStack) -> str:
    """A question with every kind of fact, and what can be read off the answer."""
    request = Request.of(
        *QUESTION,
        {
            "aws:SourceVpce": "vpce-1",
            "aws:TagKeys": ["team", "cost"],
            "aws:SecureTransport": True,
            "aws:MultiFactorAuthAge": 300,
            "aws:SourceIp": UNKNOWN,
            "aws:username": ABSENT,
            "aws:PrincipalTag/team": None,
        },
        resource_account="111122223333",
        facts=Facts.PARTIAL,
    )
    decision = evaluate(request, stack)
    assert_type(decision, Decision)
    assert_type(decision.verdict, Verdict)
    assert_type(decision.allowed, bool)
    assert_type(decision.denied, bool)
    assert_type(decision.unknown, bool)
    assert_type(decision.decided_by, Layer | None)
    assert_type(decision.blocking, tuple[Layer, ...])
    assert_type(decision.missing, tuple[str, ...])
    assert_type(decision.layer(Layer.IDENTITY_POLICY).verdict, LayerVerdict)
    assert_type([ref.statement.sid for ref in decision.determining], list[str | None])
    return word(decision)


def word(decision: Decision) -> str:
    """One word for each verdict; mypy sees that none is forgotten."""
    match decision.verdict:
        case Verdict.ALLOWED:
            return "yes"
        case Verdict.EXPLICIT_DENY | Verdict.IMPLICIT_DENY:
            return "no"
        case Verdict.UNKNOWN:
            return f"perhaps: {', '.join(decision.missing)}"
        case other:
            assert_never(other)


def show(decision: Decision) -> dict[str, str]:
    """An answer in each of its forms."""
    explanation = explain(decision, max_fixes=1)
    for fix in explanation.fixes:
        assert_type(len(fix.changes), int)
    assert_type(explanation_to_json(explanation), dict[str, Any])
    return {
        "text": render_text(explanation),
        "wide": render_text(explanation, width=120),
        "markdown": render_markdown(explanation),
        "html": render_html(explanation),
    }


def with_an_environment(path: Path) -> Decision:
    """An environment finds the policies by itself."""
    environment = load_environment(path)
    assert_type(environment, Environment)
    return evaluate(Request.of(*QUESTION), environment)


def test_policies(iam: Iam, environment: Environment, stack: PolicyStack) -> None:
    """Asserts take a handle, an environment or a stack; a handle answers too."""
    assert_allowed(iam, "deploy", ["s3:GetObject", "s3:PutObject"], "logs/a.log", "at-home")
    assert_denied(environment, *QUESTION, by="scp", kind="explicit", statement="OnlyHome")
    assert_denied(stack, *QUESTION, {"aws:SourceVpce": None}, by=Layer.IDENTITY_POLICY)
    assert_unknown(stack, *QUESTION, missing=["aws:SourceVpce"], facts=Facts.PARTIAL)
    with iam.context("at-home", {"aws:SecureTransport": False}) as inside:
        assert_type(inside, Iam)
        assert_type(inside.allowed(*QUESTION), bool)
    case = iam.bound(principal="deploy", action="s3:GetObject")
    assert_type(case, Iam)
    assert_type(case.evaluate(resource="logs/a.log"), Decision)
    assert_type(case.environment, Environment | None)


def draw(environment: Environment) -> None:
    """Strategies tell what they draw."""
    assert_type(drawn.requests(environment), SearchStrategy[Request])
    assert_type(drawn.stacks(), SearchStrategy[PolicyStack])
    assert_type(drawn.policies("scp"), SearchStrategy[dict[str, Any]])
    assert_type(drawn.arns(wildcards=True), SearchStrategy[str])


def account_of(text: str) -> str | None:
    """What an ARN is made of, and what is said where it is none."""
    try:
        arn = parse_arn(text)
    except PolicyEvalError as error:
        assert_type(error.findings, tuple[Finding, ...])
        for finding in error.findings:
            print(finding.code, finding.severity.value, finding.message, finding.help)
        return None
    assert_type(arn, Arn)
    return arn.account


def mistakes(stack: PolicyStack, decision: Decision) -> None:
    """What mypy must refuse: `warn_unused_ignores` says where it does not."""
    evaluate(QUESTION, stack)  # type: ignore[arg-type]
    Request.of(1, "s3:GetObject", "*")  # type: ignore[arg-type]
    parse_policy(1)  # type: ignore[arg-type]
    PolicyStack.of({"identity": []})  # type: ignore[dict-item]
    decision.verdict = Verdict.ALLOWED  # type: ignore[misc]
    decision.alowed  # type: ignore[attr-defined]  # noqa: B018
    Request.of(*QUESTION, fact=Facts.PARTIAL)  # type: ignore[call-arg]
    assert_denied(stack, *QUESTION, by=1)  # type: ignore[arg-type]
    assert_denied("environment.yaml", *QUESTION)  # type: ignore[arg-type]
