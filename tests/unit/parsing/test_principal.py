import pytest

from policyeval.parsing.principal import read_principal
from policyeval.policy import PrincipalPattern

A = "123456789012"
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("AWS", "*"),
        ("AWS", A),
        ("AWS", f"arn:aws:iam::{A}:root"),
        ("AWS", f"arn:aws:iam::{A}:user/path/Ana"),
        ("AWS", f"arn:aws-cn:iam::{A}:role/ci"),
        ("AWS", f"arn:aws:sts::{A}:assumed-role/ci/build-1"),
        ("AWS", f"arn:aws:sts::{A}:federated-user/Ana"),
        ("AWS", f"arn:aws:sts::{A}:self"),
        ("AWS", "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"),
        ("Service", "lambda.amazonaws.com"),
        ("Service", "delivery.logs.amazonaws.com"),
        ("Federated", "accounts.google.com"),
        ("Federated", "login.example.com/v2.0"),
        ("Federated", f"arn:aws:iam::{A}:saml-provider/Corp"),
        ("Federated", f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"),
        ("CanonicalUser", CANONICAL),
    ],
)
def test_principal_forms(kind, text):
    assert read_principal(kind, text) == (PrincipalPattern(kind, text), None)


@pytest.mark.parametrize(
    ("kind", "text", "code", "place"),
    [
        ("AWS", f"arn:aws:iam::{A}:role/*", "PE0402", "*"),
        ("AWS", "arn:aws:iam::*:root", "PE0402", "*"),
        ("Federated", f"arn:aws:iam::{A}:saml-provider/?", "PE0402", "?"),
        ("Service", "*", "PE0403", "*"),
        ("Service", "*.amazonaws.com", "PE0403", "*.amazonaws.com"),
        ("AWS", "Ana", "PE0404", "Ana"),
        ("AWS", "arn:aws:s3:::reports", "PE0404", "reports"),
        ("AWS", f"arn:aws:iam::{A}:role/", "PE0404", "role/"),
        ("AWS", "arn:aws:iam::aws:role/x", "PE0404", "role/x"),
        ("AWS", "arn:aws:iam::cloudfront:role/x", "PE0404", "role/x"),
        ("AWS", f"arn:aws:sts::{A}:session", "PE0404", "session"),
        ("Federated", "google", "PE0404", "google"),
        ("Federated", f"arn:aws:iam::{A}:role/ci", "PE0404", "role/ci"),
        ("AWS", "12345678901", "PE0405", "12345678901"),
        ("AWS", f"arn:aws:iam::{A}:group/admins", "PE0406", "group/admins"),
        ("AWS", "lambda.amazonaws.com", "PE0407", "lambda.amazonaws.com"),
        ("AWS", f"arn:aws:iam::{A}:saml-provider/C", "PE0407", f"arn:aws:iam::{A}:saml-provider/C"),
        ("Service", A, "PE0407", A),
        ("AWS", f"arn:aws:sts::{A}:assumed-role/ci", "PE0408", "assumed-role/ci"),
        ("AWS", f"arn:aws:sts::{A}:assumed-role/path/ci/s", "PE0408", "assumed-role/path/ci/s"),
        ("Service", "lambda", "PE0411", "lambda"),
        ("CanonicalUser", A, "PE0412", A),
        ("AWS", "AROAEXAMPLEEXAMPLEID1", "PE0413", "AROAEXAMPLEEXAMPLEID1"),
        ("AWS", f"arn:aws:iam:{A}:role/ci", "PE0201", ":"),
        ("AWS", f"aws:iam::{A}:role/ci", "PE0204", "aws"),
        ("Federated", "arn:aws:iam::1234:saml-provider/C", "PE0203", "1234"),
    ],
)
def test_what_is_no_principal_names_nobody(kind, text, code, place):
    pattern, defect = read_principal(kind, text)
    assert pattern == PrincipalPattern(kind, text)
    assert defect.code == code
    assert defect.severity.value == ("note" if code == "PE0413" else "warning")
    assert text[defect.span.start : defect.span.end] == place
