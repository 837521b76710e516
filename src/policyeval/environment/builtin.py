"""Policies that AWS attaches by itself, so nobody keeps a file of them."""

from __future__ import annotations

from functools import cache

from policyeval.parsing.policy import read_policy
from policyeval.policy import Policy, PolicyType
from policyeval.source import Source
from policyeval.stack import AttachedPolicy

FULL_ACCESS = "FullAWSAccess"
RCP_FULL_ACCESS = "RCPFullAWSAccess"
DEFAULT_ENDPOINT_POLICY = "default endpoint policy"

_ORGANIZATIONS = "arn:aws:organizations::aws:policy"
ARNS = {
    FULL_ACCESS: f"{_ORGANIZATIONS}/service_control_policy/p-FullAWSAccess",
    RCP_FULL_ACCESS: f"{_ORGANIZATIONS}/resource_control_policy/p-RCPFullAWSAccess",
    DEFAULT_ENDPOINT_POLICY: "",
}
_TYPES = {
    FULL_ACCESS: PolicyType.SCP,
    RCP_FULL_ACCESS: PolicyType.RCP,
    DEFAULT_ENDPOINT_POLICY: PolicyType.VPC_ENDPOINT,
}


def built_in(name: str) -> str:
    """Give the name of the built-in policy that a name or ARN means; empty for none."""
    if name in (FULL_ACCESS, RCP_FULL_ACCESS):
        return name
    return next((known for known, arn in ARNS.items() if arn and arn == name), "")


@cache
def built_in_policy(name: str) -> Policy:
    """Give a built-in policy: each of them allows everything."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    if name != FULL_ACCESS:
        statement["Principal"] = "*"
    document = {"Version": "2012-10-17", "Statement": [statement]}
    # Without a type: an Allow is illegal in every RCP but this one (R-LANG-04).
    policy, _ = read_policy(document, name=name, source=Source(name))
    assert policy is not None
    return policy


def attach_built_in(name: str, attached_to: str = "") -> AttachedPolicy:
    """Give a built-in policy where it hangs."""
    return AttachedPolicy(built_in_policy(name), name, ARNS[name], attached_to)
