"""JSON exports, read value by value: a file of hundreds of megabytes is never held whole.

The members of the outermost object come one after another; of a member that is a list, its items
do. Each comes with its `Place`, from which it can be read again when somebody needs its text.
"""

from __future__ import annotations

import json
import os
from codecs import getincrementaldecoder
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from policyeval.environment.project_files import PATH_ERRORS
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.policy import escape_pointer
from policyeval.source import MAX_DEPTH, WHITESPACE, Location, Source, Span
from policyeval.value import Value

CHUNK = 1 << 20
MAX_VALUE = 64 * 1024 * 1024  # characters of one value that is held whole
MOST_COLUMNS = 400  # a place further right is told by its pointer, not by its column
_NEAR = 64  # a defect so near to the end of what was read may be mended by what follows

OPENING = object()


class ExportFile(Value):
    """A file as it was when it was indexed. `name` is what messages call it."""

    path: str
    name: str
    size: int
    changed: int

    @staticmethod
    def of(path: Path, name: str) -> ExportFile:
        """Give the file at a path; raises OSError where there is none."""
        found = path.stat()
        return ExportFile(os.fspath(path), name, found.st_size, found.st_mtime_ns)


class Place(Value):
    """Where a value stands in an export: bytes to read it again, line and column to show it.

    `column` counts the characters before it in its line, `pointer` leads to it from the top.
    """

    file: ExportFile
    pointer: str
    offset: int
    length: int
    line: int
    column: int

    def read(self) -> tuple[str, str]:
        """Give the value's text, or none and why it cannot be had any more."""
        try:
            with open(self.file.path, "rb") as stream:  # noqa: PTH123 - a path that is resolved
                found = os.fstat(stream.fileno())
                if (found.st_size, found.st_mtime_ns) != (self.file.size, self.file.changed):
                    return "", "it has changed since it was read"
                stream.seek(self.offset)
                return stream.read(self.length).decode(), ""
        except UnicodeDecodeError:
            return "", "it has changed since it was read"
        except PATH_ERRORS as error:
            return "", (getattr(error, "strerror", None) or str(error)).lower()

    def within(self, text: str, span: Span, pointer: str) -> Place:
        """Give the place of a part of the value, whose own text is given."""
        before = text[: span.start]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") - 1 if lines else self.column + len(before)
        offset = self.offset + len(before.encode())
        length = len(text[span.start : span.end].encode())
        return Place(self.file, pointer, offset, length, self.line + lines, column)

    def source(self, text: str) -> Source:
        """Give the value's text as a source that knows its lines and columns in the file.

        Where it stands far to the right, in a file without line breaks, its name tells the
        pointer, and lines count in the value alone.
        """
        if self.column > MOST_COLUMNS:
            return Source(f"{self.file.name}#{self.pointer}", text, 1, self.pointer)
        return Source(self.file.name, " " * self.column + text, self.line, self.pointer)


class Where(Value):
    """A place to point at should it be needed: then its text is read again.

    `place` is None for what is held in memory; then `source` is its text.
    """

    pointer: str
    place: Place | None = None
    source: Source | None = None

    @property
    def location(self) -> Location:
        """Give the place with its text, as far as it can be had."""
        if self.source is not None:
            return Location(self.source, self.pointer)
        if self.place is None:
            return Location(Source("export"), self.pointer)
        text, why = self.place.read()
        if why:
            return Location(Source(self.place.file.name), self.pointer)
        return Location(self.place.source(text), self.pointer)


class Item:
    """A value of an export while it is read; `key` is the member of the outermost object.

    Before the items of a list comes one that stands for its beginning, with the value `OPENING`:
    that there is an empty list is worth knowing. `place` is None for a value whose text is held in
    memory for good.
    """

    __slots__ = ("_source", "in_list", "key", "place", "pointer", "text", "value")

    def __init__(
        self,
        key: str,
        value: Any,
        pointer: str,
        *,
        place: Place | None = None,
        text: str = "",
        source: Source | None = None,
        in_list: bool = False,
    ) -> None:
        self.key = key
        self.value = value
        self.pointer = pointer
        self.place = place
        self.text = text
        self.in_list = in_list
        self._source = source

    @property
    def opens(self) -> bool:
        """True for the item that stands for the beginning of a list."""
        return self.value is OPENING

    @property
    def source(self) -> Source:
        """The text of the value."""
        if self._source is None:
            assert self.place is not None
            self._source = self.place.source(self.text)
        return self._source


class BrokenExportError(Exception):
    """The text of an export breaks off or is no JSON; carries what is to be said."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def items(file: ExportFile, stream: IO[bytes]) -> Iterator[Item]:
    """Give the values of an export in their order; raises BrokenExportError where it breaks.

    A list at the top comes as the member with an empty name.
    """
    cursor = _Cursor(file, stream)
    char = cursor.next()
    if char == "{":
        yield from _members(cursor)
    elif char == "[":
        yield from _elements(cursor, "", "")
    else:
        raise cursor.defect("an export is a JSON object" if char else "the file is empty")
    if cursor.next():
        raise cursor.defect("something follows the end of the JSON text")


def _members(cursor: _Cursor) -> Iterator[Item]:
    cursor.take("{")
    seen: set[str] = set()
    if cursor.next() == "}":
        cursor.take("}")
        return
    while True:
        if cursor.next() != '"':
            raise cursor.defect("expected a key in double quotes")
        key, _, _ = cursor.value("")
        pointer = f"/{escape_pointer(key)}"
        if key in seen:
            raise cursor.defect(f"the key {quote(key)} appears twice", pointer)
        seen.add(key)
        cursor.expect(":", pointer)
        if cursor.next() == "[":
            yield from _elements(cursor, key, pointer)
        else:
            value, place, text = cursor.value(pointer)
            yield Item(key, value, pointer, place=place, text=text)
        if not cursor.goes_on("}", pointer):
            return


def _elements(cursor: _Cursor, key: str, pointer: str) -> Iterator[Item]:
    start = cursor.place(pointer)
    cursor.take("[")
    yield Item(key, OPENING, pointer, place=start, text="[", in_list=True)
    if cursor.next() == "]":
        cursor.take("]")
        return
    index = 0
    while True:
        where = f"{pointer}/{index}"
        if not cursor.next():
            raise cursor.defect("the file ends in the middle of a list", where)
        value, place, text = cursor.value(where)
        yield Item(key, value, where, place=place, text=text, in_list=True)
        if not cursor.goes_on("]", where):
            return
        index += 1


class _Cursor:
    """Reads on through a file, with the place of what it has reached."""

    def __init__(self, file: ExportFile, stream: IO[bytes]) -> None:
        self.file = file
        self.stream = stream
        self.decoder = getincrementaldecoder("utf-8")()
        self.text = ""
        self.at = 0
        self.offset = 0
        self.line = 1
        self.column = 0
        self.ended = False
        self.repeats = False
        self.decode = json.JSONDecoder(object_pairs_hook=self._object).raw_decode
        self._more()
        if self.text.startswith("\ufeff"):
            self._advance(1)
            self.column = 0

    def next(self) -> str:
        """Give the next character that is no blank, without taking it; empty at the end."""
        while True:
            text, at, size = self.text, self.at, len(self.text)
            while at < size and text[at] in WHITESPACE:
                at += 1
            self._advance(at)
            if at < size:
                return text[at]
            if self.ended:
                return ""
            self._more()

    def take(self, char: str) -> None:
        """Step over a character that is there."""
        self._advance(self.at + len(char))

    def expect(self, char: str, pointer: str) -> None:
        """Step over a character; raises where another one stands there."""
        if self.next() != char:
            raise self.defect(f"expected `{char}`", pointer)
        self.take(char)

    def goes_on(self, end: str, pointer: str) -> bool:
        """Step over a comma, or over the end of a list or object: then there is no more."""
        char = self.next()
        if char not in (",", end):
            raise self.defect(f"expected `,` or `{end}`", pointer)
        self.take(char)
        return char == ","

    def place(self, pointer: str, length: int = 0) -> Place:
        """Give the place that was reached."""
        return Place(self.file, pointer, self.offset, length, self.line, self.column)

    def value(self, pointer: str) -> tuple[Any, Place, str]:
        """Read a whole value; gives it with its place and its text."""
        self.next()
        while True:
            try:
                self.repeats = False
                value, end = self.decode(self.text, self.at)
                if end < len(self.text) or self.ended:  # else a number may go on
                    break
            except json.JSONDecodeError as error:
                if self.ended or self._is_certain(error):
                    raise self.defect(_words(error), pointer, error.pos) from None
            except RecursionError:
                raise self.defect(f"the value nests deeper than {MAX_DEPTH} levels", pointer) from (
                    None
                )
            if len(self.text) - self.at > MAX_VALUE:
                raise self.defect(f"the value has more than {MAX_VALUE} characters", pointer)
            self._more()
        text = self.text[self.at : end]
        start = self.offset, self.line, self.column
        self._advance(end)
        offset, line, column = start
        place = Place(self.file, pointer, offset, self.offset - offset, line, column)
        if self.repeats:
            raise _repeated(place.source(text))
        return value, place, text

    def _object(self, members: list[tuple[str, Any]]) -> dict[str, Any]:
        tree = dict(members)
        if len(tree) != len(members):
            self.repeats = True
        return tree

    def _is_certain(self, error: json.JSONDecodeError) -> bool:
        """Tell whether a defect stays one, whatever follows what was read so far."""
        return error.pos < len(self.text) - _NEAR and not error.msg.startswith("Unterminated")

    def _advance(self, end: int) -> None:
        passed = self.text[self.at : end]
        self.at = end
        self.offset += len(passed) if passed.isascii() else len(passed.encode())
        lines = passed.count("\n")
        if lines:
            self.line += lines
            self.column = len(passed) - passed.rfind("\n") - 1
        else:
            self.column += len(passed)

    def _more(self) -> None:
        """Read on: as much again as is held already, so that a long value costs its length."""
        held = self.text[self.at :]
        data = self.stream.read(max(CHUNK, len(held)))
        self.at = 0
        self.text = held
        try:
            self.text += self.decoder.decode(data, final=not data)
        except UnicodeDecodeError:
            self.ended = True
            raise self.defect("the file is not in UTF-8") from None
        self.ended = not data

    def defect(self, message: str, pointer: str = "", at: int | None = None) -> BrokenExportError:
        """Give the error for what stands here, or at a character of the text that is held."""
        if at is not None:
            self._advance(max(min(at, len(self.text)), self.at))
        if self.ended and self.at >= len(self.text.rstrip()):
            message = (
                message
                if message == "the file is empty"
                else (f"the file ends too early: it was cut off ({message})")
            )
        start = self.text.rfind("\n", 0, self.at) + 1
        first = max(start, self.at - MOST_COLUMNS)
        end = self.text.find("\n", self.at)
        end = min(len(self.text) if end < 0 else end, self.at + MOST_COLUMNS)
        before = min(self.column, MOST_COLUMNS * 20) - (self.at - first)
        shown = " " * max(before, 0) + self.text[first:end]
        place = max(before, 0) + self.at - first
        source = Source(self.file.name, shown, self.line)
        location = Location(source, pointer, span=Span(place, min(place + 1, len(shown))))
        return BrokenExportError(
            Finding(
                "PE1801",
                Severity.ERROR,
                message,
                location,
                "export it once more, and keep the file whole",
            )
        )


def _repeated(source: Source) -> BrokenExportError:
    """Give the error for an object with a key that it has already: which one holds? (R-LANG-02)."""
    pointer, span = next(iter(source.map.duplicates), (source.pointer, Span(0, 0)))
    key = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    return BrokenExportError(
        Finding(
            "PE0016",
            Severity.ERROR,
            f"the key {quote(key)} appears twice in one object",
            Location(source, pointer, span=span),
            "export it once more, or remove one",
            "repeated here",
        )
    )


def _words(error: json.JSONDecodeError) -> str:
    """Say what is wrong in words of a sentence."""
    return f"the file is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
