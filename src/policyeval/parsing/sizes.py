"""How large a document of a kind may be (R-LANG-08): a finding, not a refusal to evaluate."""

from __future__ import annotations

import json

from policyeval.parsing.defect import warning
from policyeval.parsing.reading import Reading
from policyeval.parsing.write import policy_to_dict
from policyeval.policy import Policy, PolicyType
from policyeval.source import WHITESPACE
from policyeval.value import Value


class Limit(Value):
    """A limit in characters, and whether white space counts against it."""

    size: int
    what: str
    counts_white_space: bool = True
    more: str = ""


LIMITS = {
    PolicyType.IDENTITY: Limit(
        6144,
        "a managed policy",
        False,
        "inline policies may have 2,048 characters for a user, 5,120 for a group, 10,240 for a "
        "role, all together",
    ),
    PolicyType.BOUNDARY: Limit(6144, "a permissions boundary", False),
    PolicyType.SESSION: Limit(
        2048, "a session policy", True, "its packed size is limited as well, to what STS reports"
    ),
    PolicyType.TRUST: Limit(
        2048, "a role trust policy", False, "the quota can be raised to 4,096 and to 8,192"
    ),
    PolicyType.SCP: Limit(10240, "a service control policy"),
    PolicyType.RCP: Limit(5120, "a resource control policy"),
    PolicyType.VPC_ENDPOINT: Limit(20480, "a VPC endpoint policy"),
}
# A resource-based policy has the limit of the service that its actions belong to.
RESOURCE_LIMITS = {
    "dynamodb": Limit(20480, "a DynamoDB resource policy"),
    "kms": Limit(32768, "a KMS key policy"),
    "s3": Limit(20480, "an S3 bucket policy"),
    "sqs": Limit(8192, "an SQS queue policy"),
}


def check_size(data: object, policy: Policy, reading: Reading) -> None:
    """Report a document past its limit."""
    limit = _limit_of(policy)
    if limit is None:
        return
    if isinstance(data, (str, bytes)):
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    else:  # given as an object: at least so much, written without white space
        text = json.dumps(policy_to_dict(policy), separators=(",", ":"), ensure_ascii=False)
    size = len(text)
    if not limit.counts_white_space:
        size -= sum(text.count(char) for char in WHITESPACE)
    if size <= limit.size:
        return
    counted = "" if limit.counts_white_space else ", white space not counted"
    reading.add(
        warning(
            "PE0501",
            f"the document has {size:,} characters{counted}, {limit.what} may have {limit.size:,}",
            label="too long for AWS",
            help="; ".join(filter(None, ["split it, or use wildcards", limit.more])),
        ),
        policy.pointer,
    )


def _limit_of(policy: Policy) -> Limit | None:
    assert policy.type is not None
    if policy.type is not PolicyType.RESOURCE:
        return LIMITS[policy.type]
    services = {
        pattern.service for statement in policy.statements for pattern in statement.action.patterns
    }
    return RESOURCE_LIMITS.get(services.pop()) if len(services) == 1 else None
