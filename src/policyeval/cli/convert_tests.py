"""`policyeval convert` where tests come in or go out: politest, the simulator, policy tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from policyeval.cli.guard import show_findings
from policyeval.errors import ConfigError
from policyeval.parsing.defect import quote
from policyeval.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyeval.environment.write import Written
    from policyeval.testing.imports.draft import Draft

POLICYTEST = "policytest"
SOURCES = ("politest", "simulator")
FORMS = (*SOURCES, POLICYTEST)
LEFT_OUT = 1


class Conversion(Value):
    """What is to be converted; `output` is a file."""

    inputs: tuple[str, ...]
    source: str | None
    target: str | None
    output: str
    results: str | None = None
    env: str | None = None
    answers: bool = False
    dry_run: bool = False
    force: bool = False


def is_of_tests(source: str | None, target: str | None) -> bool:
    """Tell whether these forms are of tests, not of environments."""
    return source in FORMS or target in FORMS


def convert_tests(asked: Conversion) -> None:
    """Convert one file; exits with 1 where tests were left out."""
    if len(asked.inputs) != 1:
        raise ConfigError("tests are converted one file at a time")
    path, output = Path(asked.inputs[0]), Path(asked.output)
    source, target = _forms(asked, path)
    if output.is_dir():
        raise ConfigError(f"{quote(asked.output)} is a folder: `--output` names the file of tests")
    if target == POLICYTEST:
        _bring_in(asked, source, path, output)
    else:
        _send_out(asked, target, path, output)


def _forms(asked: Conversion, path: Path) -> tuple[str, str]:
    from policyeval.testing.load import is_suite

    source = asked.source or (POLICYTEST if is_suite(path) else None)
    target = asked.target or (POLICYTEST if source in SOURCES else None)
    if source is None:
        raise ConfigError(f"`--from` says what {quote(str(path))} is: {', '.join(SOURCES)}")
    if target is None:
        raise ConfigError(f"`--to` says what is to be made: {', '.join(SOURCES)}")
    if (source == POLICYTEST) is (target == POLICYTEST) or not {source, target} <= {*FORMS}:
        raise ConfigError(
            f"tests cannot be converted from `{source}` to `{target}`: one of them is "
            f"`{POLICYTEST}`, the other {' or '.join(SOURCES)}"
        )
    if target != POLICYTEST and (asked.results or asked.answers or asked.env):
        raise ConfigError("`--results`, `--answers` and `--env` are for tests that come in")
    return source, target


def _bring_in(asked: Conversion, source: str, path: Path, output: Path) -> None:
    from policyeval.testing.load import ENDINGS, load_suite

    if not output.name.endswith(ENDINGS):
        raise ConfigError(f"a file of policy tests is named `NAME{ENDINGS[0]}`")
    draft = _draft(asked, source, path, output)
    show_findings(tuple(dict.fromkeys(draft.findings)))
    if asked.answers and draft.undecided and not asked.dry_run:
        from policyeval.testing.imports.answers import take_answers

        _write(asked, output, draft.policy_files)
        take_answers(draft)
    written = _write(asked, output, draft.files)
    if not asked.dry_run:
        for name in draft.suites():
            load_suite(output.parent / name)  # raises what keeps it from running
    _end(asked, written, output, len(draft.tests), draft.left_out)


def _draft(asked: Conversion, source: str, path: Path, output: Path) -> Draft:
    if source == "politest":
        if asked.results or asked.env:
            raise ConfigError("`--results` and `--env` are for requests of the simulator")
        from policyeval.testing.imports.politest import from_politest

        return from_politest(path, output)
    from policyeval.testing.imports.simulator import from_simulator

    results = Path(asked.results) if asked.results else None
    environment = Path(asked.env) if asked.env else None
    return from_simulator(path, output, results=results, environment=environment)


def _send_out(asked: Conversion, target: str, path: Path, output: Path) -> None:
    from policyeval.testing.imports.export import to_politest, to_simulator
    from policyeval.testing.load import load_suite

    export = (to_politest if target == "politest" else to_simulator)(load_suite(path), output)
    show_findings(tuple(dict.fromkeys(export.findings)))
    written = _write(asked, output, lambda: dict(export.files))
    _end(asked, written, output, export.tests, export.left_out)


def _write(asked: Conversion, output: Path, files: Callable[[], dict[str, str]]) -> Written:
    from policyeval.environment.write import compare, write_files

    if asked.dry_run:
        return compare(files(), output.parent)
    return write_files(files(), output.parent, force=asked.force)


def say_files(written: Written, mood: str = "") -> None:
    """Say which files were written, or would be."""
    for word, names in (("created", written.created), ("changed", written.changed)):
        for name in names:
            sys.stdout.write(f"{mood}{word}  {name}\n")


def _end(asked: Conversion, written: Written, output: Path, converted: int, left_out: int) -> None:
    mood = "would be " if asked.dry_run else ""
    say_files(written, mood)
    aside = f", {left_out} left out" if left_out else ""
    entries = "entry" if converted == 1 else "entries"
    sys.stdout.write(f"{quote(str(output))}: {converted} {entries} of tests{aside}\n")
    if left_out or not converted:
        raise typer.Exit(LEFT_OUT)
