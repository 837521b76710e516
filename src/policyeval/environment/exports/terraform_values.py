"""What a Terraform plan tells of a value, of its resource or of the account it works in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.arn import is_account_id
from policyeval.environment.exports.parts import Parts
from policyeval.environment.exports.terraform_plan import Planned, bare_address, module_of
from policyeval.environment.exports.unknowns import unknown_policy
from policyeval.environment.model import ANY_TAG, PolicyDocument
from policyeval.parsing.defect import quote
from policyeval.policy import PolicyType

KNOWN_LATER = "known after apply"
HELP = "apply the plan, and show it again with `terraform show -json`"
HOLDERS = ("user", "role", "group")
NONE_BY_DEFAULT = ("aws_iam_role", "aws_s3_bucket", "aws_sqs_queue", "aws_secretsmanager_secret")
"""Types whose policies AWS leaves empty where nobody sets them, unlike those of keys and topics."""


class Plan:
    """A plan while it is read. Not frozen: it grows with each resource.

    `resources` are all there will be, `instances` the same by bare address, and `references` the
    expressions behind their values. `account` is empty where nothing tells it; `accounts` are
    those of the users, roles and groups, by type and name. `claimed` are policies that stand beside
    their resource, by what they call it, and `used` the names under which one was found; `lost` are
    those that may be of any resource of a type.
    """

    def __init__(
        self,
        resources: list[Planned],
        references: Mapping[str, Mapping[str, Any]],
        parts: Parts,
        spans_accounts: bool = False,
    ) -> None:
        """Start with the resources; `spans_accounts`: they may be of several accounts."""
        self.resources = resources
        self.references = references
        self.parts = parts
        self.instances: dict[str, list[Planned]] = {}
        for each in resources:
            self.instances.setdefault(bare_address(each.address), []).append(each)
        self.spans_accounts = spans_accounts
        self.account = "" if spans_accounts else parts.given.account or self._told_account()
        self.partition = parts.given.partition or "aws"
        self.claimed: dict[str, list[PolicyDocument]] = {}
        self.used: set[str] = set()
        self.lost: dict[str, list[PolicyDocument]] = {}
        self.accounts = {
            (each.type, each.text("name")): self.account_of(each)
            for each in resources
            if each.type.startswith("aws_iam_")
        }

    def account_of(self, each: Planned) -> str:
        """Give the account of a user, role or group: its ARN's, else the plan's."""
        arn = each.text("arn")
        return arn.split(":")[4] if arn.count(":") >= 5 else self.account

    def _told_account(self) -> str:
        """Give the one account that the ARNs of the plan's IAM resources tell."""
        seen = {
            arn.split(":")[4]
            for each in self.resources
            if each.type.startswith("aws_iam_")
            and (arn := str(each.fields.tree.get("arn") or "")).count(":") >= 5
        }
        accounts = {each for each in seen if is_account_id(each)}
        return accounts.pop() if len(accounts) == 1 else ""

    def document(self, each: Planned, name: str, type: PolicyType) -> PolicyDocument | None:
        """Give a policy of a resource; None where it has none."""
        shown = f"{each.address}.{name}"
        if each.is_later(name) and not self.is_unset(each, name):
            where = each.fields.where()
            return unknown_policy(shown, f"{quote(shown)} is {KNOWN_LATER}", where, HELP)
        if not each.fields.has(name) or each.fields.tree[name] == "":
            return None
        return each.fields.document(name, type, shown)

    def is_unset(self, each: Planned, name: str) -> bool:
        """Tell whether a value that comes later is one that the provider fills in with nothing."""
        expressions = self.references.get(bare_address(each.address))
        return each.type in NONE_BY_DEFAULT and expressions is not None and name not in expressions

    def target(self, each: Planned, name: str, type: str) -> Planned | str | None:
        """Give what a value means: a text, or the resource that it will be taken from.

        Only a resource of the type that is wanted, and only where nothing else is spoken of: of a
        condition, or a text put together, the plan does not tell what comes of it.
        """
        value = each.text(name)
        if value:
            return value
        if not each.is_later(name):
            return None
        address = bare_address(each.address)
        expression = self.references.get(address, {}).get(name)
        references = expression.get("references") if isinstance(expression, Mapping) else None
        if not isinstance(references, list):
            return None
        named = {".".join(bare_address(str(each)).split(".")[:2]) for each in references}
        found = self.instances.get(module_of(address) + "".join(named), [])
        return found[0] if len(named) == len(found) == 1 and found[0].type == type else None

    def lose(self, each: Planned, what: str, type: str) -> None:
        """Something hangs at one of the resources of a type, and nobody can tell at which."""
        document = unknown_policy(
            each.address,
            f"the {what} of {quote(each.address)} is {KNOWN_LATER}, so it may hang here",
            each.fields.where(),
            HELP,
        )
        holder = type.removeprefix("aws_iam_")
        if holder not in HOLDERS:
            self.lost.setdefault(type, []).append(document)
            self.parts.unplaced.append(document)
            return
        self.hang_at_each(type, document)

    def hang_at_each(self, type: str, document: PolicyDocument) -> None:
        """Hang a policy at every user, role or group of a type: it may be of any."""
        for other in self.resources:
            if other.type == type and other.text("name"):
                holder, account = type.removeprefix("aws_iam_"), self.account_of(other)
                self.parts.attach(holder, account, other.text("name"), document)


def tags_of(each: Planned) -> tuple[dict[str, str], tuple[str, ...]]:
    """Give the tags that are known, and the keys of those that are not yet."""
    known: dict[str, str] = {}
    unknown: set[str] = set()
    for name in ("tags", "tags_all"):  # Terraform: `tags_all` has the provider's own too
        tags, later = each.fields.object(name), each.later.get(name)
        if later is True:
            unknown.add(ANY_TAG)
        elif isinstance(later, Mapping):
            unknown |= {key for key, value in later.items() if value}
        if tags is not None:
            known |= {key: tags.text(key) for key in tags.tree if tags.has(key)}
    return {key: text for key, text in known.items() if key not in unknown}, tuple(sorted(unknown))
