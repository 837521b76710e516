"""CloudFormation templates, in JSON and YAML: the literal parts, and what follows from them.

A policy that holds a function whose value nobody can tell is unknown as a whole. A user or role
whose name AWS makes up goes by its logical id, which a note says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policyeval.environment.exports.document import KeptPolicy
from policyeval.environment.exports.fields import Fields, Origin
from policyeval.environment.exports.intrinsics import ABSENT, Resolver, Unknown
from policyeval.environment.exports.parts import (
    STAND_IN,
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
from policyeval.environment.exports.unknowns import unknown_policy
from policyeval.environment.model import ANY_TAG, PolicyDocument
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.document import read_document
from policyeval.policy import PolicyType, escape_pointer
from policyeval.source import Location

HELP = "give its value: `--parameter NAME=VALUE`, `--account`, `--region`"
PROCESSED = (
    "export the processed template: `aws cloudformation get-template --template-stage Processed`"
)
MANAGED_TYPES = (PolicyType.IDENTITY, PolicyType.BOUNDARY)
# The property that names a resource, by type; AWS makes up a name where it is absent.
NAME_OF = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::ECR::Repository": "RepositoryName",
}
ARN_OF = {
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::ECR::Repository": "ecr:{region}:{account}:repository/{name}",
}
KINDS = {"AWS::IAM::Role": "role", "AWS::IAM::User": "user", "AWS::IAM::Group": "group"}
TYPE_OF = {kind: type for type, kind in KINDS.items()}


def read_template(members: Mapping[str, Item], parts: Parts) -> None:
    """Take the resources of a template."""
    item = members["Resources"]
    source, tree = item.source, item.value
    if item.place is not None:  # JSON: read once more, with repeated keys and numbers told apart
        text = source.text or ""
        line, pointer = source.line, item.pointer
        tree, source, findings = read_document(text, source.name, line=line, pointer=pointer)
        for finding in findings:
            parts.add(finding)
    transform = members.get("Transform")
    if transform is not None:
        parts.add(
            Finding(
                "PE1812",
                Severity.WARNING,
                "the template is transformed when it is deployed: what that adds is not known",
                Location(transform.source, transform.pointer),
                PROCESSED,
            )
        )
    included = _functions(tree) if isinstance(tree, Mapping) else {}
    for name in included:
        pointer = f"{item.pointer}/{escape_pointer(name)}"
        parts.add(
            Finding(
                "PE1812",
                Severity.WARNING,
                f"{quote(name)} adds resources when the template is deployed: they are not known",
                Location(source, pointer, key=True),
                PROCESSED,
            )
        )
    if tree is not None:
        fields = Fields(tree, item.pointer, Origin(source=source), parts)
        _Template(fields, parts, _not_texts(members.get("Parameters"))).read()


def _not_texts(item: Item | None) -> frozenset[str]:
    """Give the parameters whose value is not the text that is given: lists, and names in SSM."""
    declared = item.value if item is not None and isinstance(item.value, Mapping) else {}
    return frozenset(
        name
        for name, one in declared.items()
        if isinstance(one, Mapping)
        and str(one.get("Type", "String")).startswith(
            ("CommaDelimitedList", "List<", "AWS::SSM::Parameter::Value<")
        )
    )


class _Template:
    def __init__(self, resources: Fields, parts: Parts, not_texts: frozenset[str]) -> None:
        self.parts = parts
        self.given = parts.given
        self.partition = self.given.partition or "aws"
        pseudo = {
            "AWS::AccountId": self.given.account,
            "AWS::Region": self.given.region,
            "AWS::Partition": self.given.partition,
        }
        parameters = {
            name: text for name, text in self.given.parameters.items() if name not in not_texts
        }
        known = {**parameters, **{key: text for key, text in pseudo.items() if text}}
        self.resolver = Resolver(known, self._lookup)
        self.resources = {
            name: resource
            for name in resources.tree
            if not name.startswith("Fn::")
            and (resource := resources.object(name)) is not None
            and resource.tree
        }
        self.beside: dict[str, list[PolicyDocument]] = {}
        self.lost: dict[str, list[PolicyDocument]] = {}
        self.looking: set[str] = set()

    def read(self) -> None:
        """Take every resource; policies of resources are gathered before what they are about."""
        for first in (True, False):
            for name, resource in self.resources.items():
                kind = resource.text("Type")
                read = BESIDE.get(kind) if first else READERS.get(kind)
                if read is not None:
                    read(self, name, self._properties(resource))
                elif not first and kind not in BESIDE:
                    self.parts.not_understood[kind or "resource without a type"] += 1
        if not self.given.account and any(self._kind(name) in KINDS for name in self.resources):
            self.parts.add(
                Finding(
                    "PE1813",
                    Severity.NOTE,
                    "nothing tells the account of the template, so its users and roles go by name",
                    None,
                    "give it: `--account`, or `AWS::AccountId` among `parameters`",
                )
            )

    # ---- values ---------------------------------------------------------------------------

    def _kind(self, name: str) -> str:
        return str(self.resources[name].tree.get("Type") or "")

    def _properties(self, resource: Fields) -> Fields:
        found = resource.object("Properties")
        at = resource.at("Properties")
        tree = {**(found.tree if found is not None else {}), **_functions(resource.tree)}
        return Fields(tree, at, resource.origin, self.parts)

    def opening(self, fields: Fields, name: str, what: str) -> tuple[PolicyDocument, ...]:
        """Give what stands for policies that a function may add to the properties."""
        if not _functions(fields.tree):
            return ()
        where = Where(fields.pointer, source=fields.origin.source)
        return (unknown_policy(f"{name}/{what}", _FUNCTION_ABOVE, where, HELP),)

    def value(self, fields: Fields, name: str) -> Any:
        """Give a property without functions; ABSENT where it is not set."""
        if _functions(fields.tree):
            return Unknown(_FUNCTION_ABOVE, fields.pointer)
        if name not in fields.tree:
            return ABSENT
        return self.resolver.resolve(fields.tree[name], fields.at(name))

    def text(self, fields: Fields, name: str) -> str:
        """Give a property that is a text; empty where it is absent or unknown."""
        value = self.value(fields, name)
        return str(value) if isinstance(value, str) else ""

    def _lookup(self, name: str, attribute: str) -> str | None:
        """Give what `Ref` or `Fn::GetAtt` of a resource is, as far as its name is literal."""
        if name not in self.resources or name in self.looking:
            return None
        self.looking.add(name)
        try:
            if attribute == "Arn" or (not attribute and self._kind(name) in _REF_IS_ARN):
                return self.arn(name) or None
            return None if attribute else self._own_name(name) or None
        finally:
            self.looking.discard(name)

    def _own_name(self, name: str) -> str:
        field = NAME_OF.get(self._kind(name))
        return self.text(self._properties(self.resources[name]), field) if field else ""

    def arn(self, name: str) -> str:
        """Give the ARN of a resource; empty where it is not known."""
        kind, own = self._kind(name), self._own_name(name)
        account, region = self.given.account, self.given.region
        if not own or (kind != "AWS::S3::Bucket" and not account):
            return ""
        if kind in KINDS or kind == "AWS::IAM::ManagedPolicy":
            path = self.value(self._properties(self.resources[name]), "Path")
            path = "/" if path is ABSENT else path
            what = KINDS.get(kind, "policy")
            known = isinstance(path, str)
            return f"arn:{self.partition}:iam::{account}:{what}{path}{own}" if known else ""
        form = ARN_OF.get(kind, "")
        if not form or ("{region}" in form and not region):
            return ""
        return f"arn:{self.partition}:{form.format(region=region, account=account, name=own)}"

    def logical(self, value: Any) -> str:
        """Give the logical id that a value refers to; empty for any other value."""
        if isinstance(value, Mapping) and len(value) == 1:
            name = value.get("Ref") or value.get("Fn::GetAtt")
            name = name[0] if isinstance(name, list) and name else name
            if isinstance(name, str) and name.partition(".")[0] in self.resources:
                return name.partition(".")[0]
        return ""

    # ---- policies -------------------------------------------------------------------------

    def document(self, fields: Fields, name: str, type: PolicyType, shown: str) -> PolicyDocument:
        """Give a policy of the template; an unknown one where a function in it is unknown."""
        tree = self.value(fields, name)
        pointer = fields.at(name)
        source = fields.origin.source
        if isinstance(tree, Unknown):
            where = Where(tree.pointer, source=source)
            return unknown_policy(shown, tree.why, where, HELP)
        return PolicyDocument(shown, KeptPolicy(tree, source, pointer, type))

    def only_if(self, name: str, document: PolicyDocument) -> PolicyDocument:
        """Give a policy, or an unknown one where it is there under a condition only."""
        resource = self.resources[name]
        if not resource.has("Condition"):
            return document
        why = f"{quote(name)} is there under a condition only"
        return unknown_policy(document.name, why, resource.where("Condition"), HELP)

    def listed(self, fields: Fields, name: str) -> Iterator[tuple[Any, str]]:
        """Give the members of a list with their pointers; a function in its place is one."""
        value = fields.tree.get(name)
        if isinstance(value, list):
            for index, each in enumerate(value):
                yield each, f"{fields.at(name)}/{index}"
        elif value is not None:
            yield value, fields.at(name)

    def _policies(self, fields: Fields, shown: str) -> Iterator[Reference]:
        """Give the inline and managed policies of a user, role or group."""
        source = fields.origin.source
        yield from self.opening(fields, shown, "policies")
        for value, pointer in self.listed(fields, "Policies"):
            if isinstance(value, Mapping) and "PolicyDocument" in value:
                inner = Fields(value, pointer, fields.origin, self.parts)
                label = self.text(inner, "PolicyName") or pointer.rpartition("/")[2]
                yield self.document(
                    inner, "PolicyDocument", PolicyType.IDENTITY, f"{shown}/{label}"
                )
            else:
                known = self.resolver.resolve(value, pointer)
                if known is not ABSENT:
                    why = known.why if isinstance(known, Unknown) else "it has no `PolicyDocument`"
                    where = Where(pointer, source=source)
                    yield unknown_policy(f"{shown}/policies", why, where, HELP)
        for value, pointer in self.listed(fields, "ManagedPolicyArns"):
            reference = self.managed(value, pointer, fields)
            if reference is not None:
                yield reference

    def managed(self, value: Any, pointer: str, fields: Fields) -> Reference | None:
        """Give the managed policy that a value means; None where it means none."""
        logical = self.logical(value)
        where = Where(pointer, source=fields.origin.source)
        if logical and self._kind(logical) == "AWS::IAM::ManagedPolicy":
            return ManagedReference(self._managed_key(logical), logical, where)
        known = self.resolver.resolve(value, pointer)
        if known is ABSENT or known is None:
            return None
        if isinstance(known, str):
            return ManagedReference(known, known.rpartition("/")[2], where)
        why = known.why if isinstance(known, Unknown) else "this is no ARN"
        return unknown_policy("managed policy", why, where, HELP)

    def _managed_key(self, name: str) -> str:
        return self.arn(name) or f"{STAND_IN}{self.resources[name].origin.source.name}#{name}"

    # ---- IAM ------------------------------------------------------------------------------

    def shown_name(self, name: str) -> str:
        """Give a resource's name; its logical id where AWS makes one up."""
        return self._own_name(name) or name

    def read_identity(self, name: str, fields: Fields) -> None:
        kind, shown = KINDS[self._kind(name)], self.shown_name(name)
        if not self._own_name(name):
            fields.report(
                "PE1812",
                f"the name of {quote(name)} is not known before it is deployed: it goes by its "
                "logical id",
                HELP,
                severity=Severity.NOTE,
            )
        arn = self.arn(name)
        path = self.value(fields, "Path")
        path = "/" if path is ABSENT else path
        # Of an unknown path no ARN is made up: conditions on `aws:PrincipalArn` would read it.
        if not arn and self.given.account and isinstance(path, str):
            arn = f"arn:{self.partition}:iam::{self.given.account}:{kind}{path}{shown}"
        policies = tuple(self._policies(fields, shown))
        if self.given.account:
            self.parts.add_account(self.given.account)
        if kind == "group":
            claim = GroupClaim(shown, self.given.account, policies, fields.where())
            self.parts.add_group(claim)
            return
        boundary = fields.tree.get("PermissionsBoundary")
        found = self.managed(boundary, fields.at("PermissionsBoundary"), fields)
        trust: tuple[Reference, ...] | None = None
        field = "AssumeRolePolicyDocument"
        if kind == "role" and (fields.has(field) or _functions(fields.tree)):
            trust = (self.document(fields, field, PolicyType.TRUST, f"trust/{shown}"),)
        self.parts.add_identity(
            IdentityClaim(
                kind,
                shown,
                arn,
                self.given.account,
                policies,
                tuple(self._names(fields, "Groups", "group")) if kind == "user" else None,
                (*self.opening(fields, shown, "boundary"), *(() if found is None else (found,))),
                trust,
                *self._tags(fields),
                fields.where(),
            )
        )

    def _tags(self, fields: Fields) -> tuple[dict[str, str], tuple[str, ...]]:
        """Give the tags that are known, and the keys of those that are not."""
        whole = self.value(fields, "Tags")
        if not isinstance(whole, Unknown):
            tree = {"Tags": [] if whole is ABSENT else whole}
            return Fields(tree, fields.pointer, fields.origin, self.parts).tags(), ()
        fields.report(
            "PE1812",
            f"tags are not known, {whole.why}: conditions on them are unknown",
            HELP,
            key="Tags" if fields.has("Tags") else "",
            severity=Severity.WARNING,
        )
        listed = fields.tree.get("Tags")
        known, unknown = {}, set()
        for index, each in enumerate(listed if isinstance(listed, list) else [None]):
            pair = each if isinstance(each, Mapping) else {}
            key, value = (
                self.resolver.resolve(pair.get(name), f"{fields.at('Tags')}/{index}/{name}")
                for name in ("Key", "Value")
            )
            if isinstance(key, str) and isinstance(value, str) and len(pair) == 2:
                known[str(key)] = str(value)
            else:
                unknown.add(str(key) if isinstance(key, str) else ANY_TAG)
        return known, tuple(sorted(unknown))

    def _names(self, fields: Fields, name: str, kind: str) -> Iterator[str]:
        """Give the names of users, roles or groups that a list means; empty for an unknown one."""
        for value, pointer in self.listed(fields, name):
            logical = self.logical(value)
            if logical and self._kind(logical) == TYPE_OF[kind]:
                yield self.shown_name(logical)
                continue
            known = self.resolver.resolve(value, pointer)
            if known is not ABSENT:
                yield known if isinstance(known, str) else ""

    def _hang(self, name: str, fields: Fields, policy: Reference) -> None:
        """Hang a policy at the users, roles and groups that its properties list."""
        for kind in KINDS.values():
            if _functions(fields.tree):
                self._hang_perhaps(name, fields, kind)
                continue
            title = kind.title()
            for field in (f"{title}s", f"{title}Name"):
                for holder in self._names(fields, field, kind):
                    if holder:
                        self.parts.attach(kind, self.given.account, holder, policy)
                    else:
                        self._hang_perhaps(name, fields, kind)

    def _hang_perhaps(self, name: str, fields: Fields, kind: str) -> None:
        """A policy hangs at somebody, and nobody can tell at whom: perhaps at each."""
        why = f"nothing tells at which {kind} {quote(name)} hangs, so it may hang here"
        document = unknown_policy(name, why, fields.where(), HELP)
        for other in self.resources:
            if self._kind(other) == TYPE_OF[kind]:
                self.parts.attach(kind, self.given.account, self.shown_name(other), document)

    def read_policy(self, name: str, fields: Fields) -> None:
        shown = self.text(fields, "PolicyName") or name
        document = self.document(fields, "PolicyDocument", PolicyType.IDENTITY, shown)
        self._hang(name, fields, self.only_if(name, document))

    def read_managed(self, name: str, fields: Fields) -> None:
        shown = self.shown_name(name)
        readers = {
            type: self.only_if(name, self.document(fields, "PolicyDocument", type, shown)).reader
            for type in MANAGED_TYPES
        }
        key = self._managed_key(name)
        self.parts.add_managed(ManagedClaim(key, shown, readers, fields.where()))
        self._hang(name, fields, ManagedReference(key, shown, fields.where()))

    def read_addition(self, name: str, fields: Fields) -> None:
        groups = list(self._names(fields, "GroupName", "group"))
        certain = all(groups) and not self.resources[name].has("Condition")
        if _functions(fields.tree):
            self._hang_perhaps(name, fields, "user")
            return
        for user in self._names(fields, "Users", "user"):
            if user and certain:
                joined = self.parts.joined.setdefault((self.given.account, user), set())
                joined.update(groups)
            else:
                self._hang_perhaps(name, fields, "user")

    # ---- resources ------------------------------------------------------------------------

    def gather(self, name: str, fields: Fields) -> None:
        """Note a policy of a resource that stands beside it."""
        target, policy, _ = TARGETS[self._kind(name)]
        document = self.only_if(name, self.document(fields, policy, PolicyType.RESOURCE, name))
        self._gather(name, fields, target, document)

    def gather_permission(self, name: str, fields: Fields) -> None:
        """Note the statement that a permission adds to its function's policy."""
        known = {each: self.value(fields, each) for each in _PERMISSION}
        unknown = next((each for each in known.values() if isinstance(each, Unknown)), None)
        source = fields.origin.source
        if unknown is not None:
            where = Where(unknown.pointer, source=source)
            document = unknown_policy(name, unknown.why, where, HELP)
        else:
            texts = {key: text for key, text in known.items() if isinstance(text, str)}
            text = permission_text(name, texts)
            reader = KeptPolicy(text, source, fields.pointer, PolicyType.RESOURCE)
            document = self.only_if(name, PolicyDocument(name, reader))
        self._gather(name, fields, "FunctionName", document)

    def _gather(self, name: str, fields: Fields, target: str, document: PolicyDocument) -> None:
        type = TARGETS[self._kind(name)][2]
        if _functions(fields.tree):
            self._lose(document.name, type, Where(fields.pointer, source=fields.origin.source))
            return
        for value, pointer in self.listed(fields, target):
            logical = self.logical(value)
            if logical and self._kind(logical) in (type, *_OWN_POLICIES):
                self.beside.setdefault(logical, []).append(document)
                continue
            known = self.resolver.resolve(value, pointer)
            arn = self._arn_of(target, known) if isinstance(known, str) else ""
            if arn:
                self.parts.resource_policies.setdefault(arn, []).append(document)
            elif known is not ABSENT:
                self._lose(document.name, type, Where(pointer, source=fields.origin.source))

    def _lose(self, name: str, type: str, where: Where) -> None:
        """A policy is of a resource of this type, and nobody can tell of which: perhaps of each."""
        why = "nothing tells the ARN of what it is about"
        document = unknown_policy(name, why, where, HELP)
        self.lost.setdefault(type, []).append(document)
        self.parts.unplaced.append(document)

    def _arn_of(self, target: str, text: str) -> str:
        """Give the ARN of what a policy is about, which it may call by its name or URL."""
        if text.startswith("arn:") and text.count(":") >= 5:
            return text
        account, region = self.given.account, self.given.region
        if target == "Bucket":
            return f"arn:{self.partition}:s3:::{text}"
        if target == "FunctionName" and account and region and ":" not in text:
            return f"arn:{self.partition}:lambda:{region}:{account}:function:{text}"
        host, _, path = text.removeprefix("https://").partition("/")
        owner, slash, queue = path.partition("/")
        if target == "Queues" and host.startswith("sqs.") and slash and queue:
            return f"arn:{self.partition}:sqs:{host.split('.')[1]}:{owner}:{queue}"
        return ""

    def read_resource(self, name: str, fields: Fields) -> None:
        """Take a resource with its policies: its own, and those that stand beside it."""
        documents = list(self.beside.get(name, ()))
        own = OWN_POLICY.get(self._kind(name), "")
        if own and fields.has(own):
            documents.append(self.document(fields, own, PolicyType.RESOURCE, name))
        elif own:
            documents.extend(self.opening(fields, name, own))
        arn = self.arn(name)
        if arn:
            documents.extend(self.lost.get(self._kind(name), ()))
            tags, unknown_tags = self._tags(fields)
            claim = ResourceClaim(
                arn,
                arn.split(":")[4] or self.given.account,
                tuple(documents),
                tags,
                "" if arn.split(":")[3] else self.given.region,
                unknown_tags=unknown_tags,
                where=fields.where(),
            )
            self.parts.add_resource(claim)
            return
        why = f"the ARN of {quote(name)} is not known, so it may be of any resource"
        self.parts.unplaced.extend(
            unknown_policy(each.name, why, fields.where(), HELP) for each in documents
        )


def _functions(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Give the functions that stand among the members of an object: they may add others."""
    return {key: tree[key] for key in tree if key.startswith("Fn::")}


_FUNCTION_ABOVE = "a function stands in the place of the properties"
_OWN_POLICIES = ("AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::Serverless::Function")
_REF_IS_ARN = ("AWS::SNS::Topic", "AWS::IAM::ManagedPolicy")
_PERMISSION = (
    *("Principal", "Action", "SourceArn", "SourceAccount", "PrincipalOrgID"),
    *("FunctionUrlAuthType", "EventSourceToken"),
)
OWN_POLICY = {"AWS::KMS::Key": "KeyPolicy", "AWS::ECR::Repository": "RepositoryPolicyText"}
TARGETS = {
    "AWS::S3::BucketPolicy": ("Bucket", "PolicyDocument", "AWS::S3::Bucket"),
    "AWS::SQS::QueuePolicy": ("Queues", "PolicyDocument", "AWS::SQS::Queue"),
    "AWS::SNS::TopicPolicy": ("Topics", "PolicyDocument", "AWS::SNS::Topic"),
    "AWS::SecretsManager::ResourcePolicy": (
        "SecretId",
        "ResourcePolicy",
        "AWS::SecretsManager::Secret",
    ),
    "AWS::Lambda::Permission": ("FunctionName", "", "AWS::Lambda::Function"),
}
"""Policies that are resources of their own: what they are about, the policy, the type of that."""

Reader = Callable[[_Template, str, Fields], None]
BESIDE: dict[str, Reader] = {
    **dict.fromkeys(TARGETS, _Template.gather),
    "AWS::Lambda::Permission": _Template.gather_permission,
}
READERS: dict[str, Reader] = {
    **dict.fromkeys(KINDS, _Template.read_identity),
    "AWS::IAM::ManagedPolicy": _Template.read_managed,
    **dict.fromkeys(
        tuple(f"AWS::IAM::{kind}Policy" for kind in ("", "Role", "User", "Group")),
        _Template.read_policy,
    ),
    "AWS::IAM::UserToGroupAddition": _Template.read_addition,
    **dict.fromkeys(
        (*ARN_OF, "AWS::KMS::Key", "AWS::SecretsManager::Secret"), _Template.read_resource
    ),
}  # fmt: skip
