"""Records of log files, whatever container they came in."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from typing import Any

import pytest

from policyeval.paste.records import MAX_RECORD, Record, read_records

A: dict[str, Any] = {"eventName": "A", "requestParameters": {"list": [1, "]", "}"]}}
B: dict[str, Any] = {"eventName": "B"}


def events(data: bytes | str) -> list[Any]:
    return [record.event for record in records(data)]


def records(data: bytes | str) -> list[Record]:
    return list(read_records(data.encode() if isinstance(data, str) else data, "trail.json"))


def codes(record: Record) -> list[str]:
    return [finding.code for finding in record.findings]


CONTAINERS = {
    "one event": (json.dumps(A), [A]),
    "one event over many lines": (json.dumps(A, indent=2), [A]),
    "JSON Lines": (f"{json.dumps(A)}\n{json.dumps(B)}\n", [A, B]),
    "JSON Lines with empty lines": (f"\n{json.dumps(A)}\r\n\n{json.dumps(B)}", [A, B]),
    "events over many lines, one after the other": (
        f"{json.dumps(A, indent=1)}\n{json.dumps(B, indent=1)}",
        [A, B],
    ),
    "a CloudTrail file": (json.dumps({"Records": [A, B]}), [A, B]),
    "a CloudTrail file over many lines": (json.dumps({"Records": [A, B]}, indent=4), [A, B]),
    "a list": (json.dumps([A, B]), [A, B]),
    "a list over many lines": (json.dumps([A, B], indent=4), [A, B]),
    "lookup-events": (
        json.dumps(
            {
                "NextToken": "x",
                "Events": [{"EventId": "1", "CloudTrailEvent": json.dumps(e)} for e in (A, B)],
            },
            indent=4,
        ),
        [A, B],
    ),
    "an event of lookup-events alone": (json.dumps({"CloudTrailEvent": json.dumps(A)}), [A]),
    "EventBridge": (json.dumps({"detail-type": "AWS API Call", "source": "s", "detail": A}), [A]),
    "a CloudWatch Logs subscription": (
        json.dumps({"messageType": "DATA_MESSAGE", "logEvents": [{"message": json.dumps(A)}]}),
        [A],
    ),
    "filter-log-events": (json.dumps({"events": [{"message": json.dumps(A)}]}, indent=1), [A]),
    "Logs Insights": (
        json.dumps({"results": [[{"field": "@message", "value": json.dumps(A)}]]}, indent=1),
        [A],
    ),
    "an SNS notification": (
        json.dumps({"Type": "Notification", "Message": json.dumps({"Records": [A, B]})}),
        [A, B],
    ),
    "CloudTrail files as JSON Lines": (
        "\n".join(json.dumps({"Records": [event]}) for event in (A, B)),
        [A, B],
    ),
}


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_container_gives_its_events(name: str, pack: Any) -> None:
    text, expected = CONTAINERS[name]
    found = records(pack(text.encode()))
    assert [record.event for record in found] == expected
    assert all(record.findings == () for record in found)


def test_members_of_gzip_that_follow_each_other_are_one_file() -> None:
    data = gzip.compress(f"{json.dumps(A)}\n".encode()) + gzip.compress(json.dumps(B).encode())
    assert events(data) == [A, B]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert events(b"\xef\xbb\xbf" + json.dumps(A).encode()) == [A]
    assert events(json.dumps(A).encode("utf-16")) == [A]


def test_an_open_file_is_read_as_its_bytes_are() -> None:
    file = io.BytesIO(json.dumps({"Records": [A, B]}).encode())
    assert [record.event for record in read_records(file, "f")] == [A, B]


def test_records_tell_where_they_stand() -> None:
    text = '{"Records": [\n' + json.dumps(A) + ",\n" + json.dumps(B) + "\n]}"
    first, second = records(text)
    assert (first.location.source.name, first.location.source.line) == ("trail.json#/Records/0", 2)
    assert (second.location.source.name, second.location.source.line) == (
        "trail.json#/Records/1",
        3,
    )
    assert second.location.source.text == json.dumps(B)
    third = records(f"{json.dumps(A)}\n{json.dumps(B)}")[1]
    assert (third.location.source.name, third.location.source.line) == ("trail.json", 2)


BROKEN_AMONG_OTHERS = {
    "a broken line": (f"{json.dumps(A)}\n{{broken\n{json.dumps(B)}\n", [A, None, B]),
    "a line that breaks off": (f'{{"a": [1,\n{json.dumps(A)}\n{json.dumps(B)}', [None, A, B]),
    "broken lines in a row": (f"no\nnor this\n{json.dumps(A)}\nno", [None, A, None]),
    "a trailing comma": (f'{{"Records": [{{"a": 1,}}, {json.dumps(A)}]}}', [None, A]),
    "a lone word": (
        f'{{"Records": [nope, {json.dumps(A)}, no, {json.dumps(B)}]}}',
        [None, A, None, B],
    ),
    "a bracket in a string": (f'[{{"a": "}}", b}}, {json.dumps(A)}]', [None, A]),
    "an escaped quote": (f'[\n{{"a": "\\"}}", b}},\n{json.dumps(A)}]', [None, A]),
    "a message that is no JSON": (
        json.dumps({"logEvents": [{"message": "{no"}, {"message": json.dumps(A)}]}),
        [None, A],
    ),
    "deep nesting": (f"{'[' * 300}{']' * 300}\n{json.dumps(A)}", [None, A]),
    "very deep nesting": (f"{'[' * 200_000}\n{json.dumps(A)}", [None, A]),
    "a number with too many digits": (f'{{"a": {"9" * 5000}}}\n{json.dumps(A)}', [None, A]),
    "NaN": (f'{{"a": NaN}}\n{json.dumps(A)}', [None, A]),
    "half a surrogate pair": (f'{{"a": "\\ud800"}}\n{json.dumps(A)}', [None, A]),
}


@pytest.mark.parametrize("name", BROKEN_AMONG_OTHERS)
def test_what_is_broken_never_hides_the_others(name: str) -> None:
    text, expected = BROKEN_AMONG_OTHERS[name]
    found = records(text)
    assert [record.event for record in found] == expected
    for record in found:
        assert codes(record) == (["PE1721"] if record.event is None else [])


def test_bytes_that_are_no_text_are_a_finding_of_their_record_alone() -> None:
    data = b'{"a": "\xff"}\n' + json.dumps(A).encode()
    broken, good = records(data)
    assert broken.event is None
    assert "not in UTF-8" in broken.findings[0].message
    assert good.event == A


def test_a_list_that_breaks_off_says_from_where_on_it_is_not_read() -> None:
    good, broken = records('{"Records": [' + json.dumps(A) + ', {"a": [1, ')
    assert good.event == A
    assert broken.event is None
    assert "what comes after element 1 is not read" in broken.findings[0].message


def test_gzip_that_ends_too_early_gives_what_came_before_and_says_so() -> None:
    lines = "".join(f"{json.dumps({'eventName': 'A', 'n': n})}\n" for n in range(20_000))
    found = records(gzip.compress(lines.encode())[:-2000])
    assert len(found) > 1000
    assert found[0].event == {"eventName": "A", "n": 0}
    assert codes(found[-1]) == ["PE1722"]


def test_damaged_gzip_is_a_finding() -> None:
    data = bytearray(gzip.compress(json.dumps([A] * 1000).encode()))
    data[20] ^= 0xFF
    assert codes(records(bytes(data))[-1]) == ["PE1722"]
    assert codes(records(gzip.compress(b"{}") + b"more")[-1]) == ["PE1722"]


def test_a_gzip_bomb_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyeval.paste.unpack.MAX_UNPACKED", 4 * MAX_RECORD)
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = b"".join(bomb.compress(b" " * (1 << 20)) for _ in range(64)) + bomb.flush()
    [record] = records(data)
    assert codes(record) == ["PE1722"]
    assert "not read" in record.findings[0].message


@pytest.mark.parametrize("before", ["", '{"Records": [', "[\n"])
def test_a_record_past_the_limit_is_not_read(before: str) -> None:
    text = before + '{"eventName": "A", "pad": "' + "x" * (MAX_RECORD + 10) + '"}'
    found = records(text + ("" if not before else "]}" if "{" in before else "]"))
    assert [record.event for record in found] == [None]
    assert codes(found[0]) == ["PE1721"]


def test_a_repeated_key_is_said() -> None:
    [record] = records('{"eventName": "A", "eventName": "B"}')
    assert record.event == B
    assert codes(record) == ["PE1723"]
    [record] = records('{"eventName": "A",\n"eventName": "B"}')
    assert codes(record) == ["PE1723"]


@pytest.mark.parametrize("text", ["", " \n\t", "[]", '{"Records": []}'])
def test_an_input_without_events_says_so(text: str) -> None:
    [record] = records(text)
    assert (record.event, codes(record)) == (None, ["PE1724"])


def test_memory_does_not_grow_with_the_file() -> None:
    import tracemalloc

    line = json.dumps({"eventName": "A", "pad": "x" * 2000}).encode()

    class Endless(io.RawIOBase):
        """Gives lines without holding them."""

        def __init__(self, start: bytes, between: bytes, count: int) -> None:
            self.start, self.between, self.left = start, between, count

        def read(self, size: int = -1) -> bytes:
            if self.left <= 0:
                return b""
            take = max(1, size // len(line))
            self.left -= take
            start, self.start = self.start, b""
            return start + (line + self.between) * take

    for start, between in ((b"", b"\n"), (b'{"Records": [', b", ")):
        tracemalloc.start()
        read = sum(1 for _ in read_records(Endless(start, between, 30_000), "f"))  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert read >= 30_000
        assert peak < 20_000_000


@pytest.mark.parametrize("start", ["", '{"Records":[1.'])
def test_a_number_without_end_is_read_in_linear_time_and_constant_memory(start: str) -> None:
    import tracemalloc

    class Endless(io.RawIOBase):
        pieces = 0

        def read(self, _size: int = -1) -> bytes:
            self.pieces += 1
            if self.pieces == 1:
                return start.encode() + b"1" * 1000
            return b"1" * (1 << 20) if self.pieces < 200 else b""

    tracemalloc.start()
    found = list(read_records(Endless(), "trail.json"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [codes(record) for record in found] == [["PE1721"]]
    assert peak < 10 * MAX_RECORD
