"""Today's answers in place of expectations that nobody has given."""

from __future__ import annotations

from policyeval.evaluation.engine import evaluate
from policyeval.testing.imports.draft import Draft
from policyeval.testing.judge import WANTS
from policyeval.testing.load import load_suite
from policyeval.value import replace


def take_answers(draft: Draft) -> int:
    """Fill in what the tests of the written suites answer now; give how many were filled in.

    The draft is changed: its files are then to be written again. Raises SuiteError.
    """
    filled = 0
    for name, drafted in draft.suites().items():
        answers = {
            test.name: WANTS[evaluate(test.request(), test.world.policies).verdict].value
            for test in load_suite(draft.target.parent / name).tests
            if test.expect.decision is None
        }
        for test in drafted:
            if not test.expect and test.name in answers:
                place = draft.tests.index(test)
                draft.tests[place] = replace(test, expect=answers[test.name], remark="")
                filled += 1
    return filled
