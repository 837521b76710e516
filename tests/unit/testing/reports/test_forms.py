import os
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.testing.reports.runs import ROOT, mixed, run_of

from policyeval.source import Location, Source, Span
from policyeval.testing.reports import FORMS, report
from policyeval.testing.reports.place import Place, path_below, place_of, uri_of

STARTS = {
    "text": "_ ",
    "json": '{\n  "schema": "policyeval/test/1"',
    "junit": "<?xml ",
    "sarif": '{\n  "$schema"',
    "github": "::error ",
    "markdown": "## Policy tests failed",
    "html": "<!doctype html>",
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_written_and_ends_with_a_newline(monkeypatch, form):
    text = report(mixed(monkeypatch), form, root=str(ROOT), exit_code=2)
    assert text.startswith(STARTS[form])
    assert text.endswith("\n")


def test_another_form_is_refused():
    with pytest.raises(ValueError, match="csv"):
        report(run_of(), "csv")


def test_a_place_counts_from_one_and_ends_behind_its_last_character():
    source = Source("./a/../b.yaml", "one\ntwo: three\nfour\n")
    assert place_of(Location(source, span=Span(9, 14))) == Place("b.yaml", 2, 6, 2, 11)
    assert place_of(Location(source, span=Span(4, 16))) == Place("b.yaml", 2, 1, 3, 2)
    assert place_of(Location(Source("b.json"))) == Place("b.json")


@pytest.mark.skipif(os.sep != "/", reason="paths of POSIX")
def test_paths_below_the_root_become_relative_to_it(monkeypatch, tmp_path):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    root = str(tmp_path)
    assert path_below(f"{root}/a/b.json", root) == "a/b.json"
    assert path_below(f"{root}shop/b.json", root) == f"{root}shop/b.json"
    assert path_below("a/./b.json", root) == "sub/a/b.json"
    assert path_below("../b.json", root) == "b.json"
    assert path_below("../../b.json", root) == "../../b.json"
    assert path_below("a/./b.json") == "a/b.json"


@pytest.mark.skipif(os.sep != "/", reason="paths of POSIX")
@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü.json", "a%20b/%C3%BC.json"),
        ("c:d.json", "c%3Ad.json"),
        ("/a/b.json", "file:///a/b.json"),
        ("a#b?c%d", "a%23b%3Fc%25d"),
        ("\udcff.json", "%FF.json"),  # a byte that is no UTF-8, as Python names such files
        ("\ud800.json", "%ED%A0%80.json"),
    ],
)
def test_uris_are_percent_encoded(path, uri):
    assert uri_of(path) == uri


@given(st.text(st.characters(exclude_characters="\0"), min_size=1))
def test_any_path_has_a_uri_in_ascii(path):
    uri = uri_of(PurePath(path).as_posix())
    assert uri.isascii()
    assert uri.isprintable()
    assert " " not in uri
