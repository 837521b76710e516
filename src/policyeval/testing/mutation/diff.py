"""A mutant as a unified diff of the file that the policy stands in.

The two JSON trees are compared and only what differs is edited, so that the diff is what a person
would have changed. Where the source is no JSON text, or its lines are too long to read, the diff
is one of the statement's written form.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from policyeval.policy import Policy, Statement, escape_pointer
from policyeval.source import Source, Span
from policyeval.testing.mutation.model import Mutant
from policyeval.testing.mutation.raw import Raw
from policyeval.value import Value

CONTEXT = 2
LONGEST_LINE = 300

Edit = tuple[int, int, str]


class Diff(Value):
    """Lines of a hunk, each with its mark (` `, `-`, `+`), and the numbers of its first lines.

    `first` is 0 where the lines are of a written form.
    """

    lines: tuple[str, ...]
    first: int = 0
    old_count: int = 0
    new_count: int = 0

    @property
    def header(self) -> str:
        """The line with the numbers: `@@ -7,5 +7,4 @@`."""
        if not self.first:
            return "@@ @@"
        return f"@@ -{self.first},{self.old_count} +{self.first},{self.new_count} @@"


def diff_of(mutant: Mutant) -> Diff | None:
    """Give the diff of a mutant; None for a mutant of an attachment."""
    old, written = mutant.original, mutant.written
    if old is None or written is None:
        return None
    before, after = written.old, written.new
    if written.in_text:
        made = _in_text(mutant.policy, old, before, after)
        if made is not None:
            return made
    return _hunk(_dumped(before), _dumped(after) if after is not None else [], 0, whole=True)


# ---- edits of a text ----------------------------------------------------------------------


def _in_text(policy: Policy, old: Statement, before: Raw, after: Raw | None) -> Diff | None:
    source = policy.source
    assert source.text is not None
    try:
        edits = list(_statement_edits(policy, old, before, after))
    except KeyError:
        return None  # what the scanner did not see has no place
    if not edits:
        return None
    edits.sort()
    first, last = edits[0][0], max(end for _, end, _ in edits)
    start = source.text.rfind("\n", 0, first) + 1
    end = source.text.find("\n", last)
    end = len(source.text) if end < 0 else end
    old_text = source.text[start:end]
    new_text, position = "", start
    for begin, finish, text in edits:
        new_text += source.text[position:begin] + text
        position = finish
    new_text += source.text[position:end]
    return _around(source, start, old_text, new_text)


def _around(source: Source, start: int, old: str, new: str) -> Diff | None:
    """Give the hunk of some whole lines of a source, with the lines around them."""
    where = source.map
    first, _ = where.line_and_column(start)
    old_lines = old.split("\n")
    new_lines = new.split("\n")
    if all(line.strip() for line in old_lines):
        # What was cut out on lines of its own leaves an empty one.
        new_lines = [line for line in new_lines if line.strip()]
    assert source.text is not None
    last = first + len(old_lines) - 1
    total, _ = where.line_and_column(len(source.text))
    above = [where.line_text(n) for n in range(max(source.line, first - CONTEXT), first)]
    below = [where.line_text(n) for n in range(last + 1, min(total, last + CONTEXT) + 1)]
    every = [*above, *old_lines, *new_lines, *below]
    if any(len(line) > LONGEST_LINE for line in every):
        return None
    while below and not below[-1]:
        below.pop()
    return _hunk(
        [*above, *[line.rstrip("\r") for line in old_lines], *below],
        [*above, *[line.rstrip("\r") for line in new_lines], *below],
        first - len(above),
    )


def _hunk(old: Sequence[str], new: Sequence[str], first: int, *, whole: bool = False) -> Diff:
    """Give a hunk: equal lines at both ends are context, `CONTEXT` of them unless `whole`."""
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    skip = 0 if whole else max(0, head - CONTEXT)
    rest = tail if whole else min(tail, CONTEXT)
    lines = [f" {line}" for line in old[skip:head]]
    lines += [f"-{line}" for line in old[head : len(old) - tail]]
    lines += [f"+{line}" for line in new[head : len(new) - tail]]
    lines += [f" {line}" for line in old[len(old) - tail : len(old) - tail + rest]]
    counts = len(old) - skip - tail + rest, len(new) - skip - tail + rest
    return Diff(tuple(lines), first + skip if first else 0, *counts)


def _dumped(raw: Raw) -> list[str]:
    return json.dumps(raw, indent=2, ensure_ascii=False).split("\n")


def _statement_edits(
    policy: Policy, old: Statement, before: Raw, after: Raw | None
) -> Iterator[Edit]:
    writer = _Edits(policy.source)
    pointer = old.pointer
    if pointer not in writer.values:
        pointer = pointer.removesuffix(f"/{old.index}")  # the one statement is no list
    if after is not None:
        yield from writer.between(before, after, pointer)
    elif pointer != old.pointer:
        yield writer.whole(pointer, [])
    else:
        yield writer.without_item(pointer.rpartition("/")[0], old.index, len(policy.statements))


class _Edits:
    """Finds the edits that turn one JSON tree into another, where both stand in a text."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.values = source.map.values
        self.keys = source.map.keys

    def between(self, old: Any, new: Any, pointer: str) -> Iterator[Edit]:
        """Give the edits of a value."""
        if old == new:
            return
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self._members(old, new, pointer)
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._items(old, new, pointer)
        else:
            yield self.whole(pointer, new)

    def whole(self, pointer: str, new: Any) -> Edit:
        """Give the edit that writes a value anew, in the indentation of its text."""
        span = self.values[pointer]
        text = self.source.text or ""
        line = text[text.rfind("\n", 0, span.start) + 1 : span.start]
        margin = line[: len(line) - len(line.lstrip())]
        dumped = json.dumps(new, indent=2 if "\n" in text else None, ensure_ascii=False)
        return span.start, span.end, dumped.replace("\n", f"\n{margin}")

    def without_item(self, pointer: str, place: int, count: int) -> Edit:
        """Give the edit that takes an item out of a list of `count`."""
        spans = [self.values[f"{pointer}/{n}"] for n in range(count)]
        return _cut(spans, place)

    def _items(self, old: list[Any], new: list[Any], pointer: str) -> Iterator[Edit]:
        if len(new) == len(old) - 1:
            place = next((n for n, item in enumerate(new) if item != old[n]), len(new))
            if old[:place] + old[place + 1 :] == new:
                yield self.without_item(pointer, place, len(old))
                return
        if len(new) == len(old):
            for number, (one, other) in enumerate(zip(old, new, strict=True)):
                yield from self.between(one, other, f"{pointer}/{number}")
            return
        yield self.whole(pointer, new)

    def _members(self, old: dict[str, Any], new: dict[str, Any], pointer: str) -> Iterator[Edit]:
        names = list(old)
        gone = [name for name in names if name not in new]
        added = [name for name in new if name not in old]
        if not added and len(gone) <= 1:
            if gone:
                yield self._without_member(names, gone[0], pointer)
            for name in names:
                if name in new:
                    yield from self.between(old[name], new[name], self._member(pointer, name))
        elif len(gone) == 1 == len(added) and names.index(gone[0]) == list(new).index(added[0]):
            inner = self._member(pointer, gone[0])
            span = self.keys[inner]
            yield span.start, span.end, json.dumps(added[0], ensure_ascii=False)
            yield from self.between(old[gone[0]], new[added[0]], inner)
        else:
            yield self.whole(pointer, new)

    def _without_member(self, names: list[str], gone: str, pointer: str) -> Edit:
        inner = [self._member(pointer, name) for name in names]
        spans = [Span(self.keys[each].start, self.values[each].end) for each in inner]
        return _cut(spans, names.index(gone))

    def _member(self, pointer: str, name: str) -> str:
        return f"{pointer}/{escape_pointer(name)}"


def _cut(spans: list[Span], place: int) -> Edit:
    """Cut one of several spans out, with the comma that parts it from its neighbour."""
    if place + 1 < len(spans):
        return spans[place].start, spans[place + 1].start, ""
    if place:
        return spans[place - 1].end, spans[place].end, ""
    return spans[0].start, spans[0].end, ""
