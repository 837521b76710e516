"""Users, roles and groups of a Terraform plan, with the policies that hang at them."""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.environment.exports.parts import (
    STAND_IN,
    GroupClaim,
    IdentityClaim,
    ManagedClaim,
    ManagedReference,
    Reference,
)
from policyeval.environment.exports.terraform_plan import Planned
from policyeval.environment.exports.terraform_values import (
    HELP,
    HOLDERS,
    KNOWN_LATER,
    Plan,
    tags_of,
)
from policyeval.environment.exports.unknowns import unknown_policy
from policyeval.finding import Severity
from policyeval.parsing.defect import quote
from policyeval.policy import PolicyType

MANAGED_TYPES = (PolicyType.IDENTITY, PolicyType.BOUNDARY)


def read_identity(plan: Plan, each: Planned, kind: str) -> None:
    """Take a user or role with the policies that it holds itself."""
    arn, account, name = _place_of(plan, each, kind)
    if not name:
        return
    boundary = _managed(plan, each, "permissions_boundary")
    trust = plan.document(each, "assume_role_policy", PolicyType.TRUST)
    plan.parts.add_identity(
        IdentityClaim(
            kind,
            name,
            arn,
            account,
            tuple(_inline(plan, each, name)),
            None,
            () if boundary is None else (boundary,),
            None if kind == "user" or trust is None else (trust,),
            *tags_of(each),
            each.fields.where(),
        )
    )


def _inline(plan: Plan, each: Planned, name: str) -> Iterator[Reference]:
    later = each.later.get("inline_policy")
    if later is True and not plan.is_unset(each, "inline_policy"):
        shown = f"{each.address}.inline_policy"
        yield unknown_policy(shown, f"it is {KNOWN_LATER}", each.fields.where(), HELP)
        return
    blocks = later if isinstance(later, list) else []
    for index, block in enumerate(each.fields.each("inline_policy")):
        known = blocks[index] if index < len(blocks) else {}
        inner = Planned(f"{each.address}.inline_policy[{index}]", "", block, known)
        document = plan.document(inner, "policy", PolicyType.IDENTITY)
        if document is not None:
            yield document
    # Terraform: what is not known yet stands as null among the others.
    arns = each.fields.values("managed_policy_arns")
    for arn in arns:
        if isinstance(arn, str):
            yield ManagedReference(arn, arn.rpartition("/")[2], each.fields.where())
    if each.later.get("managed_policy_arns") is True:
        unknown = not plan.is_unset(each, "managed_policy_arns")
    else:
        unknown = not all(isinstance(arn, str) for arn in arns)
    if unknown:
        yield unknown_policy(
            f"{name}: managed_policy_arns", f"they are {KNOWN_LATER}", each.fields.where(), HELP
        )


def read_group(plan: Plan, each: Planned) -> None:
    """Take a group; its policies and members are resources of their own."""
    _, account, name = _place_of(plan, each, "group")
    if name:
        plan.parts.add_group(GroupClaim(name, account, (), each.fields.where()))


def _place_of(plan: Plan, each: Planned, kind: str) -> tuple[str, str, str]:
    """Give the ARN of a user, role or group, its account and its name."""
    name = each.text("name")
    if not name:
        each.fields.report(
            "PE1812",
            f"the name of {quote(each.address)} is {KNOWN_LATER}, so it is left out",
            HELP,
            severity=Severity.WARNING,
        )
        return "", "", ""
    arn = each.text("arn")
    if not arn and plan.account:
        path = each.text("path") or "/"
        arn = f"arn:{plan.partition}:iam::{plan.account}:{kind}{path}{name}"
    account = arn.split(":")[4] if arn.count(":") >= 5 else ""
    if account:
        plan.parts.add_account(account)
    return arn, account, name


def read_policy(plan: Plan, each: Planned) -> None:
    """Take a managed policy."""
    readers = {}
    for type in MANAGED_TYPES:
        document = plan.document(each, "policy", type)
        if document is not None:
            readers[type] = document.reader
    if readers:
        arn, name = _arn_of_policy(plan, each), each.text("name") or each.address
        plan.parts.add_managed(ManagedClaim(arn, name, readers, each.fields.where()))


def _managed(plan: Plan, each: Planned, name: str) -> Reference | None:
    """Give the managed policy that a value means; None where it is not set."""
    found = plan.target(each, name, "aws_iam_policy")
    if isinstance(found, Planned):
        return _managed_of(plan, found)
    if found:
        return ManagedReference(found, found.rpartition("/")[2], each.fields.where(name))
    if not each.is_later(name):
        return None
    shown = f"{each.address}.{name}"
    return unknown_policy(shown, f"{quote(shown)} is {KNOWN_LATER}", each.fields.where(), HELP)


def _managed_of(plan: Plan, each: Planned) -> Reference:
    return ManagedReference(_arn_of_policy(plan, each), each.text("name"), each.fields.where())


def _arn_of_policy(plan: Plan, each: Planned) -> str:
    """Give a managed policy's ARN, or a stand-in under which the plan knows it."""
    arn, name = each.text("arn"), each.text("name")
    if not arn and name and plan.account:
        path = each.text("path") or "/"
        arn = f"arn:{plan.partition}:iam::{plan.account}:policy{path}{name}"
    return arn or f"{STAND_IN}{each.address}"


def read_inline(plan: Plan, each: Planned, holder: str) -> None:
    """Take an inline policy that stands beside its user, role or group."""
    document = plan.document(each, "policy", PolicyType.IDENTITY)
    _attach(plan, each, holder, _name_of(plan, each, holder), document)


def read_attachment(plan: Plan, each: Planned, holder: str) -> None:
    """Take the attachment of a managed policy to one user, role or group."""
    policy = _managed(plan, each, "policy_arn")
    _attach(plan, each, holder, _name_of(plan, each, holder), policy)


def read_attachments(plan: Plan, each: Planned) -> None:
    """Take the attachment of a managed policy to several users, roles and groups."""
    policy = _managed(plan, each, "policy_arn")
    for holder in HOLDERS:
        if each.later.get(f"{holder}s") and policy is not None:
            plan.lose(each, f"{holder}s", f"aws_iam_{holder}")
        for name in each.fields.texts(f"{holder}s") if not each.later.get(f"{holder}s") else ():
            _attach(plan, each, holder, name, policy)


def _attach(plan: Plan, each: Planned, holder: str, name: str, policy: Reference | None) -> None:
    """Hang a policy at a user, role or group, by its name."""
    if policy is None:
        return
    if name:
        account = plan.accounts.get((f"aws_iam_{holder}", name), plan.account)
        plan.parts.attach(holder, account, name, policy)
    else:
        plan.lose(each, holder, f"aws_iam_{holder}")


def _name_of(plan: Plan, each: Planned, name: str) -> str:
    """Give the name of the user, role or group that a value means; empty where unknown."""
    found = plan.target(each, name, f"aws_iam_{name}")
    return found.text("name") if isinstance(found, Planned) else found or ""


def read_members(plan: Plan, each: Planned) -> None:
    """A group membership: users learn of their groups by claims of their own."""
    if each.type == "aws_iam_user_group_membership":
        users, groups = [_name_of(plan, each, "user")], each.fields.texts("groups")
    else:
        users, groups = each.fields.texts("users"), [_name_of(plan, each, "group")]
    if not all((*users, *groups)) or each.later.get("users") or each.later.get("groups"):
        plan.lose(each, "members", "aws_iam_user")
        return
    for user in users:
        account = plan.accounts.get(("aws_iam_user", user), plan.account)
        plan.parts.joined.setdefault((account, user), set()).update(groups)
