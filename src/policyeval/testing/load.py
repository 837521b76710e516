"""From `*.policytest.yaml` to the tests in it: read, check, multiply out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from policyeval.environment.problems import findings_of, summed_up
from policyeval.environment.project_files import read_file
from policyeval.environment.yaml_tree import Node, read_bytes_as_tree, read_tree
from policyeval.finding import Finding, Severity
from policyeval.source import Location, Source, Span
from policyeval.testing.errors import SuiteError
from policyeval.testing.expand import Expansion
from policyeval.testing.file import SuiteFile, suite_schema
from policyeval.testing.library import Library
from policyeval.testing.model import Suite, World
from policyeval.testing.notes import Notes
from policyeval.testing.worlds import Worlds

ENDINGS = (".policytest.yaml", ".policytest.yml", ".policytest.json")


def is_suite(path: Path) -> bool:
    """Tell by its name whether a file holds policy tests."""
    return path.name.endswith(ENDINGS)


def load_suite(path: str | os.PathLike[str], *, library: Library | None = None) -> Suite:
    """Give the tests of a file. Suites that share a `library` share the environments they name.

    Raises SuiteError with every error that was found, each with file, line and column.
    """
    name = os.fspath(path)
    tree, findings = _read(Path(name), name)
    model, notes = _checked(name, tree, findings)
    worlds = Worlds(model, Path(name), library or Library(), notes)
    tests = tuple(Expansion(name, model, worlds, notes).tests())
    if _errors(findings):
        raise _suite_error(name, findings)
    return Suite(name, tests, tuple(findings))


def load_world(text: str, path: Path, name: str) -> World:
    """Give the world that a suite with this text would ask, if it lay at a path.

    `name` is what messages call the text. Raises SuiteError.
    """
    tree, findings = read_tree(text, name)
    noted = list(findings)
    model, notes = _checked(name, tree, noted)
    world = Worlds(model, path, Library(), notes).base
    if world is None or _errors(noted):
        raise _suite_error(name, noted)
    return world


def _checked(name: str, tree: Node | None, findings: list[Finding]) -> tuple[SuiteFile, Notes]:
    """Give the model of a tree, and what notes its findings; raises SuiteError for errors."""
    model = _model(tree, findings) if tree is not None and not _errors(findings) else None
    if tree is None or model is None:
        raise _suite_error(name, findings)
    return model, Notes(tree, findings)


def _read(path: Path, name: str) -> tuple[Node | None, list[Finding]]:
    data, why = read_file(path)
    if why:
        place = Location(Source(name, ""), span=Span(0, 0))
        return None, [Finding("PE2201", Severity.ERROR, f"the file cannot be read: {why}", place)]
    tree, findings = read_bytes_as_tree(data, name, "PE2201")
    return tree, list(findings)


def _model(tree: Node, findings: list[Finding]) -> SuiteFile | None:
    try:
        return SuiteFile.model_validate(tree.plain())
    except ValidationError as error:
        problems = [dict(problem) for problem in error.errors(include_url=False)]
        findings.extend(findings_of(problems, tree, suite_schema()))
        return None


def _errors(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.is_error]


def _suite_error(name: str, found: Sequence[Finding]) -> SuiteError:
    message, findings = summed_up(name, found)
    return SuiteError(message, findings)
