import re

from markdown_it import MarkdownIt
from tests.unit.rendering.test_hostile import outside_code
from tests.unit.testing.reports.runs import HOUSE, evil_run, house, mixed, run_of, turned

from policyeval.explanation import explain
from policyeval.rendering.markdown import render_markdown
from policyeval.testing.reports.markdown import markdown_report
from policyeval.value import replace

OURS = re.compile(r"<details><summary><code>[^<>]*</code></summary>\n|</details>\n?")
VET = "the vet is outside the family"


def tokens(report):
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    found = parser.parse(report)
    return [*found, *(child for token in found for child in token.children or ())]


def test_totals_and_failures_with_the_blocks_of_why(monkeypatch):
    run = mixed(monkeypatch)
    report = markdown_report(run)
    assert report.startswith("## Policy tests failed\n\n1 failed, 1 passed, 1 skipped, 1 error\n")
    assert f"| `{HOUSE}` | 1 | 1 | 1 | 1 |" in report
    assert f"<details><summary><code>{HOUSE}::{VET}</code></summary>\n\n" in report
    assert render_markdown(explain(run.results[1].decision)) in report
    assert "```sh\npolicyeval why vet/visit s3:GetObject" in report
    assert "error[PE0901]: `s3GetObject` is no action" in report


def test_a_good_run_is_short(monkeypatch):
    (test,) = (each for each in house(monkeypatch).values() if each.parameters == "keeper")
    report = markdown_report(run_of(test))
    assert report.startswith("## Policy tests passed\n\n1 passed")
    assert "details" not in report
    assert markdown_report(run_of()).startswith("## Policy tests passed\n\nno tests ran")


def test_beyond_a_number_failures_are_only_listed(monkeypatch):
    test = turned(house(monkeypatch)[VET])
    run = run_of(*(replace(test, name=f"n{number}") for number in range(5)))
    report = markdown_report(run, most=2)
    assert report.count("<details>") == report.count("</details>") == 2
    assert "And 3 more:\n\n" in report
    assert report.endswith(f"- `{HOUSE}::n2`\n- `{HOUSE}::n3`\n- `{HOUSE}::n4`\n")


def test_the_parts_are_folded_as_markdown_folds_them(monkeypatch):
    seen = tokens(markdown_report(mixed(monkeypatch)))
    html = [token.content for token in seen if token.type.startswith("html")]
    assert len(html) == 4
    assert all(OURS.fullmatch(each) for each in html)
    assert "table_open" in {token.type for token in seen}


def test_mischief_stays_in_code():
    report = markdown_report(evil_run())
    report.encode("utf-8")
    assert all(line.isprintable() for line in report.split("\n"))
    seen = tokens(report)
    types = {token.type for token in seen}
    assert not types & {"link_open", "image", "html_inline"}
    html = [token.content for token in seen if token.type == "html_block"]
    assert len(html) == 6
    assert all(OURS.fullmatch(each) for each in html)
    folds = r"^(<details><summary><code>[^<>]*</code></summary>|</details>)$"
    bare = outside_code(re.sub(folds, "", report, flags=re.MULTILINE))
    for sign in ("<", "[", "@", "#1", "www", "http", "`", "&"):
        assert sign not in bare
