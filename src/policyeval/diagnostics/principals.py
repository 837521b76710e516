"""Principals: PE04xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, NOTE, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE0401",
        ERROR,
        "unknown kind of principal",
        "Inside `Principal` there are `AWS`, `Service`, `Federated` and `CanonicalUser`.",
        wrong='"Principal": {"Aws": "123456789012"}',
        right='"Principal": {"AWS": "123456789012"}',
        rules="R-MATCH-08",
    ),
    diagnostic(
        "PE0402",
        WARNING,
        "wildcard in a principal",
        "Only the lone `*` is allowed. An ARN with a wildcard is no principal: AWS refuses "
        "it, here it names nobody. Write `*` and compare aws:PrincipalArn in a condition.",
        wrong='"AWS": "arn:aws:iam::123456789012:role/ci-*"',
        right=(
            '"Principal": "*" with "ArnLike": {"aws:PrincipalArn": '
            '"arn:aws:iam::123456789012:role/ci-*"}'
        ),
        rules="R-MATCH-08",
    ),
    diagnostic(
        "PE0403",
        WARNING,
        "wildcard in a service principal",
        "Services are named one by one.",
        wrong='"Service": "*"',
        right='"Service": "lambda.amazonaws.com"',
        rules="R-MATCH-08",
    ),
    diagnostic(
        "PE0404",
        WARNING,
        "names nobody",
        "The text is none of the forms in which a principal can be named, so it matches no "
        "caller. AWS refuses most of these when the policy is stored.",
        wrong='"AWS": "arn:aws:s3:::logs"',
        right='"AWS": "arn:aws:iam::123456789012:role/ci"',
        rules="R-ARN-04, R-MATCH-08",
    ),
    diagnostic(
        "PE0405",
        WARNING,
        "account id of a principal with the wrong number of digits",
        "An account id has twelve digits, leading zeros included.",
        wrong='"AWS": "12345678901"',
        right='"AWS": "012345678901"',
        rules="R-MATCH-08",
    ),
    diagnostic(
        "PE0406",
        WARNING,
        "group as a principal",
        "IAM groups hold permissions, they make no calls and cannot be principals. Name "
        "users or roles.",
        wrong='"AWS": "arn:aws:iam::123456789012:group/admins"',
        right='"AWS": "arn:aws:iam::123456789012:role/admins"',
        rules="R-ARN-04",
    ),
    diagnostic(
        "PE0407",
        WARNING,
        "principal under the wrong kind",
        "Accounts, users and roles stand under `AWS`, services under `Service`, identity "
        "providers under `Federated`. Under another kind the text names nobody.",
        wrong='"AWS": "lambda.amazonaws.com"',
        right='"Service": "lambda.amazonaws.com"',
        rules="R-MATCH-08",
    ),
    diagnostic(
        "PE0408",
        WARNING,
        "session without role and session name",
        "The ARN of a session is `assumed-role/ROLE/SESSION`, the role without its path. To "
        "name every session of a role, write the ARN of the role.",
        wrong='"AWS": "arn:aws:sts::123456789012:assumed-role/ci"',
        right='"AWS": "arn:aws:iam::123456789012:role/ci"',
        rules="R-ARN-04",
    ),
    diagnostic(
        "PE0409",
        ERROR,
        "Principal is a bare text",
        "`Principal` is `*` or an object that says what kind of principal is meant.",
        wrong='"Principal": "123456789012"',
        right='"Principal": {"AWS": "123456789012"}',
        rules="R-MATCH-08",
    ),
    diagnostic(
        "PE0410",
        WARNING,
        "NotPrincipal with Allow",
        "It allows everyone who is not listed, anonymous callers too. AWS does not support "
        "it; policyeval evaluates it as it reads. List who may under `Principal`.",
        wrong='{"Effect": "Allow", "NotPrincipal": {...}}',
        right='{"Effect": "Allow", "Principal": {...}}',
        rules="R-MATCH-09",
    ),
    diagnostic(
        "PE0411",
        WARNING,
        "not a service principal",
        "A service principal is a domain name such as `lambda.amazonaws.com`.",
        wrong='"Service": "lambda"',
        right='"Service": "lambda.amazonaws.com"',
        rules="R-MATCH-08",
    ),
    diagnostic(
        "PE0412",
        WARNING,
        "not a canonical user id",
        "The canonical id of an account in S3 has 64 hexadecimal digits.",
        wrong='"CanonicalUser": "123456789012"',
        right='"AWS": "123456789012"',
        rules="R-MATCH-08",
    ),
    diagnostic(
        "PE0413",
        NOTE,
        "principal that was deleted",
        "When a user or role is deleted, AWS puts its unique id in place of its ARN. A new "
        "one of the same name has another id, so this entry names nobody any more. (For a "
        "role that exists, AWS shows the ARN again.)",
        wrong='"AWS": "AROAEXAMPLEEXAMPLEID1"',
        right="take it out, or name the new role",
        rules="R-ARN-04",
    ),
    diagnostic(
        "PE0414",
        WARNING,
        "OIDC provider outside a trust policy",
        "Identities of an OIDC provider call sts:AssumeRoleWithWebIdentity and nothing else; "
        "afterwards they are sessions of a role. Name the role.",
        wrong='a bucket policy with "Federated": "arn:aws:iam::123456789012:oidc-provider/..."',
        right='"AWS": "arn:aws:iam::123456789012:role/ci"',
        rules="R-MATCH-08",
    ),
)
