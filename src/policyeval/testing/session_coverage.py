"""Coverage of policies over a session of pytest, of one process or of several."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from policyeval.errors import ConfigError
from policyeval.parsing.defect import quote
from policyeval.testing.coverage import (
    Coverage,
    Form,
    Recorder,
    Report,
    coverage_of,
    render,
    report_of,
    too_little,
)
from policyeval.testing.coverage.table import percentage
from policyeval.testing.model import Result, World


class SessionCoverage:
    """Records the policy tests of a session; not a value. Raises ConfigError for odd options.

    `reports` are texts like `term` and `html:FILE`, files from the folder `root`; `limit` is a
    percentage, or empty.
    """

    def __init__(self, reports: Sequence[str], limit: str, root: Path) -> None:
        self._reports = [report_of(text) for text in reports or [Form.TERM.value]]
        self._root = root
        self._limit = limit
        if limit:
            percentage(limit)
        self._recorder = Recorder()
        self._expected: dict[int, World] = {}  # holds the worlds, so that their ids stay their own

    def expect(self, world: World) -> None:
        """Count the policies of a world, though no test may meet them."""
        if id(world) not in self._expected:
            self._expected[id(world)] = world
            self._recorder.expect(world)

    def add(self, result: Result) -> None:
        """Record what came of a test."""
        self._recorder.add(result)

    def to_text(self) -> str:
        """Give all that was recorded, for another process."""
        return json.dumps(self._recorder.to_data())

    def merge(self, text: str) -> None:
        """Add what another process recorded."""
        self._recorder.merge(json.loads(text))

    def write_files(self) -> None:
        """Write the reports that go to files; raises ConfigError where one cannot be written."""
        coverage = self._coverage()
        for report in self._reports:
            if report.file:
                self._write(report, render(coverage, report.form))

    def _write(self, report: Report, text: str) -> None:
        path = self._root / report.file
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise ConfigError(f"{quote(report.file)}: {why}") from None

    def for_terminal(self, width: int) -> Iterator[str]:
        """Give the reports that go to the terminal."""
        coverage = self._coverage()
        for report in self._reports:
            if not report.file:
                yield render(coverage, report.form, width=width)

    def too_little(self) -> str:
        """Say that less is covered than is asked for; empty where it is enough."""
        return too_little(self._coverage(), self._limit) if self._limit else ""

    def _coverage(self) -> Coverage:
        return coverage_of(self._recorder)
