"""What keeps tests from being collected."""

from __future__ import annotations

from policyeval.errors import PolicyEvalError


class SuiteError(PolicyEvalError):
    """A file of policy tests cannot be used; its findings say where and why."""

    code = "PE2201"


class NoEnvironmentError(PolicyEvalError):
    """A test written in Python asks for an environment, and there is none."""

    code = "PE2230"


class AssertArgumentError(PolicyEvalError):
    """An argument of an assert or of a marker is not understood."""

    code = "PE2231"
