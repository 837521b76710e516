"""A run as one self-contained page: totals, the tests of each file, failures with their blocks.

No scripts; the parts that are long fold away by themselves. Every status is a word.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.rendering.document import Block, Run, line
from policyeval.rendering.flow import escape
from policyeval.rendering.html import STYLE, explanation_blocks, html_blocks, html_page
from policyeval.rendering.report import finding_blocks
from policyeval.testing.model import Result, Status
from policyeval.testing.model import Run as TestRun
from policyeval.testing.reports.failure import explanation_of, headline, sentences
from policyeval.testing.reports.rerun import rerun_command
from policyeval.testing.reports.text import FAILURES, place_words, summary_words

_CLASSES = {
    Status.PASSED: "verdict-allowed",
    Status.FAILED: "verdict-denied",
    Status.SKIPPED: "verdict-unknown",
    Status.ERROR: "verdict-denied",
}
_STYLE = """
.status{display:inline-block;min-width:5.2em;font-weight:600}
.tests{list-style:none;margin:6px 0;padding:0}
.tests li{padding:3px 0;overflow-wrap:anywhere}
.failure{border-top:1px solid var(--line);margin-top:36px;padding-top:4px}
.failure h3{font-size:1.1rem;margin:18px 0 8px;overflow-wrap:anywhere}
.failure h5{font-size:1rem;margin:28px 0 8px}
summary{cursor:pointer;padding:6px 0;font-weight:600;overflow-wrap:anywhere}
a{color:var(--link)}
@media print{pre{white-space:pre-wrap;overflow-wrap:anywhere}
.picture,.failure h3,.verdict{break-inside:avoid;break-after:avoid}}
"""


def html_report(run: TestRun, *, title: str = "Policy tests") -> str:
    """Give a run as one HTML page that stands for itself."""
    return html_page(f"{title} - policyeval", _body(run, title), STYLE + _STYLE)


def _body(run: TestRun, title: str) -> Iterator[str]:
    word = "passed" if run.passed else "failed"
    role = _CLASSES[Status.PASSED if run.passed else Status.FAILED]
    yield (
        f'<h1 class="verdict"><b class="{role}">{word.upper()}</b>{escape(title)}: '
        f"{escape(summary_words(run))}</h1>\n"
    )
    failures = run.of(*FAILURES)
    anchors = {id(result): f"failure-{number}" for number, result in enumerate(failures, 1)}
    yield from _files(run, anchors)
    if failures:
        yield "<h2>Failures</h2>\n"
    for result in failures:
        yield from _failure(result, anchors[id(result)])


def _files(run: TestRun, anchors: dict[int, str]) -> Iterator[str]:
    files: dict[str, list[Result]] = {}
    for result in run.results:
        files.setdefault(result.test.file, []).append(result)
    for file, results in files.items():
        counts = [
            f"{count} {status.value}"
            for status in Status
            if (count := sum(result.status is status for result in results))
        ]
        is_open = " open" if any(result.status in FAILURES for result in results) else ""
        yield f"<details{is_open}><summary>{escape(file)}: {', '.join(counts)}</summary>\n"
        yield '<ul class="tests">\n'
        for result in results:
            yield f"<li>{_listed(result, anchors.get(id(result), ''))}</li>\n"
        yield "</ul>\n</details>\n"


def _listed(result: Result, anchor: str) -> str:
    title = escape(result.test.title)
    name = f'<a href="#{anchor}">{title}</a>' if anchor else title
    why = headline(result)
    remark = f' <span class="dim">{escape(why)}</span>' if why else ""
    return f"{_status(result)} {name}{remark}"


def _status(result: Result) -> str:
    return f'<span class="status {_CLASSES[result.status]}">{result.status.value}</span>'


def _failure(result: Result, anchor: str) -> Iterator[str]:
    yield f'<article class="failure" id="{anchor}">\n'
    yield f"<h3>{_status(result)} {escape(result.test.title)}</h3>\n"
    told = tuple(
        line(Run("path", place_words(result)), f": {sentence}") for sentence in sentences(result)
    )
    yield from html_blocks((Block("expected", told), *finding_blocks(result.findings)), level=3)
    explanation = explanation_of(result)
    if explanation is not None:
        yield from explanation_blocks(explanation, level=4, show_grants=True)
        again = rerun_command(result.test)
        if again:
            yield f'<h5>rerun</h5>\n<pre tabindex="0">{escape(again)}</pre>\n'
    yield "</article>\n"
