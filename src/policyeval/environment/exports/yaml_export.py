"""Exports and templates in YAML: the whole text is read, and every value keeps its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policyeval.environment.exports.parts import Parts
from policyeval.environment.exports.stream import OPENING, BrokenExportError, Item
from policyeval.environment.project_files import read_file
from policyeval.environment.yaml_tree import Node, read_tree
from policyeval.finding import Finding, Severity
from policyeval.policy import escape_pointer
from policyeval.source import Location, Source, SourceMap, Span
from policyeval.value import fill_cache

# The short forms of CloudFormation's functions (Template reference, intrinsic functions).
TAGS = {
    "!Ref": "Ref",
    "!Condition": "Condition",
    **{
        f"!{name}": f"Fn::{name}"
        for name in (
            *("And", "Base64", "Cidr", "Equals", "FindInMap", "GetAtt", "GetAZs", "If"),
            *("ImportValue", "Join", "Length", "Not", "Or", "Select", "Split", "Sub"),
            *("ToJsonString", "Transform", "ForEach"),
        )
    },
}


def yaml_items(path: Path, shown: str, parts: Parts) -> Iterator[Item]:
    """Give the values of an export in YAML; raises BrokenExportError where it is none."""
    data, why = read_file(path)
    if why:
        raise BrokenExportError(_finding(f"the file cannot be read: {why}", Source(shown, "")))
    text = data.decode("utf-8-sig", "replace")
    tree, findings = read_tree(text, shown, TAGS)
    errors = [finding for finding in findings if finding.is_error]
    if tree is None or errors:
        for finding in errors[:-1]:
            parts.add(finding)
        raise BrokenExportError(errors[-1])
    source = mapped_source(tree)
    if not isinstance(tree.value, dict):
        raise BrokenExportError(_finding("an export is a map", source))
    for key, node in tree.value.items():
        pointer = f"/{escape_pointer(key)}"
        plain: Any = node.plain()
        if not isinstance(plain, list):
            yield Item(key, plain, pointer, source=source)
            continue
        yield Item(key, OPENING, pointer, source=source, in_list=True)
        for index, each in enumerate(plain):
            yield Item(key, each, f"{pointer}/{index}", source=source, in_list=True)


def mapped_source(tree: Node) -> Source:
    """Give the text of a tree as a source whose pointers lead into the YAML."""
    found = SourceMap("")
    found.text = tree.source.text or ""
    level: list[tuple[str, Node]] = [("", tree)]
    while level:
        pointer, node = level.pop()
        found.values[pointer] = node.span
        if isinstance(node.value, dict):
            for key, child in node.value.items():
                below = f"{pointer}/{escape_pointer(key)}"
                place = node.keys[key].span
                if place is not None:
                    found.keys[below] = place
                level.append((below, child))
        elif isinstance(node.value, list):
            found.lists.add(pointer)
            level.extend((f"{pointer}/{i}", child) for i, child in enumerate(node.value))
    source = Source(tree.source.name, tree.source.text)
    fill_cache(source, "_map", found)
    return source


def _finding(message: str, source: Source) -> Finding:
    location = Location(source, span=Span(0, 0))
    return Finding("PE1801", Severity.ERROR, message, location, "is this the right file?")
