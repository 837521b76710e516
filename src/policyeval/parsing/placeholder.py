"""Placeholders of published policies: `<my-org-id>`, `[ROLE_NAME]`, `{region}`.

A document with one is no mistake, it is not finished: a note, and no other remark on that text.
"""

from __future__ import annotations

from policyeval.finding import Severity
from policyeval.parsing.defect import Defect, quote
from policyeval.source import Span

_CLOSING = {"<": ">", "[": "]", "{": "}"}
_LONGEST = 64


def has_placeholder(text: str) -> bool:
    """Tell whether a placeholder stands in the text."""
    if "<" not in text and "[" not in text and "{" not in text:
        return False
    return _find(text) is not None


def placeholder_defect(text: str) -> Defect:
    """Give the note on the first placeholder of the text."""
    span = _find(text) or Span(0, len(text))
    return Defect(
        "PE0114",
        f"{quote(text[span.start : span.end])} looks like a placeholder",
        span,
        "not filled in",
        "put the real value here before the policy is used",
        Severity.NOTE,
    )


def _find(text: str) -> Span | None:
    for start, char in enumerate(text):
        if char not in _CLOSING:
            continue
        if char == "{" and start and text[start - 1] == "$":
            continue  # a policy variable
        end = text.find(_CLOSING[char], start + 1, start + _LONGEST)
        if end > 0 and _is_name(text[start + 1 : end], char):
            return Span(start, end + 1)
    return None


def _is_name(inner: str, opening: str) -> bool:
    """Tell whether what stands between the brackets is a name to be replaced."""
    if not inner[:1].isalpha() or (opening != "<" and len(inner) < 4):
        return False
    letters = inner.replace("-", "").replace("_", "").replace(" ", "").replace("/*", "")
    if not (letters.isascii() and letters.isalnum()):
        return False
    return opening != "[" or inner == inner.upper()
