"""Workflow commands of GitHub Actions: one annotation for each failure, at the test's place.

A runner obeys every line that begins with `::`. So each command is one line, and what tests and
policies say stands in it escaped alone.
"""

from __future__ import annotations

from policyeval.rendering.document import visible
from policyeval.rendering.reasons import verdict_sentence, verdict_word
from policyeval.testing.model import Result, Run
from policyeval.testing.reports.failure import explanation_of, sentences
from policyeval.testing.reports.place import place_of
from policyeval.testing.reports.rerun import rerun_command
from policyeval.testing.reports.text import FAILURES, summary_words, untimed

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def github_report(run: Run, *, root: str = "") -> str:
    """Give the annotations of a run, and a notice that sums it up; a line each.

    Paths are relative to `root`, the top of the checkout, where they are below it.
    """
    lines = [_annotation(result, root) for result in run.of(*FAILURES)]
    lines.append(command("notice", summary_words(untimed(run)), title="policyeval test"))
    return "".join(f"{line}\n" for line in lines)


def _annotation(result: Result, root: str) -> str:
    place = place_of(result.test.location, root)
    where: dict[str, str | int] = {"file": place.path}
    if place.line:
        where |= {"line": place.line, "endLine": place.end_line}
        if place.line == place.end_line:  # columns are for a single line
            where |= {"col": place.column, "endColumn": place.end_column}
    told = list(sentences(result))
    explanation = explanation_of(result, max_fixes=0)
    if explanation is not None:
        told.append(f"{verdict_word(explanation.decision)} {verdict_sentence(explanation)}")
        again = rerun_command(result.test)
        told += [f"rerun: {again}"] if again else []
    shown = "\n".join(visible(line) for line in told)
    return command("error", shown, **where, title=result.test.title)


def command(name: str, message: str, **properties: str | int) -> str:
    """Give a workflow command on one line.

    Newlines of the message stay newlines of the annotation; properties have none.
    """
    told = ",".join(
        f"{key}={visible(str(value)).translate(_PROPERTY)}" for key, value in properties.items()
    )
    shown = "\n".join(visible(line) for line in message.split("\n"))
    return f"::{name} {told}::{shown.translate(_DATA)}"
