"""No text of a policy, a name or a request comes out as anything but text."""

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.golden.worlds import explain_case

from policyeval.parsing.policy import read_policy
from policyeval.rendering.html import render_html
from policyeval.rendering.json import explanation_to_json
from policyeval.rendering.markdown import code, prose, render_markdown
from policyeval.rendering.text import render_text
from policyeval.request import Request
from policyeval.stack import AttachedPolicy, Layer

EVIL = (
    "\x1b[2J\x1b]0;t\x07<script>alert(1)</script>\"'><img src=x onerror=y>|`|``` "
    "\u202e\n# h\r\n- [l](http://x.test) @someone #1 www.x.test a|b &amp; --> ]]> ```\n"
)


def explanation_with(evil, *, text):
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": evil,
                "Effect": "Deny",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::" + evil, "*"],
                "Condition": {"StringNotEquals": {"aws:PrincipalTag/" + evil: [evil, "x"]}},
            },
            {
                "Sid": evil,
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": evil,
                "Condition": {"StringEquals": {"aws:RequestTag/" + evil: evil}},
            },
        ],
    }
    given = json.dumps(document, indent=2) if text else document
    policy, findings = read_policy(given, name=evil)
    assert policy is not None, findings
    request = Request.of(
        "arn:aws:iam::111122223333:user/Ana",
        "s3:GetObject",
        "arn:aws:s3:::bucket/key",
        {"aws:PrincipalTag/" + evil: evil + "2"},
        resource_account="111122223333",
    )
    attached = AttachedPolicy(policy, evil, attached_to=evil)
    return explain_case(request, {Layer.IDENTITY_POLICY: [attached]})


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = set()
        self.attributes = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("text", [True, False])
def test_terminals_get_printable_text_alone(text):
    explanation = explanation_with(EVIL, text=text)
    for ascii_only in (True, False):
        shown = render_text(explanation, verbose=2, ascii_only=ascii_only)
        assert all(line.isprintable() for line in shown.split("\n"))
        assert shown.isascii() or not ascii_only


@pytest.mark.parametrize("text", [True, False])
def test_a_page_holds_only_its_own_elements(text):
    harmless, evil = Elements(), Elements()
    harmless.feed(render_html(explanation_with("sid", text=text)))
    evil.feed(render_html(explanation_with(EVIL, text=text)))
    assert evil.seen == harmless.seen
    assert evil.attributes == harmless.attributes
    assert not {"script", "img", "a", "link", "iframe"} & evil.seen
    assert not {"src", "href", "style", "onerror"} & evil.attributes


def outside_code(markdown):
    """The Markdown without its fences and code spans."""
    kept, fence = [], ""
    for line in markdown.split("\n"):
        ticks = re.match(r" *(`{3,})", line)
        if fence:
            if ticks and ticks[1] == fence and line.strip() == fence:
                fence = ""
        elif ticks:
            fence = ticks[1]
        else:
            kept.append(re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", line))
    assert not fence
    return "\n".join(kept)


@pytest.mark.parametrize("text", [True, False])
def test_markdown_keeps_what_is_not_ours_in_code(text):
    markdown = render_markdown(explanation_with(EVIL, text=text))
    assert all(line.isprintable() for line in markdown.split("\n"))
    bare = outside_code(markdown)
    for sign in ("<", "[", "@", "#1", "www", "http", "`", "&"):
        assert sign not in bare
    tables = [line for line in markdown.split("\n") if line.startswith("|")]
    assert {line.count("|") for line in tables} <= {3, 5}


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_code_spans_and_prose_hold_any_text(text):
    assert outside_code(code(text)).strip() == ""
    assert re.fullmatch(r"[A-Za-z0-9 ,;:.?()='-]*", outside_code(prose(text)))


@settings(max_examples=30)
@given(st.text(min_size=1, max_size=40))
def test_any_sid_can_be_shown(sid):
    explanation = explanation_with(sid.replace("\ud800", ""), text=False)
    assert all(line.isprintable() for line in render_text(explanation).split("\n"))
    json.dumps(explanation_to_json(explanation))
    render_html(explanation).encode("utf-8")
    render_markdown(explanation).encode("utf-8")
