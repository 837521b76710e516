"""The file that holds the catalogue: a header, then one compressed member for each service.

    policyeval-catalogue 1
    {"about": {…}, "members": {"s3": [offset, length], …}, …}
    dictionary, members

Header and first line are plain text. Members are zlib streams that share a preset dictionary, so
that each is read by itself in about a millisecond and the whole stays small. Offsets count from
the end of the header. `tools/refresh_catalogue.py` writes it.
"""

from __future__ import annotations

import json
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from policyeval.errors import CatalogueError
from policyeval.value import Value

MAGIC = b"policyeval-catalogue 1\n"
PATH = Path(__file__).parent / "_data" / "catalogue.bin"
_PARTS = (("name", str), ("keys", list), ("resources", dict), ("actions", dict))


class Archive(Value):
    """An opened catalogue: its header, and the bytes of its members."""

    header: dict[str, Any]
    body: bytes

    def member(self, prefix: str) -> dict[str, Any] | None:
        """Give the plain data of a service, None where there is no such service.

        Raises CatalogueError where the member is damaged.
        """
        place = self.header["members"].get(prefix)
        if place is None:
            return None
        try:
            start, length = place
            unpacker = zlib.decompressobj(zdict=self._dictionary())
            found = json.loads(unpacker.decompress(self.body[start : start + length]))
            complete = unpacker.eof and all(isinstance(found[part], kind) for part, kind in _PARTS)
        except (KeyError, TypeError, ValueError, zlib.error) as error:
            raise damaged() from error
        if not complete:
            raise damaged()
        return found  # type: ignore[no-any-return]

    def _dictionary(self) -> bytes:
        return zlib.decompress(self.body[: self.header["dictionary"]])


@lru_cache(maxsize=1)
def open_archive() -> Archive:
    """Give the catalogue; raises CatalogueError where it is absent or damaged."""
    try:
        content = PATH.read_bytes()
    except OSError as error:
        raise CatalogueError("the action catalogue is not there", absent=True) from error
    return read_archive(content)


def read_archive(content: bytes) -> Archive:
    """Give the catalogue in these bytes; raises CatalogueError where they are none."""
    start = len(MAGIC)
    end = content.find(b"\n", start)
    if not content.startswith(MAGIC) or end < 0:
        raise damaged()
    try:
        header = json.loads(content[start:end])
        complete = all(isinstance(header[part], dict) for part in ("about", "members"))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise damaged() from error
    if not complete:
        raise damaged()
    return Archive(header, content[end + 1 :])


def damaged() -> CatalogueError:
    """Give the error of a catalogue that cannot be read."""
    return CatalogueError("the action catalogue is damaged")
