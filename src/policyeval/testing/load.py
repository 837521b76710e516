"""From `*.policytest.yaml` to the tests in it: read, check, multiply out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from policyeval.environment.problems import findings_of, position
from policyeval.environment.project_files import read_file
from policyeval.environment.yaml_tree import Node, read_tree
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.source import Location, Source, Span
from policyeval.testing.errors import SuiteError
from policyeval.testing.expand import Expansion
from policyeval.testing.file import SuiteFile, suite_schema
from policyeval.testing.model import Suite
from policyeval.testing.worlds import Library, Worlds

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
    if tree is None or _errors(findings):
        raise _suite_error(name, findings)
    model = _model(tree, findings)
    if model is None:
        raise _suite_error(name, findings)
    worlds = Worlds(model, tree, Path(name), library or Library(), findings)
    tests = Expansion(name, model, tree, worlds, findings).tests()
    if _errors(findings):
        raise _suite_error(name, findings)
    return Suite(name, tuple(tests), tuple(findings))


def _read(path: Path, name: str) -> tuple[Node | None, list[Finding]]:
    data, why = read_file(path)
    if why:
        place = Location(Source(name, ""), span=Span(0, 0))
        return None, [Finding("PE2201", Severity.ERROR, f"the file cannot be read: {why}", place)]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = len(data[: error.start].decode("utf-8", "replace"))
        source = Source(name, data.decode("utf-8", "replace"))
        place = Location(source, span=Span(at, at + 1))
        message, help = "the file is not in UTF-8", "save it as UTF-8"
        return None, [Finding("PE2201", Severity.ERROR, message, place, help)]
    tree, findings = read_tree(text, name)
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
    findings = tuple(sorted(dict.fromkeys(found), key=position))
    first, *others = [finding.message for finding in findings if finding.is_error]
    more = f" (and {len(others)} more)" if others else ""
    return SuiteError(f"{quote(name)}: {first}{more}", findings)
