"""Where a text came from, and where in it something stands.

Positions are found on demand: the first question about a `Source` scans its text once, in linear
time and without recursion, and remembers the span of every key and value by JSON Pointer.
"""

from __future__ import annotations

from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from policyeval.value import Value, fill_cache

WHITESPACE = " \t\n\r"
MAX_DEPTH = 100  # R-LANG-10


class Source(Value):
    """A named text. `text` is None for a policy that was given as a Python object."""

    name: str
    text: str | None = None
    _map: SourceMap | None = None

    @property
    def map(self) -> SourceMap:
        """Spans of the text's keys and values by pointer; empty where there is no text."""
        if self._map is None:
            fill_cache(self, "_map", SourceMap(self.text or ""))
        assert self._map is not None
        return self._map


class Span(Value):
    """A stretch of text: characters, 0-based, end exclusive."""

    start: int
    end: int


class Location(Value):
    """A place in a source.

    `pointer` is a JSON Pointer; `within` narrows it to characters of the decoded string value
    there; `key` means the key that leads to the value. `span` is a direct stretch of the text, for
    places that have no pointer (a syntax error).
    """

    source: Source
    pointer: str = ""
    within: Span | None = None
    key: bool = False
    span: Span | None = None

    def resolve(self) -> Span | None:
        """Give the stretch of text meant; None where the source has no text."""
        if self.source.text is None:
            return None
        if self.span is not None:
            return self.span
        found = self.source.map.find(self.pointer, key=self.key)
        if self.within is None or self.source.text[found.start : found.start + 1] != '"':
            return found
        return self.source.map.inside_string(found, self.within)


class SourceMap:
    """The spans of a JSON text by pointer. Not frozen: it is a cache of its text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.values: dict[str, Span] = {}
        self.keys: dict[str, Span] = {}
        self.duplicates: list[tuple[str, Span]] = []
        self.lists: set[str] = set()
        self._line_starts: list[int] | None = None
        try:
            self._scan()
        except (StopIteration, ValueError, IndexError):
            # Not JSON: what was scanned up to the defect still has its place.
            pass

    def find(self, pointer: str, *, key: bool = False) -> Span:
        """Give the span of a pointer, or of the deepest part of it that the text has.

        A step `0` into something that is no list stays where it is, since a single value may
        stand for a list of one (R-LANG-06).
        """
        place = ""
        for step in pointer.split("/")[1:]:
            further = f"{place}/{step}"
            if further in self.values:
                place = further
            elif step == "0" and place not in self.lists:
                continue
            else:
                break
        if key and place in self.keys:
            return self.keys[place]
        return self.values.get(place, Span(0, len(self.text)))

    def inside_string(self, span: Span, within: Span) -> Span:
        """Turn characters of a decoded string into characters of the text, escapes counted."""
        position, decoded = span.start + 1, 0
        start = end = None
        while position < span.end:
            if decoded == within.start:
                start = position
            if decoded == within.end:
                end = position
                break
            position += self._width(position)
            decoded += 1
        last = span.end - 1
        return Span(last if start is None else start, last if end is None else end)

    def _width(self, position: int) -> int:
        if self.text[position] != "\\":
            return 1
        if self.text[position + 1] != "u":
            return 2
        pair = self.text[position + 6 : position + 8] == "\\u"
        high = self.text[position + 2 : position + 4].lower() in {"d8", "d9", "da", "db"}
        return 12 if high and pair else 6

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both counted from 1."""
        from bisect import bisect_right

        starts = self._starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a line, counted from 1, without its end."""
        starts = self._starts()
        start = starts[line - 1]
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return self.text[start:end].rstrip("\r")

    def _starts(self) -> list[int]:
        if self._line_starts is None:
            starts = [0]
            at = self.text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = self.text.find("\n", at + 1)
            self._line_starts = starts
        return self._line_starts

    def _scan(self) -> None:
        """Walk the text with a stack of open containers: [pointer, start, next index or None]."""
        text, size = self.text, len(self.text)
        open_containers: list[list[Any]] = []
        position, pointer, at_key = 1 if text.startswith("\ufeff") else 0, "", False
        seen: list[set[str]] = []
        while True:
            while position < size and text[position] in WHITESPACE:
                position += 1
            char = text[position]  # IndexError at the end of a broken text
            if char in "}]":
                pointer, start, _ = open_containers.pop()
                if char == "}":
                    seen.pop()
                position += 1
                self._remember(pointer, start, position)
            elif char == "," or char == ":":
                position += 1
                if char == ",":
                    container = open_containers[-1]
                    if container[2] is None:
                        at_key = True
                    else:
                        container[2] += 1
                        pointer = f"{container[0]}/{container[2]}"
                continue
            elif at_key:
                key, end = scanstring(text, position + 1)
                parent = open_containers[-1][0]
                pointer = f"{parent}/{key.replace('~', '~0').replace('/', '~1')}"
                if key in seen[-1]:
                    self.duplicates.append((pointer, Span(position, end)))
                seen[-1].add(key)
                self.keys[pointer] = Span(position, end)
                position, at_key = end, False
                continue
            elif len(open_containers) > MAX_DEPTH:
                raise ValueError(position)  # pointers would grow with the square of the depth
            elif char == "{":
                open_containers.append([pointer, position, None])
                seen.append(set())
                position, at_key = position + 1, True
                continue
            elif char == "[":
                open_containers.append([pointer, position, 0])
                self.lists.add(pointer)
                pointer, position = f"{pointer}/0", position + 1
                continue
            else:
                end = self._scalar_end(position)
                self._remember(pointer, position, end)
                position = end
            if not open_containers:
                return
            at_key = False

    def _scalar_end(self, position: int) -> int:
        if self.text[position] == '"':
            return int(scanstring(self.text, position + 1)[1])
        end = position
        while end < len(self.text) and self.text[end] not in ',]}: \t\n\r"':
            end += 1
        if end == position:
            raise ValueError(position)
        return end

    def _remember(self, pointer: str, start: int, end: int) -> None:
        self.values[pointer] = Span(start, end)
