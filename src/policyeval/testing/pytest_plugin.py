"""The pytest plugin: collects `*.policytest.yaml`, and gives tests in Python `iam` to ask.

PYTEST_DONT_REWRITE

pytest loads this module at every start, of projects without any policy too. So it imports nothing
of policyeval before a file of policy tests is met, or a test asks for a fixture.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from policyeval.environment.model import Environment
    from policyeval.errors import PolicyEvalError
    from policyeval.finding import Finding
    from policyeval.testing.handle import Iam
    from policyeval.testing.library import Library
    from policyeval.testing.model import PolicyTest, Result
    from policyeval.testing.run import Rules
    from policyeval.testing.session_coverage import SessionCoverage

MARKERS = (
    "iam: tests of policies; set on files of policy tests, and on tests that use `iam`",
    'iam_env(file): ask another environment, from the root directory: iam_env("next.yaml")',
    "iam_matrix(principal, action, resource, context): one `iam_case` for each combination",
)
EXPLAINS_ALL = 2  # `-vv`: every statement that was read

_LIBRARY: pytest.StashKey[Library] = pytest.StashKey()
_RULES: pytest.StashKey[Rules] = pytest.StashKey()
_COVERAGE: pytest.StashKey[SessionCoverage] = pytest.StashKey()
_TOO_LITTLE = pytest.StashKey[str]()
_RECORDED = "policyeval_coverage"


class PolicyEvalWarning(pytest.PytestWarning):
    """A remark on a file of policy tests that does not keep it from running."""


class PolicyTestFailed(Exception):
    """A policy test got another answer than expected; `str` is the whole explanation."""

    def __init__(self, text: str, sentence: str) -> None:
        super().__init__(text)
        self.sentence = sentence


# ---- options ------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings."""
    parser.addini("policyeval_env", "the environment that `iam` asks, from the root directory")
    parser.addini(
        "policyeval_paths",
        "patterns of the files of policy tests to collect, from the root directory",
        type="linelist",
    )
    parser.addini(
        "policyeval_require_reason",
        "a test that expects a denial must say why",
        type="bool",
        default=False,
    )
    parser.addini("policyeval_cov_fail_under", "the least percentage of decisive statements")
    group = parser.getgroup("policyeval", "policy tests")
    group.addoption(
        "--policy-cov",
        action="store_true",
        help="measure which policy statements the policy tests depend on",
    )
    group.addoption(
        "--policy-cov-report",
        action="append",
        default=[],
        metavar="FORM[:FILE]",
        help="term, term-missing, html, json, lcov or cobertura; may be repeated",
    )
    group.addoption(
        "--policy-cov-fail-under",
        default="",
        metavar="PERCENT",
        help="fail where a smaller part of the statements is decisive",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; begin to measure coverage where that is asked for."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    reports = config.getoption("policy_cov_report")
    limit = config.getoption("policy_cov_fail_under")
    if not (config.getoption("policy_cov") or reports or limit):
        return
    from policyeval.errors import PolicyEvalError
    from policyeval.testing.session_coverage import SessionCoverage

    limit = limit or config.getini("policyeval_cov_fail_under")
    try:
        config.stash[_COVERAGE] = SessionCoverage(reports, limit, config.invocation_params.dir)
    except PolicyEvalError as error:
        raise pytest.UsageError(error.message) from None


def _library(config: pytest.Config) -> Library:
    """Give the environments of this session: each is loaded once."""
    if _LIBRARY not in config.stash:
        from policyeval.testing.library import Library

        config.stash[_LIBRARY] = Library()
    return config.stash[_LIBRARY]


def _rules(config: pytest.Config) -> Rules:
    if _RULES not in config.stash:
        from policyeval.testing.run import Rules

        strict = bool(config.getini("policyeval_require_reason"))
        config.stash[_RULES] = Rules(date.today(), strict)
    return config.stash[_RULES]


# ---- files of policy tests ----------------------------------------------------------------


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Give the collector of a file of policy tests."""
    if ".policytest." not in file_path.name:
        return None
    from policyeval.testing.load import is_suite

    if not is_suite(file_path) or not _is_wanted(file_path, parent):
        return None
    collector: pytest.Collector = PolicyTestFile.from_parent(parent, path=file_path)
    return collector


def _is_wanted(path: Path, parent: pytest.Collector) -> bool:
    """Tell whether `policyeval_paths` lets a file in; what the command line names always is."""
    patterns = parent.config.getini("policyeval_paths")
    if not patterns or parent.session.isinitpath(path):
        return True
    from policyeval.testing.collect import covers

    try:
        inside = path.relative_to(parent.config.rootpath).parts
    except ValueError:
        inside = path.parts
    return any(covers(pattern, inside) for pattern in patterns)


class PolicyTestFile(pytest.File):
    """A file of policy tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """Give its tests; raises CollectError with all that is wrong with it."""
        from policyeval.errors import PolicyEvalError
        from policyeval.rendering.document import visible
        from policyeval.testing.load import load_suite

        self.add_marker("iam")
        try:
            suite = load_suite(_shown(self.path), library=_library(self.config))
        except PolicyEvalError as error:
            raise self.CollectError(_error_text(error)) from None
        for finding in suite.findings:
            self._remark(finding)
        coverage = self.config.stash.get(_COVERAGE, None)
        for test in suite.tests:
            if coverage is not None:
                coverage.expect(test.world)
            yield PolicyTestItem.from_parent(self, name=visible(test.title), test=test)

    def _remark(self, finding: Finding) -> None:
        from policyeval.finding import Severity

        if finding.severity is Severity.NOTE:
            return
        from policyeval.rendering.text import render_findings

        self.warn(PolicyEvalWarning(render_findings([finding]).rstrip()))


class PolicyTestItem(pytest.Item):
    """One policy test: a request, and the answer that it must get."""

    def __init__(self, *, test: PolicyTest, **more: Any) -> None:
        super().__init__(**more)
        self.test = test
        reason = self._reason_to_skip()
        if reason:
            self.add_marker(pytest.mark.skip(reason=reason))

    def _reason_to_skip(self) -> str:
        """Say why the test is not run; empty where it is, as after the day `until`."""
        from policyeval.testing.model import Status
        from policyeval.testing.run import run_test

        skip = self.test.skip
        if skip is None or run_test(self.test, _rules(self.config)).status is not Status.SKIPPED:
            return ""
        from policyeval.rendering.document import visible

        until = f"until {skip.until.isoformat()}" if skip.until is not None else ""
        return visible(": ".join(filter(None, (until, skip.reason)))) or "the file says so"

    def runtest(self) -> None:
        """Ask, and compare; raises PolicyTestFailed with the whole explanation."""
        from policyeval.testing.judge import answer_properties
        from policyeval.testing.model import Status
        from policyeval.testing.run import run_test

        result = run_test(self.test, _rules(self.config))
        self.user_properties.extend(answer_properties(result))
        coverage = self.config.stash.get(_COVERAGE, None)
        if coverage is not None:
            coverage.add(result)
        if result.status is not Status.PASSED:
            raise _failed(result, all_statements=self.config.option.verbose >= EXPLAINS_ALL)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Give the explanation, at the test's place; a traceback only of what is no verdict."""
        failure = excinfo.value
        if not isinstance(failure, PolicyTestFailed):
            return super().repr_failure(excinfo, style)
        shown = excinfo.getrepr(style="value")
        if shown.reprcrash is not None:  # what summaries, `--tb=line` and JUnit XML take
            path, line, _ = self.reportinfo()
            shown.reprcrash.path = _shown(Path(path))
            shown.reprcrash.lineno = (line or 0) + 1
            shown.reprcrash.message = failure.sentence
        return shown

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Give file and line (from 0) of the test, row or case."""
        from policyeval.rendering.words import position

        place = position(self.test.location)
        return self.path, place[0] - 1 if place is not None else 0, self.name


def _failed(result: Result, *, all_statements: bool) -> PolicyTestFailed:
    from policyeval.rendering.document import visible
    from policyeval.rendering.text import render_document
    from policyeval.testing.reports.failure import headline
    from policyeval.testing.reports.text import failure_document

    document = failure_document(result, heading=False, verbose=1 if all_statements else 0)
    return PolicyTestFailed(render_document(document).rstrip(), visible(headline(result)))


# ---- coverage -----------------------------------------------------------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker of pytest-xdist recorded."""
    coverage = node.config.stash.get(_COVERAGE, None)
    recorded = getattr(node, "workeroutput", {}).get(_RECORDED)
    if coverage is not None and recorded is not None:
        coverage.merge(recorded)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what this worker recorded, or write the reports of all."""
    coverage = session.config.stash.get(_COVERAGE, None)
    if coverage is None or session.config.option.collectonly:
        return
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_RECORDED] = coverage.to_text()
        return
    from policyeval.errors import PolicyEvalError

    try:
        coverage.write_files()
        too_little = coverage.too_little()
    except PolicyEvalError as error:
        too_little = error.message
    session.config.stash[_TOO_LITTLE] = too_little
    if too_little and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Show the reports that go to the terminal, and whether too little is covered."""
    if _TOO_LITTLE not in config.stash:
        return
    terminalreporter.section("coverage of policies")
    for text in config.stash[_COVERAGE].for_terminal(config.get_terminal_writer().fullwidth):
        for shown in text.rstrip().splitlines():
            terminalreporter.write_line(shown)
    if config.stash[_TOO_LITTLE]:
        terminalreporter.write_line(f"FAILED {config.stash[_TOO_LITTLE]}", red=True)


# ---- fixtures -----------------------------------------------------------------------------


def _scope_of_environment(fixture_name: str, config: pytest.Config) -> str:  # noqa: ARG001
    """The environment that a setting names is one for all; else each module has its nearest."""
    return "session" if config.getini("policyeval_env") else "module"


@pytest.fixture(scope=_scope_of_environment)  # type: ignore[arg-type]
def policy_env(request: pytest.FixtureRequest) -> Environment:
    """The environment of the setting `policyeval_env`, else the nearest environment.yaml upward."""
    named = request.config.getini("policyeval_env")
    if named:
        return _environment(request.config, request.config.rootpath / named)
    from policyeval.testing.library import nearest_environment

    folder = Path(request.path).parent
    found = nearest_environment(folder)
    if found is None:
        from policyeval.testing.errors import NoEnvironmentError

        _refuse(
            NoEnvironmentError(
                f"there is no environment.yaml in `{_shown(folder)}` or above: write one, name one "
                "as `policyeval_env` in the settings of pytest, or mark the test with iam_env"
            )
        )
    return _environment(request.config, found)


@pytest.fixture
def iam(request: pytest.FixtureRequest) -> Iam:
    """Policies to ask: of the environment, or of the one that the marker iam_env names."""
    from policyeval.testing.handle import Iam

    marker = request.node.get_closest_marker("iam_env")
    if marker is None:
        return Iam(request.getfixturevalue("policy_env"))
    if len(marker.args) != 1 or marker.kwargs or not isinstance(marker.args[0], (str, Path)):
        _refuse(_marker_error('iam_env takes the name of one file: iam_env("next.yaml")'))
    return Iam(_environment(request.config, request.config.rootpath / marker.args[0]))


@pytest.fixture
def iam_case(iam: Iam, request: pytest.FixtureRequest) -> Iam:
    """One combination of the marker iam_matrix, settled: asserts need only the rest."""
    if not hasattr(request, "param"):
        _refuse(_marker_error("`iam_case` needs the marker iam_matrix on its test"))
    return iam.bound(**request.param)


def _environment(config: pytest.Config, path: Path) -> Environment:
    """Load an environment, or end the test with what is wrong with it."""
    from policyeval.errors import PolicyEvalError

    try:
        return _library(config).environment(Path(_shown(path)))
    except PolicyEvalError as error:
        _refuse(error)


# ---- markers ------------------------------------------------------------------------------


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the tests that ask policies, so that `-m iam` selects them."""
    if "iam" in getattr(item, "fixturenames", ()):
        item.add_marker("iam")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each combination that iam_matrix gives."""
    marks = list(metafunc.definition.iter_markers("iam_matrix"))
    if not marks:
        return
    if "iam_case" not in metafunc.fixturenames:
        if any(mark.name == "iam_matrix" for mark in metafunc.definition.own_markers):
            _refuse(_marker_error("iam_matrix gives `iam_case`: take it as an argument"))
        return
    from policyeval.errors import PolicyEvalError
    from policyeval.testing.matrix import axes_of, cases_of

    axes: dict[str, Sequence[Any]] = {}
    try:
        for mark in reversed(marks):  # the closest one comes first, and wins
            axes.update(axes_of(mark.kwargs, mark.args))
    except PolicyEvalError as error:
        _refuse(error)
    ids, cases = zip(*cases_of(axes), strict=True)
    metafunc.parametrize("iam_case", cases, ids=ids, indirect=True)


# ---- errors -------------------------------------------------------------------------------


def _marker_error(message: str) -> PolicyEvalError:
    from policyeval.testing.errors import AssertArgumentError

    return AssertArgumentError(message)


def _error_text(error: PolicyEvalError) -> str:
    from policyeval.rendering.text import render_findings

    return render_findings(error.told()).rstrip()


def _refuse(error: PolicyEvalError) -> NoReturn:
    """End a test or its collection with a message, without a traceback."""
    pytest.fail(_error_text(error), pytrace=False)


def _shown(path: Path) -> str:
    """Give a path as it is shortest from here."""
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)
