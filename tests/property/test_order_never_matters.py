"""Statements, policies, values, keys: whatever is listed means the same in another order."""

from hypothesis import given
from hypothesis import strategies as st
from tests.property import strategies

from policyeval.context import PRESENT, UNKNOWN, Facts


def shuffled_values(random, value):
    if isinstance(value, list):
        return random.sample(value, len(value))
    if isinstance(value, dict):
        return {
            key: shuffled_values(random, value[key])
            for key in random.sample(list(value), len(value))
        }
    return value


def shuffled(random, scenario):
    """Give the scenario with every list and object of its policies in another order."""
    layers = {
        layer: tuple(
            tuple(shuffled_values(random, policy) for policy in random.sample(level, len(level)))
            for level in levels
        )
        for layer, levels in scenario.layers.items()
    }
    return scenario.changed(layers=layers, context=shuffled_values(random, dict(scenario.context)))


@given(strategies.scenarios(), st.randoms(use_true_random=True))
def test_order_never_matters_to_a_complete_request(scenario, random):
    expected = strategies.answer_of(scenario.decide())
    assert strategies.answer_of(shuffled(random, scenario).decide()) == expected


@given(strategies.scenarios(states=(UNKNOWN, PRESENT), omit=True), st.randoms(use_true_random=True))
def test_order_never_matters_to_a_partial_request(scenario, random):
    expected = strategies.answer_of(scenario.decide(Facts.PARTIAL))
    assert strategies.answer_of(shuffled(random, scenario).decide(Facts.PARTIAL)) == expected


@given(
    strategies.conditional_scenarios(states=(UNKNOWN, PRESENT)), st.randoms(use_true_random=True)
)
def test_order_never_matters_to_unknown_conditions(scenario, random):
    expected = strategies.answer_of(scenario.decide())
    assert strategies.answer_of(shuffled(random, scenario).decide()) == expected
