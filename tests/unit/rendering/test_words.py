import re
from pathlib import Path

import pytest
from tests.golden.worlds import FULL, WORLDS, attach, explain_case

from policyeval.context import ABSENT, Facts
from policyeval.decision import LayerDecision, LayerVerdict
from policyeval.evaluation import reach, samples
from policyeval.explanation.tree import ContextChange, Opening, Opens, Reason
from policyeval.rendering import words
from policyeval.rendering.changes import change_sentence, cost_sentence
from policyeval.rendering.reasons import cause_sentence, verdict_sentence
from policyeval.request import Request
from policyeval.stack import Layer

ANA = "arn:aws:iam::111122223333:user/Ana"
REQUEST = Request.of(ANA, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:jobs")


def test_every_word_of_the_engine_for_a_layer_without_part_has_a_sentence():
    text = Path(reach.__file__).read_text(encoding="utf-8")
    reasons = set(re.findall(r'return \(?"([a-z_]+)"', text)) | set(
        re.findall(r'else "([a-z_]+)"', text)
    )
    assert len(reasons) > 8
    for reason in reasons:
        said = LayerDecision(Layer.SERVICE_CONTROL_POLICY, LayerVerdict.EXEMPT, 0, reason=reason)
        assert words.layer_reason(said, REQUEST) != reason


def test_the_engines_name_for_any_other_value_is_known():
    assert words.OTHER_VALUE == samples.OTHER


@pytest.mark.parametrize(
    ("key", "value", "was", "sentence"),
    [
        ("aws:RequestedRegion", ("eu-west-1",), ("eu-north-1",), "call it in eu-west-1"),
        ("aws:RequestTag/team", ("pay",), ABSENT, "send aws:RequestTag/team = pay"),
        ("aws:RequestTag/team", ("some-other-value",), ABSENT, "send aws:RequestTag/team"),
        ("s3:acl", ("some-other-value",), ("a",), "call it with another value of s3:acl"),
        ("aws:SourceVpce", ABSENT, ("vpce-1",), "call it without a VPC endpoint"),
        ("aws:SourceVpce", ("vpce-1",), ABSENT, "call it through the VPC endpoint vpce-1"),
        ("aws:MultiFactorAuthPresent", ("true",), ("false",), "sign in with MFA"),
        ("aws:SecureTransport", ("true",), ("false",), "call it over TLS"),
        ("x:Other", ABSENT, ("a",), "call it without x:Other"),
        ("x:Other", ("b",), ("a",), "call it with x:Other = b"),
    ],
)  # fmt: skip
def test_changes_of_the_request_in_the_imperative(key, value, was, sentence):
    assert change_sentence(ContextChange(key, value, was), REQUEST) == sentence


def test_every_opening_has_a_cost_sentence():
    change = ContextChange("k", ABSENT, ABSENT)
    for kind in Opening:
        opens = Opens(kind, "x", ("s3:GetObject",), ("a", "b"), Layer.SERVICE_CONTROL_POLICY)
        assert cost_sentence(opens, change, REQUEST).startswith("opens")
    opens = Opens(Opening.ACTION, "s3:PutObject", (), ("a", "b"), Layer.IDENTITY_POLICY)
    assert cost_sentence(opens, change, REQUEST) == (
        "opens s3:PutObject on 2 resources to whoever the policy is attached to"
    )


def test_several_blocking_layers_are_named_in_the_verdict():
    other = FULL.replace('"Action": "*"', '"Action": "s3:*"')
    policies = {
        layer: [attach(layer, other, "x.json")]
        for layer in (Layer.IDENTITY_POLICY, Layer.PERMISSIONS_BOUNDARY)
    }
    assert verdict_sentence(explain_case(REQUEST, policies)) == (
        "no identity-based policy allows sqs:SendMessage (boundary blocks too)"
    )


def test_every_reason_of_every_world_has_a_sentence():
    for make in WORLDS.values():
        explanation = make()
        assert verdict_sentence(explanation)
        for cause in explanation.causes:
            assert cause_sentence(cause, explanation.decision)


def test_callers_that_may_never_ask():
    request = Request.of(
        "arn:aws:iam::111122223333:root", "sts:AssumeRole", "arn:aws:iam::111122223333:role/r"
    )
    explanation = explain_case(request, {})
    assert explanation.reason is Reason.CLOSED_TO_CALLER
    assert verdict_sentence(explanation) == (
        "a root user may not call sts:AssumeRole, whatever the policies say"
    )


def test_missing_layers_are_one_sentence():
    from policyeval.evaluation.engine import evaluate
    from policyeval.explanation.explain import explain
    from policyeval.rendering.text import render_text
    from policyeval.stack import PolicyStack

    request = Request.of(ANA, "sqs:SendMessage", "*", facts=Facts.PARTIAL)
    text = render_text(explain(evaluate(request, PolicyStack.of({}))))
    assert text.count("policy was given") == 1
    assert "--policy identity=FILE" in text
