"""AWS Config: snapshots, resource histories and query results, item by item.

`configuration` is an object in snapshots and a JSON text in what the command line prints; so are
the policies inside, URL-encoded where they are IAM's. Of several states of a resource the latest
counts, and nothing of one that is deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from policyeval.arn import is_account_id
from policyeval.environment.exports import authorization_details as iam
from policyeval.environment.exports.fields import Fields
from policyeval.environment.exports.parts import FOR_GOOD, References, ResourceClaim, group_key
from policyeval.environment.exports.vpc_endpoints import read_endpoint
from policyeval.parsing.arn import read_arn
from policyeval.parsing.defect import quote
from policyeval.policy import PolicyType

_ALIVE = frozenset({"", "OK", "ResourceDiscovered"})
_NOT_RECORDED = frozenset({"ResourceNotRecorded"})


def read_item(item: Fields, *, is_part: bool = False) -> None:
    """Take a configuration item; `is_part`: perhaps not all of it, but what a query selected."""
    kind = item.text("ResourceType")
    if not kind:
        item.report("PE1803", "`resourceType` is missing")
        return
    status = item.text("ConfigurationItemStatus")
    if status in _NOT_RECORDED:
        return
    when = _time(item)
    arn = item.text("ARN") or item.text("Arn")
    if status not in _ALIVE:
        account = item.text("AwsAccountId") or item.text("AccountId")
        group = group_key(account, item.text("ResourceName")) if kind == "AWS::IAM::Group" else ""
        for name in filter(None, (arn, item.text("ResourceId"), group)):
            item.parts.gone[name] = max(item.parts.gone.get(name, ""), when or FOR_GOOD)
        return
    read = (OF_PARTS.get(kind) if is_part else None) or READERS.get(kind)
    if read is None:
        item.parts.not_understood[kind] += 1
        return
    configuration = item.parsed("Configuration", small=kind in SMALL)
    item.parts.when = when
    try:
        read(item, configuration)
    finally:
        item.parts.when = ""


def read_result(item: Fields) -> None:
    """Take a result of an advanced query; only whole items can be used."""
    if not {"ResourceType", "Configuration"} <= item.tree.keys():
        item.report(
            "PE1803",
            "the query leaves out `resourceType` or `configuration`",
            "select `resourceType, arn, accountId, awsRegion, configuration, "
            "supplementaryConfiguration, tags, configurationItemCaptureTime`",
        )
        return
    configuration = item.parsed("Configuration")
    kind = item.tree["ResourceType"]
    whole = WHOLE.get(kind, ()) if isinstance(kind, str) else ()
    told = configuration.tree if configuration is not None else {}
    missing = [name for name in whole if name not in told]
    if missing:
        item.report(
            "PE1803",
            f"the query leaves out {', '.join(map(quote, missing))}, so what hangs there is not "
            "told",
            "select the whole `configuration`",
        )
        return
    read_item(item, is_part=True)


def _time(item: Fields) -> str:
    """Give the time of capture, so that texts compare as times; a number is of the epoch."""
    value = item.tree.get("ConfigurationItemCaptureTime")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e11:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    if not isinstance(value, str):
        return ""
    try:
        read = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return ""
    if read.tzinfo is not None:
        read = read.astimezone(UTC)
    return read.strftime("%Y-%m-%dT%H:%M:%S.%f")


# ---- IAM ------------------------------------------------------------------------------------

Reader = Callable[[Fields, Fields | None], None]


def _of_configuration(read: Callable[[Fields], None]) -> Reader:
    def run(item: Fields, configuration: Fields | None) -> None:
        if configuration is None:
            item.report("PE1803", "`configuration` is missing")
        elif configuration.tree:
            read(configuration)

    return run


# ---- resources ------------------------------------------------------------------------------


def _resource(item: Fields, policy: References | None) -> None:
    arn = item.text("ARN") or item.text("Arn")
    read, defect = read_arn(arn)
    if read is None:
        item.report("PE1803", defect.message if defect is not None else "no ARN", key="ARN")
        return
    owner = item.text("AwsAccountId") or item.text("AccountId")
    if owner and not is_account_id(owner):
        item.report("PE1803", "this is no account id")
        return
    region = item.text("AwsRegion")
    if owner:
        item.parts.add_account(owner)
    item.parts.add_resource(
        ResourceClaim(
            arn,
            owner,
            policy,
            _tags(item),
            "" if read.region or region in ("", "global") else region,
            where=item.where(),
        )
    )


def _tags(item: Fields) -> dict[str, str] | None:
    """Give the tags: a map in items, a list in query results."""
    tags: Any = item.tree.get("Tags")
    if isinstance(tags, list):
        return item.tags()
    held = Fields(tags, item.at("Tags"), item.origin, item.parts) if tags is not None else None
    return {key: held.text(key) for key in held.tree} if held is not None else None


def _document(fields: Fields | None, name: str, shown: str) -> References | None:
    """Give the policy that is a member; none where it is null, None where nothing tells."""
    if fields is None or name not in fields.tree:
        return None
    if fields.tree[name] in (None, ""):
        return ()
    return (fields.document(name, PolicyType.RESOURCE, shown),)


def _read_bucket(item: Fields, _: Fields | None) -> None:
    more = item.object("SupplementaryConfiguration")
    policy = more.parsed("BucketPolicy", small=True) if more is not None else None
    _resource(item, _document(policy, "PolicyText", _shown(item)))


def _read_key(item: Fields, _: Fields | None) -> None:
    _resource(item, _document(item.object("SupplementaryConfiguration"), "Policy", _shown(item)))


def _read_function(item: Fields, _: Fields | None) -> None:
    more = item.object("SupplementaryConfiguration")
    policy = more.parsed("Policy", small=True) if more is not None else None
    if policy is not None and "PolicyContent" in policy.tree:
        _resource(item, _document(policy, "PolicyContent", _shown(item)))
    else:
        _resource(item, _document(more, "Policy", _shown(item)))


def _with_policy(name: str, *, is_part: bool = False) -> Reader:
    """Give the reader of a resource whose configuration holds its policy."""

    def run(item: Fields, configuration: Fields | None) -> None:
        policy = _document(configuration, name, _shown(item))
        # Config leaves out what is not set: a configuration without a policy says there is none.
        is_none = policy is None and configuration is not None and not is_part
        _resource(item, () if is_none else policy)

    return run


def _read_secret_policy(item: Fields, configuration: Fields | None) -> None:
    if configuration is None:
        item.report("PE1803", "`configuration` is missing")
        return
    secret = configuration.text("SecretId", required=True)
    if secret.startswith("arn:") and configuration.has("ResourcePolicy"):
        document = configuration.document("ResourcePolicy", PolicyType.RESOURCE, _shown(item))
        where = configuration.where()
        configuration.parts.add_resource(ResourceClaim(secret, policy=(document,), where=where))


def _shown(item: Fields) -> str:
    name = item.text("ResourceName") or item.text("ResourceId")
    return f"resource/{name or 'unnamed'}"


READERS: dict[str, Reader] = {
    "AWS::IAM::User": _of_configuration(iam.read_user),
    "AWS::IAM::Group": _of_configuration(iam.read_group),
    "AWS::IAM::Role": _of_configuration(iam.read_role),
    "AWS::IAM::Policy": _of_configuration(iam.read_managed),
    "AWS::EC2::VPCEndpoint": _of_configuration(read_endpoint),
    "AWS::S3::Bucket": _read_bucket,
    "AWS::KMS::Key": _read_key,
    "AWS::Lambda::Function": _read_function,
    "AWS::SQS::Queue": _with_policy("Policy"),
    "AWS::SNS::Topic": _with_policy("Policy"),
    "AWS::ECR::Repository": _with_policy("RepositoryPolicyText"),
    "AWS::SecretsManager::ResourcePolicy": _read_secret_policy,
}
OF_PARTS: dict[str, Reader] = {
    "AWS::SQS::Queue": _with_policy("Policy", is_part=True),
    "AWS::SNS::Topic": _with_policy("Policy", is_part=True),
    "AWS::ECR::Repository": _with_policy("RepositoryPolicyText", is_part=True),
}
"""The results of a query may leave out a policy that there is."""

WHOLE = {
    "AWS::IAM::User": ("userPolicyList", "attachedManagedPolicies", "groupList"),
    "AWS::IAM::Group": ("groupPolicyList", "attachedManagedPolicies"),
    "AWS::IAM::Role": ("rolePolicyList", "attachedManagedPolicies"),
}
"""What AWS Config always tells of these; a query may select less."""

SMALL = frozenset(
    {
        "AWS::IAM::User",
        "AWS::IAM::Group",
        "AWS::IAM::Role",
        "AWS::IAM::Policy",
        "AWS::EC2::VPCEndpoint",
    }
)
"""Types whose configuration has the names of AWS's API with a small first letter."""
