"""From the options of a question to a request and the policies that answer it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policyeval.cli.files import read_bytes, shown_name
from policyeval.context import ABSENT, Facts
from policyeval.errors import ConfigError, PolicyEvalError, PolicySyntaxError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.policy import read_policy
from policyeval.policy import Effect, Policy, PolicyType
from policyeval.request import Request
from policyeval.source import Location, Source
from policyeval.stack import AttachedPolicy, Layer, PolicySource, PolicyStack, policy_type
from policyeval.value import Value, replace

if TYPE_CHECKING:
    from policyeval.case import Case
    from policyeval.environment.model import Environment


class Question(Value):
    """The options of one question, as given."""

    principal: str | None = None
    action: str | None = None
    resource: str | None = None
    resource_account: str | None = None
    context: tuple[str, ...] = ()
    no_context: tuple[str, ...] = ()
    context_file: str | None = None
    context_set: str | None = None
    at: str | None = None
    policy_files: tuple[str, ...] = ()
    policy_folder: str | None = None
    environment_file: str | None = None
    session_policies: tuple[str, ...] = ()
    vpc_endpoint: str | None = None
    case_file: str | None = None
    case_id: str | None = None
    exact: bool = False
    partial: bool = False
    assume_absent: bool = False


def question_of(options: Mapping[str, Any]) -> Question:
    """Give the question that a verb's options ask, by the names of its parameters."""

    def several(name: str) -> tuple[str, ...]:
        return tuple(options.get(name) or ())

    def either(name: str) -> str | None:
        positional: str | None = options[name]
        flag: str | None = options[f"{name}_flag"]
        if positional is not None and flag is not None:
            raise ConfigError(f"{name} is given twice: `{positional}` and --{name} `{flag}`")
        return positional if positional is not None else flag

    return Question(
        either("principal"),
        either("action"),
        either("resource"),
        options["resource_account"],
        several("context"),
        several("no_context"),
        options["context_file"],
        options["context_set"],
        options["at"],
        several("policy"),
        options["policies"],
        options["env"],
        several("session_policy"),
        options["vpc_endpoint"],
        options.get("case"),
        options.get("case_id"),
        options["exact"],
        options["partial"],
        options["assume_absent"],
    )


class Asked(Value):
    """A request, the policies for it, and what there is to remark on both."""

    request: Request
    policies: PolicySource
    findings: tuple[Finding, ...] = ()


def read_question(question: Question) -> Asked:
    """Give the request and its policies; raises PolicyEvalError where one cannot be made."""
    _refuse_contradictions(question)
    if question.case_file is not None:
        return _from_case(read_bytes(question.case_file), question.case_file, question.case_id)
    if question.principal is not None and question.action is None:
        return _from_paste(question)
    missing = [
        name for name in ("principal", "action", "resource") if getattr(question, name) is None
    ]
    if missing:
        raise ConfigError(
            f"the question lacks {' and '.join(missing)}: give PRINCIPAL ACTION RESOURCE, or the "
            "flags --principal, --action, --resource"
        )
    environment = _environment(question)
    request = _request(question, environment)
    stack, findings = _one_off_policies(question)
    if environment is None:
        return Asked(request, stack, findings)
    return Asked(request, _Overlaid(environment, stack), findings)


def _refuse_contradictions(question: Question) -> None:
    """Of two options that exclude each other, none is quietly ignored."""
    asked = question.principal is not None or question.action is not None
    for both, words in (
        (question.partial and question.assume_absent, "--partial and --assume-absent"),
        (question.environment_file and question.policy_folder, "--env and --policies"),
        (question.case_file and asked, "--case and a question"),
        (question.case_id and question.action, "--id and a question"),
    ):
        if both:
            raise ConfigError(f"{words} contradict each other: give one of them")
    files = [pair.partition("=")[2] for pair in question.policy_files]
    files += [*question.session_policies, question.context_file or "", question.case_file or ""]
    files += [question.principal or ""] if question.action is None else []
    if files.count("-") > 1:
        raise ConfigError("standard input can be read once, and `-` stands here twice")


def _from_paste(question: Question) -> Asked:
    """A single argument is a case in JSON, or `-` for one from standard input."""
    text = question.principal or ""
    data = read_bytes("-") if text == "-" else text.encode()
    if data.lstrip()[:1] == b"{":
        return _from_case(data, "stdin" if text == "-" else "argument", question.case_id)
    raise ConfigError(
        "a single argument must be a case in JSON, as `policyeval schema case` describes it; "
        "or ask with three: PRINCIPAL ACTION RESOURCE"
    )


def _from_case(data: bytes, name: str, case_id: str | None) -> Asked:
    """Read a file with one case, or pick one of several by its id."""
    shown = shown_name(name)
    texts = _texts_of(data)
    if len(texts) > 1 and case_id is None:
        raise ConfigError(f"`{shown}` holds {len(texts)} cases: pick one with --id")
    problem: PolicyEvalError | None = None
    for line, text in texts:
        try:
            case, source = _read_case(text, shown, line)
        except PolicyEvalError as error:
            problem = problem or error
            continue
        if case_id in (None, case.id):
            return Asked(case.to_request(), case.to_stack(source))
    if problem is not None:
        raise problem
    raise ConfigError(f"`{shown}` holds no case with the id `{case_id}`")


def _texts_of(data: bytes) -> list[tuple[int, bytes]]:
    """The cases of a file with their first lines: one JSON text, or one on each line."""
    lines = [(n, line) for n, line in enumerate(data.splitlines(), start=1) if line.strip()]
    first = lines[0][1].strip() if lines else b""
    one_on_each = len(lines) > 1 and first[:1] == b"{" and first[-1:] == b"}"
    return lines if one_on_each else [(1, data)]


def _read_case(text: bytes, name: str, line: int) -> tuple[Case, Source]:
    from policyeval.case import Case
    from policyeval.parsing.document import read_document

    tree, source, findings = read_document(text, name)
    if tree is None or any(finding.is_error for finding in findings):
        raise PolicyEvalError(f"`{name}` holds no case", findings)
    return Case.of(tree), replace(source, line=line)


def _environment(question: Question) -> Any:
    """Load the environment that the options name, or the nearest one upward; None for neither."""
    if question.environment_file is not None:
        from policyeval.environment.file import load_environment

        return load_environment(question.environment_file)
    if question.policy_folder is not None:
        from policyeval.environment.folder import load_folder

        return load_folder(question.policy_folder)
    for folder in (Path.cwd(), *Path.cwd().parents):
        found = folder / "environment.yaml"
        if found.is_file():
            from policyeval.environment.file import load_environment

            shown = os.path.relpath(found)
            sys.stderr.write(f"environment: {shown}\n")
            return load_environment(shown)
    return None


def _request(question: Question, environment: Any) -> Request:
    principal, resource = question.principal or "", question.resource or ""
    if environment is not None and not question.exact:
        principal = environment.principal_arn(principal)
        resource = environment.resource_arn(resource)
    return Request.of(
        principal,
        question.action or "",
        resource,
        _context(question, environment),
        resource_account=question.resource_account,
        facts=_facts(question),
    )


def _context(question: Question, environment: Any) -> dict[str, Any]:
    """Put the context together: named set, file, time, endpoint, then the single keys."""
    context: dict[str, Any] = {}
    if question.context_set is not None:
        if environment is None:
            raise ConfigError("--context-set needs an environment")
        context |= environment.context(question.context_set)
    if question.context_file is not None:
        context |= _read_map(question.context_file)
    if question.at is not None:
        context |= _time(question.at)
    if question.vpc_endpoint is not None:
        context["aws:SourceVpce"] = question.vpc_endpoint
    return _with_single_keys(context, question)


def _with_single_keys(context: dict[str, Any], question: Question) -> dict[str, Any]:
    """Add `--context KEY=VALUE` and `--no-context KEY`; letter case does not tell keys apart."""
    spelled: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for pair in question.context:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise ConfigError(f"{quote(pair)} is no KEY=VALUE for --context")
        values.setdefault(key.lower(), []).append(value)
        spelled.setdefault(key.lower(), key)
    for key in question.no_context:
        if key.lower() in values:
            raise ConfigError(f"`{key}` is given by --context and absent by --no-context")
        spelled.setdefault(key.lower(), key)
    kept = {key: value for key, value in context.items() if key.lower() not in spelled}
    for folded, key in spelled.items():
        found = values.get(folded)
        kept[key] = ABSENT if found is None else found[0] if len(found) == 1 else found
    return kept


def _read_map(name: str) -> dict[str, Any]:
    """Read a map of context keys, in YAML or JSON."""
    from policyeval.environment.yaml_tree import read_tree

    shown = shown_name(name)
    try:
        text = read_bytes(name).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"`{shown}` is no UTF-8 text") from None
    node, findings = read_tree(text, shown)
    errors = [finding for finding in findings if finding.is_error]
    if node is None or errors:
        raise PolicyEvalError(f"`{shown}` cannot be read", tuple(errors))
    if not isinstance(node.value, dict):
        errors.append(_no_context("this is no map of context keys", node.location))
    else:
        errors += [
            _no_context(f"{quote(key)} has no string, number, boolean or list", value.location)
            for key, value in node.value.items()
            if isinstance(value.value, dict) or _is_nested(value.plain())
        ]
    if errors:
        raise PolicyEvalError(f"`{shown}` cannot be read", tuple(errors))
    tree: dict[str, Any] = node.plain()
    return tree


def _is_nested(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, (list, dict)) for item in value)


def _no_context(message: str, location: Location) -> Finding:
    help_ = "a context is a map: `aws:SourceIp: 203.0.113.9`, `aws:TagKeys: [team, cost]`"
    return Finding("PE0905", Severity.ERROR, message, location, help_)


def _time(text: str) -> dict[str, Any]:
    from policyeval.literals import read_instant

    if text == "now":
        from datetime import UTC, datetime

        text = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    instant = read_instant(text)
    if instant is None:
        raise ConfigError(f"{quote(text)} is no time for --at: write it like 2026-05-01T10:00:00Z")
    return {"aws:CurrentTime": text, "aws:EpochTime": str(instant[0])}


def _one_off_policies(question: Question) -> tuple[PolicyStack, tuple[Finding, ...]]:
    """Read `--policy LAYER=FILE` and `--session-policy FILE`."""
    pairs = [pair.partition("=") for pair in question.policy_files]
    if "" in question.session_policies:
        raise ConfigError("--session-policy needs the name of a file")
    pairs += [("session", "=", name) for name in question.session_policies]
    layers: dict[Layer, list[AttachedPolicy]] = {}
    broken: list[Finding] = []
    for word, equals, name in pairs:
        layer = _layer(word) if equals and name else None
        if layer is None:
            raise ConfigError(
                f"`{word}{equals}{name}` is no LAYER=FILE; layers are "
                f"{', '.join(each.value for each in Layer)}"
            )
        policy = _read_file(name, policy_type(layer, question.action or ""), broken)
        if policy is not None:
            layers.setdefault(layer, []).append(AttachedPolicy(policy, policy.source.name))
    if broken:
        raise PolicySyntaxError(broken[0].message, tuple(broken))
    findings = _with_full_access(layers)
    return PolicyStack.of({**layers}), findings


def _layer(word: str) -> Layer | None:
    """A layer's word; `trust` and `key` are resource policies too."""
    folded = word.strip().lower().replace("-", "_")
    if folded in ("trust", "key"):
        return Layer.RESOURCE_POLICY
    return next((layer for layer in Layer if layer.value == folded), None)


def _read_file(name: str, type_: PolicyType, broken: list[Finding]) -> Policy | None:
    policy, findings = read_policy(read_bytes(name), name=shown_name(name), type=type_)
    broken.extend(finding for finding in findings if finding.is_error)
    return policy


def _with_full_access(layers: dict[Layer, list[AttachedPolicy]]) -> tuple[Finding, ...]:
    """Take FullAWSAccess to be attached beside SCPs that hold nothing but Deny, and say so."""
    layer = Layer.SERVICE_CONTROL_POLICY
    given = layers.get(layer, [])
    statements = [statement for item in given for statement in item.policy.statements]
    if not given or any(statement.effect is Effect.ALLOW for statement in statements):
        return ()
    from policyeval.environment.builtin import FULL_ACCESS, attach_built_in

    given.append(attach_built_in(FULL_ACCESS))
    return (
        Finding(
            "PE1411",
            Severity.NOTE,
            "the service control policies given hold no Allow: FullAWSAccess, which AWS attaches "
            "by default, is taken to be attached beside them",
            help="give all policies of the level with --policy scp=FILE to decide without it",
        ),
    )


class _Overlaid:
    """An environment whose answer is overlaid by one-off policies, layer by layer."""

    def __init__(self, environment: PolicySource, stack: PolicyStack) -> None:
        self._environment = environment
        self._stack = stack

    def resolve(self, request: Request) -> tuple[Request, PolicyStack]:
        """Give the environment's stack with the layers that were given beside it."""
        request, found = self._environment.resolve(request)
        return request, replace(found, layers={**found.layers, **self._stack.layers})


class World(Value):
    """What a question about many is asked in: the environment, the context, the facts."""

    environment: Environment
    context: Mapping[str, Any]
    facts: Facts


def read_world(question: Question) -> World:
    """Give the environment and the context of a question; raises PolicyEvalError without one."""
    _refuse_contradictions(question)
    environment = _environment(question)
    if environment is None:
        raise ConfigError(
            "a question about many needs an environment: give --env FILE or --policies DIR"
        )
    return World(environment, _context(question, environment), _facts(question))


def _facts(question: Question) -> Facts:
    if question.partial:
        return Facts.PARTIAL
    return Facts.COMPLETE if question.assume_absent else Facts.TYPED
