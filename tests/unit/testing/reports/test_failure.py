from datetime import date

import pytest
from tests.unit.testing.reports.runs import expecting, house, run_of, turned

from policyeval.stack import Layer
from policyeval.testing.model import Aspect, Expectation, Mismatch, Result, Skip, Status, Want
from policyeval.testing.reports.failure import (
    Kind,
    decision_of,
    explanation_of,
    headline,
    kind_of,
    mismatch_sentences,
    sentences,
)
from policyeval.testing.run import Rules, run_test
from policyeval.value import replace

VET = "the vet is outside the family"
BUCKET = "nobody deletes the bucket[keeper]"
READ = "the keeper looks after the pets[s3:GetObject-tamagotchi/saves/ada.json]"
TLS = "without TLS nothing is certain but a denial[aws:SecureTransport=unknown]"
OWN_PET = "a save carries the keeper's own pet[s3:RequestObjectTag/pet=bob]"
LAYERS = Layer.SERVICE_CONTROL_POLICY, Layer.RESOURCE_POLICY


@pytest.mark.parametrize(
    ("title", "expect", "kind", "told"),
    [
        (READ, Expectation(Want.DENY), Kind.UNEXPECTED_DECISION, "expected deny, got allow"),
        (
            READ,
            Expectation(Want.DENY, Layer.PERMISSIONS_BOUNDARY),
            Kind.UNEXPECTED_DECISION,
            "expected deny boundary, got allow",
        ),
        (
            VET,
            Expectation(Want.IMPLICIT_DENY, Layer.IDENTITY_POLICY),
            Kind.UNEXPECTED_DECISION,
            "expected implicit-deny identity, got explicit-deny rcp",
        ),
        (
            VET,
            Expectation(Want.DENY, Layer.SERVICE_CONTROL_POLICY),
            Kind.WRONG_REASON,
            "expected deny scp, got deny rcp",
        ),
        (
            READ,
            Expectation(Want.ALLOW, Layer.RESOURCE_POLICY),
            Kind.WRONG_REASON,
            "expected allow resource, got allow identity",
        ),
        (
            VET,
            Expectation(layer=Layer.SERVICE_CONTROL_POLICY),
            Kind.WRONG_REASON,
            "expected the layer scp, got rcp",
        ),
        (TLS, Expectation(Want.ALLOW), Kind.UNKNOWN, "expected allow, got unknown"),
        (
            TLS,
            Expectation(Want.ALLOW, negated=True),
            Kind.UNKNOWN,
            "expected anything but allow, got unknown: it may still become that",
        ),
        (
            READ,
            Expectation(Want.ALLOW, negated=True),
            Kind.UNEXPECTED_DECISION,
            "expected anything but allow, got allow",
        ),
        (
            TLS,
            Expectation(Want.UNKNOWN, missing=("aws:SourceIp",)),
            Kind.WRONG_REASON,
            "expected the answer to wait for aws:SourceIp, it waits for aws:SecureTransport",
        ),
        (
            BUCKET,
            Expectation(Want.DENY, statement="Other"),
            Kind.WRONG_REASON,
            'expected statement "Other" to decide, it was "NobodyDeletesBuckets"',
        ),
        (
            OWN_PET,
            Expectation(Want.DENY, statement="Other"),
            Kind.WRONG_REASON,
            'expected statement "Other" to decide, no statement did',
        ),
        (
            OWN_PET,
            Expectation(Want.DENY, near_miss="aws:SourceIp"),
            Kind.WRONG_REASON,
            "expected a near miss of aws:SourceIp, near was s3:RequestObjectTag/pet, SaveOwnPet",
        ),
        (
            BUCKET,
            Expectation(Want.DENY, near_miss="aws:SourceIp"),
            Kind.WRONG_REASON,
            "expected a near miss of aws:SourceIp, no statement fails by its conditions alone",
        ),
        (
            BUCKET,
            Expectation(Want.DENY, message="in a boundary"),
            Kind.WRONG_REASON,
            'expected "in a boundary" in the message, which is "explicit deny in a service control '
            'policy"',
        ),
    ],
)
def test_each_aspect_is_told_in_a_sentence(monkeypatch, title, expect, kind, told):
    test = replace(house(monkeypatch)[title], expect=expect)
    (result,) = run_of(test).results
    assert sentences(result)[0].startswith(told)
    assert kind_of(result) is kind


def test_decision_and_layer_share_a_sentence_and_the_others_have_their_own(monkeypatch):
    test = expecting(
        house(monkeypatch)[VET],
        Want.IMPLICIT_DENY,
        layer=Layer.IDENTITY_POLICY,
        statement="S",
        message="m",
        near_miss="k",
    )
    told = sentences(run_of(test).results[0])
    assert len(told) == 4
    assert len({sentence.split(",")[0] for sentence in told}) == 4


def test_a_denial_without_layer_is_by_no_layer():
    test = Expectation(Want.DENY, Layer.SERVICE_CONTROL_POLICY)
    mismatch = Mismatch(Aspect.LAYER, "scp", "none")
    assert mismatch_sentences([mismatch], test) == ("expected deny scp, got deny by no layer",)


def test_required_reasons_and_skips_that_ran_out_have_kinds_of_their_own(monkeypatch):
    test = expecting(house(monkeypatch)[VET], Want.DENY)
    required = run_test(test, Rules(date(2026, 1, 1), require_reason=True))
    assert kind_of(required) is Kind.REASON_REQUIRED
    assert sentences(required) == (
        "a denial is expected without a reason: add a layer, statement, message or near-miss",
    )
    late = run_test(replace(test, skip=Skip("soon", date(2025, 12, 31))), Rules(date(2026, 1, 1)))
    assert kind_of(late) is Kind.SKIP_EXPIRED
    assert sentences(late) == ("was to be skipped until 2025-12-31, and it is 2026-01-01",)
    assert explanation_of(late) is None


def test_what_another_process_decided_is_decided_again(monkeypatch):
    (here,) = run_of(turned(house(monkeypatch)[VET])).results
    there = Result(here.test, here.status, None, here.mismatches)
    assert decision_of(there) == here.decision
    assert explanation_of(there) == explanation_of(here)
    passed = Result(here.test, Status.PASSED)
    assert decision_of(passed) == here.decision


def test_what_was_not_asked_has_no_decision(monkeypatch):
    test = house(monkeypatch)[VET]
    skipped, broken = run_of(
        replace(test, skip=Skip("why not")), replace(test, action="nonsense")
    ).results
    assert decision_of(skipped) is decision_of(broken) is None
    assert headline(skipped) == "why not"
    assert kind_of(broken) is Kind.ERROR
    assert sentences(broken)[0].startswith("`nonsense` is no action")


def test_fixes_are_looked_for_where_the_test_wants_an_allow(monkeypatch):
    test = house(monkeypatch)[OWN_PET]
    wants_allow, wants_other_denial, wants_no_denial = (
        explanation_of(result)
        for result in run_of(
            expecting(test, Want.ALLOW),
            expecting(test, Want.EXPLICIT_DENY),
            expecting(test, Want.DENY, negated=True),
        ).results
    )
    assert wants_allow.fixes
    assert wants_no_denial.fixes
    assert not wants_other_denial.fixes
    assert not wants_other_denial.fixes_sought
