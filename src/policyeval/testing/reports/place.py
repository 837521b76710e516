"""Places in files, as reports write them: relative paths, lines and columns."""

from __future__ import annotations

import os
from pathlib import PurePath
from urllib.parse import quote as percent_encoded

from policyeval.source import Location
from policyeval.value import Value


class Place(Value):
    """A stretch of a file.

    `path` has forward slashes. Lines and columns count from 1, the end column is that after the
    last character; all are 0 where the file's text is not known.
    """

    path: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0


def place_of(location: Location, root: str = "") -> Place:
    """Give the place of a location, its path relative to `root` where it is below that.

    The text of a policy that stands in an export as a string has lines of its own: of those
    (`FILE#POINTER`) the file alone is told.
    """
    name, inside, _ = location.source.name.partition("#/")
    path = path_below(name, root)
    span = location.resolve()
    if span is None or inside:
        return Place(path)
    line, column = location.source.map.line_and_column(span.start)
    end_line, end_column = location.source.map.line_and_column(max(span.start, span.end))
    return Place(path, line, column, end_line, end_column)


def path_below(name: str, root: str = "") -> str:
    """Give a path with forward slashes, relative to `root` where it is below that."""
    path = PurePath(os.path.normpath(name))
    whole = PurePath(os.path.abspath(name)) if root else path  # noqa: PTH100 - links stay
    return (whole.relative_to(root) if root and whole.is_relative_to(root) else path).as_posix()


def uri_of(path: str) -> str:
    """Give the URI reference of a path: percent-encoded, `file:` for an absolute one."""
    try:
        data = os.fsencode(path)
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        data = path.encode("utf-8", "surrogatepass")
    encoded = percent_encoded(data, safe="/")
    if encoded.startswith("/"):
        return f"file://{encoded}"
    drive = PurePath(path).drive
    return f"file:///{drive}{encoded[len(percent_encoded(drive)) :]}" if drive else encoded
