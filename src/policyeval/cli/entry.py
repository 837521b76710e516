"""What the console script calls: the command line without the garbage collector's share.

A command lives for a few milliseconds and leaves no cycles worth finding, so the collector is off
until a verb that runs long turns it on (`decide`), and what is alive at the end is not searched
once more: together a fifth of the time of a `why`.
"""

from __future__ import annotations

import gc
import sys

from policyeval.cli.streams import prepare_streams

INTERRUPTED = 130


def run() -> None:
    """Run the command line and exit."""
    gc.disable()
    try:
        prepare_streams()
        from policyeval.cli.main import app

        app(prog_name="policyeval")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        gc.freeze()
