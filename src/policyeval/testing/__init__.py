"""Policies tested like code: suites of requests with the answers that they must get.

The names below are for tests written in Python; each is loaded when it is first used. A tour is in
docs/policy-tests.md and docs/pytest.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


def __getattr__(name: str) -> Any:
    """Load a public name from the module that defines it."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'policyeval.testing' has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f"policyeval.testing.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
