"""`policyeval can`: one word and an exit code, for scripts."""

from __future__ import annotations

import sys

import typer

from policyeval.cli import options
from policyeval.cli.answer import check_unknown_as, exit_code, word
from policyeval.cli.guard import guarded, show_warnings
from policyeval.cli.inputs import Asked, Question, question_of, read_question
from policyeval.cli.verb import verb_app
from policyeval.decision import Decision
from policyeval.evaluation.engine import evaluate
from policyeval.evaluation.notes import attached_policies, catalogue_notes, findings_of

app = verb_app()

EXAMPLES = """\
Examples:

  policyeval can deploy s3:GetObject arn:aws:s3:::logs/a.log --env environment.yaml && echo yes

  policyeval can arn:aws:iam::111122223333:user/ana sqs:ListQueues '*' --policy identity=ana.json

  policyeval can deploy ec2:RunInstances '*' --treat-unknown-as deny
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
    quiet: options.Quiet = False,
) -> None:
    """Say whether a request is allowed: one word; exit 0 allowed, 1 denied, 3 unknown."""
    check_unknown_as(treat_unknown_as)
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


def _name_what_was_not_given(decision: Decision) -> None:
    """A denial by a layer of which nothing was given is said to be one (R-FLOW-20)."""
    layer = decision.decided_by
    if layer is not None and decision.layer(layer).assumed:
        sys.stderr.write(f"no {layer.value} policy was given, and one must allow\n")
