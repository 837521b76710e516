"""Names that CloudTrail gives to parameters, and things that calls know by name alone, as tables.

Sources: the services' API references (names of parameters), the Service Authorization Reference
(ARNs of their resource types), real events (the spelling of CloudTrail).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

EC2_NAMES: Mapping[str, tuple[str, str]] = {
    "blockDeviceMapping": ("BlockDeviceMappings", ""),
    "groupSet": ("SecurityGroupIds", "groupId"),
    "instancesSet": ("InstanceIds", "instanceId"),
    "networkInterfaceSet": ("NetworkInterfaces", ""),
    "securityGroupIdSet": ("GroupIds", "groupId"),
    "tagSet": ("Tags", ""),
    "tagSpecificationSet": ("TagSpecifications", ""),
}
"""Sets in EC2's events: the API's name, and the field of an element that the API lists."""

S3_NAMES: Mapping[str, str] = {
    "bucketName": "Bucket",
    "delimiter": "Delimiter",
    "key": "Key",
    "max-keys": "MaxKeys",
    "prefix": "Prefix",
    "versionId": "VersionId",
    "x-amz-acl": "ACL",
    "x-amz-bypass-governance-retention": "BypassGovernanceRetention",
    "x-amz-copy-source": "CopySource",
    "x-amz-grant-full-control": "GrantFullControl",
    "x-amz-grant-read": "GrantRead",
    "x-amz-grant-read-acp": "GrantReadACP",
    "x-amz-grant-write": "GrantWrite",
    "x-amz-grant-write-acp": "GrantWriteACP",
    "x-amz-metadata-directive": "MetadataDirective",
    "x-amz-object-ownership": "ObjectOwnership",
    "x-amz-server-side-encryption": "ServerSideEncryption",
    "x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm",
    "x-amz-storage-class": "StorageClass",
    "x-amz-tagging": "Tagging",
    "x-amz-website-redirect-location": "WebsiteRedirectLocation",
}
"""Names, headers and query parameters in S3's events. [S3 User Guide, CloudTrail log entries]"""

_RDS = "arn:{partition}:rds:{region}:{account}:"
_SSM = "arn:{partition}:ssm:{region}:{account}:"


def _instance(value: str) -> str:
    """An EC2 instance, or a machine that Systems Manager knows as `mi-…`."""
    if value.startswith("mi-"):
        return f"{_SSM}managed-instance/{{value}}"
    if value.startswith("i-"):
        return "arn:{partition}:ec2:{region}:{account}:instance/{value}"
    return ""


def _model(value: str) -> str:
    """A foundation model, or an inference profile over several regions: `eu.anthropic.…`."""
    if value.partition(".")[0] in ("us", "us-gov", "eu", "apac", "jp", "au", "ca", "global"):
        return "arn:{partition}:bedrock:{region}:{account}:inference-profile/{value}"
    if "." in value:
        return "arn:{partition}:bedrock:{region}::foundation-model/{value}"
    return ""


def _always(template: str) -> Callable[[str], str]:
    return lambda _value: template


NAMED_THINGS: Mapping[str, Mapping[str, Callable[[str], str]]] = {
    "bedrock": {"modelId": _model},
    "ec2": {"FlowLogId": _always("arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{value}")},
    "rds": {
        "dBClusterIdentifier": _always(_RDS + "cluster:{value}"),
        "dBClusterParameterGroupName": _always(_RDS + "cluster-pg:{value}"),
        "dBClusterSnapshotIdentifier": _always(_RDS + "cluster-snapshot:{value}"),
        "dBParameterGroupName": _always(_RDS + "pg:{value}"),
        "dBSnapshotIdentifier": _always(_RDS + "snapshot:{value}"),
        "dBSubnetGroupName": _always(_RDS + "subgrp:{value}"),
    },
    "ssm": {"instanceId": _instance, "resourceId": _instance, "target": _instance},
}
"""Parameters that name a thing, by service: the ARN of the thing."""

TAGGED_BY_SSM: Mapping[str, str] = {
    "Association": _SSM + "association/{value}",
    "Automation": _SSM + "automation-execution/{value}",
    "Document": _SSM + "document/{value}",
    "MaintenanceWindow": _SSM + "maintenancewindow/{value}",
    "OpsItem": _SSM + "opsitem/{value}",
    "Parameter": _SSM + "parameter/{value}",
    "PatchBaseline": _SSM + "patchbaseline/{value}",
}
"""Values of `resourceType` of Systems Manager. [API Reference, AddTagsToResource]"""

LISTS_OF_ALL = ("cloudwatch", "rds")
"""Services that compare a list of everything with `TYPE:*` (R-MATCH-04, M): denials of
rds:DescribeDBInstances name `arn:aws:rds:REGION:ACCOUNT:db:*`, those of cloudwatch:DescribeAlarms
`…:alarm:*`."""

WHOLE_THINGS = ("bedrock",)
"""Services of NAMED_THINGS where the parameter names what the call is about, and nothing else."""
