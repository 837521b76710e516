"""The requests of a call, and what was decided on each, as a document and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyeval.calls.call import IamRequest
from policyeval.rendering.document import Block, Document, Line, Run, line
from policyeval.rendering.words import counted, joined
from policyeval.value import Value

SCHEMA = "policyeval/needs/1"


class Need(Value):
    """A request of the call; `answer` is `allowed`, `denied` or `unknown` where it was decided.

    `reason` says in words what decided it, `command` is what explains it.
    """

    request: IamRequest
    answer: str = ""
    reason: str = ""
    command: str = ""


class Needs(Value):
    """A call, its requests, and the answer to all of them.

    `answer` is empty where nothing was decided. `free` is why no policy is asked about the call.
    """

    call: str
    needs: tuple[Need, ...]
    principal: str = ""
    answer: str = ""
    free: str = ""


def overall(needs: tuple[Need, ...]) -> str:
    """Give the answer to a call: allowed only where every certain request is (R-FLOW-18)."""
    certain = [need.answer for need in needs if need.request.certain]
    if "denied" in certain:
        return "denied"
    return "allowed" if certain and set(certain) == {"allowed"} else "unknown"


# ---- as a document -------------------------------------------------------------------------


def needs_document(needs: Needs) -> Document:
    """Give the requests block by block: those made in any case, then those made in some."""
    certain = [need for need in needs.needs if need.request.certain]
    others = [need for need in needs.needs if not need.request.certain]
    blocks = [Block("verdict", (_headline(needs, len(certain), len(others)),))]
    if certain:
        blocks.append(Block("requests", tuple(_lines(certain))))
    if others:
        title = line(Run("heading", "in some cases"))
        blocks.append(Block("others", tuple(_lines(others)), title))
    commands = [need for need in certain if need.command]
    if commands:
        lines = tuple(line(need.command, indent=2, whole=True) for need in commands)
        blocks.append(Block("next", lines, line(Run("heading", "why"))))
    return tuple(blocks)


def _headline(needs: Needs, certain: int, others: int) -> Line:
    if needs.free:
        return line(Run("strong", needs.call), f": no policy is asked, since it {needs.free}")
    if needs.answer:
        return line(
            Run(f"verdict.{needs.answer}", needs.answer.upper()),
            "  ",
            Run("strong", needs.call),
            f" as {needs.principal}: {_summary(needs, certain)}{_more(certain, others)}",
        )
    made = f"makes {counted(certain, 'request')}" if certain else "makes no request for certain"
    return line(Run("strong", needs.call), f" {made}{_more(certain, others)}")


def _summary(needs: Needs, certain: int) -> str:
    """How many of the certain requests have the answer that the call has."""
    words = {"allowed": "allowed", "denied": "denied", "unknown": "undetermined"}
    alike = [need for need in needs.needs if need.request.certain and need.answer == needs.answer]
    if certain == len(alike) == 1:
        return f"its request is {words[needs.answer]}"
    if not certain:
        return "no request is certain"
    if certain == len(alike):
        return f"all {certain} requests are {words[needs.answer]}"
    are = "is" if len(alike) == 1 else "are"
    return f"{len(alike)} of {certain} requests {are} {words[needs.answer]}"


def _more(certain: int, others: int) -> str:
    if not others:
        return ""
    return f", {others} more in some cases" if certain else f", {others} in some cases"


_ROLES = {"allowed": "allow", "denied": "deny", "unknown": "unknown", "": ""}


def _lines(needs: list[Need]) -> Iterator[Line]:
    for need in needs:
        request = need.request
        answer = [Run(_ROLES[need.answer], f"{need.answer:9}")] if need.answer else []
        target = request.resource or f"{request.pattern}  ({_missing(request)})"
        yield line(*answer, Run("strong", request.action), f"  {target}", indent=2, whole=True)
        indent = 4 + 9 * bool(need.answer)
        if need.reason:
            yield line(need.reason, indent=indent, hang=2)
        if request.when:
            yield line(request.when, indent=indent, hang=2)
        for key, value in request.context.items():
            yield line(f"{key} = {_value(value)}", indent=indent, whole=True)
        if request.why:
            yield line(Run("dim", request.why), indent=indent, hang=2)


def _missing(request: IamRequest) -> str:
    if not request.missing:
        return "which resource is not known"
    return f"not told: {joined(request.missing)}"


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


# ---- as JSON -------------------------------------------------------------------------------


def needs_to_json(needs: Needs) -> dict[str, Any]:
    """Give the requests as plain data, with the schema's tag."""
    return {
        "schema": SCHEMA,
        "call": needs.call,
        "principal": needs.principal or None,
        "decision": needs.answer or None,
        "free": needs.free or None,
        "requests": [_need_to_json(need) for need in needs.needs],
    }


def _need_to_json(need: Need) -> dict[str, Any]:
    request = need.request
    return {
        "action": request.action,
        "resource": request.resource or None,
        "pattern": request.pattern,
        "missing": list(request.missing),
        "context": {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in request.context.items()
        },
        "certain": request.certain,
        "when": request.when or None,
        "why": request.why or None,
        "decision": need.answer or None,
        "reason": need.reason or None,
        "explain": need.command or None,
    }
