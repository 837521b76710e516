"""A finding: something to tell about the input, with a stable code, a place and a way out."""

from __future__ import annotations

from enum import Enum

from policyeval.source import Location
from policyeval.value import Value


class Severity(Enum):
    """How much a finding weighs: an error stops evaluation, the others do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Finding(Value):
    """One defect or remark.

    `message` is one line, lower case, user text in backticks; `help` says what to do about it,
    or is empty. `label` is the short text beside the caret in a snippet. `command` is a command
    line that helps, to be copied; it holds no text that a shell could read otherwise.
    """

    code: str
    severity: Severity
    message: str
    location: Location | None = None
    help: str = ""
    label: str = ""
    command: str = ""

    @property
    def is_error(self) -> bool:
        """True where the document cannot be evaluated as it stands."""
        return self.severity is Severity.ERROR
