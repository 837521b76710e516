"""Shows a run of tests as it goes, as pytest does: a mark for each test, then the failures."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import IO

from policyeval.rendering.document import visible
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

    @property
    def shown(self) -> bool:
        """True where the run is to be seen as it goes."""
        return self._stream is not None

    def start(self, chosen: int, every: int, files: int) -> None:
        """Say what was collected."""
        self._total = chosen
        deselected = f", {every - chosen} deselected" if every > chosen else ""
        self._write(f"{counted(every, 'test')} in {counted(files, 'file')}{deselected}\n\n")

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
        from policyeval.testing.reports.text import run_document, untimed

        self._end_line()
        if not self._stream.isatty():
            run = untimed(run)  # what is piped is the same each time
        text = render_document(
            run_document(run, width=self._width),
            width=self._width,
            style=None if self._plain else self._style,
            ascii_only=self._ascii_only,
        )
        self._write(f"\n{text}")
        self._stream.flush()

    def _shown(self, text: str) -> str:
        return visible(text, ascii_only=self._ascii_only)

    def _write(self, text: str) -> None:
        if self._stream is not None:
            self._stream.write(text)
