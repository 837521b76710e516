"""Whatever bytes come as a policy: findings or an answer, never a traceback (R-LANG-10)."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.fuzz import whole_path

from policyeval.policy import PolicyType
from policyeval.stack import Layer
from policyeval.testing.strategies import policies

FRAGMENTS = st.sampled_from(
    [
        *('{"', '"}', "[", "]", "{", "}", ",", ":", '"', "\\", "\\u", "\\ud800", "\\udc00", "null"),
        *("true", "NaN", "Infinity", "-0", "1e400", "9" * 5000, "\x00", "\ufeff", "\ud800", "é"),
        *("${", "${aws:username}", "${*}", "${a b}", "${a, 'b'}", "*", "?", "arn:", ":", "::::::"),
        *("Action", "NotAction", "Statement", "Principal", "Condition", "Effect", "ForAllValues:"),
        *("StringLike", "IfExists", "Null", "Bool", "2012-10-17", "Allow", "Deny", "\u0660"),
    ]
)


@settings(max_examples=settings().max_examples // 2)
@given(st.binary(max_size=300))
@example(b"")
@example(b"\xff\xfe{\x00}\x00")
@example(b"\xef\xbb\xbf{}")
@example(b"\x00" * 50)
@example(b"[" * 5000)
@example(b'{"a":' * 5000)
@example(b'"' + b"\\" * 999)
@example(b'{"Statement":{"Effect":"Allow","Action":"\\ud800","Resource":"*"}}')
@example(b'{"Version":' + b"1" * 5000 + b"}")
def test_any_bytes_are_answered(data):
    whole_path.from_bytes(data)


@settings(max_examples=settings().max_examples // 2)
@given(st.text(max_size=200))
def test_any_text_is_answered(text):
    whole_path.from_bytes(text)


@st.composite
def damaged_policies(draw):
    """A policy's text with pieces cut out, doubled, moved or put in."""
    kind = draw(st.sampled_from(list(PolicyType)))
    text = json.dumps(draw(policies(kind)), indent=draw(st.sampled_from((None, 1))))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        put_in = draw(st.one_of(FRAGMENTS, st.just(""), st.just(text[start:end] * 2)))
        text = text[:start] + put_in + text[end:]
    return text


@settings(max_examples=settings().max_examples // 2)
@given(damaged_policies())
def test_damaged_policy_is_answered(text):
    whole_path.from_bytes(text)


@settings(max_examples=settings().max_examples // 2)
@given(damaged_policies())
def test_damaged_policy_in_bytes_is_answered_as_its_text_is(text):
    data = text.encode("utf-8", "surrogatepass")
    whole_path.from_bytes(data)
    whole_path.from_bytes(data[: len(data) // 2])


HUGE = 50_000


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "s3:" + "*" * HUGE, "Resource": "*"},
        {"Action": "s3:" + "?*" * (HUGE // 2), "Resource": "*"},
        {"Action": "*", "Resource": "arn:aws:s3:::" + "*a" * (HUGE // 2)},
        {"Action": "*", "Resource": "arn:aws:s3:::" + "${aws:username}" * 2000},
        {"Action": "*", "Resource": ["arn:aws:s3:::" + str(n) for n in range(2000)]},
        {"Action": "*", "Resource": ":" * HUGE},
        {
            "Action": "*",
            "Resource": "*",
            "Condition": {"NumericEquals": {"s3:prefix": "9" * HUGE}},
        },
        {
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringLike": {f"a:k{n}": "*" for n in range(200)}},
        },
        {
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateLessThan": {"aws:CurrentTime": ["2026-01-01"] * 2000}},
        },
        {"Action": "*", "Resource": "*", "Sid": "a" * HUGE},
        {"Action": ["s3:a"] * 2000, "Resource": "*"},
    ],
    ids=range(11),
)
def test_huge_element_is_answered(statement):
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    policy, findings = whole_path.read_policy(document)
    for finding in findings:
        whole_path.check_finding(finding)
    if policy is not None:
        whole_path.ask(policy, Layer.IDENTITY_POLICY)


def test_many_statements_are_answered():
    statement = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::a*"}
    document = {"Version": "2012-10-17", "Statement": [statement] * 3000}
    policy, _ = whole_path.read_policy(document)
    whole_path.ask(policy, Layer.IDENTITY_POLICY)
