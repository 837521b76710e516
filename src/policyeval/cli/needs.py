"""`policyeval needs`: which IAM requests a call makes, and whether they are allowed."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from policyeval.calls.call import ApiCall, IamRequest
from policyeval.calls.command_line import Typed, read_typed, requests_of_typed
from policyeval.cli import options
from policyeval.cli.answer import ALLOWED, DENIED, check_unknown_as, undetermined
from policyeval.cli.guard import guarded
from policyeval.cli.verb import verb_app
from policyeval.errors import ConfigError
from policyeval.parsing.defect import quote

if TYPE_CHECKING:
    from policyeval.cli.question import Question
    from policyeval.decision import Decision
    from policyeval.rendering.needs import Need

app = verb_app()

EXAMPLES = """\
Examples:

  policyeval needs s3.head_bucket --parameters '{"Bucket": "tamagotchi"}'

  policyeval needs aws s3 cp a.json s3://tamagotchi/saves/ --as keeper

  policyeval needs "aws s3 mv s3://a/b s3://c/d" --as-policy

The parameters of the call may be options too. Put an AWS CLI command in quotes where an option of
it is also one of policyeval's.
"""

_CALL_SETTINGS = {"ignore_unknown_options": True, "allow_extra_args": True}
_LAYERS = (
    "scp",
    "rcp",
    "vpc_endpoint",
    "resource",
    "identity",
    "boundary",
    "session",
    "trust",
    "key",
)


@app.command(epilog=EXAMPLES, context_settings=_CALL_SETTINGS)
@guarded
def needs(
    context_of_call: typer.Context,
    call: Annotated[
        list[str] | None,
        typer.Argument(help="`service.operation` with its parameters, or `aws ...`."),
    ] = None,
    parameters: Annotated[
        str | None,
        typer.Option(metavar="FILE|JSON", help="The call's parameters as a JSON or YAML map."),
    ] = None,
    region: Annotated[str, typer.Option(help="Where the call goes.")] = "",
    account: Annotated[str, typer.Option(help="The caller's account.")] = "",
    partition: Annotated[str, typer.Option(help="aws, aws-cn, aws-us-gov.")] = "aws",
    principal: Annotated[
        str | None, typer.Option("--as", metavar="PRINCIPAL", help="Decide the requests for it.")
    ] = None,
    as_policy: Annotated[
        bool, typer.Option("--as-policy", help="Print the policy that allows the call.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="With --as-policy: what is needed in some cases, too.")
    ] = False,
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
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    as_json: options.AsJson = False,
    output: Annotated[
        str | None, typer.Option("-o", metavar="FILE", help="Write to a file.")
    ] = None,
    color: Annotated[str, typer.Option(help="auto, always or never.")] = "auto",
    quiet: options.Quiet = False,
) -> None:
    """List the IAM requests that a call makes; --as decides them: exit 0, 1 denied, 3 unknown."""
    from policyeval.cli.output import check_colour
    from policyeval.rendering.needs import Needs

    check_unknown_as(treat_unknown_as)
    check_colour(color)
    _check(form, account, every, as_policy)
    words = [*(call or ()), *context_of_call.args, *_parameters_named_policy(policy)]
    typed = read_typed(words, _read_text, _read_parameters(parameters))
    where = ApiCall("", "", {}, partition, region, account)
    if principal is None:
        found: tuple[Need, ...] = _undecided(requests_of_typed(typed, where))
        answer = ""
    else:
        found, answer, principal = _decided(typed, where, context_of_call.params)
    if not quiet:
        result = Needs(typed.name, found, principal or "", answer, typed.free)
        _print(result, "policy" if as_policy else "json" if as_json else form, output, color, every)
    if answer and not as_policy:
        raise typer.Exit(
            {"allowed": ALLOWED, "denied": DENIED}.get(answer, undetermined(treat_unknown_as))
        )


def _check(form: str, account: str, every: bool, as_policy: bool) -> None:
    from policyeval.arn import is_account_id

    if form not in ("text", "json"):
        raise ConfigError(f"`{form}` is no format: use text or json")
    if account and not is_account_id(account):
        raise ConfigError(f"{quote(account)} is no account id: expected 12 digits")
    if every and not as_policy:
        raise ConfigError("--all goes with --as-policy")


def _parameters_named_policy(policies: list[str] | None) -> list[str]:
    """A `--policy` that names no layer is a parameter of the call: that of put_bucket_policy."""
    words: list[str] = []
    for text in list(policies or ()):
        layer = text.partition("=")[0].strip().lower().replace("-", "_")
        if layer not in _LAYERS and policies is not None:
            policies.remove(text)
            words += ["--policy", text]
    return words


def _read_text(name: str) -> str:
    from policyeval.cli.files import read_bytes

    try:
        return read_bytes(name).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{quote(name)} is no UTF-8 text") from None


def _read_parameters(given: str | None) -> Mapping[str, Any]:
    """Give the map of `--parameters`: JSON in the argument itself, or a file of JSON or YAML."""
    if given is None:
        return {}
    from policyeval.environment.yaml_tree import read_tree
    from policyeval.errors import PolicyEvalError

    inline = given.lstrip().startswith("{")
    name = "--parameters" if inline else "stdin" if given == "-" else given
    node, findings = read_tree(given if inline else _read_text(given), name)
    errors = tuple(finding for finding in findings if finding.is_error)
    if node is None or errors:
        raise PolicyEvalError(f"{quote(name)} cannot be read", errors)
    tree = node.plain()
    if not isinstance(tree, dict):
        raise ConfigError(f"{quote(name)} holds no map of parameters")
    return tree


def _undecided(requests: Sequence[IamRequest]) -> tuple[Need, ...]:
    from policyeval.rendering.needs import Need

    return tuple(Need(request) for request in requests)


def _decided(
    typed: Typed, where: ApiCall, given: Mapping[str, Any]
) -> tuple[tuple[Need, ...], str, str]:
    """Decide every request whose resource is known; give them, the answer, and the principal."""
    from policyeval.cli.inputs import Wanted, read_each
    from policyeval.cli.question import refuse_contradictions
    from policyeval.cli.world import principal_in, read_environment, world_around
    from policyeval.evaluation.engine import evaluate
    from policyeval.rendering.needs import Need, overall
    from policyeval.value import replace

    question = _question(given)
    refuse_contradictions(question)
    environment = read_environment(question)
    arn = principal_in(environment, question)
    parts = arn.split(":")
    account = where.account or (parts[4] if len(parts) > 4 else "")
    partition = parts[1] if len(parts) > 4 and parts[0] == "arn" else where.partition
    requests = requests_of_typed(typed, replace(where, account=account, partition=partition))
    if environment is not None:
        requests = tuple(_completed(request, environment) for request in requests)
    known = [request for request in requests if request.resource]
    wanted = [Wanted(each.action, each.resource, each.context) for each in known]
    # How a resource policy is read hangs on the action: a role's is its trust policy.
    action = known[0].action if known else None
    asking = replace(question, principal=arn, action=action)
    asked = read_each(asking, world_around(environment, asking), wanted)
    decisions = {
        id(request): evaluate(each.request, each.policies)
        for request, each in zip(known, asked, strict=True)
    }
    found = []
    for request in requests:
        decision = decisions.get(id(request))
        if decision is None:
            found.append(Need(request, "unknown", "the resource is not known"))
            continue
        command = "" if decision.allowed else _why(question, request, given)
        found.append(Need(request, _word(decision), _reason(decision), command))
    shown = str(question.principal or "")
    answer = "allowed" if typed.free else overall(tuple(found))
    return tuple(found), answer, shown


def _question(given: Mapping[str, Any]) -> Question:
    from policyeval.cli.question import question_of

    asked = dict.fromkeys(("principal", "action", "resource", "action_flag", "resource_flag"))
    return question_of({**given, **asked, "principal_flag": given["principal"]})


def _completed(request: IamRequest, environment: Any) -> IamRequest:
    """What a call does not tell of a resource, and an environment does.

    The key behind an alias; the path of a role, user or group that a call names without it.
    """
    from policyeval.errors import PolicyEvalError
    from policyeval.value import replace

    alias = next((text for text in request.missing if text.startswith("the key behind ")), "")
    if alias:
        try:
            found = environment.resource_arn(alias.removeprefix("the key behind "))
        except PolicyEvalError:
            return request
        return replace(request, resource=found, missing=()) if ":key/" in found else request
    head, _, name = request.resource.rpartition("/")
    if request.action.startswith("iam:") and name and head.count(":") == 5 and "/" not in head:
        arns = [identity.arn for identity in environment.identities.values()]
        fitting = [arn for arn in arns if arn.startswith(f"{head}/") and arn.endswith(f"/{name}")]
        if len(fitting) == 1:
            return replace(request, resource=fitting[0], pattern=fitting[0])
    return request


def _word(decision: Decision) -> str:
    from policyeval.cli.answer import word

    return word(decision)


def _reason(decision: Decision) -> str:
    """Say which layer decided, or which facts are missing."""
    if decision.unknown:
        return f"hangs on {', '.join(decision.missing)}"
    if decision.allowed or decision.decided_by is None:
        return ""
    from policyeval.rendering.words import layer_noun

    kind = "explicit deny in" if "explicit" in decision.verdict.value else "no allow in"
    return f"{kind} {layer_noun(decision.decided_by, decision.request)}"


_WORLD = (
    ("env", "--env"),
    ("policies", "--policies"),
    ("policy", "--policy"),
    ("session_policy", "--session-policy"),
    ("vpc_endpoint", "--vpc-endpoint"),
    ("resource_account", "--resource-account"),
    ("context_set", "--context-set"),
    ("context_file", "--context-file"),
    ("context", "--context"),
    ("no_context", "--no-context"),
    ("at", "--at"),
)


def _why(question: Question, request: IamRequest, given: Mapping[str, Any]) -> str:
    """Give the command that explains the decision on a request."""
    words = ["policyeval", "why", str(question.principal), request.action, request.resource]
    told = {pair.partition("=")[0].lower() for pair in question.context}
    for key, value in request.context.items():
        if key.lower() not in told:
            for text in value if isinstance(value, (list, tuple)) else [value]:
                words += ["--context", f"{key}={text}"]
    for name, flag in _WORLD:
        value = given.get(name)
        for text in value if isinstance(value, list) else [value] if value else []:
            words += [flag, str(text)]
    words += [
        flag
        for name, flag in (
            ("exact", "--exact"),
            ("partial", "--partial"),
            ("assume_absent", "--assume-absent"),
        )
        if given.get(name)
    ]
    return shlex.join(words)


def _print(result: Any, form: str, output: str | None, color: str, every: bool) -> None:
    from policyeval.cli.output import only_ascii, style_for, to_json, width_of, write

    to_stdout = output in (None, "-")
    plain = to_stdout and only_ascii(sys.stdout)
    if form == "policy":
        from policyeval.calls.grant import grant

        kept = [need.request for need in result.needs if need.request.certain or every]
        text = to_json(grant(kept), None, ascii_only=plain)
    elif form == "json":
        from policyeval.rendering.needs import needs_to_json

        text = to_json(needs_to_json(result), None, ascii_only=plain)
    else:
        from policyeval.rendering.needs import needs_document
        from policyeval.rendering.text import render_document

        text = render_document(
            needs_document(result),
            width=width_of(sys.stdout) if to_stdout else 80,
            style=style_for(sys.stdout, color) if to_stdout or color == "always" else None,
            ascii_only=plain,
        )
    write(text, output)
