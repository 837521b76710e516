"""The count of calls: after a second, and gone when the work is done."""

from io import StringIO

import pytest

from policyeval.pull import progress
from policyeval.pull.progress import Meter


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(progress, "monotonic", made)
    return made


def test_nothing_is_shown_in_the_first_second(clock):
    stream = StringIO()
    meter = Meter(stream)
    clock.now += 1
    meter.show(3, 10)
    meter.finish()
    assert stream.getvalue() == ""


def test_done_and_known_calls_are_shown_with_the_time_that_is_left(clock):
    stream = StringIO()
    meter = Meter(stream)
    clock.now += 2
    meter.show(5, 10)
    assert stream.getvalue() == "\r\x1b[K5/10 calls, 2 s to go"
    clock.now += 0.1
    meter.show(6, 10)
    assert "6/10" not in stream.getvalue()
    meter.finish()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_nothing_is_shown_without_a_stream(clock):
    meter = Meter(None)
    clock.now += 5
    meter.show(1, 2)
    meter.finish()


def test_no_call_done_yet_is_no_division_by_nothing(clock):
    stream = StringIO()
    meter = Meter(stream)
    clock.now += 2
    meter.show(0, 4)
    assert "0/4 calls" in stream.getvalue()
