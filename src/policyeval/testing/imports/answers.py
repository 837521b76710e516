"""Today's answers in place of expectations that nobody has given."""

from __future__ import annotations

import os

from policyeval.evaluation.engine import evaluate
from policyeval.testing.imports.draft import Draft
from policyeval.testing.judge import WANTS
from policyeval.testing.load import ENDINGS, load_suite
from policyeval.value import replace


def take_answers(draft: Draft) -> int:
    """Fill in what the tests answer now; give how many were filled in.

    The policies must be written already; the suites are not, so that nothing is in their way.
    Raises SuiteError.
    """
    answered = {}
    for name, drafted in draft.suites().items():
        answers = _answers(draft, name)
        for test in drafted:
            if not test.expect and test.name in answers:
                answered[id(test)] = replace(test, expect=answers[test.name], remark="")
    draft.tests = [answered.get(id(test), test) for test in draft.tests]
    return len(answered)


def _answers(draft: Draft, name: str) -> dict[str, str]:
    """Ask the tests of a suite from a passing copy beside its place: its paths are relative."""
    beside = draft.target.parent / f".{draft.stem}.{os.getpid()}{ENDINGS[0]}"
    try:
        beside.write_text(draft.files()[name], encoding="utf-8", newline="\n")
        return {
            test.name: WANTS[evaluate(test.request(), test.world.policies).verdict].value
            for test in load_suite(beside).tests
            if test.expect.decision is None
        }
    finally:
        beside.unlink(missing_ok=True)
