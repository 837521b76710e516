"""What an explanation says is what the engine does: causes block, fixes allow."""

from hypothesis import assume, given, settings
from tests.property import strategies

from policyeval.context import UNKNOWN, Facts
from policyeval.decision import Verdict
from policyeval.evaluation.engine import evaluate
from policyeval.explanation.changes import apply_changes
from policyeval.explanation.explain import explain
from policyeval.explanation.tree import NewStatement, Reason
from policyeval.policy import Effect


@given(strategies.scenarios())
def test_causes_are_the_blocking_layers_the_deciding_one_first(scenario):
    decision = scenario.decide()
    explanation = explain(decision, max_fixes=0)
    if decision.denied:
        layers = [cause.layer for cause in explanation.causes]
        assert len(layers) == len(set(layers))
        assert set(layers) == set(decision.blocking)
        assert layers[0] is decision.decided_by
        assert explanation.reason is explanation.causes[0].reason
        assert explanation.granting == ()
    elif decision.allowed:
        assert explanation.causes == ()
        assert explanation.reason is Reason.ALLOWED
        assert {view.ref for view in explanation.granting} == set(decision.determining)


@given(strategies.scenarios())
def test_cause_of_an_explicit_deny_shows_every_matching_deny(scenario):
    decision = scenario.decide()
    assume(not decision.unknown)
    for cause in explain(decision, max_fixes=0).causes:
        denies = decision.layer(cause.layer).refs(Effect.DENY)
        if denies:
            assert cause.reason is Reason.EXPLICIT_DENY
            assert {view.ref for view in cause.statements} == set(denies)
        else:
            assert cause.reason is not Reason.EXPLICIT_DENY
            assert all(view.ref.statement.effect is Effect.ALLOW for view in cause.statements)


@given(strategies.scenarios())
def test_near_miss_has_a_part_that_fails_and_a_matching_statement_has_none(scenario):
    decision = scenario.decide()
    explanation = explain(decision, max_fixes=0)
    for view in explanation.granting:
        assert view.failing == ()
    for cause in explanation.causes:
        for view in cause.statements:
            assert bool(view.failing) is (cause.reason is not Reason.EXPLICIT_DENY)


@given(strategies.scenarios(states=(UNKNOWN,), omit=True))
def test_unknown_answer_shows_a_layer_that_waits_for_a_fact(scenario):
    decision = scenario.decide(Facts.PARTIAL)
    if decision.unknown:
        explanation = explain(decision)
        assert explanation.reason is Reason.UNKNOWN
        assert explanation.causes
        assert explanation.fixes == ()


@settings(max_examples=settings().max_examples // 2)
@given(strategies.scenarios())
def test_every_fix_leads_to_an_allow(scenario):
    decision = scenario.decide()
    explanation = explain(decision)
    assert bool(decision.denied) or explanation.fixes == ()
    for fix in explanation.fixes:
        request, stack = apply_changes(fix.changes, decision.request, decision.stack)
        assert evaluate(request, stack).verdict is Verdict.ALLOWED
        assert len(fix.opens) == len(fix.changes)


@settings(max_examples=settings().max_examples // 2)
@given(strategies.scenarios())
def test_no_new_statement_opens_more_than_the_request(scenario):
    decision = scenario.decide()
    for fix in explain(decision).fixes:
        for change in fix.changes:
            if isinstance(change, NewStatement):
                assert change.document["Effect"] == "Allow"
                assert change.document["Action"] == decision.request.action.text
                if "Resource" in change.document:
                    assert change.document["Resource"] in (
                        decision.request.resource.text,
                        [decision.request.resource.text],
                    )


@given(strategies.scenarios())
def test_explaining_changes_nothing(scenario):
    decision = scenario.decide()
    before = repr(decision)
    assert explain(decision) == explain(decision)
    assert repr(decision) == before
