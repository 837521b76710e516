"""`policyeval can`: one word and an exit code, for scripts."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from policyeval.cli import options
from policyeval.cli.answer import check_unknown_as, exit_code, word
from policyeval.cli.guard import guarded, show_warnings
from policyeval.cli.inputs import Asked, read_question
from policyeval.cli.question import Question, is_text, question_of
from policyeval.cli.verb import verb_app
from policyeval.decision import Decision
from policyeval.errors import ConfigError
from policyeval.evaluation.engine import evaluate
from policyeval.evaluation.notes import attached_policies, catalogue_notes, findings_of

app = verb_app()

EXAMPLES = """\
Examples:

  policyeval can deploy s3:GetObject arn:aws:s3:::logs/a.log --env environment.yaml && echo yes

  policyeval can arn:aws:iam::111122223333:user/ana sqs:ListQueues '*' --policy identity=ana.json

  policyeval can deploy ec2:RunInstances '*' --treat-unknown-as deny

  policyeval can deploy --on arn:aws:s3:::logs
"""


@app.command(epilog=EXAMPLES)
@guarded
def can(
    context_of_call: typer.Context,
    principal: options.Principal = None,
    action: options.Action = None,
    resource: options.Resource = None,
    principal_flag: options.PrincipalFlag = None,
    action_flag: options.ActionFlag = None,
    resource_flag: options.ResourceFlag = None,
    resource_account: options.ResourceAccount = None,
    context: options.Context = None,
    no_context: options.NoContext = None,
    context_file: options.ContextFile = None,
    context_set: options.ContextSet = None,
    at: options.At = None,
    policy: options.PolicyFiles = None,
    policies: options.PolicyFolder = None,
    env: options.Env = None,
    session_policy: options.SessionPolicy = None,
    vpc_endpoint: options.VpcEndpoint = None,
    exact: options.Exact = False,
    partial: options.Partial = False,
    assume_absent: options.AssumeAbsent = False,
    treat_unknown_as: options.TreatUnknownAs = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="RESOURCE", help="List the actions on this one.")
    ] = None,
    as_policy: Annotated[
        bool, typer.Option("--as-policy", help="List as one policy that allows no more.")
    ] = False,
    conditions: Annotated[
        bool,
        typer.Option("--conditions", help="List what it could, if the call came as wanted."),
    ] = False,
    as_json: options.AsJson = False,
    output: options.Output = None,
    color: options.Color = "auto",
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="List every action in full.")
    ] = False,
    quiet: options.Quiet = False,
    redact: options.Redact = False,
) -> None:
    """Say whether a request is allowed, in one word; with PRINCIPAL alone, list what it can do.

    Exit 0 allowed or listed, 1 denied, 3 unknown.
    """
    check_unknown_as(treat_unknown_as)
    if is_listing(context_of_call.params):
        from policyeval.cli.listing import list_what_it_can

        list_what_it_can(context_of_call.params)
        return
    asked = _asked(question_of(context_of_call.params))
    decision = evaluate(asked.request, asked.policies)
    if not quiet:
        sys.stdout.write(word(decision) + "\n")
        attached = attached_policies(decision)
        notes = catalogue_notes(decision, attached)
        show_warnings((*asked.findings, *findings_of(decision, attached), *notes))
        _name_what_was_not_given(decision)
    if decision.unknown and not quiet:
        sys.stderr.write(f"missing: {', '.join(decision.missing)}\n")
    raise typer.Exit(exit_code(decision, treat_unknown_as))


def _asked(question: Question) -> Asked:
    if question.paste is None:
        return read_question(question)
    from policyeval.cli.paste import first_of, read_pasted

    return first_of(*read_pasted(question))[0]


def is_listing(options: Mapping[str, Any]) -> bool:
    """Tell whether the question names a principal alone; a paste is no name."""
    only = ("on", "as_policy", "conditions", "as_json", "output", "redact", "verbose")
    listing = [name for name in only if options[name]]
    asked = [options[name] or options[f"{name}_flag"] for name in ("action", "resource")]
    principal = options["principal"] or options["principal_flag"] or ""
    if any(asked):
        if listing:
            flag = {"as_json": "json"}.get(listing[0], listing[0]).replace("_", "-")
            raise ConfigError(f"--{flag} is for a list: ask `can PRINCIPAL`, without an action")
        return False
    return bool(principal) and (not is_text(principal) or bool(listing))


def _name_what_was_not_given(decision: Decision) -> None:
    """A denial by a layer of which nothing was given is said to be one (R-FLOW-20)."""
    layer = decision.decided_by
    if layer is not None and decision.layer(layer).assumed:
        sys.stderr.write(f"no {layer.value} policy was given, and one must allow\n")
