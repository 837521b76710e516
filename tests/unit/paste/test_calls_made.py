"""What an event's call asks of IAM: actions, resources, keys of the parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.paste.events import (
    ACCOUNT,
    KEY,
    OTHER,
    ROLE,
    SESSION_IDENTITY,
    USER,
    by,
    codes,
    event,
    first,
    read,
    refused,
    said,
)

from policyeval.claim import Claim
from policyeval.paste.operation import without_version
from policyeval.paste.resources import fits

BUCKET, OBJECT = "arn:aws:s3:::tamagotchi", "arn:aws:s3:::tamagotchi/saves/ada.json"


def call(source: str, name: str, parameters: Any = None, **changes: Any) -> dict[str, Any]:
    changes.setdefault("resources", None)
    return event(
        eventSource=f"{source}.amazonaws.com",
        eventName=name,
        requestParameters=parameters,
        **changes,
    )


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{rest}"


CALLS = [
    json.loads(line)
    for line in Path("fixtures/cloudtrail/calls.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("row", CALLS, ids=[f"{row['source']} {row['name']}" for row in CALLS])
def test_a_call_is_its_action_on_its_resource(row: dict[str, Any]) -> None:
    found = first(call(row["source"], row["name"], row["parameters"]))
    assert (found.action, found.resource) == (row["action"], row["resource"])
    assert found.claim == Claim(allowed=True)


def test_a_listed_resource_is_not_rebuilt_and_tells_its_owner() -> None:
    listed = [
        {"type": "AWS::S3::Object", "ARN": OBJECT},
        {"type": "AWS::S3::Bucket", "ARN": BUCKET, "accountId": OTHER},
    ]
    given = call("s3", "GetObject", {"bucketName": "tamagotchi", "key": "saves/ada.json"})
    found = first({**given, "resources": listed})
    assert (found.resource, found.origins["resource"]) == (OBJECT, "resources.0.ARN")
    assert (found.resource_account, found.origins["resource_account"]) == (
        OTHER,
        "resources.1.accountId",
    )
    assert found.rebuilt == frozenset()
    assert found.to_request().resource.account == OTHER


def test_a_resource_put_together_from_parameters_is_rebuilt() -> None:
    found = first(call("s3", "GetObject", {"bucketName": "tamagotchi", "key": "saves/ada.json"}))
    assert found.rebuilt == {"resource"}


def test_an_arn_in_the_parameters_is_not_rebuilt() -> None:
    found = first(call("iam", "GetPolicy", {"policyArn": f"arn:aws:iam::{ACCOUNT}:policy/p"}))
    assert (found.rebuilt, found.origins["resource"]) == (
        frozenset(),
        "requestParameters.policyArn",
    )


def test_an_arn_inside_of_a_policy_is_not_the_resource() -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::other"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    found = read(call("s3", "PutBucketPolicy", {"bucketName": "b", "bucketPolicy": policy}))
    assert {pasted.resource for pasted in found} == {"arn:aws:s3:::b"}


def test_a_bucket_that_is_listed_otherwise_is_said() -> None:
    listed = [{"type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::other"}]
    found = first(call("s3", "DeleteBucket", {"bucketName": "tamagotchi"}, resources=listed))
    assert found.resource == "arn:aws:s3:::other"
    assert BUCKET in said(found, "PE1728")


def test_an_event_for_the_owner_tells_whose_the_resource_is() -> None:
    found = first(call("s3", "DeleteBucket", {"bucketName": "b"}, recipientAccountId=OTHER))
    assert (found.resource_account, found.origins["resource_account"]) == (
        OTHER,
        "recipientAccountId",
    )


def test_a_copy_is_two_requests_and_says_why() -> None:
    parameters = {
        "bucketName": "tamagotchi",
        "key": "saves/ada.json",
        "x-amz-copy-source": "elsewhere/old.json",
        "x-amz-server-side-encryption": "AES256",
    }
    listed = [{"type": "AWS::S3::Object", "ARN": OBJECT}]
    main, source, *_ = read(call("s3", "CopyObject", parameters, resources=listed))
    assert (main.action, main.resource, main.also) == ("s3:PutObject", OBJECT, "")
    assert (source.action, source.resource) == ("s3:GetObject", "arn:aws:s3:::elsewhere/old.json")
    assert source.also
    assert main.context["s3:x-amz-server-side-encryption"] == "AES256"
    assert "s3:x-amz-server-side-encryption" not in source.context


def test_names_of_several_things_are_several_requests() -> None:
    listed = [{"ARN": arn("ssm", f"parameter/{name}"), "accountId": ACCOUNT} for name in "ab"]
    found = read(call("ssm", "GetParameters", {"names": ["a", "b"]}, resources=listed))
    assert [pasted.resource for pasted in found] == [entry["ARN"] for entry in listed]


def test_tags_of_what_ec2_makes_are_keys_and_a_request() -> None:
    tags = {"items": [{"resourceType": "vpc", "tags": [{"key": "team", "value": "care"}]}]}
    parameters = {"cidrBlock": "10.0.0.0/16", "tagSpecificationSet": tags}
    made, tagged = read(call("ec2", "CreateVpc", parameters))
    assert (made.action, made.resource) == ("ec2:CreateVpc", arn("ec2", "vpc/*"))
    assert made.context["aws:RequestTag/team"] == "care"
    assert made.context["aws:TagKeys"] == ("team",)
    assert (tagged.action, tagged.resource) == ("ec2:CreateTags", arn("ec2", "vpc/*"))
    assert tagged.context["ec2:CreateAction"] == "CreateVpc"


def test_an_instance_is_made_of_what_request_and_answer_tell() -> None:
    parameters = {
        "instancesSet": {"items": [{"imageId": "ami-1", "keyName": "k"}]},
        "instanceType": "t3.micro",
    }
    answer = {
        "instancesSet": {
            "items": [
                {
                    "imageId": "ami-1",
                    "subnetId": "subnet-1",
                    "groupSet": {"items": [{"groupId": "sg-1"}]},
                }
            ]
        }
    }
    found = read(call("ec2", "RunInstances", parameters, responseElements=answer))
    resources = {pasted.resource for pasted in found if pasted.action == "ec2:RunInstances"}
    assert {
        arn("ec2", "instance/*"),
        "arn:aws:ec2:eu-west-1::image/ami-1",
        arn("ec2", "subnet/subnet-1"),
        arn("ec2", "security-group/sg-1"),
        arn("ec2", "key-pair/k"),
    } <= resources
    assert found[0].resource == arn("ec2", "instance/*")


def test_a_role_that_is_handed_on_is_a_request_of_its_own() -> None:
    parameters = {"functionName": "f", "role": ROLE, "runtime": "python3.12"}
    found = read(call("lambda", "CreateFunction20150331", parameters))
    assert found[0].action == "lambda:CreateFunction"
    [passed] = [pasted for pasted in found if pasted.action == "iam:PassRole"]
    assert (passed.resource, passed.context["iam:PassedToService"]) == (
        ROLE,
        "lambda.amazonaws.com",
    )


def test_session_tags_are_keys_and_a_request() -> None:
    parameters = {
        "roleArn": ROLE,
        "roleSessionName": "n",
        "externalId": "x",
        "tags": [{"key": "team", "value": "care"}],
    }
    main, tagged = read(call("sts", "AssumeRole", parameters))
    assert main.context["sts:ExternalId"] == "x"
    assert main.context["aws:RequestTag/team"] == "care"
    assert (tagged.action, tagged.resource) == ("sts:TagSession", ROLE)


def test_only_the_denied_request_of_a_call_carries_the_claim() -> None:
    parameters = {"bucketName": "b", "key": "k", "x-amz-copy-source": "c/d"}
    said = (
        "User: arn:aws:iam::111122223333:user/care/ana is not authorized to perform: s3:GetObject "
        'on resource: "arn:aws:s3:::c/d" with an explicit deny'
    )
    main, *others = read(
        call("s3", "CopyObject", parameters, errorCode="AccessDenied", errorMessage=said)
    )
    assert (main.action, main.claim) == ("s3:GetObject", Claim(True))
    assert [pasted.claim for pasted in others] == [None] * len(others)
    found = read(call("s3", "CopyObject", parameters))
    assert {pasted.claim for pasted in found} == {Claim(allowed=True)}


def test_hidden_parameters_tell_nothing() -> None:
    hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"
    parameters = {"name": "/a", "value": hidden, "tags": [{"key": hidden, "value": hidden}]}
    found = first(call("ssm", "PutParameter", parameters))
    assert hidden not in str(found.context)


def test_of_a_very_long_list_the_first_elements_are_read_and_that_is_said() -> None:
    objects = [{"key": f"k{number}"} for number in range(1000)]
    found = read(call("s3", "DeleteObjects", {"bucketName": "b", "delete": {"objects": objects}}))
    assert len(found) == 200
    assert "1000" in said(found[0], "PE1735")
    few = read(call("s3", "DeleteObjects", {"bucketName": "b", "delete": {"objects": objects[:3]}}))
    assert [pasted.resource for pasted in few] == [f"arn:aws:s3:::b/k{n}" for n in range(3)]
    assert "PE1735" not in codes(few[0])


def test_an_own_user_is_not_assumed_after_a_failure_without_parameters() -> None:
    found = first(call("iam", "CreateAccessKey", None, errorCode="LimitExceededException"))
    assert "resource" in found.missing
    assert "PE1727" in codes(found)


def test_a_session_has_no_user_of_its_own() -> None:
    found = first(
        by(
            SESSION_IDENTITY,
            eventSource="iam.amazonaws.com",
            eventName="GetUser",
            requestParameters=None,
            resources=None,
        )
    )
    assert "resource" in found.missing


@pytest.mark.parametrize(
    ("source", "name"), [("cloudtrail", "EnableRegion"), ("ec2messages", "SendHeartbeat")]
)
def test_a_call_that_is_not_known_is_not_guessed(source: str, name: str) -> None:
    found = refused(call(source, name, {}))
    assert not found.by_nature
    assert codes(found) == ["PE1732"]


@pytest.mark.parametrize(
    "changes",
    [
        {"eventType": "AwsServiceEvent"},
        {"eventType": "AwsConsoleSignIn", "eventSource": "signin.amazonaws.com"},
        {"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin"},
        {"eventType": "AwsConsoleAction", "eventSource": "billingconsole.amazonaws.com"},
        {"eventType": "AwsCloudTrailInsight"},
        {"eventSource": "sso.amazonaws.com", "eventName": "CreateToken"},
    ],
)
def test_what_is_no_api_call_is_none_by_nature(changes: dict[str, Any]) -> None:
    found = refused(event(**changes))
    assert found.by_nature
    assert found.reason
    assert found.findings == ()


@pytest.mark.parametrize("given", [None, [], "x", 5, {}, {"eventName": "GetObject"}])
def test_what_is_no_event_says_so(given: Any) -> None:
    found = refused(given)
    assert not found.by_nature
    assert "no" in found.reason


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("CreateFunction20150331", "CreateFunction"),
        ("UpdateFunctionCode20150331v2", "UpdateFunctionCode"),
        ("CreateDistribution2020_05_31", "CreateDistribution"),
        ("ListObjectsV2", "ListObjectsV2"),
        ("20150331", "20150331"),
        ("v2", "v2"),
        ("GetObject", "GetObject"),
    ],
)
def test_a_version_in_a_name_is_left_out(name: str, plain: str) -> None:
    assert without_version(name) == plain


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("s3:GetObject", OBJECT, True),
        ("s3:GetObject", BUCKET, False),
        ("s3:ListBucket", BUCKET, True),
        ("s3:ListBucket", OBJECT, False),
        ("iam:GetRole", ROLE, True),
        ("iam:GetRole", USER, False),
        ("kms:Decrypt", KEY, True),
        ("kms:Decrypt", KEY.replace(":key/", ":alias/"), False),
        ("lambda:GetFunction", arn("lambda", "function:f"), True),
        ("lambda:GetFunction", arn("lambda", "layer:f"), False),
        ("ec2:CreateSnapshot", "arn:aws:ec2:eu-west-1::snapshot/*", True),
        ("no:Such", BUCKET, False),
    ],
)
def test_an_arn_fits_an_action_by_the_catalogue(action: str, resource: str, expected: bool) -> None:
    assert fits(action, resource) is expected
