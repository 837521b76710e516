"""YAML text to a tree whose nodes know where they stand; the same for JSON, which is YAML.

Built from the parser's events, so nothing is ever constructed that the text asks for: no tags,
a bounded depth, a bounded size after aliases are expanded. Plain scalars are read by the core
schema of YAML 1.2: `no`, `on` and `12:30` are strings. Numbers keep their text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.document import NumberText
from policyeval.source import MAX_DEPTH, Location, Source, Span
from policyeval.value import Value

MAX_CHARACTERS = 4 * 1024 * 1024
MAX_NODES = 200_000
MOST_DUPLICATES = 20

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = re.compile(
    r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
# What JSON writes for a character beyond U+FFFF; YAML knows no pairs of escapes.
_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Node(Value):
    """A value of the text: a scalar, or a list or dict of nodes.

    `keys` gives the place of each key of a dict. `size` counts the nodes here and below, `depth`
    the levels below, both with aliases expanded.
    """

    value: Any
    source: Source
    span: Span
    keys: Mapping[str, Location] = {}
    size: int = 1
    depth: int = 0

    @property
    def location(self) -> Location:
        """Where the value stands; of a list or dict, its first line."""
        text, start = self.source.text or "", self.span.start
        end = self.span.end
        if isinstance(self.value, (dict, list)):
            line_end = text.find("\n", start, end)
            end = line_end if line_end >= 0 else end
        return Location(self.source, span=Span(start, max(start, end)))

    def plain(self) -> Any:
        """Give the tree without places. Numbers stay `NumberText`."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def find(self, steps: tuple[str | int, ...]) -> tuple[Node, Location]:
        """Give the deepest node on a path, and the place of what leads to it."""
        node, place = self, self.location
        for step in steps:
            children = node.value
            if isinstance(children, dict) and step in children:
                place = node.keys.get(str(step), place)
                node = children[step]
            elif isinstance(children, list) and isinstance(step, int) and step < len(children):
                node = children[step]
                place = node.location
            elif step != 0:  # a single value may stand for a list of one
                break
        return node, place


class YamlDefectError(Exception):
    """The text is no tree that can be used; carries what is wrong with it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def read_tree(
    text: str, name: str, tags: Mapping[str, str] | None = None
) -> tuple[Node | None, tuple[Finding, ...]]:
    """Give the tree of a text, or None and what is wrong. Never raises on malformed input.

    `tags` are those that are accepted, each with the key of the map that it stands for: `!Ref a`
    is `{"Ref": a}` in a template.
    """
    source = Source(name, text)
    node, findings = _read(_Reader(source, tags or {}, text))
    if node is None and _PAIR.search(text):
        node, others = _read(_Reader(source, tags or {}, _PAIR.sub(_one_escape, text)))
        findings = others if node is not None else findings
    return node, findings


def _read(reader: _Reader) -> tuple[Node | None, tuple[Finding, ...]]:
    try:
        node = reader.read()
    except YamlDefectError as error:
        return None, (*reader.findings, error.finding)
    except yaml.YAMLError as error:
        return None, (*reader.findings, _syntax_error(reader.source, error))
    return node, tuple(reader.findings)


def _one_escape(pair: re.Match[str]) -> str:
    """Give YAML's escape for the pair that JSON writes; as long as that, so that places stay.

    What fills it up is an escaped line break, which means nothing.
    """
    high, low = (int(half, 16) for half in pair.groups()[1:])
    return f"{pair[1]}\\\n\\U{0x10000 + ((high - 0xD800) << 10) + low - 0xDC00:08X}"


def read_bytes_as_tree(
    data: bytes, name: str, code: str
) -> tuple[Node | None, tuple[Finding, ...]]:
    """Give the tree of a file's bytes; `code` is that of a file that is not in UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = len(data[: error.start].decode("utf-8", "replace"))
        source = Source(name, data.decode("utf-8", "replace"))
        location = Location(source, span=Span(place, place + 1))
        message, help = "the file is not in UTF-8", "save it as UTF-8"
        return None, (Finding(code, Severity.ERROR, message, location, help),)
    return read_tree(text, name)


def reads_as_text(text: str) -> bool:
    """Tell whether a plain scalar is read as a text here: no number, boolean or null."""
    return not (text in _NULLS or text in _BOOLEANS or _NUMBER.fullmatch(text))


def _syntax_error(source: Source, error: yaml.YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = mark.index if mark is not None else getattr(error, "position", 0)
    size = len(source.text or "")
    place = min(place if isinstance(place, int) else 0, size)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None)
    message = " ".join(str(problem or error).split())
    if "nesting depth" in message:  # libyaml may look no further than we do
        return _too_deep(source, Span(place, min(place + 1, size)))
    return Finding(
        "PE0702",
        Severity.ERROR,
        f"the file is not YAML: {message}",
        Location(source, span=Span(place, min(place + 1, size))),
        "indent with spaces, put texts with `: `, `#` or a leading `*`, `@`, `&`, `!` into quotes",
    )


def _too_deep(source: Source, span: Span) -> Finding:
    return Finding(
        "PE0703",
        Severity.ERROR,
        f"the file nests deeper than {MAX_DEPTH} levels",
        Location(source, span=span),
        "no file of this kind needs more than a dozen: is this the right file?",
    )


class _Open:
    """A list or dict whose end has not come yet."""

    __slots__ = ("anchor", "children", "depth", "is_dict", "key", "keys", "size", "start", "tag")

    def __init__(
        self, start: int, anchor: str | None, *, is_dict: bool, tag: str | None = None
    ) -> None:
        self.start = start
        self.anchor = anchor
        self.tag = tag
        self.is_dict = is_dict
        self.children: Any = {} if is_dict else []
        self.keys: dict[str, Location] = {}
        self.key: tuple[str, Location] | None = None
        self.size = 1
        self.depth = 1


class _Reader:
    def __init__(self, source: Source, tags: Mapping[str, str], text: str) -> None:
        self.source = source
        self.text = text
        self.tags = tags
        self.findings: list[Finding] = []
        self.anchors: dict[str, Node] = {}
        self.open: list[_Open] = []
        self.root: Node | None = None
        self.documents = 0

    def read(self) -> Node:
        for event in self._events():
            self._take(event)
        if self.root is None:
            raise self._defect("PE0702", "the file is empty", Span(0, 0), "write `version: 1`")
        return self.root

    def _events(self) -> Iterator[Any]:
        text = self.text
        if len(text) > MAX_CHARACTERS:
            raise self._defect(
                "PE0701",
                f"the file has {len(text)} characters, the limit is {MAX_CHARACTERS}",
                Span(0, 0),
                "is this the right file?",
            )
        yield from yaml.parse(text, Loader=_LOADER)

    def _take(self, event: Any) -> None:
        span = Span(event.start_mark.index, event.end_mark.index)
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self._defect(
                    "PE0703", "the file holds more than one document", span, "split it at `---`"
                )
        elif isinstance(event, yaml.AliasEvent):
            self._add(self._aliased(str(event.anchor), span), span)
        elif isinstance(event, yaml.ScalarEvent):
            self._refuse_tag(event, span)
            self._add(self._scalar(event, span), span, event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._refuse_tag(event, span)
            is_dict = isinstance(event, yaml.MappingStartEvent)
            self._start(_Open(span.start, event.anchor, is_dict=is_dict, tag=event.tag), span)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            closed = self.open.pop()
            node = Node(
                closed.children,
                self.source,
                Span(closed.start, span.end),
                closed.keys,
                closed.size,
                closed.depth,
            )
            node = self._tagged(closed.tag, node)
            self._anchor(closed.anchor, node)
            self._add(node, span)

    def _start(self, opened: _Open, span: Span) -> None:
        if self.open and self.open[-1].is_dict and self.open[-1].key is None:
            raise self._defect("PE0703", "a key must be a text", span, "write a plain name")
        self._refuse_depth(len(self.open) + 1, span)
        self.open.append(opened)

    def _refuse_depth(self, depth: int, span: Span) -> None:
        if depth > MAX_DEPTH:
            raise YamlDefectError(_too_deep(self.source, Span(span.start, span.start + 1)))

    def _add(self, node: Node, span: Span, event: Any = None) -> None:
        """Put a finished value where it belongs: it may be a key."""
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        parent.size += node.size
        parent.depth = max(parent.depth, node.depth + 1)
        self._refuse_depth(len(self.open) + node.depth, span)
        if parent.size > MAX_NODES:
            raise self._defect(
                "PE0703",
                f"the file has more than {MAX_NODES} values once its aliases are expanded",
                span,
                "write less with aliases",
            )
        if not parent.is_dict:
            parent.children.append(node)
        elif parent.key is None:
            parent.key = self._key(node, span, event)
        else:
            key, place = parent.key
            parent.key = None
            if key in parent.children:
                self._note_duplicate(key, place)
            parent.children[key] = node
            parent.keys[key] = place

    def _key(self, node: Node, span: Span, event: Any) -> tuple[str, Location]:
        if event is None and not isinstance(node.value, str):
            raise self._defect("PE0703", "a key must be a text", span, "write a plain name")
        text = event.value if event is not None else node.value
        return str(text), Location(self.source, span=span)

    def _scalar(self, event: Any, span: Span) -> Node:
        text, value = event.value, event.value
        if event.implicit[0]:  # plain, so the core schema tells what it is
            if text in _NULLS:
                value = None
            elif text in _BOOLEANS:
                value = _BOOLEANS[text]
            elif _NUMBER.fullmatch(text):
                value = NumberText(text)
        node = self._tagged(event.tag, Node(value, self.source, span))
        self._anchor(event.anchor, node)
        return node

    def _tagged(self, tag: str | None, node: Node) -> Node:
        """Give the map that a tag stands for."""
        key = self.tags.get(tag or "")
        if key is None:
            return node
        keys = {key: Location(self.source, span=node.span)}
        return Node({key: node}, self.source, node.span, keys, node.size + 1, node.depth + 1)

    def _anchor(self, anchor: str | None, node: Node) -> None:
        if anchor is not None:
            self.anchors[anchor] = node

    def _aliased(self, name: str, span: Span) -> Node:
        node = self.anchors.get(name)
        if node is None:
            inside = any(opened.anchor == name for opened in self.open)
            why = "stands inside what it means" if inside else "means nothing before it"
            raise self._defect(
                "PE0703",
                f"the alias {quote('*' + name)} {why}",
                span,
                "put texts with a leading `*` into quotes",
            )
        return node

    def _refuse_tag(self, event: Any, span: Span) -> None:
        if event.tag is None or event.tag in self.tags:
            return
        raise self._defect(
            "PE0703",
            f"the tag {quote(str(event.tag))} is not accepted",
            span,
            "leave out tags: files of this kind are made of texts, lists and maps alone",
        )

    def _note_duplicate(self, key: str, place: Location) -> None:
        if sum(finding.code == "PE0704" for finding in self.findings) < MOST_DUPLICATES:
            self.findings.append(
                Finding(
                    "PE0704",
                    Severity.ERROR,
                    f"the key {quote(key)} stands here twice",
                    place,
                    "merge the two, or rename one",
                    "the second one",
                )
            )

    def _defect(self, code: str, message: str, span: Span, help: str) -> YamlDefectError:
        location = Location(self.source, span=span)
        return YamlDefectError(Finding(code, Severity.ERROR, message, location, help))


def merge(base: Node, over: Node) -> Node:
    """Give two trees in one: maps merge by key, everything else is replaced."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    merged = dict(base.value)
    for key, node in over.value.items():
        merged[key] = merge(merged[key], node) if key in merged else node
    keys = {**base.keys, **over.keys}
    size, depth = base.size + over.size, max(base.depth, over.depth)
    return Node(merged, over.source, over.span, keys, size, depth)
