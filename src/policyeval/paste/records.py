"""Records out of a log file: one JSON value each, in whatever container it came.

CloudTrail's own files (`{"Records": […]}`, gzip), the answer of `lookup-events`, JSON Lines, a bare
list, one event, EventBridge events, SNS notifications, CloudWatch Logs (subscriptions,
`filter-log-events`). Read as a stream: no more than one record and a piece of the file are in
memory, whatever the size of the file. What is broken becomes a record without an event and with a
finding, and the others are read all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from re import compile as compile_pattern
from typing import IO, Any

from policyeval.finding import Finding, Severity
from policyeval.paste.json_stream import (
    MAX_RECORD,
    BrokenTextError,
    JsonStream,
    decode_json,
)
from policyeval.paste.unpack import MAX_UNPACKED, UnpackError, text_pieces
from policyeval.source import Location, Source
from policyeval.value import Value

__all__ = ["MAX_RECORD", "MAX_UNPACKED", "Record", "read_records"]

_CONTAINERS = ("Records", "Events", "events", "logEvents", "results")
_LONGEST_WRAPPING = 4  # an event in a message in a notification in a log line


_LIST_OF_RECORDS = compile_pattern(r'\{\s*"(Records|Events|events)"\s*:\s*\[|\[')


class Record(Value):
    """One record of a file. `event` is None where it could not be read: then `findings` say why.

    The location's source holds the record's own text; its name and line tell where in the file
    that stands: `trail.json.gz#/Records/5` for an element of a container.
    """

    event: Any
    location: Location
    findings: tuple[Finding, ...] = ()


def read_records(data: bytes | IO[bytes], name: str) -> Iterator[Record]:
    """Give the records of a file, in order. Never raises for what the file holds.

    A record longer than MAX_RECORD characters is not read; reading stops after MAX_UNPACKED
    characters: a few bytes of gzip can stand for any number of them (R-LANG-10).
    """
    file = BytesIO(data) if isinstance(data, (bytes, bytearray)) else data
    trouble: list[UnpackError] = []
    stream = JsonStream(_until_trouble(text_pieces(file), trouble))
    found = False
    for record in _Reader(stream, name).records():
        found = True
        yield record
    for error in trouble:
        place = Location(Source(name, None, stream.line))
        yield _broken(place, "PE1722", error.message, error.help)
    if not (found or trouble):
        yield _broken(
            Location(Source(name, "")),
            "PE1724",
            "there is no event in it",
            "give a CloudTrail log file, one event, or JSON Lines of events",
        )


def _until_trouble(pieces: Iterator[str], trouble: list[UnpackError]) -> Iterator[str]:
    """Give the pieces up to where they break: what came before is read all the same."""
    try:
        yield from pieces
    except UnpackError as error:
        trouble.append(error)


class _Reader:
    """Walks the top level of one file. Not frozen: it is at some place of its stream."""

    def __init__(self, stream: JsonStream, name: str) -> None:
        self.stream = stream
        self.name = name
        self.by_line = False  # after a broken value: every line is taken to stand for itself
        self.last_broken = 0  # line of the file

    def records(self) -> Iterator[Record]:
        while self.stream.skip_space():
            line = self.stream.whole_line()
            if self.by_line or (line is not None and _is_whole(line)):
                yield from self._line()
            else:
                yield from self._value()

    def _line(self) -> Iterator[Record]:
        """Read one line as one value; of lines that follow a broken one, only the good ones."""
        number = self.stream.line
        text = self.stream.take_line()
        place = Location(Source(self.name, text, number))
        try:
            value, duplicate = decode_json(text)
        except BrokenTextError as error:
            if not self.by_line or self.last_broken != number - 1:
                yield _broken_text(place, error)
            self.by_line, self.last_broken = True, number
            return
        yield from self._any(value, place, duplicate)

    def _value(self) -> Iterator[Record]:
        """Read a value that may go on over many lines."""
        number = self.stream.line
        self.stream.set_mark()
        try:
            if self.stream.peek() == "{":
                yield from self._object()
            elif self.stream.peek() == "[":
                self.stream.drop_mark()
                yield from self._elements("")
            else:
                yield from self._line()
        except BrokenTextError as error:
            # Whatever was begun, the next line may be a record of its own.
            back = self.stream.back_to_mark()
            line = number if back else self.stream.line
            self.by_line, self.last_broken = True, line
            yield _broken_text(Location(Source(self.name, self.stream.take_line(), line)), error)
        finally:
            self.stream.drop_mark()

    def _object(self) -> Iterator[Record]:
        """Read an object: the elements of a container one by one, anything else as one event."""
        start = self.stream.line
        members: dict[str, Any] = {}
        contained = duplicate = False
        for key in self.stream.members():
            if key in _CONTAINERS and self.stream.peek() == "[":
                contained = True
                self.stream.drop_mark()
                yield from self._elements(f"/{key}")
                continue
            value, _, twice = self.stream.value()
            duplicate = duplicate or twice or key in members
            members[key] = value
        if not contained:
            place = Location(Source(self.name, self.stream.since_mark(), start))
            yield from self._any(members, place, duplicate)

    def _elements(self, pointer: str) -> Iterator[Record]:
        for index in self.stream.elements():
            self.stream.skip_space()
            name = f"{self.name}#{pointer}/{index}"
            line = self.stream.line
            try:
                value, text, duplicate = self.stream.value()
            except BrokenTextError as error:
                if not self.stream.skip_broken_element():
                    raise BrokenTextError(
                        f"{error.message}; what comes after element {index} is not read"
                    ) from None
                yield _broken_text(Location(Source(name, None, line)), error)
                continue
            yield from self._any(value, Location(Source(name, text, line)), duplicate)

    def _any(self, value: Any, place: Location, duplicate: bool) -> Iterator[Record]:
        """Give the records that a value holds: itself, or what it wraps."""
        findings: tuple[Finding, ...] = ()
        if duplicate:
            findings = (
                Finding(
                    "PE1723",
                    Severity.WARNING,
                    "a key appears twice in one object of this record: the last one counts",
                    place,
                ),
            )
        # Each turn unwraps one layer; what comes out is looked at again, to a limit.
        waiting = [(value, place, 0)]
        while waiting:
            value, place, depth = waiting.pop()
            try:
                inner = _unwrapped(value) if depth < _LONGEST_WRAPPING else None
            except BrokenTextError as error:
                yield _broken_text(place, error)
                continue
            if inner is None:
                yield Record(value, place, findings)
                continue
            for step, item in reversed(inner):
                waiting.append((item, Location(place.source, place.pointer + step), depth + 1))


def _is_whole(line: str) -> bool:
    """Tell cheaply whether the line can be one value, best read at once."""
    if _LIST_OF_RECORDS.match(line):
        return False
    return (line[0], line.rstrip()[-1:]) in (("{", "}"), ("[", "]"))


def _unwrapped(value: Any) -> list[tuple[str, Any]] | None:
    """Give what a wrapper holds, with the pointer to each; None where the value is no wrapper.

    Raises BrokenTextError where a wrapper's text is not JSON.
    """
    if isinstance(value, list):
        return _of_list(value)
    if not isinstance(value, dict) or "eventName" in value:
        return None
    for key in _CONTAINERS:
        if isinstance(value.get(key), list):
            return [(f"/{key}/{index}", item) for index, item in enumerate(value[key])]
    for key in ("CloudTrailEvent", "message", "Message", "@message"):
        text = value.get(key)
        if isinstance(text, str) and text.lstrip()[:1] == "{":
            return [(f"/{key}", decode_json(text)[0])]
    if "detail-type" in value and isinstance(value.get("detail"), dict):
        return [("/detail", value["detail"])]
    return None


def _of_list(value: list[Any]) -> list[tuple[str, Any]]:
    """Give the message of a row of Logs Insights, `{field, value}` each, or a list's elements."""
    for cell in value:
        if isinstance(cell, dict) and cell.get("field") == "@message":
            text = cell.get("value")
            return [("", decode_json(text)[0])] if isinstance(text, str) else []
    return [(f"/{index}", item) for index, item in enumerate(value)]


def _broken_text(place: Location, error: BrokenTextError) -> Record:
    return _broken(
        place,
        "PE1721",
        f"this record cannot be read: {error.message}",
        "the other records are read all the same; of such lines in a row the first is named",
    )


def _broken(place: Location, code: str, message: str, help: str) -> Record:
    return Record(None, place, (Finding(code, Severity.ERROR, message, place, help),))
