"""Policies tested like code: suites of requests with the answers that they must get.

The names below are for tests written in Python; each is loaded when it is first used. A tour is in
docs/policy-tests.md and docs/pytest.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyeval.lazy import lazy_names

if TYPE_CHECKING:
    from policyeval.testing.asserts import assert_allowed, assert_denied, assert_unknown
    from policyeval.testing.handle import Iam
    from policyeval.testing.load import load_suite
    from policyeval.testing.model import PolicyTest, Result, Run, Status, Suite
    from policyeval.testing.run import run_suite, run_test

__all__ = [
    "Iam",
    "PolicyTest",
    "Result",
    "Run",
    "Status",
    "Suite",
    "assert_allowed",
    "assert_denied",
    "assert_unknown",
    "load_suite",
    "run_suite",
    "run_test",
]

_HOMES = {
    "Iam": "handle",
    "PolicyTest": "model",
    "Result": "model",
    "Run": "model",
    "Status": "model",
    "Suite": "model",
    "assert_allowed": "asserts",
    "assert_denied": "asserts",
    "assert_unknown": "asserts",
    "load_suite": "load",
    "run_suite": "run",
    "run_test": "run",
}

__getattr__, __dir__ = lazy_names(globals(), _HOMES)
