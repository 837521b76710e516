import pytest

from policyeval.arn import Arn
from policyeval.errors import InvalidArnError
from policyeval.finding import Severity
from policyeval.parsing.arn import arn_pattern_defect, parse_arn, read_arn

WELL_FORMED = [
    "arn:aws:s3:::reports",
    "arn:aws:s3:::reports/2026/My File.txt",
    "arn:aws:s3:eu-west-1:123456789012:accesspoint/reports/object/x",
    "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap",
    "arn:aws:s3:us-east-1:123456789012:storage-lens/daily",
    "arn:aws:s3:us-east-1:123456789012:job/0aa",
    "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/bucket/b",
    "arn:aws:iam::123456789012:root",
    "arn:aws:iam::123456789012:user/division/Ana",
    "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1",
    "arn:aws-cn:iam::123456789012:role/ci",
    "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:q",
    "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/f:log-stream:x",
    "arn:aws:ec2:eu-west-1::image/ami-1",
    "arn:aws:cloudformation:eu-west-1:aws:transform/Serverless",
    "arn:aws:dynamodb:eu-west-1:123456789012:table/*",
    "arn:aws:route53:::hostedzone/Z1",
    "arn:aws:sns:us-east-1:123456789012:a:b:c",
]

# text, code, what the caret stands under, the mended text (empty: none is offered)
MALFORMED = [
    (
        "arn:aws:iam:123456789012:user/username",
        "PE0201",
        (11, 12),
        "arn:aws:iam::123456789012:user/username",
    ),
    ("arn:aws:s3::reports/x", "PE0201", (10, 11), "arn:aws:s3:::reports/x"),
    ("arn:aws:s3:reports", "PE0201", (10, 11), "arn:aws:s3:::reports"),
    ("arn:aws:route53:hostedzone/Z1", "PE0201", (15, 16), "arn:aws:route53:::hostedzone/Z1"),
    (
        "arn:aws:iam:123456789012::user/Ana",
        "PE0202",
        "123456789012",
        "arn:aws:iam::123456789012:user/Ana",
    ),
    (
        "arn:aws:sqs:123456789012:eu-west-1:q",
        "PE0202",
        "123456789012",
        "arn:aws:sqs:eu-west-1:123456789012:q",
    ),
    (
        "arn:aws:iam:123456789012:oidc-provider/a:b",
        "PE0202",
        "123456789012",
        "arn:aws:iam::123456789012:oidc-provider/a:b",
    ),
    ("arn:aws:logs:123456789012:log-group:/x", "PE0202", "123456789012", ""),
    ("arn:aws:sqs:eu-west-1:22223333444:q", "PE0203", "22223333444", ""),
    ("arn:aws:sqs:eu-west-1:1234567890123:q", "PE0203", "1234567890123", ""),
    (
        "arn:aws:iam::1234-5678-9012:user/x",
        "PE0203",
        "1234-5678-9012",
        "arn:aws:iam::123456789012:user/x",
    ),
    ("aws:iam::123456789012:role/ci", "PE0204", "aws", "arn:aws:iam::123456789012:role/ci"),
    (":aws:s3:::b", "PE0204", ":", "arn:aws:s3:::b"),
    ("ARN:aws:s3:::b", "PE0204", "ARN", "arn:aws:s3:::b"),
    ("s3://reports/x", "PE0204", "s3://", "arn:aws:s3:::reports/x"),
    (
        "arn/aws/iam//123456789012/role/ci",
        "PE0205",
        (3, 4),
        "arn:aws:iam::123456789012:role/ci",
    ),
    ("arn;aws;s3;;;b", "PE0205", (3, 4), "arn:aws:s3:::b"),
    ("arn.aws.s3...b", "PE0205", (3, 4), "arn:aws:s3:::b"),
    ("arn:aws/s3:::b", "PE0205", "/", "arn:aws:s3:::b"),
    ("arn:asw:s3:::b", "PE0206", "asw", "arn:aws:s3:::b"),
    ("arn:aws-chn:s3:::b", "PE0206", "aws-chn", "arn:aws-cn:s3:::b"),
    ("arn:azure:s3:::b", "PE0206", "azure", ""),
    ("arn::s3:::b", "PE0206", "", "arn:aws:s3:::b"),
    (
        "arn:aws:s3:eu-west-1:222233334444:logs/*",
        "PE0207",
        "eu-west-1:222233334444",
        "arn:aws:s3:::logs/*",
    ),
    ("arn:aws:S3:::b", "PE0208", "S3", "arn:aws:s3:::b"),
    ("arn:aws:s3:::", "PE0209", (12, 13), ""),
    (" arn:aws:s3:::b", "PE0210", " ", "arn:aws:s3:::b"),
    ("arn:aws:s3:::b\n", "PE0210", "\n", "arn:aws:s3:::b"),
    ("arn:aws: s3:::b", "PE0210", " ", "arn:aws:s3:::b"),
    ("arn:aws:sqs:eu-west-1:orders", "PE0211", "arn:aws:sqs:eu-west-1:orders", ""),
    ("arn:aws:s3", "PE0211", "arn:aws:s3", ""),
    ("", "PE0212", "", ""),
    ("reports", "PE0212", "reports", ""),
    (
        "arn:aws:iam:us-east-1:123456789012:role/ci",
        "PE0214",
        "us-east-1",
        "arn:aws:iam::123456789012:role/ci",
    ),
    ("arn:aws::::b", "PE0215", "", ""),
    ("arn:aws:s_3:::b", "PE0215", "s_3", ""),
    (
        "arn:aws:sqs:EU-west-1:123456789012:q",
        "PE0216",
        "EU-west-1",
        "arn:aws:sqs:eu-west-1:123456789012:q",
    ),
]


@pytest.mark.parametrize("text", WELL_FORMED)
def test_well_formed_arn_gives_back_its_very_text(text):
    arn = parse_arn(text)
    assert str(arn) == text
    assert arn_pattern_defect(text) is None


def test_arn_splits_at_the_first_five_colons():
    assert parse_arn("arn:aws:logs:eu-west-1:123456789012:log-group:a:b") == Arn(
        "aws", "logs", "eu-west-1", "123456789012", "log-group:a:b"
    )


@pytest.mark.parametrize(("text", "code", "place", "mended"), MALFORMED)
def test_malformed_arn_is_located_and_mended(text, code, place, mended):
    with pytest.raises(InvalidArnError) as raised:
        parse_arn(text)
    (finding,) = raised.value.findings
    span = finding.location.resolve()
    assert finding.code == code
    assert finding.severity is Severity.ERROR
    assert place in ((span.start, span.end), text[span.start : span.end])
    assert finding.label
    if mended:
        assert finding.help == f"write `{mended}`"
        assert read_arn(mended)[0]
    else:
        assert "write `arn" not in finding.help


def test_missing_colon_says_why_it_is_missing():
    _, defect = read_arn("arn:aws:iam:123456789012:user/username")
    assert defect.message == (
        "not an ARN: `arn:aws:iam:123456789012:user/username` has 5 parts, 6 expected"
    )
    assert defect.label == "a colon is missing here: IAM has no region, so `iam::`"


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "arn:*:s3:::reports",
        "arn:aws*:s3:::reports/*",
        "arn:aws:s3:::reports/${aws:username}/*",
        "arn:aws:s3:*:*:job/*",
        "arn:aws:s3:*:123456789012:accesspoint/*",
        "arn:aws:sqs:*:*:orders-?",
        "arn:aws:*:*:*:*",
        "arn:aws:ec2:*:12345*:instance/*",
        "arn:aws:iam::*:role/ci",
        "arn:aws:iam:*:*:role/ci",
    ],
)
def test_pattern_may_have_wildcards_in_every_part(pattern):
    assert arn_pattern_defect(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("arn:aws:iam:123456789012:user/*", "PE0201"),
        ("arn:aws:logs:*", "PE0211"),
        ("arn:aws:sqs", "PE0211"),
        ("arn:aws:s3:*", "PE0211"),
        ("arn:aws:s3:${aws:RequestedRegion}::b", "PE0213"),
        ("reports/*", "PE0212"),
        ("aws:s3:::reports", "PE0204"),
        ("arn:aws:s3:::reports/* ", "PE0210"),
        ("arn:aws:sqs:eu-west-1:1234:q*", "PE0203"),
        ("arn:aws:s3::123456789012:reports", "PE0207"),
        ("arn:asw:s3:::*", "PE0206"),
    ],
)
def test_malformed_pattern_is_a_warning(pattern, code):
    defect = arn_pattern_defect(pattern)
    assert defect.code == code
    assert defect.severity is Severity.WARNING


def test_short_pattern_is_offered_completed():
    assert arn_pattern_defect("arn:aws:sqs").help == "write `arn:aws:sqs:*:*:*`"


@pytest.mark.parametrize("size", [10, 100_000])
def test_hostile_text_is_answered_at_once(size):
    for text in ("arn" + ":" * size, "arn:aws:" * size, " " * size, "arn:" + "*?" * size):
        arn, defect = read_arn(text)
        assert arn is None or str(arn) == text
        assert arn or len(defect.message) < 400
