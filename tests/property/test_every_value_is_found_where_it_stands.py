"""The span of a pointer holds the text of the value there, however the document is written."""

import json

from hypothesis import given
from hypothesis import strategies as st

from policyeval.policy import escape_pointer
from policyeval.source import Location, Source, Span

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)
LAYOUTS = st.fixed_dictionaries(
    {
        "indent": st.sampled_from((None, 0, 2, "\t")),
        "separators": st.sampled_from(((",", ":"), (" , ", " : "), ("\r\n,", ":\n"))),
        "ensure_ascii": st.booleans(),
    }
)


def places(value, pointer=""):
    yield pointer, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, f"{pointer}/{escape_pointer(key)}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from places(item, f"{pointer}/{place}")


@given(VALUES, LAYOUTS)
def test_span_of_a_pointer_reads_back_as_its_value(value, layout):
    text = json.dumps(value, allow_nan=False, **layout)
    source = Source("t", text)
    for pointer, expected in places(value):
        span = Location(source, pointer).resolve()
        assert json.loads(text[span.start : span.end]) == expected
        if pointer and pointer in source.map.keys:
            key = Location(source, pointer, key=True).resolve()
            found = json.loads(text[key.start : key.end])
            assert escape_pointer(found) == pointer.rpartition("/")[2]


@given(st.text(min_size=1, max_size=10), st.booleans(), st.data())
def test_span_inside_a_string_reads_back_as_its_characters(value, ensure_ascii, data):
    text = json.dumps(value, ensure_ascii=ensure_ascii)
    start = data.draw(st.integers(0, len(value)))
    end = data.draw(st.integers(start, len(value)))
    span = Location(Source("t", text), within=Span(start, end)).resolve()
    assert json.loads(f'"{text[span.start : span.end]}"') == value[start:end]
