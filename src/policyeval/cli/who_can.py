"""`policyeval who-can`: which principals can do it."""

from __future__ import annotations

from typing import Annotated

import typer

from policyeval.cli import options
from policyeval.cli.answer import ALLOWED, DENIED, check_unknown_as, undetermined
from policyeval.cli.guard import guarded, show_findings
from policyeval.cli.many import (
    account_names,
    as_text,
    is_ascii,
    setting_of,
    warnings_about,
)
from policyeval.cli.output import to_json, write
from policyeval.cli.verb import verb_app
from policyeval.environment.model import Environment
from policyeval.errors import ConfigError
from policyeval.query.holder import WhoCan

app = verb_app()

EXAMPLES = """\
Examples:

  policyeval who-can s3:GetObject arn:aws:s3:::pay/may.csv --env environment.yaml

  policyeval who-can kms:Decrypt alias/app --through-roles

  policyeval who-can s3:DeleteObject pay/may.csv --conditions --json
"""


@app.command(epilog=EXAMPLES)
@guarded
def who_can(
    context_of_call: typer.Context,
    action: Annotated[str, typer.Argument(help="What: `service:Action`.")],
    resource: Annotated[str, typer.Argument(help="On what: an ARN, a short name, or `*`.")],
    through_roles: Annotated[
        bool, typer.Option("--through-roles", help="Also who can assume a role that can.")
    ] = False,
    conditions: Annotated[
        bool,
        typer.Option("--conditions", help="Who could, if the call came as the conditions want it."),
    ] = False,
    group_by: Annotated[str, typer.Option(metavar="account|layer", help="How to group.")] = (
        "account"
    ),
    resource_account: options.ResourceAccount = None,
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
    treat_unknown_as: options.TreatUnknownAs = None,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    as_json: options.AsJson = False,
    output: options.Output = None,
    color: options.Color = "auto",
    quiet: options.Quiet = False,
    redact: options.Redact = False,
) -> None:
    """Say which principals can do an action on a resource; exit 0 some, 1 nobody, 3 perhaps."""
    from policyeval.query.who_can import who_can as ask

    check_unknown_as(treat_unknown_as)
    _check(form, group_by)
    setting = setting_of(context_of_call.params)
    answer = ask(
        setting.environment,
        action,
        resource if exact else setting.environment.resource_arn(resource),
        context=setting.context,
        resource_account=resource_account,
        facts=setting.facts,
        any_context=conditions,
        through_roles=through_roles,
    )
    if not quiet:
        chosen = "json" if as_json else form
        text = _render(answer, setting.environment, chosen, group_by, output, color)
        if redact:
            from policyeval.rendering.redact import redact as hide

            text = hide(text)
        write(text, output)
        warnings = warnings_about(setting.environment, (action,))
        show_findings((*warnings, *answer.findings), hide_ids=redact)
    raise typer.Exit(_exit_code(answer, treat_unknown_as))


def _check(form: str, group_by: str) -> None:
    if form not in ("text", "json"):
        raise ConfigError(f"`{form}` is no format: use text or json")
    if group_by not in ("account", "layer"):
        raise ConfigError(f"`--group-by {group_by}`: expected account or layer")


def _render(
    answer: WhoCan,
    environment: Environment,
    form: str,
    group_by: str,
    output: str | None,
    color: str,
) -> str:
    if form == "json":
        from policyeval.query.json import who_can_to_json

        return to_json(who_can_to_json(answer), None, ascii_only=is_ascii(output))
    from policyeval.query.report import who_can_document

    document = who_can_document(answer, account_names(environment), group_by)
    return as_text(document, output, color)


def _exit_code(answer: WhoCan, treat_unknown_as: str | None) -> int:
    if answer.allowed:
        return ALLOWED
    if answer.perhaps or answer.unasked:
        return undetermined(treat_unknown_as)
    return DENIED
