"""What is known while a document is read, and the checks that every element shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyeval.finding import Finding
from policyeval.parsing.defect import Defect, Report, quote, warning
from policyeval.parsing.document import NumberText
from policyeval.parsing.nearest import nearest
from policyeval.policy import PolicyType, escape_pointer
from policyeval.source import Location, Source

_KIND_NAMES = {
    "string": "a string",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "list": "a list",
    "object": "an object",
}


class Reading(Report):
    """The report on one document, with what its elements must know of it."""

    __slots__ = ("type", "variables")

    def __init__(self, source: Source, type: PolicyType | None, *, exact: bool = True) -> None:
        """Start with no findings; policy variables count until a version says otherwise."""
        super().__init__(source, exact=exact)
        self.type = type
        self.variables = True

    def adopt(self, findings: Iterable[Finding], pointer: str) -> None:
        """Take over findings of a text that stands as a string in this source."""
        for finding in findings:
            self.findings.append(
                Finding(
                    finding.code,
                    finding.severity,
                    finding.message,
                    Location(self.source, pointer),
                    finding.help,
                    finding.label,
                )
            )

    def check_names(
        self, tree: Mapping[Any, Any], legal: tuple[str, ...], pointer: str, where: str
    ) -> None:
        """Report keys that are no element of the policy language (R-LANG-02)."""
        for key in tree:
            if key in legal:
                continue
            text = key if isinstance(key, str) else str(key)
            name = nearest(text, legal)
            self.add(
                Defect(
                    "PE0102",
                    f"unknown element {quote(text)} in a {where}",
                    label="no element of a " + where,
                    help=f"did you mean `{name}`?" if name else "legal are " + ", ".join(legal),
                ),
                f"{pointer}/{escape_pointer(text)}",
                key=True,
            )

    def add_wrong_kind(self, what: str, expected: str, value: object, pointer: str) -> None:
        """Report a JSON value of the wrong kind."""
        help_ = ""
        if kind_of(value) == "number" and "string" in expected:
            help_ = f'write it in quotes: `"{value}"`'
        self.add(
            Defect(
                "PE0106",
                f"{what} must be {expected}, not {type_name(value)}",
                label=f"expected {expected}",
                help=help_,
            ),
            pointer,
        )

    def strings(self, what: str, value: object, pointer: str) -> tuple[str, ...] | None:
        """Give the strings of an element: one stands for a list of one (R-LANG-06).

        None where something else stands there. An empty list is legal (R-LANG-03).
        """
        if type(value) is str:
            return (value,)
        if not isinstance(value, (list, tuple)):
            if kind_of(value) == "string":
                return (str(value),)
            self.add_wrong_kind(what, "a string or a list of strings", value, pointer)
            return None
        if not value:
            self.add(empty_list(what), pointer)
            return ()
        good = True
        for i, item in enumerate(value):
            if type(item) is not str and kind_of(item) != "string":
                self.add_wrong_kind(f"an entry of {what}", "a string", item, f"{pointer}/{i}")
                good = False
        return tuple(map(str, value)) if good else None


def empty_list(what: str) -> Defect:
    """Say that an empty list matches nothing."""
    return warning(
        "PE0108",
        f"{what} is an empty list, so the statement matches nothing",
        label="empty",
        help="AWS refuses an empty list in most places; name something, or remove the statement",
    )


def kind_of(value: object) -> str:  # noqa: PLR0911 - one return for each kind of JSON value
    """Give the JSON kind of a value; empty for what JSON does not know."""
    if isinstance(value, NumberText):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "object"
    return "list" if isinstance(value, (list, tuple)) else ""


def type_name(value: object) -> str:
    """Name the kind of a value in a message."""
    if hasattr(value, "isoformat"):
        return "a date without quotes"  # YAML reads `Version: 2012-10-17` so
    return _KIND_NAMES.get(kind_of(value), "something that JSON does not know")
