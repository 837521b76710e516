"""Log files and events hold what anybody wrote: whatever it is, reading tells, and never breaks."""

from __future__ import annotations

import copy
import gzip
import io
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.paste.outline import EVENTS, shipped_events

from policyeval.paste.cloudtrail import read_event
from policyeval.paste.pasted import NotMapped, Pasted
from policyeval.paste.records import read_records
from policyeval.source import Location, Source

REAL = [record.event for record in shipped_events()]
SHIPPED = EVENTS.read_bytes()
SOME = SHIPPED[: 1 << 14]

WORDS = st.sampled_from(
    (
        "arn:aws:iam::111122223333:user/ana",
        "arn:aws:sts::111122223333:assumed-role/dev/s",
        "arn:aws:s3:::bucket/key",
        "arn:::::",
        "ANONYMOUS_PRINCIPAL",
        "AWS Internal",
        "HIDDEN_DUE_TO_SECURITY_REASONS",
        "AwsApiCall",
        "AccessDenied",
        "User: x is not authorized to perform: s3:GetObject on resource: y",
        "s3.amazonaws.com",
        "iam.amazonaws.com",
        "10.0.0.1",
        "::ffff:1.2.3.4",
        "2026-05-04T03:02:01Z",
        "9" * 300,
        "",
    )
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("items", "arn", "ARN", "key", "value", "aws:x", "tags", "Statement", "")
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the path of every value inside."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += places(inner, (*path, index))
    return found


@st.composite
def mutated_events(draw: st.DrawFn) -> Any:
    """A real event with some values replaced, some left out, some names changed."""
    event = copy.deepcopy(draw(st.sampled_from(REAL)))
    for _ in range(draw(st.integers(1, 4))):
        paths = places(event)
        if not paths:
            break
        *way, last = draw(st.sampled_from(paths))
        place = event
        for step in way:
            place = place[step]
        if draw(st.booleans()) or isinstance(place, list):
            place[last] = draw(VALUES)
        elif draw(st.booleans()):
            del place[last]
        else:
            place[draw(st.text(max_size=8))] = place.pop(last)
    return event


def check(event: Any) -> None:
    found = read_event(event, Location(Source("events.jsonl", None)))
    if isinstance(found, NotMapped):
        assert found.reason
        return
    assert found
    for pasted in found:
        assert isinstance(pasted, Pasted)
        assert pasted.action
        if not pasted.missing:
            assert pasted.to_request().action.text == pasted.action
    assert ("principal" in found[0].missing) == any(f.code == "PE1726" for f in found[0].findings)


@given(mutated_events())
def test_a_real_event_with_anything_in_it_is_read(event: Any) -> None:
    check(event)


@given(VALUES)
@example({"eventSource": "s3.amazonaws.com", "eventName": "GetObject"})
@example({"eventSource": "x" * 100_000, "eventName": "v" * 100_000})
def test_anything_for_an_event_is_read(event: Any) -> None:
    check(event)


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    for packed in (data, gzip.compress(data)):
        for record in read_records(packed, "trail"):
            assert record.event is not None or record.findings


@given(st.integers(1, len(SOME) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_a_log_file_with_anything_in_it_is_read(place: int, put: bytes, cut: int) -> None:
    data = SOME[:place] + put + SOME[place + cut :]
    records = list(read_records(data, "trail"))
    lines = SOME.count(b"\n") + 1
    assert len([record for record in records if record.event is not None]) >= lines - 3


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=6))
def test_how_a_file_is_cut_into_pieces_never_matters(sizes: list[int]) -> None:
    class Pieces(io.RawIOBase):
        """A file that gives what it likes."""

        def __init__(self) -> None:
            self.at, self.turn = 0, 0

        def read(self, size: int = -1) -> bytes:
            size = sizes[self.turn % len(sizes)]
            self.turn += 1
            piece = SOME[self.at : self.at + size]
            self.at += len(piece)
            return piece

    wanted = [record.event for record in read_records(SOME, "trail")]
    assert [record.event for record in read_records(Pieces(), "trail")] == wanted  # type: ignore[arg-type]
