"""A count of the calls made, on a terminal that waits."""

from __future__ import annotations

from time import monotonic
from typing import IO


class Meter:
    """`done/total` and how long it may take: only if wanted, and only after a second."""

    def __init__(self, stream: IO[str] | None) -> None:
        """Without a stream nothing is shown."""
        self.stream = stream
        self.start = self.last = monotonic()

    def show(self, done: int, known: int) -> None:
        """Tell how many of the calls known so far are done; more become known on the way."""
        if self.stream is None:
            return
        now = monotonic()
        if now - self.start <= 1 or now - self.last <= 0.2:
            return
        self.last = now
        left = (now - self.start) / max(done, 1) * (known - done)
        self.stream.write(f"\r\x1b[K{done}/{known} calls, {left:.0f} s to go")
        self.stream.flush()

    def finish(self) -> None:
        """Clear the count."""
        if self.stream is not None and self.last > self.start:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
