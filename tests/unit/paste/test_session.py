"""Credentials, time and the other plain fields (R-CTX)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.paste.events import SESSION_IDENTITY, USER_IDENTITY, by, codes, event, first

from policyeval.paste.cloudtrail_fields import FIELD_ROWS

MFA, ISSUED = "aws:MultiFactorAuthPresent", "aws:TokenIssueTime"


def with_session(identity: dict[str, Any], **session: Any) -> dict[str, Any]:
    return by({**identity, "sessionContext": {**identity.get("sessionContext", {}), **session}})


def test_time_and_region_are_keys() -> None:
    context = first(event()).context
    assert context["aws:CurrentTime"] == "2026-05-04T03:12:13Z"
    assert context["aws:EpochTime"] == 1777864333
    assert context["aws:RequestedRegion"] == "eu-west-1"


@pytest.mark.parametrize("time", ["2026-05-04 03:12:13.000000000", "2026-05-04T05:12:13+02:00"])
def test_time_is_utc_however_it_is_written(time: str) -> None:
    assert first(event(eventTime=time)).context["aws:CurrentTime"] == "2026-05-04T03:12:13Z"


@pytest.mark.parametrize(
    "time", ["...", "yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59"]
)
def test_a_time_that_is_none_is_not_used(time: str) -> None:
    found = first(event(eventTime=time))
    assert "aws:CurrentTime" not in found.context
    assert "aws:EpochTime" not in found.context
    assert "PE1725" in codes(found)


def test_long_term_keys_have_neither_mfa_nor_time_of_issue() -> None:
    context = first(event()).context
    assert (context[MFA], context[ISSUED]) == (None, None)


def test_keys_of_an_unknown_kind_leave_mfa_open() -> None:
    context = first(by({**USER_IDENTITY, "accessKeyId": ""})).context
    assert MFA not in context
    assert ISSUED not in context


@pytest.mark.parametrize("mfa", ["true", "false"])
def test_temporary_credentials_tell_mfa(mfa: str) -> None:
    found = with_session(
        SESSION_IDENTITY,
        attributes={"mfaAuthenticated": mfa, "creationDate": "2026-05-04T03:02:01Z"},
    )
    context = first(found).context
    assert (context[MFA], context[ISSUED]) == (mfa, "2026-05-04T03:02:01Z")


def test_a_federated_identity_without_mfa_may_lack_the_key() -> None:
    federation = {"federatedProvider": "accounts.google.com"}
    context = first(with_session(SESSION_IDENTITY, webIdFederationData=federation)).context
    assert MFA not in context
    assert context["aws:FederatedProvider"] == "accounts.google.com"


def test_the_source_identity_and_the_way_of_delivery_are_keys() -> None:
    context = first(
        with_session(SESSION_IDENTITY, sourceIdentity="fay", ec2RoleDelivery="2.0")
    ).context
    assert context["aws:SourceIdentity"] == "fay"
    assert context["ec2:RoleDelivery"] == "2.0"


@pytest.mark.parametrize(
    ("issuer", "key"),
    [
        ("AWS::EC2::Instance", "ec2:SourceInstanceARN"),
        ("AWS::Lambda::Function", "lambda:SourceFunctionArn"),
    ],
)
def test_what_the_credentials_were_issued_to_is_a_key(issuer: str, key: str) -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:f"
    scope = {"issuerType": issuer, "credentialsIssuedTo": arn}
    assert first(by({**SESSION_IDENTITY, "inScopeOf": scope})).context[key] == arn


def test_an_enriched_event_tells_keys_and_tags_itself() -> None:
    found = first(
        event(
            eventContext={
                "requestContext": {"aws:sourceip": "198.51.100.7", "aws:PrincipalOrgID": "o-1"},
                "tagContext": {"principalTags": {"team": "care"}},
            }
        )
    )
    assert found.context["aws:sourceip"] == "198.51.100.7"
    assert "aws:SourceIp" not in found.context  # what IAM compared wins over the field
    assert found.context["aws:PrincipalOrgID"] == "o-1"
    assert found.to_request().context["aws:PrincipalTag/team"] == ("care",)


def test_a_hidden_field_is_said_and_not_used() -> None:
    found = first(with_session(SESSION_IDENTITY, sourceIdentity="HIDDEN_DUE_TO_SECURITY_REASONS"))
    assert "aws:SourceIdentity" not in found.context
    assert "PE1733" in codes(found)


@pytest.mark.parametrize("row", FIELD_ROWS, ids=lambda row: f"{row.field} {row.key}")
def test_every_row_of_the_table_is_read(row: Any) -> None:
    values = {
        "eventTime": "2026-05-04T03:12:13Z",
        "userIdentity.sessionContext.attributes.creationDate": "2026-05-04T03:12:13Z",
        "userIdentity.sessionContext.assumedRoot": "true",
        "userIdentity.principalId": "AROACKCEVSQ6C2EXAMPLE:notebook",
    }
    kind = row.types[0] if row.types else "AssumedRole"
    value = values.get(row.field, "some-value")
    if kind == "IAMUser":
        value = "AIDACKCEVSQ6C2EXAMPLE"
    given = by({**SESSION_IDENTITY, "type": kind, "invokedBy": "s3.amazonaws.com"})
    *steps, last = row.field.split(".")
    place = given
    for step in steps:
        place[step] = dict(place.get(step, {}))
        place = place[step]
    place[last] = value
    found = first(given)
    assert row.key in found.context
    assert found.origins[row.key] == row.field


def test_the_table_of_the_documentation_is_the_table() -> None:
    page = Path("docs/cloudtrail.md").read_text(encoding="utf-8")
    shown = [
        line
        for line in page.splitlines()
        if line.startswith(("| `eventTime`", "| `awsRegion`", "| `userIdentity"))
    ]
    assert shown == [
        f"| `{row.field}` | {row.key} | {row.certainty} | {row.reading.value} |"
        for row in FIELD_ROWS
    ]
