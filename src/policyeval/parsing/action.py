"""Action patterns (R-MATCH-01); normative form: grammars/action.lark.

    pattern : "*" | "*:*" | service ":" name
    service : letters, digits, hyphens
    name    : letters, digits and the like, with wildcards

Letter case does not matter.
"""

from __future__ import annotations

from functools import lru_cache

from policyeval.errors import PolicySyntaxError
from policyeval.parsing.defect import LONGEST_REMEMBERED, Defect, quote
from policyeval.policy import ActionPattern
from policyeval.source import Span

_ALNUM = "abcdefghijklmnopqrstuvwxyz0123456789"
_SERVICE = frozenset(_ALNUM + "-")
_NAME = frozenset(_ALNUM + "-_.*?")


def parse_action_pattern(text: str) -> ActionPattern:
    """Give the action pattern; raises `PolicySyntaxError` with the one finding of a wrong one."""
    pattern, defect = read_action_pattern(text)
    if pattern is None:
        assert defect is not None
        raise PolicySyntaxError(defect.message, (defect.in_text(text),))
    return pattern


def read_action_pattern(text: str) -> tuple[ActionPattern | None, Defect | None]:
    """Give the action pattern, or what is wrong with the text."""
    return _remembered(text) if len(text) <= LONGEST_REMEMBERED else _read(text)


@lru_cache(maxsize=8192)
def _remembered(text: str) -> tuple[ActionPattern | None, Defect | None]:
    return _read(text)  # actions recur


def _read(text: str) -> tuple[ActionPattern | None, Defect | None]:
    service, _, name = text.lower().partition(":")
    if text.isascii() and service and name and {*service} <= _SERVICE and {*name} <= _NAME:
        return ActionPattern(text, service, name), None
    if text in ("*", "*:*"):
        return ActionPattern(text, "*", "*"), None
    return None, _diagnose(text)


def _diagnose(text: str) -> Defect:
    service, colon, name = text.partition(":")
    if any(char.isspace() for char in text):
        place = next(i for i, char in enumerate(text) if char.isspace())
        mended = "".join(text.split())
        return Defect(
            "PE0113",
            f"the action {quote(text)} has white space in it",
            Span(place, place + 1),
            "white space",
            _offer(mended),
        )
    if not colon or not service or not name:
        return _not_service_and_name(text)
    if "*" in service or "?" in service:
        return Defect(
            "PE0112",
            f"the service of the action {quote(text)} has a wildcard",
            Span(0, len(service)),
            "expected a service such as `s3`",
            "name each service, or write `*` for every action of every service",
        )
    return _wrong_character(text)


def _offer(mended: str) -> str:
    return f"write `{mended}`" if read_action_pattern(mended)[0] else ""


def _not_service_and_name(text: str) -> Defect:
    return Defect(
        "PE0111",
        f"{quote(text)} is not an action" if text else "an action is expected, the text is empty",
        Span(0, len(text)),
        "expected `service:name`",
        "write it with its service, as in `s3:GetObject`, or `*` for every action",
    )


def _wrong_character(text: str) -> Defect:
    start = text.index(":") + 1
    place = next((i for i, char in enumerate(text[: start - 1]) if not _is_in(_SERVICE, char)), -1)
    if place < 0:
        place = next(i for i in range(start, len(text)) if not _is_in(_NAME, text[i]))
    char = text[place]
    return Defect(
        "PE0113",
        f"the action {quote(text)} has the character {quote(char)} in it",
        Span(place, place + 1),
        "not a character of an action",
        "actions have letters, digits and the wildcards `*` and `?`",
    )


def _is_in(characters: frozenset[str], char: str) -> bool:
    return char.isascii() and char.lower() in characters
