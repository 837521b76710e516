"""The part of `policyeval test` that measures coverage."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from policyeval.cli.guard import show_findings
from policyeval.cli.output import only_ascii, style_for, width_of, write
from policyeval.cli.suite_options import Coverage as Options
from policyeval.testing.coverage import (
    Coverage,
    Form,
    Recorder,
    coverage_of,
    render,
    report_of,
    too_little,
)
from policyeval.testing.coverage.table import percentage
from policyeval.testing.model import Result, World


class Covering:
    """Records a run, and reports at its end. Raises ConfigError for options that mean nothing."""

    def __init__(self, options: Options, worlds: Iterable[World]) -> None:
        self._options = options
        self._reports = [report_of(text) for text in options.reports]
        if options.limit is not None:
            percentage(options.limit)
        self.recorder = Recorder()
        for world in worlds:
            self.recorder.expect(world)

    def add(self, result: Result) -> None:
        """Record a result that was found in this process."""
        self.recorder.add(result)

    def finish(self, *, shown: bool, colour: str) -> bool:
        """Write the reports, those for the terminal where it is `shown`; false under the limit."""
        coverage = coverage_of(self.recorder)
        if not shown or all(report.file for report in self._reports):
            show_findings(coverage.findings)  # the terminal's reports tell them themselves
        for report in self._reports:
            if report.file:
                Path(report.file).parent.mkdir(parents=True, exist_ok=True)
                write(self._rendered(coverage, report.form), report.file)
            elif shown:
                sys.stdout.write(f"\n{self._rendered(coverage, report.form, colour)}")
        limit = self._options.limit
        why = too_little(coverage, limit) if limit is not None else ""
        if why:
            sys.stderr.write(f"{why}\n")
        return not why

    def _rendered(self, coverage: Coverage, form: Form, colour: str = "never") -> str:
        return render(
            coverage,
            form,
            contexts=self._options.contexts,
            width=width_of(sys.stdout),
            style=style_for(sys.stdout, colour),
            ascii_only=only_ascii(sys.stdout),
        )
