"""What is read, written and read again is the same; and nothing that is read raises."""

import json

from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark

from policyeval.errors import InvalidArnError
from policyeval.parsing.arn import arn_pattern_defect, parse_arn
from policyeval.parsing.grammar import load_grammar
from policyeval.parsing.policy import parse_policy, read_policy
from policyeval.parsing.write import policy_to_dict, write_policy
from policyeval.policy import PolicyType

TEXT = st.text(max_size=8)
ACTIONS = st.sampled_from(["*", "*:*", "s3:GetObject", "S3:Get*", "ec2:Describe?ags", "iam:*"])
RESOURCES = st.sampled_from(
    ["*", "arn:aws:s3:::a/${aws:username}/*", "arn:aws:sqs", "${*}", "x?", "<bucket>"]
)
KINDS = st.sampled_from(["AWS", "Service", "Federated", "CanonicalUser"])
OPERATORS = st.sampled_from(
    ["StringEquals", "stringlike", "ForAnyValue:ArnLike", "NumericEqualsIfExists", "Null", "Bool"]
)
VALUES = st.one_of(
    TEXT, st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False, width=32)
)


def one_or_many(items):
    return st.one_of(items, st.lists(items, max_size=3))


CONDITIONS = st.dictionaries(
    OPERATORS,
    st.dictionaries(st.sampled_from(["aws:a", "aws:b", "s3:c/d"]), one_or_many(VALUES)),
    max_size=3,
)
PRINCIPALS = st.one_of(st.just("*"), st.dictionaries(KINDS, one_or_many(TEXT), max_size=2))


@st.composite
def statements(draw):
    negated = draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
    raw = {"Effect": draw(st.sampled_from(["Allow", "Deny"]))}
    if draw(st.booleans()):
        raw["Sid"] = draw(TEXT)
    if draw(st.booleans()):
        raw["NotPrincipal" if negated[0] else "Principal"] = draw(PRINCIPALS)
    raw["NotAction" if negated[1] else "Action"] = draw(one_or_many(ACTIONS))
    raw["NotResource" if negated[2] else "Resource"] = draw(one_or_many(RESOURCES))
    if draw(st.booleans()):
        raw["Condition"] = draw(CONDITIONS)
    return raw


@st.composite
def documents(draw):
    raw = {"Statement": draw(st.one_of(statements(), st.lists(statements(), max_size=3)))}
    if draw(st.booleans()):
        raw["Version"] = draw(st.sampled_from(["2012-10-17", "2008-10-17"]))
    if draw(st.booleans()):
        raw["Id"] = draw(TEXT)
    return raw


@given(documents())
def test_reading_what_was_written_gives_the_same_policy(raw):
    policy = parse_policy(raw)
    written = write_policy(policy)
    again = parse_policy(written)
    assert again.same_language == policy.same_language
    assert write_policy(again) == written


@given(documents())
def test_text_and_object_are_the_same_policy(raw):
    text = json.dumps(raw)
    assert parse_policy(text).same_language == parse_policy(json.loads(text)).same_language


@given(documents())
def test_every_pointer_of_a_written_policy_leads_somewhere(raw):
    policy = parse_policy(write_policy(parse_policy(raw)))
    values = policy.source.map.values
    for statement, written in zip(
        policy.statements, policy_to_dict(policy)["Statement"], strict=True
    ):
        assert statement.pointer in values
        for element in written:
            assert statement.at(element) in values


@given(st.one_of(st.binary(), st.text()), st.sampled_from([None, *PolicyType]))
@example(b"\xff\xfe{\x00", None)
@example("\ufeff", None)
@example('{"Statement": {"Condition": {"": {"": ""}}}}', PolicyType.TRUST)
@example('{"Statement":' * 3000, None)
def test_no_bytes_or_text_raise(data, type):
    policy, findings = read_policy(data, type=type)
    assert policy is not None or any(finding.is_error for finding in findings)
    assert_printable(findings)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    *("Version", "Id", "Statement", "Sid", "Effect", "Principal", "Action"),
                    *("Resource", "Condition", "AWS", "StringEquals", "aws:x", ""),
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, *PolicyType]))
def test_no_object_raises(data, type):
    policy, findings = read_policy(data, type=type)
    assert policy is not None or any(finding.is_error for finding in findings)
    assert_printable(findings)


@given(from_lark(load_grammar("policy")), st.sampled_from([None, *PolicyType]))
def test_no_document_of_the_grammar_raises(text, type):
    _, findings = read_policy(text, type=type)
    assert_printable(findings)


@given(st.text())
def test_no_text_makes_the_arn_reader_raise_anything_but_its_own_error(text):
    arn_pattern_defect(text)
    findings = ()
    try:
        parsed = str(parse_arn(text))
    except InvalidArnError as error:
        parsed, findings = text, error.findings
    assert parsed == text
    assert_printable(findings)


def assert_printable(findings):
    """Every finding is one line, and its place can be told."""
    for finding in findings:
        for words in (finding.message, finding.label):
            assert "\n" not in words
        assert finding.message
        assert not finding.message.endswith(".")
        place = finding.location.resolve()
        if place is not None:
            assert 0 <= place.start <= place.end <= len(finding.location.source.text)
            finding.location.source.map.line_and_column(place.start)
