"""politest's four ways to write a variable."""

import pytest

from policyeval.testing.imports.variables import Filled, fill

VALUES = {"bucket": "pets", "A_1": "a"}


@pytest.mark.parametrize(
    "text", ["{{.bucket}}/x", "{{ .bucket }}/x", "${bucket}/x", "$bucket/x", "<bucket>/x"]
)
def test_each_form_is_filled_in(text):
    assert fill(text, VALUES) == Filled("pets/x")


@pytest.mark.parametrize(
    "text",
    ["${aws:username}", "$", "${}", "<a b>", "a < b > c", "{.bucket}", "$1", "<>"],
)
def test_what_is_no_variable_stays(text):
    filled = fill(text, VALUES)
    assert filled.text == text
    assert filled.missing == ()


def test_a_value_is_not_looked_into_again():
    assert fill("<a>", {"a": "$b", "b": "never"}) == Filled("$b")


def test_a_variable_without_a_value_is_named_once_and_letter_case_counts():
    assert fill("$a<a>{{.B}}", {"A": "x"}) == Filled("$a<a>{{.B}}", ("a", "B"))


def test_more_than_a_variable_is_seen():
    assert fill("$bucket {{ if .x }}", VALUES).other.startswith("{{ if .x }}")


def test_a_long_text_of_beginnings_takes_linear_time():
    text = "{{ " * 20_000 + "<a" * 20_000 + "${a" * 20_000
    assert fill(text, {"a": ""}).other
