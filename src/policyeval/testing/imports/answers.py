"""Today's answers in place of expectations that nobody has given."""

from __future__ import annotations

import os
from collections.abc import Sequence

from policyeval.evaluation.engine import evaluate
from policyeval.testing.imports.draft import Draft, DraftTest, text_of
from policyeval.testing.judge import WANTS
from policyeval.testing.load import ENDINGS, load_suite
from policyeval.value import replace


def take_answers(draft: Draft) -> int:
    """Fill in what the tests answer now; give how many were filled in.

    The policies must be written already; the suites are not, so that nothing is in their way.
    Raises SuiteError.
    """
    answered = {}
    for drafted in draft.suites().values():
        answers = _answers(draft, drafted)
        for test in drafted:
            if not test.expect and test.name in answers:
                answered[id(test)] = replace(test, expect=answers[test.name], remark="")
    draft.tests = [answered.get(id(test), test) for test in draft.tests]
    return len(answered)


def _answers(draft: Draft, drafted: Sequence[DraftTest]) -> dict[str, str]:
    """Ask the tests of a suite from a passing copy beside its place: its paths are relative."""
    beside = draft.target.parent / f".{draft.stem}.{os.getpid()}{ENDINGS[0]}"
    try:
        beside.write_text(text_of(drafted), encoding="utf-8", newline="\n")
        return {
            test.name: WANTS[evaluate(test.request(), test.world.policies).verdict].value
            for test in load_suite(beside).tests
            if test.expect.decision is None
        }
    finally:
        beside.unlink(missing_ok=True)
