"""Sizes, and what a kind of policy may have: PE05xx and PE06xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE0501",
        WARNING,
        "document past its size limit",
        "Each kind of policy has a limit in characters; for IAM's own policies and trust "
        "policies white space does not count. AWS refuses to store a longer one. It is "
        "evaluated here all the same. AWS's own managed policies are exempt.",
        rules="R-LANG-08",
    ),
    diagnostic(
        "PE0601",
        ERROR,
        "Principal where none may stand",
        "Identity-based policies, permissions boundaries, session policies and SCPs speak "
        "about whoever they are attached to. AWS refuses `Principal` in them.",
        wrong='an identity-based policy with "Principal": "*"',
        right="the statement without `Principal`",
        rules="R-LANG-04",
    ),
    diagnostic(
        "PE0602",
        ERROR,
        "Principal missing",
        "Resource-based policies, role trust policies, VPC endpoint policies and RCPs say in "
        "every statement about whom they speak.",
        wrong='{"Effect": "Allow", "Action": "sts:AssumeRole"}',
        right=(
            '{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": '
            '"sts:AssumeRole"}'
        ),
        rules="R-LANG-04",
    ),
    diagnostic(
        "PE0603",
        ERROR,
        "NotPrincipal where it may not stand",
        "`NotPrincipal` belongs to resource-based and VPC endpoint policies. Elsewhere use a "
        "condition on aws:PrincipalArn.",
        wrong='an SCP with "NotPrincipal": {...}',
        right='"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}',
        rules="R-LANG-04, R-MATCH-09",
    ),
    diagnostic(
        "PE0604",
        ERROR,
        "Resource in a role trust policy",
        "The resource of a trust policy is the role that carries it. AWS refuses the element.",
        wrong='a trust policy with "Resource": "*"',
        right="the statement without `Resource`",
        rules="R-LANG-03",
    ),
    diagnostic(
        "PE0605",
        ERROR,
        "RCP without Version",
        "A resource control policy must carry `Version`.",
        wrong='{"Statement": [...]}',
        right='{"Version": "2012-10-17", "Statement": [...]}',
        rules="R-LANG-01",
    ),
    diagnostic(
        "PE0606",
        ERROR,
        "Allow in an RCP",
        "Resource control policies only take away. The one that allows everything, "
        "RCPFullAWSAccess, belongs to AWS and is attached everywhere.",
        wrong='"Effect": "Allow"',
        right='"Effect": "Deny", with the condition turned round',
        rules="R-LANG-04",
    ),
    diagnostic(
        "PE0607",
        ERROR,
        "principals in an RCP",
        "The `Principal` of a resource control policy is `*`. Exceptions stand in the condition.",
        wrong='"Principal": {"AWS": "123456789012"}',
        right='"Principal": "*" with a condition on aws:PrincipalAccount',
        rules="R-LANG-04",
    ),
    diagnostic(
        "PE0608",
        ERROR,
        "NotAction in an RCP",
        "Resource control policies list actions; `NotAction` is not supported in them.",
        wrong='"NotAction": "s3:*"',
        right='"Action": ["sqs:*", "kms:*"]',
        rules="R-LANG-04",
    ),
    diagnostic(
        "PE0609",
        WARNING,
        "resource-based policy without Resource",
        "Repositories of ECR take such a policy: it speaks about the resource that carries "
        "it. Most other services refuse it.",
        wrong='{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}',
        right='with "Resource": "arn:aws:s3:::logs/*"',
        rules="R-LANG-03",
    ),
)
