"""Which form a pasted text has."""

import json

import pytest

from policyeval.paste.pasted import NotMapped
from policyeval.paste.read import read_paste


@pytest.mark.parametrize("records", [[None], [1, None, []], [[None]]])
def test_records_that_are_no_events_are_said_to_be_none(records):
    found = read_paste(json.dumps({"Records": records}).encode(), "trail.json")
    assert found
    assert all(isinstance(each, NotMapped) and each.reason for each in found)


def copy(message):
    arn = "arn:aws:iam::111122223333:user/ana"
    return {
        "userIdentity": {"type": "IAMUser", "arn": arn, "accountId": "111122223333"},
        "eventSource": "s3.amazonaws.com",
        "eventName": "CopyObject",
        "errorCode": "AccessDenied",
        "errorMessage": message,
        "requestParameters": {"bucketName": "to", "key": "k", "x-amz-copy-source": "from/k"},
    }


def test_a_denial_without_an_action_is_claimed_for_no_request_of_several():
    found = read_paste(json.dumps(copy("Access Denied")).encode(), "trail.json")
    assert [(each.action, each.claim) for each in found] == [
        ("s3:PutObject", None),
        ("s3:GetObject", None),
    ]
    assert "PE1731" in [finding.code for finding in found[0].findings]
