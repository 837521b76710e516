"""`terraform show -json PLAN` (or of a state): what there will be once the plan is applied.

What is known after apply only is unknown here: a policy becomes one that cannot be read, and an
attachment whose ends nobody can tell is resolved through the plan's configuration, where a
reference names exactly one resource. Nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policyeval.arn import is_account_id
from policyeval.environment.exports.document import KeptPolicy
from policyeval.environment.exports.parts import (
    STAND_IN,
    EndpointClaim,
    GroupClaim,
    IdentityClaim,
    ManagedClaim,
    ManagedReference,
    Parts,
    Reference,
    ResourceClaim,
)
from policyeval.environment.exports.permissions import permission_text
from policyeval.environment.exports.stream import Item, Where
from policyeval.environment.exports.terraform_plan import (
    Planned,
    bare_address,
    may_span_accounts,
    module_of,
    references_of,
    resources_of,
    unfinished,
)
from policyeval.environment.exports.unknowns import unknown_policy
from policyeval.environment.exports.vpc_endpoints import TYPES, service_of
from policyeval.environment.model import ANY_TAG, PolicyDocument
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.policy import PolicyType
from policyeval.source import Location

KNOWN_LATER = "known after apply"
HELP = "apply the plan, and show it again with `terraform show -json`"
MANAGED_TYPES = (PolicyType.IDENTITY, PolicyType.BOUNDARY)
_HOLDERS = ("user", "role", "group")


def read_plan(members: Mapping[str, Item], changes: list[Item], parts: Parts) -> None:
    """Take the resources of a plan, or of a state."""
    resources = list(resources_of(members, changes, parts))
    plan = _Plan(resources, references_of(members), parts, may_span_accounts(members))
    part = unfinished(members)
    if part is not None:
        plan.note_unfinished(*part)
    plan.read()


class _Plan:
    def __init__(
        self,
        resources: list[Planned],
        references: Mapping[str, Mapping[str, Any]],
        parts: Parts,
        spans_accounts: bool = False,
    ) -> None:
        self.resources = resources
        self.references = references
        self.parts = parts
        self.instances: dict[str, list[Planned]] = {}
        for each in resources:
            self.instances.setdefault(bare_address(each.address), []).append(each)
        self.spans_accounts = spans_accounts
        self.account = "" if spans_accounts else parts.given.account or self._account()
        self.partition = parts.given.partition or "aws"
        self.claimed: dict[str, list[PolicyDocument]] = {}
        self.used: set[str] = set()
        self.lost: dict[str, list[PolicyDocument]] = {}
        self.accounts = {
            (each.type, each.text("name")): self._account_of(each)
            for each in resources
            if each.type.startswith("aws_iam_")
        }

    def _account_of(self, each: Planned) -> str:
        arn = each.text("arn")
        return arn.split(":")[4] if arn.count(":") >= 5 else self.account

    def _account(self) -> str:
        """Give the one account that the ARNs of the plan's IAM resources tell."""
        seen = {
            arn.split(":")[4]
            for each in self.resources
            if each.type.startswith("aws_iam_")
            and (arn := str(each.fields.tree.get("arn") or "")).count(":") >= 5
        }
        accounts = {each for each in seen if is_account_id(each)}
        return accounts.pop() if len(accounts) == 1 else ""

    def read(self) -> None:
        """Take every resource that has a reader; policies of resources are joined first."""
        self._gather_resource_policies()
        for each in self.resources:
            read = READERS.get(each.type)
            if read is not None:
                read(self, each)
            elif each.type not in GATHERED:
                self.parts.not_understood[each.type or "resource"] += 1
        self._place_others()
        if not self.account and any(each.type.startswith("aws_iam_") for each in self.resources):
            self.parts.add(
                Finding(
                    "PE1813",
                    Severity.NOTE,
                    "the providers of the plan may be of several accounts, so its users and roles "
                    "go by name where they have no ARN yet"
                    if self.spans_accounts
                    else "nothing tells the account of the plan, so its users and roles go by name",
                    None,
                    HELP
                    if self.spans_accounts
                    else "give it: `--account`, or `AWS::AccountId` among `parameters`",
                )
            )

    def note_unfinished(self, item: Item, why: str) -> None:
        """Say that the plan tells only a part: anything more may hang at what it tells."""
        location = Location(item.source, item.pointer)
        self.parts.add(
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
        for holder in _HOLDERS:
            self._hang_at_each(f"aws_iam_{holder}", document)
        for _, _, type in GATHERED.values():
            self.lost.setdefault(type, []).append(document)
        self.parts.unplaced.append(document)

    # ---- values ---------------------------------------------------------------------------

    def document(self, each: Planned, name: str, type: PolicyType) -> PolicyDocument | None:
        """Give a policy of a resource; None where it has none."""
        shown = f"{each.address}.{name}"
        if each.is_later(name) and not self._is_unset(each, name):
            where = each.fields.where()
            return unknown_policy(shown, f"{quote(shown)} is {KNOWN_LATER}", where, HELP)
        if not each.fields.has(name) or each.fields.tree[name] == "":
            return None
        return each.fields.document(name, type, shown)

    def _is_unset(self, each: Planned, name: str) -> bool:
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

    def name_of(self, each: Planned, name: str) -> str:
        """Give the name of the user, role or group that a value means; empty where unknown."""
        found = self.target(each, name, f"aws_iam_{name}")
        return found.text("name") if isinstance(found, Planned) else found or ""

    def managed(self, each: Planned, name: str) -> Reference | None:
        """Give the managed policy that a value means; None where it is not set."""
        found = self.target(each, name, "aws_iam_policy")
        if isinstance(found, Planned):
            return self.managed_of(found)
        if found:
            return ManagedReference(found, found.rpartition("/")[2], each.fields.where(name))
        if not each.is_later(name):
            return None
        shown = f"{each.address}.{name}"
        return unknown_policy(shown, f"{quote(shown)} is {KNOWN_LATER}", each.fields.where(), HELP)

    def managed_of(self, each: Planned) -> Reference:
        return ManagedReference(self.arn_of_policy(each), each.text("name"), each.fields.where())

    def arn_of_policy(self, each: Planned) -> str:
        """Give a managed policy's ARN, or a stand-in under which the plan knows it."""
        arn, name = each.text("arn"), each.text("name")
        if not arn and name and self.account:
            path = each.text("path") or "/"
            arn = f"arn:{self.partition}:iam::{self.account}:policy{path}{name}"
        return arn or f"{STAND_IN}{each.address}"

    # ---- IAM ------------------------------------------------------------------------------

    def iam_place(self, each: Planned, kind: str) -> tuple[str, str, str]:
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
        if not arn and self.account:
            path = each.text("path") or "/"
            arn = f"arn:{self.partition}:iam::{self.account}:{kind}{path}{name}"
        account = arn.split(":")[4] if arn.count(":") >= 5 else ""
        if account:
            self.parts.add_account(account)
        return arn, account, name

    def read_identity(self, each: Planned, kind: str) -> None:
        arn, account, name = self.iam_place(each, kind)
        if not name:
            return
        boundary = self.managed(each, "permissions_boundary")
        trust = self.document(each, "assume_role_policy", PolicyType.TRUST)
        self.parts.add_identity(
            IdentityClaim(
                kind,
                name,
                arn,
                account,
                tuple(self._inline(each, name)),
                None,
                () if boundary is None else (boundary,),
                None if kind == "user" or trust is None else (trust,),
                *self._tags(each),
                each.fields.where(),
            )
        )

    def _inline(self, each: Planned, name: str) -> Iterator[Reference]:
        later = each.later.get("inline_policy")
        if later is True and not self._is_unset(each, "inline_policy"):
            shown = f"{each.address}.inline_policy"
            yield unknown_policy(shown, f"it is {KNOWN_LATER}", each.fields.where(), HELP)
            return
        blocks = later if isinstance(later, list) else []
        for index, block in enumerate(each.fields.each("inline_policy")):
            known = blocks[index] if index < len(blocks) else {}
            inner = Planned(f"{each.address}.inline_policy[{index}]", "", block, known)
            document = self.document(inner, "policy", PolicyType.IDENTITY)
            if document is not None:
                yield document
        # Terraform: what is not known yet stands as null among the others.
        arns = each.fields.values("managed_policy_arns")
        for arn in arns:
            if isinstance(arn, str):
                yield ManagedReference(arn, arn.rpartition("/")[2], each.fields.where())
        if each.later.get("managed_policy_arns") is True:
            unknown = not self._is_unset(each, "managed_policy_arns")
        else:
            unknown = not all(isinstance(arn, str) for arn in arns)
        if unknown:
            yield unknown_policy(
                f"{name}: managed_policy_arns", f"they are {KNOWN_LATER}", each.fields.where(), HELP
            )

    def _tags(self, each: Planned) -> tuple[dict[str, str], tuple[str, ...]]:
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
        return {key: text for key, text in known.items() if key not in unknown}, tuple(
            sorted(unknown)
        )

    def read_group(self, each: Planned) -> None:
        _, account, name = self.iam_place(each, "group")
        if name:
            self.parts.add_group(GroupClaim(name, account, (), each.fields.where()))

    def read_policy(self, each: Planned) -> None:
        readers = {}
        for type in MANAGED_TYPES:
            document = self.document(each, "policy", type)
            if document is not None:
                readers[type] = document.reader
        if readers:
            arn, name = self.arn_of_policy(each), each.text("name") or each.address
            self.parts.add_managed(ManagedClaim(arn, name, readers, each.fields.where()))

    def attach(self, each: Planned, holder: str, name: str, policy: Reference | None) -> None:
        """Hang a policy at a user, role or group, by its name."""
        if policy is None:
            return
        if name:
            account = self.accounts.get((f"aws_iam_{holder}", name), self.account)
            self.parts.attach(holder, account, name, policy)
        else:
            self._lose(each, holder, f"aws_iam_{holder}")

    def _lose(self, each: Planned, what: str, type: str) -> None:
        """Something hangs at one of the resources of a type, and nobody can tell at which."""
        document = unknown_policy(
            each.address,
            f"the {what} of {quote(each.address)} is {KNOWN_LATER}, so it may hang here",
            each.fields.where(),
            HELP,
        )
        holder = type.removeprefix("aws_iam_")
        if holder not in _HOLDERS:
            self.lost.setdefault(type, []).append(document)
            self.parts.unplaced.append(document)
            return
        self._hang_at_each(type, document)

    def _hang_at_each(self, type: str, document: PolicyDocument) -> None:
        for other in self.resources:
            if other.type == type and other.text("name"):
                holder, account = type.removeprefix("aws_iam_"), self._account_of(other)
                self.parts.attach(holder, account, other.text("name"), document)

    def read_inline(self, each: Planned, holder: str) -> None:
        document = self.document(each, "policy", PolicyType.IDENTITY)
        self.attach(each, holder, self.name_of(each, holder), document)

    def read_attachment(self, each: Planned, holder: str) -> None:
        policy = self.managed(each, "policy_arn")
        self.attach(each, holder, self.name_of(each, holder), policy)

    def read_attachments(self, each: Planned) -> None:
        policy = self.managed(each, "policy_arn")
        for holder in _HOLDERS:
            if each.later.get(f"{holder}s") and policy is not None:
                self._lose(each, f"{holder}s", f"aws_iam_{holder}")
            for name in each.fields.texts(f"{holder}s") if not each.later.get(f"{holder}s") else ():
                self.attach(each, holder, name, policy)

    def read_members(self, each: Planned) -> None:
        """A group membership: users learn of their groups by claims of their own."""
        if each.type == "aws_iam_user_group_membership":
            users, groups = [self.name_of(each, "user")], each.fields.texts("groups")
        else:
            users, groups = each.fields.texts("users"), [self.name_of(each, "group")]
        if not all((*users, *groups)) or each.later.get("users") or each.later.get("groups"):
            self._lose(each, "members", "aws_iam_user")
            return
        for user in users:
            account = self.accounts.get(("aws_iam_user", user), self.account)
            self.parts.joined.setdefault((account, user), set()).update(groups)

    # ---- resources ------------------------------------------------------------------------

    def _gather_resource_policies(self) -> None:
        """Note the policies that are resources of their own, by what they are about."""
        for each in self.resources:
            row = GATHERED.get(each.type)
            if row is None:
                continue
            name, field, holder = row
            document = (
                self._permission(each)
                if each.type == "aws_lambda_permission"
                else self.document(each, field, PolicyType.RESOURCE)
            )
            if document is None:
                continue
            found = self.target(each, name, holder)
            if found is None:
                self._lose(each, name, holder)
                continue
            key = found.address if isinstance(found, Planned) else f"{holder} {found}"
            qualifier = each.text("qualifier")
            if qualifier:  # AWS: versions and aliases of a function have policies of their own
                arn = self._made_arn(found) if isinstance(found, Planned) else ""
                arn = arn or (found if isinstance(found, str) else found.text("arn"))
                if not arn:
                    self._lose(each, name, holder)
                    continue
                key = f"{holder} {arn}:{qualifier}"
            self.claimed.setdefault(key, []).append(document)

    def _permission(self, each: Planned) -> PolicyDocument:
        """Give the statement that a permission adds to its function's policy."""
        names = {"Principal": "principal", "Action": "action", **PERMISSION_KEYS}
        for name in (*names.values(), "qualifier"):
            if each.is_later(name):
                why = f"{quote(f'{each.address}.{name}')} is {KNOWN_LATER}"
                return unknown_policy(each.address, why, each.fields.where(), HELP)
        given = {key: each.text(name) for key, name in names.items() if each.text(name)}
        text = permission_text(each.text("statement_id"), given)
        source = each.fields.origin.source
        reader = KeptPolicy(text, source, each.fields.pointer, PolicyType.RESOURCE)
        return PolicyDocument(each.address, reader)

    def read_resource(self, each: Planned) -> None:
        """Take a resource with its policies: its own, and those that stand beside it."""
        arn = each.text("arn") or self._made_arn(each)
        own = self.document(each, "policy", PolicyType.RESOURCE)
        names = {arn, *(each.text(name) for name in NAMES)} - {""}
        keys = {each.address, *(f"{each.type} {name}" for name in names)}
        self.used |= keys
        documents = [document for key in sorted(keys) for document in self.claimed.get(key, ())]
        documents += self.lost.get(each.type, ())
        if own is not None:
            documents.append(own)
        if not arn:
            self.parts.unplaced.extend(self._later_arn(each, document) for document in documents)
            return
        tags, unknown_tags = self._tags(each)
        self.parts.add_resource(
            ResourceClaim(
                arn,
                arn.split(":")[4] or self.account,
                tuple(documents),
                tags,
                "" if arn.split(":")[3] else self.parts.given.region,
                unknown_tags=unknown_tags,
                where=each.fields.where(),
            )
        )

    def _later_arn(self, each: Planned, document: PolicyDocument) -> PolicyDocument:
        why = f"the ARN of {quote(each.address)} is {KNOWN_LATER}, so it may be of any resource"
        help = "give `--account` and `--region`"
        return unknown_policy(document.name, why, each.fields.where(), help)

    def _place_others(self) -> None:
        """Policies of resources that the plan only names: by their ARN, where the name is one."""
        for key, documents in self.claimed.items():
            if key in self.used:
                continue
            type, _, name = key.rpartition(" ")
            arn = self._arn_of(type, name)
            if arn:
                for document in documents:
                    self.parts.resource_policies.setdefault(arn, []).append(document)
            else:
                self.parts.unplaced.extend(
                    unknown_policy(
                        document.name,
                        f"nothing tells the ARN of {quote(name)}",
                        Where(""),
                        "give `--account` and `--region`",
                    )
                    for document in documents
                )

    def _arn_of(self, type: str, name: str) -> str:
        """Give the ARN of a resource by what a policy calls it."""
        if name.startswith("arn:"):
            return name
        if type == "aws_s3_bucket":
            return f"arn:{self.partition}:s3:::{name}"
        region, form = self.parts.given.region, MADE_ARNS.get(type)
        if not (region and self.account and form and "/" not in name):
            return ""
        return f"arn:{self.partition}:{form.format(region=region, account=self.account, name=name)}"

    def _made_arn(self, each: Planned) -> str:
        """Give the ARN that a resource will have, where its name and place tell it."""
        field = {"aws_s3_bucket": "bucket", "aws_lambda_function": "function_name"}
        name = each.text(field.get(each.type, "name"))
        return self._arn_of(each.type, name) if name else ""

    def read_endpoint(self, each: Planned) -> None:
        identifier, kind = each.text("id"), each.text("vpc_endpoint_type") or "Gateway"
        if not identifier:
            each.fields.report(
                "PE1812",
                f"the id of {quote(each.address)} is {KNOWN_LATER}, so no request meets it",
                HELP,
                severity=Severity.WARNING,
            )
            return
        if kind not in TYPES:
            self.parts.not_understood[f"endpoint type {kind}"] += 1
            return
        document = self.document(each, "policy", PolicyType.VPC_ENDPOINT)
        keys = (each.address, f"{each.type} {identifier}")
        self.used.update(keys)
        beside = [document for key in keys for document in self.claimed.get(key, ())]
        beside += self.lost.get(each.type, ())
        self.parts.add_endpoint(
            EndpointClaim(
                identifier,
                each.text("vpc_id"),
                each.text("owner_id") or self.account,
                service_of(each.text("service_name")),
                TYPES[kind],
                tuple(beside or ([document] if document is not None else [])),
                self._tags(each)[0].get("Name", ""),
                each.fields.where(),
            )
        )


NONE_BY_DEFAULT = ("aws_iam_role", "aws_s3_bucket", "aws_sqs_queue", "aws_secretsmanager_secret")
"""Types whose policies AWS leaves empty where nobody sets them, unlike those of keys and topics."""

GATHERED = {
    "aws_s3_bucket_policy": ("bucket", "policy", "aws_s3_bucket"),
    "aws_kms_key_policy": ("key_id", "policy", "aws_kms_key"),
    "aws_sqs_queue_policy": ("queue_url", "policy", "aws_sqs_queue"),
    "aws_sns_topic_policy": ("arn", "policy", "aws_sns_topic"),
    "aws_secretsmanager_secret_policy": ("secret_arn", "policy", "aws_secretsmanager_secret"),
    "aws_ecr_repository_policy": ("repository", "policy", "aws_ecr_repository"),
    "aws_vpc_endpoint_policy": ("vpc_endpoint_id", "policy", "aws_vpc_endpoint"),
    "aws_lambda_permission": ("function_name", "", "aws_lambda_function"),
}
"""Policies that are resources of their own: what they are about, the policy, the type of that."""

PERMISSION_KEYS = {
    "SourceArn": "source_arn",
    "SourceAccount": "source_account",
    "PrincipalOrgID": "principal_org_id",
    "FunctionUrlAuthType": "function_url_auth_type",
    "EventSourceToken": "event_source_token",
}
NAMES = ("id", "bucket", "url", "name", "function_name", "key_id")
"""By what the policies of a resource may call it."""

MADE_ARNS = {
    "aws_sqs_queue": "sqs:{region}:{account}:{name}",
    "aws_sns_topic": "sns:{region}:{account}:{name}",
    "aws_ecr_repository": "ecr:{region}:{account}:repository/{name}",
    "aws_lambda_function": "lambda:{region}:{account}:function:{name}",
}

READERS: dict[str, Callable[[_Plan, Planned], None]] = {
    "aws_iam_user": lambda plan, each: plan.read_identity(each, "user"),
    "aws_iam_role": lambda plan, each: plan.read_identity(each, "role"),
    "aws_iam_group": _Plan.read_group,
    "aws_iam_policy": _Plan.read_policy,
    "aws_iam_policy_attachment": _Plan.read_attachments,
    "aws_iam_user_group_membership": _Plan.read_members,
    "aws_iam_group_membership": _Plan.read_members,
    **{
        f"aws_iam_{holder}_policy": (
            lambda plan, each, holder=holder: plan.read_inline(each, holder)  # type: ignore[misc]
        )
        for holder in _HOLDERS
    },
    **{
        f"aws_iam_{holder}_policy_attachment": (
            lambda plan, each, holder=holder: plan.read_attachment(each, holder)  # type: ignore[misc]
        )
        for holder in _HOLDERS
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
        _Plan.read_resource,
    ),
    "aws_vpc_endpoint": _Plan.read_endpoint,
}
