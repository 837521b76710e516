"""One more Allow, where a policy already hangs, never closes anything (R-FLOW-06 to -09)."""

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.property import strategies

from policyeval.context import UNKNOWN, Facts
from policyeval.stack import Layer
from policyeval.testing.strategies import statements


def with_allow(data, scenario):
    """Add an Allow to a policy that is there, or beside it. RCPs have no Allow of their own."""
    spots = [
        spot for spot in strategies.places(scenario) if spot[0] is not Layer.RESOURCE_CONTROL_POLICY
    ]
    assume(spots)
    layer, depth = data.draw(st.sampled_from(spots))
    allow = {**data.draw(statements(layer.value, effect="Allow")), "Sid": "Added"}
    first, *others = scenario.layers[layer][depth]
    if data.draw(st.booleans()):
        level = (first, *others, strategies.document(allow))
    else:
        level = ({**first, "Statement": [*first["Statement"], allow]}, *others)
    return scenario.with_level(layer, depth, level)


@given(strategies.scenarios(), st.data())
def test_adding_an_allow_never_turns_an_allow_into_a_denial(scenario, data):
    before = scenario.decide()
    after = with_allow(data, scenario).decide()
    if before.allowed:
        assert after.allowed
    assert set(after.blocking) <= set(before.blocking)


@given(strategies.scenarios(states=(UNKNOWN,), omit=True), st.data())
def test_adding_an_allow_never_makes_a_partial_request_denied(scenario, data):
    before = scenario.decide(Facts.PARTIAL)
    after = with_allow(data, scenario).decide(Facts.PARTIAL)
    assert before.denied or not after.denied
