"""Where the call came from (R-CTX-03, R-FLOW-13)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.paste.events import ROLE, SESSION_IDENTITY, USER_IDENTITY, by, codes, event, first

ENDPOINT = "vpce-0feed0f00dcafe123"
LINKED = {
    **SESSION_IDENTITY,
    "arn": "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForRDS/SLRManagement",
    "sessionContext": {
        "sessionIssuer": {
            "type": "Role",
            "arn": "arn:aws:iam::111122223333:role/aws-service-role/rds.amazonaws.com/"
            "AWSServiceRoleForRDS",
        }
    },
}
WAY = ("aws:SourceIp", "aws:SourceVpce", "aws:VpcSourceIp", "aws:ViaAWSService")


def way(given: dict[str, Any]) -> dict[str, Any]:
    """Give the keys of the way that the event tells; a key that is unknown is not there."""
    context = first(given).context
    return {key: context[key] for key in WAY if key in context}


def test_a_public_address_is_the_source_and_there_is_no_endpoint() -> None:
    assert way(event()) == {
        "aws:SourceIp": "203.0.113.9",
        "aws:SourceVpce": None,
        "aws:VpcSourceIp": None,
        "aws:ViaAWSService": False,
    }


def test_an_endpoint_hides_the_source_and_shows_the_address_inside() -> None:
    assert way(event(sourceIPAddress="10.1.2.3", vpcEndpointId=ENDPOINT)) == {
        "aws:SourceIp": None,
        "aws:SourceVpce": ENDPOINT,
        "aws:VpcSourceIp": "10.1.2.3",
        "aws:ViaAWSService": False,
    }


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "172.31.0.9", "192.168.1.1", "100.64.0.1", "fd00::1"]
)
def test_a_private_address_without_endpoint_leaves_the_way_open(address: str) -> None:
    found = event(sourceIPAddress=address)
    assert way(found) == {"aws:ViaAWSService": False}
    assert "PE1729" in codes(first(found))


@pytest.mark.parametrize(
    "changes",
    [
        {"sourceIPAddress": "203.0.113.9"},
        {"sourceIPAddress": "10.1.2.3", "sessionCredentialFromConsole": "true"},
        {"sourceIPAddress": "10.1.2.3", "userAgent": "[S3Console/0.4, aws-internal/3]"},
    ],
)
def test_an_endpoint_that_may_be_the_consoles_leaves_the_way_open(changes: dict[str, Any]) -> None:
    found = event(vpcEndpointId=ENDPOINT, **changes)
    assert way(found) == {"aws:ViaAWSService": False}
    assert "PE1729" in codes(first(found))


@pytest.mark.parametrize("endpoint", ["AWS Internal", "athena.amazonaws.com"])
def test_a_network_of_aws_leaves_the_way_open(endpoint: str) -> None:
    found = event(vpcEndpointId=endpoint)
    assert way(found) == {"aws:ViaAWSService": False}
    assert "PE1729" in codes(first(found))


def test_a_network_activity_event_went_through_its_endpoint() -> None:
    found = event(eventType="AwsVpceEvent", vpcEndpointId=ENDPOINT, sourceIPAddress="192.0.2.1")
    assert way(found)["aws:SourceVpce"] == ENDPOINT
    assert way(found)["aws:SourceIp"] is None


def test_an_old_event_does_not_show_that_there_was_no_endpoint() -> None:
    assert way(event(eventVersion="1.03")) == {
        "aws:SourceIp": "203.0.113.9",
        "aws:ViaAWSService": False,
    }


@pytest.mark.parametrize("address", ["255.018.064.253", "redacted", "203.0.113", "1.2.3.4/8"])
def test_an_address_that_is_none_is_not_used(address: str) -> None:
    found = event(sourceIPAddress=address)
    assert "aws:SourceIp" not in way(found)
    assert "PE1725" in codes(first(found))


def test_a_service_with_a_users_credentials_calls_on_the_users_behalf() -> None:
    identity = {**USER_IDENTITY, "invokedBy": "cloudformation.amazonaws.com"}
    context = first(
        by(
            identity,
            sourceIPAddress="cloudformation.amazonaws.com",
            userAgent="cloudformation.amazonaws.com",
            vpcEndpointId=ENDPOINT,
        )
    ).context
    assert context["aws:ViaAWSService"] is True
    assert context["aws:CalledViaLast"] == "cloudformation.amazonaws.com"
    assert context["aws:SourceVpce"] is None  # R-FLOW-13: what is named is the service's own
    assert context["kms:ViaService"] == "cloudformation.eu-west-1.amazonaws.com"
    assert "aws:SourceIp" not in context
    assert "aws:UserAgent" not in context


def test_a_chain_is_not_told_by_a_service_that_is_not_known_to_tell_it() -> None:
    identity = {**USER_IDENTITY, "invokedBy": "secretsmanager.amazonaws.com"}
    context = first(by(identity, sourceIPAddress="secretsmanager.amazonaws.com")).context
    assert context["aws:ViaAWSService"] is True
    assert not any(key.startswith("aws:CalledVia") for key in context)


@pytest.mark.parametrize("service", ["cloudformation.amazonaws.com", "AWS Internal"])
def test_a_service_with_a_role_may_call_for_itself(service: str) -> None:
    found = first(by({**SESSION_IDENTITY, "invokedBy": service}, sourceIPAddress=service))
    assert "aws:ViaAWSService" not in found.context
    assert "PE1730" in codes(found)
    assert found.context["aws:PrincipalArn"] == ROLE


def test_a_service_linked_role_never_calls_on_somebodys_behalf() -> None:
    found = first(
        by({**LINKED, "invokedBy": "rds.amazonaws.com"}, sourceIPAddress="rds.amazonaws.com")
    )
    assert found.context["aws:ViaAWSService"] is False
    assert "PE1730" not in codes(found)


def test_tls_is_told_by_its_details_and_never_denied() -> None:
    assert first(event()).context["aws:SecureTransport"] is True
    assert "aws:SecureTransport" not in first(event(tlsDetails=None)).context
    s3 = event(tlsDetails=None, additionalEventData={"CipherSuite": "ECDHE-RSA-AES128-GCM-SHA256"})
    assert first(s3).context["aws:SecureTransport"] is True


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"userAgent": "aws-cli/2.13.5"}, "aws-cli/2.13.5"),
        ({"userAgent": "[aws-cli/2.13.5]", "eventSource": "s3.amazonaws.com"}, "aws-cli/2.13.5"),
        ({"userAgent": "[aws-cli/2.13.5]"}, "[aws-cli/2.13.5]"),
        ({"userAgent": "console.ec2.amazonaws.com"}, None),
        ({"userAgent": "AWS Internal"}, None),
        ({"userAgent": "x" * 1024}, None),
    ],
)
def test_an_agent_is_told_where_it_is_the_callers(
    changes: dict[str, Any], expected: str | None
) -> None:
    changes = {"eventName": "ListAllMyBuckets", **changes} if "eventSource" in changes else changes
    assert first(event(**changes)).context.get("aws:UserAgent") == expected
