"""`policyeval actions`: what the action catalogue says of some actions."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from policyeval.catalogue.lookup import ACCESS_LEVELS, expand, find_action, service, services
from policyeval.catalogue.model import ActionEntry
from policyeval.catalogue.pattern_remarks import remark_on_pattern
from policyeval.cli import options
from policyeval.cli.guard import guarded, show_warnings
from policyeval.cli.output import check_colour, style_for, to_json, width_of, write
from policyeval.cli.verb import verb_app
from policyeval.errors import ConfigError
from policyeval.parsing.action import parse_action_pattern
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean

app = verb_app()

NOTHING = 1

EXAMPLES = """\
Examples:

  policyeval actions s3:GetObject

  policyeval actions 'sqs:*' --level Write --names

  policyeval actions 'kms:*Grant*' --json --query 'actions[].name'
"""


@app.command(epilog=EXAMPLES)
@guarded
def actions(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATTERN...", help="Actions as in a policy: `s3:Get*`, `*`."),
    ] = None,
    level: Annotated[
        list[str] | None,
        typer.Option(help="Only this access level; may be repeated."),
    ] = None,
    names: Annotated[bool, typer.Option("--names", help="The names alone, one a line.")] = False,
    list_services: Annotated[
        bool, typer.Option("--services", help="List the services and how many actions they have.")
    ] = False,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    as_json: options.AsJson = False,
    query: options.Query = None,
    output: options.Output = None,
    color: options.Color = "auto",
    quiet: options.Quiet = False,
) -> None:
    """List actions with their access level, resource types and condition keys; exit 1 for none."""
    if form not in ("text", "json"):
        raise ConfigError(f"{quote(form)} is no format: use text or json")
    check_colour(color)
    if list_services:
        if patterns:
            raise ConfigError("--services lists them all: it takes no pattern")
        write(_services_text(), output)
        return
    if not patterns:
        raise ConfigError("name a pattern of actions, such as `s3:Get*`, or ask with --services")
    found = _of_levels(_covered_by(patterns), level)
    if found and not quiet:
        if as_json or form == "json" or query is not None:
            from policyeval.rendering.catalogue import actions_to_json

            text = to_json(actions_to_json(patterns, found), query)
        elif names:
            text = "".join(f"{entry.name}\n" for entry in found)
        else:
            from policyeval.rendering.catalogue import actions_to_text

            to_stdout = output in (None, "-")
            style = style_for(sys.stdout, color) if to_stdout or color == "always" else None
            text = actions_to_text(found, width_of(sys.stdout) if to_stdout else 80, style)
        write(text, output)
    if not found:
        raise typer.Exit(NOTHING)


def _covered_by(patterns: Iterable[str]) -> list[ActionEntry]:
    """The actions of all patterns, each once; a pattern without any is named on stderr."""
    found: dict[str, None] = {}
    for text in patterns:
        pattern = parse_action_pattern(text)
        found.update(dict.fromkeys(expand(text)))
        show_warnings(remark_on_pattern(pattern, None))
    return [entry for entry in map(find_action, found) if entry is not None]


def _of_levels(entries: list[ActionEntry], levels: list[str] | None) -> list[ActionEntry]:
    if not levels:
        return entries
    known = {level.lower(): level for level in ACCESS_LEVELS}
    for level in levels:
        if level.lower() not in known:
            raise ConfigError(
                f"`--level` {quote(level)}: expected {', '.join(ACCESS_LEVELS)}"
                + (f"; {hint}" if (hint := did_you_mean(level, ACCESS_LEVELS)) else "")
            )
    wanted = {known[level.lower()] for level in levels}
    return [entry for entry in entries if entry.access_level in wanted]


def _services_text() -> str:
    """One line for each service: prefix, number of actions, name."""
    found = [each for each in map(service, services()) if each is not None]
    column = max(len(each.prefix) for each in found)
    return "".join(
        f"{each.prefix:{column}}  {len(each.actions):4}  {each.name}\n" for each in found
    )
