"""What a generator hands back: the text of a suite, how much is in it, what is not."""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.finding import Finding
from policyeval.value import Value

LONGEST_COMMENT = 96


class Written(Value):
    """The text of a `*.policytest.yaml`, counts by stable words, and remarks.

    `counts` always has `tests`; the other words are those of the generator.
    """

    text: str
    counts: Mapping[str, int]
    findings: tuple[Finding, ...] = ()


def wrapped(text: str, indent: str = "") -> str:
    """Give a text as lines that fit into a comment; further lines of it begin with `indent`."""
    lines: list[str] = []
    for paragraph in writable(text).split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if line and len(line) + 1 + len(word) > LONGEST_COMMENT:
                lines.append(line)
                line = indent + word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    return "\n".join(lines)


def listed(names: list[str], most: int = 4) -> str:
    """Give names as a list for people: the first few, and how many more."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def is_writable(*texts: str) -> bool:
    """Tell whether texts can stand in a file: half a surrogate pair cannot."""
    try:
        "".join(texts).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def writable(text: str) -> str:
    """Give a text with escapes for what cannot stand in a file."""
    return text if is_writable(text) else text.encode("utf-8", "backslashreplace").decode()
