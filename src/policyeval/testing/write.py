"""Writes the YAML of `*.policytest.yaml` from plain data, for people to read and to compare.

One test is one line where it is short. What is written here is read back as the same data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from policyeval.environment.yaml_tree import reads_as_text

WIDTH = 100
LONGEST_KEY = 1000  # readers of YAML give up on longer ones, unless they are marked by `?`

Path = tuple[str | int, ...]

_BLOCK = frozenset({"tests", "stack", "defaults", "context-sets", "policies", "attach", "detach"})
_INDICATORS = re.compile(r": |:$| #|[,\[\]{}?]")
_OTHER_READERS = re.compile(  # what YAML 1.1 takes for booleans, numbers, times, days
    r"y|n|yes|no|on|off|0[xob][0-9a-f_]+|[-+]?[.](inf|nan)|[0-9]{4}-[0-9]+-[0-9]+.*"
    r"|[-+]?[0-9][0-9_]*(:[0-9]+)*([.][0-9_]*)?(e[-+]?[0-9]*)?",
    re.IGNORECASE,
)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def suite_text(
    suite: Mapping[str, Any],
    *,
    head: str = "",
    comments: Mapping[Path, str] | None = None,
    packed: bool = False,
) -> str:
    """Give the text of a suite: maps, lists, texts, numbers, booleans and None, in their order.

    `head` is a comment at the top. `comments` stand before the entries with these paths, such as
    `("tests", 0)` or `("stack",)`. `packed`: a test too long for one line is broken into two or
    three, where it is plain, instead of having a line for each key. Raises ValueError for a text
    that UTF-8 cannot hold.
    """
    writer = _Writer(comments or {}, packed=packed)
    lines = list(_comment(head, ""))
    former = 0
    for key, value in suite.items():
        section = [*writer.remark((key,), ""), *writer.entry(key, value, "", (key,))]
        if former > 1 or (former and len(section) > 1):
            lines.append("")
        lines += section
        former = len(section)
    return "\n".join(lines) + "\n"


def scalar(value: Any) -> str:
    """Give a text, number, boolean or None as YAML: plain where nothing speaks against it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    text = str(value)
    return text if _is_plain(text) else f'"{"".join(map(_escaped, text))}"'


def flow(value: Any) -> str:
    """Give any value on one line."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_flow_key(key)}: {flow(each)}" for key, each in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if _is_list(value):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value)


class _Writer:
    def __init__(self, comments: Mapping[Path, str], *, packed: bool) -> None:
        self._comments = comments
        self._packed = packed
        self._commented = {path[:size] for path in comments for size in range(len(path))}

    def remark(self, path: Path, indent: str) -> Iterator[str]:
        """Give the lines of the comment before an entry."""
        return _comment(self._comments.get(path, ""), indent)

    def entry(self, key: str, value: Any, indent: str, path: Path) -> Iterator[str]:
        """Give the lines of one entry of a map."""
        lead = indent + _block_key(key, indent)
        one_line = f"{lead} {flow(value)}"
        if self._fits(value, one_line, path):
            yield one_line
            return
        yield lead
        yield from self.block(value, indent + "  ", path)

    def block(self, value: Any, indent: str, path: Path) -> Iterator[str]:
        """Give the lines of a map or list, each of its entries on lines of its own."""
        if isinstance(value, Mapping):
            for key, each in value.items():
                yield from self.remark((*path, key), indent)
                yield from self.entry(key, each, indent, (*path, key))
            return
        former: list[str] = []
        for number, each in enumerate(value):
            item = list(self.item(each, indent, (*path, number)))
            apart = len(item) > 1 or len(former) > 1
            if self._packed:
                apart = (*path, number) in self._comments
            if former and path == ("tests",) and apart:
                yield ""
            yield from item
            former = item

    def item(self, value: Any, indent: str, path: Path) -> Iterator[str]:
        """Give the lines of one item of a list."""
        yield from self.remark(path, indent)
        one_line = f"{indent}- {flow(value)}"
        if self._fits(value, one_line, path):
            yield one_line
            return
        if self._packed and path[:-1] == ("tests",) and self._fits(value, "", path):
            yield from _broken(value, indent)
            return
        first, *rest = self.block(value, indent + "  ", path)
        yield f"{indent}- {first[len(indent) + 2 :]}"
        yield from rest

    def _fits(self, value: Any, one_line: str, path: Path) -> bool:
        """Tell whether a value is written on one line."""
        if (not isinstance(value, Mapping) and not _is_list(value)) or not value:
            return True
        if (len(path) == 1 and path[0] in _BLOCK) or path[-1] in ("rows", "cases"):
            return False
        if path in self._commented:
            return False
        is_row = len(path) > 2 and path[-2] in ("rows", "cases")
        return _depth(value) <= 2 and (len(one_line) <= WIDTH or (is_row and _is_list(value)))


def _broken(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    """Give a map in flow style on several lines: its name, then as many entries as fit."""
    line = f"{indent}- {{"
    parts = [f"{_flow_key(key)}: {flow(each)}" for key, each in value.items()]
    for place, part in enumerate(parts):
        part += " }" if place == len(parts) - 1 else ","
        if place and (place == 1 or len(line) + 1 + len(part) > WIDTH):
            yield line
            line = f"{indent}   "
        line += f" {part}"
    yield line


def _comment(text: str, indent: str) -> Iterator[str]:
    for line in text.splitlines():
        shown = "".join(char if char.isprintable() else _escaped(char) for char in line)
        yield f"{indent}# {shown}".rstrip()


def _flow_key(key: str) -> str:
    written = scalar(key)
    return written if len(written) <= LONGEST_KEY else f"? {written} "


def _block_key(key: str, indent: str) -> str:
    written = scalar(key)
    return f"{written}:" if len(written) <= LONGEST_KEY else f"? {written}\n{indent}:"


def _is_plain(text: str) -> bool:
    return (
        text[:1].isascii()
        and (text[:1].isalnum() or text[:1] in ("_", "/", "."))
        and text[-1] != " "
        and text.isprintable()
        and not text.startswith(("...", "<<"))
        and not _INDICATORS.search(text)
        and reads_as_text(text)
        and not _OTHER_READERS.fullmatch(text)
    )


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError(f"a lone surrogate (U+{code:04X}) cannot be written as UTF-8")
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _depth(value: Any) -> int:
    """Count the levels of lists and maps; a list of plain values inside a map is none."""
    children: Iterable[Any]
    if isinstance(value, Mapping):
        children = value.values()
    elif _is_list(value):
        children = value
    else:
        return 0
    return 1 + max(map(_depth, children), default=0)
