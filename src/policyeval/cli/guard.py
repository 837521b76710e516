"""From errors to exit codes: 2 for input that cannot be used, 4 for our own bugs, 130, 141."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import typer

from policyeval.cli.streams import prepare_streams
from policyeval.errors import PolicyEvalError, UnreadableFileError
from policyeval.finding import Finding, Severity

P = ParamSpec("P")
R = TypeVar("R")

CANNOT_RUN = 2
INTERNAL_ERROR = 4
CLOSED_PIPE = 141


def guarded(verb: Callable[P, R]) -> Callable[P, R]:
    """Wrap a verb so that no error reaches the user as a traceback."""

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        prepare_streams()
        try:
            result = verb(*args, **kwargs)
            sys.stdout.flush()
            return result
        except PolicyEvalError as error:
            show_error(error, hide_ids=bool(kwargs.get("redact")))
            raise typer.Exit(CANNOT_RUN) from None
        except BrokenPipeError:
            # The reader went away: leave quietly, and keep the interpreter from flushing again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(CLOSED_PIPE) from None
        except OSError as error:
            name = f"`{error.filename}`: " if error.filename else ""
            show_error(UnreadableFileError(f"{name}{(error.strerror or str(error)).lower()}"))
            raise typer.Exit(CANNOT_RUN) from None
        except (typer.Exit, typer.Abort, typer.BadParameter, KeyboardInterrupt):
            raise
        except Exception as error:
            if os.environ.get("POLICYEVAL_TRACEBACK"):
                raise
            _show_bug(error)
            raise typer.Exit(INTERNAL_ERROR) from None

    return run


def show_error(error: PolicyEvalError, *, hide_ids: bool = False) -> None:
    """Write an error to stderr: each finding with its place, else the message."""
    show_findings(error.told(), hide_ids=hide_ids)


def show_warnings(findings: Iterable[Finding]) -> None:
    """Write to stderr what may make an answer other than it looks; notes are left out."""
    shown = tuple(finding for finding in findings if finding.severity is not Severity.NOTE)
    if shown:
        show_findings(shown)


def show_findings(findings: tuple[Finding, ...], *, hide_ids: bool = False) -> None:
    """Write findings to stderr, in the order given."""
    if not findings:
        return
    from policyeval.cli.output import stderr_style
    from policyeval.rendering.text import render_findings

    text = render_findings(findings, style=stderr_style())
    if hide_ids:
        from policyeval.rendering.redact import redact

        text = redact(text)
    sys.stderr.write(text)


def show_usage_error(error: Exception) -> int:
    """Print what is wrong with the options, control characters made visible; give the exit code.

    Raises what is no error of the command line's own.
    """
    if isinstance(error, OSError):
        sys.stderr.write(f"error: {error.strerror}\n")
        return CANNOT_RUN
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if show is None or code is None:
        raise error
    from io import StringIO

    from policyeval.rendering.document import visible

    text = StringIO()
    show(file=text)
    sys.stderr.write("".join(f"{visible(line)}\n" for line in text.getvalue().split("\n") if line))
    return int(code)


def describe_bug(error: Exception) -> str:
    """Say where a bug showed itself, without a traceback."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = ""
    if place is not None:
        name = Path(place.tb_frame.f_code.co_filename).name
        where = f" at {name}:{place.tb_lineno}"
    return f"internal error: {type(error).__name__}{where}"


def _show_bug(error: Exception) -> None:
    typer.echo(
        f"{describe_bug(error)}\n"
        "  this is a bug in policyeval; please report it with the command and the input.\n"
        "  POLICYEVAL_TRACEBACK=1 shows the details.",
        err=True,
    )
