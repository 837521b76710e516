"""What is wrong with a file of ours, noted where it stands in the file."""

from __future__ import annotations

from policyeval.environment.yaml_tree import Node
from policyeval.errors import PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.source import Location, Span
from policyeval.value import replace

Steps = tuple[str | int, ...]
"""The way to a value in the file: `("tests", 0, "expect")`."""


class Notes:
    """Gathers the findings of one file. Not a value: it grows while the file is read."""

    def __init__(self, tree: Node, findings: list[Finding]) -> None:
        self.tree = tree
        self.findings = findings
        self._places: dict[Steps, Location] = {}
        self._told: set[tuple[str, str, Steps]] = set()

    def place(self, steps: Steps) -> Location:
        """Give the place of a value; of an entry with a name, that of the name."""
        if steps not in self._places:
            node, key = self.tree.find(steps)
            inside = node.value
            if isinstance(inside, dict) and "name" in inside:
                found = inside["name"].location
            elif not isinstance(inside, (dict, list)) or (steps and isinstance(steps[-1], int)):
                found = node.location
            else:
                found = key
            self._places[steps] = found
        return self._places[steps]

    def add(self, code: str, message: str, steps: Steps, help: str = "") -> None:
        """Note an error, once."""
        told = (code, message, steps)
        if told not in self._told:
            self._told.add(told)
            self.findings.append(Finding(code, Severity.ERROR, message, self.place(steps), help))

    def remark(self, finding: Finding, steps: Steps) -> None:
        """Note what there is to say about a text of the file."""
        self.findings.append(replace(finding, location=self.place(steps)))

    def take(self, error: PolicyEvalError, steps: Steps) -> None:
        """Note an error that a text of the file led to, at the very characters where it can be."""
        node, _ = self.tree.find(steps)
        place = self.place(steps)
        for finding in error.told():
            location = _inside(finding.location, node, place)
            self.findings.append(replace(finding, location=location))

    def take_key(self, error: PolicyEvalError, steps: Steps) -> None:
        """Note an error that a key of the file led to."""
        _, key = self.tree.find(steps)
        self.findings += [replace(finding, location=key) for finding in error.told()]

    def take_file(self, error: PolicyEvalError, steps: Steps) -> None:
        """Note what is wrong with a file that is named here: it has places of its own."""
        for finding in error.told():
            location = finding.location or self.place(steps)
            self.findings.append(replace(finding, location=location))


def _inside(within: Location | None, node: Node, place: Location) -> Location:
    """Give the place in the file of a place in a text of it."""
    text = within.source.text if within is not None else None
    if within is None or within.span is None or text is None or node.value != text:
        return place
    whole = node.source.text or ""
    start = whole.find(text, node.span.start, node.span.end)
    if start < 0:  # the text is written with escapes
        return place
    return Location(node.source, span=Span(start + within.span.start, start + within.span.end))
