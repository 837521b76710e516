"""Where things stand in a text (R-LANG-10: line, column, position)."""

import json

import pytest

from policyeval.source import MAX_DEPTH, Location, Source, SourceMap, Span

TEXT = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "a\\u00e9\\n\\ud83d\\ude00z", "Action": "s3:*"},
    {"Action": ["s3:Get*", "s3:Put*"], "a/b~c": {"": 1}}
  ]
}
"""


def text_at(text, pointer, **options):
    span = Location(Source("t", text), pointer, **options).resolve()
    return text[span.start : span.end]


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("/Version", '"2012-10-17"'),
        ("/Statement/0/Action", '"s3:*"'),
        ("/Statement/1/Action", '["s3:Get*", "s3:Put*"]'),
        ("/Statement/1/Action/1", '"s3:Put*"'),
        ("/Statement/1/a~1b~0c", '{"": 1}'),
        ("/Statement/1/a~1b~0c/", "1"),
        # a single value may stand for a list of one
        ("/Statement/0/Action/0", '"s3:*"'),
        # the deepest part that is there
        ("/Statement/1/Action/7", '["s3:Get*", "s3:Put*"]'),
        ("/Statement/0/Action/1", '"s3:*"'),
        ("/Statement/0/Resource", TEXT.split("\n")[3].strip().rstrip(",")),
    ],
)
def test_pointer_finds_its_value(pointer, found):
    assert text_at(TEXT, pointer) == found


def test_empty_pointer_finds_the_whole_document():
    assert text_at(TEXT, "") == TEXT.rstrip("\n")


def test_key_finds_the_key_that_leads_to_the_value():
    assert text_at(TEXT, "/Statement/0/Action", key=True) == '"Action"'
    assert text_at(TEXT, "/Statement/1/a~1b~0c", key=True) == '"a/b~c"'
    assert text_at(TEXT, "/Statement/1/Action/0", key=True) == '"s3:Get*"'


@pytest.mark.parametrize(
    ("within", "found"),
    [
        ((0, 1), "a"),
        ((1, 2), "\\u00e9"),
        ((2, 3), "\\n"),
        ((3, 4), "\\ud83d\\ude00"),
        ((4, 5), "z"),
        ((1, 5), "\\u00e9\\n\\ud83d\\ude00z"),
        ((5, 5), ""),
        ((9, 12), ""),
    ],
)
def test_characters_of_a_string_are_found_through_its_escapes(within, found):
    assert text_at(TEXT, "/Statement/0/Sid", within=Span(*within)) == found


def test_place_inside_a_value_that_is_no_string_is_the_value():
    assert text_at(TEXT, "/Statement/1/a~1b~0c/", within=Span(0, 1)) == "1"


@pytest.mark.parametrize(
    "text",
    [
        '"\\ud83dx"',
        '"\\ud83d\\u0041x"',
        '"\\ude00x"',
        '"\\ud83d\\\\x"',
        '"\\ud83d\\ud83d\\ude00x"',
        '"\\uD83D\\uDE00x"',
        '"\\"x"',
        '"\\\\x"',
        '"\\\\u0041x"',
        '"\U0001f600x"',
    ],
)
def test_escapes_count_as_the_characters_that_json_reads(text):
    decoded = json.loads(text)
    place = decoded.index("x")
    assert text_at(text, "", within=Span(place, place + 1)) == "x"


def test_duplicate_key_is_kept_with_its_place():
    text = '{"a": 1, "b": {"a": 2, "a": 3}, "a": 4}'
    source_map = SourceMap(text)
    assert [(pointer, text[s.start : s.end]) for pointer, s in source_map.duplicates] == [
        ("/b/a", '"a"'),
        ("/a", '"a"'),
    ]
    assert source_map.duplicates[1][1].start == text.rindex('"a"')
    assert source_map.find("/a") == Span(len(text) - 2, len(text) - 1)


def test_key_that_is_equal_after_its_escapes_is_a_duplicate():
    assert len(SourceMap('{"a": 1, "\\u0061": 2}').duplicates) == 1


def test_byte_order_mark_counts_as_a_character():
    assert text_at('\ufeff{"a": 1}', "/a") == "1"


@pytest.mark.parametrize(
    ("offset", "place"),
    [(0, (1, 1)), (1, (1, 2)), (2, (2, 1)), (4, (2, 3)), (5, (3, 1)), (6, (4, 1))],
)
def test_line_and_column_count_from_one(offset, place):
    assert SourceMap("a\nbc\n\nd").line_and_column(offset) == place


def test_line_text_has_no_line_end():
    source_map = SourceMap("a\r\nbc\n\n")
    assert [source_map.line_text(line) for line in (1, 2, 3, 4)] == ["a", "bc", "", ""]


def test_source_without_a_text_has_no_places():
    location = Location(Source("given"), "/Statement/0")
    assert location.resolve() is None
    assert Source("given").map.values == {}


def test_direct_span_wins_over_the_pointer():
    assert Location(Source("t", TEXT), "/Version", span=Span(1, 3)).resolve() == Span(1, 3)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "{", "[", '{"a"', '{"a":', '{"a": 1', '{"a": tru', '"a', "]", "}", ",", ":"),
        *('{"a" 1}', "[1 2]", '{"a": "\x00"}', '{"a": "\\x"}', "nul", "{1: 2}", "{,}", "[,]"),
        *('{"a": 1}}', "\ufeff"),
    ],
)
def test_text_that_is_no_json_is_mapped_as_far_as_it_goes(text):
    source_map = SourceMap(text)
    assert source_map.find("/a").end <= len(text)


def test_what_stands_before_a_defect_keeps_its_place():
    assert text_at('{"a": [1, 2], "b": oops', "/a/1") == "2"


@pytest.mark.parametrize("unit", ["[", '{"a":', '[{"a":'])
def test_deep_nesting_is_mapped_to_a_limit_and_without_recursion(unit):
    text = unit * 200_000
    source_map = SourceMap(text)
    assert len(source_map.lists) <= MAX_DEPTH + 1
    assert all(pointer.count("/") <= MAX_DEPTH + 1 for pointer in source_map.keys)


def test_value_at_the_greatest_depth_is_found():
    text = "[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH
    assert text_at(text, "/0" * MAX_DEPTH) == "1"
