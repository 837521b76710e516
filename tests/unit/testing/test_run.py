"""Skips, errors, required reasons."""

from datetime import date

from tests.unit.testing.suites import place_of, suite_of

from policyeval.testing.model import Aspect, Status
from policyeval.testing.run import Rules, run_suite, run_test

ASK = "principal: deploy, action: s3:PutObject, resource: logs/a"


def statuses(suite, **rules):
    run = run_suite(suite, Rules(date(2027, 1, 15), **rules))
    return [result.status.value for result in run.results]


def test_skipped_tests_run_neither_by_name_nor_by_pattern(world):
    suite = suite_of(
        world,
        f"""
        skip: {{ tests: ["MFA*"], reason: waits for PAY-112, until: 2027-01-31 }}
        tests:
          - {{ name: MFA one, {ASK}, expect: allow }}
          - {{ name: other, {ASK}, expect: allow, skip: not yet }}
          - {{ name: runs, {ASK}, expect: deny }}
        """,
    )
    assert statuses(suite) == ["skipped", "skipped", "passed"]
    assert suite.tests[0].skip.reason == "waits for PAY-112"


def test_a_skip_that_ran_out_fails(world):
    suite = suite_of(
        world,
        f"""
        skip: {{ tests: ["*"], until: 2027-01-14 }}
        tests:
          - {{ name: late, {ASK}, expect: deny }}
        """,
    )
    [result] = run_suite(suite, Rules(date(2027, 1, 15))).results
    assert result.status is Status.FAILED
    assert result.mismatches[0].aspect is Aspect.SKIP
    assert statuses(suite) == ["failed"]
    assert run_suite(suite, Rules(date(2027, 1, 14))).results[0].status is Status.SKIPPED


def test_a_denial_without_reason_fails_where_reasons_are_required(world):
    suite = suite_of(
        world,
        f"""
        tests:
          - {{ name: bare, {ASK}, expect: deny }}
          - {{ name: reasoned, {ASK}, expect: deny resource }}
          - {{ name: allowed, {ASK.replace("Put", "Get")}, expect: allow }}
        """,
    )
    assert statuses(suite) == ["passed", "passed", "passed"]
    assert statuses(suite, require_reason=True) == ["failed", "passed", "passed"]


def test_what_is_denied_by_another_word_needs_a_reason_too_and_what_is_no_denial_does_not(world):
    suite = suite_of(
        world,
        f"""
        tests:
          - {{ name: a denial, {ASK}, expect: not allow }}
          - {{ name: allowed, {ASK.replace("Put", "Get")}, expect: not deny }}
          - {{ name: of one kind, {ASK.replace("Put", "Get")}, expect: not explicit-deny }}
        """,
    )
    assert statuses(suite) == ["passed", "passed", "passed"]
    assert statuses(suite, require_reason=True) == ["failed", "passed", "passed"]


def test_a_request_that_cannot_be_asked_is_an_error_with_its_place(world):
    suite = suite_of(
        world,
        """
        tests:
          - name: contradicts itself
            principal: deploy
            action: s3:GetObject
            resource: logs/a
            resource-account: "12"
            expect: allow
        """,
    )
    result = run_test(suite.tests[0], Rules(date(2027, 1, 1)))
    assert result.status is Status.ERROR
    assert result.findings
    assert all(finding.location == suite.tests[0].location for finding in result.findings)


def test_a_run_counts_what_came(world):
    suite = suite_of(
        world,
        f"""
        tests:
          - {{ name: a, {ASK}, expect: deny }}
          - {{ name: b, {ASK}, expect: allow }}
          - {{ name: c, {ASK}, expect: allow, skip: later }}
        """,
    )
    run = run_suite(suite)
    assert [run.count(status) for status in Status] == [1, 1, 1, 0]
    assert not run.passed
    assert run.of(Status.FAILED)[0].test.name == "b"


def test_a_skip_that_names_no_test_is_told_where_it_stands(world):
    suite = suite_of(
        world,
        f"""
        skip: {{ tests: ["a*", "b?"], reason: later }}
        tests:
          - {{ name: able, {ASK}, expect: deny }}
        """,
    )
    [finding] = suite.findings
    assert finding.code == "PE2214"
    assert "`b?`" in finding.message
    assert place_of(finding) == (3, 23)
