"""The folder convention: policies whose place in a folder says what they are (docs/environment.md).

    scp/*.json  scp/@root/  scp/@111122223333/     rcp/ likewise
    identity/NAME.json  identity/NAME/*.json  identity/111122223333/NAME.json
    identity/@group-NAME/*.json  boundary/NAME.json  trust/NAME.json  session/NAME.json
    resource/SERVICE-NAME.json  vpc_endpoint/vpce-….json  permission-set/NAME.json

Needs neither YAML nor pydantic, so it starts fast; the files themselves are read when a request
first needs them. `NAME.meta.yaml` beside a policy may tell what its place cannot.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from policyeval.environment.folder_parts import Parts
from policyeval.environment.model import Environment
from policyeval.environment.project_files import PATH_ERRORS, ProjectFiles, project_root
from policyeval.errors import EnvironmentLoadError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.source import Location, Source, Span

LAYERS = {
    "scp": "scp",
    "rcp": "rcp",
    "identity": "identity",
    "boundary": "boundary",
    "session": "session",
    "trust": "trust",
    "resource": "resource",
    "vpc_endpoint": "vpc_endpoint",
    "permission_set": "permission_set",
}
PLURALS = {"identities": "identity", "boundaries": "boundary"}
NO_JSON = (".jsonc", ".json5", ".hjson")
MOST_FILES = 50_000


def layer_by_folder(path: Path) -> str:
    """Give the layer by the name of a folder around a file, one of two; empty where none tells."""
    for folder in list(path.absolute().parents)[:2]:
        layer = _layer_of(folder.name)
        if layer:
            return "identity" if layer == "permission_set" else layer
    return ""


def load_folder(path: str | Path, *, root: Path | None = None) -> Environment:
    """Give the environment of a folder of policies, or of its subfolder `policies`.

    `root` bounds where links may lead, as for `load_environment`. Raises EnvironmentLoadError
    where the folder is none, or holds a policy of which nothing tells what it is.
    """
    top = _top(Path(path))
    files = ProjectFiles(root if root is not None else project_root(top))
    parts = Parts(files)
    findings: list[Finding] = []
    layer_folders = list(_layer_folders(top, findings))
    if not layer_folders and not findings:
        known = ", ".join(sorted(set(LAYERS)))
        raise EnvironmentLoadError(
            f"{quote(os.fspath(path))} holds no policies: expected folders named after layers, "
            f"such as {known}"
        )
    for layer, folder in layer_folders:
        _read_layer(layer, folder, parts, findings)
    findings += parts.findings
    errors = [finding for finding in findings if finding.is_error]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise EnvironmentLoadError(errors[0].message + more, tuple(findings))
    return parts.environment(os.fspath(path), tuple(findings))


def is_folder_of_policies(path: Path) -> bool:
    """Tell whether a folder holds folders named after layers, itself or in `policies`."""
    return any(
        entry.is_dir() and _layer_of(entry.name)
        for folder in (path, path / "policies")
        for entry in _entries(folder)
    )


def _top(path: Path) -> Path:
    try:
        if not path.is_dir():
            why = "it is no folder" if path.exists() else "there is no such folder"
            raise EnvironmentLoadError(f"{quote(os.fspath(path))} cannot be read: {why}")
        below = path / "policies"
        here = any(_layer_of(entry.name) for entry in path.iterdir() if entry.is_dir())
        return below if not here and below.is_dir() else path
    except PATH_ERRORS as error:
        raise EnvironmentLoadError(f"{quote(os.fspath(path))} cannot be read: {error}") from None


def _layer_of(name: str) -> str:
    """Give the layer of a folder's name: singular or plural, in any case; empty for none."""
    folded = name.lower().replace("-", "_")
    return LAYERS.get(PLURALS.get(folded, folded.removesuffix("s")), "") or LAYERS.get(folded, "")


def _layer_folders(top: Path, findings: list[Finding]) -> Iterator[tuple[str, Path]]:
    for entry in _entries(top):
        layer = _layer_of(entry.name) if entry.is_dir() else ""
        if layer:
            yield layer, entry
        elif entry.is_dir():
            for file in _policy_files(entry):
                findings.append(_stray(file, entry.name))
                break
        elif entry.suffix == ".json":
            findings.append(_stray(entry, ""))


def _stray(file: Path, folder: str) -> Finding:
    return Finding(
        "PE0730",
        Severity.ERROR,
        f"{quote(os.fspath(file))} stands in no folder that tells what it is",
        _at(file),
        did_you_mean(folder, LAYERS) or f"folders are {', '.join(LAYERS)}",
    )


def _at(file: Path) -> Location:
    return Location(Source(os.fspath(file), ""), span=Span(0, 0))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except PATH_ERRORS:
        return []


def _policy_files(folder: Path, depth: int = 4) -> Iterator[Path]:
    for entry in _entries(folder):
        if entry.is_dir() and depth and not entry.is_symlink():
            yield from _policy_files(entry, depth - 1)
        elif entry.suffix == ".json":
            yield entry


def _read_layer(layer: str, folder: Path, parts: Parts, findings: list[Finding]) -> None:
    """Hand each policy of a layer to the part of the environment that it belongs to."""
    for count, file in enumerate(_files_below(folder)):
        if count >= MOST_FILES:
            findings.append(
                Finding(
                    "PE0701",
                    Severity.ERROR,
                    f"{quote(os.fspath(folder))} holds more than {MOST_FILES} files",
                )
            )
            return
        if file.suffix in NO_JSON:
            findings.append(
                Finding(
                    "PE0730",
                    Severity.ERROR,
                    f"{quote(os.fspath(file))} is no JSON",
                    _at(file),
                    "policies are strict JSON, as AWS takes them",
                )
            )
        if file.suffix == ".json":
            path = file.relative_to(folder)
            steps = (*path.parts[:-1], file.stem)
            parts.add(layer, steps, file)


def _files_below(folder: Path, depth: int = 3) -> Iterator[Path]:
    for entry in _entries(folder):
        if not entry.is_dir():
            yield entry
        elif depth:
            yield from _files_below(entry, depth - 1)
