"""What keeps tests from being collected."""

from __future__ import annotations

from policyeval.errors import PolicyEvalError


class SuiteError(PolicyEvalError):
    """A file of policy tests cannot be used; its findings say where and why."""

    code = "PE2201"
