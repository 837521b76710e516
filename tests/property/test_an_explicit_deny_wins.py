"""A matching Deny in any layer that reaches the request decides it (R-FLOW-02)."""

from hypothesis import given
from hypothesis import strategies as st
from tests.property import strategies

from policyeval.decision import LayerVerdict, Verdict
from policyeval.policy import Effect
from policyeval.stack import Layer

ALWAYS_ALLOWED = ("sts:GetCallerIdentity",)  # R-FLOW-21

IDENTITY_SIDE = (Layer.IDENTITY_POLICY, Layer.PERMISSIONS_BOUNDARY, Layer.SESSION_POLICY)
PRINCIPALS_WITH_IDENTITY_SIDE = (
    strategies.USER,
    strategies.SESSION,
    strategies.ROLE,
    strategies.FEDERATED_USER,
    strategies.STRANGER,
)


@given(strategies.scenarios())
def test_a_deny_that_matched_denies_explicitly(scenario):
    decision = scenario.decide()
    denying = [layer for layer in decision.layers if layer.refs(Effect.DENY)]
    if scenario.action in ALWAYS_ALLOWED:
        assert decision.allowed
    elif denying:
        assert decision.verdict is Verdict.EXPLICIT_DENY
        assert {layer.layer for layer in denying} <= set(decision.blocking)
        assert decision.decided_by is denying[0].layer
    else:
        assert decision.verdict is not Verdict.EXPLICIT_DENY
        assert all(layer.verdict is not LayerVerdict.DENIED for layer in decision.layers)


@given(
    strategies.scenarios(principals=PRINCIPALS_WITH_IDENTITY_SIDE), st.sampled_from(IDENTITY_SIDE)
)
def test_a_blanket_deny_on_the_identity_side_stops_every_user_and_session(scenario, layer):
    levels = ((strategies.document(strategies.blanket(layer, "Deny")),),)
    decision = scenario.changed(layers={**scenario.layers, layer: levels}).decide()
    if scenario.action in ALWAYS_ALLOWED:
        assert decision.allowed
    else:
        assert decision.verdict is Verdict.EXPLICIT_DENY
        assert layer in decision.blocking


@given(strategies.scenarios())
def test_a_blanket_deny_in_the_resource_policy_stops_all_but_the_owners_root(scenario):
    levels = ((strategies.document(strategies.blanket(Layer.RESOURCE_POLICY, "Deny")),),)
    decision = scenario.changed(layers={**scenario.layers, Layer.RESOURCE_POLICY: levels}).decide()
    service, name = scenario.action.split(":")
    without_policy = service == "iam" or name in ("ListKeys", "GetCallerIdentity")
    owners_root = (  # R-FLOW-12
        name == "GetBucketPolicy"
        and scenario.principal == strategies.ROOT
        and scenario.resource_account in (None, strategies.ACCOUNT)
    )
    if without_policy or owners_root:
        assert Layer.RESOURCE_POLICY not in {
            ref.layer for layer in decision.layers for ref in layer.refs(Effect.DENY)
        }
    else:
        assert decision.verdict is Verdict.EXPLICIT_DENY
        assert Layer.RESOURCE_POLICY in decision.blocking


@given(strategies.scenarios())
def test_without_a_matching_allow_nothing_is_allowed_but_to_root(scenario):
    # R-FLOW-01
    decision = scenario.decide()
    if decision.allowed and scenario.action not in ALWAYS_ALLOWED:
        granting = [
            layer.layer
            for layer in decision.layers
            if layer.layer in (Layer.IDENTITY_POLICY, Layer.RESOURCE_POLICY)
            and layer.refs(Effect.ALLOW)
        ]
        assert granting or scenario.principal == strategies.ROOT
