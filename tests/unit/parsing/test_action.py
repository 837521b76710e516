import pytest

from policyeval.errors import PolicySyntaxError
from policyeval.parsing.action import parse_action_pattern
from policyeval.policy import ActionPattern


@pytest.mark.parametrize(
    ("text", "service", "name"),
    [
        ("s3:GetObject", "s3", "getobject"),
        ("S3:Get*", "s3", "get*"),
        ("ec2:Describe?ags", "ec2", "describe?ags"),
        ("execute-api:*", "execute-api", "*"),
        ("*", "*", "*"),
        ("*:*", "*", "*"),
    ],
)
def test_action_pattern_is_folded_and_keeps_its_text(text, service, name):
    assert parse_action_pattern(text) == ActionPattern(text, service, name)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("GetObject", "PE0111", "GetObject"),
        ("", "PE0111", ""),
        (":GetObject", "PE0111", ":GetObject"),
        ("s3:", "PE0111", "s3:"),
        ("s*:GetObject", "PE0112", "s*"),
        ("*:GetObject", "PE0112", "*"),
        ("s3: GetObject", "PE0113", " "),
        ("s3:Get/Object", "PE0113", "/"),
        ("s_3:GetObject", "PE0113", "_"),
        ("s3:a:b", "PE0113", ":"),
        ("\u212afoo:Get", "PE0113", "\u212a"),
        ("s3:${aws:username}", "PE0113", "$"),
    ],
)
def test_malformed_action_is_located(text, code, place):
    with pytest.raises(PolicySyntaxError) as raised:
        parse_action_pattern(text)
    (finding,) = raised.value.findings
    span = finding.location.resolve()
    assert finding.code == code
    assert text[span.start : span.end] == place


def test_action_with_white_space_is_offered_without():
    with pytest.raises(PolicySyntaxError) as raised:
        parse_action_pattern("s3: GetObject")
    assert raised.value.findings[0].help == "write `s3:GetObject`"
