"""Asks what the tests ask, and lays the answers beside what is expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from time import perf_counter

from policyeval.decision import Decision
from policyeval.errors import PolicyEvalError
from policyeval.evaluation.engine import evaluate
from policyeval.finding import Finding
from policyeval.testing.judge import mismatches
from policyeval.testing.model import (
    Aspect,
    Expectation,
    Mismatch,
    PolicyTest,
    Result,
    Run,
    Status,
    Suite,
    Want,
)
from policyeval.value import Value, replace

DENIALS = (Want.DENY, Want.EXPLICIT_DENY, Want.IMPLICIT_DENY)


class Rules(Value):
    """What holds for all tests of a run.

    `today` tells which skips have run out. `require_reason`: a test that expects a denial must say
    by which layer, statement, message or near miss.
    """

    today: date
    require_reason: bool = False


def run_suite(suite: Suite, rules: Rules | None = None) -> Run:
    """Run all tests of a suite; without rules, as of today."""
    started = perf_counter()
    results = tuple(run_tests(suite.tests, rules or Rules(date.today())))
    return Run(results, perf_counter() - started)


def run_tests(tests: Iterable[PolicyTest], rules: Rules) -> Iterator[Result]:
    """Run tests one after the other."""
    for test in tests:
        yield run_test(test, rules)


def run_test(test: PolicyTest, rules: Rules) -> Result:
    """Run one test. Never raises for what a test says."""
    started = perf_counter()
    result = _skipped(test, rules.today) if test.skip is not None else _asked(test, rules)
    return _timed(result, perf_counter() - started)


def _timed(result: Result, seconds: float) -> Result:
    return Result(
        result.test, result.status, result.decision, result.mismatches, result.findings, seconds
    )


def _skipped(test: PolicyTest, today: date) -> Result:
    assert test.skip is not None
    until = test.skip.until
    if until is None or today <= until:
        return Result(test, Status.SKIPPED)
    late = Mismatch(Aspect.SKIP, until.isoformat(), today.isoformat())
    return Result(test, Status.FAILED, None, (late,))


def _asked(test: PolicyTest, rules: Rules) -> Result:
    try:
        decision = evaluate(test.request(), test.world.policies)
    except PolicyEvalError as error:
        return Result(test, Status.ERROR, findings=_findings(error, test))
    return judged(test, decision, rules)


def judged(test: PolicyTest, decision: Decision, rules: Rules) -> Result:
    """Give the result of a test that got this decision."""
    found = mismatches(test.expect, decision)
    if rules.require_reason and _is_bare_denial(test.expect):
        wanted = "a layer, statement, message or near-miss"
        found = (*found, Mismatch(Aspect.REASON, wanted, "none"))
    return Result(test, Status.FAILED if found else Status.PASSED, decision, found)


def _is_bare_denial(expect: Expectation) -> bool:
    """Tell whether a denial is expected, and no reason for it; `not allow` is a denial too."""
    if expect.gives_reason:
        return False
    return expect.decision is Want.ALLOW if expect.negated else expect.decision in DENIALS


def _findings(error: PolicyEvalError, test: PolicyTest) -> tuple[Finding, ...]:
    return tuple(replace(finding, location=test.location) for finding in error.told())
