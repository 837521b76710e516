"""The part of `policyeval test` that changes policies and sees which tests notice."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from policyeval.cli.files import writing
from policyeval.cli.guard import show_findings
from policyeval.cli.many import as_text
from policyeval.cli.meter import meter_of
from policyeval.cli.output import write
from policyeval.cli.suite_options import Mutation
from policyeval.errors import ConfigError
from policyeval.rendering.text import render_document
from policyeval.testing.collect import suites_of
from policyeval.testing.coverage.table import percentage
from policyeval.testing.last_failed import cache_folder
from policyeval.testing.model import PolicyTest, Suite
from policyeval.testing.mutation import (
    MutationRun,
    failing_under,
    mutate,
    mutation_document,
    mutation_json,
    operators_named,
    survivors_yaml,
)
from policyeval.testing.run import Rules

CACHE = "mutants.json"


class Mutating:
    """Mutates after a run. Raises ConfigError for options that mean nothing."""

    def __init__(self, options: Mutation) -> None:
        self._options = options
        self._operators = operators_named(options.operators)
        self._reports = [_report_of(text) for text in options.reports]
        if options.limit is not None:
            percentage(options.limit)
        if options.tests is not None and Path(options.tests).exists():
            raise ConfigError(f"`{options.tests}` is there already: name a new file")

    def finish(
        self,
        suites: Sequence[Suite],
        chosen: Collection[PolicyTest],
        rules: Rules,
        jobs: int,
        *,
        shown: bool,
        colour: str,
    ) -> bool:
        """Mutate, and write the reports; false where fewer than the limit are killed."""
        meter = meter_of("mutants")
        run = mutate(
            suites_of(suites, chosen),
            rules,
            operators=self._operators,
            paths=self._options.paths,
            jobs=jobs,
            budget_seconds=self._options.budget,
            cache=cache_folder(Path.cwd()) / CACHE,
            progress=meter.show,
        )
        meter.finish()
        show_findings(run.findings)
        self._report(run, shown=shown, colour=colour)
        self._write_tests(run)
        limit = self._options.limit
        if limit is None or not failing_under(run, limit):
            return True
        sys.stderr.write(f"less than {limit} percent of the mutants are killed\n")
        return False

    def _report(self, run: MutationRun, *, shown: bool, colour: str) -> None:
        for form, file in self._reports:
            if form == "json":
                write(json.dumps(mutation_json(run), indent=2), file)
            elif file is not None:
                write(render_document(mutation_document(run)), file)
            elif shown:
                sys.stdout.write(f"\n{as_text(mutation_document(run), None, colour)}")

    def _write_tests(self, run: MutationRun) -> None:
        file = self._options.tests
        if file is None:
            return
        text = survivors_yaml(run, Path(file))
        if not text:
            sys.stderr.write("no mutant survived: there is no test to write\n")
            return
        with writing(file) as stream:
            stream.write(text)
        sys.stderr.write(f"the requests that are missing are in {file}, skipped until decided\n")


def _report_of(text: str) -> tuple[str, str | None]:
    form, colon, file = text.partition(":")
    if form not in ("term", "json") or (colon and not file):
        raise ConfigError(f"`--mutate-report {text}`: expected term, json or json:FILE")
    return form, file or None
