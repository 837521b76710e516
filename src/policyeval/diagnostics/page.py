"""What a diagnostic is, and how its page is printed."""

from __future__ import annotations

from textwrap import wrap

from policyeval.finding import Severity
from policyeval.value import Value

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


class Diagnostic(Value):
    """What a code means; `severity` is the usual one (an ARN in a policy only warns)."""

    code: str
    severity: Severity
    title: str
    text: str


def diagnostic(
    code: str,
    severity: Severity,
    title: str,
    text: str,
    *,
    wrong: str = "",
    right: str = "",
    rules: str = "",
) -> Diagnostic:
    """Give an entry of the catalogue: the text, an example each way, the rules behind it."""
    lines = [f"wrong:  {wrong}"] if wrong else []
    lines += [f"right:  {right}"] if right else []
    lines += [f"rules:  {rules} (docs/semantics.md)"] if rules else []
    return Diagnostic(code, severity, title, "\n".join([text, "", *lines] if lines else [text]))


def render_diagnostic(shown: Diagnostic, width: int = 80) -> str:
    """Give the page of `policyeval explain`: code, title, and the text wrapped to a width."""
    lines = [f"{shown.code} ({shown.severity.value}): {shown.title}", ""]
    for line in shown.text.split("\n"):
        # Examples stay on one line, so that they can be copied.
        lines += [line] if line[6:8] == "  " or not line else wrap(line, width)
    return "\n".join(lines)
