"""Is a decision what a test expects?"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.decision import Decision, StatementRef, Verdict
from policyeval.explanation.explain import explain
from policyeval.explanation.tree import Explanation
from policyeval.policy import Effect
from policyeval.rendering.reasons import verdict_sentence
from policyeval.rendering.words import lines_of, statement_location
from policyeval.stack import GRANTING, Layer
from policyeval.testing.model import Aspect, Expectation, Mismatch, Result, Want

_DENIALS = (Verdict.EXPLICIT_DENY, Verdict.IMPLICIT_DENY)
VERDICTS = {
    Want.ALLOW: (Verdict.ALLOWED,),
    Want.DENY: _DENIALS,
    Want.EXPLICIT_DENY: (Verdict.EXPLICIT_DENY,),
    Want.IMPLICIT_DENY: (Verdict.IMPLICIT_DENY,),
    Want.UNKNOWN: (Verdict.UNKNOWN,),
}
WANTS = {
    Verdict.ALLOWED: Want.ALLOW,
    Verdict.EXPLICIT_DENY: Want.EXPLICIT_DENY,
    Verdict.IMPLICIT_DENY: Want.IMPLICIT_DENY,
    Verdict.UNKNOWN: Want.UNKNOWN,
}
_NOTHING = "none"


def mismatches(expect: Expectation, decision: Decision) -> tuple[Mismatch, ...]:
    """Give what came otherwise than expected; empty where the test passes."""
    if not expect.negated:
        return tuple(_differences(expect, decision))
    if _is_certainly_other(expect, decision):
        return ()
    got = WANTS[decision.verdict].value
    wanted = " ".join(_described(expect))
    return (Mismatch(Aspect.NOT, f"not {wanted}", got),)


def is_met(expect: Expectation, decision: Decision) -> bool:
    """Tell whether the decision is what is expected."""
    if not expect.negated and not expect.gives_reason and not expect.missing:
        return expect.decision is None or decision.verdict in VERDICTS[expect.decision]
    return not mismatches(expect, decision)


def _is_certainly_other(expect: Expectation, decision: Decision) -> bool:
    """An answer that is unknown may still become what must not be."""
    if not any(_differences(expect, decision)):
        return False
    if decision.verdict is not Verdict.UNKNOWN or expect.decision is None:
        return decision.verdict is not Verdict.UNKNOWN
    legal = VERDICTS[expect.decision]
    return not any(each.verdict in legal for each in decision.alternatives)


def _described(expect: Expectation) -> Iterator[str]:
    for aspect in (expect.decision, expect.layer):
        if aspect is not None:
            yield aspect.value
    yield from filter(None, (expect.statement, expect.message, expect.near_miss, *expect.missing))


def _differences(expect: Expectation, decision: Decision) -> Iterator[Mismatch]:
    if expect.decision is not None and decision.verdict not in VERDICTS[expect.decision]:
        yield Mismatch(Aspect.DECISION, expect.decision.value, WANTS[decision.verdict].value)
    if expect.layer is not None:
        layers = deciding_layers(decision)
        if expect.layer not in layers:
            got = ", ".join(layer.value for layer in layers) or _NOTHING
            yield Mismatch(Aspect.LAYER, expect.layer.value, got)
    if expect.statement:
        refs = deciding_statements(decision)
        matched = decision.determining if decision.allowed else refs
        if decision.allowed and expect.layer in deciding_layers(decision):
            # Of several layers that grant, the statement must stand in the one that is named.
            matched = refs = tuple(ref for ref in refs if ref.layer is expect.layer)
        if not any(is_statement(expect.statement, ref) for ref in matched):
            got = ", ".join(statement_id(ref) for ref in refs) or _NOTHING
            yield Mismatch(Aspect.STATEMENT, expect.statement, got)
    absent = [key for key in expect.missing if not _is_listed(key, decision.missing)]
    if absent:
        yield Mismatch(Aspect.MISSING, ", ".join(absent), ", ".join(decision.missing) or _NOTHING)
    if expect.message or expect.near_miss:
        yield from _explained(expect, explain(decision, max_fixes=0))


def _explained(expect: Expectation, explanation: Explanation) -> Iterator[Mismatch]:
    if expect.message:
        sentence = verdict_sentence(explanation)
        if _folded(expect.message) not in _folded(sentence):
            yield Mismatch(Aspect.MESSAGE, expect.message, sentence)
    if expect.near_miss:
        near = list(_near_misses(explanation))
        if not _is_listed(expect.near_miss, near):
            yield Mismatch(Aspect.NEAR_MISS, expect.near_miss, ", ".join(near) or _NOTHING)


def _near_misses(explanation: Explanation) -> Iterator[str]:
    """The keys that near misses fail by, and the Sids of the near misses."""
    found: dict[str, None] = {}
    for cause in explanation.causes:
        for view in cause.statements:
            statement = view.ref.statement
            if statement.effect is not Effect.ALLOW:
                continue
            if all(part.element == "Condition" for part in view.failing):
                found.update(dict.fromkeys(part.key for part in view.failing))
                if statement.sid:
                    found[statement.sid] = None
    yield from found


def deciding_layers(decision: Decision) -> tuple[Layer, ...]:
    """Give the layer that decided a denial, or the layers that granted."""
    if decision.decided_by is not None:
        return (decision.decided_by,)
    return tuple(dict.fromkeys(ref.layer for ref in deciding_statements(decision)))


def deciding_statements(decision: Decision) -> tuple[StatementRef, ...]:
    """Give the Deny statements of the deciding layer, or the Allow statements that granted."""
    if decision.verdict is Verdict.EXPLICIT_DENY:
        return tuple(ref for ref in decision.determining if ref.layer is decision.decided_by)
    # Allow statements of the other layers do not grant, they only do not limit.
    return tuple(ref for ref in decision.determining if ref.layer in GRANTING)


def statement_id(ref: StatementRef) -> str:
    """Name a statement: its Sid, else `file.json#index`."""
    return ref.statement.sid or f"{ref.policy.name}#{ref.statement.index}"


def is_statement(text: str, ref: StatementRef) -> bool:
    """Tell whether a Sid, `file.json#index` or `file.json:line` means a statement."""
    if text == ref.statement.sid:
        return True
    file, mark, index = text.rpartition("#")
    if mark and index.isdigit():
        return _is_file(file, ref) and int(index) == ref.statement.index
    file, mark, line = text.rpartition(":")
    if not (mark and line.isdigit() and _is_file(file, ref)):
        return False
    lines = lines_of(statement_location(ref))
    return lines is not None and lines[0] <= int(line) <= lines[1]


def _is_file(file: str, ref: StatementRef) -> bool:
    names = (ref.policy.name, ref.policy.policy.source.name)
    return any(name == file or name.endswith(f"/{file}") for name in names)


def _is_listed(key: str, listed: tuple[str, ...] | list[str]) -> bool:
    return key.lower() in (each.lower() for each in listed)


def _folded(text: str) -> str:
    return " ".join(text.lower().split())


def answer_properties(result: Result) -> Iterator[tuple[str, str]]:
    """Give what reports are told of an answer: decision, deciding layer and statement."""
    decision = result.decision
    if decision is None:
        return
    yield "decision", WANTS[decision.verdict].value
    layers = [layer.value for layer in deciding_layers(decision)]
    statements = [statement_id(ref) for ref in deciding_statements(decision)]
    for name, listed in (("layer", layers), ("statement", statements)):
        if listed:
            yield name, ", ".join(listed)
