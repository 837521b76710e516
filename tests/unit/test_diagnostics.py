"""The catalogue of `policyeval explain` and the codes that the sources use are the same."""

import re
from pathlib import Path

import pytest

from policyeval.diagnostics import DIAGNOSTICS, render_diagnostic

SOURCE = Path(__file__).resolve().parents[2] / "src" / "policyeval"
CODE = re.compile(r'"(PE[0-9]{4})"')


OF_OUR_FILES = ("PE07", "PE22", "PE23")
"""Codes about files of our own making: no rule of AWS's stands behind them."""


def used_codes():
    return {
        code
        for path in SOURCE.rglob("*.py")
        if path.parent.name != "diagnostics"
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }


def test_codes_of_the_sources_and_the_catalogue_are_the_same():
    assert used_codes() == set(DIAGNOSTICS)


@pytest.mark.parametrize("code", DIAGNOSTICS)
def test_explanation_says_something(code):
    diagnostic = DIAGNOSTICS[code]
    assert diagnostic.code == code
    assert diagnostic.title
    assert not diagnostic.title.endswith(".")
    assert len(diagnostic.text) > 60


@pytest.mark.parametrize(
    "code", [code for code in DIAGNOSTICS if not code.startswith(OF_OUR_FILES)]
)
def test_explanation_cites_a_rule(code):
    assert "R-" in DIAGNOSTICS[code].text


def test_page_of_a_diagnostic_is_wrapped_and_examples_are_not():
    page = render_diagnostic(DIAGNOSTICS["PE0201"])
    assert page.startswith("PE0201 (error): missing colon in an ARN\n\nAn ARN has six parts")
    assert "\nright:  arn:aws:iam::123456789012:user/username\n" in page
    assert all(len(line) <= 80 or line[6:8] == "  " for line in page.splitlines())
