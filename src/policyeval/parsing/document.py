"""JSON text to tree, with everything that JSON's own readers let pass (R-LANG-10).

Ordinary JSON takes the quick lane, `json.loads`. What it refuses goes to `parsing.json_defects`,
which asks grammars/json.lark what was expected. Numbers keep their text (`NumberText`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from policyeval.finding import Finding
from policyeval.parsing.defect import Defect, quote, warning
from policyeval.source import MAX_DEPTH, Location, Source, Span

MAX_SIZE = 16 * 1024 * 1024  # characters, or bytes where bytes are given
_MOST_DUPLICATES = 20

Document = tuple[Any, Source, tuple[Finding, ...]]


class NumberText(str):
    """A JSON number as it is written: `1.0` and `1` stay what they are, `"1"` is no number."""

    __slots__ = ()


def read_document(
    data: str | bytes, source_name: str = "policy", *, line: int = 1, pointer: str = ""
) -> Document:
    """Give the tree of a JSON text, its source, and what is to be said about it.

    The tree is None where the text is not usable. `line` and `pointer` tell where the text stands
    in its file. Never raises, never recurses.
    """
    text, defects = _decode(data)
    source = Source(source_name, text, line, pointer)
    tree = None
    if not any(defect.severity.value == "error" for defect in defects):
        tree, more = _read_text(source, text)
        defects += more
    findings = tuple(
        defect.at(Location(source, span=defect.span or Span(0, len(text)))) for defect in defects
    )
    return (None if any(f.is_error for f in findings) else tree), source, findings


# ---- bytes to text ------------------------------------------------------------------------


def _decode(data: str | bytes) -> tuple[str, list[Defect]]:
    if len(data) > MAX_SIZE:
        return "", [_too_large(len(data))]
    if isinstance(data, str):
        return data, []
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = bytes(data).decode("utf-16", "replace")
        return text, [_wrong_encoding("PE0003", "UTF-16", Span(0, min(1, len(text))))]
    try:
        return bytes(data).decode(), []
    except UnicodeDecodeError as error:
        place = len(data[: error.start].decode("utf-8", "replace"))
        text = bytes(data).decode("utf-8", "replace")
        byte = f"byte 0x{data[error.start]:02x}"
        if data[1:2] == b"\0" or data[:1] == b"\0":
            return text, [_wrong_encoding("PE0003", "UTF-16 without a mark", Span(0, 1))]
        return text, [_wrong_encoding("PE0004", byte, Span(place, place + 1))]


def _wrong_encoding(code: str, what: str, span: Span) -> Defect:
    return Defect(
        code,
        f"the document is not in UTF-8 but {what}"
        if code == "PE0003"
        else f"the document is not in UTF-8: {what} is no character",
        span,
        "not UTF-8",
        "save the file as UTF-8 without a byte order mark (PowerShell: `Set-Content -Encoding "
        "utf8NoBOM`)",
    )


def _too_large(size: int) -> Defect:
    return Defect(
        "PE0001",
        f"the document has {size} characters, the limit is {MAX_SIZE}",
        Span(0, 0),
        "too large",
        "the largest policy that AWS takes has 32,768 characters: is this the right file?",
    )


# ---- text to tree -------------------------------------------------------------------------


class _Hooks:
    """What `json.loads` cannot tell in its result."""

    __slots__ = ("constant", "duplicate")

    def __init__(self) -> None:
        self.duplicate = False
        self.constant = ""

    def pairs(self, items: list[tuple[str, Any]]) -> dict[str, Any]:
        tree = dict(items)
        if len(tree) != len(items):
            self.duplicate = True
        return tree

    def refuse(self, constant: str) -> None:
        self.constant = self.constant or constant


def _read_text(source: Source, text: str) -> tuple[Any, list[Defect]]:
    defects: list[Defect] = []
    if text.startswith("\ufeff"):
        defects.append(_byte_order_mark())
    hooks = _Hooks()
    try:
        tree = json.loads(
            text[1:] if defects else text,
            object_pairs_hook=hooks.pairs,
            parse_int=NumberText,
            parse_float=NumberText,
            parse_constant=hooks.refuse,
        )
    except json.JSONDecodeError as error:
        from policyeval.parsing.json_defects import diagnose_json

        return None, [*defects, diagnose_json(text, error.pos + len(defects), error.msg)]
    except RecursionError:
        return None, [*defects, _too_deep(text)]
    if hooks.constant:
        defects.append(_constant(text, hooks.constant))
    if _depth_of(text, tree) > MAX_DEPTH:
        return None, [*defects, _too_deep(text)]
    if hooks.duplicate:
        defects.extend(_duplicates(source))
    if not text.isascii():
        defects.extend(_unusual_characters(text))
    if "\\u" in text and "\\ud" in text.lower():
        defects.extend(_unpaired_escapes(text, tree))
    return tree, defects


def _depth_of(text: str, tree: object) -> int:
    """Count how deep the containers nest, level by level; a lower bound where it is small."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return 0
    depth, level = 0, [tree]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
    return depth


def _too_deep(text: str) -> Defect:
    return Defect(
        "PE0013",
        f"the document nests deeper than {MAX_DEPTH} levels",
        _first_too_deep(text),
        "too deep",
        "a policy needs no more than six levels: is this the right file?",
    )


def _first_too_deep(text: str) -> Span:
    """Find the bracket that opens one level too many."""
    depth = 0
    for place, char in outside_strings(text):
        if char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return Span(place, place + 1)
        elif char in "]}":
            depth -= 1
    return Span(0, 0)


def outside_strings(text: str) -> Iterator[tuple[int, str]]:
    """Give the characters of a JSON text that stand outside its strings, with their places."""
    in_string = skip = False
    for place, char in enumerate(text):
        if skip:
            skip = False
        elif in_string:
            skip = char == "\\"
            in_string = char != '"'
        elif char == '"':
            in_string = True
        else:
            yield place, char


def _byte_order_mark() -> Defect:
    return warning(
        "PE0002",
        "the document starts with a byte order mark, which AWS refuses",
        Span(0, 1),
        label="byte order mark U+FEFF",
        help="save the file as UTF-8 without a byte order mark",
    )


def _constant(text: str, constant: str) -> Defect:
    place = next((i for i, _ in outside_strings(text) if text.startswith(constant, i)), 0)
    return Defect(
        "PE0012",
        f"`{constant}` is not JSON",
        Span(place, place + len(constant)),
        "not a JSON value",
        "write a number, or a string in double quotes",
    )


def _duplicates(source: Source) -> list[Defect]:
    """Report repeated keys, the later place as the place, the earlier in the help."""
    from policyeval.source import SourceMap

    text, defects = source.text or "", []
    for pointer, span in source.map.duplicates[:_MOST_DUPLICATES]:
        key = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        first = SourceMap(text[: span.start], pointer=source.pointer).keys.get(pointer)
        at = ""
        if first is not None:
            line, column = source.map.line_and_column(first.start)
            at = f"the first one is in line {line}, column {column}; "
        defects.append(
            Defect(
                "PE0016",
                f"the key {quote(key)} appears twice in one object",
                span,
                "repeated here",
                f"{at}put both together, or remove one",
            )
        )
    return defects


def _unusual_characters(text: str) -> list[Defect]:
    """Find the first character outside those of IAM documents, or an unpaired surrogate."""
    start = 1 if text.startswith("\ufeff") else 0
    unusual = next((i for i in range(start, len(text)) if text[i] > "\xff"), None)
    if unusual is None:
        return []
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return [_unpaired(ascii(text[error.start])[1:-1], Span(error.start, error.start + 1))]
    return [
        warning(
            "PE0015",
            f"the character U+{ord(text[unusual]):04X} is outside of those that IAM documents "
            "may have (U+0020 to U+00FF)",
            Span(unusual, unusual + 1),
            label="AWS may refuse it",
            help="write it as an escape, `\\uXXXX`, or leave it out",
        )
    ]


def _unpaired_escapes(text: str, tree: object) -> list[Defect]:
    """Find an escape that stands for half a character."""
    level: list[object] = [tree]
    strings: list[str] = []
    while level:
        children: list[object] = []
        for node in level:
            if isinstance(node, dict):
                strings.extend(node)
                children.extend(node.values())
            elif isinstance(node, list):
                children.extend(node)
            elif isinstance(node, str):
                strings.append(node)
        level = children
    for string in strings:
        try:
            string.encode()
        except UnicodeEncodeError as error:
            escape = f"\\u{ord(string[error.start]):04x}"
            place = max(text.lower().find(escape), 0)
            return [_unpaired(escape, Span(place, place + len(escape)))]
    return []


def _unpaired(shown: str, span: Span) -> Defect:
    return Defect(
        "PE0014",
        f"`{shown}` is half a surrogate pair, no character",
        span,
        "half a character",
        "write the character itself, or both halves of the pair",
    )
