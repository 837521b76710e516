"""The fields of one event: read by path, and what is odd about them noted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.source import Location

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
_NOTHING: Mapping[str, Any] = {}
_LONGEST_TEXT = 16_384  # no ARN, name or header is longer: such a text is not looked at


class Fields:
    """Reads one event and gathers findings. Not frozen: it grows while the event is read.

    Paths have dots: `userIdentity.sessionContext.sessionIssuer.arn`. Pipelines that put names in
    lower case are understood too.
    """

    __slots__ = ("_odd", "event", "findings", "location")

    def __init__(
        self, event: Mapping[str, Any], location: Location, findings: tuple[Finding, ...] = ()
    ) -> None:
        """Start with what is to be said of the record."""
        self.event = event
        self.location = location
        self.findings: list[Finding] = list(findings)
        self._odd: set[str] = set()

    def raw(self, path: str) -> Any:
        """Give the value at a path, whatever it is; None where there is none."""
        value: Any = self.event
        for step in path.split("."):
            if value.__class__ is not dict and not isinstance(value, Mapping):
                return None
            found = value.get(step)
            value = value.get(step.lower()) if found is None else found
        return value

    def text(self, path: str) -> str:
        """Give the text at a path; empty where there is none, or something else."""
        value = self.raw(path)
        if value is None or value == "":
            return ""
        if not isinstance(value, str):
            if isinstance(value, bool):
                return "true" if value else "false"
            self.odd(path, "no text")
            return ""
        if len(value) > _LONGEST_TEXT:
            self.odd(path, "longer than it can be")
            return ""
        if value == HIDDEN:
            self.note("PE1733", f"`{path}` is hidden in the event", path)
            return ""
        return value.strip()

    def mapping(self, path: str) -> Mapping[str, Any]:
        """Give the object at a path; empty where there is none, or something else."""
        value = self.raw(path)
        if value is None or value == "":
            return _NOTHING
        if not isinstance(value, Mapping):
            self.odd(path, "no object")
            return _NOTHING
        return value

    def items(self, path: str) -> list[Any]:
        """Give the list at a path; empty where there is none, or something else."""
        value = self.raw(path)
        if value is None or value == "":
            return []
        if not isinstance(value, list):
            self.odd(path, "no list")
            return []
        return value

    # ---- findings ---------------------------------------------------------------------------

    def odd(self, path: str, what: str, help: str = "") -> None:
        """Note that a field holds what it cannot hold, once."""
        if path not in self._odd:
            self._odd.add(path)
            self.add("PE1725", Severity.WARNING, f"`{path}` is {what}: it is not used", path, help)

    def contradiction(self, one: str, other: str, path: str, help: str = "") -> None:
        """Note that two fields tell different things."""
        self.add("PE1728", Severity.WARNING, f"{one}, but {other}", path, help)

    def note(self, code: str, message: str, path: str = "", help: str = "") -> None:
        """Note what a reader should know."""
        self.add(code, Severity.NOTE, message, path, help)

    def add(self, code: str, severity: Severity, message: str, path: str, help: str) -> None:
        """Add a finding at a path."""
        steps = "".join(f"/{step}" for step in path.split(".")) if path else ""
        place = Location(self.location.source, self.location.pointer + steps)
        self.findings.append(Finding(code, severity, message, place, help))


def shown(text: str) -> str:
    """Give a text of the event for a message."""
    return quote(text)


def text_of(value: Any) -> str:
    """Give a value that is a text; empty for anything else."""
    return value if isinstance(value, str) else ""
