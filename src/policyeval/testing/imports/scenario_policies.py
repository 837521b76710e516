"""The policies that a scenario of politest names: found, filled in, and handed to the draft."""

from __future__ import annotations

import os
from collections.abc import Iterator
from json import dumps
from pathlib import Path
from typing import Any

from policyeval.environment.project_files import PATH_ERRORS, read_file
from policyeval.environment.yaml_tree import Node
from policyeval.parsing.defect import quote
from policyeval.parsing.document import read_document
from policyeval.parsing.nearest import did_you_mean
from policyeval.parsing.policy import read_policy
from policyeval.policy import PolicyType
from policyeval.source import Location
from policyeval.testing.imports.draft import Draft
from policyeval.testing.imports.scenario import Scenario
from policyeval.testing.imports.variables import Filled, fill

POLICIES = ("policy_json", "policy_template")
RESOURCE_POLICIES = ("resource_policy_json", "resource_policy_template")

_STATEMENT = ("Action", "Resource", "Principal")
_ELEMENTS = {*("Sid", "Effect", "Condition"), *_STATEMENT, *(f"Not{each}" for each in _STATEMENT)}
_TOP = {"Version", "Id", "Statement"}
_WILDCARDS = "*?["


def filled_or_none(node: Node, scenario: Scenario, draft: Draft) -> str | None:
    """Give a text with its variables filled in; None where that fails, with a finding."""
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        draft.refuse("PE2364", "expected a text", node.location)
        return None
    filled = fill(value, scenario.variables)
    return filled.text if _is_whole(filled, scenario, draft, node.location) else None


def _is_whole(
    filled: Filled, scenario: Scenario, draft: Draft, place: Location, file: str = ""
) -> bool:
    """Tell whether all variables had values; note those that had none."""
    where = f" in {quote(file)}" if file else ""
    if filled.missing:
        names = ", ".join(map(quote, filled.missing))
        help = did_you_mean(filled.missing[0], scenario.variables) or "add it to `vars`"
        draft.refuse("PE2362", f"no value is given for {names}{where}", place, help)
    elif filled.other:
        help = "render the template first, and name the result as `policy_json`"
        draft.refuse("PE2362", f"{quote(filled.other)}{where} is more than a variable", place, help)
    return not (filled.missing or filled.other)


class ScenarioPolicies:
    """Reads policies, each file once."""

    def __init__(self, scenario: Scenario, draft: Draft) -> None:
        self._scenario = scenario
        self._top: dict[str, Node] = scenario.tree.value
        self._draft = draft
        self._files: dict[tuple[str, str, bool], str | None] = {}

    def shared(self) -> dict[str, tuple[str, ...]] | None:
        """Give the files of the identity policy and of SCPs and RCPs; None where one is not whole.

        A test without one of its policies would say something else.
        """
        given = [key for key in POLICIES if key in self._top]
        if len(given) != 1:
            place = self._top[given[1]].location if given else self._scenario.tree.location
            message = "a scenario has one of `policy_json` and `policy_template`"
            self._draft.refuse("PE2364", message, place)
            return None
        identity = self.read(self._top[given[0]], "identity", template=given[0] == POLICIES[1])
        stack: dict[str, tuple[str, ...]] = {}
        for layer, file in self._scps():
            if file is None:
                identity = None
            else:
                stack[layer] = (*stack.get(layer, ()), file)
        return None if identity is None else {**stack, "identity": (identity,)}

    def read(self, node: Node, layer: str, *, template: bool) -> str | None:
        """Give the file of a policy that a text names; None where it is not whole."""
        name = filled_or_none(node, self._scenario, self._draft)
        if name is None:
            return None
        return self._file(self._path(name, node), layer, node, template=template)

    def _scps(self) -> Iterator[tuple[str, str | None]]:
        node = self._top.get("scp_paths")
        if node is None or node.value is None:
            return
        for each in node.value if isinstance(node.value, list) else [node]:
            pattern = filled_or_none(each, self._scenario, self._draft)
            found = [] if pattern is None else self._matching(pattern, each)
            if not found:
                if pattern is not None:
                    message = f"no file matches {quote(pattern)}"
                    self._draft.refuse("PE2366", message, each.location)
                yield "scp", None
            for path in found:
                layer = "rcp" if _names_principals(path) else "scp"
                yield layer, self._file(path, layer, each, template=False)

    # ---- files ------------------------------------------------------------------------------

    def _folders(self, node: Node) -> tuple[Path, Path]:
        """Paths go from the scenario's folder; those of a parent elsewhere perhaps from its own."""
        return self._scenario.folder, Path(node.source.name).parent

    def _path(self, name: str, node: Node) -> Path:
        first, second = self._folders(node)
        try:
            found = first / name if (first / name).is_file() else second / name
            return Path(os.path.normpath(found))
        except PATH_ERRORS:
            return first / name

    def _matching(self, pattern: str, node: Node) -> list[Path]:
        if not any(char in pattern for char in _WILDCARDS):
            return [self._path(pattern, node)]
        for folder in self._folders(node):
            try:
                found = sorted({Path(os.path.normpath(each)) for each in folder.glob(pattern)})
            except (*PATH_ERRORS, NotImplementedError):
                found = []
            if found:
                return found
        return []

    def _file(self, path: Path, layer: str, node: Node, *, template: bool) -> str | None:
        key = (str(path), layer, template)
        if key not in self._files:
            self._files[key] = self._read(path, layer, node.location, template=template)
        return self._files[key]

    def _read(self, path: Path, layer: str, place: Location, *, template: bool) -> str | None:
        """Give the file of a policy: its own, or a new one where the suite needs another text."""
        draft = self._draft
        data, why = read_file(path)
        if why:
            draft.refuse("PE2366", f"{quote(str(path))} cannot be read: {why}", place)
            return None
        text = whole = data.decode("utf-8-sig", "replace")
        if template:
            filled = fill(text, self._scenario.variables)
            if not _is_whole(filled, self._scenario, draft, place, str(path)):
                return None
            text = filled.text
        text = self._stripped(text, place, str(path))
        if text == whole and read_policy(data, type=PolicyType(layer))[0] is not None:
            own = draft.file(path)
            if own is not None:
                return own
        return draft.policy(layer, text, str(path), place)

    def _stripped(self, text: str, place: Location, name: str) -> str:
        """Leave out what is no element of policies, as politest does."""
        tree, _, _ = read_document(text)
        if not isinstance(tree, dict):
            return text
        foreign = [key for key in tree if key not in _TOP]
        kept = {key: value for key, value in tree.items() if key in _TOP}
        statements = kept.get("Statement")
        if isinstance(statements, list):
            foreign += [key for each in statements for key in _foreign(each)]
            kept["Statement"] = [_own(each) for each in statements]
        if not foreign:
            return text
        listed = ", ".join(quote(key) for key in dict.fromkeys(foreign))
        message = f"a copy of {quote(name)} is made without {listed}"
        self._draft.warn("PE2363", message, place, "policies have no such elements")
        return dumps(kept, indent=2, ensure_ascii=False) + "\n"


def _foreign(statement: Any) -> list[str]:
    keys = statement if isinstance(statement, dict) else ()
    return [key for key in keys if key not in _ELEMENTS]


def _own(statement: Any) -> Any:
    if not isinstance(statement, dict):
        return statement
    return {key: value for key, value in statement.items() if key in _ELEMENTS}


def _names_principals(path: Path) -> bool:
    """Tell whether a policy is an RCP: those name principals, SCPs do not."""
    data, why = read_file(path)
    tree = None if why else read_document(data)[0]
    statements = tree.get("Statement") if isinstance(tree, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    return any(isinstance(each, dict) and "Principal" in each for each in listed)
