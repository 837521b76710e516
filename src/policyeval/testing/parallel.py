"""Runs tests in several processes.

A worker loads the suites itself and gives back, for each test, what came of it in a word: a
decision does not travel. Whoever wants to know more asks again: a decision costs microseconds.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from threading import Thread
from typing import Any

from policyeval.errors import ConfigError
from policyeval.finding import Finding, Severity
from policyeval.testing.collect import load_all
from policyeval.testing.coverage.record import Recorder
from policyeval.testing.library import Library
from policyeval.testing.model import PolicyTest, Result, Status
from policyeval.testing.run import Rules, run_test

MOST_IN_CHUNK = 500

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
    size = max(1, min(MOST_IN_CHUNK, len(numbers) // (jobs * 4)))
    chunks = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    # What is loaded here need not be loaded again where processes are copies of this one.
    copies = sys.platform == "linux"
    _tests[:] = tests if copies else []
    with ProcessPoolExecutor(
        min(jobs, len(chunks)) or 1,
        multiprocessing.get_context("fork" if copies else "spawn"),
        _start,
        (tuple(files), environment),
    ) as workers:
        covering = recorder is not None
        futures = [workers.submit(_run, tuple(chunk), rules, covering) for chunk in chunks]
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


def end_with_parent() -> None:
    """End this process when the one that started it ends: a pool's workers would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _result(test: PolicyTest, status: Status, seconds: float, rules: Rules) -> Result:
    if status in (Status.FAILED, Status.ERROR):
        return run_test(test, rules)
    return Result(test, status, seconds=seconds)


def _start(files: tuple[str, ...], environment: str | None) -> None:
    """Prepare a worker; the interrupt key is for whoever started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
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
