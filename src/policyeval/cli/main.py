"""The verbs, each loaded only when it is called, so that `why` starts in a blink."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from policyeval import __version__
from policyeval.cli.guard import show_usage_error
from policyeval.cli.verb import SETTINGS

VERBS = (
    "why",
    "can",
    "who-can",
    "matrix",
    "test",
    "decide",
    "needs",
    "actions",
    "convert",
    "pull",
    "explain",
    "schema",
)

EXAMPLES = """\
Why is an AWS request allowed or denied? Offline, from the policies you have.

Examples:

  policyeval why deploy s3:GetObject arn:aws:s3:::logs/a.log --env environment.yaml

  policyeval can deploy s3:GetObject arn:aws:s3:::logs/a.log && echo yes

  policyeval who-can s3:GetObject arn:aws:s3:::logs/a.log

  policyeval decide cases.jsonl -o decisions.jsonl

Exit codes: 0 yes or done, 1 denied, 2 cannot run, 3 undetermined, 4 a bug in policyeval.
"""


class LazyGroup(TyperGroup):
    """A group that imports the module of a verb when the verb is asked for."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a verb and exit, with usage errors in words that steer no terminal."""
        kwargs["standalone_mode"] = False
        try:
            status = super().main(*args, **kwargs)
        except Exception as error:
            status = show_usage_error(error)
        sys.exit(status)

    def list_commands(self, ctx: Any) -> list[str]:
        """Give the verbs in the order of use."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load the verb's module and build its command; None where there is no such verb."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module = cmd_name.replace("-", "_")
        command = typer.main.get_command(import_module(f"policyeval.cli.{module}").app)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=LazyGroup,
    help=EXAMPLES,
    no_args_is_help=True,
    **SETTINGS,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"policyeval {__version__}\n{_catalogue()}")
        raise typer.Exit


def _catalogue() -> str:
    from policyeval.catalogue.lookup import about
    from policyeval.errors import CatalogueError

    try:
        told = about()
    except CatalogueError as error:
        return error.message
    sources = ", ".join(f"{source.package} {source.version}" for source in told.sources)
    return f"action catalogue of {told.date} ({sources})"


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Hold the options that come before a verb."""
