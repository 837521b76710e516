"""The way from `environment.yaml` on disk to an `Environment`: read, merge, check, build."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from policyeval.environment.build import Builder
from policyeval.environment.file import environment_schema, read_model
from policyeval.environment.model import Environment
from policyeval.environment.problems import findings_of, position
from policyeval.environment.project_files import (
    PATH_ERRORS,
    ProjectFiles,
    leaves_project,
    project_root,
    read_file,
)
from policyeval.environment.yaml_tree import Node, merge, read_tree
from policyeval.errors import EnvironmentLoadError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import Defect, quote
from policyeval.source import Location, Source, Span

FILE_NAMES = ("environment.yaml", "environment.yml", "environment.json")
MOST_EXTENDED = 20


def load(path: Path, root: Path | None = None) -> Environment:
    """Give the environment of a file or folder; see `load_environment`."""
    if _is_folder(path):
        inside = [path / name for name in FILE_NAMES if (path / name).is_file()]
        if not inside:
            from policyeval.environment.folder import load_folder

            return load_folder(path, root=root)
        path = inside[0]
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
    environment = builder.build(os.fspath(path))
    found = [*reading.findings, *builder.findings]
    if any(finding.is_error for finding in found):
        raise _load_error(path, found)
    return environment


def _load_error(path: Path, found: Iterable[Finding]) -> EnvironmentLoadError:
    findings = tuple(sorted(found, key=position))
    first, *others = [finding.message for finding in findings if finding.is_error]
    more = f" (and {len(others)} more)" if others else ""
    return EnvironmentLoadError(f"{quote(os.fspath(path))}: {first}{more}", findings)


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
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            place = len(data[: error.start].decode("utf-8", "replace"))
            source = Source(name, data.decode("utf-8", "replace"))
            location = Location(source, span=Span(place, place + 1))
            self._add("PE0701", "the file is not in UTF-8", location, "save it as UTF-8")
            return None
        tree, findings = read_tree(text, name)
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
