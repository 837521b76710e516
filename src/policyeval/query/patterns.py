"""Resource patterns as sets of texts: does one hold all of another, what lies in several?

A pattern is a tuple of tokens, as `matching.resource` makes them. `covers` errs on one side only:
what it calls covered is covered. `witness` gives a text that several patterns match, with a
stretch of its own wherever all of them leave one free: so it stands for most of what they share.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from policyeval.glob import (
    ANY_ONE,
    ANY_RUN,
    FIELD_ONE,
    FIELD_RUN,
    Matcher,
    Token,
    compile_glob,
)
from policyeval.value import Value, fill_cache

FILLER = "zq0"
MOST_STATES = 20_000
MOST_STATES_OF_ALL = 2_000_000
LONGEST = 2048

_RUNS = (ANY_RUN, FIELD_RUN)
_EVERYTHING = (ANY_RUN,)
Item = Token
"""One character, or one wildcard."""


class Pattern(Value):
    """A resource pattern as it is shown, and its tokens.

    `flat`: what it matches has no slash (a bucket's name).
    """

    text: str
    tokens: tuple[Token, ...]
    flat: bool = False
    _matches: Matcher | None = None
    _items: tuple[Item, ...] | None = None

    def matches(self, text: str) -> bool:
        """Tell whether a text matches."""
        if self._matches is None:
            fill_cache(self, "_matches", compile_glob(self.tokens))
        assert self._matches is not None
        return self._matches(text) and not (self.flat and "/" in text)

    @property
    def items(self) -> tuple[Item, ...]:
        """The tokens, literal texts cut into characters."""
        if self._items is None:
            fill_cache(self, "_items", tuple(_items(self.tokens)))
        assert self._items is not None
        return self._items


def _items(tokens: Sequence[Token]) -> Iterator[Item]:
    for token in tokens:
        if isinstance(token, str):
            yield from token
        else:
            yield token


def covers(wide: Pattern, narrow: Pattern) -> bool:
    """Tell whether every text that `narrow` matches is matched by `wide`; in doubt: no.

    One bit a state, as in `glob.py`; what is read are the items of the narrow pattern.
    """
    runs_any = runs_field = position = 0
    accepts: list[Item] = []
    for item in wide.items:
        if item is ANY_RUN:
            runs_any |= 1 << position
        elif item is FIELD_RUN:
            runs_field |= 1 << position
        else:
            accepts.append(item)
            position += 1
    steps: dict[Item, int] = {}
    state = 1
    for item in narrow.items:
        if item not in steps:
            steps[item] = sum(
                1 << place for place, wanted in enumerate(accepts) if _takes(wanted, item)
            )
        in_field = item is not ANY_RUN and item is not ANY_ONE and item != ":"
        stay = runs_any | (runs_field if in_field else 0)
        state = ((state & steps[item]) << 1) | (state & stay)
        if not state:
            return False
    return bool(state & 1 << position)


def _takes(wanted: Item, item: Item) -> bool:
    """Tell whether a single-character item takes whatever another stands for."""
    if item in _RUNS:
        return False
    if wanted is ANY_ONE:
        return True
    if wanted is FIELD_ONE:
        return item is not ANY_ONE and item != ":"
    return wanted == item


State = tuple[int, ...]


class Undecided(Exception):
    """Nobody can tell in reasonable time whether patterns share a text."""


class Budget:
    """How many states the searches of one question may still visit together."""

    __slots__ = ("left",)

    def __init__(self, states: int = MOST_STATES_OF_ALL) -> None:
        self.left = states


def witness(patterns: Sequence[Pattern], budget: Budget | None = None) -> str | None:
    """Give a text that all of these patterns match; None where there is none.

    Raises Undecided after `MOST_STATES` states, or when the budget is spent, and for patterns that
    are longer than AWS takes.
    """
    narrow = [pattern for pattern in patterns if pattern.tokens != _EVERYTHING] or patterns[:1]
    if not _begin_alike(narrow):
        return None
    programs = [pattern.items for pattern in narrow]
    if len(programs) == 1:
        return "".join(map(_stand_in, programs[0]))
    if any(len(program) > LONGEST for program in programs):
        raise Undecided
    budget = budget or Budget()
    start: State = (0,) * len(programs)
    end = tuple(len(program) for program in programs)
    came: dict[State, tuple[State, str]] = {start: (start, "")}
    waiting = deque([start])
    most = min(MOST_STATES, budget.left)
    try:
        while waiting:
            state = waiting.popleft()
            if state == end:
                return _text(came, state, programs)
            if len(came) > most:
                raise Undecided
            for following, char in _moves(state, programs):
                if following not in came:
                    came[following] = (state, char)
                    waiting.append(following)
        return None
    finally:
        budget.left -= len(came)


def overlap(patterns: Sequence[Pattern], budget: Budget | None = None) -> bool:
    """Tell whether patterns share a text; in doubt they do."""
    try:
        return witness(patterns, budget) is not None
    except Undecided:
        return True


def _begin_alike(patterns: Sequence[Pattern]) -> bool:
    """Tell whether the literal beginnings of the patterns can be those of one text."""
    begun = ""
    for pattern in patterns:
        first = pattern.tokens[0] if pattern.tokens else ""
        beginning = first if isinstance(first, str) else ""
        if not (beginning.startswith(begun) or begun.startswith(beginning)):
            return False
        begun = max(begun, beginning, key=len)
    return True


def _stand_in(item: Item) -> str:
    if isinstance(item, str):
        return item
    return FILLER if item in _RUNS else FILLER[0]


def _moves(state: State, programs: list[tuple[Item, ...]]) -> Iterator[tuple[State, str]]:
    heads = [
        program[place] if place < len(program) else None
        for place, program in zip(state, programs, strict=True)
    ]
    for number, head in enumerate(heads):
        if head in _RUNS:  # a run may end anywhere
            yield (*state[:number], state[number] + 1, *state[number + 1 :]), ""
    if None in heads:
        return
    literals = {head for head in heads if isinstance(head, str)}
    if len(literals) > 1:
        return
    char = literals.pop() if literals else FILLER[0]
    if char == ":" and any(head in (FIELD_ONE, FIELD_RUN) for head in heads):
        return
    following = tuple(
        place if head in _RUNS else place + 1 for place, head in zip(state, heads, strict=True)
    )
    if following != state:
        yield following, char


def _text(
    came: dict[State, tuple[State, str]], state: State, programs: list[tuple[Item, ...]]
) -> str:
    """Read the way back; where all patterns are in a run, put the filler in."""
    parts: list[str] = []
    while True:
        if all(
            place < len(program) and program[place] in _RUNS
            for place, program in zip(state, programs, strict=True)
        ):
            parts.append(FILLER)
        before, char = came[state]
        parts.append(char)
        if before == state:
            return "".join(reversed(parts))
        state = before
