"""One run of `policyeval test`: collect, choose, run, report."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from policyeval.cli.guard import show_findings
from policyeval.cli.meter import meter_of
from policyeval.cli.output import only_ascii, style_for, width_of, write
from policyeval.cli.suite_options import Asked, Target
from policyeval.cli.suite_printer import Printer
from policyeval.environment.project_files import project_root
from policyeval.errors import ConfigError, PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.parsing.selection import read_selection
from policyeval.testing.collect import find, load_all, unread
from policyeval.testing.errors import SuiteError
from policyeval.testing.last_failed import cache_folder, read_failed, remember
from policyeval.testing.library import Library
from policyeval.testing.model import PolicyTest, Result, Run, Status, Suite
from policyeval.testing.run import Rules, run_tests

if TYPE_CHECKING:
    from policyeval.cli.suite_coverage import Covering
    from policyeval.cli.suite_mutation import Mutating

FAILED = 1
TELL_OF_PASSED = ("json", "junit", "html")
"""Reports that tell of tests that passed how they were decided."""


def run_once(asked: Asked) -> int:
    """Run the tests asked for, write the reports, and give the exit code."""
    started = perf_counter()
    try:
        wanted = find(asked.paths)
        suites = load_all(wanted.files, Library(asked.environment))
    except SuiteError as error:
        _report(asked, unread(error))
        raise
    tests = [test for suite in suites for test in suite.tests]
    numbers = _chosen(asked, tests, wanted.choose(tests))
    if not numbers:
        raise _nothing(len(tests))
    covering, mutating = _covering(asked, tests), _mutating(asked)
    printer = _printer(asked)
    printer.start(len(numbers), len(tests), len(wanted.files))
    results: list[Result] = []
    meter = meter_of("tests", wanted=not printer.shown)
    # Of millions of tests, the decisions of those that passed would fill the memory.
    keeps = any(target.form in TELL_OF_PASSED for target in asked.targets)
    for result in _results(asked, tests, numbers, wanted.files, covering):
        printer.add(result)
        meter.step(len(numbers))
        results.append(result if keeps or result.status is not Status.PASSED else _bare(result))
        if asked.stop and result.status in (Status.FAILED, Status.ERROR):
            break
    meter.finish()
    run = Run(tuple(results), perf_counter() - started, len(tests) - len(numbers))
    remember(cache_folder(Path.cwd()), results)
    printer.finish(run)
    _report(asked, run)
    show_findings((*wanted.findings, *_remarks(suites)))
    shown = printer.shown
    enough = covering is None or covering.finish(shown=shown, colour=asked.colour)
    if mutating is not None and not run.count(Status.ERROR):
        chosen = [tests[number] for number in numbers]
        enough &= mutating.finish(
            suites, chosen, _rules(asked), _jobs(asked), shown=shown, colour=asked.colour
        )
    return run.exit_code or (0 if enough else FAILED)


def _chosen(asked: Asked, tests: Sequence[PolicyTest], named: Sequence[bool]) -> list[int]:
    """Give the numbers of the tests that all options take."""
    numbers = [number for number, taken in enumerate(named) if taken]
    if asked.select is not None:
        chooses = read_selection(asked.select)
        numbers = [number for number in numbers if chooses(tests[number].id)]
    if asked.last_failed:
        failed = read_failed(cache_folder(Path.cwd()))
        again = [number for number in numbers if tests[number].id in failed]
        numbers = again or numbers
    return numbers


def _nothing(count: int) -> PolicyEvalError:
    message = "no test is left to run" if count else "the files hold no test"
    help = f"-k and the ids given leave out all {count}" if count else "add some under `tests`"
    return ConfigError(message, (Finding("PE2210", Severity.ERROR, message, help=help),))


def _results(
    asked: Asked,
    tests: Sequence[PolicyTest],
    numbers: Sequence[int],
    files: Sequence[str],
    covering: Covering | None,
) -> Iterator[Result]:
    rules, jobs = _rules(asked), _jobs(asked)
    if jobs > 1:
        from policyeval.testing.parallel import run_parallel

        recorder = covering.recorder if covering is not None else None
        yield from run_parallel(tests, numbers, files, rules, jobs, asked.environment, recorder)
        return
    for result in run_tests((tests[number] for number in numbers), rules):
        if covering is not None:
            covering.add(result)
        yield result


def _rules(asked: Asked) -> Rules:
    return Rules(date.today(), asked.require_reason)


def _jobs(asked: Asked) -> int:
    return asked.jobs or os.cpu_count() or 1


def _mutating(asked: Asked) -> Mutating | None:
    if asked.mutation is None:
        return None
    from policyeval.cli.suite_mutation import Mutating

    return Mutating(asked.mutation)


def _covering(asked: Asked, tests: Sequence[PolicyTest]) -> Covering | None:
    if asked.coverage is None:
        return None
    from policyeval.cli.suite_coverage import Covering

    worlds = {id(test.world): test.world for test in tests}
    return Covering(asked.coverage, worlds.values())


def _printer(asked: Asked) -> Printer:
    """Give what shows the run on standard output; silent where a report goes there instead."""
    shown = not asked.quiet and Target("text", None) in asked.targets
    return Printer(
        sys.stdout if shown else None,
        width=width_of(sys.stdout),
        style=style_for(sys.stdout, asked.colour),
        ascii_only=only_ascii(sys.stdout),
        verbose=asked.verbose,
    )


def _bare(result: Result) -> Result:
    return Result(result.test, result.status, seconds=result.seconds)


def _report(asked: Asked, run: Run) -> None:
    """Write the reports; raises what kept one from being written when all others are."""
    from policyeval.testing.reports import report

    root = str(project_root(Path.cwd()))
    failed: Exception | None = None
    for target in asked.targets:
        if target == Target("text", None) or (asked.quiet and target.file is None):
            continue
        try:
            write(report(run, target.form, root=root), target.file)
        except BrokenPipeError:
            raise
        except (OSError, PolicyEvalError) as error:  # one that cannot be written loses no other
            failed = failed or error
    if failed is not None:
        raise failed


def _remarks(suites: Sequence[Suite]) -> Iterator[Finding]:
    for suite in suites:
        yield from suite.findings
