import json

import pytest
from jsonschema import Draft202012Validator
from tests.unit.testing.reports.runs import EVIL, HOUSE, evil_run, house, mixed, run_of, turned

from policyeval.explanation import explain
from policyeval.rendering.json import explanation_to_json
from policyeval.stack import Layer
from policyeval.testing.model import Expectation, Result, Run, Status, Want
from policyeval.testing.reports.json import json_report, report_schema, run_to_json
from policyeval.value import replace

VET = "the vet is outside the family"
VALIDATOR = Draft202012Validator(report_schema())


def test_the_schema_is_one():
    Draft202012Validator.check_schema(report_schema())


@pytest.mark.parametrize("make", [mixed, lambda _: evil_run(), lambda _: run_of()])
def test_reports_fit_the_schema(monkeypatch, make):
    VALIDATOR.validate(json.loads(json_report(make(monkeypatch))))


def test_every_failure_of_the_house_fits_the_schema(monkeypatch):
    run = run_of(*map(turned, house(monkeypatch).values()))
    report = run_to_json(run)
    VALIDATOR.validate(report)
    assert report["totals"]["failed"] > 15


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (lambda report: report.update(schema="policyeval/test/2"), "schema"),
        (lambda report: report["results"][0].update(extra=1), "results"),
        (lambda report: report["results"][0].pop("decision"), "results"),
        (lambda report: report["results"][0].update(status="PASSED"), "results"),
        (lambda report: report["totals"].update(failed=-1), "totals"),
    ],
)
def test_the_schema_refuses_what_is_no_report(monkeypatch, spoil, where):
    report = run_to_json(mixed(monkeypatch))
    spoil(report)
    assert [error.path[0] for error in VALIDATOR.iter_errors(report)] == [where]


def test_a_result_tells_what_was_asked_expected_and_decided(monkeypatch):
    report = run_to_json(mixed(monkeypatch))
    assert report["totals"] == {
        **{"tests": 4, "passed": 1, "failed": 1, "skipped": 1, "error": 1, "deselected": 0}
    }
    assert report["passed"] is False
    passed, failed, skipped, broken = report["results"]
    assert passed["id"] == f"{HOUSE}::nobody deletes the bucket[keeper]"
    assert passed["decision"] == "explicit-deny"
    assert passed["decided_by"] == "scp"
    (statement,) = passed["statements"]
    assert statement["sid"] == "NobodyDeletesBuckets"
    assert statement["file"].endswith("scp/protect-buckets.json")
    assert passed["expected"]["layer"] == "scp"
    assert "explanation" not in passed
    assert failed["kind"] == "unexpected-decision"
    assert failed["mismatches"] == [
        {"aspect": "decision", "wanted": "allow", "got": "explicit-deny"}
    ]
    assert failed["text"] == ["expected allow, got explicit-deny"]
    assert failed["rerun"].startswith("policyeval why vet/visit ")
    assert skipped["decision"] is None
    assert skipped["skip"] == "waits for the <vet>"
    assert broken["findings"][0]["code"] == "PE0901"


def test_the_explanation_is_that_of_why(monkeypatch):
    run = mixed(monkeypatch)
    (failed,) = (each for each in run_to_json(run)["results"] if each["status"] == "failed")
    assert failed["explanation"] == explanation_to_json(explain(run.results[1].decision))


def test_an_expectation_is_told_in_full(monkeypatch):
    expect = Expectation(
        Want.UNKNOWN, Layer.IDENTITY_POLICY, "S", "m", "k", ("aws:SourceIp",), negated=True
    )
    (result,) = run_to_json(run_of(replace(house(monkeypatch)[VET], expect=expect)))["results"]
    assert result["expected"] == {
        "decision": "unknown",
        "layer": "identity",
        "statement": "S",
        "message": "m",
        "near_miss": "k",
        "missing": ["aws:SourceIp"],
        "not": True,
    }


def test_what_another_process_decided_is_told_alike(monkeypatch):
    run = mixed(monkeypatch)
    there = Run(
        tuple(
            Result(each.test, each.status, None, each.mismatches, each.findings, each.seconds)
            for each in run.results
        ),
        run.seconds,
    )
    assert there.results[0].status is Status.PASSED
    assert run_to_json(there) == run_to_json(run)


def test_mischief_travels_as_escapes():
    text = json_report(evil_run())
    assert text.isascii()
    assert json.loads(text)["results"][0]["name"] == EVIL
