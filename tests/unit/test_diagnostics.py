"""The catalogue of `policyeval explain` and the codes that the parser uses are the same."""

import re
from pathlib import Path

from policyeval.diagnostics import DIAGNOSTICS, render_diagnostic

SOURCE = Path(__file__).resolve().parents[2] / "src" / "policyeval"
CODE = re.compile(r'"(PE0[0-9]{3})"')


def used_codes():
    return {
        code
        for path in (SOURCE / "parsing").glob("*.py")
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }


def test_every_code_of_the_parser_is_explained():
    assert used_codes() - set(DIAGNOSTICS) == set()


def test_every_explained_code_is_used():
    assert {code for code in DIAGNOSTICS if code < "PE07"} - used_codes() == set()


def test_every_explanation_says_something_and_cites_a_rule():
    for code, diagnostic in DIAGNOSTICS.items():
        assert diagnostic.code == code
        assert diagnostic.title
        assert not diagnostic.title.endswith(".")
        if code < "PE15":
            assert "R-" in diagnostic.text
            assert len(diagnostic.text) > 80


def test_page_of_a_diagnostic_is_wrapped_and_examples_are_not():
    page = render_diagnostic(DIAGNOSTICS["PE0201"])
    assert page.startswith("PE0201 (error): missing colon in an ARN\n\nAn ARN has six parts")
    assert "\nright:  arn:aws:iam::123456789012:user/username\n" in page
    assert all(len(line) <= 80 or line[6:8] == "  " for line in page.splitlines())
