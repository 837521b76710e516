"""Policy documents inside exports: objects, JSON texts, or URL-encoded JSON texts.

AWS hands out one and the same document in three ways, depending on the call and the tool. An
object keeps its lines of the export; a text has lines of its own, and its name tells where in the
export it stands.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from policyeval.environment.exports.stream import Place
from policyeval.environment.model import Read
from policyeval.finding import Finding, Severity
from policyeval.parsing.document import read_document
from policyeval.parsing.policy import read_policy
from policyeval.policy import PolicyType
from policyeval.source import Location, Source, SourceMap, Span
from policyeval.value import Value, replace


class ExportedPolicy(Value):
    """Reads a policy from an export on disk, when somebody first asks.

    `place` is that of an item of the export, `pointer` leads to the document in it.
    """

    place: Place
    pointer: str
    type: PolicyType
    exempt_from_size: bool = False

    def __call__(self) -> Read:
        """Give the policy and its findings; never raises."""
        text, why = self.place.read()
        if not why:
            span = SourceMap(text, pointer=self.place.pointer).values.get(self.pointer)
            if span is not None:
                return self._read(text, span)
            why = "it has changed since it was read"
        location = Location(Source(self.place.file.name, ""), self.pointer, span=Span(0, 0))
        finding = Finding(
            "PE1804", Severity.ERROR, f"the policy cannot be read from the export: {why}", location
        )
        return None, (finding,)

    def _read(self, text: str, span: Span) -> Read:
        place = self.place.within(text, span, self.pointer)
        text = text[span.start : span.end]
        if text.startswith('"'):
            name = f"{place.file.name}#{self.pointer}"
            return read_text(json.loads(text), name, self.type, self.exempt_from_size)
        source = place.source(text)
        tree, source, findings = read_document(
            source.text or "", source.name, line=source.line, pointer=self.pointer
        )
        return read_tree_policy(tree, source, self.pointer, self.type, findings)


class KeptPolicy(Value):
    """Reads a policy from a tree that is held in memory: of a template, or of a plan."""

    tree: Any
    source: Source
    pointer: str
    type: PolicyType
    exempt_from_size: bool = False

    def __call__(self) -> Read:
        """Give the policy and its findings; never raises."""
        if isinstance(self.tree, str):
            name = f"{self.source.name.partition('#')[0]}#{self.pointer}"
            return read_text(self.tree, name, self.type, self.exempt_from_size)
        return read_tree_policy(self.tree, self.source, self.pointer, self.type)


def read_text(text: str, name: str, type: PolicyType, exempt_from_size: bool = False) -> Read:
    """Give the policy of a document that stands as a text in an export."""
    return read_policy(decoded(text), name=name, type=type, exempt_from_size=exempt_from_size)


def decoded(text: str) -> str:
    """Give a document's text, with the encoding taken off that it has in some answers."""
    start = text.lstrip()[:2]
    if start[:1] == "%":
        return unquote(text, errors="replace")
    if start == "{\\":  # AWS: API Gateway escapes the quotes of its policies once more
        with suppress(ValueError):
            return str(json.loads(f'"{text}"', strict=False))
    return text


def read_tree_policy(
    tree: Any,
    source: Source,
    pointer: str,
    type: PolicyType,
    findings: tuple[Finding, ...] = (),
) -> Read:
    """Give the policy of a tree that stands at a pointer of a source."""
    if any(finding.is_error for finding in findings):
        return None, findings
    policy, more = read_policy(tree, type=type, source=source, pointer=pointer)
    if policy is not None and findings:
        policy = replace(policy, findings=(*findings, *more))
    return policy, (*findings, *more)
