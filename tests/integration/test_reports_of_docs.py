"""The excerpts of docs/test-reports.md are of the reports that are written."""

import json
import re
import xml.etree.ElementTree as ET

import pytest
from tests.integration.command import ROOT, ask

SUITE = "fixtures/examples/too-strict.policytest.yaml"
PAGE = (ROOT / "docs" / "test-reports.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def at_the_top(monkeypatch):
    monkeypatch.chdir(ROOT)


def written(form):
    answer = ask("test", SUITE, "--format", form)
    assert answer.code == 1, answer.err
    return answer.out


def excerpts(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def is_within(part, whole):
    """Tell whether all that an excerpt says is said in the whole."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and is_within(part[key], whole[key]) for key in part)
    return part == whole


def same(one, other):
    """Tell whether two elements say the same, but for the time."""
    attributes = {key: value for key, value in other.attrib.items() if key != "time"}
    return (
        (one.tag, one.attrib, (one.text or "").strip())
        == (other.tag, attributes, (other.text or "").strip())
        and len(one) == len(other)
        and all(map(same, one, other))
    )


def test_the_excerpt_of_junit_is_a_test_case():
    (text,) = excerpts("xml")
    cases = ET.fromstring(written("junit").encode("utf-8")).iter("testcase")
    assert sum(same(ET.fromstring(text), case) for case in cases) == 1


def test_the_excerpts_of_sarif_and_json_are_results():
    of_sarif, of_json = map(json.loads, excerpts("json"))
    sarif, report = json.loads(written("sarif")), json.loads(written("json"))
    assert [is_within(of_sarif, each) for each in sarif["runs"][0]["results"]] == [False, True]
    assert [is_within(of_json, each) for each in report["results"]] == [False, False, True, False]


def test_the_page_names_every_kind_of_failure_and_every_format():
    from policyeval.testing.reports import FORMS
    from policyeval.testing.reports.failure import Kind

    for word in (*FORMS, *(kind.value for kind in Kind)):
        assert f"\n| `{word}` |" in PAGE
