"""Remembers which tests failed, for `--lf`: a file that may be lost without harm."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from policyeval.environment.project_files import project_root
from policyeval.testing.model import Result, Status

FOLDER = ".policyeval"
NAME = "last-failed.json"
IGNORED = "# Made by policyeval; may be removed.\n*\n"


def cache_folder(start: Path) -> Path:
    """Give the folder in which a project's runs remember things."""
    return project_root(start) / FOLDER


def read_failed(folder: Path) -> frozenset[str]:
    """Give the ids that failed last; empty where nothing is known."""
    try:
        data = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return frozenset()
    listed = data.get("failed") if isinstance(data, dict) else None
    return frozenset(map(str, listed)) if isinstance(listed, list) else frozenset()


def remember(folder: Path, results: Iterable[Result]) -> None:
    """Note which tests failed; what was known of tests that did not run stays.

    A folder that cannot be written is no reason for a run to fail.
    """
    failed = set(read_failed(folder))
    for result in results:
        failed.discard(result.test.id)
        if result.status in (Status.FAILED, Status.ERROR):
            failed.add(result.test.id)
    with suppress(OSError):
        write_cache(folder, NAME, json.dumps({"failed": sorted(failed)}, indent=1))


def write_cache(folder: Path, name: str, text: str) -> None:
    """Write a file of the cache whole, in a folder that version control ignores."""
    if not folder.is_dir():
        folder.mkdir(parents=True)
        (folder / ".gitignore").write_text(IGNORED, encoding="utf-8")
    beside = folder / f".{name}.{os.getpid()}"
    try:
        beside.write_text(text, encoding="utf-8", errors="surrogatepass")
        beside.replace(folder / name)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
