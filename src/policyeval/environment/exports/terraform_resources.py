"""Resources and VPC endpoints of a Terraform plan, with their policies.

Many of these policies are resources of their own. They are gathered first, by what they are about,
so that a resource finds those beside it; what only has a name in the plan comes last.
"""

from __future__ import annotations

from policyeval.environment.exports.document import KeptPolicy
from policyeval.environment.exports.parts import EndpointClaim, ResourceClaim
from policyeval.environment.exports.permissions import permission_text
from policyeval.environment.exports.stream import Where
from policyeval.environment.exports.terraform_plan import Planned
from policyeval.environment.exports.terraform_values import HELP, KNOWN_LATER, Plan, tags_of
from policyeval.environment.exports.unknowns import unknown_policy
from policyeval.environment.exports.vpc_endpoints import TYPES, service_of
from policyeval.environment.model import PolicyDocument
from policyeval.finding import Severity
from policyeval.parsing.defect import quote
from policyeval.policy import PolicyType

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
"""What a permission may ask of a request: Lambda's names, and those of the plan."""

NAMES = ("id", "bucket", "url", "name", "function_name", "key_id")
"""By what the policies of a resource may call it."""

MADE_ARNS = {
    "aws_sqs_queue": "sqs:{region}:{account}:{name}",
    "aws_sns_topic": "sns:{region}:{account}:{name}",
    "aws_ecr_repository": "ecr:{region}:{account}:repository/{name}",
    "aws_lambda_function": "lambda:{region}:{account}:function:{name}",
}
"""ARNs that a name and a place tell, by type."""


def gather_resource_policies(plan: Plan) -> None:
    """Note the policies that are resources of their own, by what they are about."""
    for each in plan.resources:
        row = GATHERED.get(each.type)
        if row is None:
            continue
        name, field, holder = row
        document = (
            _permission(each)
            if each.type == "aws_lambda_permission"
            else plan.document(each, field, PolicyType.RESOURCE)
        )
        if document is None:
            continue
        found = plan.target(each, name, holder)
        if found is None:
            plan.lose(each, name, holder)
            continue
        key = found.address if isinstance(found, Planned) else f"{holder} {found}"
        qualifier = each.text("qualifier")
        if qualifier:  # AWS: versions and aliases of a function have policies of their own
            arn = _made_arn(plan, found) if isinstance(found, Planned) else ""
            arn = arn or (found if isinstance(found, str) else found.text("arn"))
            if not arn:
                plan.lose(each, name, holder)
                continue
            key = f"{holder} {arn}:{qualifier}"
        plan.claimed.setdefault(key, []).append(document)


def _permission(each: Planned) -> PolicyDocument:
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


def read_resource(plan: Plan, each: Planned) -> None:
    """Take a resource with its policies: its own, and those that stand beside it."""
    arn = each.text("arn") or _made_arn(plan, each)
    own = plan.document(each, "policy", PolicyType.RESOURCE)
    names = {arn, *(each.text(name) for name in NAMES)} - {""}
    keys = {each.address, *(f"{each.type} {name}" for name in names)}
    plan.used |= keys
    documents = [document for key in sorted(keys) for document in plan.claimed.get(key, ())]
    documents += plan.lost.get(each.type, ())
    if own is not None:
        documents.append(own)
    if not arn:
        plan.parts.unplaced.extend(_later_arn(each, document) for document in documents)
        return
    tags, unknown_tags = tags_of(each)
    plan.parts.add_resource(
        ResourceClaim(
            arn,
            arn.split(":")[4] or plan.account,
            tuple(documents),
            tags,
            "" if arn.split(":")[3] else plan.parts.given.region,
            unknown_tags=unknown_tags,
            where=each.fields.where(),
        )
    )


def _later_arn(each: Planned, document: PolicyDocument) -> PolicyDocument:
    why = f"the ARN of {quote(each.address)} is {KNOWN_LATER}, so it may be of any resource"
    help = "give `--account` and `--region`"
    return unknown_policy(document.name, why, each.fields.where(), help)


def read_endpoint(plan: Plan, each: Planned) -> None:
    """Take a VPC endpoint with its policy: one that stands beside it replaces its own."""
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
        plan.parts.not_understood[f"endpoint type {kind}"] += 1
        return
    document = plan.document(each, "policy", PolicyType.VPC_ENDPOINT)
    keys = (each.address, f"{each.type} {identifier}")
    plan.used.update(keys)
    beside = [document for key in keys for document in plan.claimed.get(key, ())]
    beside += plan.lost.get(each.type, ())
    plan.parts.add_endpoint(
        EndpointClaim(
            identifier,
            each.text("vpc_id"),
            each.text("owner_id") or plan.account,
            service_of(each.text("service_name")),
            TYPES[kind],
            tuple(beside or ([document] if document is not None else [])),
            tags_of(each)[0].get("Name", ""),
            each.fields.where(),
        )
    )


def place_others(plan: Plan) -> None:
    """Policies of resources that the plan only names: by their ARN, where the name is one."""
    for key, documents in plan.claimed.items():
        if key in plan.used:
            continue
        type, _, name = key.rpartition(" ")
        arn = _arn_of(plan, type, name)
        if arn:
            for document in documents:
                plan.parts.resource_policies.setdefault(arn, []).append(document)
        else:
            plan.parts.unplaced.extend(
                unknown_policy(
                    document.name,
                    f"nothing tells the ARN of {quote(name)}",
                    Where(""),
                    "give `--account` and `--region`",
                )
                for document in documents
            )


def _arn_of(plan: Plan, type: str, name: str) -> str:
    """Give the ARN of a resource by what a policy calls it."""
    if name.startswith("arn:"):
        return name
    if type == "aws_s3_bucket":
        return f"arn:{plan.partition}:s3:::{name}"
    region, form = plan.parts.given.region, MADE_ARNS.get(type)
    if not (region and plan.account and form and "/" not in name):
        return ""
    return f"arn:{plan.partition}:{form.format(region=region, account=plan.account, name=name)}"


def _made_arn(plan: Plan, each: Planned) -> str:
    """Give the ARN that a resource will have, where its name and place tell it."""
    field = {"aws_s3_bucket": "bucket", "aws_lambda_function": "function_name"}
    name = each.text(field.get(each.type, "name"))
    return _arn_of(plan, each.type, name) if name else ""
