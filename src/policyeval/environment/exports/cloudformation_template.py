"""A CloudFormation template as its readers share it: its resources, their values and names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policyeval.environment.exports.document import KeptPolicy
from policyeval.environment.exports.fields import Fields
from policyeval.environment.exports.intrinsics import ABSENT, Resolver, Unknown
from policyeval.environment.exports.parts import Parts
from policyeval.environment.exports.stream import Where
from policyeval.environment.exports.unknowns import unknown_policy
from policyeval.environment.model import ANY_TAG, PolicyDocument
from policyeval.finding import Severity
from policyeval.parsing.defect import quote
from policyeval.policy import PolicyType

HELP = "give its value: `--parameter NAME=VALUE`, `--account`, `--region`"
FUNCTION_ABOVE = "a function stands in the place of the properties"
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
_REF_IS_ARN = ("AWS::SNS::Topic", "AWS::IAM::ManagedPolicy")


class Template:
    """The resources of a template by logical id, with what its functions give as far as told.

    `beside` are policies of resources by the logical id of what they are about; `lost` those of
    which nothing tells that, by its type. Both grow while the template is read.
    """

    def __init__(self, resources: Fields, parts: Parts, not_texts: frozenset[str]) -> None:
        """Take the resources; `not_texts` are parameters whose given text is not their value."""
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

    # ---- values ---------------------------------------------------------------------------

    def kind(self, name: str) -> str:
        """Give the type of a resource; empty where it has none."""
        return str(self.resources[name].tree.get("Type") or "")

    def properties(self, resource: Fields) -> Fields:
        """Give the properties of a resource, with the functions that may add to them."""
        found = resource.object("Properties")
        at = resource.at("Properties")
        tree = {**(found.tree if found is not None else {}), **functions(resource.tree)}
        return Fields(tree, at, resource.origin, self.parts)

    def value(self, fields: Fields, name: str) -> Any:
        """Give a property without functions; ABSENT where it is not set."""
        if functions(fields.tree):
            return Unknown(FUNCTION_ABOVE, fields.pointer)
        if name not in fields.tree:
            return ABSENT
        return self.resolver.resolve(fields.tree[name], fields.at(name))

    def text(self, fields: Fields, name: str) -> str:
        """Give a property that is a text; empty where it is absent or unknown."""
        value = self.value(fields, name)
        return str(value) if isinstance(value, str) else ""

    def listed(self, fields: Fields, name: str) -> Iterator[tuple[Any, str]]:
        """Give the members of a list with their pointers; a function in its place is one."""
        value = fields.tree.get(name)
        if isinstance(value, list):
            for index, each in enumerate(value):
                yield each, f"{fields.at(name)}/{index}"
        elif value is not None:
            yield value, fields.at(name)

    def tags(self, fields: Fields) -> tuple[dict[str, str], tuple[str, ...]]:
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

    # ---- names ----------------------------------------------------------------------------

    def _lookup(self, name: str, attribute: str) -> str | None:
        """Give what `Ref` or `Fn::GetAtt` of a resource is, as far as its name is literal."""
        if name not in self.resources or name in self.looking:
            return None
        self.looking.add(name)
        try:
            if attribute == "Arn" or (not attribute and self.kind(name) in _REF_IS_ARN):
                return self.arn(name) or None
            return None if attribute else self.own_name(name) or None
        finally:
            self.looking.discard(name)

    def own_name(self, name: str) -> str:
        """Give the name that a resource is given; empty where it is absent or unknown."""
        field = NAME_OF.get(self.kind(name))
        return self.text(self.properties(self.resources[name]), field) if field else ""

    def shown_name(self, name: str) -> str:
        """Give a resource's name; its logical id where AWS makes one up."""
        return self.own_name(name) or name

    def arn(self, name: str) -> str:
        """Give the ARN of a resource; empty where it is not known."""
        kind, own = self.kind(name), self.own_name(name)
        account, region = self.given.account, self.given.region
        if not own or (kind != "AWS::S3::Bucket" and not account):
            return ""
        if kind in KINDS or kind == "AWS::IAM::ManagedPolicy":
            path = self.value(self.properties(self.resources[name]), "Path")
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

    def opening(self, fields: Fields, name: str, what: str) -> tuple[PolicyDocument, ...]:
        """Give what stands for policies that a function may add to the properties."""
        if not functions(fields.tree):
            return ()
        where = Where(fields.pointer, source=fields.origin.source)
        return (unknown_policy(f"{name}/{what}", FUNCTION_ABOVE, where, HELP),)


def functions(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Give the functions that stand among the members of an object: they may add others."""
    return {key: tree[key] for key in tree if key.startswith("Fn::")}


Reader = Callable[[Template, str, Fields], None]
"""Takes one resource: its logical id and its properties."""
