"""The options of `policyeval test`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from policyeval.errors import ConfigError
from policyeval.testing.reports import FORMS
from policyeval.value import Value

BESIDE_TEXT = ("text", "github")
"""What may share standard output: GitHub finds its commands between other lines."""


class Target(Value):
    """A report, and the file that it goes to; None: standard output."""

    form: str
    file: str | None


class Coverage(Value):
    """What is wanted to be known of the coverage; `limit` is in percent, as written."""

    reports: tuple[str, ...] = ()
    limit: str | None = None
    contexts: bool = False


class Mutation(Value):
    """How policies are changed on purpose; `limit` is in percent, as written.

    `tests` is the file that the missing tests are written to.
    """

    operators: str = ""
    paths: tuple[str, ...] = ()
    budget: float | None = None
    reports: tuple[str, ...] = ("term",)
    limit: str | None = None
    tests: str | None = None


class Asked(Value):
    """The options of a run."""

    paths: tuple[str, ...]
    select: str | None = None
    stop: bool = False
    last_failed: bool = False
    jobs: int = 1
    environment: str | None = None
    require_reason: bool = False
    targets: tuple[Target, ...] = (Target("text", None),)
    colour: str = "auto"
    verbose: bool = False
    quiet: bool = False
    coverage: Coverage | None = None
    mutation: Mutation | None = None


def targets(forms: Sequence[str], output: str | None, *, as_json: bool) -> tuple[Target, ...]:
    """Give the reports asked for; raises ConfigError where two of them want one place."""
    found = []
    for text in (*forms, *(("json",) if as_json else ())):
        form, colon, file = text.partition(":")
        if form not in FORMS or (colon and not file):
            raise ConfigError(f"`{text}` is no FORM or FORM:FILE; forms are {', '.join(FORMS)}")
        found.append(Target(form, file if file not in ("", "-") else None))
    here = [target for target in found if target.file is None]
    if output not in (None, "-"):
        if len(here) > 1:
            raise ConfigError("-o names one file, and several reports have none: FORM:FILE")
        moved = Target(here[0].form if here else "text", output)
        found = [*(target for target in found if target.file is not None), moved]
    _refuse_one_file_for_two(found)
    if output not in (None, "-"):
        return tuple(found)
    if not here:
        return (Target("text", None), *found)
    if len(here) > 1 and any(target.form not in BESIDE_TEXT for target in here):
        raise ConfigError(
            "standard output takes one report: give the others files, such as junit:report.xml"
        )
    return tuple(found)


def _refuse_one_file_for_two(targets: Sequence[Target]) -> None:
    """Raise ConfigError where a report would be written over another one."""
    files = [target.file for target in targets if target.file is not None]
    for file in files:
        same = [each for each in files if os.path.realpath(each) == os.path.realpath(file)]
        is_device = Path(file).exists() and not Path(file).is_file()
        if len(same) > 1 and not is_device:
            raise ConfigError(f"`{file}` takes one report: give the others files of their own")


def coverage_of(
    reports: Sequence[str], limit: str | None, *, wanted: bool, contexts: bool
) -> Coverage | None:
    """Give what is asked about coverage; None where nothing is."""
    if not (wanted or reports or contexts or limit is not None):
        return None
    return Coverage(tuple(reports) or ("term",), limit, contexts)


OF_WRITING = frozenset({"paths", "env", "output", "init", "layer", "from_trail", "color"})


def refuse_options_of_a_run(options: Mapping[str, Any]) -> None:
    """Raise ConfigError for options that say how tests are run, where tests are only written."""
    for name, value in options.items():
        if name not in OF_WRITING and value and (name, value) != ("jobs", 1):
            shown = {"select": "-k", "stop": "-x", "last_failed": "--lf", "jobs": "-j"}.get(
                name, f"--{name.replace('_', '-').replace('forms', 'format')}"
            )
            raise ConfigError(f"{shown} is about running tests: --init and --from-trail write them")


def mutation_of(wanted: bool, **options: Any) -> Mutation | None:
    """Give how policies are to be changed; None where they are not.

    Raises ConfigError for options that say how, where nothing says that they are.
    """
    given = {name: value for name, value in options.items() if value}
    if not wanted:
        if given:
            raise ConfigError("the options --mutate-... and --write-tests go with --mutate")
        return None
    return Mutation(**{name: _frozen(value) for name, value in given.items()})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
