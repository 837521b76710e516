import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

from tests.unit.testing.reports.runs import HOUSE, evil_run, house, mixed, run_of, turned

from policyeval.explanation import explain
from policyeval.rendering.document import visible
from policyeval.rendering.flow import flow_picture
from policyeval.testing.reports.html import html_report

ALONE = frozenset(("meta", "path", "rect", "br", "line", "circle"))


class Page(HTMLParser):
    """Elements, attributes, ids, links and text of a page, and whether all are closed."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.attributes, self.open = [], set(), []
        self.ids, self.links, self.text = [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        if tag not in ALONE:
            self.open.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids.append(value)
            if name == "href":
                self.links.append(value)

    def handle_startendtag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        if tag not in ALONE:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_totals_files_and_failures(monkeypatch):
    run = mixed(monkeypatch)
    report = html_report(run)
    page = Page(report)
    text = " ".join("".join(page.text).split())
    assert "FAILEDPolicy tests: 1 failed, 1 passed, 1 skipped, 1 error in 0.25s" in text
    assert f"{HOUSE}: 1 passed, 1 failed, 1 skipped, 1 error" in text
    for word in ("passed nobody deletes", "failed the vet", "skipped not now", "error a typo"):
        assert word in text
    assert "waits for the <vet>" in text
    assert flow_picture(explain(run.results[1].decision)) in report
    assert "rerun policyeval why vet/visit" in text
    assert "error[PE0901]" in text


def test_failures_are_linked_from_the_list(monkeypatch):
    run = run_of(*map(turned, house(monkeypatch).values()))
    page = Page(html_report(run))
    assert len(page.links) > 15
    assert page.links == [f"#{name}" for name in page.ids]
    assert len(set(page.ids)) == len(page.ids)


def test_every_status_is_a_word(monkeypatch):
    page = html_report(mixed(monkeypatch))
    shown = re.findall(r'<span class="status [a-z-]*">([a-z]*)</span>', page)
    assert shown == ["passed", "failed", "skipped", "error", "failed", "error"]


def test_files_with_failures_are_open_and_good_ones_folded(monkeypatch):
    assert "<details open>" in html_report(mixed(monkeypatch))
    good = html_report(run_of(house(monkeypatch)["nobody deletes the bucket[keeper]"]))
    assert "<details>" in good
    assert "Failures" not in good
    assert "PASSED" in good


def test_the_page_stands_for_itself_in_light_and_dark(monkeypatch):
    page = html_report(mixed(monkeypatch))
    assert not re.search(r"https?:|//|url\(|<script|@import| style=", page.replace("<!doctype", ""))
    assert "prefers-color-scheme:dark" in page
    assert "@media print" in page
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy


def test_headings_descend_step_by_step(monkeypatch):
    levels = [int(level) for level in re.findall(r"<h([1-6])", html_report(mixed(monkeypatch)))]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_mischief_stays_text(monkeypatch):
    run = evil_run()
    report = html_report(run, title="<script>")
    report.encode("utf-8")
    evil, harmless = Page(report), Page(html_report(mixed(monkeypatch)))
    assert not evil.open
    assert set(evil.elements) <= set(harmless.elements)
    assert evil.attributes <= harmless.attributes
    assert all(re.fullmatch(r"#failure-\d+", link) for link in evil.links)
    assert all(char.isprintable() or char == "\n" for text in evil.text for char in text)
    assert visible(run.results[0].test.title) in "".join(evil.text)
