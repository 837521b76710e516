"""Decisions: what they say about themselves."""

import pytest
from tests.unit.asking import OBJECT, allow, ask, ask_user, deny, policy

from policyeval.context import UNKNOWN
from policyeval.decision import LayerVerdict, Outcome, Verdict
from policyeval.policy import Effect
from policyeval.stack import Layer


def test_decision_is_no_truth_value():
    with pytest.raises(TypeError, match=r"ask \.allowed"):
        bool(ask_user(allow()))


def test_exactly_one_of_allowed_denied_unknown_holds():
    open_ = allow(condition={"StringEquals": {"app:key": "a"}})
    for decision in (
        ask_user(allow()),
        ask_user(deny()),
        ask_user(),
        ask_user(open_, context={"app:key": UNKNOWN}),
    ):
        assert decision.allowed + decision.denied + decision.unknown == 1


def test_all_layers_are_there_in_order():
    decision = ask_user(allow())
    assert [said.layer for said in decision.layers] == list(Layer)
    assert decision.layer(Layer.IDENTITY_POLICY).verdict is LayerVerdict.ALLOWED


def test_decided_by_is_the_first_explicit_deny_before_any_missing_allow():
    # R-FLOW-17
    decision = ask(
        {
            Layer.SERVICE_CONTROL_POLICY: [policy(allow("sqs:*"))],
            Layer.PERMISSIONS_BOUNDARY: [policy(deny())],
            Layer.IDENTITY_POLICY: [policy(deny())],
        }
    )
    assert decision.verdict is Verdict.EXPLICIT_DENY
    assert decision.blocking == (
        Layer.SERVICE_CONTROL_POLICY,
        Layer.IDENTITY_POLICY,
        Layer.PERMISSIONS_BOUNDARY,
    )
    assert decision.decided_by is Layer.IDENTITY_POLICY


def test_decided_by_is_the_first_blocking_layer_of_an_implicit_deny():
    decision = ask(
        {
            Layer.SERVICE_CONTROL_POLICY: [policy(allow("sqs:*"))],
            Layer.IDENTITY_POLICY: [policy(allow("sqs:*"))],
        }
    )
    assert decision.blocking == (Layer.SERVICE_CONTROL_POLICY, Layer.IDENTITY_POLICY)
    assert decision.decided_by is Layer.SERVICE_CONTROL_POLICY


def test_nothing_decided_an_allow_against_the_request():
    decision = ask_user(allow())
    assert decision.decided_by is None
    assert decision.blocking == ()


def test_determining_statements_are_all_that_matched():
    decision = ask_user(allow(), allow("s3:*"), allow("sqs:*"))
    assert [ref.statement.index for ref in decision.determining] == [0, 1]
    decision = ask_user(allow(), deny("s3:*"), deny(), deny("sqs:*"))
    assert [ref.statement.index for ref in decision.determining] == [1, 2]
    assert ask_user(allow("sqs:*")).determining == ()


def test_trace_says_which_question_failed_first():
    decision = ask_user(
        allow(),
        allow("sqs:*"),
        allow(resource="arn:aws:s3:::other/*"),
        allow(condition={"StringEquals": {"app:key": "a"}}),
        allow(condition={"StringEquals": {"app:open": "a"}}),
        context={"app:open": UNKNOWN},
    )
    trace = decision.layer(Layer.IDENTITY_POLICY).trace
    # a statement about other actions is never visited
    assert [(ref.statement.index, outcome) for ref, outcome in trace] == [
        (0, Outcome.MATCHED),
        (2, Outcome.RESOURCE_DIFFERS),
        (3, Outcome.CONDITION_FAILS),
        (4, Outcome.UNKNOWN),
    ]


def test_question_that_fails_ends_a_statement_whatever_else_is_unknown():
    statement = allow(
        condition={"StringEquals": {"app:open": "a"}, "NumericEquals": {"app:key": "5"}}
    )
    decision = ask_user(statement, context={"app:open": UNKNOWN, "app:key": "7"})
    [(_, outcome)] = decision.layer(Layer.IDENTITY_POLICY).trace
    assert outcome is Outcome.CONDITION_FAILS
    assert decision.denied


def test_reference_has_a_level_in_organization_policies_alone():
    decision = ask(
        {
            Layer.SERVICE_CONTROL_POLICY: [[policy(allow())], [policy(allow())]],
            Layer.IDENTITY_POLICY: [policy(allow())],
        }
    )
    assert [(ref.layer.value, ref.level) for ref in decision.determining] == [
        ("scp", 0),
        ("scp", 1),
        ("identity", None),
    ]


def test_resource_differing_statements_are_found_by_their_outcome():
    decision = ask_user(allow(resource="arn:aws:s3:::other"), resource=OBJECT)
    said = decision.layer(Layer.IDENTITY_POLICY)
    assert len(said.refs(Effect.ALLOW, Outcome.RESOURCE_DIFFERS)) == 1
    assert said.refs(Effect.ALLOW) == ()
    assert said.refs(Effect.DENY, Outcome.RESOURCE_DIFFERS) == ()
