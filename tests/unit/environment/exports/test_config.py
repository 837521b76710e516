"""AWS Config's items: snapshots, histories, query results."""

import json

import pytest
from tests.unit.environment.exports.exporting import (
    ACCOUNT,
    ALLOW,
    allow,
    codes,
    place,
    read,
    refused,
)

from policyeval.parsing.write import policy_to_dict

BUCKET = "arn:aws:s3:::logs"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
GRANT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": BUCKET}],
}


def item(kind="AWS::S3::Bucket", arn=BUCKET, **more):
    return {
        "resourceType": kind,
        "ARN": arn,
        "resourceId": arn.rpartition(":")[2],
        "awsAccountId": ACCOUNT,
        "awsRegion": "eu-west-1",
        "configurationItemStatus": "OK",
        "configuration": {},
        "supplementaryConfiguration": {},
    } | more


def bucket(policy, **more):
    text = json.dumps(policy) if policy is not None else None
    return item(supplementaryConfiguration={"BucketPolicy": {"policyText": text}}, **more)


def role(document, time="2026-01-01T00:00:00Z", **more):
    inline = [{"policyName": "main", "policyDocument": json.dumps(document)}]
    configuration = {"arn": ROLE, "roleName": "deploy", "rolePolicyList": inline}
    return item(
        "AWS::IAM::Role",
        ROLE,
        configuration=configuration,
        configurationItemCaptureTime=time,
        **more,
    )


def snapshot(*items):
    return {"s.json": {"fileVersion": "1.0", "configurationItems": list(items)}}


def only(environment):
    (found,) = environment.resources.values()
    return found


def test_a_bucket_comes_with_its_policy_owner_region_and_tags(tmp_path):
    found = only(read(tmp_path, snapshot(bucket(GRANT, tags={"data": "internal"}))))
    assert (found.arn, found.owner, found.region) == (BUCKET, ACCOUNT, "eu-west-1")
    assert found.tags == {"data": "internal"}
    assert policy_to_dict(found.policy[0].policy)["Statement"][0]["Principal"] == "*"


def test_no_policy_and_nothing_told_of_one_are_two_things(tmp_path):
    assert only(read(tmp_path, snapshot(bucket(None)))).policy == ()
    assert only(read(tmp_path, snapshot(item()))).policy is None


@pytest.mark.parametrize(
    ("kind", "arn", "more"),
    [
        ("AWS::SQS::Queue", "sqs:eu-west-1:{}:q", {"configuration": {"Policy": json.dumps(GRANT)}}),
        ("AWS::SQS::Queue", "sqs:eu-west-1:{}:q", {"configuration": {"Policy": GRANT}}),
        ("AWS::SNS::Topic", "sns:eu-west-1:{}:t", {"configuration": {"Policy": json.dumps(GRANT)}}),
        (
            "AWS::KMS::Key",
            "kms:eu-west-1:{}:key/0a",
            {"supplementaryConfiguration": {"Policy": json.dumps(GRANT)}},
        ),
        (
            "AWS::Lambda::Function",
            "lambda:eu-west-1:{}:function:f",
            {"supplementaryConfiguration": {"Policy": json.dumps({"policyContent": GRANT})}},
        ),
        (
            "AWS::ECR::Repository",
            "ecr:eu-west-1:{}:repository/r",
            {"configuration": {"RepositoryPolicyText": GRANT}},
        ),
    ],
)  # fmt: skip
def test_resources_come_with_their_policies(tmp_path, kind, arn, more):
    arn = "arn:aws:" + arn.format(ACCOUNT)
    found = only(read(tmp_path, snapshot(item(kind, arn, **more))))
    assert (found.arn, found.owner) == (arn, ACCOUNT)
    assert found.policy[0].policy is not None


def test_what_the_command_line_prints_as_texts_is_the_same(tmp_path):
    whole = role(ALLOW)
    whole["configuration"]["attachedManagedPolicies"] = []
    texts = whole | {
        "configuration": json.dumps(whole["configuration"]),
        "accountId": whole.pop("awsAccountId"),
    }
    result = json.dumps({k: v for k, v in whole.items() if k != "configurationItemStatus"})
    for files in (snapshot(texts), {"r.json": {"Results": [result], "QueryInfo": {}}}):
        environment = read(tmp_path, files)
        (document,) = environment.identities["deploy"].policies
        assert document.policy is not None


def test_a_query_that_leaves_out_policies_is_refused(tmp_path):
    part = role(ALLOW)
    del part["configuration"]["rolePolicyList"]
    findings = refused(tmp_path, {"r.json": {"Results": [json.dumps(part)], "QueryInfo": {}}})
    assert "rolePolicyList" in findings[0].message


def test_the_latest_state_counts_whatever_the_order(tmp_path):
    old, new = role(allow("s3:*")), role(allow("ec2:*"), "2026-02-01T00:00:00+01:00")
    for items in ((old, new), (new, old)):
        (document,) = read(tmp_path, snapshot(*items)).identities["deploy"].policies
        assert policy_to_dict(document.policy)["Statement"][0]["Action"] == "ec2:*"


def test_what_was_deleted_is_gone_unless_it_came_back(tmp_path):
    deleted = role(ALLOW, "2026-02-01T00:00:00Z") | {"configurationItemStatus": "ResourceDeleted"}
    assert read(tmp_path, snapshot(role(ALLOW), deleted)).identities == {}
    again = role(ALLOW, "2026-03-01T00:00:00Z")
    assert list(read(tmp_path, snapshot(again, deleted, role(ALLOW))).identities) == ["deploy"]


def test_types_without_a_reader_are_counted(tmp_path):
    other = "AWS::EC2::SecurityGroup"
    environment = read(tmp_path, snapshot(item(other), item(other), bucket(None)))
    (finding,) = environment.load_findings
    assert finding.code == "PE1807"
    assert f"`{other}` (2)" in finding.message


@pytest.mark.parametrize(
    ("entry", "pointer"),
    [
        ({"ARN": BUCKET}, "/configurationItems/0"),
        (item(arn="nonsense"), "/configurationItems/0/ARN"),
        (item("AWS::IAM::Role", ROLE, configuration=None), "/configurationItems/0"),
        (item(configuration="{"), "/configurationItems/0/configuration"),
        (item(supplementaryConfiguration=[]), "/configurationItems/0/supplementaryConfiguration"),
        (role(5) | {"configuration": {"arn": 5}}, "/configurationItems/0/configuration/arn"),
    ],
)
def test_what_does_not_fit_is_an_error_at_its_place(tmp_path, entry, pointer):
    finding = refused(tmp_path, snapshot(entry))[0]
    name, _, _ = finding.location.source.name.partition("#")
    assert name.endswith("s.json")
    assert place(finding)[2] == pointer or finding.location.source.pointer == pointer


def test_a_query_that_leaves_out_what_is_needed_is_told(tmp_path):
    findings = refused(tmp_path, {"r.json": {"Results": [json.dumps({"resourceId": "x"})]}})
    assert codes(findings) == ["PE1803"]
    assert "select" in findings[0].help


def test_what_was_deleted_at_a_time_that_is_not_told_is_gone(tmp_path):
    deleted = role(ALLOW, None) | {"configurationItemStatus": "ResourceDeleted"}
    for state in (role(ALLOW), role(ALLOW, None)):
        for items in ((state, deleted), (deleted, state)):
            assert read(tmp_path, snapshot(*items)).identities == {}


def test_a_group_that_was_deleted_is_gone(tmp_path):
    arn = f"arn:aws:iam::{ACCOUNT}:group/devs"
    inline = [{"policyName": "main", "policyDocument": json.dumps(ALLOW)}]
    configuration = {"arn": arn, "groupName": "devs", "groupPolicyList": inline}
    old = item(
        "AWS::IAM::Group",
        arn,
        resourceName="devs",
        configuration=configuration,
        configurationItemCaptureTime="2026-01-01T00:00:00Z",
    )
    deleted = old | {
        "configurationItemStatus": "ResourceDeleted",
        "configurationItemCaptureTime": "2026-02-01T00:00:00Z",
    }
    assert list(read(tmp_path, snapshot(old)).groups) == ["devs"]
    assert read(tmp_path, snapshot(old, deleted)).groups == {}


@pytest.mark.parametrize(
    ("kind", "arn"),
    [
        ("AWS::SQS::Queue", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"),
        ("AWS::SNS::Topic", f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"),
        ("AWS::ECR::Repository", f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/r"),
        ("AWS::KMS::Key", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0a"),
        ("AWS::S3::Bucket", BUCKET),
    ],
)
def test_a_query_that_selects_no_policy_does_not_say_that_there_is_none(tmp_path, kind, arn):
    row = item(kind, arn, configuration={"name": "x"})
    found = only(read(tmp_path, {"r.json": {"Results": [json.dumps(row)], "QueryInfo": {}}}))
    assert found.policy is None
    whole = only(read(tmp_path, snapshot(row)))
    expected = None if kind in ("AWS::KMS::Key", "AWS::S3::Bucket") else ()
    assert whole.policy == expected
