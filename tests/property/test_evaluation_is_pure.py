"""The same question has the same answer, and asking changes nothing."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from hypothesis import given, settings
from tests.property import strategies

from policyeval.context import UNKNOWN, Facts
from policyeval.evaluation.engine import evaluate


@given(strategies.scenarios(states=(UNKNOWN,), omit=True))
def test_evaluation_gives_the_same_decision_again(scenario):
    request, stack = scenario.request(Facts.PARTIAL), scenario.stack()
    first = evaluate(request, stack)
    assert evaluate(request, stack) == first
    assert scenario.decide(Facts.PARTIAL) == first


@given(strategies.scenarios(states=(UNKNOWN,), omit=True))
def test_evaluation_changes_neither_request_nor_stack(scenario):
    request, stack = scenario.request(Facts.PARTIAL), scenario.stack()
    before = repr(request), repr(stack)
    evaluate(request, stack)
    assert (repr(request), repr(stack)) == before
    assert request == scenario.request(Facts.PARTIAL)
    assert stack == scenario.stack()


@given(strategies.scenarios())
def test_a_copied_stack_that_was_asked_before_gives_the_same_decision(scenario):
    request, stack = scenario.request(), scenario.stack()
    decision = evaluate(request, stack)
    for twin in (copy.copy(stack), copy.deepcopy(stack), pickle.loads(pickle.dumps(stack))):
        assert evaluate(request, twin) == decision
    assert pickle.loads(pickle.dumps(decision)) == decision


@settings(max_examples=20)
@given(strategies.scenarios(states=(UNKNOWN,)))
def test_eight_threads_get_the_decisions_that_one_gets(scenario):
    questions = [
        scenario.changed(action=action, resource=resource, resource_account=None).request(
            Facts.PARTIAL
        )
        for action, resource in strategies.REQUESTS
    ]
    expected = [evaluate(request, scenario.stack()) for request in questions]
    shared, start = scenario.stack(), Barrier(8)

    def ask_all(shift):
        start.wait()
        turned = questions[shift:] + questions[:shift]
        answers = [evaluate(request, shared) for request in turned]
        back = len(questions) - shift
        return answers[back:] + answers[:back]

    with ThreadPoolExecutor(max_workers=8) as pool:
        for answers in pool.map(ask_all, range(8)):
            assert answers == expected
