"""`aws iam get-account-authorization-details`: users, groups, roles, managed policies.

Each user, group and role comes whole, with all its policies, so what it lacks it does not have.
"""

from __future__ import annotations

from policyeval.environment.exports.fields import Fields
from policyeval.environment.exports.parts import (
    GroupClaim,
    IdentityClaim,
    ManagedClaim,
    ManagedReference,
    Reference,
    References,
)
from policyeval.environment.project_files import AWS_MANAGED
from policyeval.parsing.arn import read_arn
from policyeval.parsing.defect import quote
from policyeval.policy import PolicyType

_COMMON = {"Path", "Arn", "CreateDate", "AttachedManagedPolicies"}
_USER = frozenset(
    {"UserName", "UserId", "UserPolicyList", "GroupList", "PermissionsBoundary", "Tags", *_COMMON}
)
_GROUP = frozenset({"GroupName", "GroupId", "GroupPolicyList", *_COMMON})
_ROLE = frozenset(
    {
        "RoleName",
        "RoleId",
        "AssumeRolePolicyDocument",
        "InstanceProfileList",
        "RolePolicyList",
        "PermissionsBoundary",
        "Tags",
        "RoleLastUsed",
        "Description",
        "MaxSessionDuration",
        *_COMMON,
    }
)
_POLICY = frozenset(
    {
        "PolicyName",
        "PolicyId",
        "Arn",
        "Path",
        "DefaultVersionId",
        "AttachmentCount",
        "PermissionsBoundaryUsageCount",
        "IsAttachable",
        "Description",
        "CreateDate",
        "UpdateDate",
        "PolicyVersionList",
        "Tags",
    }
)
MANAGED_TYPES = (PolicyType.IDENTITY, PolicyType.BOUNDARY)


def read_user(entry: Fields) -> None:
    """Take a member of `UserDetailList`."""
    entry.note_unknown(_USER, "user")
    arn, account, name = iam_arn(entry, "user")
    if not arn:
        return
    entry.parts.add_identity(
        IdentityClaim(
            "user",
            name,
            arn,
            account,
            policies_of(entry, "UserPolicyList", name),
            tuple(entry.texts("GroupList")),
            boundary_of(entry),
            (),
            entry.tags(),
            where=entry.where("Arn"),
        )
    )


def read_group(entry: Fields) -> None:
    """Take a member of `GroupDetailList`."""
    entry.note_unknown(_GROUP, "group")
    arn, account, name = iam_arn(entry, "group")
    if arn:
        policies = policies_of(entry, "GroupPolicyList", name)
        entry.parts.add_group(GroupClaim(name, account, policies, entry.where("Arn")))


def read_role(entry: Fields) -> None:
    """Take a member of `RoleDetailList`."""
    entry.note_unknown(_ROLE, "role")
    arn, account, name = iam_arn(entry, "role")
    if not arn:
        return
    trust: References | None = None
    if entry.has("AssumeRolePolicyDocument"):
        shown = f"trust/{name}"
        trust = (entry.document("AssumeRolePolicyDocument", PolicyType.TRUST, shown),)
    entry.parts.add_identity(
        IdentityClaim(
            "role",
            name,
            arn,
            account,
            policies_of(entry, "RolePolicyList", name),
            None,
            boundary_of(entry),
            trust,
            entry.tags(),
            where=entry.where("Arn"),
        )
    )


def read_managed(entry: Fields) -> None:
    """Take a member of `Policies`, with the version that is the default."""
    entry.note_unknown(_POLICY, "policy")
    arn, name = entry.text("Arn", required=True), entry.text("PolicyName")
    if not arn:
        return
    default = entry.text("DefaultVersionId")
    versions = [version for version in entry.each("PolicyVersionList") if version.tree]
    chosen = [
        version
        for version in versions
        if version.flag("IsDefaultVersion") or (default and version.text("VersionId") == default)
    ]
    if len(chosen) != 1 or not chosen[0].has("Document"):
        return  # attachments then say that there is no document
    exempt = AWS_MANAGED in arn
    entry.parts.add_managed(
        ManagedClaim(
            arn,
            name or arn.rpartition("/")[2],
            {
                type: chosen[0].reader("Document", type, exempt_from_size=exempt)
                for type in MANAGED_TYPES
            },
            where=entry.where("Arn"),
        )
    )


# ---- what users, groups and roles share -----------------------------------------------------


def iam_arn(entry: Fields, kind: str) -> tuple[str, str, str]:
    """Give the ARN of a user, group or role, its account and its name; empty where it is none."""
    text = entry.text("Arn", required=True)
    if not text:
        return "", "", ""
    arn, defect = read_arn(text)
    if arn is None or arn.service != "iam" or not arn.resource.startswith(f"{kind}/"):
        why = defect.message if defect is not None else f"{quote(text)} is no ARN of a {kind}"
        entry.report("PE1803", why, key="Arn")
        return "", "", ""
    if not arn.account.isdigit() or len(arn.account) != 12:
        entry.report("PE1803", f"{quote(text)} has no account", key="Arn")
        return "", "", ""
    entry.parts.add_account(arn.account)
    return text, arn.account, arn.resource.rpartition("/")[2]


def policies_of(entry: Fields, inline: str, holder: str) -> References:
    """Give the inline and the attached policies of a user, group or role."""
    found: list[Reference] = []
    for policy in entry.each(inline):
        shown = f"{holder}/{policy.text('PolicyName')}"
        found.append(policy.document("PolicyDocument", PolicyType.IDENTITY, shown))
    for attached in entry.each("AttachedManagedPolicies"):
        arn = attached.text("PolicyArn", required=True)
        if arn:
            name = attached.text("PolicyName") or arn.rpartition("/")[2]
            found.append(ManagedReference(arn, name, attached.where("PolicyArn")))
    return tuple(found)


def boundary_of(entry: Fields) -> References:
    """Give the permissions boundary: none where the entry has none."""
    boundary = entry.object("PermissionsBoundary")
    if boundary is None:
        return ()
    arn = boundary.text("PermissionsBoundaryArn", required=True)
    if not arn:
        return ()
    return (ManagedReference(arn, arn.rpartition("/")[2], boundary.where()),)
