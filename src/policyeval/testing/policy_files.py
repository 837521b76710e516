"""The policy files that a suite names: looked for around it, inside the project alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from policyeval.environment.model import PolicyDocument
from policyeval.environment.project_files import (
    PATH_ERRORS,
    ProjectFiles,
    leaves_project,
    marked_root,
)
from policyeval.parsing.defect import Defect, quote
from policyeval.policy import PolicyType
from policyeval.testing.notes import Notes, Steps

ANY = "*"


class PolicyFiles:
    """Finds and reads the policies of one suite.

    `folders` are those that names start from, in order: the suite's, later the environment's.
    """

    def __init__(self, folder: Path, environment: str | None, notes: Notes) -> None:
        self.folders = [folder]
        self._files = ProjectFiles(_root(folder, environment))
        self._notes = notes

    def documents(
        self, references: Sequence[str], kind: PolicyType, steps: Steps
    ) -> Iterator[PolicyDocument]:
        """Give the policies that files, patterns or names mean; notes those that mean none."""
        for place, reference in enumerate(references):
            here = (*steps, place)
            names = [reference]
            if ANY in reference:
                names = self._matching(reference)
                if not names and self._is_outside(reference):
                    defect = leaves_project(reference, self._files.root)
                    self._notes.findings.append(defect.at(self._notes.place(here)))
                elif not names:
                    self._notes.add("PE2208", f"no file matches {quote(reference)}", here)
            for name in names:
                found = self._document(name, kind)
                if isinstance(found, Defect):
                    self._notes.findings.append(found.at(self._notes.place(here)))
                else:
                    yield found

    def _document(self, name: str, kind: PolicyType) -> PolicyDocument | Defect:
        found: PolicyDocument | Defect | None = None
        for folder in self.folders:
            looked = self._files.document(name, folder, kind)
            if isinstance(looked, PolicyDocument):
                return looked
            found = found or looked
        assert found is not None
        return found

    def _is_outside(self, pattern: str) -> bool:
        return all(self._files.inside(each / _fixed(pattern)) is None for each in self.folders)

    def _matching(self, pattern: str) -> list[str]:
        """Give the files of a pattern, in the first folder that has any.

        What begins with a dot is hidden, unless the pattern says so: such as what is remembered
        of the last run.
        """
        for folder in self.folders:
            if self._files.inside(folder / _fixed(pattern)) is None:
                continue  # nothing there could be used
            try:
                names = sorted(
                    os.path.relpath(each, folder)
                    for each in folder.glob(pattern)
                    if each.is_file() and not _is_hidden(each.relative_to(folder), pattern)
                )
            except (*PATH_ERRORS, NotImplementedError):
                names = []
            if names:
                return names
        return []


def why_no_path(folder: Path, name: str | None) -> str:
    """Say why no file can have a name, such as one with a NUL; empty where one can."""
    try:
        os.lstat(folder / (name or "."))  # pathlib hides some of what is wrong
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except PATH_ERRORS as error:
        return (getattr(error, "strerror", None) or str(error)).lower()
    return ""


def _is_hidden(path: Path, pattern: str) -> bool:
    named = [each for each in pattern.split("/") if each.startswith(".")]
    return any(
        part.startswith(".") and not any(fnmatchcase(part, each) for each in named)
        for part in path.parts
    )


def _fixed(pattern: str) -> str:
    """Give the folder that a pattern begins with."""
    return pattern.partition(ANY)[0].rpartition("/")[0]


def _root(folder: Path, environment: str | None) -> Path:
    """Give the folder that the policies must lie in.

    Where nothing marks a project, it holds the suite and its environment, and the folder that the
    command runs in if that is above the suite.
    """
    marked = marked_root(folder)
    if marked is not None:
        return marked
    around = folder.resolve()
    here = Path.cwd()
    if around.is_relative_to(here):
        around = here
    if environment is not None:
        for above in (around, *around.parents):
            if (folder / environment).resolve().is_relative_to(above):
                return above if above != above.parent else around
    return around
