"""Markdown for comments and reports.

Text from policies stands in code spans and fences alone, where no renderer looks for links,
mentions, HTML or table borders; the prose around it is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from policyeval.explanation.tree import Explanation
from policyeval.rendering.document import Block, Cell, Code, Line, Node, Table, plain, visible
from policyeval.rendering.report import document_of
from policyeval.rendering.text import Layout

WIDTH = 100
_HARMLESS = re.compile(r"[(']?(?!www)[A-Za-z0-9][A-Za-z0-9'-]*[,;.:?)']*|=|", re.IGNORECASE)
_BACKTICKS = re.compile(r"`+")
_IN_A_FENCE = ("cause", "finding")


def render_markdown(explanation: Explanation, *, show_grants: bool = False) -> str:
    """Give an explanation as GitHub-flavoured Markdown that ends with a newline."""
    parts: list[str] = []
    for block in document_of(explanation, show_grants=show_grants):
        if block.name == "verdict":
            parts.append(_verdict(block))
        elif block.name in _IN_A_FENCE:
            parts.append(fenced(_laid_out((block,)), "text"))
        else:
            parts.extend(_block(block))
    return "\n\n".join(parts) + "\n"


def markdown_table(table: Table) -> str:
    """Give a table as GitHub-flavoured Markdown that ends with a newline."""
    return _table(table) + "\n"


def _verdict(block: Block) -> str:
    word, *rest = next(node.runs for node in block.nodes if isinstance(node, Line))
    return f"### {prose(word.text)}: {prose(plain(rest).strip())}"


def _block(block: Block) -> Iterator[str]:
    if block.title is not None:
        name, *rest = block.title.runs
        remark = plain(rest).strip()
        yield f"**{prose(name.text)}**" + (f" {prose(remark)}" if remark else "")
    if block.name == "fixes":
        yield from _fixes(block)
        return
    for node in block.nodes:
        yield from _node(node)


def _node(node: Node) -> Iterator[str]:
    if isinstance(node, Line):
        text = plain(node.runs).strip()
        if text:
            yield prose(text)
    elif isinstance(node, Table):
        yield _table(node)
    else:
        yield fenced(_laid_out((Block("", (node,)),)), "text")


def _table(table: Table) -> str:
    count = max(len(row) for row in table.rows)
    head = list(table.head) or [""] * count
    lines = [_row(prose(name) for name in head), _row("---" for _ in range(count))]
    lines += [_row(_cell(cell) for cell in row) for row in table.rows]
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    # A pipe ends a cell even inside a code span, so it is shown as an escape.
    return " ".join(prose(visible(run.text).replace("|", "\\x7c")) for run in cell).strip()


def _fixes(block: Block) -> Iterator[str]:
    """A numbered list; a statement to add stands in a fence under its item."""
    lines: list[str] = []
    for node in block.nodes:
        if isinstance(node, Table):
            lines.extend(_fix_lines(node))
        elif isinstance(node, Code):
            block_of_code = fenced([visible(text) for text in node.lines], "json")
            lines.extend(["", *(f"   {text}" for text in block_of_code.split("\n")), ""])
    yield "\n".join(lines).strip("\n")


def _fix_lines(table: Table) -> Iterator[str]:
    for number, what, cost in table.rows:
        head = plain(number)
        start = "   and " if head == "+" else f"{head}. "
        place = "".join(run.text for run in what if run.role == "path").strip()
        told = "".join(run.text for run in what if run.role != "path")
        where = f"{code(place)}: " if place else ""
        yield f"{start}{where}{prose(told)}; {prose(plain(cost))}"


def _laid_out(blocks: tuple[Block, ...]) -> list[str]:
    rows = Layout(WIDTH, ascii_only=False).blocks(blocks)
    return ["".join(run.text for run in row).rstrip() for row in rows]


def prose(text: str) -> str:
    """The text with its harmless words as they are, and the others in code spans."""
    parts: list[str] = []
    risky: list[str] = []
    for word in visible(text).strip().split(" "):
        if _HARMLESS.fullmatch(word):
            parts.append(code(" ".join(risky)))
            parts.append(word)
            risky = []
            continue
        core = word.strip("(),.;:")
        if core in ("", word):
            risky.append(word)
        else:  # sentence marks around a code span stay outside it
            before, _, after = word.partition(core)
            parts.append(code(" ".join(risky)))
            parts.append(f"{before}{code(core)}{after}")
            risky = []
    parts.append(code(" ".join(risky)))
    return " ".join(filter(None, parts))


def code(text: str) -> str:
    """A code span; its backticks are more than any in the text."""
    shown = visible(text).strip()
    if not shown:
        return ""
    ticks = "`" * (_longest(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fenced(lines: list[str], language: str) -> str:
    """Give lines as a code block; its fence is longer than any in the text."""
    ticks = "`" * max(3, max((_longest(text) for text in lines), default=0) + 1)
    return "\n".join([ticks + language, *lines, ticks])


def _longest(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
