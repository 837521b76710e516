"""A piece of source, as compilers show it: line numbers, carets, labels.

    --> policies/scp/region-lock.json:11:11
     |
   5 |       "Sid": "DenyOutsideEU",
     |
   .. |

Everything is measured in columns of a terminal, not in characters: tabs are spread, wide
characters count twice, and what could steer a terminal is shown as an escape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyeval.rendering.document import (
    ELLIPSIS,
    Mark,
    Run,
    Snippet,
    visible,
    visible_character,
)
from policyeval.rendering.words import lines_of
from policyeval.source import Location, Source
from policyeval.value import Value

TAB = 4
LONG_LINE = 140
LEAST_LABEL = 24
MOST_LINES_OF_A_MARK = 6

Row = tuple[Run, ...]


class _Stretch(Value):
    """Part of one line: characters, 0-based, end exclusive."""

    line: int
    start: int
    end: int
    label: str = ""


class _Frame(Value):
    """What the rows of one snippet share: width of the line numbers, room for code, charset."""

    gutter: int
    room: int
    ascii_only: bool

    @staticmethod
    def of(last_line: int, width: int, *, ascii_only: bool) -> _Frame:
        gutter = len(str(last_line))
        return _Frame(gutter, max(width - gutter - 3, 40), ascii_only)

    def shown(self, text: str) -> str:
        return visible(text, ascii_only=self.ascii_only)

    def row(self, number: str = "", *runs: Run) -> Row:
        return (Run("gutter", f"{number:>{self.gutter}} |"), *runs)

    def arrow(self, location: Location) -> Row:
        place = self.shown(place_words(location))
        return (Run("gutter", f"{'':{self.gutter}}--> "), Run("path", place))

    def notes(self, notes: Iterable[str]) -> Iterator[Row]:
        start = f"{'':{self.gutter}} = "
        for note in notes:
            for place, row in enumerate(wrapped(self.shown(note), self.room)):
                yield (Run("gutter", " " * len(start) if place else start), Run("dim", row))


def snippet_rows(snippet: Snippet, width: int, *, ascii_only: bool = False) -> list[Row]:
    """Lay a snippet out: one row a line, each a tuple of runs, all harmless."""
    source = snippet.location.source
    if source.text is None:
        return _rows_without_text(snippet, _Frame.of(1, width, ascii_only=ascii_only))
    marks = sorted(_stretches(snippet.marks, source), key=lambda mark: (mark.line, mark.start))
    shown = _lines_to_show(snippet, marks)
    frame = _Frame.of(max(shown), width, ascii_only=ascii_only)
    rows = [frame.arrow(snippet.location), frame.row()]
    last = 0
    for number in sorted(shown):
        if last and number > last + 1:
            rows.append((Run("gutter", ".."),))
        here = [mark for mark in marks if mark.line == number]
        rows.extend(_source_rows(source, number, shown[number], here, frame))
        last = number
    if snippet.notes:
        rows.append(frame.row())
        rows.extend(frame.notes(snippet.notes))
    return rows


def place_words(location: Location) -> str:
    """`policies/scp/lock.json:11:11`; without text the name and the pointer."""
    span = location.resolve()
    if span is None:
        return f"{location.source.name} {location.pointer}".rstrip()
    line, column = location.source.map.line_and_column(span.start)
    return f"{location.source.name}:{line}:{column}"


# ---- which lines --------------------------------------------------------------------------


def _stretches(marks: Iterable[Mark], source: Source) -> Iterator[_Stretch]:
    """Each mark as a stretch of its first line."""
    for mark in marks:
        span = mark.location.resolve()
        if span is None or mark.location.source != source:
            continue
        line, column = source.map.line_and_column(span.start)
        length = len(source.map.line_text(line))
        start = min(column - 1, length)
        yield _Stretch(line, start, min(start + span.end - span.start, length), mark.label)


def _lines_to_show(snippet: Snippet, marks: list[_Stretch]) -> dict[int, int]:
    """Give the numbers of the lines to show, each with the character to look at."""
    source = snippet.location.source
    shown: dict[int, int] = {}
    for location in snippet.context:
        span = location.resolve()
        if span is not None and location.source == source:
            line, column = source.map.line_and_column(span.start)
            shown.setdefault(line, column - 1)
    for mark in snippet.marks:
        shown.update(_lines_of(mark, source))
    shown.update({mark.line: mark.start for mark in marks})
    if not shown:
        span = snippet.location.resolve()
        line, column = source.map.line_and_column(span.start if span else 0)
        shown[line] = column - 1
    for number in list(shown):
        if number + 2 in shown:
            shown.setdefault(number + 1, 0)  # no longer than the two dots would be
    return shown


def _lines_of(mark: Mark, source: Source) -> dict[int, int]:
    """The further lines of a marked value that runs over a few."""
    lines = lines_of(mark.location) if mark.location.source == source else None
    if lines is None:
        return {}
    first, last = lines
    if last - first >= MOST_LINES_OF_A_MARK:
        return {}
    return dict.fromkeys(range(first, last + 1), 0)


# ---- one line of source -------------------------------------------------------------------


def _source_rows(
    source: Source, number: int, look_at: int, marks: list[_Stretch], frame: _Frame
) -> Iterator[Row]:
    text = source.map.line_text(number)
    more = frame.shown(ELLIPSIS)
    for begin, end, inside in _windows(text, look_at, marks, frame.room):
        columns = _Columns(text[begin:end], ascii_only=frame.ascii_only)
        before, after = (more if begin else ""), (more if end < len(text) else "")
        shown = f" {before}{columns.text}{after}".rstrip()
        yield frame.row(str(number), Run("source", shown))
        for mark in inside:
            left = len(before) + columns.at(mark.start - begin)
            right = len(before) + columns.at(min(mark.end, end) - begin)
            yield from _caret_rows(left, max(right - left, 1), mark.label, frame)


def _windows(
    text: str, look_at: int, marks: list[_Stretch], room: int
) -> Iterator[tuple[int, int, list[_Stretch]]]:
    """Give the parts of a line to show, each with its marks: the whole line if it is not long."""
    if len(text) <= max(LONG_LINE, room):
        yield 0, len(text), marks
        return
    budget = room - 2
    if not marks:
        begin, end = _window(text, look_at, look_at + 1, budget)
        yield begin, end, []
        return
    together: list[_Stretch] = []
    for mark in marks:
        if together and mark.end - together[0].start > budget * 2 // 3:
            yield (*_window(text, together[0].start, together[-1].end, budget), together)
            together = []
        together.append(mark)
    end_of_all = max(mark.end for mark in together)
    yield (*_window(text, together[0].start, end_of_all, budget), together)


def _window(text: str, start: int, end: int, budget: int) -> tuple[int, int]:
    """Cut a line around a stretch: a third of what is left stands before it."""
    before = max((budget - (end - start)) // 3, 8)
    begin = max(0, start - before)
    stop = min(len(text), begin + budget)
    return max(0, min(begin, stop - budget)), stop


class _Columns:
    """A text as a terminal shows it, with the column of each of its characters. Not a value."""

    def __init__(self, text: str, *, ascii_only: bool) -> None:
        shown, starts, column = [], [], 0
        for char in text:
            starts.append(column)
            if char == "\t":
                piece = " " * (TAB - column % TAB)
            else:
                piece = visible_character(char, ascii_only=ascii_only)
            shown.append(piece)
            column += columns_of(piece)
        self.text = "".join(shown)
        self._starts = [*starts, column]

    def at(self, character: int) -> int:
        """The column in which a character begins."""
        return self._starts[min(character, len(self._starts) - 1)]


def columns_of(text: str) -> int:
    """How many columns a terminal gives a printable text: two for wide characters."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(
        0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text
    )


def _caret_rows(left: int, length: int, label: str, frame: _Frame) -> Iterator[Row]:
    """Carets, and the label beside them, or below where it has no room there."""
    carets = frame.row("", Run("caret", " " * (left + 1) + "^" * length))
    words = frame.shown(label)
    long = columns_of(words)
    if not words or left + length + 2 + long <= frame.room:
        yield (*carets, Run("label", f" {words}")) if words else carets
        return
    yield carets
    needed = long + 1 if long < frame.room else LEAST_LABEL
    indent = max(0, min(left, frame.room - needed))
    for row in wrapped(words, frame.room - indent):
        yield frame.row("", Run("label", " " * (indent + 1) + row))


def wrapped(text: str, width: int) -> list[str]:
    """Break a text at its spaces; words are never cut."""
    rows: list[str] = []
    row = ""
    for word in text.split(" "):
        if row and columns_of(row) + 1 + columns_of(word) > width:
            rows.append(row.rstrip())
            row = word
        else:
            row = f"{row} {word}" if rows or row else word
    return [*rows, row]


def _rows_without_text(snippet: Snippet, frame: _Frame) -> list[Row]:
    """A policy that came as an object: pointers in the place of lines."""
    told = (
        f"{_in_statement(mark.location.pointer)}: {mark.alone or mark.label}"
        for mark in snippet.marks
        if mark.alone or mark.label
    )
    return [frame.arrow(snippet.location), *frame.notes([*told, *snippet.notes])]


def _in_statement(pointer: str) -> str:
    """The end of a pointer that tells the element: `Action/1`."""
    _, found, inside = pointer.rpartition("/Statement/")
    number, slash, element = inside.partition("/")
    return element if found and slash and number.isdigit() else pointer
