"""What everybody uses is in the catalogue, as AWS's reference pages have it."""

import pytest

from policyeval.catalogue.lookup import expand, find_action, keys_of, service

# The services of the user's notes, with an action, its level, a resource type of it with its ARN,
# and a condition key that its requests carry. VPC and EBS are parts of EC2.
KNOWN = [
    (
        "ec2:RunInstances",
        "Write",
        "instance",
        "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}",
        "ec2:InstanceType",
    ),
    (
        "ec2:TerminateInstances",
        "Write",
        "instance",
        "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}",
        "ec2:ResourceTag/${TagKey}",
    ),
    (
        "ec2:CreateVpc",
        "Write",
        "vpc",
        "arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}",
        "ec2:Ipv4IpamPoolId",
    ),
    (
        "ec2:CreateVpcEndpoint",
        "Write",
        "vpc-endpoint",
        "arn:${Partition}:ec2:${Region}:${Account}:vpc-endpoint/${VpcEndpointId}",
        "ec2:VpceServiceName",
    ),
    (
        "ec2:CreateVolume",
        "Write",
        "volume",
        "arn:${Partition}:ec2:${Region}:${Account}:volume/${VolumeId}",
        "ec2:Encrypted",
    ),
    (
        "ebs:PutSnapshotBlock",
        "Write",
        "snapshot",
        "arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}",
        "aws:ResourceTag/${TagKey}",
    ),
    (
        "lambda:InvokeFunction",
        "Write",
        "function",
        "arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}",
        "lambda:EventSourceToken",
    ),
    (
        "elasticbeanstalk:CreateEnvironment",
        "Write",
        "environment",
        "arn:${Partition}:elasticbeanstalk:${Region}:${Account}:environment/${ApplicationName}/"
        "${EnvironmentName}",
        "elasticbeanstalk:FromSolutionStack",
    ),
    (
        "route53:ChangeResourceRecordSets",
        "Write",
        "hostedzone",
        "arn:${Partition}:route53:::hostedzone/${Id}",
        "route53:ChangeResourceRecordSetsRecordTypes",
    ),
    (
        "s3:GetObject",
        "Read",
        "object",
        "arn:${Partition}:s3:::${BucketName}/${ObjectName}",
        "s3:ExistingObjectTag/<key>",
    ),
    ("s3:ListBucket", "List", "bucket", "arn:${Partition}:s3:::${BucketName}", "s3:prefix"),
    (
        "cloudfront:CreateInvalidation",
        "Write",
        "distribution",
        "arn:${Partition}:cloudfront::${Account}:distribution/${DistributionId}",
        "aws:ResourceTag/${TagKey}",
    ),
    (
        "glacier:DeleteArchive",
        "Write",
        "vault",
        "arn:${Partition}:glacier:${Region}:${Account}:vaults/${VaultName}",
        "glacier:ArchiveAgeInDays",
    ),
    (
        "elasticfilesystem:ClientMount",
        "Read",
        "file-system",
        "arn:${Partition}:elasticfilesystem:${Region}:${Account}:file-system/${FileSystemId}",
        "elasticfilesystem:AccessPointArn",
    ),
    (
        "rds:CreateDBInstance",
        "Write",
        "db",
        "arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}",
        "rds:DatabaseEngine",
    ),
    (
        "rds-db:connect",
        "Permissions management",
        "db-user",
        "arn:${Partition}:rds-db:${Region}:${Account}:dbuser:${DbiResourceId}/${DbUserName}",
        None,
    ),
    (
        "iam:PassRole",
        "Permissions management",
        "role",
        "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
        "iam:PassedToService",
    ),
    (
        "kms:Decrypt",
        "Write",
        "key",
        "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}",
        "kms:ViaService",
    ),
    (
        "sagemaker:CreateTrainingJob",
        "Write",
        "training-job",
        "arn:${Partition}:sagemaker:${Region}:${Account}:training-job/${TrainingJobName}",
        "sagemaker:InstanceTypes",
    ),
    (
        "sts:AssumeRole",
        "Write",
        "role",
        "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
        "sts:ExternalId",
    ),
    (
        "organizations:AttachPolicy",
        "Write",
        "policy",
        "arn:${Partition}:organizations::${Account}:policy/o-${OrganizationId}/${PolicyType}/"
        "p-${PolicyId}",
        "organizations:PolicyType",
    ),
]


@pytest.mark.parametrize(("action", "level", "kind", "arn", "key"), KNOWN, ids=lambda x: x)
def test_a_well_known_action_has_its_level_resource_type_and_key(action, level, kind, arn, key):
    entry = find_action(action)
    assert entry.name == action
    assert entry.access_level == level
    assert kind in {each.type for each in entry.resources}
    assert arn in service(action.partition(":")[0]).resources[kind].arns
    assert key is None or key in keys_of(action)


# How many actions a service has at least: a page that was read by half shows here.
SIZES = {
    "ec2": 750,
    "lambda": 80,
    "elasticbeanstalk": 45,
    "route53": 70,
    "s3": 160,
    "cloudfront": 150,
    "glacier": 30,
    "elasticfilesystem": 35,
    "ebs": 6,
    "rds": 160,
    "iam": 170,
    "kms": 50,
    "sagemaker": 370,
    "sts": 10,
    "organizations": 60,
    "dynamodb": 60,
    "sqs": 20,
    "sns": 40,
    "logs": 90,
    "apigateway": 40,
}


@pytest.mark.parametrize(("prefix", "least"), SIZES.items())
def test_a_service_has_the_number_of_actions_that_it_is_known_to_have(prefix, least):
    assert least <= len(expand(f"{prefix}:*")) <= least * 2


# AWS's tables have no resource type for these: they are asked for on `*`.
@pytest.mark.parametrize(
    "action",
    [
        "ec2:DescribeInstances",
        "s3:ListAllMyBuckets",
        "lambda:ListFunctions",
        "route53:ListHostedZones",
        "iam:ListRoles",
        "kms:CreateKey",
        "sts:GetCallerIdentity",
        "organizations:DescribeOrganization",
        "cloudfront:ListDistributions",
        "sagemaker:ListModels",
    ],
)
def test_an_action_about_no_resource_has_none(action):
    entry = find_action(action)
    assert entry.resources == ()
    assert entry.resources_known


@pytest.mark.parametrize(
    ("action", "needed"),
    [
        ("lambda:CreateFunction", "iam:PassRole"),
        ("elasticbeanstalk:CreateEnvironment", None),
        ("sagemaker:CreateTrainingJob", "iam:PassRole"),
        ("s3:CreateJob", "iam:PassRole"),
    ],
)
def test_dependent_actions_are_told(action, needed):
    entry = find_action(action)
    told = {*entry.dependent_actions}.union(*(each.dependent_actions for each in entry.resources))
    assert (needed in told) == (needed is not None)
    assert told <= {name for text in told for name in expand(text)}
