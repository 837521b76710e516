"""A count on stderr for what takes long: only on a terminal, only after a second."""

from __future__ import annotations

import sys
from time import monotonic

OFTEN = 100
"""The clock is asked after so many steps."""


class Meter:
    """Counts `what`, of a total where that is known."""

    def __init__(self, what: str, total: int = 0, *, wanted: bool = True) -> None:
        self.shown = wanted and sys.stderr.isatty()
        self.what = f" of {total} {what}" if total else f" {what}"
        self.start = self.last = monotonic()
        self.count = 0

    def step(self) -> None:
        """Count one."""
        self.count += 1
        if self.shown and self.count % OFTEN == 0:
            self.reach(self.count)

    def reach(self, count: int) -> None:
        """Say how many are counted."""
        self.count = count
        if not self.shown:
            return
        now = monotonic()
        if now - self.start > 1 and now - self.last > 0.2:
            self.last = now
            sys.stderr.write(f"\r{count}{self.what}")

    def finish(self) -> None:
        """Clear the count."""
        if self.shown and self.last > self.start:
            sys.stderr.write("\r\x1b[K")
