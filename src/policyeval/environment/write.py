"""Writes an environment: `environment.yaml` and `policies/LAYER/….json`, made to be compared.

The same environment always gives the same bytes, in an order that does not depend on where it came
from. A file that is there and differs is never overwritten unasked.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

from policyeval.environment.layout import POLICIES, Layout
from policyeval.environment.model import Environment
from policyeval.environment.yaml_tree import reads_as_text
from policyeval.errors import EnvironmentWriteError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.source import Location, Source, Span
from policyeval.value import Value

FILE_NAME = "environment.yaml"
MOST_LISTED = 20


class Written(Value):
    """What was done, or would be: the names of files, relative to the folder.

    `left_over` are policies in the folder that the environment does not name any more; they are
    never removed.
    """

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()


def write_environment(environment: Environment, folder: Path, *, force: bool = False) -> Written:
    """Write an environment into a folder, and give what that changed.

    Raises EnvironmentWriteError, and writes nothing, where a file is there that differs and
    `force` is not given, or where the environment has what a file cannot say (PE1820, PE1821).
    """
    return write_files(files_of(environment), folder, force=force)


def write_files(files: dict[str, str], folder: Path, *, force: bool = False) -> Written:
    """Write texts by name into a folder; raises as `write_environment` does (PE1820)."""
    planned = compare(files, folder)
    if planned.changed and not force:
        raise _in_the_way(planned.changed, folder)
    for name in (*planned.created, *planned.changed):
        _write(folder / name, files[name], folder)
    return planned


def files_of(environment: Environment) -> dict[str, str]:
    """Give the texts of an environment's files by name; environment.yaml comes last."""
    layout = Layout(environment)
    if layout.problems:
        findings = tuple(
            Finding(
                "PE1821",
                Severity.ERROR,
                problem,
                None,
                "`--account` and `--region` tell what templates leave open"
                if "whose" in problem or "ARN" in problem
                else "write environment.yaml by hand",
            )
            for problem in layout.problems[:MOST_LISTED]
        )
        raise EnvironmentWriteError(
            f"the environment cannot be written: {layout.problems[0]}", findings
        )
    return {**dict(sorted(layout.files.items())), FILE_NAME: to_yaml(layout.tree)}


def compare(files: dict[str, str], folder: Path) -> Written:
    """Give what writing these files would change."""
    created, changed, unchanged = [], [], []
    for name, text in files.items():
        path = folder / name
        if not path.is_symlink() and not path.exists():
            created.append(name)
        elif path.is_file() and _holds(path, text):
            unchanged.append(name)
        else:
            changed.append(name)
    left_over = (
        path.relative_to(folder).as_posix() for path in (folder / POLICIES).rglob("*.json")
    )
    return Written(
        tuple(created),
        tuple(changed),
        tuple(unchanged),
        tuple(sorted(name for name in left_over if name not in files)),
    )


def _holds(path: Path, text: str) -> bool:
    data = text.encode()
    return path.stat().st_size == len(data) and path.read_bytes() == data


def _in_the_way(names: tuple[str, ...], folder: Path) -> EnvironmentWriteError:
    findings = [
        Finding(
            "PE1820",
            Severity.ERROR,
            f"{quote(name)} is there and differs",
            Location(Source(os.fspath(folder / name), ""), span=Span(0, 0)),
            "`--force` overwrites it; `--dry-run` shows what would change",
        )
        for name in names[:MOST_LISTED]
    ]
    more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
    return EnvironmentWriteError(findings[0].message + more, tuple(findings))


def _write(path: Path, text: str, folder: Path) -> None:
    """Write a file whole or not at all, and nowhere but in the folder."""
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        raise EnvironmentWriteError(f"{quote(os.fspath(path.parent))} leads out of the folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


# ---- YAML -----------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Writes texts so that they are read as texts, and everything in its order."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write every value out: an alias would be read, but not understood by people."""
        del data
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    style = None if reads_as_text(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def to_yaml(tree: dict[str, Any]) -> str:
    """Give the text of environment.yaml: blank lines between sections, no line folded."""
    parts = [
        yaml.dump(
            {key: value},
            Dumper=_Dumper,
            sort_keys=False,
            allow_unicode=True,
            width=1_000_000,
            default_flow_style=False,
        )
        for key, value in tree.items()
    ]
    return "\n".join(parts)
