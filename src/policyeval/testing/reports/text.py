"""The failures as a terminal shows them, in pytest's layout, with the blocks of `why`."""

from __future__ import annotations

from policyeval.rendering.document import Block, Document, Line, Run, line, visible
from policyeval.rendering.report import document_of, finding_blocks
from policyeval.rendering.snippet import columns_of
from policyeval.rendering.text import render_document
from policyeval.rendering.words import counted, position
from policyeval.testing.model import Result, Status
from policyeval.testing.model import Run as TestRun
from policyeval.testing.reports.failure import explanation_of, sentences
from policyeval.testing.reports.rerun import rerun_command
from policyeval.value import replace

WIDTH = 80
FAILURES = (Status.FAILED, Status.ERROR)


def text_report(run: TestRun, *, width: int = WIDTH) -> str:
    """Give the failures of a run and the line that sums it up, without colour."""
    return render_document(run_document(run, width=width), width=width)


def run_document(run: TestRun, *, width: int = WIDTH) -> Document:
    """Give the failures of a run and the line that sums it up."""
    blocks: list[Block] = []
    for result in run.of(*FAILURES):
        blocks.extend(failure_document(result, width=width))
    blocks.append(Block("summary", (summary_line(run, width=width),)))
    return tuple(blocks)


def failure_document(
    result: Result, *, heading: bool = True, width: int = WIDTH, verbose: int = 0
) -> Document:
    """Give what there is to say of a failure or an error.

    A heading with the test's id (unless it stands elsewhere), what came otherwise than expected,
    the blocks of `why`, and the command that asks the same again, where one does. `verbose` is
    that of `why`.
    """
    title = line(Run("heading", ruled(result.test.id, "_", width)), whole=True)
    blocks = [Block("failure", _sentences(result), title if heading else None)]
    blocks += finding_blocks(result.findings)
    explanation = explanation_of(result)
    if explanation is not None:
        blocks += document_of(explanation, verbose, show_grants=True)
        blocks.append(Block("rerun", (_rerun(result),)))
    return tuple(blocks)


def _rerun(result: Result) -> Line:
    """The command that asks the same; without one at least where it was asked."""
    command = rerun_command(result.test)
    if command:
        return line(Run("heading", "rerun"), "   ", Run("fix", command), whole=True)
    return line(Run("heading", "asked in"), "   ", Run("path", result.test.world.name), whole=True)


def _sentences(result: Result) -> tuple[Line, ...]:
    """What compilers begin a line with, so that editors find the place: `file:line: …`."""
    place = place_words(result)
    if result.status is Status.ERROR:
        return (line(Run("path", place), ": the request cannot be asked", whole=True),)
    return tuple(line(Run("path", place), f": {told}", whole=True) for told in sentences(result))


def place_words(result: Result) -> str:
    """`tests/s3.policytest.yaml:41`."""
    found, file = position(result.test.location), result.test.file
    if file.startswith("::"):  # a line that begins so is a command where GitHub runs it
        file = f"./{file}"
    return f"{file}:{found[0]}" if found is not None else file


# ---- the sum ------------------------------------------------------------------------------


def summary_words(run: TestRun) -> str:
    """`1 failed, 56 passed, 2 skipped in 0.31s`; without the time where none was taken."""
    counts = [
        (run.count(Status.FAILED), "failed"),
        (run.count(Status.PASSED), "passed"),
        (run.count(Status.SKIPPED), "skipped"),
        (run.deselected, "deselected"),
    ]
    told = [f"{count} {word}" for count, word in counts if count]
    if run.count(Status.ERROR):
        told.append(counted(run.count(Status.ERROR), "error"))
    if not run.results:
        told.insert(0, "no tests ran")
    return ", ".join(told) + (f" in {run.seconds:.2f}s" if run.seconds else "")


def untimed(run: TestRun) -> TestRun:
    """Give a run without the time that it took: what is compared is then the same each time."""
    return replace(run, seconds=0.0)


def summary_line(run: TestRun, *, width: int = WIDTH) -> Line:
    """Give the last line of the output: the sum between rules."""
    if not run.passed:
        role = "verdict.denied"
    else:
        role = "verdict.allowed" if run.count(Status.PASSED) else "verdict.unknown"
    return line(Run(role, ruled(summary_words(run), "=", width)), whole=True)


def ruled(text: str, mark: str, width: int = WIDTH) -> str:
    """Give a text in the middle of a rule; one mark at least on either side."""
    room = width - columns_of(visible(text)) - 2
    left = max(room // 2, 1)
    return f"{mark * left} {text} {mark * max(room - left, 1)}"
