"""`policyeval why`: explain one decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from policyeval.cli import options
from policyeval.cli.answer import DENIED, check_unknown_as, exit_code
from policyeval.cli.guard import guarded
from policyeval.cli.inputs import Asked, read_question
from policyeval.cli.output import check_colour, check_form, render, together, write
from policyeval.cli.question import Question, question_of
from policyeval.cli.verb import verb_app
from policyeval.decision import Decision
from policyeval.errors import ConfigError
from policyeval.evaluation.engine import evaluate
from policyeval.evaluation.notes import catalogue_notes, policies_to_remark_on
from policyeval.explanation import explain
from policyeval.explanation.tree import Explanation
from policyeval.value import replace

if TYPE_CHECKING:
    from policyeval.explanation.claimed import ClaimCheck

app = verb_app()

EXAMPLES = """\
Examples:

  policyeval why arn:aws:iam::111122223333:user/ana sqs:ListQueues '*' --policy identity=ana.json

  policyeval why deploy s3:PutObject arn:aws:s3:::logs/a --env environment.yaml --context-set vpn

  policyeval why "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: ..."

  aws cloudtrail lookup-events ... | policyeval why - --all --json

  policyeval why --case case.json --json --query 'fixes[0]'
"""


@app.command(epilog=EXAMPLES)
@guarded
def why(
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
    case: options.CaseFile = None,
    case_id: options.CaseId = None,
    exact: options.Exact = False,
    partial: options.Partial = False,
    assume_absent: options.AssumeAbsent = False,
    treat_unknown_as: options.TreatUnknownAs = None,
    form: Annotated[str, typer.Option("--format", help="text, json, markdown or html.")] = "text",
    as_json: options.AsJson = False,
    query: options.Query = None,
    output: options.Output = None,
    color: options.Color = "auto",
    verbose: Annotated[
        int,
        typer.Option(
            "-v",
            "--verbose",
            count=True,
            show_default=False,
            help="Every statement; -vv the trace.",
        ),
    ] = 0,
    quiet: options.Quiet = False,
    redact: options.Redact = False,
    fix: Annotated[bool, typer.Option("--fix", help="Show the fixes alone.")] = False,
    max_fixes: Annotated[int, typer.Option(min=0, help="How many fixes to look for.")] = 3,
    every: Annotated[
        bool,
        typer.Option("--all", help="Explain every request of a pasted text; JSON one a line."),
    ] = False,
    strict_claim: Annotated[
        bool, typer.Option("--strict-claim", help="Exit 1 if AWS's own answer is another one.")
    ] = False,
    with_exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 1 if denied, 3 if undetermined.")
    ] = False,
) -> None:
    """Explain why a request is allowed or denied, and what would make it pass."""
    chosen = check_form(form, as_json, query)
    check_colour(color)
    check_unknown_as(treat_unknown_as)
    if every and chosen == "html":
        raise ConfigError("--all gives text, json or markdown: a page holds one answer")
    question = question_of(context_of_call.params)
    answers = _answers(question, every=every)
    if not quiet:
        texts = [
            render(
                explained(asked, decision, check, max_fixes),
                chosen,
                verbose=verbose,
                colour=color,
                query=query,
                only_fixes=fix,
                target=output,
                one_line=every,
            )
            for asked, decision, check in answers
        ]
        write(together(texts, chosen, redact=redact), output)
    if strict_claim and any(check.disagrees for _, _, check in answers if check is not None):
        raise typer.Exit(DENIED)
    if with_exit_code or quiet:
        raise typer.Exit(max(exit_code(decision, treat_unknown_as) for _, decision, _ in answers))


Answer = tuple[Asked, Decision, "ClaimCheck | None"]


def _answers(question: Question, *, every: bool) -> list[Answer]:
    """Decide what was asked: one request, or all those of a pasted text."""
    if question.paste is None:
        asked = read_question(question)
        return [(asked, evaluate(asked.request, asked.policies), None)]
    from policyeval.cli.paste import first_of, read_pasted, show_skipped

    found, skipped = read_pasted(question)
    if every:
        show_skipped(skipped)
    return [_answer(asked) for asked in (found if every else first_of(found, skipped))]


def _answer(asked: Asked) -> Answer:
    claim = asked.pasted.claim if asked.pasted is not None else None
    if claim is None:
        return asked, evaluate(asked.request, asked.policies), None
    from policyeval.explanation.claimed import decide_claimed

    return asked, *decide_claimed(asked.request, asked.policies, claim, asked.typed)


def explained(
    asked: Asked, decision: Decision, check: ClaimCheck | None, max_fixes: int
) -> Explanation:
    """Explain a decision, with what there is to say about the text it was read from."""
    explanation = explain(decision, max_fixes=max_fixes)
    notes = catalogue_notes(decision, policies_to_remark_on(decision))
    return replace(
        explanation,
        findings=(*asked.findings, *explanation.findings, *notes),
        pasted=asked.pasted,
        check=check,
    )
