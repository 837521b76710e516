"""The count of what is done: after a second, and gone when the work is done."""

from io import StringIO

import pytest

from policyeval.cli import meter as module
from policyeval.cli.meter import Meter


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(module, "monotonic", made)
    return made


def test_nothing_is_shown_in_the_first_second(clock):
    stream = StringIO()
    meter = Meter("calls", stream)
    clock.now += 1
    meter.show(3, 10)
    meter.finish()
    assert stream.getvalue() == ""


def test_done_and_known_calls_are_shown_with_the_time_that_is_left(clock):
    stream = StringIO()
    meter = Meter("calls", stream)
    clock.now += 2
    meter.show(5, 10)
    assert stream.getvalue() == "\r\x1b[K5/10 calls, 2 s to go"
    clock.now += 0.1
    meter.show(6, 10)
    assert "6/10" not in stream.getvalue()
    meter.finish()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_nothing_is_shown_without_a_stream(clock):
    meter = Meter("calls", None)
    clock.now += 5
    meter.show(1, 2)
    meter.finish()


def test_no_call_done_yet_is_no_division_by_nothing(clock):
    stream = StringIO()
    meter = Meter("calls", stream)
    clock.now += 2
    meter.show(0, 4)
    assert "0/4 calls" in stream.getvalue()


def test_of_an_unknown_number_only_the_count_is_shown(clock):
    stream = StringIO()
    meter = Meter("cases", stream)
    clock.now += 2
    for _ in range(250):
        meter.step()
    assert stream.getvalue() == "\r\x1b[K100 cases"
