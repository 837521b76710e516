"""Whatever the missing facts turn out to be, the answer is one that was announced (R-FLOW-20)."""

from hypothesis import given
from hypothesis import strategies as st
from tests.property import strategies

from policyeval.context import ABSENT, PRESENT, UNKNOWN, Facts
from policyeval.decision import Verdict
from policyeval.evaluation.engine import evaluate
from policyeval.request import with_context


@given(strategies.scenarios(omit=True), st.data())
def test_completing_a_partial_request_gives_an_announced_answer(scenario, data):
    decision = scenario.decide(Facts.PARTIAL)
    complete = data.draw(strategies.completions(scenario, decision))
    assert complete.verdict in strategies.announced(decision)


@given(strategies.scenarios(states=(UNKNOWN, PRESENT), omit=True), st.data())
def test_completing_a_typed_request_gives_an_announced_answer(scenario, data):
    decision = scenario.decide(Facts.TYPED)
    complete = data.draw(strategies.completions(scenario, decision))
    assert complete.verdict in strategies.announced(decision)


@given(strategies.conditional_scenarios(states=(UNKNOWN, PRESENT)), st.data())
def test_completing_unknown_conditions_gives_an_announced_answer(scenario, data):
    decision = scenario.decide()
    complete = data.draw(strategies.completions(scenario, decision))
    assert complete.verdict in strategies.announced(decision)


@given(strategies.scenarios(states=(UNKNOWN,), omit=True))
def test_an_unknown_announces_two_answers_or_more_and_names_a_fact(scenario):
    decision = scenario.decide(Facts.PARTIAL)
    if decision.unknown:
        assert len(strategies.announced(decision)) > 1
        assert Verdict.ALLOWED in strategies.announced(decision)
        assert Verdict.UNKNOWN not in strategies.announced(decision)
        assert decision.missing
    else:
        assert not decision.alternatives


def add_fact(data, decision):
    """Give one missing context key a value, or make it absent where it may be."""
    keys = [fact for fact in decision.missing if fact in strategies.KEY_VALUES]
    if not keys:
        return None
    key = data.draw(st.sampled_from(keys))
    value = data.draw(strategies.values_of(key))
    if decision.request.context[key] is UNKNOWN and data.draw(st.booleans()):
        value = ABSENT
    elif isinstance(value, list):
        value = tuple(value)
    else:
        value = (value,)
    return with_context(decision.request, {key: value})


@given(strategies.scenarios(states=(UNKNOWN, PRESENT), omit=True), st.data())
def test_adding_a_fact_narrows_what_was_announced(scenario, data):
    decision = scenario.decide(Facts.PARTIAL)
    request = add_fact(data, decision)
    if request is not None:
        after = evaluate(request, scenario.stack())
        assert strategies.announced(after) <= strategies.announced(decision)


@given(strategies.conditional_scenarios(states=(UNKNOWN, PRESENT)), st.data())
def test_adding_a_fact_narrows_what_unknown_conditions_announced(scenario, data):
    decision = scenario.decide()
    request = add_fact(data, decision)
    if request is not None:
        after = evaluate(request, scenario.stack())
        assert strategies.announced(after) <= strategies.announced(decision)


@given(strategies.conditional_scenarios(states=(UNKNOWN, PRESENT)))
def test_the_facts_of_an_alternative_lead_to_its_answer(scenario):
    decision = scenario.decide()
    for alternative in decision.alternatives:
        if not alternative.facts:
            continue
        changes = {key: ABSENT if value is None else (value,) for key, value in alternative.facts}
        request = with_context(decision.request, changes)
        assert alternative.verdict in strategies.announced(evaluate(request, scenario.stack()))
