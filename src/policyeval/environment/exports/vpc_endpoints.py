"""`aws ec2 describe-vpc-endpoints`: endpoints with their policies."""

from __future__ import annotations

from policyeval.arn import is_account_id
from policyeval.environment.exports.fields import Fields
from policyeval.environment.exports.parts import EndpointClaim, References
from policyeval.parsing.defect import quote
from policyeval.policy import PolicyType
from policyeval.stack import EndpointType

TYPES = {"Gateway": EndpointType.GATEWAY, "Interface": EndpointType.INTERFACE}
# What stands in the way of nothing: it is made or is going away, or was never accepted.
_GONE = frozenset({"deleted", "deleting", "rejected", "failed", "expired"})


def read_endpoint(entry: Fields) -> None:
    """Take a member of `VpcEndpoints`."""
    identifier = entry.text("VpcEndpointId", required=True)
    if not identifier:
        return
    if entry.text("State").lower() in _GONE:
        return
    kind = entry.text("VpcEndpointType")
    if kind and kind not in TYPES:
        # AWS: gateway load balancer and resource endpoints carry no API calls to AWS services.
        entry.parts.not_understood[f"endpoint type {kind}"] += 1
        return
    owner = entry.text("OwnerId")
    if owner and not is_account_id(owner):
        entry.report("PE1803", f"{quote(owner)} is no account id", key="OwnerId")
        owner = ""
    policy: References = ()
    if entry.has("PolicyDocument"):
        shown = f"vpc_endpoint/{identifier}"
        policy = (entry.document("PolicyDocument", PolicyType.VPC_ENDPOINT, shown),)
    entry.parts.add_endpoint(
        EndpointClaim(
            identifier,
            entry.text("VpcId"),
            owner,
            service_of(entry.text("ServiceName")),
            TYPES.get(kind),
            policy,
            _name(entry),
            entry.where("VpcEndpointId"),
        )
    )


def service_of(name: str) -> str:
    """Give the service of `com.amazonaws.eu-west-1.s3`; other names are those of partners."""
    parts = name.split(".")
    if "amazonaws" not in parts or "vpce" in parts:
        return name
    return ".".join(parts[parts.index("amazonaws") + 2 :]) or name


def _name(entry: Fields) -> str:
    return entry.tags().get("Name", "")


__all__ = ["TYPES", "read_endpoint", "service_of"]
