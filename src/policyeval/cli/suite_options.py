"""The options of `policyeval test`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from policyeval.errors import ConfigError
from policyeval.value import Value

FORMS = ("text", "json", "junit", "sarif", "github", "markdown", "html")
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
        return (*(target for target in found if target.file is not None), moved)
    if not here:
        return (Target("text", None), *found)
    if len(here) > 1 and any(target.form not in BESIDE_TEXT for target in here):
        raise ConfigError(
            "standard output takes one report: give the others files, such as junit:report.xml"
        )
    return tuple(found)


def coverage_of(
    reports: Sequence[str], limit: str | None, *, wanted: bool, contexts: bool
) -> Coverage | None:
    """Give what is asked about coverage; None where nothing is."""
    if limit is not None:
        try:
            inside = 0 <= Decimal(limit) <= 100
        except InvalidOperation:
            inside = False
        if not inside:
            raise ConfigError(f"`--cov-fail-under {limit}`: expected a percentage, 0 to 100")
    if not (wanted or reports or contexts or limit is not None):
        return None
    return Coverage(tuple(reports) or ("term",), limit, contexts)
