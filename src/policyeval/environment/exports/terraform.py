"""`terraform show -json PLAN` (or of a state): what there will be once the plan is applied.

What is known after apply only is unknown here: a policy becomes one that cannot be read, and an
attachment whose ends nobody can tell is resolved through the plan's configuration, where a
reference names exactly one resource. Nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from policyeval.environment.exports import terraform_identities as iam
from policyeval.environment.exports import terraform_resources as resources
from policyeval.environment.exports.parts import Parts
from policyeval.environment.exports.stream import Item, Where
from policyeval.environment.exports.terraform_plan import (
    Planned,
    may_span_accounts,
    references_of,
    resources_of,
    unfinished,
)
from policyeval.environment.exports.terraform_values import HELP, HOLDERS, Plan
from policyeval.environment.exports.unknowns import unknown_policy
from policyeval.finding import Finding, Severity
from policyeval.source import Location


def read_plan(members: Mapping[str, Item], changes: list[Item], parts: Parts) -> None:
    """Take the resources of a plan, or of a state."""
    planned = list(resources_of(members, changes, parts))
    plan = Plan(planned, references_of(members), parts, may_span_accounts(members))
    part = unfinished(members)
    if part is not None:
        _note_unfinished(plan, *part)
    _read_resources(plan)
    if not plan.account and any(each.type.startswith("aws_iam_") for each in plan.resources):
        _note_account(plan)


def _read_resources(plan: Plan) -> None:
    """Take every resource that has a reader; policies of resources are joined first."""
    resources.gather_resource_policies(plan)
    for each in plan.resources:
        read = READERS.get(each.type)
        if read is not None:
            read(plan, each)
        elif each.type not in resources.GATHERED:
            plan.parts.not_understood[each.type or "resource"] += 1
    resources.place_others(plan)


def _note_account(plan: Plan) -> None:
    """Say that users and roles go by name, and why nothing tells their account."""
    plan.parts.add(
        Finding(
            "PE1813",
            Severity.NOTE,
            "the providers of the plan may be of several accounts, so its users and roles "
            "go by name where they have no ARN yet"
            if plan.spans_accounts
            else "nothing tells the account of the plan, so its users and roles go by name",
            None,
            HELP
            if plan.spans_accounts
            else "give it: `--account`, or `AWS::AccountId` among `parameters`",
        )
    )


def _note_unfinished(plan: Plan, item: Item, why: str) -> None:
    """Say that the plan tells only a part: anything more may hang at what it tells."""
    location = Location(item.source, item.pointer)
    plan.parts.add(
        Finding(
            "PE1805",
            Severity.WARNING,
            f"the plan is not all that there will be: {why}",
            location,
            "apply it, and show the next plan or the state",
        )
    )
    where = Where(item.pointer, item.place, None if item.place else item.source)
    document = unknown_policy("the rest of the plan", why, where, HELP)
    for holder in HOLDERS:
        plan.hang_at_each(f"aws_iam_{holder}", document)
    for _, _, type in resources.GATHERED.values():
        plan.lost.setdefault(type, []).append(document)
    plan.parts.unplaced.append(document)


READERS: dict[str, Callable[[Plan, Planned], None]] = {
    "aws_iam_user": partial(iam.read_identity, kind="user"),
    "aws_iam_role": partial(iam.read_identity, kind="role"),
    "aws_iam_group": iam.read_group,
    "aws_iam_policy": iam.read_policy,
    "aws_iam_policy_attachment": iam.read_attachments,
    "aws_iam_user_group_membership": iam.read_members,
    "aws_iam_group_membership": iam.read_members,
    **{f"aws_iam_{holder}_policy": partial(iam.read_inline, holder=holder) for holder in HOLDERS},
    **{
        f"aws_iam_{holder}_policy_attachment": partial(iam.read_attachment, holder=holder)
        for holder in HOLDERS
    },
    **dict.fromkeys(
        (
            "aws_s3_bucket",
            "aws_kms_key",
            "aws_sqs_queue",
            "aws_sns_topic",
            "aws_secretsmanager_secret",
            "aws_ecr_repository",
            "aws_lambda_function",
        ),
        resources.read_resource,
    ),
    "aws_vpc_endpoint": resources.read_endpoint,
}
"""What takes a resource, by its type; policies of resources are gathered before."""
