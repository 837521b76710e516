"""`policyeval test --init` and `--from-trail`: suites written for policies that have none."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from policyeval.cli.files import read_bytes
from policyeval.cli.guard import show_findings
from policyeval.errors import ConfigError, PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.policy import PolicyType
from policyeval.rendering.document import visible
from policyeval.rendering.words import counted

if TYPE_CHECKING:
    from policyeval.testing.generate.written import Written

FIRST = "first.policytest.yaml"
FROM_TRAIL = "trail.policytest.yaml"
LAYERS = tuple(kind.value for kind in PolicyType)


def write_suite(
    paths: Sequence[str] | None,
    logs: Sequence[str] | None,
    env: str | None,
    output: str | None,
    *,
    init: bool,
    layer: str = "",
) -> int:
    """Do what `--init` or `--from-trail` asks for; gives the exit code.

    Raises ConfigError where the options contradict each other.
    """
    if init and logs:
        raise ConfigError("--init and --from-trail write different tests: give one of them")
    if logs:
        if paths:
            raise ConfigError("--from-trail takes no PATHS: give the environment by --env")
        return write_tests_from_trail(logs, env, output)
    named = [*(paths or ()), *([env] if env else ())]
    if len(named) > 1:
        raise ConfigError("--init writes tests for one environment, or for one policy")
    return write_first_tests(named[0] if named else None, output, layer=layer)


def write_first_tests(
    policies: str | None = None, output: str | None = None, *, layer: str = ""
) -> int:
    """Write first tests for an environment, a folder, an export or a policy; gives the exit code.

    Without `policies`, the nearest environment upward; without `output`, `first.policytest.yaml`
    here; `-` is standard output. `layer` says how a single policy is read. Raises PolicyEvalError
    where the file to write exists, or the policies cannot be read.
    """
    if layer and layer not in LAYERS:
        raise ConfigError(f"{quote(layer)} is no layer: use {', '.join(LAYERS)}")
    target = _target(output, FIRST)
    named = policies or _nearest()
    if not Path(named).exists():
        raise ConfigError(f"{quote(named)}: there is no such file or folder")
    from policyeval.testing.generate.init import first_tests

    written = first_tests(named, beside=_folder(target), layer=layer)
    counts = written.counts
    said = (
        f"{counted(counts['tests'], 'test')} for {counted(counts['statements'], 'statement')} of "
        f"{counted(counts['policies'], 'policy')}"
    )
    return _write(written, target, said, "read them: they expect today's answers")


def write_tests_from_trail(
    logs: Sequence[str], env: str | None = None, output: str | None = None
) -> int:
    """Write tests out of CloudTrail logs, files or `-`; gives the exit code.

    `env` is an environment, without it the nearest upward; `output` as for `write_first_tests`, by
    default `trail.policytest.yaml`. Raises PolicyEvalError where the file to write exists, or a log
    or the environment cannot be read.
    """
    target = _target(output, FROM_TRAIL)
    named = env or _nearest()
    from policyeval.testing.generate.trail import tests_from_events

    given = [read_bytes(name) if name == "-" else name for name in logs]
    written = tests_from_events(given, named, beside=_folder(target))
    counts = written.counts
    said = (
        f"{counted(counts['tests'], 'test')} from {counted(counts['events'], 'event')}: "
        f"{counts['duplicates']} seen again, {counts['left_out']} without a test"
    )
    return _write(written, target, said, "read them: they expect what AWS answered")


def _nearest() -> str:
    from policyeval.testing.library import nearest_environment

    found = nearest_environment(Path.cwd())
    if found is None:
        raise ConfigError(
            "there is no environment.yaml here or above: name an environment, a folder of "
            "policies, an export or a policy"
        )
    return os.fspath(found)


def _target(output: str | None, usual: str) -> str:
    """Give the file to write; raises PolicyEvalError where there is one already."""
    target = output or usual
    if target == "-":
        return target
    try:
        exists = Path(target).exists() or Path(target).is_symlink()
    except (OSError, ValueError) as error:
        raise ConfigError(f"{quote(target)} is no file to write to") from error
    if exists:
        message = f"{quote(target)} exists already, and is not overwritten"
        said = Finding("PE2348", Severity.ERROR, message, help="name another file with `-o`")
        raise PolicyEvalError(message, (said,))
    return target


def _folder(target: str) -> Path:
    return Path() if target == "-" else Path(target).parent


def _write(written: Written, target: str, said: str, advice: str) -> int:
    show_findings(written.findings)
    if not written.counts["tests"]:
        message = "there is nothing to write a test of"
        raise PolicyEvalError(message, (Finding("PE2349", Severity.ERROR, message),))
    if target == "-":
        sys.stdout.write(written.text)
        place = ""
    else:
        with Path(target).open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(written.text)
        place = f" in {visible(target)}"
        if not target.endswith((".policytest.yaml", ".policytest.yml")):
            place += " (folders are searched for names that end in .policytest.yaml)"
    sys.stderr.write(f"{said}{place}\n{advice}\n")
    return 0
