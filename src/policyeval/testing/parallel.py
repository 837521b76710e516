"""Runs tests in several processes.

A worker loads the suites itself and gives back, for each test, what came of it in a word: a
decision does not travel. Whoever wants to know more asks again: a decision costs microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from policyeval.errors import ConfigError
from policyeval.finding import Finding, Severity
from policyeval.testing.collect import load_all
from policyeval.testing.coverage.record import Recorder
from policyeval.testing.library import Library
from policyeval.testing.model import PolicyTest, Result, Status
from policyeval.testing.processes import COPIES, begin_worker, pool_of, shares_of
from policyeval.testing.run import Rules, run_test

LARGEST_SHARE = 500
SHARES_FOR_EACH = 4

Told = tuple[int, str, float]
"""What a worker says of a test: its number, its status, the seconds that it took."""

_tests: list[PolicyTest] = []


def run_parallel(
    tests: Sequence[PolicyTest],
    numbers: Sequence[int],
    files: Sequence[str],
    rules: Rules,
    jobs: int,
    environment: str | None = None,
    recorder: Recorder | None = None,
) -> Iterator[Result]:
    """Run the tests with these numbers among all tests of some files; results in order.

    `environment` is the one that all suites are asked in, where that is not their own. Tests that
    did not pass are asked once more here, so that their results tell why. Raises ConfigError where
    a process is ended from outside.
    """
    shares = shares_of(numbers, jobs, largest=LARGEST_SHARE, for_each=SHARES_FOR_EACH)
    _tests[:] = tests if COPIES else []
    with pool_of(min(jobs, len(shares)) or 1, _start, (tuple(files), environment)) as workers:
        covering = recorder is not None
        futures = [workers.submit(_run, tuple(share), rules, covering) for share in shares]
        try:
            for future in futures:
                told, covered = future.result()
                if recorder is not None:
                    recorder.merge(covered)
                for number, status, seconds in told:
                    yield _result(tests[number], Status(status), seconds, rules)
        except BrokenProcessPool:
            raise _ended() from None
        finally:
            workers.shutdown(wait=True, cancel_futures=True)
            _tests.clear()


def _ended() -> ConfigError:
    message = "a process that ran tests was ended from outside, so not all tests were run"
    help = "was the memory enough? -j with a smaller number takes less"
    return ConfigError(message, (Finding("PE2212", Severity.ERROR, message, help=help),))


def _result(test: PolicyTest, status: Status, seconds: float, rules: Rules) -> Result:
    if status in (Status.FAILED, Status.ERROR):
        return run_test(test, rules)
    return Result(test, status, seconds=seconds)


def _start(files: tuple[str, ...], environment: str | None) -> None:
    """Make a worker know the tests."""
    begin_worker()
    if not _tests:
        suites = load_all(files, Library(environment))
        _tests.extend(test for suite in suites for test in suite.tests)


def _run(
    numbers: tuple[int, ...], rules: Rules, covering: bool
) -> tuple[list[Told], Mapping[str, Any]]:
    told = []
    recorder = Recorder() if covering else None
    for number in numbers:
        result = run_test(_tests[number], rules)
        if recorder is not None:
            recorder.add(result)
        told.append((number, result.status.value, result.seconds))
    return told, recorder.to_data() if recorder is not None else {}
