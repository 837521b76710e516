import json

import pytest
from tests.unit.parsing.helpers import codes, underlined

from policyeval.parsing.document import MAX_SIZE, NumberText, read_document

# text, code, what the caret stands under, part of the message or help
BROKEN = [
    ("", "PE0005", "", "empty"),
    (" \n", "PE0005", "", "empty"),
    ('{Version: "2012-10-17"}', "PE0006", "Version", '`"Version"`'),
    ('{"a": True}', "PE0006", "True", "write `true`"),
    ("Version: 2012-10-17", "PE0006", "Version", "YAML"),
    ('{"a": 01}', "PE0011", "1", "comma"),
    ('{"a" 1}', "PE0006", "1", "expected `:`"),
    ("{\u201cEffect\u201d: 1}", "PE0007", "\u201c", "straight"),
    ("{'Effect': 1}", "PE0008", "'", "double quotes"),
    ("[1, 2,]", "PE0009", ",", "closing `]`"),
    ('{"a": 1,\n}', "PE0009", ",", "closing `}`"),
    ('{"a": 1 // one\n}', "PE0010", "// one", "comments"),
    ('# policy\n{"a": 1}', "PE0010", "# policy", "comments"),
    ('{"a": 1 /* one */}', "PE0010", "/* one */}", "comments"),
    ('{"a": 1\n "b": 2}', "PE0011", "\n", 'before `"b"`'),
    ('["a" "b"]', "PE0011", " ", 'before `"b"`'),
    ('{"a": NaN}', "PE0012", "NaN", "not JSON"),
    ('{"NaN": [-Infinity]}', "PE0012", "-Infinity", "not JSON"),
    ("[" * 101 + "]" * 101, "PE0013", "[", "100 levels"),
    ("[" * 100_000, "PE0013", "[", "100 levels"),
    ('{"a": ' * 5000 + "1" + "}" * 5000, "PE0013", "{", "100 levels"),
    ('["\\ud83d"]', "PE0014", "\\ud83d", "half"),
    ('{"\\uD83D": 1}', "PE0014", "\\uD83D", "half"),
    ("{} {}", "PE0017", "{", "end"),
    ("{}}", "PE0017", "}", "end"),
    ('{"a": [1', "PE0018", "", "expected"),
    ('["a', "PE0019", '"', "not closed"),
    ('["a\n"]', "PE0019", '"a', "line break"),
    ('["a\tb"]', "PE0019", "\t", "a tab"),
    ('["a\\.b"]', "PE0020", "\\.", "escape"),
    ('["\\u12x4"]', "PE0020", "\\u12x4", "escape"),
    ("%7B%22Version%22%3A", "PE0021", "%7B", "URL-encoded"),
]


@pytest.mark.parametrize(("text", "code", "place", "words"), BROKEN)
def test_broken_json_is_located_and_explained(text, code, place, words):
    tree, source, findings = read_document(text, "broken.json")
    assert tree is None
    assert codes(findings) == [code]
    assert source.name == "broken.json"
    assert underlined(findings[0]) == place
    assert words in f"{findings[0].message} {findings[0].label} {findings[0].help}"


def test_repeated_key_shows_both_places():
    tree, _, (finding,) = read_document('{"a": 1,\n "b": {"a": 1, "a": 2}}')
    assert tree is None
    assert finding.code == "PE0016"
    span = finding.location.resolve()
    assert (span.start, span.end) == (24, 27)
    assert finding.help.startswith("the first one is in line 2, column 8")


def test_every_repeated_key_is_reported():
    _, _, findings = read_document('{"a": 1, "a": 2, "b": {"c/": 1, "c/": 1}}')
    assert codes(findings) == ["PE0016", "PE0016"]
    assert "`c/`" in findings[1].message


def test_missing_comma_in_a_large_document_is_found_without_the_grammar():
    text = "[" + "1,\n" * 100_000 + "1 1]"
    _, _, (finding,) = read_document(text)
    assert finding.code == "PE0011"
    assert (
        finding.location.source.map.line_and_column(finding.location.resolve().start)[0] == 100_001
    )


def test_byte_order_mark_is_a_warning():
    tree, source, (finding,) = read_document("\ufeff{}".encode())
    assert tree == {}
    assert (finding.code, finding.severity.value) == ("PE0002", "warning")
    assert underlined(finding) == "\ufeff"
    assert source.text == "\ufeff{}"


def test_broken_json_after_a_byte_order_mark_is_located():
    _, _, findings = read_document("\ufeff[1,]".encode())
    assert codes(findings) == ["PE0002", "PE0009"]
    assert findings[1].location.resolve().start == 3


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_recognised(encoding):
    tree, _, findings = read_document('{"é": 1}'.encode(encoding))
    assert tree is None
    assert codes(findings) == ["PE0003"]


def test_wrong_byte_is_located():
    tree, _, (finding,) = read_document('{"Sid": "é"}'.encode("latin-1"))
    assert tree is None
    assert finding.code == "PE0004"
    assert finding.location.resolve().start == 9
    assert "0xe9" in finding.message


def test_too_large_document_is_not_read():
    tree, _, findings = read_document(b" " * (MAX_SIZE + 1))
    assert tree is None
    assert codes(findings) == ["PE0001"]


def test_ten_megabytes_are_read():
    text = json.dumps({"Statement": ["x" * 1000] * 10_000})
    tree, _, findings = read_document(text)
    assert len(tree["Statement"]) == 10_000
    assert findings == ()


def test_character_outside_of_iam_documents_is_a_warning():
    tree, _, (finding,) = read_document('{"Sid": "a\u2013b"}')
    assert tree == {"Sid": "a\u2013b"}
    assert (finding.code, underlined(finding)) == ("PE0015", "\u2013")
    assert "U+2013" in finding.message


def test_latin_1_letters_and_escapes_are_fine():
    assert read_document('{"Sid": "é\\u2013\\ud83d\\ude00"}')[2] == ()


def test_half_a_character_in_a_python_string():
    tree, _, findings = read_document('["\ud83d"]')
    assert tree is None
    assert codes(findings) == ["PE0014"]


def test_numbers_keep_their_text():
    tree, _, _ = read_document('[1.0, 1e3, "1", ' + "9" * 5000 + "]")
    assert tree[:3] == ["1.0", "1e3", "1"]
    assert [type(value) for value in tree] == [NumberText, NumberText, str, NumberText]


def test_brackets_inside_strings_do_not_nest():
    assert read_document(json.dumps(["[" * 500]))[2] == ()
