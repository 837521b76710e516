"""A summary in Markdown, for `$GITHUB_STEP_SUMMARY` or a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.rendering.document import Block, Table, cell
from policyeval.rendering.flow import escape
from policyeval.rendering.markdown import code, fenced, markdown_table, prose, render_markdown
from policyeval.rendering.report import finding_blocks
from policyeval.rendering.text import render_document
from policyeval.testing.model import Result, Run, Status
from policyeval.testing.reports.failure import explanation_of, sentences
from policyeval.testing.reports.rerun import rerun_command
from policyeval.testing.reports.text import FAILURES, place_words, summary_words, untimed

MOST_DETAILS = 50
"""GitHub shows 1 MiB of a step's summary at most."""


def markdown_report(run: Run, *, most: int = MOST_DETAILS) -> str:
    """Give the totals by file, and the failures with the blocks of `why`, folded away.

    Of more than `most` failures the others are only listed.
    """
    word = "passed" if run.passed else "failed"
    parts = [f"## Policy tests {word}", prose(summary_words(untimed(run)))]
    if run.results:
        parts.append(markdown_table(_totals(run)).rstrip("\n"))
    failures = run.of(*FAILURES)
    for result in failures[:most]:
        parts.extend(_failure(result))
    if len(failures) > most:
        parts.append(f"And {len(failures) - most} more:")
        parts.append("\n".join(f"- {code(result.test.id)}" for result in failures[most:]))
    return "\n\n".join(parts) + "\n"


def _totals(run: Run) -> Table:
    files: dict[str, list[Status]] = {}
    for result in run.results:
        files.setdefault(result.test.file, []).append(result.status)
    rows = [
        (cell(file), *(cell(str(statuses.count(status))) for status in Status))
        for file, statuses in files.items()
    ]
    return Table(tuple(rows), ("file", *(status.value for status in Status)))


def _failure(result: Result) -> Iterator[str]:
    """One failure, folded: in HTML what is not in `code` could still be a mention or a link."""
    yield f"<details><summary><code>{escape(result.test.id)}</code></summary>"
    for told in sentences(result):
        # A word of ours comes first: a code span that begins a line could be taken for a fence.
        yield f"At {code(place_words(result))}: {prose(told)}"
    for block in finding_blocks(result.findings):
        yield fenced(_lines(block), "text")
    explanation = explanation_of(result)
    if explanation is not None:
        yield render_markdown(explanation, show_grants=True).rstrip("\n")
        again = rerun_command(result.test)
        if again:
            yield fenced([again], "sh")
    yield "</details>"


def _lines(block: Block) -> list[str]:
    return render_document((block,), width=100).rstrip("\n").split("\n")
