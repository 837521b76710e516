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


def snippet_rows(snippet: Snippet, width: int, *, ascii_only: bool = False) -> list[Row]:
    """Lay a snippet out: one row a line, each a tuple of runs, all harmless."""
    source = snippet.location.source
    if source.text is None:
        return _rows_without_text(snippet, width, ascii_only)
    marks = sorted(_stretches(snippet.marks, source), key=lambda mark: (mark.line, mark.start))
    shown = _lines_to_show(snippet, marks)
    gutter = len(str(max(shown, default=1)))
    rows = [_arrow(snippet.location, gutter, ascii_only), _gutter("", gutter)]
    last = 0
    for number in sorted(shown):
        if last and number > last + 1:
            rows.append((Run("gutter", ".."),))
        here = [mark for mark in marks if mark.line == number]
        rows.extend(_source_rows(source, number, shown[number], here, gutter, width, ascii_only))
        last = number
    if snippet.notes:
        rows.append(_gutter("", gutter))
        rows.extend(_note_rows(snippet.notes, gutter, width, ascii_only))
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
    span = mark.location.resolve()
    if span is None or mark.location.source != source:
        return {}
    first, _ = source.map.line_and_column(span.start)
    last, _ = source.map.line_and_column(max(span.start, span.end - 1))
    if last - first >= MOST_LINES_OF_A_MARK:
        return {}
    return dict.fromkeys(range(first, last + 1), 0)


# ---- one line of source -------------------------------------------------------------------


def _source_rows(  # noqa: PLR0913 - a line, what is marked in it, and the room there is
    source: Source,
    number: int,
    look_at: int,
    marks: list[_Stretch],
    gutter: int,
    width: int,
    ascii_only: bool,
) -> Iterator[Row]:
    text = source.map.line_text(number)
    room = max(width - gutter - 3, 40)
    for begin, end, inside in _windows(text, look_at, marks, room):
        columns = _Columns(text[begin:end], ascii_only=ascii_only)
        more = visible(ELLIPSIS, ascii_only=ascii_only)
        before, after = (more if begin else ""), (more if end < len(text) else "")
        yield (
            *_gutter(str(number), gutter),
            Run("source", f" {before}{columns.text}{after}".rstrip()),
        )
        for mark in inside:
            left = len(before) + columns.at(mark.start - begin)
            right = len(before) + columns.at(min(mark.end, end) - begin)
            yield from _caret_rows(left, max(right - left, 1), mark.label, gutter, room, ascii_only)


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


def _caret_rows(  # noqa: PLR0913 - where, how long, what to say, and the room there is
    left: int, length: int, label: str, gutter: int, room: int, ascii_only: bool
) -> Iterator[Row]:
    """Carets, and the label beside them, or below where it has no room there."""
    carets = (*_gutter("", gutter), Run("caret", " " * (left + 1) + "^" * length))
    words = visible(label, ascii_only=ascii_only)
    if not words or left + length + 2 + columns_of(words) <= room:
        yield (*carets, Run("label", f" {words}")) if words else carets
        return
    yield carets
    indent = max(0, min(left, room - LEAST_LABEL))
    for row in wrapped(words, room - indent):
        yield (*_gutter("", gutter), Run("label", " " * (indent + 1) + row))


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


# ---- the frame ----------------------------------------------------------------------------


def _gutter(number: str, gutter: int) -> Row:
    return (Run("gutter", f"{number:>{gutter}} |"),)


def _arrow(location: Location, gutter: int, ascii_only: bool) -> Row:
    place = visible(place_words(location), ascii_only=ascii_only)
    return (Run("gutter", f"{'':{gutter}}--> "), Run("path", place))


def _note_rows(notes: Iterable[str], gutter: int, width: int, ascii_only: bool) -> Iterator[Row]:
    for note in notes:
        start = f"{'':{gutter}} = "
        for place, row in enumerate(
            wrapped(visible(note, ascii_only=ascii_only), max(width - len(start), 40))
        ):
            head = Run("gutter", start if not place else " " * len(start))
            yield (head, Run("dim", row))


def _rows_without_text(snippet: Snippet, width: int, ascii_only: bool) -> list[Row]:
    """A policy that came as an object: pointers in the place of lines."""
    rows = [_arrow(snippet.location, 1, ascii_only)]
    base = snippet.location.pointer
    told = []
    for mark in snippet.marks:
        pointer = mark.location.pointer
        told.append(f"{pointer}: {mark.label}" if pointer != base else mark.label)
    notes = [*filter(None, told), *snippet.notes]
    return [*rows, *_note_rows(notes, 1, width, ascii_only)]
