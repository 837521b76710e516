"""Resources of CloudFormation templates, with their policies: their own, and those beside them."""

from __future__ import annotations

from policyeval.environment.exports.cloudformation_template import (
    ARN_OF,
    HELP,
    Reader,
    Template,
    functions,
)
from policyeval.environment.exports.document import KeptPolicy
from policyeval.environment.exports.fields import Fields
from policyeval.environment.exports.intrinsics import ABSENT, Unknown
from policyeval.environment.exports.parts import ResourceClaim
from policyeval.environment.exports.permissions import permission_text
from policyeval.environment.exports.stream import Where
from policyeval.environment.exports.unknowns import unknown_policy
from policyeval.environment.model import PolicyDocument
from policyeval.parsing.defect import quote
from policyeval.policy import PolicyType

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

_OWN_POLICIES = ("AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::Serverless::Function")
_PERMISSION = (
    *("Principal", "Action", "SourceArn", "SourceAccount", "PrincipalOrgID"),
    *("FunctionUrlAuthType", "EventSourceToken"),
)


def read_resource(template: Template, name: str, fields: Fields) -> None:
    """Take a resource with its policies: its own, and those that stand beside it."""
    documents = list(template.beside.get(name, ()))
    own = OWN_POLICY.get(template.kind(name), "")
    if own and fields.has(own):
        documents.append(template.document(fields, own, PolicyType.RESOURCE, name))
    elif own:
        documents.extend(template.opening(fields, name, own))
    arn = template.arn(name)
    if arn:
        documents.extend(template.lost.get(template.kind(name), ()))
        tags, unknown_tags = template.tags(fields)
        claim = ResourceClaim(
            arn,
            arn.split(":")[4] or template.given.account,
            tuple(documents),
            tags,
            "" if arn.split(":")[3] else template.given.region,
            unknown_tags=unknown_tags,
            where=fields.where(),
        )
        template.parts.add_resource(claim)
        return
    why = f"the ARN of {quote(name)} is not known, so it may be of any resource"
    template.parts.unplaced.extend(
        unknown_policy(each.name, why, fields.where(), HELP) for each in documents
    )


def gather(template: Template, name: str, fields: Fields) -> None:
    """Note a policy of a resource that stands beside it."""
    target, policy, _ = TARGETS[template.kind(name)]
    document = template.only_if(name, template.document(fields, policy, PolicyType.RESOURCE, name))
    _gather(template, name, fields, target, document)


def gather_permission(template: Template, name: str, fields: Fields) -> None:
    """Note the statement that a permission adds to its function's policy."""
    known = {each: template.value(fields, each) for each in _PERMISSION}
    unknown = next((each for each in known.values() if isinstance(each, Unknown)), None)
    source = fields.origin.source
    if unknown is not None:
        where = Where(unknown.pointer, source=source)
        document = unknown_policy(name, unknown.why, where, HELP)
    else:
        texts = {key: text for key, text in known.items() if isinstance(text, str)}
        text = permission_text(name, texts)
        reader = KeptPolicy(text, source, fields.pointer, PolicyType.RESOURCE)
        document = template.only_if(name, PolicyDocument(name, reader))
    _gather(template, name, fields, "FunctionName", document)


def _gather(
    template: Template, name: str, fields: Fields, target: str, document: PolicyDocument
) -> None:
    type = TARGETS[template.kind(name)][2]
    if functions(fields.tree):
        _lose(template, document.name, type, Where(fields.pointer, source=fields.origin.source))
        return
    for value, pointer in template.listed(fields, target):
        logical = template.logical(value)
        if logical and template.kind(logical) in (type, *_OWN_POLICIES):
            template.beside.setdefault(logical, []).append(document)
            continue
        known = template.resolver.resolve(value, pointer)
        arn = _arn_of(template, target, known) if isinstance(known, str) else ""
        if arn:
            template.parts.resource_policies.setdefault(arn, []).append(document)
        elif known is not ABSENT:
            _lose(template, document.name, type, Where(pointer, source=fields.origin.source))


def _lose(template: Template, name: str, type: str, where: Where) -> None:
    """A policy is of a resource of this type, and nobody can tell of which: perhaps of each."""
    why = "nothing tells the ARN of what it is about"
    document = unknown_policy(name, why, where, HELP)
    template.lost.setdefault(type, []).append(document)
    template.parts.unplaced.append(document)


def _arn_of(template: Template, target: str, text: str) -> str:
    """Give the ARN of what a policy is about, which it may call by its name or URL."""
    if text.startswith("arn:") and text.count(":") >= 5:
        return text
    account, region = template.given.account, template.given.region
    if target == "Bucket":
        return f"arn:{template.partition}:s3:::{text}"
    if target == "FunctionName" and account and region and ":" not in text:
        return f"arn:{template.partition}:lambda:{region}:{account}:function:{text}"
    host, _, path = text.removeprefix("https://").partition("/")
    owner, slash, queue = path.partition("/")
    if target == "Queues" and host.startswith("sqs.") and slash and queue:
        return f"arn:{template.partition}:sqs:{host.split('.')[1]}:{owner}:{queue}"
    return ""


BESIDE: dict[str, Reader] = {
    **dict.fromkeys(TARGETS, gather),
    "AWS::Lambda::Permission": gather_permission,
}
"""Readers of policies that stand beside what they are about: all come before RESOURCE_READERS."""

RESOURCE_READERS: dict[str, Reader] = dict.fromkeys(
    (*ARN_OF, "AWS::KMS::Key", "AWS::SecretsManager::Secret"), read_resource
)
