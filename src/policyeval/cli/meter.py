"""A count on stderr for what takes long: only on a terminal, only after a second."""

from __future__ import annotations

import sys
from time import monotonic
from typing import IO

AFTER = 1.0
BETWEEN = 0.2
"""Seconds before the first time that something is shown, and between two times."""
OFTEN = 100
"""The clock is asked after so many steps."""


class Meter:
    """Counts `what`. Without a stream nothing is shown."""

    def __init__(self, what: str, stream: IO[str] | None) -> None:
        self.what = what
        self.stream = stream
        self.start = self.last = monotonic()
        self.count = 0

    def step(self, known: int = 0) -> None:
        """Count one more, of a number that is known or not."""
        self.count += 1
        if self.count % OFTEN == 0:
            self.show(self.count, known)

    def show(self, done: int, known: int = 0) -> None:
        """Tell how many are done; of a known number, which may grow, also how long it may take."""
        if self.stream is None:
            return
        now = monotonic()
        if now - self.start <= AFTER or now - self.last <= BETWEEN:
            return
        self.last = now
        told = f"{done} {self.what}"
        if known:
            left = (now - self.start) / max(done, 1) * (known - done)
            told = f"{done}/{known} {self.what}, {left:.0f} s to go"
        self.stream.write(f"\r\x1b[K{told}")
        self.stream.flush()

    def finish(self) -> None:
        """Clear the count."""
        if self.stream is not None and self.last > self.start:
            self.stream.write("\r\x1b[K")
            self.stream.flush()


def meter_of(what: str, *, wanted: bool = True) -> Meter:
    """Give a meter on stderr, where it is wanted and stderr is a terminal."""
    return Meter(what, sys.stderr if wanted and sys.stderr.isatty() else None)
