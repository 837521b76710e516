"""What boto3 raises, in words; gaps, counted."""

import botocore.exceptions as aws
import pytest

from policyeval.pull.plan import STEPS
from policyeval.pull.problems import Gap, Why, code_of, gap_findings, why_not


def refused(code, message="no"):
    return aws.ClientError({"Error": {"Code": code, "Message": message}}, "GetCallerIdentity")


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (aws.NoCredentialsError(), "PE2102", "there are no credentials"),
        (
            aws.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            "PE2102",
            "AWS_SECRET_ACCESS_KEY",
        ),
        (refused("ExpiredToken"), "PE2103", "have expired"),
        (refused("ExpiredTokenException"), "PE2103", "have expired"),
        (refused("InvalidClientTokenId"), "PE2103", "does not accept"),
        (refused("SignatureDoesNotMatch"), "PE2103", "does not accept"),
        (refused("Throttling"), "PE2107", "`Throttling`"),
        (aws.SSOTokenLoadError(error_msg="gone"), "PE2103", "no valid SSO session"),
        (aws.UnauthorizedSSOTokenError(), "PE2103", "no valid SSO session"),
        (aws.TokenRetrievalError(provider="sso", error_msg="old"), "PE2103", "SSO"),
        (aws.CredentialRetrievalError(provider="process", error_msg="x"), "PE2103", "cannot be"),
        (aws.EndpointConnectionError(endpoint_url="http://a"), "PE2106", "cannot be reached"),
        (aws.ConnectTimeoutError(endpoint_url="http://a"), "PE2106", "cannot be reached"),
        (aws.ReadTimeoutError(endpoint_url="http://a"), "PE2106", "cannot be reached"),
        (aws.ConfigParseError(path="config"), "PE2107", "config"),
        (ValueError("Invalid endpoint: x"), "PE2107", "invalid endpoint: x"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_boto3_raises_gets_a_code_and_its_reason(error, code, told):
    found = why_not(error, "audit")
    assert [finding.code for finding in found.findings] == [code]
    message = found.findings[0].message
    assert told in message
    assert "\n" not in message
    assert not message.endswith(".")


def test_hint_for_sso_names_the_profile():
    error = aws.SSOTokenLoadError(error_msg="gone")
    assert "aws sso login --profile audit" in why_not(error, "audit").findings[0].help
    assert why_not(error).findings[0].help == "run `aws sso login`"


def test_messages_of_aws_cannot_steer_a_terminal():
    message = why_not(refused("ExpiredToken", "a\x1b[31m\nb")).findings[0].message
    assert message.isprintable()


@pytest.mark.parametrize(("raw", "code"), [("A", "A"), ("com.amazon#B", "B"), ("", "")])
def test_code_of_an_error_is_the_bare_word(raw, code):
    assert code_of(refused(raw)) == code


# ---- gaps -----------------------------------------------------------------------------------


def gap(step="s3:GetBucketPolicy", subject="logs", why=Why.DENIED, code="AccessDenied", place="g"):
    return Gap(why, STEPS[step], place, subject, code, "not for you")


def test_gaps_of_one_step_are_counted_and_three_are_named():
    gaps = [gap(subject=f"bucket-{number}") for number in range(5)]
    (found,) = gap_findings(gaps)
    assert found.code == "PE2110"
    assert found.message == (
        "not allowed: s3 GetBucketPolicy for `bucket-0`, `bucket-1`, `bucket-2` and 2 more"
    )
    assert found.help.startswith("not complete: resource; allow s3:GetBucketPolicy ")


def test_other_steps_reasons_and_codes_are_told_apart():
    gaps = [
        gap(),
        gap(step="kms:ListKeys", subject="", place="eu-west-1"),
        gap(why=Why.FAILED, code="InternalError"),
        gap(step="organizations:DescribeOrganization", why=Why.UNUSED, code="AWSOrg"),
    ]
    found = gap_findings(gaps)
    assert [finding.code for finding in found] == ["PE2110", "PE2110", "PE2111", "PE2112"]
    assert found[1].message == "not allowed: kms ListKeys for `eu-west-1`"
    assert found[2].message == (
        "no answer: s3 GetBucketPolicy for `logs`: `InternalError`: `not for you`"
    )
    assert [finding.severity.value for finding in found] == ["warning"] * 3 + ["note"]


def test_the_action_to_allow_is_what_iam_calls_it():
    (found,) = gap_findings([gap(step="s3:ListBuckets", subject="")])
    assert "allow s3:ListAllMyBuckets" in found.help
