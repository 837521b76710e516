"""Suites are written so that they can be read, by people and by programs."""

import pytest

from policyeval.environment.yaml_tree import read_tree
from policyeval.testing.write import flow, scalar, suite_text


def read(text):
    tree, findings = read_tree(text, "written")
    assert tree is not None, findings
    return tree.plain()


def test_a_short_test_is_one_line_and_a_long_one_a_block():
    short = {"name": "reads", "action": "s3:GetObject", "expect": "allow"}
    long = {
        **short,
        "name": "a name that goes on and on, until no room is left on its line",
    }
    text = suite_text({"version": 1, "tests": [short, long]})
    assert text == (
        "version: 1\n"
        "\n"
        "tests:\n"
        "  - { name: reads, action: s3:GetObject, expect: allow }\n"
        "\n"
        '  - name: "a name that goes on and on, until no room is left on its line"\n'
        "    action: s3:GetObject\n"
        "    expect: allow\n"
    )


def test_rows_and_cases_stand_below_each_other():
    rows = [["s3:GetObject", "deny scp"], ["s3:PutObject", "allow"]]
    test = {"name": "t", "columns": ["action", "expect"], "rows": rows}
    text = suite_text({"tests": [test]})
    assert text == (
        "tests:\n"
        "  - name: t\n"
        "    columns: [action, expect]\n"
        "    rows:\n"
        "      - [s3:GetObject, deny scp]\n"
        "      - [s3:PutObject, allow]\n"
    )


def test_a_row_stays_on_its_line_however_long():
    row = ["s3:GetObject", "arn:aws:s3:::" + "b" * 150, "allow"]
    text = suite_text({"tests": [{"name": "t", "columns": ["action"], "rows": [row]}]})
    assert f"      - [s3:GetObject, {row[1]}, allow]\n" in text


def test_comments_stand_before_what_they_speak_of():
    suite = {"version": 1, "tests": [{"name": "a"}, {"name": "b", "cases": [{"action": "s3:X"}]}]}
    comments = {("tests", 0): "first\nand second line", ("tests", 1, "cases", 0): "inside"}
    text = suite_text(suite, head="made by hand", comments=comments)
    assert text.startswith("# made by hand\nversion: 1\n")
    assert "  # first\n  # and second line\n  - { name: a }\n" in text
    assert "      # inside\n      - { action: s3:X }\n" in text
    assert read(text) == {**suite, "version": "1"}


def test_a_comment_cannot_leave_its_line():
    text = suite_text({"version": 1}, head="harmless\u2028tests: [evil]\x1b[31m\rskip: x")
    assert all(line.startswith("#") for line in text.splitlines()[:-1])
    assert read(text) == {"version": "1"}


READ_AS_ANOTHER_TYPE = [
    "no",
    "Yes",
    "null",
    "~",
    "1",
    "0x1f",
    "12:30",
    "2027-01-31",
    "1e3",
    ".5",
    "...",
    "---",
]
INDICATORS = [
    "*",
    "&a",
    "!x",
    "@Pets",
    "`a`",
    "%a",
    "- a",
    "? a",
    "a: b",
    "a:",
    "a #b",
    "#a",
    " a",
    "a ",
    "'",
    '"',
    "\\",
    "[a]",
    "{a}",
    "<<",
]
NOT_PRINTABLE = ["", "a\nb", "a\tb", "\x00", "\x85", "\u2028", "\ufeff", "\x7f"]


@pytest.mark.parametrize("text", [*READ_AS_ANOTHER_TYPE, *INDICATORS, *NOT_PRINTABLE])
def test_a_text_that_yaml_reads_otherwise_is_quoted(text):
    assert scalar(text).startswith('"')
    assert read(f"- {scalar(text)}") == [text]
    assert read(flow({text: [text]})) == {text: [text]}


@pytest.mark.parametrize(
    "text",
    ["s3:GetObject", "arn:aws:s3:::site/index.html", "deny scp", "the keeper's pet", "vpce-1"],
)
def test_an_ordinary_text_is_not_quoted(text):
    assert scalar(text) == text
    assert read(f"- [{text}]") == [[text]]


def test_a_key_longer_than_yaml_finds_by_itself_is_marked():
    context = {"aws:RequestTag/" + "k" * 2000: "v"}
    for suite in ({"defaults": {"context": context}}, {"context-sets": {"c": context}}):
        assert read(suite_text(suite)) == suite


def test_a_lone_surrogate_is_refused():
    with pytest.raises(ValueError, match="U\\+D800"):
        scalar("a\ud800")


def test_packed_tests_are_broken_into_a_few_lines():
    test = {
        "name": "a name that goes on and on, until hardly any room is left on its line",
        "principal": "keeper/notebook",
        "action": "s3:GetObject",
        "context": {"aws:SourceVpce": "vpce-1"},
        "expect": "allow",
    }
    short = {"name": "reads", "expect": "allow"}
    suite = {"tests": [test, short, test]}
    text = suite_text(suite, comments={("tests", 2): "again"}, packed=True)
    packed = (
        '  - { name: "a name that goes on and on, until hardly any room is left on its line",\n'
        "      principal: keeper/notebook, action: s3:GetObject,"
        " context: { aws:SourceVpce: vpce-1 },\n"
        "      expect: allow }\n"
    )
    plain = "  - { name: reads, expect: allow }\n"
    assert text == f"tests:\n{packed}{plain}\n  # again\n{packed}"
    assert read(text) == suite


def test_a_packed_test_with_cases_is_a_block():
    test = {"name": "t", "cases": [{"action": "s3:GetObject"}]}
    assert suite_text({"tests": [test]}, packed=True) == suite_text({"tests": [test]})
