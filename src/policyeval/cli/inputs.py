"""From the options of a question to a request and the policies that answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from policyeval.cli.files import read_bytes, shown_name
from policyeval.cli.question import Question, refuse_contradictions
from policyeval.cli.world import World, principal_in, read_world, resource_in
from policyeval.context import ABSENT, Facts
from policyeval.errors import ConfigError, PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.request import Request
from policyeval.source import Location, Source
from policyeval.stack import PolicySource
from policyeval.value import Value, replace

if TYPE_CHECKING:
    from policyeval.case import Case
    from policyeval.environment.model import Environment
    from policyeval.paste.pasted import Pasted


class Asked(Value):
    """A request, the policies for it, and what there is to remark on both.

    `pasted` is what the request was read from; None where it was typed. `typed` is the same request
    with the assumptions of a typed one; None where the options say what is not given.
    """

    request: Request
    policies: PolicySource
    findings: tuple[Finding, ...] = ()
    pasted: Pasted | None = None
    typed: Request | None = None


def read_question(question: Question) -> Asked:
    """Give the request and its policies; raises PolicyEvalError where one cannot be made."""
    refuse_contradictions(question)
    if question.case_file is not None:
        return from_case(read_bytes(question.case_file), question.case_file, question.case_id)
    if question.paste is not None:
        raise ConfigError("the question lacks action and resource: give PRINCIPAL ACTION RESOURCE")
    missing = [
        name for name in ("principal", "action", "resource") if getattr(question, name) is None
    ]
    if missing:
        raise ConfigError(
            f"the question lacks {' and '.join(missing)}: give PRINCIPAL ACTION RESOURCE, or the "
            "flags --principal, --action, --resource"
        )
    world = read_world(question)
    return Asked(_request(question, world.environment), world.policies, world.findings)


class Wanted(Value):
    """One of several requests that a question is about; `context` yields to the question's own."""

    action: str
    resource: str
    context: Mapping[str, Any] = {}


def read_each(question: Question, world: World, wanted: Sequence[Wanted]) -> list[Asked]:
    """Give several requests of one caller, named by its ARN, in one world."""
    given = context_of(question, world.environment)
    folded = {key.lower() for key in given}
    asked = []
    for each in wanted:
        derived = {key: value for key, value in each.context.items() if key.lower() not in folded}
        request = Request.of(
            question.principal or "",
            each.action,
            each.resource,
            {**derived, **given},
            resource_account=question.resource_account,
            facts=facts_of(question, Facts.TYPED),
        )
        asked.append(Asked(request, world.policies, world.findings))
    return asked


def from_case(data: bytes, name: str, case_id: str | None) -> Asked:
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


def _request(question: Question, environment: Environment | None) -> Request:
    return Request.of(
        principal_in(environment, question),
        question.action or "",
        resource_in(environment, question),
        context_of(question, environment),
        resource_account=question.resource_account,
        facts=facts_of(question, Facts.TYPED),
    )


def facts_of(question: Question, usual: Facts) -> Facts:
    """Give what it means that a fact is not given: as the options say, else as usual."""
    if question.partial:
        return Facts.PARTIAL
    return Facts.COMPLETE if question.assume_absent else usual


def context_of(question: Question, environment: Environment | None) -> dict[str, Any]:
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
