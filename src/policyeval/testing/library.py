"""The environments that suites ask, each loaded once."""

from __future__ import annotations

import os
from pathlib import Path

from policyeval.environment.file import load_environment
from policyeval.environment.load import FILE_NAMES
from policyeval.environment.model import Environment


class Library:
    """Environments that are loaded already: suites share them.

    `only` is the one that all suites are asked in, whatever they name.
    """

    def __init__(self, only: str | None = None) -> None:
        self.only = Path(only) if only is not None else None
        self._loaded: dict[str, Environment] = {}

    def environment(self, path: Path) -> Environment:
        """Give the environment of a file or folder; raises EnvironmentLoadError."""
        key = os.path.realpath(path)
        if key not in self._loaded:
            self._loaded[key] = load_environment(path)
        return self._loaded[key]


def nearest_environment(folder: Path) -> Path | None:
    """Give the environment.yaml of a folder, or of the nearest one above it."""
    folder = folder.absolute()
    for above in (folder, *folder.parents):
        for name in FILE_NAMES:
            if (above / name).is_file():
                return Path(os.path.relpath(above / name))
    return None
