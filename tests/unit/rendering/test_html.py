import base64
import hashlib
import re
import xml.etree.ElementTree as ET

from tests.golden.worlds import WORLDS, scp_denies

from policyeval.rendering.html import render_html


def test_the_page_stands_for_itself():
    page = render_html(scp_denies())
    assert not re.search(r"https?:|//|url\(|<script|@import", page.replace("<!doctype", ""))
    assert "prefers-color-scheme:dark" in page


def test_the_policy_allows_the_style_and_nothing_else():
    page = render_html(scp_denies())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'")
    assert f"'sha256-{digest}'" in policy
    assert " style=" not in page


def test_the_picture_shows_each_gate_with_its_word_and_marks_the_deciding_one():
    for make in WORLDS.values():
        explanation = make()
        picture = re.search(r"<svg.*?</svg>", render_html(explanation), re.DOTALL)[0]
        root = ET.fromstring(picture)
        gates = [g for g in root.findall("g") if g.get("class", "").startswith("gate")]
        assert len(gates) == 7
        deciding = [g for g in gates if "decides" in g.get("class")]
        assert len(deciding) == (1 if explanation.decision.denied else 0)


def test_the_way_is_closed_beyond_the_first_gate_that_stops_it():
    picture = re.search(r"<svg.*?</svg>", render_html(scp_denies()), re.DOTALL)[0]
    ways = re.findall(r'class="(way(?: closed)?)"', picture)
    assert ways == ["way", "way", *["way closed"] * 6]
