"""Coverage of policies by their tests: of statements, conditions and listed patterns.

Covered is a statement on which the answer of a passing test depends: without it, the test would get
another one. A tour is in docs/policy-coverage.md.

    recorder = Recorder()                       # one for each process; `merge` adds them up
    recorder.expect(world)                      # policies that no test meets count too
    recorder.add(result)                        # each result of a run
    coverage = coverage_of(recorder)
    print(render(coverage, Form.TERM_MISSING))
"""

from policyeval.testing.coverage.record import Recorder
from policyeval.testing.coverage.reports import Form, Report, render, report_of
from policyeval.testing.coverage.table import Coverage, coverage_of, failing_under, too_little

__all__ = [
    "Coverage",
    "Form",
    "Recorder",
    "Report",
    "coverage_of",
    "failing_under",
    "render",
    "report_of",
    "too_little",
]
