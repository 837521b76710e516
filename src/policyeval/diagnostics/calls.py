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
        "(s3.amazonaws.com). The services are those of the botocore release that docs/needs.md "
        "names; a service that is younger is not known.",
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
    diagnostic(
        "PE2003",
        ERROR,
        "a call that is not understood",
        "An option, parameter or argument of the call is not known. A parameter that is misspelt is "
        "never ignored: it may be the one that names the resource. Options of policyeval itself may "
        "stand among those of the call; where both have one of the same name (--context, --policies, "
        "--color), put the whole AWS CLI command in quotes, or give the parameters with "
        "--parameters.",
        wrong="policyeval needs s3.put_object --buket reports --key a",
        right="policyeval needs s3.put_object --bucket reports --key a",
        rules="R-FLOW-18",
    ),
    diagnostic(
        "PE2004",
        ERROR,
        "quotes that do not end",
        "A command line in one argument is split as a POSIX shell does it; a quote in it has no "
        "partner, or a backslash nothing behind it.",
        wrong='policyeval needs "aws s3 cp \'a.json s3://reports/"',
        right="policyeval needs \"aws s3 cp 'a.json' s3://reports/\"",
        rules="R-FLOW-18",
    ),
)
