"""What went wrong in a test: its kind, the sentences that say so, the decision and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyeval.decision import Decision
from policyeval.errors import PolicyEvalError
from policyeval.evaluation.engine import evaluate
from policyeval.evaluation.notes import catalogue_notes, policies_to_remark_on
from policyeval.explanation.explain import explain
from policyeval.explanation.tree import Explanation
from policyeval.testing.model import Aspect, Expectation, Mismatch, Result, Status, Want
from policyeval.value import Word, replace

MOST_FIXES = 3
_NOTHING = "none"


class Kind(Word):
    """The kinds of failure; stable words that reports group by."""

    UNEXPECTED_DECISION = "unexpected-decision"
    UNKNOWN = "unknown"  # another answer is expected, and a missing fact decides
    WRONG_REASON = "wrong-reason"
    REASON_REQUIRED = "reason-required"
    SKIP_EXPIRED = "skip-expired"
    ERROR = "error"


TITLES = {
    Kind.UNEXPECTED_DECISION: "unexpected decision",
    Kind.UNKNOWN: "answer is unknown",
    Kind.WRONG_REASON: "right decision, wrong reason",
    Kind.REASON_REQUIRED: "denial expected without a reason",
    Kind.SKIP_EXPIRED: "skip has run out",
    Kind.ERROR: "request cannot be asked",
}
TEXTS = {
    Kind.UNEXPECTED_DECISION: "The policies decide the request otherwise than the test expects. "
    "Either the policies changed what they allow, or the expectation is out of date.",
    Kind.UNKNOWN: "The answer hangs on a fact that the test does not give. Give it as `context`, "
    "or expect `unknown`.",
    Kind.WRONG_REASON: "The request is decided as expected, but by another layer or statement, "
    "or with another near miss: what the test guards may be gone, with something else still in "
    "the way.",
    Kind.REASON_REQUIRED: "The run requires a reason of every test that expects a denial. Expect "
    "a `layer`, `statement`, `message` or `near-miss`, so that the test cannot pass by accident.",
    Kind.SKIP_EXPIRED: "The test was to be skipped up to a day that is past. Mend it, or choose a "
    "later day.",
    Kind.ERROR: "The request of the test is malformed, so that AWS could not be asked it either.",
}


def kind_of(result: Result) -> Kind:
    """Give the kind of a result that failed or is an error."""
    if result.status is Status.ERROR:
        return Kind.ERROR
    got = {mismatch.aspect: mismatch.got for mismatch in result.mismatches}
    if Aspect.SKIP in got:
        return Kind.SKIP_EXPIRED
    decided = got.get(Aspect.DECISION, got.get(Aspect.NOT))
    if decided is not None:
        unknown = decided == Want.UNKNOWN.value
        return Kind.UNKNOWN if unknown else Kind.UNEXPECTED_DECISION
    return Kind.REASON_REQUIRED if set(got) == {Aspect.REASON} else Kind.WRONG_REASON


# ---- the decision, and why ----------------------------------------------------------------


def decision_of(result: Result) -> Decision | None:
    """Give the decision of a result, made again where it was made in another process.

    None where the request was not asked: skipped, or malformed.
    """
    if result.decision is not None:
        return result.decision
    if result.status not in (Status.PASSED, Status.FAILED):
        return None
    if any(mismatch.aspect is Aspect.SKIP for mismatch in result.mismatches):
        return None
    try:
        return evaluate(result.test.request(), result.test.world.policies)
    except PolicyEvalError:
        return None


def explanation_of(result: Result, *, max_fixes: int = MOST_FIXES) -> Explanation | None:
    """Explain the decision of a result, as `why` does; None where there is no decision.

    Fixes are only looked for where the test wants the request to be allowed.
    """
    decision = decision_of(result)
    if decision is None:
        return None
    fixes = max_fixes if _wants_allow(result.test.expect) else 0
    explanation = explain(decision, max_fixes=fixes)
    notes = catalogue_notes(decision, policies_to_remark_on(decision))
    return replace(explanation, findings=(*explanation.findings, *notes))


def _wants_allow(expect: Expectation) -> bool:
    if expect.negated:
        return expect.decision in (Want.DENY, Want.EXPLICIT_DENY, Want.IMPLICIT_DENY)
    return expect.decision is Want.ALLOW


# ---- sentences ----------------------------------------------------------------------------


def sentences(result: Result) -> tuple[str, ...]:
    """Say what came otherwise than expected: `expected deny scp, got allow`.

    Decision and layer share a sentence, everything else has one of its own. Holds raw text of
    tests and policies: a renderer makes it harmless. Empty for what passed or was skipped.
    """
    if result.status is Status.ERROR:
        told = [finding.message for finding in result.findings]
        return tuple(told) or ("the request cannot be asked",)
    return mismatch_sentences(result.mismatches, result.test.expect)


def mismatch_sentences(mismatches: Iterable[Mismatch], expect: Expectation) -> tuple[str, ...]:
    """Say how an answer differs from what was expected of it."""
    return tuple(_sentences({mismatch.aspect: mismatch for mismatch in mismatches}, expect))


def headline(result: Result) -> str:
    """Give the first sentence, or of a skipped test the reason."""
    if result.status is Status.SKIPPED and result.test.skip is not None:
        return result.test.skip.reason
    return next(iter(sentences(result)), "")


def _sentences(found: dict[Aspect, Mismatch], expect: Expectation) -> Iterator[str]:
    decision, layer = found.get(Aspect.DECISION), found.get(Aspect.LAYER)
    if decision is not None or layer is not None:
        yield _answer(decision, layer, expect)
    for aspect, mismatch in found.items():
        if aspect not in (Aspect.DECISION, Aspect.LAYER):
            yield _SENTENCES[aspect](mismatch)


def _answer(decision: Mismatch | None, layer: Mismatch | None, expect: Expectation) -> str:
    """`expected deny scp, got deny identity`."""
    word = expect.decision.value if expect.decision is not None else ""
    wanted_layer = expect.layer.value if expect.layer is not None else ""
    got = decision.got if decision is not None else word
    got_layer = layer.got if layer is not None else wanted_layer
    if not word:
        return f"expected the layer {wanted_layer}, got {got_layer}"
    wanted = f"{word} {wanted_layer}".rstrip()
    # An answer of another kind is not told by the layers that took part in it.
    if not wanted_layer or got.endswith(Want.DENY.value) is not word.endswith(Want.DENY.value):
        return f"expected {wanted}, got {got}"
    by = "by no layer" if got_layer == _NOTHING else got_layer
    return f"expected {wanted}, got {got} {by}"


def _statement(mismatch: Mismatch) -> str:
    decided = "no statement did" if mismatch.got == _NOTHING else f'it was "{mismatch.got}"'
    return f'expected statement "{mismatch.wanted}" to decide, {decided}'


def _message(mismatch: Mismatch) -> str:
    return f'expected "{mismatch.wanted}" in the message, which is "{mismatch.got}"'


def _near_miss(mismatch: Mismatch) -> str:
    alone = "no statement fails by its conditions alone"
    near = alone if mismatch.got == _NOTHING else f"near was {mismatch.got}"
    return f"expected a near miss of {mismatch.wanted}, {near}"


def _missing(mismatch: Mismatch) -> str:
    waits = "nothing" if mismatch.got == _NOTHING else mismatch.got
    return f"expected the answer to wait for {mismatch.wanted}, it waits for {waits}"


def _not(mismatch: Mismatch) -> str:
    unwanted = mismatch.wanted.removeprefix("not ")
    if mismatch.got == Want.UNKNOWN.value != unwanted:
        return f"expected anything but {unwanted}, got unknown: it may still become that"
    return f"expected anything but {unwanted}, got {mismatch.got}"


def _reason(mismatch: Mismatch) -> str:
    return f"a denial is expected without a reason: add {mismatch.wanted}"


def _skip(mismatch: Mismatch) -> str:
    return f"was to be skipped until {mismatch.wanted}, and it is {mismatch.got}"


_SENTENCES = {
    Aspect.STATEMENT: _statement,
    Aspect.MESSAGE: _message,
    Aspect.NEAR_MISS: _near_miss,
    Aspect.MISSING: _missing,
    Aspect.NOT: _not,
    Aspect.REASON: _reason,
    Aspect.SKIP: _skip,
}
