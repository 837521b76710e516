"""Expectations, met and not met."""

import pytest
from tests.unit.testing.suites import ACCOUNT, allow, passes, results_of, write_policy

from policyeval.testing.model import Aspect, Status

ASKS = {
    "allowed": "principal: deploy, action: s3:GetObject, resource: logs/a",
    "denied by resource": "principal: deploy, action: s3:PutObject, resource: logs/a",
    "denied by scp": "principal: deploy, action: sqs:SendMessage, "
    "resource: 'arn:aws:sqs:eu-north-1:222233334444:q'",
    "denied by boundary": "principal: anna, action: sqs:SendMessage, "
    "resource: 'arn:aws:sqs:eu-west-1:222233334444:q'",
    "without mfa": "principal: deploy, action: s3:DeleteObject, resource: logs/a, "
    "context: { aws:MultiFactorAuthPresent: null }",
    "mfa unknown": "principal: deploy, action: s3:DeleteObject, resource: logs/a, "
    "unknown: [aws:MultiFactorAuthPresent]",
}


def suite(ask, expect):
    return f"tests:\n  - {{ name: t, {ASKS[ask]}, expect: {expect} }}"


@pytest.mark.parametrize(
    ("ask", "expect"),
    [
        ("allowed", "allow"),
        ("allowed", "not deny"),
        ("allowed", "not unknown"),
        ("allowed", "{ decision: allow, layer: identity, statement: Publish }"),
        ("allowed", "{ statement: 'deploy.json#0' }"),
        ("allowed", "{ statement: 'identity/deploy.json:5' }"),
        ("allowed", "{ not: { decision: allow, statement: Debug } }"),
        ("denied by resource", "deny"),
        ("denied by resource", "explicit-deny"),
        ("denied by resource", "deny resource"),
        ("denied by resource", "explicit-deny resource"),
        ("denied by resource", "{ decision: deny, statement: NoWrites }"),
        ("denied by resource", "{ message: 'Explicit deny in a  resource-based policy' }"),
        ("denied by scp", "{ decision: deny, layer: scp, statement: DenyOutsideEU }"),
        ("denied by boundary", "implicit-deny boundary"),
        ("without mfa", "implicit-deny identity"),
        ("without mfa", "{ near-miss: 'aws:multifactorauthpresent' }"),
        ("without mfa", "{ near-miss: DeleteWithMfa }"),
        ("mfa unknown", "unknown"),
        ("mfa unknown", "{ decision: unknown, missing: 'AWS:MultiFactorAuthPresent' }"),
        ("mfa unknown", "not explicit-deny"),
    ],
)
def test_expectation_is_met(world, ask, expect):
    assert passes(world, suite(ask, expect)) == [True]


@pytest.mark.parametrize(
    ("ask", "expect", "aspect", "got"),
    [
        ("allowed", "deny", Aspect.DECISION, "allow"),
        ("allowed", "not allow", Aspect.NOT, "allow"),
        ("allowed", "{ layer: scp }", Aspect.LAYER, "identity"),
        ("allowed", "{ statement: Debug }", Aspect.STATEMENT, "Publish"),
        ("allowed", "{ statement: 'deploy.json#1' }", Aspect.STATEMENT, "Publish"),
        ("allowed", "{ statement: 'other.json#0' }", Aspect.STATEMENT, "Publish"),
        ("allowed", "{ statement: 'deploy.json:2' }", Aspect.STATEMENT, "Publish"),
        ("denied by resource", "allow", Aspect.DECISION, "explicit-deny"),
        ("denied by resource", "implicit-deny", Aspect.DECISION, "explicit-deny"),
        ("denied by resource", "deny scp", Aspect.LAYER, "resource"),
        ("denied by boundary", "{ statement: OnlyRead }", Aspect.STATEMENT, "none"),
        ("without mfa", "{ near-miss: aws:SourceIp }", Aspect.NEAR_MISS, None),
        ("allowed", "{ message: nobody }", Aspect.MESSAGE, None),
        ("mfa unknown", "allow", Aspect.DECISION, "unknown"),
        ("mfa unknown", "deny", Aspect.DECISION, "unknown"),
        ("mfa unknown", "not allow", Aspect.NOT, "unknown"),
        ("mfa unknown", "not unknown", Aspect.NOT, "unknown"),
        ("mfa unknown", "{ missing: [aws:SourceIp] }", Aspect.MISSING, None),
    ],
)
def test_expectation_is_not_met(world, ask, expect, aspect, got):
    [result] = results_of(world, suite(ask, expect))
    assert result.status is Status.FAILED
    assert result.decision is not None
    [mismatch] = result.mismatches
    assert mismatch.aspect is aspect
    assert got in (None, mismatch.got)


def test_all_that_differs_is_told(world):
    [result] = results_of(
        world, suite("denied by resource", "{ decision: allow, layer: scp, statement: X }")
    )
    assert [each.aspect for each in result.mismatches] == [
        Aspect.DECISION,
        Aspect.LAYER,
        Aspect.STATEMENT,
    ]


def test_the_statement_of_an_allow_stands_in_the_layer_that_is_named(world):
    write_policy(world / "open.json", [allow(sid="Open", Principal="*")])
    head = f"""
    stack: {{ identity: policies/identity/deploy.json, resource: open.json }}
    defaults:
      principal: arn:aws:iam::{ACCOUNT}:role/deploy
      action: s3:GetObject
      resource: arn:aws:s3:::logs/a
    tests:
    """
    for layer, statement, met in (
        ("identity", "Publish", True),
        ("resource", "Open", True),
        ("identity", "Open", False),
    ):
        expect = f"{{ decision: allow, layer: {layer}, statement: {statement} }}"
        assert passes(world, f"{head}  - {{ name: t, expect: {expect} }}") == [met]
