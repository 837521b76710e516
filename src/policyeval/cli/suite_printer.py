"""Shows a run of tests as it goes, as pytest does: a mark for each test, then the failures."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import IO

from policyeval.rendering.document import Block, Document, line, visible
from policyeval.rendering.document import Run as Run_
from policyeval.rendering.words import counted
from policyeval.testing.model import Result, Run, Status

MARKS = {
    Status.PASSED: (".", "allow"),
    Status.FAILED: ("F", "deny"),
    Status.SKIPPED: ("s", "unknown"),
    Status.ERROR: ("E", "deny"),
}
PERCENT = len(" [100%]")
SOMETIMES = 0.1
"""Seconds between two times that something is shown."""


class Printer:
    """Writes to a stream, or nowhere. Not a value: it keeps where it is in the line."""

    def __init__(
        self,
        stream: IO[str] | None,
        *,
        width: int = 80,
        style: Callable[[str, str], str] | None = None,
        ascii_only: bool = False,
        verbose: bool = False,
    ) -> None:
        self._stream = stream
        self._width = max(width, 40)
        self._style = style or (lambda _role, text: text)
        self._plain = style is None
        self._ascii_only = ascii_only
        self._verbose = verbose
        self._file = ""
        self._column = 0
        self._done = self._total = 0
        self._flushed = 0.0

    def start(self, chosen: int, every: int, files: int) -> None:
        """Say what was collected."""
        self._total = chosen
        left_out = f", {every - chosen} left out" if every > chosen else ""
        self._write(f"{counted(every, 'test')} in {counted(files, 'file')}{left_out}\n\n")

    def add(self, result: Result) -> None:
        """Show one result."""
        if self._stream is None:
            return
        self._done += 1
        mark, role = MARKS[result.status]
        if self._verbose:
            word = self._style(role, result.status.value.upper())
            self._write(f"{self._shown(result.test.id)} {word}\n")
        else:
            self._add_mark(result.test.file, mark, role)
        now = monotonic()
        if now - self._flushed > SOMETIMES:
            self._flushed = now
            self._stream.flush()

    def _add_mark(self, file: str, mark: str, role: str) -> None:
        if file != self._file:
            self._end_line()
            self._file = file
            name = self._shown(file)
            self._write(name)
            self._column = len(name)
            if self._column + PERCENT + 8 > self._width:
                self._write("\n")
                self._column = 0
            else:
                self._write(" ")
                self._column += 1
        elif self._column >= self._width - PERCENT:
            self._end_line()
        self._write(self._style(role, mark))
        self._column += 1
        if self._done == self._total:
            self._end_line()

    def _end_line(self) -> None:
        """Say how much is done at the end of a row of marks."""
        if self._column:
            done = f"[{100 * self._done // max(self._total, 1):3}%]"
            self._write(f"{done.rjust(self._width - self._column)}\n")
        self._column = 0

    def finish(self, run: Run) -> None:
        """Show the failures, and the count of everything."""
        if self._stream is None:
            return
        from policyeval.rendering.text import render_document

        self._end_line()
        style = None if self._plain else self._style
        document = _run_document(run)
        text = render_document(
            document, width=self._width, style=style, ascii_only=self._ascii_only
        )
        self._write(f"\n{text}")
        self._stream.flush()

    def _shown(self, text: str) -> str:
        return visible(text, ascii_only=self._ascii_only)

    def _write(self, text: str) -> None:
        if self._stream is not None:
            self._stream.write(text)


def _run_document(run: Run) -> Document:
    """Give the failures, each with the explanation of what happened instead, and the totals."""
    from policyeval.explanation.explain import explain
    from policyeval.rendering.report import document_of, finding_blocks

    blocks: list[Block] = []
    for result in run.of(Status.FAILED, Status.ERROR):
        blocks.append(Block("test", (), line(Run_("strong", f"____ {result.test.id} ____"))))
        said = [
            line(f"{each.aspect.value}: expected {each.wanted}, got {each.got}")
            for each in result.mismatches
        ]
        blocks.append(Block("mismatch", tuple(said)))
        if result.decision is not None:
            blocks.extend(document_of(explain(result.decision)))
        blocks.extend(finding_blocks(result.findings))
    totals = ", ".join(
        f"{run.count(status)} {status.value}" for status in Status if run.count(status)
    )
    return (*blocks, Block("totals", (line(totals),)))
