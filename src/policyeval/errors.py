"""Errors that policyeval raises to its callers; all share one root."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyeval.finding import Finding


class PolicyEvalError(Exception):
    """Root of every error that policyeval raises on purpose.

    `findings` holds the defects that led to it, each with code, location and help; empty where
    the error stands for itself: then `code` is its diagnostic code.
    """

    code = "PE0900"

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.findings = findings

    def told(self) -> tuple[Finding, ...]:
        """Give the findings; of an error that stands for itself, one that says its message."""
        if self.findings:
            return self.findings
        from policyeval.finding import Finding, Severity

        return (Finding(self.code, Severity.ERROR, self.message),)


class PolicySyntaxError(PolicyEvalError):
    """A policy document cannot be evaluated: mend the findings it carries."""


class InvalidArnError(PolicyEvalError):
    """A text is no ARN: its finding says where it breaks and offers the mended text."""


class InvalidRequestError(PolicyEvalError):
    """A request cannot be asked: principal, action, resource or context is malformed."""

    code = "PE0901"


class EnvironmentLoadError(PolicyEvalError):
    """An environment file or policy folder cannot be read."""

    code = "PE0701"


class EnvironmentWriteError(PolicyEvalError):
    """An environment cannot be written: it has what a file cannot say, or files are in the way."""

    code = "PE1821"


class CaseError(PolicyEvalError):
    """A case of `decide` does not fit its model."""

    code = "PE0903"


class ConfigError(PolicyEvalError):
    """A command cannot run with these options."""

    code = "PE0902"


class UnreadableFileError(PolicyEvalError):
    """A file cannot be opened or read."""

    code = "PE0904"


class CatalogueError(PolicyEvalError):
    """The action catalogue is absent or damaged; no decision depends on it."""

    code = "PE1602"

    def __init__(self, message: str, *, absent: bool = False) -> None:
        super().__init__(message)
        self.absent = absent
        if absent:
            self.code = "PE1601"
