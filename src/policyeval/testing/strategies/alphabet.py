"""A small world: few principals, actions, resources and keys, so that draws meet often."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from policyeval.policy import PolicyType
from policyeval.stack import Layer, Organization

Document = dict[str, Any]
"""A policy document or a part of one, as JSON has it."""

Levels = tuple[tuple[Document, ...], ...]
"""The documents of a layer, level by level."""

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/ana"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/dev/s1"
OTHER_SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/dev/s2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/dev"
FEDERATED_USER = f"arn:aws:sts::{ACCOUNT}:federated-user/fay"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
STRANGER = f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob"
SERVICE = "lambda.amazonaws.com"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
CANONICAL_ID = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"

PRINCIPALS = (USER, SESSION, ROLE, FEDERATED_USER, ROOT, STRANGER, SERVICE, SAML, "*")
LISTED_PRINCIPALS: tuple[Any, ...] = (
    "*",
    {"AWS": "*"},
    {"AWS": ACCOUNT},
    {"AWS": [ROOT, STRANGER]},
    {"AWS": USER},
    {"AWS": [ROLE, USER]},
    {"AWS": SESSION},
    {"AWS": FEDERATED_USER},
    {"AWS": OTHER_ACCOUNT},
    {"Service": SERVICE},
    {"Federated": SAML},
    {"CanonicalUser": CANONICAL_ID},
)

OBJECT, BUCKET = "arn:aws:s3:::shop/ana/list", "arn:aws:s3:::shop"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0a"
REQUESTS = (
    ("s3:GetObject", OBJECT),
    ("s3:PutObject", OBJECT),
    ("s3:ListBucket", BUCKET),
    ("s3:ListAllMyBuckets", "*"),
    ("s3:GetBucketPolicy", BUCKET),
    ("sqs:SendMessage", QUEUE),
    ("kms:Decrypt", KEY),
    ("kms:ListKeys", "*"),
    ("iam:GetUser", USER),
    ("sts:AssumeRole", ROLE),
    ("sts:GetCallerIdentity", "*"),
)
ACTION_PATTERNS = (
    "*",
    "s3:*",
    "s3:Get*",
    "s3:?etObject",
    "s3:PutObject",
    "sqs:SendMessage",
    "kms:*",
    "sts:*",
    "iam:Get?ser",
    "*:*",
)
TRUST_ACTIONS = ("sts:AssumeRole", "sts:*", "sts:TagSession", "sts:AssumeRoleWithSAML")
RESOURCE_PATTERNS = (
    "*",
    OBJECT,
    "arn:aws:s3:::shop/*",
    "arn:aws:s3:::sh?p*",
    "arn:aws:s3:::shop/${aws:username}/*",
    "arn:aws:s3:::${aws:PrincipalTag/team, 'shop'}/*",
    "arn:*:*:*:*:*",
    f"arn:aws:sqs:*:{ACCOUNT}:*",
    "arn:aws:kms:*:*:key/*",
    f"arn:aws:iam::{ACCOUNT}:*",
)

ARNS = (ROLE, f"arn:aws:iam::{ACCOUNT}:role/ops", BUCKET, "nonsense")
KEY_VALUES: dict[str, tuple[str, ...]] = {
    "s3:prefix": ("a", "b", "A", "ab", "", "x", "y", "zz"),
    "aws:PrincipalTag/team": ("a", "shop", "*"),
    "aws:TagKeys": ("a", "b", "ab"),
    "s3:max-keys": ("0", "5", "5.0", "7", "x"),
    "aws:CurrentTime": ("2026-01-01T00:00:00Z", "2026-03-01T12:00:00Z", "1767225600"),
    "aws:SecureTransport": ("true", "false", "True"),
    "aws:SourceIp": ("10.1.2.3", "192.0.2.1", "2001:db8::1"),
    "aws:SourceArn": ARNS,
    "aws:SourceVpce": ("vpce-1", "vpce-2"),
    "aws:AssumedRoot": ("true", "false"),
    "app:digest": ("YQ==", "Yg==", "!"),
}
"""The keys of the alphabet. aws:TagKeys alone carries several values."""

MULTIVALUED = "aws:TagKeys"
_TEXTS = (
    *("a", "b", "A", "a*", "?", "", "x", "s*", "*e*", "vpce-1"),
    *("${aws:username}", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/team, 'a'}"),
)
_COMPARISONS = (
    *("Equals", "NotEquals", "LessThan"),
    *("LessThanEquals", "GreaterThan", "GreaterThanEquals"),
)
_STRING_KEYS = ("s3:prefix", "aws:PrincipalTag/team", MULTIVALUED, "aws:SourceVpce")
FAMILIES: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    # operators, keys they are made for, values
    (
        (
            *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
            *("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
        ),
        _STRING_KEYS,
        _TEXTS,
    ),
    (
        tuple(f"Numeric{how}" for how in _COMPARISONS),
        ("s3:max-keys",),
        ("0", "5", "5.00", "-1", "x"),
    ),
    (
        tuple(f"Date{how}" for how in _COMPARISONS),
        ("aws:CurrentTime",),
        ("2026-01-01", "2026-03-01T12:00:00+00:00", "1767225600", "never"),
    ),
    (("Bool",), ("aws:SecureTransport",), ("true", "false", "TRUE")),
    (("BinaryEquals",), ("app:digest",), ("YQ==", "Yg==", "!")),
    (
        ("IpAddress", "NotIpAddress"),
        ("aws:SourceIp",),
        ("10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "0.0.0.0/0", "x"),
    ),
    (
        ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
        ("aws:SourceArn",),
        (ROLE, "arn:aws:iam::*:role/*", "arn:aws:s3:::*", "arn:aws:*", "*"),
    ),
    (("Null",), tuple(KEY_VALUES), ("true", "false")),
)

TYPES = {
    Layer.RESOURCE_CONTROL_POLICY: PolicyType.RCP,
    Layer.SERVICE_CONTROL_POLICY: PolicyType.SCP,
    Layer.VPC_ENDPOINT_POLICY: PolicyType.VPC_ENDPOINT,
    Layer.RESOURCE_POLICY: None,  # a trust policy for some requests
    Layer.IDENTITY_POLICY: PolicyType.IDENTITY,
    Layer.PERMISSIONS_BOUNDARY: PolicyType.BOUNDARY,
    Layer.SESSION_POLICY: PolicyType.SESSION,
}

WITH_PRINCIPAL = frozenset(
    (PolicyType.RESOURCE, PolicyType.VPC_ENDPOINT, PolicyType.RCP, PolicyType.TRUST)
)


def holdings(key: str) -> tuple[Any, ...]:
    """Give what a key of the alphabet may hold: one value, and several where it may."""
    values = KEY_VALUES[key]
    if key == MULTIVALUED:
        return (*([value] for value in values), *map(list, permutations(values, 2)))
    return values


HOLDINGS = {key: holdings(key) for key in KEY_VALUES}

ORGANIZATIONS = (
    None,
    None,
    Organization("o-1", OTHER_ACCOUNT, frozenset((ACCOUNT, OTHER_ACCOUNT))),
    Organization("o-1", "", frozenset((ACCOUNT,))),
)
