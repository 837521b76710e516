"""The way from `environment.yaml` on disk to an `Environment`: read, merge, check, build."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from policyeval.environment.build import Builder
from policyeval.environment.file import environment_schema, read_model
from policyeval.environment.model import Environment
from policyeval.environment.problems import findings_of, summed_up
from policyeval.environment.project_files import (
    PATH_ERRORS,
    ProjectFiles,
    leaves_project,
    project_root,
    read_file,
)
from policyeval.environment.yaml_tree import Node, merge, read_bytes_as_tree
from policyeval.errors import EnvironmentLoadError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import Defect, quote
from policyeval.source import Location

FILE_NAMES = ("environment.yaml", "environment.yml", "environment.json")
MOST_EXTENDED = 20
EXPORT_ENDINGS = (".json", ".yaml", ".yml", ".template")
PEEK = 64 * 1024
MOST_PEEKED = 200

_JSON_KEY = re.compile(r'"([A-Za-z_:]{1,40})"[ \t\r\n]{0,8}:')
_YAML_KEY = re.compile(r"^([A-Za-z_:-]{1,40}):(?=[ \r\n]|$)", re.MULTILINE)
_OWN_KEYS = frozenset(
    (
        *("version", "partition", "organization", "accounts", "principals", "groups"),
        *("resources", "vpc_endpoints", "contexts", "complete", "managed-policies", "extends"),
        *("exports", "parameters"),
    )
)
_EXPORT_KEYS = frozenset(
    (
        *("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies", "Policy"),
        *("Organization", "Roots", "OrganizationalUnits", "OrganizationalUnit", "Accounts"),
        *("Account", "Parents", "Targets", "VpcEndpoints", "configurationItems", "Results"),
        *(
            "baseConfigurationItems",
            "BaseConfigurationItems",
            "planned_values",
            "resource_changes",
            "terraform_version",
        ),
        *("AWSTemplateFormatVersion", "Resources", "Transform"),
    )
)
"""Members by which an export is told from an environment; the readers look more closely."""


def load(path: Path, root: Path | None = None) -> Environment:
    """Give the environment of a file or folder; see `load_environment`."""
    if _is_folder(path):
        inside = [path / name for name in FILE_NAMES if (path / name).is_file()]
        if not inside:
            return _load_folder(path, root)
        path = inside[0]
    elif path.name not in FILE_NAMES and (is_export(path) or _is_other_json(path)):
        return _load_exports(path, root)
    files = ProjectFiles(root if root is not None else project_root(path.parent))
    reading = _Reading(files)
    tree = reading.read(path)
    if tree is None:
        raise _load_error(path, reading.findings)
    plain = tree.plain()
    if isinstance(plain, dict):
        plain.pop("extends", None)
    model = read_model(plain)
    if isinstance(model, list):
        problems = findings_of(model, tree, environment_schema())
        raise _load_error(path, [*reading.findings, *problems])
    builder = Builder(tree, model, files, reading.folders)
    if model.exports:
        from policyeval.environment.overlay import build_over_exports

        environment = build_over_exports(builder, os.fspath(path))
    else:
        environment = builder.build(os.fspath(path))
    found = [*reading.findings, *environment.load_findings]
    if any(finding.is_error for finding in found):
        raise _load_error(path, found)
    return environment


def _load_folder(path: Path, root: Path | None) -> Environment:
    """Give the environment of a folder: one of policies, unless it holds exports."""
    from policyeval.environment.folder import is_folder_of_policies, load_folder

    if not is_folder_of_policies(path) and (holds_exports(path) or _has_json(path)):
        return _load_exports(path, root)
    return load_folder(path, root=root)


def _load_exports(path: Path, root: Path | None) -> Environment:
    from policyeval.environment.exports.read import read_exports

    return read_exports([path], name=os.fspath(path), root=root)


def is_environment(path: Path) -> bool:
    """Tell whether a path is a hand-written environment rather than exports."""
    from policyeval.environment.folder import is_folder_of_policies

    if not _is_folder(path):
        return path.name in FILE_NAMES or _first_key(path) in _OWN_KEYS
    return any((path / name).is_file() for name in FILE_NAMES) or is_folder_of_policies(path)


def is_export(path: Path) -> bool:
    """Tell by its beginning whether a file is an export, rather than an environment.yaml."""
    keys = _keys(path)
    return bool(keys) and keys[0] not in _OWN_KEYS and not _EXPORT_KEYS.isdisjoint(keys)


def _is_other_json(path: Path) -> bool:
    """Tell whether a file is JSON that is no environment: the reader of exports says what it is."""
    keys = _keys(path)
    return (
        path.suffix == ".json" and bool(keys) and keys[0] not in _OWN_KEYS and "version" not in keys
    )


def _first_key(path: Path) -> str:
    return next(iter(_keys(path)), "")


def _keys(path: Path) -> list[str]:
    """Give the keys at the beginning of a file; in JSON, those of all levels."""
    try:
        if not path.is_file():  # a pipe would be waited for
            return []
        with path.open("rb") as stream:
            head = stream.read(PEEK).decode("utf-8-sig", "replace")
    except PATH_ERRORS:
        return []
    is_json = head.lstrip()[:1] in ("{", "[")
    return (_JSON_KEY if is_json else _YAML_KEY).findall(head)


def _has_json(folder: Path) -> bool:
    """Tell whether JSON lies directly in a folder, where no policy of a layer would."""
    return any(each.suffix == ".json" for each in _below(folder, 0))


def holds_exports(folder: Path) -> bool:
    """Tell whether an export lies in a folder, or below."""
    return any(is_export(each) for each in islice(_below(folder), MOST_PEEKED))


def _below(folder: Path, depth: int = 4) -> Iterator[Path]:
    try:
        entries = sorted(each for each in folder.iterdir() if not each.name.startswith("."))
        for entry in entries:
            if entry.is_dir():
                if depth and not entry.is_symlink():
                    yield from _below(entry, depth - 1)
            elif entry.suffix.lower() in EXPORT_ENDINGS:
                yield entry
    except PATH_ERRORS:
        return


def _load_error(path: Path, found: Iterable[Finding]) -> EnvironmentLoadError:
    message, findings = summed_up(os.fspath(path), found)
    return EnvironmentLoadError(message, findings)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except PATH_ERRORS:
        return False


class _Reading:
    """Reads a file and those that it extends into one tree."""

    def __init__(self, files: ProjectFiles) -> None:
        self.files = files
        self.findings: list[Finding] = []
        self.folders: dict[str, Path] = {}
        self.below: list[Path] = []
        self.count = 0

    def read(self, path: Path, asked_at: Location | None = None) -> Node | None:
        """Give the tree of a file over those it extends; None where it has no tree."""
        name = os.path.normpath(path)
        data, why = read_file(path)
        if why:
            self._add("PE0701", f"{quote(name)} cannot be read: {why}", asked_at)
            return None
        tree, findings = read_bytes_as_tree(data, name, "PE0701")
        self.findings.extend(findings)
        self.folders[name] = path.parent
        if tree is None or not isinstance(tree.value, dict) or "extends" not in tree.value:
            return tree
        self.below.append(path.resolve())
        tree = self._extended(tree, path.parent)
        self.below.pop()
        return tree

    def _extended(self, tree: Node, folder: Path) -> Node:
        """Put a tree over the files that it extends; the later over the earlier."""
        listed = tree.value["extends"]
        base: Node | None = None
        for node in listed.value if isinstance(listed.value, list) else [listed]:
            if node.value is None:
                continue
            if not isinstance(node.value, str):
                self._add("PE0707", "`extends` lists the names of files", node.location)
                continue
            below = self._base(node, folder)
            if below is not None:
                base = below if base is None else merge(base, below)
        return tree if base is None else merge(base, tree)

    def _base(self, node: Node, folder: Path) -> Node | None:
        path = folder / node.value
        resolved = self.files.inside(path)
        if resolved is None:
            self._add_defect(leaves_project(node.value, self.files.root), node.location)
            return None
        if resolved in self.below:
            self._add("PE0723", f"{quote(node.value)} extends itself", node.location)
            return None
        self.count += 1
        if self.count > MOST_EXTENDED:
            self._add("PE0723", f"more than {MOST_EXTENDED} files are extended", node.location)
            return None
        return self.read(path, node.location)

    def _add(
        self, code: str, message: str, location: Location | None = None, help: str = ""
    ) -> None:
        self.findings.append(Finding(code, Severity.ERROR, message, location, help))

    def _add_defect(self, defect: Defect, location: Location) -> None:
        self.findings.append(defect.at(location))
