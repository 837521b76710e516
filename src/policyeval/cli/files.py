"""Files that commands read and write; `-` is standard input or output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from policyeval.errors import ConfigError, UnreadableFileError


def standard_input() -> IO[bytes]:
    """Give standard input; raises ConfigError where it is closed."""
    if sys.stdin is None:
        raise ConfigError("standard input is closed")
    return sys.stdin.buffer


def read_bytes(name: str) -> bytes:
    """Read a file, or standard input."""
    if name == "-":
        return standard_input().read()
    return Path(name).read_bytes()


def is_file(name: str) -> bool:
    """Tell whether there is a file of this name; false for a text that can be no name."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False


def shown_name(name: str) -> str:
    """Give the name by which messages call a file."""
    return "stdin" if name == "-" else name


@contextmanager
def writing(target: str | None) -> Iterator[IO[str]]:
    """Give the stream that a target is written through: whole, or not at all.

    A file is written beside its place and moved there when all is written; what was there stays
    until then, and keeps its mode. Devices and pipes are written directly.
    """
    if target in (None, "-"):
        yield sys.stdout
        return
    path = Path(str(target)).resolve()  # a link stays, what it points at is written
    if not target or path.is_dir():
        raise ConfigError(f"`{target}` is no file to write to")
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", errors="backslashreplace") as stream:
                yield stream
            return
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        with _created(beside, path) as stream:
            yield stream
    except FileNotFoundError as error:
        raise UnreadableFileError(f"`{target}`: there is no such folder") from error


@contextmanager
def _created(beside: Path, path: Path) -> Iterator[IO[str]]:
    try:
        with beside.open("x", encoding="utf-8", errors="backslashreplace") as stream:
            yield stream
        if path.exists():
            beside.chmod(path.stat().st_mode)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
