"""Finds the files of policy tests, and chooses among the tests in them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from policyeval.errors import PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.source import Location, Source
from policyeval.stack import PolicyStack
from policyeval.testing.errors import SuiteError
from policyeval.testing.library import Library
from policyeval.testing.load import ENDINGS, is_suite, load_suite
from policyeval.testing.model import Expectation, PolicyTest, Result, Run, Status, Suite, World
from policyeval.value import Value, replace

NOT_ENTERED = frozenset({"node_modules", "venv", "site-packages", "__pycache__"})
NODE = "::"
UNREAD = "cannot be read"


class Wanted(Value):
    """What a command line asks for: files, and of some files the ids of single tests.

    `whole` are the files that are asked for with all their tests. `findings` are warnings of
    folders that cannot be looked into.
    """

    files: tuple[str, ...]
    ids: tuple[str, ...] = ()
    whole: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()

    def choose(self, tests: Sequence[PolicyTest]) -> list[bool]:
        """Tell of each test of the files whether it is asked for.

        Raises SuiteError for an id that no test has.
        """
        ids, found = frozenset(self.ids), set[str]()
        chosen = []
        for test in tests:
            named = ids.intersection((test.id, f"{test.file}{NODE}{test.name}")) if ids else ()
            found.update(named)
            chosen.append(bool(named) or test.file in self.whole)
        for id in self.ids:
            if id not in found:
                raise _no_test(id)
        return chosen


def find(paths: Sequence[str]) -> Wanted:
    """Give the files of policy tests under some paths; `file::name` is one test of a file.

    Folders whose names begin with a dot, and folders of installed packages, are not entered.
    Raises SuiteError for a path that is not there, or where no file is found.
    """
    files: dict[str, None] = {}
    whole: set[str] = set()
    ids: list[str] = []
    unread: list[Finding] = []
    for path in paths:
        file, node, _ = path.partition(NODE)
        name = os.path.normpath(file)
        is_file = Path(name).is_file()
        found = [name] if is_file else list(_below(name, unread))
        if not node:
            whole.update(found)
        elif is_file:
            ids.append(f"{name}{path[len(file) :]}")
        else:
            raise _no_test(path)
        files.update(dict.fromkeys(found))
    if not files:
        where = " or ".join(quote(path) for path in paths)
        raise _nothing(f"there are no policy tests under {where}", unread)
    return Wanted(tuple(files), tuple(ids), frozenset(whole), tuple(unread))


def _below(folder: str, unread: list[Finding]) -> Iterator[str]:
    if not Path(folder).is_dir():
        raise _nothing(f"there is no file or folder {quote(folder)}")
    for place, folders, names in os.walk(
        folder, onerror=lambda error: unread.append(_unread(error))
    ):
        folders[:] = sorted(
            each for each in folders if not each.startswith(".") and each not in NOT_ENTERED
        )
        for name in sorted(names):
            path = Path(os.path.normpath(Path(place) / name))
            if is_suite(path):
                yield str(path)


def _no_test(id: str) -> SuiteError:
    message, help = f"there is no test {quote(id)}", "ids are `file::name`; `-v` shows them"
    return SuiteError(message, (Finding("PE2210", Severity.ERROR, message, help=help),))


def _unread(error: OSError) -> Finding:
    why = (error.strerror or str(error)).lower()
    message = f"the folder {quote(str(error.filename))} cannot be read: {why}"
    return Finding("PE2201", Severity.WARNING, message, help="tests in it are not run")


def _nothing(message: str, found: Sequence[Finding] = ()) -> SuiteError:
    help = f"they are files named like `a{ENDINGS[0]}`; `policyeval test --init` writes a first one"
    return SuiteError(message, (*found, Finding("PE2201", Severity.ERROR, message, help=help)))


def load_all(files: Iterable[str], library: Library | None = None) -> list[Suite]:
    """Load some files; raises SuiteError with the errors of all of them."""
    library = library or Library()
    suites: list[Suite] = []
    findings: list[Finding] = []
    failed: PolicyEvalError | None = None
    for file in files:
        try:
            suites.append(load_suite(file, library=library))
        except PolicyEvalError as error:
            failed = failed or error
            findings += error.findings
    if failed is not None:
        raise SuiteError(failed.message, tuple(dict.fromkeys(findings)))
    return suites


def unread(error: PolicyEvalError) -> Run:
    """Give what keeps tests from being read as a run of errors: reports tell it at its places."""
    results = []
    for finding in error.told():
        if not finding.is_error:
            continue
        place = finding.location or Location(Source("policy tests"))
        test = PolicyTest(
            place.source.name,
            UNREAD,
            finding.code,
            *("", "", ""),
            {},
            Expectation(),
            World("", PolicyStack({})),
            place,
        )
        results.append(Result(test, Status.ERROR, findings=(finding,)))
    return Run(tuple(results))


def suites_of(suites: Iterable[Suite], chosen: Collection[PolicyTest]) -> list[Suite]:
    """Give the suites with the chosen tests alone; those that have one."""
    taken = {test.id for test in chosen}
    kept = []
    for suite in suites:
        tests = tuple(test for test in suite.tests if test.id in taken)
        if tests:
            kept.append(suite if len(tests) == len(suite.tests) else replace(suite, tests=tests))
    return kept


def covers(pattern: str, parts: Sequence[str]) -> bool:
    """Tell whether a pattern covers a path, by its folders and its name.

    `**` is any number of folders; a pattern without a slash is compared with the name alone.
    """
    pattern = pattern.replace(os.sep, "/")
    if "/" not in pattern and pattern != "**":
        return fnmatchcase(parts[-1], pattern)
    wanted = pattern.removeprefix("./").split("/")
    ends = {0}  # how many segments the pattern so far may have taken
    for segment in wanted:
        if segment == "**":
            ends = set(range(min(ends, default=1), len(parts) + 1)) if ends else ends
        else:
            ends = {
                end + 1 for end in ends if end < len(parts) and fnmatchcase(parts[end], segment)
            }
    return len(parts) in ends
