"""Runs something again whenever a file changes: `policyeval test --watch`."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from policyeval.cli.guard import show_error
from policyeval.environment.project_files import marked_root
from policyeval.errors import PolicyEvalError
from policyeval.testing.collect import NOT_ENTERED

EVERY = 0.3
"""Seconds between two looks at the files."""

ENDINGS = (".json", ".yaml", ".yml")
Seen = dict[str, tuple[int, int]]


def run_again(
    run: Callable[[], object], paths: Sequence[str], environment: str | None = None
) -> NoReturn:
    """Run, and again after each change of a policy or test; ends with the interrupt key."""
    folders = _folders([*paths, *([environment] if environment is not None else ())])
    while True:
        seen = snapshot(folders)
        gc.collect()  # the collector is off: see entry.py
        try:
            run()
        except PolicyEvalError as error:  # a file half written is no reason to stop watching
            show_error(error)
        sys.stdout.flush()
        sys.stderr.write("\nwatching for changes; Ctrl-C ends it\n")
        sys.stderr.flush()
        while snapshot(folders) == seen:
            time.sleep(EVERY)


def _folders(paths: Sequence[str]) -> list[Path]:
    """Give the projects that the paths belong to: policies need not lie beside their tests.

    Where nothing marks a project, it is the folder that the command runs in, or that of the path.
    """
    named = (Path(path.partition("::")[0]).resolve() for path in paths)
    return list(dict.fromkeys(_project(each if each.is_dir() else each.parent) for each in named))


def _project(folder: Path) -> Path:
    here = Path.cwd()
    return marked_root(folder) or (here if folder.is_relative_to(here) else folder)


def snapshot(folders: Sequence[Path]) -> Seen:
    """Give the time and size of each file that policies, tests or environments may be in."""
    return {path: found for folder in folders for path, found in _files(folder)}


def _files(folder: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    for place, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if each[0] != "." and each not in NOT_ENTERED]
        for name in names:
            if name.endswith(ENDINGS):
                path = os.path.join(place, name)  # noqa: PTH118 - thousands of them, often
                try:
                    found = os.stat(path)  # noqa: PTH116
                except OSError:
                    continue
                yield path, (found.st_mtime_ns, found.st_size)
