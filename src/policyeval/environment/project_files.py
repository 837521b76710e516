"""Policy files on disk: found inside the project only, read when first needed."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from policyeval.environment.builtin import built_in
from policyeval.environment.model import PolicyDocument, Read, built_in_document
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import Defect, quote
from policyeval.parsing.document import MAX_SIZE
from policyeval.parsing.nearest import did_you_mean
from policyeval.parsing.policy import read_policy
from policyeval.policy import PolicyType
from policyeval.source import Location, Source, Span
from policyeval.value import Value

PROJECT_MARKS = (".git", "pyproject.toml")
AWS_MANAGED = ":iam::aws:policy/"
POLICIES = "policies"

# What the file system says to paths that cannot be: too long, with a NUL, links in a circle.
PATH_ERRORS = (OSError, ValueError, RuntimeError)


def project_root(folder: Path) -> Path:
    """Give the nearest folder upward with `.git` or `pyproject.toml`, else the folder itself."""
    return marked_root(folder) or folder.resolve()


def marked_root(folder: Path) -> Path | None:
    """Give the nearest folder upward with `.git` or `pyproject.toml`; None where there is none."""
    folder = folder.resolve()
    for candidate in (folder, *folder.parents):
        if any((candidate / mark).exists() for mark in PROJECT_MARKS):
            return candidate
    return None


def read_file(path: Path) -> tuple[bytes, str]:
    """Give a file's bytes, or none and why it cannot be read."""
    try:
        if not path.is_file():
            return b"", "it is a folder" if path.is_dir() else "there is no such file"
        if path.stat().st_size > MAX_SIZE:
            return b"", f"it is larger than {MAX_SIZE} bytes"
        return path.read_bytes(), ""
    except PATH_ERRORS as error:
        return b"", _why(error)


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


class FileReader(Value):
    """Reads a policy from a file. `name` is what messages call the file."""

    path: str
    name: str
    type: PolicyType
    exempt_from_size: bool = False

    def __call__(self) -> Read:
        """Give the policy and its findings; never raises."""
        data, why = read_file(Path(self.path))
        if why:
            return None, (_unreadable(self.name, why),)
        return read_policy(
            data, name=self.name, type=self.type, exempt_from_size=self.exempt_from_size
        )


class Missing(Value):
    """Stands for a policy that hangs somewhere, and that nobody has."""

    finding: Finding

    def __call__(self) -> Read:
        """Give no policy, and why."""
        return None, (self.finding,)


def _unreadable(name: str, why: str) -> Finding:
    location = Location(Source(name, ""), span=Span(0, 0))
    return Finding("PE0721", Severity.ERROR, f"the policy file cannot be read: {why}", location)


class ProjectFiles:
    """Finds the policies that an environment refers to; one document for each file and use."""

    def __init__(self, root: Path) -> None:
        """Accept files inside this folder alone."""
        self.root = root.resolve()
        self._documents: dict[tuple[str, PolicyType], PolicyDocument] = {}

    def inside(self, path: Path) -> Path | None:
        """Give the path with links resolved; None where it leaves the project."""
        try:
            resolved = path.resolve()
        except PATH_ERRORS:
            return None
        return resolved if resolved.is_relative_to(self.root) else None

    def document(self, reference: str, folder: Path, kind: PolicyType) -> PolicyDocument | Defect:
        """Give the policy of a file, relative to a folder or to `policies/` in it."""
        name = built_in(reference)
        if name:
            return built_in_document(name)
        for start in (folder, folder / POLICIES):
            found = self._found(start / reference, reference, kind)
            if found is not None:
                return found
        return self._not_found(folder, reference)

    def managed(
        self, arn: str, folder: Path | None, kind: PolicyType, location: Location | None
    ) -> PolicyDocument:
        """Give the local copy of a policy that is named by its ARN."""
        path = arn.partition(":policy/")[2]
        name = path.rpartition("/")[2]
        if folder is not None and AWS_MANAGED in arn:
            for copy in dict.fromkeys((f"{name}.json", f"{path}.json")):
                found = self._found(folder / copy, name, kind, arn)
                if isinstance(found, PolicyDocument):
                    return found
        return PolicyDocument(name or arn, Missing(_no_copy(arn, folder, location)), arn)

    def _found(
        self, path: Path, reference: str, kind: PolicyType, arn: str = ""
    ) -> PolicyDocument | Defect | None:
        """Give the document of a file, a defect if it is out of bounds, None if it is not there."""
        try:
            if not path.is_file():
                return None
        except PATH_ERRORS:
            return None
        resolved = self.inside(path)
        if resolved is None:
            return leaves_project(reference, self.root)
        key = (str(resolved), kind)
        if key not in self._documents:
            shown = os.path.normpath(path)
            reader = FileReader(str(resolved), shown, kind, bool(arn))
            self._documents[key] = PolicyDocument(reference, reader, arn)
        return self._documents[key]

    def _not_found(self, folder: Path, reference: str) -> Defect:
        siblings: list[str] = []
        for start in (folder, folder / POLICIES):
            parent = self.inside((start / reference).parent)
            with suppress(*PATH_ERRORS):
                if parent is not None and parent.is_dir():
                    siblings += sorted(each.name for each in parent.iterdir())
        name = reference.rpartition("/")[2]
        return Defect(
            "PE0721",
            f"there is no file {quote(reference)}",
            help=did_you_mean(name, (each for each in siblings if each != name))
            or f"looked in `{folder}` and in its folder `{POLICIES}`",
        )


def leaves_project(reference: str, root: Path) -> Defect:
    """Give the defect of a reference to a file outside the project."""
    return Defect(
        "PE0720",
        f"{quote(reference)} is outside the project",
        help=f"files must be under `{root}`; another folder can be given as the root",
    )


def _no_copy(arn: str, folder: Path | None, location: Location | None) -> Finding:
    if AWS_MANAGED not in arn:
        help = "write the path of its file in place of its ARN"
    elif folder is None:
        help = "save a copy of it, and name the folder as `managed-policies`"
    else:
        help = f"save a copy of it as `{arn.rpartition('/')[2]}.json` in `{folder}`"
    return Finding(
        "PE0722",
        Severity.WARNING,
        f"there is no copy of {quote(arn)}, so what it says is unknown",
        location,
        help,
    )
