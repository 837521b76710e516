"""What the console script calls: the command line without the garbage collector's share.

A command lives for a few milliseconds and leaves no cycles worth finding, so the collector is off
until a verb that runs long turns it on (`decide`), and what is alive at the end is not searched
once more: together a fifth of the time of a `why`.
"""

from __future__ import annotations

import gc


def run() -> None:
    """Run the command line."""
    gc.disable()
    from policyeval.cli.main import app

    try:
        app(prog_name="policyeval")
    finally:
        gc.freeze()
