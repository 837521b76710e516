"""politest's scenario files: read, their parents merged in, their variables gathered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from policyeval.environment.project_files import PATH_ERRORS, read_file
from policyeval.environment.yaml_tree import Node, merge, read_bytes_as_tree
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.source import Location, Source, Span
from policyeval.testing.errors import SuiteError
from policyeval.value import Value

MOST_EXTENDED = 20


class Scenario(Value):
    """A scenario with its parents merged in; `variables` are flat, as politest's are."""

    tree: Node
    folder: Path
    variables: dict[str, str]


def read_scenario(path: Path) -> Scenario:
    """Give the scenario of a file; raises SuiteError with what is wrong."""
    levels = list(_levels(path))
    tree = levels[-1]
    for level in reversed(levels[:-1]):
        tree = merge(tree, level)
    variables: dict[str, str] = {}
    for level in reversed(levels):
        variables |= _variables(level)
    return Scenario(tree, path.parent, variables)


def _levels(path: Path) -> Iterator[Node]:
    """Give a scenario's own map, then its parents'."""
    seen: list[Path] = []
    place: Location | None = None
    while True:
        try:
            real = path.resolve()
        except PATH_ERRORS:
            real = path  # reading it says why
        if real in seen or len(seen) > MOST_EXTENDED:
            raise _error("PE2360", f"{quote(str(path))} extends itself", place)
        seen.append(real)
        tree = read_map(path, place)
        yield tree
        parent = tree.value.get("extends")
        if parent is None:
            return
        path, place = path.parent / _text(parent), parent.location


def read_map(path: Path, place: Location | None = None) -> Node:
    """Give the map of a YAML file; `place` is what names it. Raises SuiteError."""
    data, why = read_file(path)
    if why:
        raise _error("PE2360", f"{quote(str(path))} cannot be read: {why}", place or _start(path))
    tree, findings = read_bytes_as_tree(data, str(path), "PE2360")
    if tree is None or any(finding.is_error for finding in findings):
        raise SuiteError(f"{quote(str(path))}: {findings[-1].message}", findings)
    if not isinstance(tree.value, dict):
        raise _error("PE2360", "a scenario is a map", tree.location)
    return tree


def _variables(level: Node) -> dict[str, str]:
    """Give the variables of one file: its own come before those of the file that it names."""
    found: dict[str, str] = {}
    named = level.value.get("vars_file")
    if named is not None:
        folder = Path(level.source.name).parent
        found |= _flat(read_map(folder / _text(named), named.location))
    own = level.value.get("vars")
    return found | (_flat(own) if own is not None and own.value is not None else {})


def _flat(node: Node) -> dict[str, str]:
    if not isinstance(node.value, dict):
        raise _error("PE2360", "variables are a map", node.location)
    found = {}
    for name, each in node.value.items():
        if isinstance(each.value, (dict, list)) or each.value is None:
            help = "politest knows flat variables alone"
            raise _error("PE2360", f"the variable {quote(name)} has no text", each.location, help)
        value = each.value
        found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def _text(node: Node) -> str:
    if not isinstance(node.value, str):
        raise _error("PE2360", "expected the name of a file", node.location)
    return str(node.value)


def _start(path: Path) -> Location:
    return Location(Source(str(path), ""), span=Span(0, 0))


def _error(code: str, message: str, place: Location | None, help: str = "") -> SuiteError:
    return SuiteError(message, (Finding(code, Severity.ERROR, message, place, help),))
