"""What the prover calls equivalent decides every request as the policy does."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property import strategies

from policyeval.evaluation.caller import caller_of
from policyeval.evaluation.engine import evaluate
from policyeval.testing.mutation.ask import differs, mutated_policy, outcome, places_of
from policyeval.testing.mutation.equivalent import proof_of
from policyeval.testing.mutation.implied import ALWAYS_PRESENT
from policyeval.testing.mutation.model import Reason
from policyeval.testing.mutation.operators import mutants_of

CALLERS = tuple(each for each in strategies.PRINCIPALS if each != strategies.ROLE)


@st.composite
def policies_in_their_layers(draw):
    """A scenario, a layer of it, and one of the layer's policies, many statements in it.

    Half of the time the conditions are on few keys, so that statements shadow each other.
    """
    if strategies.once_in(draw, 2):
        scenario = draw(strategies.conditional_scenarios())
    else:
        scenario = draw(strategies.scenarios())
    if scenario.principal == strategies.ROLE:
        # The session's name is a fact: the proofs speak of requests of which all are known.
        scenario = scenario.changed(principal=strategies.SESSION)
    choices = list(strategies.places(scenario))
    if not choices:
        return None
    layer, depth = strategies.pick(draw, choices)
    place = strategies.pick(draw, range(len(scenario.layers[layer][depth])))
    return scenario, layer, depth, place


def with_policy(scenario, layer, depth, place, change):
    stack = scenario.stack()
    old = stack.layers[layer][depth][place]
    return old.policy, stack, (lambda mutant: stack.with_policy(layer, old, change(mutant)))


def carries_what_all_requests_carry(request):
    return all(isinstance(request.context[key], tuple) for key in ALWAYS_PRESENT)


@settings(max_examples=300)
@given(policies_in_their_layers(), st.data())
def test_an_equivalent_mutant_never_differs(drawn, data):
    if drawn is None:
        return
    scenario, layer, depth, place = drawn
    policy, stack, mutated = with_policy(scenario, layer, depth, place, mutated_policy)
    made, _ = mutants_of(policy)
    equivalent = [(mutant, proof_of(mutant, (layer,))) for mutant in made]
    equivalent = [(mutant, proof) for mutant, proof in equivalent if proof is not None]
    if not equivalent:
        return
    requests = [scenario.request()]
    for _ in range(4):
        action, resource = strategies.pick(data.draw, strategies.REQUESTS)
        owned = resource == "*" or resource.split(":")[4] != ""
        other = scenario.changed(
            principal=strategies.pick(data.draw, CALLERS),
            action=action,
            resource=resource,
            resource_account=None if owned else strategies.ACCOUNT,
            context=strategies.draw_context(data.draw, ()),
            issuer="",
        )
        requests.append(other.request())
    for mutant, proof in equivalent:
        changed = mutated(mutant)
        for request in requests:
            present = carries_what_all_requests_carry(request)
            if proof.reason is Reason.ALWAYS_PRESENT and not present:
                continue
            was, became = evaluate(request, stack), evaluate(request, changed)
            assert was.verdict is became.verdict, (proof, mutant.change, mutant.original)


@settings(max_examples=200)
@given(policies_in_their_layers())
def test_statements_that_say_the_same_leave_the_decision_as_it_was(drawn):
    if drawn is None:
        return
    scenario, layer, depth, place = drawn
    policy, stack, mutated = with_policy(scenario, layer, depth, place, mutated_policy)
    made, _ = mutants_of(policy)
    request = scenario.request()
    resolved, _ = stack.resolve(request)
    caller = caller_of(resolved, stack)
    for mutant in made:
        found = places_of(resolved, stack, caller, lambda each: each is policy)
        old = mutant.original
        said = [(each, outcome(old, resolved, each)) for each in found]
        if any(differs(old, mutant.statement, got, resolved, each) for each, got in said):
            continue
        was, became = evaluate(request, stack), evaluate(request, mutated(mutant))
        assert was.verdict is became.verdict
        assert [each.possible for each in was.layers] == [each.possible for each in became.layers]
        assert was.missing == became.missing
