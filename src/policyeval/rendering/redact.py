"""Hide who somebody is, in a text to be shared: account, organization and user ids.

Each id becomes another of the same length, the same id always the same one, so that carets stay
under what they mark and two accounts are still seen to be two.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# What may stand before an id: no letter of the same word; an escape such as `\n` or `\u202e` may.
_BEGIN = r"(?:(?<![0-9A-Za-z_-])|(?<=\\[nrt])|(?<=\\x[0-9a-f]{2})|(?<=\\u[0-9a-f]{4}))"
_IDS = re.compile(
    r"(?P<account>(?<![0-9])[0-9]{12}(?![0-9]))"
    r"|(?<![A-Z0-9])(?P<unique>(?:ABIA|ACCA|AGPA|AIDA|AIPA|AKIA|ANPA|ANVA|APKA|AROA|ASCA|ASIA)"
    r"[A-Z0-9]{12,124})(?![A-Z0-9])"
    rf"|{_BEGIN}(?:"
    r"(?P<organization>o-[a-z0-9]{10,32})"
    r"|(?P<unit>ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})"
    r"|(?P<root>r-[0-9a-z]{4,32})"
    r")(?![0-9A-Za-z])"
)
_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "123456789"


def redact(text: str) -> str:
    """Give the text with ids replaced: accounts by 111111111111, 222222222222 and so on.

    Hides 12-digit account ids, ids of organizations, roots and organizational units, and unique
    ids (`AIDA…`, `AROA…`, `AKIA…`). Names, of roles and buckets say, stay as they are. One pass.
    """
    replacements = _Replacements()
    return "".join(
        piece if piece.startswith("\x1b") else replacements.apply(piece)
        for piece in _COLOUR.split(text)
    )


class _Replacements:
    """What each id was replaced by. Not frozen: it grows along the text."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def apply(self, text: str) -> str:
        return _IDS.sub(self._replace, text)

    def _replace(self, found: re.Match[str]) -> str:
        original, kind = found[0], found.lastgroup or ""
        if original not in self._known:
            number = self._counts.get(kind, 0)
            self._counts[kind] = number + 1
            self._known[original] = _MAKERS[kind](original, number)
        return self._known[original]


def _account(original: str, number: int) -> str:
    if number < len(_DIGITS):
        return _DIGITS[number] * len(original)
    return f"{number + 1:0{len(original)}d}"


def _unique(original: str, number: int) -> str:
    """AIDA and its like say what kind of thing it is, and stay."""
    return original[:4] + _filled(len(original) - 4, number, _LETTERS)


def _after_prefix(original: str, number: int) -> str:
    """Replace every letter and digit after the first hyphen, and leave the hyphens."""
    head, hyphen, rest = original.partition("-")
    middle, second, tail = rest.partition("-")
    filled = _filled(len(middle), number, _LETTERS.lower())
    if not second:
        return head + hyphen + filled
    return head + hyphen + filled + second + _filled(len(tail), number, _LETTERS.lower())


def _filled(length: int, number: int, letters: str) -> str:
    """`AAAA`, `BBBB`; from the 27th on with the number at the end."""
    letter = letters[number % len(letters)]
    tail = "" if number < len(letters) else str(number)
    return (letter * length)[: length - len(tail)] + tail[-length:]


_MAKERS: dict[str, Callable[[str, int], str]] = {
    "account": _account,
    "unique": _unique,
    "organization": _after_prefix,
    "unit": _after_prefix,
    "root": _after_prefix,
}
