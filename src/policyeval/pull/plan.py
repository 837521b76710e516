"""What `policyeval pull` asks of AWS, as data: every call that it can make stands in this table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyeval.value import Value, Word


class Scope(Word):
    """Where a step is asked: once, or in every region."""

    GLOBAL = "global"
    REGION = "region"


class Step(Value):
    """One read-only operation, and what follows from its answer.

    `service` is boto3's name of it. `items` is the key of the list in the answer; each item is
    asked the operations in `follow` (by their names). `parameters` and `arn` are templates over
    the item's fields and `account`, `partition`, `region`; `arn` is whose policy the answer
    holds, `subject` names the file. Of the items, or of the answer where it lists none, only the
    fields in `keep` are written: answers can hold secrets that nobody needs here (environment
    variables of functions). `none`: error codes that say "it has none". `unused`: codes that say
    that the account does not use this. `token` is the paging key of operations that boto3 has no
    paginator for, `page_size` is for those that have pages only if asked for a size. `action` is
    what IAM calls the operation, where the name differs; `resources` are what it must be allowed
    on. `layers` are not complete without the answer. `region` says where an item is at home,
    `kind` what the items are called.
    """

    service: str
    operation: str
    layers: tuple[str, ...]
    scope: Scope = Scope.REGION
    items: str = ""
    follow: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = {}
    subject: str = ""
    arn: str = ""
    none: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    token: str = ""
    page_size: int = 0
    action: str = ""
    region: str = ""
    kind: str = ""
    resources: tuple[str, ...] = ("*",)

    @property
    def name(self) -> str:
        """The name by which others follow: `iam:GetUser`, `organizations:ListPolicies:WHICH`."""
        variant = f":{self.subject}" if self.subject and "{" not in self.subject else ""
        return f"{self.service}:{self.operation}{variant}"

    @property
    def iam_action(self) -> str:
        """The action that allows the call."""
        return self.action or f"{self.service}:{self.operation}"


SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
_TREE = ("scp", "rcp")
_GONE = "ResourceNotFoundException"

# AWS: the tree and its policies are shown to the management account and delegated administrators.
_ORGANIZATION = (
    Step(
        "organizations",
        "DescribeOrganization",
        _TREE,
        Scope.GLOBAL,
        items="Organization",
        follow=(
            "organizations:ListRoots",
            f"organizations:ListPolicies:{SCP}",
            f"organizations:ListPolicies:{RCP}",
        ),
        unused=("AWSOrganizationsNotInUseException",),
    ),
    Step(
        "organizations",
        "ListRoots",
        _TREE,
        Scope.GLOBAL,
        items="Roots",
        follow=(
            "organizations:ListOrganizationalUnitsForParent",
            "organizations:ListAccountsForParent",
        ),
    ),
    Step(
        "organizations",
        "ListOrganizationalUnitsForParent",
        _TREE,
        Scope.GLOBAL,
        items="OrganizationalUnits",
        follow=(
            "organizations:ListOrganizationalUnitsForParent",
            "organizations:ListAccountsForParent",
        ),
        parameters={"ParentId": "{Id}"},
        subject="{Id}",
        kind="organizational unit",
    ),
    Step(
        "organizations",
        "ListAccountsForParent",
        _TREE,
        Scope.GLOBAL,
        items="Accounts",
        parameters={"ParentId": "{Id}"},
        subject="{Id}",
        kind="account",
    ),
    *(
        Step(
            "organizations",
            "ListPolicies",
            (layer,),
            Scope.GLOBAL,
            items="Policies",
            follow=("organizations:DescribePolicy", "organizations:ListTargetsForPolicy"),
            parameters={"Filter": which},
            subject=which,
            kind=kind,
        )
        for which, layer, kind in (
            (SCP, "scp", "service control policy"),
            (RCP, "rcp", "resource control policy"),
        )
    ),
    Step(
        "organizations",
        "DescribePolicy",
        _TREE,
        Scope.GLOBAL,
        parameters={"PolicyId": "{Id}"},
        subject="{Id}",
    ),
    Step(
        "organizations",
        "ListTargetsForPolicy",
        _TREE,
        Scope.GLOBAL,
        items="Targets",
        parameters={"PolicyId": "{Id}"},
        subject="{Id}",
    ),
)

_IDENTITIES = (
    Step(
        "iam",
        "GetAccountAuthorizationDetails",
        ("identity", "boundary", "resource"),
        Scope.GLOBAL,
    ),
)

_ENDPOINTS = (
    Step(
        "ec2",
        "DescribeVpcEndpoints",
        ("vpc_endpoint",),
        items="VpcEndpoints",
        kind="VPC endpoint",
    ),
)

_TAGS = (
    Step(
        "resourcegroupstaggingapi",
        "GetResources",
        (),
        items="ResourceTagMappingList",
        keep=("ResourceARN", "Tags"),
        action="tag:GetResources",
    ),
)

_RESOURCE = ("resource",)

_BUCKETS = (
    Step(
        "s3",
        "ListBuckets",
        _RESOURCE,
        Scope.GLOBAL,
        items="Buckets",
        follow=("s3:GetBucketPolicy",),
        keep=("Name", "BucketRegion"),
        page_size=1000,  # AWS: the answer tells the regions of buckets only if it is paged
        action="s3:ListAllMyBuckets",
        kind="S3 bucket",
    ),
    Step(
        "s3",
        "GetBucketPolicy",
        _RESOURCE,
        Scope.GLOBAL,
        parameters={"Bucket": "{Name}"},
        subject="{Name}",
        arn="arn:{partition}:s3:::{Name}",
        none=("NoSuchBucketPolicy",),
        region="{BucketRegion}",
    ),
    Step(
        "s3control",
        "ListAccessPoints",
        _RESOURCE,
        items="AccessPointList",
        follow=("s3control:GetAccessPointPolicy",),
        keep=("Name", "AccessPointArn"),
        parameters={"AccountId": "{account}"},
        token="NextToken",
        action="s3:ListAccessPoints",
        kind="S3 access point",
    ),
    Step(
        "s3control",
        "GetAccessPointPolicy",
        _RESOURCE,
        parameters={"AccountId": "{account}", "Name": "{Name}"},
        subject="{Name}",
        arn="{AccessPointArn}",
        none=("NoSuchAccessPointPolicy",),
        action="s3:GetAccessPointPolicy",
    ),
)

_KEYS = (
    Step(
        "kms",
        "ListKeys",
        _RESOURCE,
        items="Keys",
        follow=("kms:GetKeyPolicy",),
        kind="KMS key",
    ),
    Step(
        "kms",
        "GetKeyPolicy",
        _RESOURCE,
        parameters={"KeyId": "{KeyId}", "PolicyName": "default"},
        subject="{KeyId}",
        arn="{KeyArn}",
    ),
    Step(
        "kms",
        "ListAliases",
        (),
        items="Aliases",
        keep=("AliasName", "AliasArn", "TargetKeyId"),
        kind="KMS alias",
    ),
)

_FUNCTIONS = (
    Step(
        "lambda",
        "ListFunctions",
        _RESOURCE,
        items="Functions",
        follow=("lambda:GetPolicy",),
        keep=("FunctionName", "FunctionArn"),
        kind="Lambda function",
    ),
    Step(
        "lambda",
        "GetPolicy",
        _RESOURCE,
        parameters={"FunctionName": "{FunctionName}"},
        subject="{FunctionName}",
        arn="{FunctionArn}",
        none=(_GONE,),
    ),
    Step(
        "lambda",
        "ListLayers",
        _RESOURCE,
        items="Layers",
        follow=("lambda:ListLayerVersions",),
        keep=("LayerName", "LayerArn"),
    ),
    Step(
        "lambda",
        "ListLayerVersions",
        _RESOURCE,
        items="LayerVersions",
        follow=("lambda:GetLayerVersionPolicy",),
        keep=("LayerVersionArn", "Version"),
        parameters={"LayerName": "{LayerName}"},
        subject="{LayerName}",
        kind="Lambda layer version",
    ),
    Step(
        "lambda",
        "GetLayerVersionPolicy",
        _RESOURCE,
        parameters={"LayerName": "{LayerName}", "VersionNumber": "{Version}"},
        subject="{LayerName}-{Version}",
        arn="{LayerVersionArn}",
        none=(_GONE,),
    ),
)


def _pair(
    service: str,
    list_operation: str,
    items: str,
    operation: str,
    parameters: Mapping[str, Any],
    arn: str,
    kind: str,
    **more: Any,
) -> tuple[Step, Step]:
    """Give the two steps of a service that lists its resources, and tells the policy of each."""
    prefix = more.get("prefix", service)
    return (
        Step(
            service,
            list_operation,
            _RESOURCE,
            items=items,
            follow=(f"{service}:{operation}",),
            keep=more.get("keep", ()),
            parameters=more.get("list_parameters", {}),
            token=more.get("token", ""),
            page_size=more.get("page_size", 0),
            action=more.get("action", f"{prefix}:{list_operation}"),
            resources=more.get("resources", ("*",)),
            kind=kind,
        ),
        Step(
            service,
            operation,
            _RESOURCE,
            items=more.get("answer", ""),
            keep=more.get("answer_keep", ()),
            parameters=parameters,
            subject=more.get("subject", "{item}"),
            arn=arn,
            none=more.get("none", ()),
            action=more.get("action", f"{prefix}:{operation}"),
            resources=more.get("resources", ("*",)),
        ),
    )


_OTHERS = (
    *_pair(
        "sqs",
        "ListQueues",
        "QueueUrls",
        "GetQueueAttributes",
        {"QueueUrl": "{item}", "AttributeNames": ("Policy", "QueueArn")},
        "arn:{partition}:sqs:{region}:{account}:{last}",
        "SQS queue",
        subject="{last}",
        page_size=1000,  # AWS: without it there are no further pages
    ),
    *_pair(
        "sns",
        "ListTopics",
        "Topics",
        "GetTopicAttributes",
        {"TopicArn": "{TopicArn}"},
        "{TopicArn}",
        "SNS topic",
        subject="{TopicArn}",
        answer="Attributes",
        answer_keep=("TopicArn", "Policy"),
    ),
    *_pair(
        "secretsmanager",
        "ListSecrets",
        "SecretList",
        "GetResourcePolicy",
        {"SecretId": "{ARN}"},
        "{ARN}",
        "secret",
        subject="{Name}",
        keep=("ARN", "Name"),
    ),
    *_pair(
        "ecr",
        "DescribeRepositories",
        "repositories",
        "GetRepositoryPolicy",
        {"repositoryName": "{repositoryName}"},
        "{repositoryArn}",
        "ECR repository",
        subject="{repositoryName}",
        keep=("repositoryName", "repositoryArn"),
        none=("RepositoryPolicyNotFoundException",),
    ),
    *_pair(
        "dynamodb",
        "ListTables",
        "TableNames",
        "GetResourcePolicy",
        {"ResourceArn": "arn:{partition}:dynamodb:{region}:{account}:table/{item}"},
        "arn:{partition}:dynamodb:{region}:{account}:table/{item}",
        "DynamoDB table",
        none=("PolicyNotFoundException",),
    ),
    *_pair(
        "kinesis",
        "ListStreams",
        "StreamNames",
        "GetResourcePolicy",
        {"ResourceARN": "arn:{partition}:kinesis:{region}:{account}:stream/{item}"},
        "arn:{partition}:kinesis:{region}:{account}:stream/{item}",
        "Kinesis stream",
        none=(_GONE,),
    ),
    *_pair(
        "efs",
        "DescribeFileSystems",
        "FileSystems",
        "DescribeFileSystemPolicy",
        {"FileSystemId": "{FileSystemId}"},
        "{FileSystemArn}",
        "EFS file system",
        subject="{FileSystemId}",
        keep=("FileSystemId", "FileSystemArn"),
        none=("PolicyNotFound",),
        prefix="elasticfilesystem",
    ),
    *_pair(
        "glacier",
        "ListVaults",
        "VaultList",
        "GetVaultAccessPolicy",
        {"accountId": "-", "vaultName": "{VaultName}"},
        "{VaultARN}",
        "Glacier vault",
        subject="{VaultName}",
        keep=("VaultName", "VaultARN"),
        list_parameters={"accountId": "-"},
        none=(_GONE,),
    ),
    *_pair(
        "opensearch",
        "ListDomainNames",
        "DomainNames",
        "DescribeDomain",
        {"DomainName": "{DomainName}"},
        "arn:{partition}:es:{region}:{account}:domain/{DomainName}",
        "OpenSearch domain",
        subject="{DomainName}",
        answer="DomainStatus",
        answer_keep=("ARN", "DomainName", "AccessPolicies"),
        prefix="es",
    ),
    *_pair(
        "backup",
        "ListBackupVaults",
        "BackupVaultList",
        "GetBackupVaultAccessPolicy",
        {"BackupVaultName": "{BackupVaultName}"},
        "{BackupVaultArn}",
        "Backup vault",
        subject="{BackupVaultName}",
        keep=("BackupVaultName", "BackupVaultArn"),
        none=(_GONE,),
    ),
    *_pair(
        "apigateway",
        "GetRestApis",
        "items",
        "GetRestApi",
        {"restApiId": "{id}"},
        "arn:{partition}:execute-api:{region}:{account}:{id}",
        "API Gateway REST API",
        subject="{id}",
        keep=("id", "name"),
        answer_keep=("id", "name", "policy"),
        action="apigateway:GET",
        resources=("arn:aws:apigateway:*::/restapis", "arn:aws:apigateway:*::/restapis/*"),
    ),
    *_pair(
        "events",
        "ListEventBuses",
        "EventBuses",
        "DescribeEventBus",
        {"Name": "{Name}"},
        "{Arn}",
        "EventBridge bus",
        subject="{Name}",
        keep=("Name", "Arn"),
        answer_keep=("Name", "Arn", "Policy"),
        token="NextToken",
    ),
)

PLAN: tuple[Step, ...] = (
    *_ORGANIZATION,
    *_IDENTITIES,
    *_ENDPOINTS,
    *_BUCKETS,
    *_KEYS,
    *_FUNCTIONS,
    *_OTHERS,
    *_TAGS,
)

STEPS: Mapping[str, Step] = {step.name: step for step in PLAN}

SERVICES: tuple[str, ...] = tuple(dict.fromkeys(step.service for step in PLAN))

WHO_AM_I = ("sts", "GetCallerIdentity")
WHICH_REGIONS = ("ec2", "DescribeRegions")

ALLOWED = frozenset({(step.service, step.operation) for step in PLAN} | {WHO_AM_I, WHICH_REGIONS})
"""The operations that can be called at all: `session.py` refuses any other."""


def first_steps(services: Iterable[str] = ()) -> tuple[Step, ...]:
    """Give the steps that follow from no other; of some services alone where these are named."""
    wanted = frozenset(services)
    followed = {name for step in PLAN for name in step.follow}
    return tuple(
        step
        for step in PLAN
        if step.name not in followed and (not wanted or step.service in wanted)
    )


def needed_policy() -> dict[str, Any]:
    """Give the least identity policy under which everything can be read.

    sts:GetCallerIdentity needs no permission and is left out.
    """
    # AWS: apigateway:GET on everything would show API keys too.
    actions: dict[tuple[str, ...], set[str]] = {("*",): {":".join(WHICH_REGIONS)}}
    for step in PLAN:
        actions.setdefault(step.resources, set()).add(step.iam_action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": sorted(allowed), "Resource": list(resources)}
            for resources, allowed in actions.items()
        ],
    }
