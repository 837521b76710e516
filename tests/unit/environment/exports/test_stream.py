"""Every value of an export is found where it stands, whatever the size of the pieces read."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval.environment.exports import stream
from policyeval.environment.exports.stream import BrokenExportError, ExportFile, items

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just("ä€😀\n"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)
EXPORTS = st.dictionaries(st.text(max_size=6), VALUES, max_size=5)


def walk(data, chunk=stream.CHUNK):
    file = ExportFile("x", "x.json", len(data), 0)
    before, stream.CHUNK = stream.CHUNK, chunk
    try:
        return list(items(file, io.BytesIO(data)))
    finally:
        stream.CHUNK = before


@given(EXPORTS, st.sampled_from([None, 0, 2]), st.booleans(), st.integers(min_value=1, max_value=9))
def test_values_are_those_of_the_json_module_at_their_very_bytes(tree, indent, ascii_only, chunk):
    data = json.dumps(tree, indent=indent, ensure_ascii=ascii_only).encode()
    text = data.decode()
    seen = {}
    for item in walk(data, chunk):
        if item.opens:
            seen[item.key] = []
            continue
        place = item.place
        piece = data[place.offset : place.offset + place.length].decode()
        assert json.loads(piece) == item.value
        assert piece == item.text
        before = text[: len(data[: place.offset].decode())]
        assert place.line == before.count("\n") + 1
        assert place.column == len(before) - before.rfind("\n") - 1
        if item.in_list:
            seen[item.key].append(item.value)
        else:
            seen[item.key] = item.value
    assert seen == tree


@given(EXPORTS.filter(bool), st.data())
def test_a_cut_anywhere_is_told(tree, data):
    whole = json.dumps(tree).encode()
    cut = data.draw(st.integers(min_value=0, max_value=len(whole) - 1))
    with pytest.raises(BrokenExportError) as caught:
        walk(whole[:cut], 3)
    assert caught.value.finding.code == "PE1801"
    assert caught.value.finding.location.resolve() is not None


@given(st.binary(max_size=60))
def test_any_bytes_are_values_or_one_finding(data):
    try:
        found = walk(data, 2)
    except BrokenExportError as error:
        assert error.finding.code in ("PE1801", "PE0016")  # noqa: PT017 - it may be an export too
        assert error.finding.location.resolve() is not None  # noqa: PT017
    else:
        assert json.loads(data) is not None
        assert all(item.key is not None for item in found)


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ('{"A": [1, 2', "the file ends too early", 1, 12),
        ('{"A": [{"B": tru}]}', "expecting value", 1, 14),
        ('{"A": 1} x', "something follows", 1, 10),
        ('{"A": 1,\n "A": 2}', "`A` appears twice", 2, 5),
        ('{"A": [{"B": {},\n "B": null}]}', "`B` appears twice", 2, 2),
        ('{"A": 1\n "B": 2}', "expected `,` or `}`", 2, 2),
        ("[" * 100_000, "nests deeper", 1, 2),
        ("", "the file is empty", 1, 1),
        ("5", "an export is a JSON object", 1, 1),
    ],
)
def test_a_defect_is_told_with_its_place(text, message, line, column):
    with pytest.raises(BrokenExportError) as caught:
        walk(text.encode())
    finding = caught.value.finding
    assert message in finding.message
    span = finding.location.resolve()
    assert finding.location.source.map.line_and_column(span.start) == (line, column)


def test_a_long_value_is_read_in_linear_time(monkeypatch):
    """Each reading on doubles what is held, so few are needed."""
    readings = []

    class Counting(io.BytesIO):
        def read(self, size=-1):
            readings.append(size)
            return super().read(size)

    data = json.dumps({"A": ["x" * 1_000_000]}).encode()
    monkeypatch.setattr(stream, "CHUNK", 1000)
    found = list(items(ExportFile("x", "x", 0, 0), Counting(data)))
    assert found[-1].value == "x" * 1_000_000
    assert len(readings) < 20
