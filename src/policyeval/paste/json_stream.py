"""JSON values out of a stream of text, without holding the stream."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

MAX_RECORD = 4 << 20  # characters of one value; CloudTrail's own limit is 256 KB
_MAX_DEPTH = 100  # R-LANG-10
_NOT_SPACE = re.compile(r"[^ \t\n\r]")
_STRUCTURE = re.compile(r'["\\{}\[\],]')
_CUT_SHORT = 16  # an error so near to the end may only mean that more is to come


class BrokenTextError(Exception):
    """The text is no JSON value."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class _Pairs:
    """Notices keys that appear twice in one object."""

    __slots__ = ("twice",)

    def __init__(self) -> None:
        self.twice = False

    def __call__(self, items: list[tuple[str, Any]]) -> dict[str, Any]:
        tree = dict(items)
        if len(tree) != len(items):
            self.twice = True
        return tree


def _refuse(constant: str) -> None:
    raise BrokenTextError(f"`{constant}` is not JSON")


def _decoder() -> tuple[json.JSONDecoder, _Pairs]:
    """Give a decoder of its own to each reader: what it noticed is nobody else's."""
    pairs = _Pairs()
    return json.JSONDecoder(object_pairs_hook=pairs, parse_constant=_refuse), pairs


def decode_json(text: str | None) -> tuple[Any, bool]:
    """Give the value of a text, and whether a key stands twice in one object of it.

    Raises BrokenTextError; None stands for a text that is too long.
    """
    if text is None:
        raise BrokenTextError(
            f"it has more than {MAX_RECORD:,} characters, and an event of CloudTrail has 256 KB"
        )
    decoder, pairs = _decoder()
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise BrokenTextError(_reason(error)) from None
    except RecursionError:
        raise BrokenTextError(_too_deep()) from None
    except ValueError:
        raise BrokenTextError("a number in it has too many digits") from None
    _check(value, text)
    return value, pairs.twice


def _reason(error: json.JSONDecodeError) -> str:
    what = error.msg[:1].lower() + error.msg[1:]
    line = f"line {error.lineno}, " if error.lineno > 1 else ""
    return f"it is not JSON: {what} ({line}column {error.colno})"


def _too_deep() -> str:
    return f"it nests deeper than {_MAX_DEPTH} levels"


def _check(value: Any, text: str) -> None:
    """Refuse what would break later: values too deep, half characters, bytes that are no text."""
    if text.count("[") + text.count("{") > _MAX_DEPTH:
        level = [value]
        for _ in range(_MAX_DEPTH):
            level = [
                child
                for node in level
                for child in (
                    node.values()
                    if isinstance(node, dict)
                    else node
                    if isinstance(node, list)
                    else ()
                )
                if isinstance(child, (dict, list))
            ]
            if not level:
                break
        else:
            raise BrokenTextError(_too_deep())
    if not text.isascii():
        _encode(text, "it is not in UTF-8")
    if "\\u" in text and "\\ud" in text.lower():
        _encode(json.dumps(value, ensure_ascii=False), "it holds half a surrogate pair")


def _encode(text: str, message: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BrokenTextError(message) from None


class _Brackets:
    """Finds the end of an element that is no JSON. Not frozen: it goes on where more text comes.

    Looks at brackets, commas and strings alone: that finds the end of an element with a misplaced
    comma, not of one with a bracket too few. `done` counts the characters looked at.
    """

    def __init__(self) -> None:
        self.done = 0
        self._depth = 0
        self._in_string = False

    def end(self, text: str, start: int) -> int | None:
        """Give the place behind the element that starts there; None where the text is too short."""
        for found in _STRUCTURE.finditer(text, start + self.done):
            place = found.start() - start
            if place < self.done:
                continue  # escaped
            if found.group() == "\\":
                self.done = place + 2
            elif self._ends(found.group()):
                return found.end() if self._depth == 0 and found.group() in "}]" else found.start()
        self.done = max(self.done, len(text) - start)
        return None

    def _ends(self, char: str) -> bool:
        if char == '"':
            self._in_string = not self._in_string
        elif self._in_string:
            return False
        elif char in "{[":
            self._depth += 1
        elif self._depth == 0:  # behind a lone word
            self._depth = -1
            return True
        elif char != ",":
            self._depth -= 1
            return self._depth == 0
        return False


class JsonStream:
    """A place in a text of which the rest is still to come. Not frozen: it moves on.

    `line` is the line of the file at this place, counted from 1.
    """

    def __init__(self, pieces: Iterator[str]) -> None:
        """Start at the beginning."""
        self.line = 1
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._mark: int | None = None
        self._marked_line = 1
        self._decoder, self._pairs = _decoder()

    # ---- the buffer -------------------------------------------------------------------------

    def _more(self, size: int = 1) -> bool:
        """Read on until at least `size` more characters are there; False at the end."""
        keep = self._at if self._mark is None else self._mark
        parts = [self._text[keep:]]
        added = 0
        for piece in self._pieces:
            parts.append(piece)
            added += len(piece)
            if added >= size:
                break
        self._text = "".join(parts)
        self._at -= keep
        if self._mark is not None:
            self._mark = 0
        return added > 0

    def _move(self, to: int) -> None:
        self.line += self._text.count("\n", self._at, to)
        self._at = to

    def set_mark(self) -> None:
        """Keep the text from here on, for at most one record."""
        self._mark, self._marked_line = self._at, self.line

    def drop_mark(self) -> None:
        """Keep nothing any more."""
        self._mark = None

    def back_to_mark(self) -> bool:
        """Go back to the mark, if there is one."""
        if self._mark is None:
            return False
        self._at, self.line = self._mark, self._marked_line
        return True

    def since_mark(self) -> str:
        """Give the text from the mark to here."""
        return self._text[self._mark or 0 : self._at]

    def skip_space(self) -> bool:
        """Go to the next character that is no white space; False at the end of the file."""
        while True:
            found = _NOT_SPACE.search(self._text, self._at)
            if found:
                self._move(found.start())
                return True
            self._move(len(self._text))
            if not self._more():
                return False

    def peek(self) -> str:
        """Give the next character that is no white space; empty at the end."""
        return self._text[self._at] if self.skip_space() else ""

    def _expect(self, chars: str) -> str:
        char = self.peek()
        if not char:
            raise BrokenTextError("the file ends in the middle of it")
        if char not in chars:
            expected = " or ".join(f"`{one}`" for one in chars)
            raise BrokenTextError(f"it is not JSON: expected {expected}")
        self._at += 1
        return char

    # ---- lines ------------------------------------------------------------------------------

    def whole_line(self) -> str | None:
        """Give the rest of the line without moving on; None where it is longer than a record."""
        start = len(self._text) - self._at
        while (end := self._text.find("\n", self._at)) < 0:
            if len(self._text) - self._at > MAX_RECORD:
                return None
            if not self._more(max(start, 1)):
                end = len(self._text)
                break
            start = len(self._text) - self._at
        return self._text[self._at : end] if end - self._at <= MAX_RECORD else None

    def take_line(self) -> str | None:
        """Go behind the line and give it; None where it is longer than a record.

        Drops the mark: what follows may be of any length.
        """
        self.drop_mark()
        text = self.whole_line()
        while (end := self._text.find("\n", self._at)) < 0:
            self._at = len(self._text)
            if not self._more():
                return text
        self._move(end + 1)
        return text

    # ---- values -----------------------------------------------------------------------------

    def value(self) -> tuple[Any, str, bool]:
        """Read one value: give it, its text, and whether a key stands twice in it.

        Raises BrokenTextError, and stays where it was.
        """
        if not self.skip_space():
            raise BrokenTextError("the file ends in the middle of it")
        while True:
            self._pairs.twice = False
            size = len(self._text) - self._at
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                cut = error.pos >= len(self._text) - _CUT_SHORT or "Unterminated" in error.msg
                if cut and size <= MAX_RECORD and self._more(size):
                    continue
                raise BrokenTextError(self._reason(error)) from None
            except RecursionError:
                raise BrokenTextError(_too_deep()) from None
            except ValueError:
                raise BrokenTextError("a number in it has too many digits") from None
            if end == len(self._text) and not isinstance(value, (dict, list, str)):
                if size <= MAX_RECORD and self._more(size):
                    continue  # a number may go on
                end = len(self._text)
            break
        if end - self._at > MAX_RECORD:
            raise BrokenTextError(f"it has more than {MAX_RECORD:,} characters")
        text = self._text[self._at : end]
        _check(value, text)
        self._move(end)
        return value, text, self._pairs.twice

    def _reason(self, error: json.JSONDecodeError) -> str:
        if error.pos >= len(self._text):
            return "the file ends in the middle of it"
        what = error.msg[:1].lower() + error.msg[1:]
        line = self.line + self._text.count("\n", self._at, error.pos)
        return f"it is not JSON: {what} (line {line} of the file)"

    def members(self) -> Iterator[str]:
        """Walk an object: give each key, standing before its value, which the caller reads."""
        self._expect("{")
        if self.peek() == "}":
            self._expect("}")
            return
        while True:
            if self.peek() != '"':
                raise BrokenTextError("it is not JSON: expected a key in double quotes")
            key, _, _ = self.value()
            self._expect(":")
            if self._mark is not None and self._at - self._mark > MAX_RECORD:
                raise BrokenTextError(f"it has more than {MAX_RECORD:,} characters")
            yield key
            if self._expect(",}") == "}":
                return

    def elements(self) -> Iterator[int]:
        """Walk a list: give each index, standing before its element, which the caller reads."""
        self._expect("[")
        if self.peek() == "]":
            self._expect("]")
            return
        index = 0
        while True:
            yield index
            index += 1
            if self._expect(",]") == "]":
                return

    def skip_broken_element(self) -> bool:
        """Go behind an element that is no JSON, by its brackets; False where no end is found."""
        brackets = _Brackets()
        while True:
            end = brackets.end(self._text, self._at)
            if end is not None:
                self._move(end)
                return True
            if brackets.done > MAX_RECORD or not self._more(MAX_RECORD):
                return False
