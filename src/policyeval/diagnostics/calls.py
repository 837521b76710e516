"""Calls of SDKs and of the AWS CLI: PE200x to PE204x."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, diagnostic

PAGE = (
    diagnostic(
        "PE2001",
        ERROR,
        "no such AWS service",
        "A call names its service as boto3 does (s3, dynamodb, stepfunctions), as the AWS CLI does "
        "(s3api), by its endpoint (elasticfilesystem), or as CloudTrail's eventSource does "
        "(s3.amazonaws.com). The services are those of the botocore release that `policyeval needs "
        "--about` names; a service that is younger is not known.",
        wrong="policyeval needs dynamo.get_item",
        right="policyeval needs dynamodb.get_item",
        rules="R-FLOW-18",
    ),
    diagnostic(
        "PE2002",
        ERROR,
        "no such operation",
        "A call names an operation of the service's API (PutObject), a method of boto3 (put_object, "
        "upload_file), or a command of the AWS CLI (put-object). An IAM action is often, not always, "
        "called like the operation that needs it: s3:ListBucket is needed by ListObjectsV2, and there "
        "is no operation ListBucket.",
        wrong="policyeval needs s3.list_bucket",
        right="policyeval needs s3.list_objects_v2 --bucket reports",
        rules="R-FLOW-18",
    ),
)
