"""Names with `*` and `?`, matched in linear time (R-MATCH-06).

The engine has its own, faster one with ARN fields; the catalogue stands below it.
"""

from __future__ import annotations

from collections.abc import Callable


def glob(pattern: str) -> Callable[[str], bool]:
    """Give a function that tells whether a whole text matches a pattern.

    The pattern runs as a bit-parallel automaton: bit i of the state is set where the first i
    single characters of the pattern are matched.
    """
    if "*" not in pattern and "?" not in pattern:
        return pattern.__eq__
    if pattern.strip("*") == "":
        return lambda _text: True
    if pattern.endswith("*") and "*" not in pattern[:-1] and "?" not in pattern:
        start = pattern[:-1]
        return lambda text: text.startswith(start)
    accepts: dict[str, int] = {}
    any_char = loops = 0
    size = 0
    for char in pattern:
        if char == "*":
            loops |= 1 << size
            continue
        if char == "?":
            any_char |= 1 << size
        else:
            accepts[char] = accepts.get(char, 0) | 1 << size
        size += 1
    goal = 1 << size

    def matches(text: str) -> bool:
        state = 1
        for char in text:
            state = ((state & (accepts.get(char, 0) | any_char)) << 1) | (state & loops)
            if not state:
                return False
        return bool(state & goal)

    return matches
