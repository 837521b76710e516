"""The words of a test that failed: what was expected, what came, and why it came so."""

from __future__ import annotations

from collections.abc import Iterable

from policyeval.decision import Decision
from policyeval.explanation.explain import explain
from policyeval.rendering.document import Document, visible
from policyeval.rendering.report import document_of
from policyeval.rendering.text import render_document, render_findings
from policyeval.rendering.words import position
from policyeval.testing.model import Aspect, Mismatch, Result

SENTENCES = {
    Aspect.DECISION: "expected {wanted}, got {got}",
    Aspect.LAYER: "expected the layer {wanted} to decide, got {got}",
    Aspect.STATEMENT: "expected the statement {wanted} to decide, got {got}",
    Aspect.MESSAGE: "expected the message to have {wanted}, got {got}",
    Aspect.NEAR_MISS: "expected the near miss {wanted}, got {got}",
    Aspect.MISSING: "expected that {wanted} is missing, got {got}",
    Aspect.NOT: "expected {wanted}, got {got}",
    Aspect.REASON: "the test must say why it expects a denial: {wanted}",
    Aspect.SKIP: "the test was to be skipped until {wanted}, and today is {got}",
}


def mismatch_sentence(mismatches: Iterable[Mismatch]) -> str:
    """Say what came otherwise than expected."""
    return "; ".join(
        SENTENCES[each.aspect].format(wanted=each.wanted, got=each.got) for each in mismatches
    )


def answer_document(decision: Decision, verbose: int = 0) -> Document:
    """Give the blocks of `why` about a decision, without fixes: perhaps it is the test to mend."""
    return document_of(explain(decision, max_fixes=0), verbose)


def answer_text(decision: Decision, verbose: int = 0) -> str:
    """Give what `why` prints about a decision."""
    return render_document(answer_document(decision, verbose))


def result_sentence(result: Result) -> str:
    """Say in one line why a test failed."""
    if result.findings:
        return result.findings[0].message
    return mismatch_sentence(result.mismatches)


def failure_text(result: Result, verbose: int = 0) -> str:
    """Give the block of a test that failed: its place, what was expected, what `why` says."""
    place = position(result.test.location)
    where = f"{result.test.file}:{place[0]}: " if place is not None else f"{result.test.file}: "
    if result.findings:
        return f"{visible(where)}the test cannot be asked\n\n{render_findings(result.findings)}"
    head = visible(f"{where}{result_sentence(result)}")
    if result.decision is None:
        return head
    return f"{head}\n\n{answer_text(result.decision, verbose)}"
