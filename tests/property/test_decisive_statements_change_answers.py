"""A statement is decisive if and only if the answer changes when it is taken out of its policy."""

import json
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.property import strategies
from tests.property.households import PEOPLE, contexts, households
from tests.property.strategies import REQUESTS
from tests.unit.testing.recorded import decisive, recorder_of, result_of

from policyeval.context import PRESENT, UNKNOWN, Facts
from policyeval.decision import Outcome
from policyeval.environment.model import PolicyDocument
from policyeval.evaluation.engine import evaluate
from policyeval.request import Request
from policyeval.testing.coverage import Recorder, coverage_of
from policyeval.testing.coverage.shape import shape_of
from policyeval.value import Value, replace


def gist(decision):
    return decision.verdict, decision.decided_by


def without(scenario, layer, name, sid):
    """Take a statement out of the policy of that name."""
    levels = tuple(
        tuple(
            {**each, "Statement": [one for one in each["Statement"] if one["Sid"] != sid]}
            if each["Id"] == name
            else each
            for each in level
        )
        for level in scenario.layers[layer]
    )
    return scenario.changed(layers={**scenario.layers, layer: levels})


def by_hand(scenario, facts):
    """Give (policy, Sid) of each statement whose loss changes the answer."""
    expected = gist(scenario.decide(facts))
    return {
        (each["Id"], one["Sid"])
        for layer, levels in scenario.layers.items()
        for level in levels
        for each in level
        for one in each["Statement"]
        if gist(without(scenario, layer, each["Id"], one["Sid"]).decide(facts)) != expected
    }


def recorded(scenario, facts):
    """Give (policy, Sid) of each statement that a recorder finds decisive."""
    decision = scenario.decide(facts)
    recorder = recorder_of([result_of(decision)])
    names = {
        shape_of(attached.policy).key: attached.name
        for layer in decision.stack.layers
        for attached in decision.stack.policies(layer)
    }
    return {
        (names[policy.shape.key], shape.sid)
        for policy in recorder.policies
        for shape, counts in zip(policy.shape.statements, policy.statements, strict=True)
        if counts.decisive.count
    }


@given(strategies.scenarios())
def test_decisive_is_what_a_complete_request_depends_on(scenario):
    assert recorded(scenario, Facts.COMPLETE) == by_hand(scenario, Facts.COMPLETE)


@given(strategies.scenarios(states=(UNKNOWN, PRESENT), omit=True), st.sampled_from(Facts))
def test_decisive_is_what_a_partial_request_depends_on(scenario, facts):
    assert recorded(scenario, facts) == by_hand(scenario, facts)


@given(strategies.conditional_scenarios(states=(UNKNOWN, PRESENT)))
def test_decisive_is_what_an_unknown_condition_leaves_to_depend_on(scenario):
    assert recorded(scenario, Facts.TYPED) == by_hand(scenario, Facts.TYPED)


# ---- the same policy in several places ----------------------------------------------------------


def everywhere(value, change):
    """Give a value in which all documents, however deep, are changed."""
    if isinstance(value, PolicyDocument):
        return change(value)
    if isinstance(value, tuple):
        return tuple(everywhere(each, change) for each in value)
    if isinstance(value, dict):
        return {key: everywhere(each, change) for key, each in value.items()}
    if isinstance(value, Value):
        fields = {name: getattr(value, name) for name in value._fields}
        changed = {name: everywhere(each, change) for name, each in fields.items()}
        return replace(value, **changed) if changed != fields else value
    return value


def lacking(key, place):
    """Take a statement out of the policy with a key."""

    def change(document):
        policy = document.policy
        if policy is None or shape_of(policy).key != key:
            return document
        kept = (*policy.statements[:place], *policy.statements[place + 1 :])
        return PolicyDocument.of(replace(policy, statements=kept))

    return change


@given(households(), contexts(), st.sampled_from(Facts), st.sampled_from(REQUESTS))
def test_a_statement_is_taken_out_wherever_its_policy_hangs(environment, context, facts, asked):
    action, resource = asked
    for _, principal in PEOPLE[:2]:
        request = Request.of(principal, action, resource, context, facts=facts)
        decision = evaluate(request, environment)
        recorder = recorder_of([result_of(decision)])
        for policy in recorder.policies:
            for place, counts in enumerate(policy.statements):
                edited = everywhere(environment, lacking(policy.shape.key, place))
                after = evaluate(request, edited)
                changes = gist(after) != gist(decision)
                assert bool(counts.decisive.count) == changes, policy.shape.statements[place]


# ---- adding up ----------------------------------------------------------------------------------


@given(st.lists(strategies.scenarios(), min_size=1, max_size=4), st.randoms())
def test_records_add_up_in_any_order(scenarios, random: Random):
    results = [
        result_of(scenario.decide(), f"test {number}") for number, scenario in enumerate(scenarios)
    ]
    whole = recorder_of(results).to_data()
    random.shuffle(results)
    cut = random.randint(0, len(results))
    parts = [recorder_of(results[:cut]).to_data(), recorder_of(results[cut:]).to_data()]
    random.shuffle(parts)
    merged = Recorder()
    for part in parts:
        merged.merge(json.loads(json.dumps(part)))
    assert merged.to_data() == whole
    assert coverage_of(merged) == coverage_of(Recorder.of(whole))


@given(strategies.scenarios())
def test_what_is_recorded_as_matched_is_what_the_trace_says(scenario):
    decision = scenario.decide()
    recorder = recorder_of([result_of(decision)])
    matched = {
        (shape_of(ref.policy.policy).key, ref.statement.index)
        for layer in decision.layers
        for ref, outcome in layer.trace
        if outcome is Outcome.MATCHED
    }
    assert matched == {
        (policy.shape.key, place)
        for policy in recorder.policies
        for place, counts in enumerate(policy.statements)
        if counts.matched.count
    }
    assert decisive(recorder) <= {
        policy.shape.statements[place].sid
        for policy in recorder.policies
        for place, counts in enumerate(policy.statements)
        if counts.matched.count
    }
