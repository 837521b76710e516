"""What the public strategies draw can be read and asked, and is about what the source speaks of."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from tests.property.households import PEOPLE, households

from policyeval import testing
from policyeval.context import UNKNOWN, Facts
from policyeval.environment.file import load_environment
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.arn import arn_pattern_defect, parse_arn
from policyeval.parsing.policy import parse_policy, read_policy
from policyeval.policy import PolicyType
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack
from policyeval.testing import strategies
from policyeval.testing.strategies.vocabulary import Vocabulary

ROOT = Path(__file__).parents[2]
HOUSE = load_environment(ROOT / "fixtures/environments/tamagotchi/environment.yaml")
CALLER = "arn:aws:iam::111122223333:user/ana"


@pytest.mark.parametrize("kind", PolicyType, ids=lambda kind: kind.value)
@given(data=st.data())
def test_every_policy_is_read_without_an_error(kind, data):
    document = data.draw(strategies.policies(kind))
    policy, findings = read_policy(document, type=kind)
    assert [each for each in findings if each.is_error] == []
    assert len(policy.statements) == len(document["Statement"])


@pytest.mark.parametrize("kind", PolicyType, ids=lambda kind: kind.value)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
@given(data=st.data())
def test_every_statement_is_read_without_an_error(kind, effect, data):
    statement = data.draw(strategies.statements(kind.value, effect=effect))
    policy = parse_policy({"Version": "2012-10-17", "Statement": statement}, type=kind)
    wanted = "Deny" if kind is PolicyType.RCP else effect
    assert policy.statements[0].effect.value == wanted


@given(strategies.arns(), strategies.arns(wildcards=True))
def test_every_arn_is_well_formed(arn, pattern):
    assert str(parse_arn(arn)) == arn
    assert arn_pattern_defect(pattern) is None


@given(strategies.actions(), strategies.actions(wildcards=True), strategies.conditions())
def test_actions_and_conditions_stand_in_a_statement(action, pattern, condition):
    assert Request.of(CALLER, action, "*").action.text == action
    statement = {"Effect": "Allow", "Action": pattern, "Resource": "*", "Condition": condition}
    parse_policy({"Version": "2012-10-17", "Statement": statement}, type=PolicyType.IDENTITY)


@given(strategies.stacks(complete=True), strategies.requests(facts=Facts.COMPLETE))
def test_a_whole_stack_decides_every_request_of_all_facts(stack, request):
    assert set(stack.layers) == set(Layer)
    assert evaluate(request, stack).missing == ()


@given(strategies.contexts(), strategies.contexts(unknown=True))
def test_every_context_can_be_given(known, partial):
    request = Request.of(CALLER, "s3:ListBucket", "arn:aws:s3:::shop", partial)
    assert all(request.context[key] is UNKNOWN for key in partial if partial[key] is UNKNOWN)
    assert UNKNOWN not in known.values()


@pytest.mark.parametrize("verdict", ["allowed", "denied"])
def test_small_stacks_and_requests_meet_often_enough(verdict):
    both = st.tuples(strategies.stacks(), strategies.requests())
    often = settings(max_examples=2000, database=None)
    stack, request = find(both, lambda pair: _is(verdict, *pair), settings=often)
    assert getattr(evaluate(request, stack), verdict)


def _is(verdict, stack, request):
    return getattr(evaluate(request, stack), verdict)


# ---- requests of a source -----------------------------------------------------------------


@given(households(), st.data())
def test_requests_of_an_environment_are_of_its_own_people(environment, data):
    request = data.draw(strategies.requests(environment))
    vocabulary = Vocabulary.of(environment)
    assert request.principal.text in vocabulary.principals
    assert {arn for _, arn in PEOPLE} <= set(vocabulary.principals)
    assert request.action.text in vocabulary.actions
    assert evaluate(request, environment).verdict is not None


@given(strategies.stacks(), st.data())
def test_requests_of_a_stack_can_be_asked(stack, data):
    request = data.draw(strategies.requests(stack, facts=Facts.PARTIAL))
    assert request.facts is Facts.PARTIAL
    assert evaluate(request, stack).request.action == request.action


@given(strategies.requests(HOUSE))
def test_what_the_environment_tells_is_not_contradicted(request):
    resolved, _ = HOUSE.resolve(request)
    told, _ = HOUSE.resolve(
        Request.of(request.principal.text, request.action.text, request.resource.text)
    )
    certain = [each for each in told.context.derived if isinstance(told.context[each], tuple)]
    assert "aws:resourceaccount" in certain
    for key in certain:
        assert resolved.context[key] == told.context[key]


@pytest.mark.parametrize(
    "layer", ["scp", "rcp", "identity", "boundary", "resource", "vpc_endpoint"]
)
def test_requests_of_an_environment_reach_each_of_its_layers(layer):
    wanted = Layer(layer)
    request = find(
        strategies.requests(HOUSE),
        lambda request: evaluate(request, HOUSE).decided_by is wanted,
        settings=settings(max_examples=3000, database=None),
    )
    assert evaluate(request, HOUSE).decided_by is wanted


def test_requests_of_an_environment_are_allowed_too():
    allowed = find(
        strategies.requests(HOUSE),
        lambda request: evaluate(request, HOUSE).allowed,
        settings=settings(max_examples=3000, database=None),
    )
    assert allowed.principal.text in Vocabulary.of(HOUSE).principals


def test_an_empty_source_still_has_something_to_ask():
    request = find(
        strategies.requests(PolicyStack.of({})), lambda _: True, settings=settings(database=None)
    )
    assert request.action.text == "s3:GetObject"


def test_what_is_neither_environment_nor_stack_is_refused():
    with pytest.raises(TypeError, match="an environment or a stack"):
        find(strategies.requests("environment.yaml"), lambda _: True)


# ---- the module itself --------------------------------------------------------------------


def _modules():
    yield strategies
    for each in pkgutil.iter_modules(strategies.__path__):
        yield importlib.import_module(f"{strategies.__name__}.{each.name}")


def test_examples_of_docstrings_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    found = [doctest.testmod(module) for module in _modules()]
    assert sum(each.attempted for each in found) > 20
    assert sum(each.failed for each in found) == 0


def test_every_public_strategy_has_an_example():
    assert [
        name for name in strategies.__all__ if ">>>" not in getattr(strategies, name).__doc__
    ] == []


def test_without_hypothesis_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(importlib.sys.modules, "hypothesis", None)
    for name in [each for each in importlib.sys.modules if each.startswith(strategies.__name__)]:
        monkeypatch.delitem(importlib.sys.modules, name)
    monkeypatch.delattr(testing, "strategies")
    with pytest.raises(ModuleNotFoundError, match=r"policyeval\[hypothesis\]"):
        importlib.import_module(strategies.__name__)
