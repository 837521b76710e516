"""A CloudTrail event to change, as CloudTrail writes it."""

from __future__ import annotations

from typing import Any

from policyeval.paste.cloudtrail import read_event
from policyeval.paste.pasted import NotMapped, Pasted
from policyeval.source import Location, Source

ACCOUNT, OTHER = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/care/ana"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/keeper/notebook"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/care/keeper"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

USER_IDENTITY: dict[str, Any] = {
    "type": "IAMUser",
    "principalId": "AIDACKCEVSQ6C2EXAMPLE",
    "arn": USER,
    "accountId": ACCOUNT,
    "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
    "userName": "ana",
}
SESSION_IDENTITY: dict[str, Any] = {
    "type": "AssumedRole",
    "principalId": "AROACKCEVSQ6C2EXAMPLE:notebook",
    "arn": SESSION,
    "accountId": ACCOUNT,
    "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "sessionContext": {
        "sessionIssuer": {
            "type": "Role",
            "principalId": "AROACKCEVSQ6C2EXAMPLE",
            "arn": ROLE,
            "accountId": ACCOUNT,
            "userName": "keeper",
        },
        "attributes": {"creationDate": "2026-05-04T03:02:01Z", "mfaAuthenticated": "false"},
    },
}


def event(**changes: Any) -> dict[str, Any]:
    """Give a call of kms:Decrypt by a user, with some fields changed; None leaves one out."""
    whole: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": USER_IDENTITY,
        "eventTime": "2026-05-04T03:12:13Z",
        "eventSource": "kms.amazonaws.com",
        "eventName": "Decrypt",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.9",
        "userAgent": "aws-cli/2.13.5",
        "requestParameters": {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
        "responseElements": None,
        "eventID": "11111111-2222-3333-4444-555555555555",
        "resources": [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": KEY}],
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        "tlsDetails": {"tlsVersion": "TLSv1.3"},
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def by(identity: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Give the same call by another caller."""
    return event(userIdentity=identity, **changes)


def read(given: Any) -> tuple[Pasted, ...]:
    """Give the requests of an event that has some."""
    found = read_event(given, Location(Source("trail.json", None)))
    assert isinstance(found, tuple), found
    return found


def first(given: Any) -> Pasted:
    """Give the main request of an event."""
    return read(given)[0]


def refused(given: Any) -> NotMapped:
    """Give why an event makes no request."""
    found = read_event(given, Location(Source("trail.json", None)))
    assert isinstance(found, NotMapped), found
    return found


def codes(found: Pasted | NotMapped) -> list[str]:
    """Give the codes of the findings."""
    return [finding.code for finding in found.findings]


def said(found: Pasted | NotMapped, code: str) -> str:
    """Give the message of the one finding with a code."""
    [message] = [finding.message for finding in found.findings if finding.code == code]
    return message
