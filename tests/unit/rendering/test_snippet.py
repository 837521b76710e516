import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval.rendering.document import Mark, Snippet
from policyeval.rendering.snippet import columns_of, snippet_rows, wrapped
from policyeval.source import Location, Source, Span


def drawn(source, *marks, width=80, context=(), notes=(), ascii_only=False):
    """Marks are (pointer or span, label)."""
    places = [
        Mark(
            Location(source, at) if isinstance(at, str) else Location(source, span=Span(*at)),
            label,
        )
        for at, label in marks
    ]
    snippet = Snippet(places[0].location, tuple(places), context, notes)
    rows = snippet_rows(snippet, width, ascii_only=ascii_only)
    return ["".join(run.text for run in row) for row in rows]


def under(rows):
    """The text above the first carets, by columns."""
    place = next(place for place, row in enumerate(rows) if "^" in row)
    caret = rows[place]
    start, end = caret.index("^"), caret.rindex("^") + 1
    columns = []
    for char in rows[place - 1]:
        if columns_of(char):
            columns.extend([char, *[""] * (columns_of(char) - 1)])
    return "".join(columns[start:end])


def test_a_mark_stands_under_its_text_with_its_label():
    source = Source("p.json", '{\n  "Effect": "Alow"\n}')
    assert drawn(source, ("/Effect", "expected `Allow`")) == [
        " --> p.json:2:13",
        "  |",
        '2 |   "Effect": "Alow"',
        "  |             ^^^^^^ expected `Allow`",
    ]


def test_far_lines_are_parted_by_dots_and_a_gap_of_one_is_shown():
    source = Source("p.json", '{"a": 1,\n"b": 2,\n"c": 3,\n"d": 4,\n"e": 5,\n"f": 6}')
    rows = drawn(source, ("/a", "one"), ("/c", "three"), ("/f", "six"))
    assert rows[2:] == [
        '1 | {"a": 1,',
        "  |       ^ one",
        '2 | "b": 2,',
        '3 | "c": 3,',
        "  |      ^ three",
        "..",
        '6 | "f": 6}',
        "  |      ^ six",
    ]


def test_tabs_are_spread():
    source = Source("p.json", '{\n\t"a":\t"b"\n}')
    rows = drawn(source, ("/a", ""))
    assert under(rows) == '"b"'
    assert "\t" not in "".join(rows)


@pytest.mark.parametrize("key", ["日本語", "e\u0301", "\u202e\x7f", "😀"])
def test_carets_stay_aligned_after_wide_and_hidden_characters(key):
    source = Source("p.json", f'{{"{key}": "value"}}')
    for ascii_only in (False, True):
        assert under(drawn(source, (f"/{key}", ""), ascii_only=ascii_only)) == '"value"'


def test_a_document_on_one_line_is_cut_around_each_mark():
    text = json.dumps({"Statement": [{"Action": f"s3:Get{n}"} for n in range(500)]})
    rows = drawn(
        Source("p.json", text),
        ("/Statement/3/Action", "here"),
        ("/Statement/499/Action", "there"),
    )
    assert all(columns_of(row) <= 80 for row in rows)
    assert under(rows) == '"s3:Get3"'
    assert under(rows[4:]) == '"s3:Get499"'
    assert rows[2].endswith("…")
    assert rows[4].startswith("1 | …")


def test_ordinary_long_lines_are_not_cut():
    arn = "arn:aws:secretsmanager:eu-west-1:222233334444:secret:" + "x" * 50
    source = Source("p.json", f'{{"Resource": "{arn}"}}')
    assert arn in "".join(drawn(source, ("/Resource", "")))


def test_a_label_without_room_beside_the_carets_goes_below():
    source = Source("p.json", '{"Resource": "' + "r" * 60 + '"}')
    rows = drawn(source, ("/Resource", "does not cover the resource"))
    assert rows[-1].strip("| ") == "does not cover the resource"
    assert all(columns_of(row) <= 80 for row in rows)


def test_without_text_the_pointer_is_told():
    source = Source("identity[0]")
    place = Location(source, "/Statement/0/Action/1")
    rows = snippet_rows(Snippet(place, (Mark(place, "covers s3:PutObject"),)), 80)
    assert ["".join(run.text for run in row) for row in rows] == [
        " --> identity[0] /Statement/0/Action/1",
        "  = Action/1: covers s3:PutObject",
    ]


def test_an_empty_text_and_a_mark_at_its_end():
    assert drawn(Source("p.json", ""), ((0, 0), "expected a policy"))[-1] == (
        "  | ^ expected a policy"
    )
    assert drawn(Source("p.json", "{\n"), ((2, 2), "the text ends"))[-1].endswith("^ the text ends")


@given(st.text(max_size=300), st.data())
def test_any_span_of_any_text_can_be_drawn(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    rows = drawn(Source("x", text), ((start, end), "label"), width=60)
    assert any("^" in row for row in rows)
    assert all(row.isprintable() for row in rows)


def test_a_megabyte_on_one_line_costs_nothing():
    text = '{"a": "' + "x" * 1_000_000 + '", "b": 1}'
    rows = drawn(Source("p.json", text), ("/b", "here"), ("/a", "there"))
    assert all(len(row) < 120 for row in rows)


def test_words_are_never_cut():
    assert wrapped("one two " + "x" * 30, 10) == ["one two", "x" * 30]
