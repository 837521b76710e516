"""The call of an API operation, and the IAM requests that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.value import Value


class ApiCall(Value):
    """One call: which operation of which service, with which parameters.

    `service` is a boto3 client, an endpoint or signing name, or CloudTrail's eventSource. Names of
    operations and parameters may be spelled as the API, boto3, the AWS CLI or CloudTrail do.
    `partition`, `region` and `account` complete the ARNs; empty: not known.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any] = {}
    partition: str = "aws"
    region: str = ""
    account: str = ""


class IamRequest(Value):
    """One IAM request that a call makes.

    `resource` is an ARN, `*`, or empty where a part of it is not known: then `missing` names the
    parameters that would complete it. `pattern` covers the resource in any case, `*` standing for
    what is not known: for a policy, never for a decision. `context` holds the condition keys that
    follow from the parameters. `when` says in words when the request is made, or for what it
    stands; a request that only happens then is not `certain`. `why` is the reason, with its source.
    """

    action: str
    resource: str
    context: Mapping[str, Any] = {}
    when: str = ""
    why: str = ""
    certain: bool = True
    missing: tuple[str, ...] = ()
    pattern: str = "*"
