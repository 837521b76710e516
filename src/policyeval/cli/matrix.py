"""`policyeval matrix`: many principals by many actions by many resources."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from policyeval.cli import options
from policyeval.cli.guard import guarded, show_findings
from policyeval.cli.many import as_text, is_ascii, setting_of, warnings_about
from policyeval.cli.output import to_json, width_of, write
from policyeval.cli.verb import verb_app
from policyeval.errors import ConfigError
from policyeval.query.matrix import Matrix

app = verb_app()

FORMATS = ("text", "table", "csv", "json", "markdown")
EXAMPLES = """\
Examples:

  policyeval matrix --actions s3:GetObject,s3:PutObject --env environment.yaml

  policyeval matrix --principals 'role/ci/*' --actions 's3:*Object' --resources logs/a.log

  policyeval matrix --actions sqs:SendMessage --format csv -o access.csv
"""


@app.command(epilog=EXAMPLES)
@guarded
def matrix(
    context_of_call: typer.Context,
    actions: Annotated[
        list[str], typer.Option(help="Actions and patterns, with commas or repeated.")
    ],
    principals: Annotated[
        list[str] | None,
        typer.Option(help="Names, ARNs, patterns such as 'role/*'. Default: every user and role."),
    ] = None,
    resources: Annotated[
        list[str] | None,
        typer.Option(help="Names, ARNs, patterns. Default: every resource of the environment."),
    ] = None,
    context: options.Context = None,
    no_context: options.NoContext = None,
    context_file: options.ContextFile = None,
    context_set: options.ContextSet = None,
    at: options.At = None,
    policies: options.PolicyFolder = None,
    env: options.Env = None,
    vpc_endpoint: options.VpcEndpoint = None,
    exact: options.Exact = False,
    partial: options.Partial = False,
    assume_absent: options.AssumeAbsent = False,
    form: Annotated[
        str, typer.Option("--format", help="table (or text), csv, json or markdown.")
    ] = "table",
    as_json: options.AsJson = False,
    output: options.Output = None,
    color: options.Color = "auto",
    redact: options.Redact = False,
) -> None:
    """Say for many principals, actions and resources at once what is allowed."""
    from policyeval.query.matrix import matrix as ask
    from policyeval.query.names import actions_named, principals_named, resources_named

    if form not in FORMATS:
        raise ConfigError(f"`{form}` is no format: use {', '.join(FORMATS[1:])}")
    setting = setting_of(context_of_call.params)
    everything = [] if exact else ["*"]
    answer = ask(
        setting.environment,
        principals_named(setting.environment, principals or everything, exact=exact),
        actions_named(actions),
        resources_named(setting.environment, resources or everything, exact=exact),
        context=setting.context,
        facts=setting.facts,
    )
    if not answer.rows or not answer.actions:
        raise ConfigError("the matrix has no cell: give --principals, --actions and --resources")
    text = _render(answer, "json" if as_json else form, output, color)
    if redact:
        from policyeval.rendering.redact import redact as hide

        text = hide(text)
    write(text, output)
    warnings = warnings_about(setting.environment, answer.actions)
    show_findings((*warnings, *answer.findings), hide_ids=redact)


def _render(answer: Matrix, form: str, output: str | None, color: str) -> str:
    from policyeval.query import tables

    if form == "json":
        return to_json(tables.matrix_to_json(answer), None, ascii_only=is_ascii(output))
    if form == "csv":
        return tables.matrix_to_csv(answer)
    if form == "markdown":
        from policyeval.rendering.markdown import markdown_table

        return markdown_table(tables.matrix_table(answer))
    width = width_of(sys.stdout) if output in (None, "-") else 80
    return as_text(tables.matrix_document(answer, width), output, color)
