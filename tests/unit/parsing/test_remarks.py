import pytest
from tests.unit.parsing.helpers import codes, document, found, statement

from policyeval.literals import read_instant
from policyeval.parsing.policy import parse_policy, read_policy

IP = "aws:SourceIp"


def conditioned(operator, key, *values, **changes):
    given = values[0] if len(values) == 1 else list(values)
    return document(statement(Condition={operator: {key: given}}), **changes)


# operator, key, value, code, value pointer (else the key's), part of message or help
REMARKS = [
    ("ForAnyValue:StringLikeIfExists", "aws:x", "a", "PE0303", "", "no effect"),
    ("ForAllValues:Null", "aws:x", "true", "PE0304", "", "always true"),
    ("StringEquals", "aws:x", "${aws:user name}", "PE0305", "/0", "white space"),
    ("StringEquals", "aws:x", "${aws:username", "PE0306", "/0", "not closed"),
    ("IpAddress", IP, "${aws:VpcSourceIp}", "PE0308", "/0", "literal text"),
    ("StringEquals", "aws:x", "${aws:a, b}", "PE0309", "/0", "single quotes"),
    ("StringEquals", "SourceIp", "a", "PE0310", "", "as in `aws:SourceIp`"),
    ("NumericEquals", "aws:x", "ten", "PE0314", "/0", "not a number"),
    ("NumericEqualsIfExists", "aws:x", "1e3", "PE0314", "/0", "not a number"),
    ("DateLessThan", "aws:CurrentTime", "05/01/2026", "PE0315", "/0", "not a date"),
    ("DateLessThan", "aws:CurrentTime", "2026", "PE0316", "/0", "year or epoch?"),
    ("IpAddress", IP, "203.0.113.*", "PE0317", "/0", "CIDR"),
    ("NotIpAddress", IP, "203.0.113.0/33", "PE0317", "/0", "CIDR"),
    ("IpAddress", IP, "203.0.113.7/24", "PE0318", "/0", "`203.0.113.0/24`"),
    ("IpAddress", IP, "2001:db8::1/32", "PE0318", "/0", "`2001:db8::/32`"),
    ("IpAddress", IP, "10.1.0.0/16", "PE0319", "", "never matches"),
    ("NotIpAddress", "AWS:sourceip", "fd00::/8", "PE0319", "", "always holds"),
    ("BinaryEquals", "aws:x", "QmluYXJ", "PE0320", "/0", "base64"),
    ("Bool", "aws:x", "yes", "PE0321", "/0", "`true` or `false`"),
    ("Null", "aws:x", "absent", "PE0322", "/0", "`true` asks"),
    ("StringEquals", "aws:TagKeys", "team", "PE0323", "", "ForAnyValue:StringEquals"),
    ("StringNotLike", "aws:principalorgpaths", "o-1/*", "PE0323", "", "ForAllValues:StringNotLike"),
    ("ArnLike", "aws:PrincipalArn", "*role/ci", "PE0324", "/0", "six parts"),
    ("ArnEquals", "aws:SourceArn", "s3:::reports:a:b", "PE0324", "/0", "six parts"),
    ("StringEquals", "aws:x", "<my-org-id>", "PE0114", "/0", "placeholder"),
    ("StringEquals", "<provider>:sub", "a", "PE0114", "", "placeholder"),
]


@pytest.mark.parametrize(("operator", "key", "value", "code", "place", "words"), REMARKS)
def test_remark_on_a_condition(operator, key, value, code, place, words):
    policy, finding = found(conditioned(operator, key, value), code)
    assert policy.findings == (finding,)
    block = f"/Statement/0/Condition/{operator}"
    at_operator = code in ("PE0303", "PE0304")
    assert finding.location.pointer == (block if at_operator else f"{block}/{key}{place}")
    assert finding.location.key is (place == "")
    assert words in f"{finding.message} {finding.label} {finding.help}"


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("NumericEquals", "aws:x", "-1.5"),
        ("NumericEquals", "aws:EpochTime", 1700000000),
        ("DateLessThan", "aws:CurrentTime", "2026-05-01T00:00:00Z"),
        ("DateLessThan", "aws:CurrentTime", "1700000000"),
        ("IpAddress", IP, "203.0.113.0/24"),
        ("IpAddress", IP, ["203.0.113.7", "10.0.0.0/8"]),
        ("IpAddress", IP, "2001:DB8:1234:5678::/64"),
        ("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8"),
        ("IpAddress", IP, "0.0.0.0/0"),
        ("BinaryEquals", "aws:x", "QmluYXJ5"),
        ("Bool", "aws:x", "TRUE"),
        ("Bool", "aws:x", "${aws:PrincipalTag/x}"),
        ("Null", "aws:TagKeys", False),
        ("ForAnyValue:StringEquals", "aws:TagKeys", "team"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/ci"),
        ("ArnLike", "aws:PrincipalArn", "${aws:PrincipalTag/arn}"),
        ("StringEquals", "saml:aud", "https://signin.aws.amazon.com/saml"),
        ("StringLike", "token.actions.githubusercontent.com:sub", "repo:octo/app:*"),
        ("StringEquals", "aws:x", "a[0] {b} <c"),
        ("StringEquals", "aws:x", "${*}"),
    ],
)
def test_nothing_is_said_about_an_ordinary_condition(operator, key, value):
    assert parse_policy(conditioned(operator, key, value)).findings == ()


@pytest.mark.parametrize(
    ("operator", "answer"),
    [
        ("StringEquals", "never holds"),
        ("StringNotEquals", "always holds"),
        ("NotIpAddress", "always holds"),
        ("StringEqualsIfExists", "holds only where the key is absent"),
        ("ForAllValues:StringEquals", "holds only where the key is absent"),
        ("ForAnyValue:StringNotEquals", "never holds"),
    ],
)
def test_empty_list_says_what_it_comes_to(operator, answer):
    data = document(statement(Condition={operator: {"aws:x": []}}))
    policy, finding = found(data, "PE0313")
    assert policy.statements[0].condition[0].values == ()
    assert answer in finding.message


def test_variables_of_a_2008_document_are_literal_in_conditions_too():
    data = conditioned("StringEquals", "aws:x", "${aws:username}", Version="2008-10-17")
    policy, finding = found(data, "PE0307")
    assert policy.statements[0].condition[0].values[0].variables == ()
    assert finding.location.pointer.endswith("/aws:x/0")


def test_every_value_of_a_list_is_looked_at():
    _, findings = read_policy(conditioned("NumericEquals", "aws:x", "1", "a", "b"))
    assert codes(findings) == ["PE0314", "PE0314"]
    assert findings[1].location.pointer.endswith("/2")


@pytest.mark.parametrize(
    "text",
    [
        "2026-05",
        "2026-05-01",
        "2024-02-29",
        "2026-05-01T10:20Z",
        "2026-05-01T10:20:30.125+02:00",
        "2026-05-01t10:20:30z",
        "2026-05-01T10:20:30-0700",
    ],
)
def test_dates(text):
    assert read_instant(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-13",
        "2025-02-29",
        "2026-5-1",
        "2026-05-01T",
        "2026-05T10:20",
        "2026-05-01T25:00Z",
        "2026-05-01T10:20:30+25:00",
        "2026-05-01 10:20",
        "2026-05-01T10:20.5",
        "\u0662\u0660\u0662\u0666-05",
    ],
)
def test_no_dates(text):
    assert read_instant(text) is None
