"""How the call ended: a claim, or none (R-MSG)."""

from __future__ import annotations

import pytest
from tests.unit.paste.events import ACCOUNT, KEY, OTHER, SESSION, USER, codes, event, first, said

from policyeval.claim import Claim
from policyeval.stack import Layer

OTHER_KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/ffffffff-12ab-34cd-56ef-1234567890ab"


def denied(text: str, code: str = "AccessDenied", **changes: object) -> dict[str, object]:
    return event(errorCode=code, errorMessage=text, **changes)


def message(principal: str = USER, action: str = "kms:Decrypt", resource: str = KEY) -> str:
    return (
        f"User: {principal} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )


def test_a_call_without_error_was_allowed() -> None:
    assert first(event()).claim == Claim(allowed=True)


def test_a_denial_claims_what_its_message_says() -> None:
    found = first(denied(message()))
    assert found.claim == Claim(explicit=False, layer=Layer.IDENTITY_POLICY)
    assert (found.principal, found.action, found.resource) == (USER, "kms:Decrypt", KEY)
    assert "PE1728" not in codes(found)


@pytest.mark.parametrize(
    "code", ["AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation"]
)
def test_a_denial_without_a_reason_claims_no_layer(code: str) -> None:
    assert first(denied("Access Denied", code)).claim == Claim()
    assert first(event(errorCode=code)).claim == Claim()


def test_a_denial_of_the_endpoint_policy_names_that_layer() -> None:
    text = "The request was denied due to a VPC endpoint policy"
    found = first(denied(text, "VpceAccessDenied", eventType="AwsVpceEvent"))
    assert found.claim == Claim(layer=Layer.VPC_ENDPOINT_POLICY)


def test_a_network_activity_event_without_error_tells_no_outcome() -> None:
    found = first(event(eventType="AwsVpceEvent"))
    assert found.claim is None
    assert "PE1731" in codes(found)


def test_a_dry_run_that_would_have_succeeded_was_allowed() -> None:
    text = "Request would have succeeded, but DryRun flag is set."
    assert first(denied(text, "Client.DryRunOperation")).claim == Claim(allowed=True)


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "NoSuchBucketPolicy", "Client.InvalidParameterValue", "New"]
)
def test_another_error_claims_nothing(code: str) -> None:
    found = first(denied("something else", code))
    assert found.claim is None
    assert code in said(found, "PE1731")


def test_an_error_message_without_code_claims_nothing() -> None:
    assert first(event(errorMessage="Failed authentication")).claim is None


def test_a_setting_of_the_account_is_no_denial_by_policies() -> None:
    found = first(denied("IAM user access not activated"))
    assert found.claim is None
    assert "PE1734" in codes(found)


def test_a_message_about_another_principal_names_both() -> None:
    found = first(denied(message(principal=SESSION.replace(ACCOUNT, OTHER))))
    assert found.principal == USER
    assert OTHER in said(found, "PE1728")
    assert USER in said(found, "PE1728")


def test_a_message_about_another_resource_names_both_and_wins() -> None:
    found = first(denied(message(resource=OTHER_KEY)))
    assert (found.resource, found.origins["resource"]) == (OTHER_KEY, "errorMessage")
    assert KEY in said(found, "PE1728")
    assert OTHER_KEY in said(found, "PE1728")


def test_the_resource_of_a_message_fills_what_the_event_lacks() -> None:
    found = first(denied(message(), resources=None))
    assert found.resource == KEY
    assert "PE1728" not in codes(found)


def test_a_message_about_another_action_puts_that_request_first() -> None:
    found = first(denied(message(action="kms:GenerateDataKey")))
    assert (found.action, found.resource) == ("kms:GenerateDataKey", KEY)
    assert found.claim == Claim(explicit=False, layer=Layer.IDENTITY_POLICY)
    assert "kms:Decrypt" in said(found, "PE1728")


def test_the_remarks_on_a_message_are_remarks_on_the_event() -> None:
    text = f"You are not authorized to perform this operation. {message()}. "
    text += "Encoded authorization failure message: 4bOuF1XPUeAuJ5hT01yK11Pxp79m9wk5Z"
    assert "PE1705" in codes(first(denied(text, "Client.UnauthorizedOperation")))
