"""Plain text for terminals: lines of runs; the caller may colour each run by its role."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from policyeval.explanation.tree import Explanation
from policyeval.finding import Finding
from policyeval.rendering.document import (
    Block,
    Cell,
    Code,
    Document,
    Line,
    Node,
    Run,
    Table,
    visible,
)
from policyeval.rendering.report import document_of, finding_blocks, fixes_block, verdict_block
from policyeval.rendering.snippet import columns_of, snippet_rows

Style = Callable[[str, str], str]
Row = list[Run]

GAP = 2
LEAST_WIDTH = 40
LEAST_COLUMN = 24


def render_text(
    explanation: Explanation,
    *,
    width: int = 80,
    verbose: int = 0,
    style: Style | None = None,
    ascii_only: bool = False,
) -> str:
    """Give an explanation as text that ends with a newline.

    `verbose` 1 adds every statement read, 2 the full trace. `style` turns a role and a text into
    what shall be printed, in colours say; no column depends on it. `ascii_only` leaves nothing
    outside ASCII.
    """
    layout = Layout(width, ascii_only)
    return _print(layout.blocks(document_of(explanation, verbose)), style)


def render_fixes(
    explanation: Explanation,
    *,
    width: int = 80,
    style: Style | None = None,
    ascii_only: bool = False,
) -> str:
    """Give the fixes alone: the last block of `render_text`; never nothing."""
    layout = Layout(width, ascii_only)
    block = fixes_block(explanation)
    if not block.nodes and block.title is None:
        block = verdict_block(explanation)  # allowed or unknown: there is nothing to mend
    return _print(layout.blocks([block]), style)


def render_findings(
    findings: Sequence[Finding],
    *,
    style: Style | None = None,
    width: int = 80,
    ascii_only: bool = False,
) -> str:
    """Give findings as compilers do: code and message, place, snippet, help."""
    layout = Layout(width, ascii_only)
    return _print(layout.blocks(finding_blocks(tuple(findings))), style)


def render_document(
    document: Document,
    *,
    width: int = 80,
    style: Style | None = None,
    ascii_only: bool = False,
) -> str:
    """Give the blocks of any document as text that ends with a newline."""
    return _print(Layout(width, ascii_only).blocks(document), style)


def _print(rows: Iterable[Row], style: Style | None) -> str:
    lines = []
    for row in rows:
        if style is None:
            lines.append("".join(run.text for run in row).rstrip())
        else:
            painted = (style(run.role, run.text) if run.role else run.text for run in row)
            lines.append("".join(painted))
    return "".join(f"{text}\n" for text in lines)


class Layout:
    """Width and character set of an output, and how nodes are laid out in it."""

    def __init__(self, width: int, ascii_only: bool) -> None:
        self.width = max(width, LEAST_WIDTH)
        self.ascii_only = ascii_only

    def blocks(self, blocks: Iterable[Block]) -> Iterator[Row]:
        """All rows of some blocks, an empty row between two."""
        first = True
        for block in blocks:
            if not first:
                yield []
            first = False
            if block.title is not None:
                yield from self._line(block.title)
            for node in block.nodes:
                yield from self._node(node)

    def _node(self, node: Node) -> Iterator[Row]:
        if isinstance(node, Line):
            yield from self._line(node)
        elif isinstance(node, Table):
            yield from self._table(node)
        elif isinstance(node, Code):
            for text in node.lines:
                yield [Run("", " " * node.indent), Run("code", self._shown(text))]
        else:
            for row in snippet_rows(node, self.width, ascii_only=self.ascii_only):
                yield list(row)

    def _shown(self, text: str) -> str:
        """The one door: nothing leaves as text that has not passed here."""
        return visible(text, ascii_only=self.ascii_only)

    def _runs(self, runs: Iterable[Run]) -> Row:
        return [Run(run.role, self._shown(run.text)) for run in runs]

    def _line(self, line: Line) -> Iterator[Row]:
        if line.whole:
            yield [Run("", " " * line.indent), *self._runs(line.runs)]
            return
        room = max(self.width - line.indent, LEAST_COLUMN)
        for place, row in enumerate(wrap(self._runs(line.runs), room, line.hang)):
            indent = line.indent + (line.hang if place else 0)
            yield [Run("", " " * indent), *row]

    def _table(self, table: Table) -> Iterator[Row]:
        head = [[Run("dim", name)] for name in table.head]
        rows = [[self._runs(cell) for cell in row] for row in table.rows]
        every = [head, *rows] if head else rows
        if not every:
            return
        count = len(every[0])
        widths = [max(_length(row[column]) for row in every) for column in range(count)]
        if 2 + sum(widths) + GAP * (count - 1) <= self.width:
            for row in every:
                yield [Run("", "  "), *_joined(row, widths)]
        elif table.stacked:
            yield from self._stacked(every)
        else:
            yield from self._wrapped(every, widths, table.flexible % count)

    def _stacked(self, rows: list[list[Row]]) -> Iterator[Row]:
        """The last column under the others, each cell on lines of its own."""
        first = max(_length(row[0]) for row in rows) if len(rows[0]) > 2 else 0
        start = 2 + (first + GAP if first else 0)
        for row in rows:
            head = row[0] if first else []
            for place, cell in enumerate(row[1 if first else 0 :]):
                indent = start if not place else start + GAP
                for count, part in enumerate(wrap(cell, max(self.width - indent, LEAST_COLUMN), 2)):
                    if not place and not count and head:
                        pad = " " * (first - _length(head) + GAP)
                        yield [Run("", "  "), *head, Run("", pad), *part]
                    else:
                        yield [Run("", " " * (indent + (2 if count else 0))), *part]

    def _wrapped(self, rows: list[list[Row]], widths: list[int], flexible: int) -> Iterator[Row]:
        """The flexible column on several lines, the others on the first of them."""
        others = sum(widths) - widths[flexible]
        room = max(self.width - 2 - others - GAP * (len(widths) - 1), LEAST_COLUMN)
        wrapped = [wrap(row[flexible], room, 0) for row in rows]
        widest = max(_length(part) for parts in wrapped for part in parts)
        narrowed = [*widths[:flexible], min(widths[flexible], widest), *widths[flexible + 1 :]]
        for row, parts in zip(rows, wrapped, strict=True):
            for count, part in enumerate(parts):
                line = [part if place == flexible else cell for place, cell in enumerate(row)]
                if count:
                    line = [part if place == flexible else [] for place in range(len(row))]
                yield [Run("", "  "), *_joined(line, narrowed)]


def wrap(runs: Iterable[Run], width: int, hang: int) -> list[Row]:
    """Break runs at spaces; words are never cut, so an ARN may be longer than the width."""
    rows: list[Row] = [[]]
    used = 0
    for words in _words(runs):
        length = sum(columns_of(run.text) for run in words)
        room = width if len(rows) == 1 else width - hang
        if used and used + length > room and words[0].text.strip():
            rows[-1] = _without_end(rows[-1])
            rows.append([])
            used = 0
        if not used and len(rows) > 1 and not words[0].text.strip():
            continue
        rows[-1].extend(words)
        used += length
    return rows


def _words(runs: Iterable[Run]) -> Iterator[Row]:
    """Cut runs into words and gaps; a word may reach over several runs."""
    word: Row = []
    for run in runs:
        for place, piece in enumerate(run.text.split(" ")):
            if place:
                if word:
                    yield word
                    word = []
                yield [Run(run.role, " ")]
            if piece:
                word.append(Run(run.role, piece))
    if word:
        yield word


def _without_end(row: Row) -> Row:
    """The row without the gap at its end."""
    while row and not row[-1].text.strip():
        row = row[:-1]
    return row


def _length(row: Sequence[Run] | Cell) -> int:
    return sum(columns_of(run.text) for run in row)


def _joined(cells: list[Row], widths: list[int]) -> Row:
    """Cells side by side, padded to the widths of their columns."""
    row: Row = []
    for place, cell in enumerate(cells):
        row.extend(cell)
        if any(cells[place + 1 :]):
            row.append(Run("", " " * (widths[place] - _length(cell) + GAP)))
    return row
