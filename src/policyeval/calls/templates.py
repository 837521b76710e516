"""Templates of ARNs and values: texts with variables such as `${BucketName}`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

Piece = tuple[bool, str]
"""A stretch of a template: a variable (true) or a literal text."""


@lru_cache(maxsize=4096)
def pieces(template: str) -> tuple[Piece, ...]:
    """Split a template at its variables; a `${` that does not end is literal.

    Templates are ours, never input: they may be remembered.
    """
    found: list[Piece] = []
    rest = template
    while rest:
        literal, opened, after = rest.partition("${")
        name, closed, tail = after.partition("}")
        if not (opened and closed):
            found.append((False, rest))
            break
        if literal:
            found.append((False, literal))
        found.append((True, name))
        rest = tail
    return tuple(found)


def variables(template: str) -> tuple[str, ...]:
    """Give the names of a template's variables, each once, in order."""
    return tuple(dict.fromkeys(text for variable, text in pieces(template) if variable))


def fill(template: str, value_of: Callable[[str], str]) -> str:
    """Give the template with its variables replaced."""
    return "".join(value_of(text) if variable else text for variable, text in pieces(template))


def matches(template: str, text: str) -> bool:
    """Tell whether a text can be made from a template, no variable being empty; linear time."""
    return _matches(pieces(template), text)


def _matches(parts: Sequence[Piece], text: str) -> bool:
    place, open_ended = 0, False
    for number, (variable, literal) in enumerate(parts):
        if variable:
            open_ended = True
            continue
        last = number == len(parts) - 1
        if not open_ended:
            found = place if text.startswith(literal, place) else -1
        elif last:
            start = len(text) - len(literal)
            found = start if start > place and text.endswith(literal) else -1
        else:
            # A variable takes at least one character; the leftmost literal leaves most to the rest.
            found = text.find(literal, place + 1)
        if found < 0:
            return False
        place, open_ended = found + len(literal), False
    return place < len(text) if open_ended else place == len(text)


def literal_length(template: str) -> int:
    """Give how many characters of a template are fixed: the more, the more specific it is."""
    return sum(len(text) for variable, text in pieces(template) if not variable)
