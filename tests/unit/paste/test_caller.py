"""Who made the call: `userIdentity` (R-CTX-01)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.paste.events import (
    ACCOUNT,
    OTHER,
    ROLE,
    SESSION,
    SESSION_IDENTITY,
    USER,
    USER_IDENTITY,
    by,
    codes,
    first,
    read,
    refused,
    said,
)

OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
SUBJECT = "repo:pets/care:ref:refs/heads/main"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/fay"
ASSUME = {"eventSource": "sts.amazonaws.com", "resources": None}


def test_a_user_is_its_arn_with_its_path() -> None:
    found = first(by(USER_IDENTITY))
    assert (found.principal, found.origins["principal"]) == (USER, "userIdentity.arn")
    assert found.context["aws:userid"] == "AIDACKCEVSQ6C2EXAMPLE"
    assert found.to_request().context["aws:username"] == ("ana",)


def test_a_user_without_arn_is_put_together_and_said_to_be() -> None:
    identity = {key: value for key, value in USER_IDENTITY.items() if key != "arn"}
    found = first(by(identity))
    assert found.principal == f"arn:aws:iam::{ACCOUNT}:user/ana"
    assert found.rebuilt == {"principal"}


def test_a_session_tells_the_path_of_its_role() -> None:
    found = first(by(SESSION_IDENTITY))
    assert found.principal == SESSION
    assert found.context["aws:PrincipalArn"] == ROLE
    assert found.context["aws:userid"] == "AROACKCEVSQ6C2EXAMPLE:notebook"
    assert found.to_request().principal.path_known


def test_a_session_without_arn_is_put_together_from_its_role() -> None:
    identity = {key: value for key, value in SESSION_IDENTITY.items() if key != "arn"}
    found = first(by(identity))
    assert (found.principal, found.rebuilt) == (SESSION, {"principal"})
    found = first(by({key: value for key, value in identity.items() if key != "principalId"}))
    assert (found.principal, found.rebuilt) == (ROLE, {"principal"})


def test_a_session_of_another_role_than_its_issuer_says_so() -> None:
    issuer = {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/vet"}
    found = first(by({**SESSION_IDENTITY, "sessionContext": {"sessionIssuer": issuer}}))
    assert "aws:PrincipalArn" not in found.context
    assert "role/vet" in said(found, "PE1728")
    assert "assumed-role/keeper/notebook" in said(found, "PE1728")


def test_names_in_lower_case_are_understood() -> None:
    def lowered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key.lower(): lowered(item) for key, item in value.items()}
        return value

    found, usual = first(by(lowered(SESSION_IDENTITY))), first(by(SESSION_IDENTITY))
    assert (found.principal, found.context) == (usual.principal, usual.context)


@pytest.mark.parametrize(
    "identity",
    [
        {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT},
        {"type": "Root", "accountId": ACCOUNT},
    ],
)
def test_root_is_the_account(identity: dict[str, Any]) -> None:
    found = first(by(identity))
    assert (found.principal, found.rebuilt) == (f"arn:aws:iam::{ACCOUNT}:root", frozenset())


def test_a_root_session_of_assume_root_says_so() -> None:
    identity = {"type": "Root", "accountId": ACCOUNT, "sessionContext": {"assumedRoot": "true"}}
    assert first(by(identity)).context["aws:AssumedRoot"] is True


def test_a_federated_user_has_its_issuer() -> None:
    identity = {
        "type": "FederatedUser",
        "arn": FEDERATED,
        "accountId": ACCOUNT,
        "sessionContext": {"sessionIssuer": {"type": "IAMUser", "arn": USER}},
    }
    found = first(by(identity))
    assert (found.principal, found.issuer) == (FEDERATED, USER)
    assert found.to_request().principal.issuer == USER


def test_a_caller_of_another_account_is_known_by_id_alone() -> None:
    identity = {"type": "AWSAccount", "accountId": OTHER, "principalId": "AROAEXAMPLE:vet"}
    found = first(by(identity, sharedEventID="abc"))
    assert found.missing == ("principal",)
    assert OTHER in said(found, "PE1726")
    assert "sharedEventID `abc`" in said(found, "PE1726")


@pytest.mark.parametrize(
    "identity",
    [
        {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"},
        {"type": "AWSAccount", "principalId": "ANONYMOUS_PRINCIPAL", "accountId": ""},
    ],
)
def test_an_anonymous_caller_is_anyone(identity: dict[str, Any]) -> None:
    assert first(by(identity)).principal == "*"


def test_a_service_is_its_principal() -> None:
    identity = {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}
    found = first(by(identity, sourceIPAddress="cloudtrail.amazonaws.com"))
    assert found.principal == "cloudtrail.amazonaws.com"
    assert "aws:ViaAWSService" not in found.context
    assert found.to_request().context["aws:PrincipalIsAWSService"] == ("true",)


def test_a_service_that_is_not_named_is_missing() -> None:
    found = first(by({"type": "AWSService", "invokedBy": "AWS Internal"}))
    assert found.missing == ("principal",)


def test_the_source_of_a_services_call_is_a_key() -> None:
    scope = {"sourceArn": f"arn:aws:s3:::{ACCOUNT}-logs", "sourceAccount": ACCOUNT}
    identity = {"type": "AWSService", "invokedBy": "s3.amazonaws.com", "inScopeOf": scope}
    found = first(by(identity))
    assert found.context["aws:SourceArn"] == f"arn:aws:s3:::{ACCOUNT}-logs"
    assert found.context["aws:SourceAccount"] == ACCOUNT
    assert "aws:SourceArn" not in first(by({**SESSION_IDENTITY, "inScopeOf": scope})).context


def test_a_web_identity_is_its_provider_with_subject_and_audience() -> None:
    identity = {
        "type": "WebIdentityUser",
        "principalId": f"{OIDC}:sts.amazonaws.com:{SUBJECT}",
        "userName": SUBJECT,
        "identityProvider": OIDC,
    }
    found = first(
        by(
            identity,
            eventName="AssumeRoleWithWebIdentity",
            requestParameters={"roleArn": ROLE, "roleSessionName": "ci"},
            **ASSUME,
        )
    )
    assert found.principal == OIDC
    assert found.context["token.actions.githubusercontent.com:sub"] == SUBJECT
    assert found.context["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    assert (found.action, found.resource) == ("sts:AssumeRoleWithWebIdentity", ROLE)


def test_a_plain_provider_tells_the_subject_but_not_which_claim_is_the_audience() -> None:
    identity = {
        "type": "WebIdentityUser",
        "principalId": "accounts.google.com:app.example.com:1234",
        "userName": "1234",
        "identityProvider": "accounts.google.com",
    }
    found = first(
        by(
            identity,
            eventName="AssumeRoleWithWebIdentity",
            requestParameters={"roleArn": ROLE},
            **ASSUME,
        )
    )
    assert found.principal == "accounts.google.com"
    assert found.context["accounts.google.com:sub"] == "1234"
    assert "accounts.google.com:aud" not in found.context


def test_a_saml_user_is_its_provider() -> None:
    identity = {
        "type": "SAMLUser",
        "principalId": "SampleUkh1i4+ExamplexL/jEvs=:fay",
        "userName": "fay",
        "identityProvider": "SampleUkh1i4+ExamplexL/jEvs=",
    }
    found = first(
        by(
            identity,
            eventName="AssumeRoleWithSAML",
            requestParameters={"principalArn": SAML, "roleArn": ROLE},
            responseElements={
                "issuer": "https://idp.example.com",
                "audience": "https://signin.aws.amazon.com/saml",
                "subjectType": "transient",
            },
            **ASSUME,
        )
    )
    assert (found.principal, found.resource) == (SAML, ROLE)
    keys = {key: value for key, value in found.context.items() if key.startswith("saml:")}
    assert keys == {
        "saml:namequalifier": "SampleUkh1i4+ExamplexL/jEvs=",
        "saml:sub": "fay",
        "saml:iss": "https://idp.example.com",
        "saml:aud": "https://signin.aws.amazon.com/saml",
        "saml:sub_type": "transient",
    }


def test_a_user_of_identity_center_makes_no_request_of_iam() -> None:
    found = refused(by({"type": "IdentityCenterUser", "accountId": ACCOUNT}))
    assert found.by_nature
    assert "token" in found.reason


@pytest.mark.parametrize("kind", ["Directory", "Unknown", "SomethingNew"])
def test_a_type_without_arn_is_missing_with_its_name(kind: str) -> None:
    found = first(by({"type": kind, "accountId": ACCOUNT, "principalId": "x"}))
    assert found.missing == ("principal",)
    assert kind in said(found, "PE1726")


def test_a_type_not_known_with_an_arn_is_that_arn() -> None:
    assert first(by({"type": "SomethingNew", "arn": USER})).principal == USER


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::1234:user/ana",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/keeper",
        f"arn:aws:sts::{ACCOUNT}:user/ana",
        "ana",
    ],
)
def test_an_arn_that_names_no_principal_is_not_used(arn: str) -> None:
    found = first(by({**USER_IDENTITY, "arn": arn}))
    assert found.missing == ("principal",)
    assert {"PE1725", "PE1726"} <= set(codes(found))


def test_an_account_that_is_not_the_arns_is_said() -> None:
    found = first(by({**USER_IDENTITY, "accountId": OTHER}))
    assert found.principal == USER
    assert OTHER in said(found, "PE1728")
    assert ACCOUNT in said(found, "PE1728")


def test_the_id_of_another_kind_of_caller_is_not_used() -> None:
    found = first(by({**USER_IDENTITY, "principalId": "AROAEXAMPLE:session"}))
    assert "aws:userid" not in found.context
    assert "PE1725" in codes(found)


def test_all_requests_of_a_call_have_its_caller() -> None:
    found = read(by(SESSION_IDENTITY))
    assert {pasted.principal for pasted in found} == {SESSION}
