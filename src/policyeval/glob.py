"""Patterns with `*` and `?`, compiled once, matched in linear time (R-MATCH-06).

A pattern is a tuple of tokens: literal strings and the four wildcards below. Ordinary shapes
become one string operation. Runs without field limits are matched piece by piece from the left,
which never needs to go back: the leftmost place for a piece leaves the most room for the rest.
Wildcards that must stay inside one ARN field (R-MATCH-02) break that argument, so those patterns
run as a bit-parallel automaton: one pass over the text, all states at once in one integer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from policyeval.policy import Wildcard
from policyeval.value import Word


class FieldWildcard(Word):
    """Wildcards that do not cross a colon."""

    FIELD_RUN = "*"
    FIELD_ONE = "?"


ANY_RUN: Final = Wildcard.ANY_RUN
ANY_ONE: Final = Wildcard.ANY_ONE
FIELD_RUN: Final = FieldWildcard.FIELD_RUN
FIELD_ONE: Final = FieldWildcard.FIELD_ONE

Token = str | Wildcard | FieldWildcard
Piece = tuple[Token, ...]
Matcher = Callable[[str], bool]


def wildcard_tokens(text: str) -> tuple[Token, ...]:
    """Split a text at its `*` and `?`."""
    if "*" not in text and "?" not in text:
        return (text,)
    tokens: list[Token] = []
    start = 0
    for position, char in enumerate(text):
        if char in "*?":
            tokens.append(text[start:position])
            tokens.append(ANY_RUN if char == "*" else ANY_ONE)
            start = position + 1
    tokens.append(text[start:])
    return tuple(tokens)


def compile_glob(tokens: Iterable[Token]) -> Matcher:  # noqa: PLR0911 - a list of shapes
    """Give a function that tells whether a whole text matches the tokens."""
    pattern = _normalised(tokens)
    if any(isinstance(token, FieldWildcard) for token in pattern):
        return _automaton(pattern)
    if not pattern:
        return _is_empty
    if pattern == (ANY_RUN,):
        return _always
    if len(pattern) == 1 and isinstance(pattern[0], str):
        return pattern[0].__eq__
    if len(pattern) == 2 and isinstance(pattern[0], str) and pattern[1] is ANY_RUN:
        prefix = pattern[0]
        return lambda text: text.startswith(prefix)
    if len(pattern) == 2 and isinstance(pattern[1], str) and pattern[0] is ANY_RUN:
        suffix = pattern[1]
        return lambda text: text.endswith(suffix)
    return _pieces(pattern)


def _always(_text: str) -> bool:
    return True


def _is_empty(text: str) -> bool:
    return not text


def _normalised(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """Join neighbouring literals and runs; a run across colons swallows one that stays inside."""
    joined: list[Token] = []
    for token in tokens:
        last = joined[-1] if joined else None
        if token == "":
            continue
        if isinstance(token, str) and isinstance(last, str):
            joined[-1] = last + token
        elif token in (ANY_RUN, FIELD_RUN) and last in (ANY_RUN, FIELD_RUN):
            joined[-1] = ANY_RUN if ANY_RUN in (token, last) else FIELD_RUN
        else:
            joined.append(token)
    return tuple(joined)


def _pieces(pattern: tuple[Token, ...]) -> Matcher:
    """Match the stretches between `*` from left to right, the last one at the end."""
    pieces: list[list[Token]] = [[]]
    for token in pattern:
        if token is ANY_RUN:
            pieces.append([])
        else:
            pieces[-1].append(token)
    first, *middle = (tuple(piece) for piece in pieces)
    if not middle:
        size = _size(first)
        return lambda text: len(text) == size and _stands_at(first, text, 0)
    last = middle.pop()
    starts, ends = _at_start(first), _at_end(last)
    first_size, last_size = _size(first), _size(last)
    finders = [(_finder(piece), _size(piece)) for piece in middle]
    minimum = first_size + last_size + sum(size for _, size in finders)
    if not finders:
        return lambda text: len(text) >= minimum and starts(text) and ends(text)

    def match(text: str) -> bool:
        if len(text) < minimum or not starts(text) or not ends(text):
            return False
        position, end = first_size, len(text) - last_size
        for find, size in finders:
            position = find(text, position, end)
            if position < 0:
                return False
            position += size
        return True

    return match


def _at_start(piece: Piece) -> Matcher:
    if len(piece) == 1 and isinstance(piece[0], str):
        literal = piece[0]
        return lambda text: text.startswith(literal)
    return lambda text: _stands_at(piece, text, 0)


def _at_end(piece: Piece) -> Matcher:
    if not piece:
        return _always
    if len(piece) == 1 and isinstance(piece[0], str):
        literal = piece[0]
        return lambda text: text.endswith(literal)
    size = _size(piece)
    return lambda text: _stands_at(piece, text, len(text) - size)


def _size(piece: Piece) -> int:
    return sum(len(token) if isinstance(token, str) else 1 for token in piece)


def _stands_at(piece: Piece, text: str, position: int) -> bool:
    for token in piece:
        if isinstance(token, str):
            if not text.startswith(token, position):
                return False
            position += len(token)
        else:
            position += 1
    return True


def _finder(piece: Piece) -> Callable[[str, int, int], int]:
    """Give a function that finds the leftmost place of a piece in `text[start:end]`, or -1."""
    if len(piece) == 1 and isinstance(piece[0], str):
        literal = piece[0]
        return lambda text, start, end: text.find(literal, start, end)
    # Shift-And: bit i is set where the piece's first i+1 characters end at this character.
    size = _size(piece)
    accepts, any_char = _masks(piece)
    goal = 1 << (size - 1)

    def find(text: str, start: int, end: int) -> int:
        state = 0
        for position in range(start, end):
            state = ((state << 1) | 1) & accepts.get(text[position], any_char)
            if state & goal:
                return position - size + 1
        return -1

    return find


def _masks(piece: Piece) -> tuple[dict[str, int], int]:
    """For each character the positions of the piece that accept it; and those that accept any."""
    any_char, position = 0, 0
    literals: dict[str, int] = {}
    for token in piece:
        if isinstance(token, str):
            for char in token:
                literals[char] = literals.get(char, 0) | 1 << position
                position += 1
        else:
            any_char |= 1 << position
            position += 1
    return {char: mask | any_char for char, mask in literals.items()}, any_char


def _automaton(pattern: tuple[Token, ...]) -> Matcher:
    """One bit a state: state i means that the first i single-character tokens are matched."""
    literals: dict[str, int] = {}
    any_char = field_char = loops = field_loops = position = 0
    for token in pattern:
        if isinstance(token, str):
            for char in token:
                literals[char] = literals.get(char, 0) | 1 << position
                position += 1
        elif token is ANY_ONE:
            any_char |= 1 << position
            position += 1
        elif token is FIELD_ONE:
            field_char |= 1 << position
            position += 1
        elif token is ANY_RUN:
            loops |= 1 << position
        else:
            field_loops |= 1 << position
    goal = 1 << position
    step_any, step_field = any_char, any_char | field_char
    stay_any, stay_field = loops, loops | field_loops

    def match(text: str) -> bool:
        state = 1
        for char in text:
            colon = char == ":"
            step = (step_any if colon else step_field) | literals.get(char, 0)
            stay = stay_any if colon else stay_field
            state = ((state & step) << 1) | (state & stay)
            if not state:
                return False
        return bool(state & goal)

    return match
