"""Who asks in a simulated request, and whose the resource is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyeval.arn import is_account_id
from policyeval.parsing.defect import quote
from policyeval.source import Location
from policyeval.testing.imports.draft import ANYBODY, Draft


def account_of(arn: str) -> str:
    """Give the account id of an ARN, or of an account id; empty where there is none."""
    if is_account_id(arn):
        return arn
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and is_account_id(parts[4]) else ""


def caller_for(
    resources: Sequence[str], caller: str, owner: str, has_resource_policy: bool
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Give principal, account of the resource and the resources that go with them.

    AWS: the owner of a resource whose ARN tells none is `ResourceOwner`, else the caller's
    account. Where nobody is named as the caller, there is no account either that the resource
    could be foreign to: somebody in the resource's own account is taken.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for resource in resources:
        told = account_of(resource)
        account = "" if told else owner
        principal = caller
        if not caller and not has_resource_policy and (told or account):
            principal = f"arn:aws:iam::{told or account}:{ANYBODY}"
        groups.setdefault((principal, account), []).append(resource)
    for (principal, account), some in groups.items():
        yield principal, account, tuple(some)


def note_one_sided(
    draft: Draft,
    principal: str,
    account: str,
    resources: Sequence[str],
    has_resource_policy: bool,
    place: Location,
) -> None:
    """Note where the simulator leaves out the resource's side, and policyeval does not."""
    own = account_of(principal)
    foreign = [each for each in resources if (account_of(each) or account) not in ("", own)]
    if own and foreign and not has_resource_policy:
        draft.warn(
            "PE2365",
            f"{quote(foreign[0])} is another account's, and its policy is not given",
            place,
            "the simulator asks the caller's side alone; here nothing is allowed across accounts "
            "unless the resource's policy allows it too",
        )
