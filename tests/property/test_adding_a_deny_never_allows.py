"""One more Deny, in any layer, never opens anything (R-FLOW-02)."""

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.property import strategies

from policyeval.context import UNKNOWN, Facts
from policyeval.decision import Verdict
from policyeval.testing.strategies import statements


def with_deny(data, scenario):
    """Add a Deny to a policy that is there, or as a policy of its own, in any layer given."""
    assume(scenario.layers)
    layer = data.draw(st.sampled_from(list(scenario.layers)))
    deny = {**data.draw(statements(layer.value, effect="Deny")), "Sid": "Added"}
    levels = scenario.layers.get(layer, ())
    if not levels:
        return scenario.with_level(layer, 0, (strategies.document(deny),))
    depth = data.draw(st.integers(0, len(levels) - 1))
    level = levels[depth]
    if not level or data.draw(st.booleans()):
        return scenario.with_level(layer, depth, (*level, strategies.document(deny)))
    first, *others = level
    changed = {**first, "Statement": [*first["Statement"], deny]}
    return scenario.with_level(layer, depth, (changed, *others))


@given(strategies.scenarios(), st.data())
def test_adding_a_deny_never_turns_a_denial_into_an_allow(scenario, data):
    before = scenario.decide()
    after = with_deny(data, scenario).decide()
    if before.denied:
        assert after.denied
    if before.verdict is Verdict.EXPLICIT_DENY:
        assert after.verdict is Verdict.EXPLICIT_DENY


@given(strategies.scenarios(states=(UNKNOWN,), omit=True), st.data())
def test_adding_a_deny_never_makes_a_partial_request_allowed(scenario, data):
    before = scenario.decide(Facts.PARTIAL)
    after = with_deny(data, scenario).decide(Facts.PARTIAL)
    assert before.allowed or not after.allowed
