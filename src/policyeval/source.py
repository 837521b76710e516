"""Where a text came from, and where in it something stands.

Positions are found on demand: the first question about a `Source` scans its text once, in linear
time and without recursion, and remembers the span of every key and value by JSON Pointer.
"""

from __future__ import annotations

from contextlib import suppress
from json.decoder import scanstring  # type: ignore[attr-defined]

from policyeval.value import Value, fill_cache

WHITESPACE = " \t\n\r"
MAX_DEPTH = 100  # R-LANG-10
_HIGH_SURROGATES = {"d8", "d9", "da", "db"}
_LOW_SURROGATES = {"dc", "dd", "de", "df"}
_AFTER_SCALAR = ',]}: \t\n\r"'


class Source(Value):
    """A named text. `text` is None for a policy that was given as a Python object.

    `line` is the line of the file on which the text begins, for a line of a JSON Lines file;
    `pointer` leads to the text in its file, for a value of an account export. Pointers into the
    text begin with it.
    """

    name: str
    text: str | None = None
    line: int = 1
    pointer: str = ""
    _map: SourceMap | None = None

    @property
    def map(self) -> SourceMap:
        """Spans of the text's keys and values by pointer; empty where there is no text."""
        if self._map is None:
            fill_cache(self, "_map", SourceMap(self.text or "", self.line, self.pointer))
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

    def __init__(self, text: str, first_line: int = 1, pointer: str = "") -> None:
        self.text = text
        self.first_line = first_line
        self.pointer = pointer
        self.values: dict[str, Span] = {}
        self.keys: dict[str, Span] = {}
        self.duplicates: list[tuple[str, Span]] = []
        self.lists: set[str] = set()
        self._line_starts: list[int] | None = None
        # Where the text is not JSON, what was scanned up to the defect still has its place.
        with suppress(StopIteration, ValueError):
            _Scanner(text, self).run()

    def find(self, pointer: str, *, key: bool = False) -> Span:
        """Give the span of a pointer, or of the deepest part of it that the text has.

        A step `0` into something that is no list stays where it is, since a single value may
        stand for a list of one (R-LANG-06).
        """
        place = self.pointer
        if not pointer.startswith(place):
            return Span(0, len(self.text))
        for step in pointer[len(place) :].split("/")[1:]:
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
        # A surrogate pair is written as two escapes and read as one character.
        high = self.text[position + 2 : position + 4].lower() in _HIGH_SURROGATES
        follows = self.text[position + 6 : position + 10].lower()
        return 12 if high and follows.startswith("\\u") and follows[2:] in _LOW_SURROGATES else 6

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line of the file and column of a character, both counted from 1."""
        from bisect import bisect_right

        starts = self._starts()
        line = bisect_right(starts, offset)
        return line + self.first_line - 1, offset - starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a line of the file, counted from 1, without its end."""
        starts = self._starts()
        line -= self.first_line - 1
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


class _Scanner:
    """Walks a JSON text once, with a stack of open containers instead of recursion."""

    def __init__(self, text: str, found: SourceMap) -> None:
        self.text = text
        self.found = found
        self.position = 1 if text.startswith("\ufeff") else 0
        self.pointer = found.pointer
        self.at_key = False
        # Each open container: pointer, start, index of the element (None in an object), keys seen.
        self.open: list[tuple[str, int, int | None, set[str]]] = []

    def run(self) -> None:
        """Remember every key and value; raises ValueError or StopIteration where it is no JSON."""
        while True:
            char = self._next()
            if char in ",:":
                self._separator(char)
            elif char in "}]":
                self._close()
            elif self.at_key:
                self._key()
            elif char in "{[":
                self._open_container(char)
            else:
                self._scalar()
            if not self.open:
                return

    def _next(self) -> str:
        text, size = self.text, len(self.text)
        while self.position < size and text[self.position] in WHITESPACE:
            self.position += 1
        if self.position == size:
            raise ValueError(size)
        return text[self.position]

    def _separator(self, char: str) -> None:
        self.position += 1
        if char == ":":
            return
        if not self.open:
            raise ValueError(self.position)
        parent, start, index, keys = self.open[-1]
        if index is None:
            self.at_key = True
        else:
            self.open[-1] = (parent, start, index + 1, keys)
            self.pointer = f"{parent}/{index + 1}"

    def _close(self) -> None:
        if not self.open:
            raise ValueError(self.position)
        self.pointer, start, _, _ = self.open.pop()
        self.position += 1
        self.at_key = False
        self.found.values[self.pointer] = Span(start, self.position)

    def _key(self) -> None:
        start = self.position
        key, self.position = scanstring(self.text, start + 1)
        parent, _, _, keys = self.open[-1]
        self.pointer = f"{parent}/{key.replace('~', '~0').replace('/', '~1')}"
        if key in keys:
            self.found.duplicates.append((self.pointer, Span(start, self.position)))
        keys.add(key)
        self.found.keys[self.pointer] = Span(start, self.position)
        self.at_key = False

    def _open_container(self, char: str) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise ValueError(self.position)  # pointers would grow with the square of the depth
        is_list = char == "["
        self.open.append((self.pointer, self.position, 0 if is_list else None, set()))
        if is_list:
            self.found.lists.add(self.pointer)
            self.pointer += "/0"
        self.at_key = not is_list
        self.position += 1

    def _scalar(self) -> None:
        start = self.position
        if self.text[start] == '"':
            _, self.position = scanstring(self.text, start + 1)
        else:
            while self.position < len(self.text) and self.text[self.position] not in _AFTER_SCALAR:
                self.position += 1
            if self.position == start:
                raise ValueError(start)
        self.found.values[self.pointer] = Span(start, self.position)
