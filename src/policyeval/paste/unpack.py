"""Bytes of a file to pieces of text: gzip where its magic number says so, then UTF-8."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import IO

_PIECE = 1 << 18
MAX_UNPACKED = 4 << 30  # bytes after unpacking: a gzip bomb ends here
_GZIP = b"\x1f\x8b"
_WITH_GZIP_HEADER = 31


class UnpackError(Exception):
    """The bytes cannot be turned into text."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


def text_pieces(file: IO[bytes]) -> Iterator[str]:
    """Give the file's text piece by piece, without a byte order mark.

    A byte that is no UTF-8 becomes a lone surrogate: the record in which it stands says so.
    Raises UnpackError where gzip is broken, or gives more than MAX_UNPACKED bytes.
    """
    first = file.read(_PIECE)
    pieces = _unzipped(first, file) if first[:2] == _GZIP else _plain(first, file)
    decoder, total, at_start = None, 0, True
    for piece in pieces:
        total += len(piece)
        if total > MAX_UNPACKED:
            raise UnpackError(
                f"it holds more than {MAX_UNPACKED >> 30} GiB: the rest is not read",
                "split the file",
            )
        if decoder is None:
            encoding = "utf-16" if piece[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
            handler = "replace" if encoding == "utf-16" else "surrogateescape"
            decoder = getincrementaldecoder(encoding)(handler)
        text = decoder.decode(piece)
        if at_start and text:
            text, at_start = text.removeprefix("\ufeff"), False
        if text:
            yield text
    if decoder is not None and (rest := decoder.decode(b"", final=True)):
        yield rest


def _plain(first: bytes, file: IO[bytes]) -> Iterator[bytes]:
    piece = first
    while piece:
        yield piece
        piece = file.read(_PIECE)


def _unzipped(first: bytes, file: IO[bytes]) -> Iterator[bytes]:
    """Unpack gzip members that follow each other, never more than a piece at once."""
    import zlib

    unpack = zlib.decompressobj(_WITH_GZIP_HEADER)
    piece = first
    try:
        while piece:
            out = unpack.decompress(piece, _PIECE)
            if out:
                yield out
            piece = unpack.unconsumed_tail
            if unpack.eof:
                piece = unpack.unused_data or file.read(_PIECE)
                if piece[:1] != _GZIP[:1]:
                    if piece.strip(b"\0"):
                        raise UnpackError("after the gzip data comes something else")
                    return
                unpack = zlib.decompressobj(_WITH_GZIP_HEADER)
            elif not piece:
                piece = file.read(_PIECE)
    except zlib.error:
        raise UnpackError("the gzip data is broken: the rest is not read") from None
    if not unpack.eof:
        raise UnpackError("the gzip data ends too early: the rest is missing")
