"""`policyeval why` and `can` with CloudTrail's files: real ones, packed ones, broken ones."""

import gzip
import json

import pytest
from tests.integration.command import ROOT, TAMAGOTCHI, ask

EVENTS = ROOT / "fixtures/cloudtrail/events.jsonl"
NOTEBOOK = ROOT / "fixtures/cloudtrail/notebook.json"
ENV = ("--env", TAMAGOTCHI)


def answers(data, *words):
    answer = ask("why", "-", "--all", "--json", *words, *ENV, stdin=data)
    return [json.loads(line) for line in answer.out.splitlines()], answer


def test_a_packed_log_file_is_answered_like_a_plain_one():
    data = NOTEBOOK.read_bytes()
    plain, answer = answers(data)
    assert answer.code == 0
    asked = [(told["request"]["action"], told["decision"]) for told in plain]
    assert asked[:2] == [("s3:GetObject", "allowed"), ("s3:DeleteObject", "implicit_deny")]
    packed, _ = answers(gzip.compress(data))
    assert [told["request"] for told in packed] == [told["request"] for told in plain]


def test_the_denied_event_of_a_file_decides_what_can_says():
    answer = ask("can", NOTEBOOK, *ENV)
    assert (answer.code, answer.out.strip()) == (1, "denied")


def test_real_events_are_answered_or_named():
    told, answer = answers(EVENTS.read_bytes())
    assert answer.code == 0
    assert len(told) > 80
    assert "left out: 2 x an event of the service itself" in answer.err


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[: len(data) // 2],
        lambda data: gzip.compress(data)[:-30],
        lambda data: data.replace(b'"eventName"', b'"eventNam\xff"', 1),
        lambda data: data.replace(b"{", b"[", 2),
        lambda data: data.replace(b'"arn":', b'"arn": 5, "x":'),
        lambda data: data.replace(b"123456789012", b"12345"),
        lambda data: b"\x1f\x8b" + data,
        lambda data: data.replace(b"\n", b"\0"),
    ],
    ids=["half", "half packed", "no UTF-8", "brackets", "numbers", "accounts", "no gzip", "zeros"],
)
def test_a_spoilt_file_is_answered_in_part_or_refused(spoil):
    _, answer = answers(spoil(NOTEBOOK.read_bytes()))
    assert answer.code in (0, 2)
    assert answer.code == 0 or "error" in answer.err
