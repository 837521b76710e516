"""The little tree that text, Markdown and HTML share: blocks of lines, tables and snippets.

A document holds raw text, whatever a policy or an argument said. Each renderer has one door
through which every run goes out, and that door makes it harmless (`visible`, then the escapes of
its own format). A role says what a run is, never how it looks:

    verdict.allowed verdict.denied verdict.unknown        the answer
    allow deny no_allow none skip unknown                 what a layer says
    heading                                               the name of a block
    severity.error severity.warning severity.note         and the codes of diagnostics
    path gutter source caret label                        the parts of a snippet
    code                                                  policy text to add
    fix cost mark strong dim                              and plain text, the empty role
"""

from __future__ import annotations

from collections.abc import Iterable

from policyeval.source import Location
from policyeval.value import Value

ELLIPSIS = "\u2026"
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Run(Value):
    """A stretch of text in one role."""

    role: str
    text: str


class Line(Value):
    """A paragraph: wrapped where a format has a width, unless it is to stay `whole`.

    `hang` indents all but its first line.
    """

    runs: tuple[Run, ...]
    indent: int = 0
    hang: int = 0
    whole: bool = False


Cell = tuple[Run, ...]


class Table(Value):
    """Rows of cells.

    `flexible` is the column that wraps where a line has no room. With `stacked` the last column
    goes under the others instead.
    """

    rows: tuple[tuple[Cell, ...], ...]
    head: tuple[str, ...] = ()
    flexible: int = -1
    stacked: bool = False


class Code(Value):
    """Policy text to copy, line by line; `indent` counts columns."""

    lines: tuple[str, ...]
    indent: int = 0


class Mark(Value):
    """A place in a source to underline, and what to say beside it.

    `alone` is what to say where the source has no text to show, if that is more than the label.
    """

    location: Location
    label: str = ""
    alone: str = ""


class Snippet(Value):
    """A piece of source with marks.

    `location` is where readers are sent; `context` are further places whose lines are shown;
    `notes` stand below. All in one source.
    """

    location: Location
    marks: tuple[Mark, ...] = ()
    context: tuple[Location, ...] = ()
    notes: tuple[str, ...] = ()


Node = Line | Table | Code | Snippet


class Block(Value):
    """One of the parts of an answer: `name` is verdict, request, cause, layers, fixes …"""

    name: str
    nodes: tuple[Node, ...]
    title: Line | None = None


Document = tuple[Block, ...]


def line(*runs: Run | str, indent: int = 0, hang: int = 0, whole: bool = False) -> Line:
    """Make a line; a bare string is plain text."""
    return Line(tuple(_run(item) for item in runs), indent, hang, whole)


def cell(*runs: Run | str) -> Cell:
    """Make a cell of a table."""
    return tuple(_run(item) for item in runs)


def plain(runs: Iterable[Run]) -> str:
    """The text of some runs, without their roles."""
    return "".join(run.text for run in runs)


def _run(item: Run | str) -> Run:
    return Run("", item) if isinstance(item, str) else item


def visible(text: str, *, ascii_only: bool = False) -> str:
    r"""Show every character that would steer a terminal or hide: `\x1b`, `\u202e`, `\n`.

    What is printable stays as it is, and a backslash too, so showing twice changes nothing. With
    `ascii_only` everything outside ASCII is shown as an escape.

    >>> print(visible("a\x1b[31mb\u202ec"))
    a\x1b[31mb\u202ec
    """
    if text.isprintable() and (not ascii_only or text.isascii()):
        return text
    return "".join(visible_character(char, ascii_only=ascii_only) for char in text)


def visible_character(char: str, *, ascii_only: bool = False) -> str:
    """Show one character, as an escape where it is not printable."""
    if char.isprintable() and (not ascii_only or char.isascii()):
        return char
    if ascii_only and char == ELLIPSIS:
        return "..."
    if char in _NAMED:
        return _NAMED[char]
    number = ord(char)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
