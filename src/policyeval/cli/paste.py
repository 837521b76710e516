"""From a pasted text, a file or standard input to requests and the policies that answer them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from policyeval.cli.files import is_file, read_bytes, shown_name
from policyeval.cli.inputs import Asked, context_of, facts_of, from_case
from policyeval.cli.question import Question, refuse_contradictions
from policyeval.cli.world import World, principal_in, read_world, resource_in
from policyeval.context import Facts
from policyeval.errors import ConfigError, PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.paste.pasted import NotMapped, Pasted
from policyeval.paste.read import Found, read_paste
from policyeval.rendering.document import visible
from policyeval.value import Value, replace

IN_A_CASE, IN_AN_EVENT = b'"request"', b'"eventName'


def read_pasted(question: Question) -> tuple[list[Asked], list[NotMapped]]:
    """Give what was asked, in order, and the records that make no request.

    Raises PolicyEvalError where the text tells of no request at all, or of one in part alone.
    """
    refuse_contradictions(question)
    argument = question.paste or ""
    data, name = _text_of(argument)
    if _is_case(data):
        return [from_case(data, name, question.case_id)], []
    found = _picked(read_paste(data, shown_name(name)), question)
    world = read_world(question)
    told = _told(question, world)
    asked: list[Asked] = []
    skipped: list[NotMapped] = []
    for each in found:
        if isinstance(each, NotMapped):
            skipped.append(each)
            continue
        try:
            asked.append(_asked(each, told, question, world))
        except PolicyEvalError as error:
            if len(found) == 1:
                raise
            skipped.append(_unasked(each, error))
    if not asked:
        raise _nothing_asked(skipped)
    return asked, skipped


def _text_of(argument: str) -> tuple[bytes, str]:
    """Read standard input for `-`, a file that is named; any other text is meant itself."""
    if argument == "-" or is_file(argument):
        return read_bytes(argument), argument
    return argument.encode("utf-8", "surrogateescape"), "argument"


def _is_case(data: bytes) -> bool:
    """Tell a case of `decide` from what AWS writes: by its keys, before it is read in earnest."""
    return data.lstrip()[:1] == b"{" and IN_A_CASE in data and IN_AN_EVENT not in data


def _picked(found: tuple[Found, ...], question: Question) -> tuple[Found, ...]:
    """Give the records of an id, where one is asked for."""
    if question.case_id is None:
        return found
    picked = tuple(each for each in found if each.name == question.case_id)
    if not picked:
        raise ConfigError(f"nothing pasted has the id `{question.case_id}`")
    return picked


class Told(Value):
    """What the options tell of every request of the text; empty where they do not."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, Any]


def _told(question: Question, world: World) -> Told:
    environment = world.environment
    return Told(
        principal_in(environment, question),
        question.action or "",
        resource_in(environment, question),
        context_of(question, environment),
    )


def _asked(pasted: Pasted, told: Told, question: Question, world: World) -> Asked:
    pasted = _completed(pasted, told, question.resource_account or "")
    if pasted.missing:
        raise _incomplete(pasted)
    request = pasted.to_request(facts_of(question, Facts.PARTIAL))
    as_told = question.partial or question.assume_absent
    typed = None if as_told else pasted.to_request(Facts.TYPED)
    return Asked(request, world.policies, (*world.findings, *pasted.findings), pasted, typed)


def _completed(pasted: Pasted, told: Told, resource_account: str) -> Pasted:
    """Add what the options tell: they win over the text."""
    principal, action, resource = told.principal, told.action, told.resource
    given = {key.lower() for key in told.context}
    kept = {key: value for key, value in pasted.context.items() if key.lower() not in given}
    if principal and principal != pasted.principal:
        # What the text tells of the caller is not told of another one.
        kept = {key: value for key, value in kept.items() if not _is_of_caller(key)}
    other = (
        _is_other(principal, pasted.principal, _caller_name)
        or _is_other(action, pasted.action, str.lower)
        or ("resource" not in pasted.rebuilt and _is_other(resource, pasted.resource, str))
    )
    return replace(
        pasted,
        claim=None if other else pasted.claim,  # AWS answered another request
        principal=principal or pasted.principal,
        action=action or pasted.action,
        resource=resource or pasted.resource,
        context=kept | dict(told.context),
        resource_account=resource_account or pasted.resource_account,
        rebuilt=pasted.rebuilt - ({"resource"} if resource else set()),
    )


def _is_other(given: str, told: str, folded: Callable[[str], str]) -> bool:
    return bool(given and told) and folded(given) != folded(told)


def _caller_name(arn: str) -> str:
    """Account and name: a session and its role, with or without its path, are one caller."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return arn
    kind, _, name = parts[5].partition("/")
    kind, name = ("role", name.partition("/")[0]) if kind == "assumed-role" else (kind, name)
    return f"{parts[4]} {kind} {name.rpartition('/')[2]}"


def _is_of_caller(key: str) -> bool:
    return key.lower().startswith(
        ("aws:principal", "aws:user", "aws:token", "aws:multifactor", "aws:source", "aws:assumed")
    )


def _incomplete(pasted: Pasted) -> PolicyEvalError:
    missing = pasted.missing
    message = f"the {pasted.kind.value} does not tell the {' and the '.join(missing)}"
    flags = " ".join(f"--{part} {part.upper()}" for part in missing)
    said = Finding("PE1711", Severity.ERROR, message, help=f"add {flags}")
    return PolicyEvalError(message, (said, *pasted.findings))


def _unasked(pasted: Pasted, error: PolicyEvalError) -> NotMapped:
    """One of several that cannot be asked hides none of the others."""
    lacking = pasted.missing
    reason = f"it does not tell the {' and the '.join(lacking)}" if lacking else error.message
    return NotMapped(pasted.kind, reason, name=pasted.name, findings=error.findings)


def _nothing_asked(skipped: list[NotMapped]) -> PolicyEvalError:
    first = skipped[0]
    more = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
    message = f"the {first.kind.value} makes no request that policies decide: {first.reason}{more}"
    return PolicyEvalError(message, (Finding("PE1712", Severity.ERROR, message), *first.findings))


def first_of(asked: list[Asked], skipped: list[NotMapped]) -> list[Asked]:
    """Give the one request to explain: the first that AWS denied; say what is left out."""
    denied = [each for each in asked if _is_denied(each)]
    chosen = (denied or asked)[0]
    others = len(asked) + len(skipped) - 1
    if others:
        sys.stderr.write(
            f"1 of {others + 1} requests in this text is explained; --all explains every one\n"
        )
    return [chosen]


def _is_denied(asked: Asked) -> bool:
    claim = asked.pasted.claim if asked.pasted is not None else None
    return claim is not None and not claim.allowed


def show_skipped(skipped: list[NotMapped]) -> None:
    """Say on stderr which records make no request, counted by their reasons."""
    counts = Counter(each.reason for each in skipped)
    for reason, count in counts.most_common():
        sys.stderr.write(f"left out: {count} x {visible(reason)}\n")
