"""What the console script calls: the command line without the garbage collector's share.

A command lives for a few milliseconds and leaves no cycles worth finding, so the collector is off
until a verb that runs long turns it on (`decide`), and what is alive at the end is not searched
once more: together a fifth of the time of a `why`.
"""

from __future__ import annotations

import gc
import os
import sys

INTERRUPTED = 130
CANNOT_RUN = 2


def run() -> None:
    """Run the command line and exit."""
    gc.disable()
    try:
        _prepare_streams()
        from policyeval.cli.main import app

        status = app(prog_name="policyeval", standalone_mode=False)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except OSError as error:
        print(f"error: {error.strerror}", file=sys.stderr)
        status = CANNOT_RUN
    except Exception as error:
        status = _show_usage_error(error)
    finally:
        gc.freeze()
    sys.exit(status)


def _prepare_streams() -> None:
    """Make any text printable, and closed streams writable."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - stays open to the end
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _show_usage_error(error: Exception) -> int:
    """Print what is wrong with the options, control characters made visible."""
    from io import StringIO

    from policyeval.rendering.document import visible

    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if show is None or code is None:
        raise error
    text = StringIO()
    show(file=text)
    for line in text.getvalue().splitlines():
        print(visible(line), file=sys.stderr)
    return int(code)
