"""Variables in politest's texts: `{{.name}}`, `${name}`, `$name` and `<name>`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from policyeval.value import Value

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
# IAM's own variables have a colon (`${aws:username}`), so they are none of these.
_VARIABLE = re.compile(
    rf"\{{\{{[ \t]*\.({_NAME})[ \t]*\}}\}}|\$\{{({_NAME})\}}|\$({_NAME})|<({_NAME})>"
)


class Filled(Value):
    """A text with its variables filled in.

    `missing` are names that have no value, `other` is an action of Go's templates that is no
    variable; where there are any, the text is not complete.
    """

    text: str
    missing: tuple[str, ...] = ()
    other: str = ""


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Put values in place of variables; a value is not looked into again."""
    missing: dict[str, None] = {}
    parts: list[str] = []
    other, place = "", 0
    for found in _VARIABLE.finditer(text):
        between = text[place : found.start()]
        other = other or _action(between)
        parts.append(between)
        name = found[1] or found[2] or found[3] or found[4]
        if name not in values:
            missing[name] = None
        parts.append(values.get(name, found[0]))
        place = found.end()
    rest = text[place:]
    parts.append(rest)
    return Filled("".join(parts), tuple(missing), other or _action(rest))


def _action(text: str) -> str:
    """Give the beginning of a template's action: a condition, a loop, a function."""
    start = text.find("{{")
    return text[start : start + 40] if start >= 0 else ""
