"""Condition keys, roles, and parts of resources that a call does not tell."""

import pytest

from policyeval.calls.call import ApiCall
from policyeval.calls.grant import grant
from policyeval.calls.names import clients_of, unversioned
from policyeval.calls.requests import NOT_LISTED, requests_of

ROLE = "arn:aws:iam::123456789012:role/work"


def requests(service, operation, **parameters):
    return requests_of(
        ApiCall(service, operation, parameters, region="eu-west-1", account="123456789012")
    )


def context(service, operation, **parameters):
    return dict(requests(service, operation, **parameters)[0].context)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        (
            "s3",
            "ListObjectsV2",
            {"Bucket": "b", "Prefix": "a/", "Delimiter": "/", "MaxKeys": 7},
            {"s3:prefix": "a/", "s3:delimiter": "/", "s3:max-keys": "7"},
        ),
        (
            "s3",
            "PutObject",
            {"Bucket": "b", "Key": "k", "Tagging": "pet=ada&x=%20y", "StorageClass": "GLACIER"},
            {
                "s3:RequestObjectTag/pet": "ada",
                "s3:RequestObjectTag/x": " y",
                "s3:RequestObjectTagKeys": ("pet", "x"),
                "s3:x-amz-storage-class": "GLACIER",
            },
        ),
        (
            "s3",
            "PutObject",
            {"Bucket": "b", "Key": "k", "ServerSideEncryption": "aws:kms"},
            {"s3:x-amz-server-side-encryption": "aws:kms"},
        ),
        (
            "sts",
            "AssumeRole",
            {"RoleArn": ROLE, "RoleSessionName": "s", "ExternalId": "e"},
            {"sts:RoleSessionName": "s", "sts:ExternalId": "e"},
        ),
        (
            "kms",
            "Decrypt",
            {"KeyId": "k", "EncryptionContext": {"Purpose": "x"}},
            {"kms:EncryptionContext:Purpose": "x", "kms:EncryptionContextKeys": ("Purpose",)},
        ),
        (
            "iam",
            "CreateServiceLinkedRole",
            {"AWSServiceName": "ecs.amazonaws.com"},
            {"iam:AWSServiceName": "ecs.amazonaws.com"},
        ),
        (
            "lambda",
            "AddPermission",
            {"FunctionName": "f", "Principal": "sns.amazonaws.com"},
            {"lambda:Principal": "sns.amazonaws.com"},
        ),
        (
            "dynamodb",
            "TagResource",
            {
                "ResourceArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/t",
                "Tags": [{"Key": "Team", "Value": "a"}],
            },
            {"aws:RequestTag/Team": "a", "aws:TagKeys": ("Team",)},
        ),
        (
            "dynamodb",
            "UntagResource",
            {
                "ResourceArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/t",
                "TagKeys": ["Team", "x"],
            },
            {"aws:TagKeys": ("Team", "x")},
        ),
        (
            "route53",
            "ChangeResourceRecordSets",
            {
                "HostedZoneId": "Z",
                "ChangeBatch": {
                    "Changes": [
                        {
                            "Action": "UPSERT",
                            "ResourceRecordSet": {"Name": "WWW.Example.com.", "Type": "A"},
                        }
                    ]
                },
            },
            {
                "route53:ChangeResourceRecordSetsActions": ("UPSERT",),
                "route53:ChangeResourceRecordSetsNormalizedRecordNames": ("www.example.com",),
                "route53:ChangeResourceRecordSetsRecordTypes": ("A",),
            },
        ),
    ],
)
def test_condition_keys_follow_from_parameters(service, operation, parameters, expected):
    assert context(service, operation, **parameters) == expected


def test_tags_at_creation_belong_to_the_type_that_they_are_for():
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "a", "Value": "b"}]}]
    made = requests("ec2", "RunInstances", ImageId="ami-1", SubnetId="s", TagSpecifications=tags)
    tagged = [each.resource.rpartition(":")[2] for each in made if "aws:TagKeys" in each.context]
    assert tagged == ["volume/*", "volume/*"]
    [tagging] = [each for each in made if each.action == "ec2:CreateTags"]
    assert tagging.context["ec2:CreateAction"] == "RunInstances"


def test_keys_of_an_access_point_say_which_and_the_bucket_behind_it_is_asked_too():
    arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/ap"
    first, second, *_ = requests("s3", "GetObject", Bucket=arn, Key="a/b")
    assert first.resource == f"{arn}/object/a/b"
    assert (
        first.context
        == second.context
        == {
            "s3:DataAccessPointAccount": "123456789012",
            "s3:DataAccessPointArn": arn,
        }
    )
    assert (second.resource, second.pattern) == ("", "arn:aws:s3:::*/a/b")


def test_a_role_that_the_api_insists_on_is_missing_where_it_is_not_given():
    _, passing = requests("sagemaker", "CreateTrainingJob", TrainingJobName="j")
    assert (passing.action, passing.resource, passing.missing, passing.certain) == (
        "iam:PassRole",
        "",
        ("RoleArn",),
        True,
    )


def test_a_role_beside_an_operation_that_nobody_says_hands_it_on_is_not_certain():
    made = requests(
        "accessanalyzer", "StartPolicyGeneration", cloudTrailDetails={"accessRole": ROLE}
    )
    passing = [each for each in made if each.action == "iam:PassRole"]
    assert [(each.resource, each.when) for each in passing if not each.certain] in (
        [(ROLE, "if the service is handed the role")],
        [],
    )
    assert passing


@pytest.mark.parametrize("operation", ["ListRoles", "GetRole", "DeleteRole", "AttachRolePolicy"])
def test_iam_itself_hands_no_role_on(operation):
    made = requests("iam", operation, RoleName="work", PolicyArn="arn:aws:iam::aws:policy/X")
    assert [each.action for each in made] == [f"iam:{operation}"]


def test_without_region_and_account_they_are_what_is_missing():
    [request, *_] = requests_of(ApiCall("sqs", "CreateQueue", {"QueueName": "q"}))
    assert (request.resource, request.missing) == ("", ("region", "account"))
    assert request.pattern == "arn:aws:sqs:*:*:q"


def test_an_arn_in_a_parameter_is_the_resource_whatever_the_caller_account_is():
    arn = "arn:aws:sns:us-east-1:999988887777:t"
    assert requests("sns", "Publish", TopicArn=arn)[0].resource == arn


def test_an_operation_younger_than_the_catalogue_is_told_but_never_certain():
    made = requests("drs", "CreateRecoveryPlan")
    assert {(each.certain, each.when) for each in made if each.when == NOT_LISTED} <= {
        (False, NOT_LISTED)
    }


@pytest.mark.parametrize(
    ("service", "operation", "missing"),
    [
        ("glue", "TagResource", "ResourceArn"),
        ("elbv2", "DeleteListener", "ListenerArn"),
        ("stepfunctions", "DescribeExecution", "executionArn"),
    ],
)
def test_a_parameter_that_would_hold_the_arn_is_what_is_missing(service, operation, missing):
    request = requests(service, operation)[0]
    assert (request.resource, request.missing) == ("", (missing,))


def test_an_operation_that_no_policy_is_asked_about_makes_no_request():
    assert requests("dynamodb", "DescribeEndpoints") == ()
    assert requests("connectparticipant", "SendMessage") == ()


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("createfunction20150331", "createfunction"),
        ("updatefunctioncode20150331v2", "updatefunctioncode"),
        ("createdistribution2020_05_31", "createdistribution"),
        ("createdistribution20200531", "createdistribution"),
        ("listobjectsv2", "listobjectsv2"),
        ("getrestapi", "getrestapi"),
        ("20150331", ""),
    ],
)
def test_the_version_behind_an_event_name_is_left_out(name, plain):
    assert unversioned(name) == plain


@pytest.mark.parametrize(
    ("name", "client"),
    [
        ("s3.amazonaws.com", "s3"),
        ("s3api", "s3"),
        ("monitoring.amazonaws.com", "cloudwatch"),
        ("elasticfilesystem.amazonaws.com", "efs"),
        ("elasticmapreduce", "emr"),
        ("config.amazonaws.com", "config"),
        ("states.amazonaws.com", "stepfunctions"),
        ("Elastic Beanstalk", "elasticbeanstalk"),
        ("tagging.amazonaws.com", "resourcegroupstaggingapi"),
        ("s3.amazonaws.com.cn", "s3"),
    ],
)
def test_a_service_is_found_by_each_of_its_names(name, client):
    assert clients_of(name)[0] == client


def test_of_two_services_with_one_name_the_parameters_decide():
    old = requests("elasticloadbalancing", "DeleteLoadBalancer", loadBalancerName="n")
    assert old[0].resource.endswith(":loadbalancer/n")
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/n/1"
    assert (
        requests("elasticloadbalancing", "DeleteLoadBalancer", loadBalancerArn=arn)[0].resource
        == arn
    )


def test_the_policy_grants_what_is_asked_and_narrows_what_can_be_narrowed():
    made = requests("lambda", "CreateFunction", FunctionName="f", Role=ROLE)
    assert grant(made)["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "lambda:CreateFunction",
            "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f",
        },
        {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": ROLE,
            "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        },
    ]


def test_a_dollar_sign_in_a_key_is_no_policy_variable():
    made = requests("s3", "DeleteObject", Bucket="b", Key="${aws:username}")
    assert grant(made)["Statement"][0]["Resource"] == "arn:aws:s3:::b/${$}{aws:username}"
