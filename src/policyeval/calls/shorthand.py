"""Values as the AWS CLI writes them: JSON, shorthand (`Key=team,Value=pets`), or plain text."""

from __future__ import annotations

import json
from typing import Any

from policyeval.errors import InvalidRequestError
from policyeval.parsing.defect import quote

_CLOSING = {"[": "]", "{": "}"}
_DEEPEST = 30


def read_value(text: str, kind: str = "") -> Any:
    """Give the value of a text for a parameter of a kind (`Operation.kinds`; empty: a scalar).

    Raises InvalidRequestError for JSON or shorthand that does not hold together.
    """
    start = text.lstrip()[:1]
    if kind in ("{", "[", "<") and start in ("{", "["):
        return read_json(text)
    if kind in ("{", "<") and "=" in text:
        return _Shorthand(text).read()
    return text


def read_json(text: str) -> Any:
    """Give the value of a JSON text; raises InvalidRequestError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "it is no JSON"
        raise InvalidRequestError(
            f"{quote(text)} cannot be read as JSON: {reason.lower()}"
        ) from None


class _Shorthand:
    """A reader of `a=b,c=[d,e],f={g=h}`: once from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def read(self) -> Any:
        value = self._pairs("", 0)
        if self.place < len(self.text):
            raise self._broken()
        return value

    def _pairs(self, closing: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if depth > _DEEPEST:
            raise self._broken()
        while self.place < len(self.text) and self.text[self.place] != closing:
            name = self._word("=,]}")
            if self._next() != "=" or not name:
                raise self._broken()
            self.place += 1
            found[name] = self._value(depth)
            if self._next() == ",":
                self.place += 1
        return found

    def _value(self, depth: int) -> Any:
        """A value; `a=1,2,b=3` is a list 1, 2 and then b, as in the AWS CLI."""
        first = self._one(depth)
        more = [first]
        while self._next() == "," and not self._is_pair_ahead():
            self.place += 1
            if self.place >= len(self.text):
                break
            if self._next() in (",", "=", "]", "}"):
                raise self._broken()
            more.append(self._one(depth))
        return first if len(more) == 1 else more

    def _one(self, depth: int) -> Any:
        opening = self._next()
        if opening not in _CLOSING:
            return self._word(",]}")
        self.place += 1
        closing = _CLOSING[opening]
        value: Any = self._pairs(closing, depth + 1) if opening == "{" else self._list(depth + 1)
        if self._next() != closing:
            raise self._broken()
        self.place += 1
        return value

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        if depth > _DEEPEST:
            raise self._broken()
        while self._next() not in ("", "]"):
            found.append(self._one(depth))
            if self._next() == ",":
                self.place += 1
            elif self._next() != "]":
                raise self._broken()
        return found

    def _word(self, ends: str) -> str:
        quoting = self._next()
        if quoting in ("'", '"'):
            end = self.text.find(quoting, self.place + 1)
            if end < 0:
                raise self._broken()
            word = self.text[self.place + 1 : end]
            self.place = end + 1
            return word
        start = self.place
        while self.place < len(self.text) and self.text[self.place] not in ends:
            self.place += 1
        return self.text[start : self.place].strip()

    def _is_pair_ahead(self) -> bool:
        """Tell whether `name=` follows the comma; the search ends at the next delimiter."""
        for place in range(self.place + 1, len(self.text)):
            if self.text[place] in ",[]{}":
                return False
            if self.text[place] == "=":
                return True
        return False

    def _next(self) -> str:
        return self.text[self.place] if self.place < len(self.text) else ""

    def _broken(self) -> InvalidRequestError:
        return InvalidRequestError(
            f"{quote(self.text)} is no shorthand of the AWS CLI: it breaks at character "
            f"{self.place + 1}"
        )
