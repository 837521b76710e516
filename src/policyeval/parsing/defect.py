"""What the readers of the small languages report, and where it is gathered."""

from __future__ import annotations

from policyeval.finding import Finding, Severity
from policyeval.source import Location, Source, Span
from policyeval.value import Value

_LONGEST_QUOTE = 100
LONGEST_REMEMBERED = 128  # longer texts are not kept in caches: input is untrusted


class Defect(Value):
    """Something wrong with one text; `span` counts in that text. A `Finding` without a place."""

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    help: str = ""
    severity: Severity = Severity.ERROR

    def at(self, location: Location, severity: Severity | None = None) -> Finding:
        """Give the finding of this defect at a place."""
        return Finding(
            self.code, severity or self.severity, self.message, location, self.help, self.label
        )

    def in_text(self, text: str, name: str = "argument") -> Finding:
        """Give the finding of a defect in a text that stands for itself."""
        span = self.span or Span(0, len(text))
        return self.at(Location(Source(name, text), span=span))


class Report:
    """Gathers the findings of one document. Not frozen: it grows while the document is read.

    `exact` is false for a document that stands as a string inside its source: then characters
    of the document are no characters of the source.
    """

    __slots__ = ("exact", "findings", "source")

    def __init__(self, source: Source, *, exact: bool = True) -> None:
        """Start with no findings."""
        self.source = source
        self.exact = exact
        self.findings: list[Finding] = []

    def add(
        self,
        defect: Defect,
        pointer: str,
        *,
        key: bool = False,
        severity: Severity | None = None,
    ) -> None:
        """Note a defect of the value at a pointer, or of the key that leads there."""
        within = defect.span if self.exact else None
        location = Location(self.source, pointer, within, key)
        self.findings.append(defect.at(location, severity))

    @property
    def has_errors(self) -> bool:
        """True where the document cannot be evaluated."""
        return any(finding.is_error for finding in self.findings)


def warning(code: str, message: str, span: Span | None = None, **words: str) -> Defect:
    """Give a defect that does not stop evaluation."""
    return Defect(
        code, message, span, words.get("label", ""), words.get("help", ""), Severity.WARNING
    )


def quote(text: str) -> str:
    """Give user text for a message: in backticks, on one line, not too long."""
    if len(text) > _LONGEST_QUOTE:
        text = text[: _LONGEST_QUOTE - 1] + "…"
    if not text.isprintable():
        text = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return f"`{text}`"
