"""Policies of resources, each by a command of its service: `aws s3api get-bucket-policy`.

Most of these commands do not say whose policy they print, and several print the same members. The
name of the file tells the command, and `Subject` beside the answer, which `policyeval pull`
writes, whose policy it is; without it the answer itself, else the name:

    get-bucket-policy.my-bucket.json
    get-key-policy.arn%3Aaws%3Akms%3Aeu-west-1%3A111122223333%3Akey%2F1234abcd.json
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from policyeval.arn import is_account_id
from policyeval.environment.exports.document import ExportedPolicy, KeptPolicy
from policyeval.environment.exports.parts import Parts, References, ResourceClaim
from policyeval.environment.exports.stream import Item, Where
from policyeval.environment.exports.subject import Subject
from policyeval.environment.model import PolicyDocument, Reader
from policyeval.environment.project_files import Missing
from policyeval.finding import Finding, Severity
from policyeval.parsing.arn import read_arn
from policyeval.parsing.defect import quote
from policyeval.policy import PolicyType
from policyeval.source import Location
from policyeval.value import Value

SUBJECT, ERROR = "Subject", "Error"

NO_POLICY = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchAccessPointPolicy",
        "PolicyNotFound",
        "PolicyNotFoundException",
        "RepositoryPolicyNotFoundException",
        "ResourceNotFoundException",
    }
)
"""Errors by which services say that a resource has no policy."""


class Row(Value):
    """Where a command's answer has the policy and the ARN; members of members after a dot."""

    policies: tuple[str, ...] = ("Policy",)
    arns: tuple[str, ...] = ()


COMMANDS: Mapping[str, Row] = {
    "get-bucket-policy": Row(),
    "get-access-point-policy": Row(),
    "get-key-policy": Row(),
    "get-queue-attributes": Row(("Attributes.Policy",), ("Attributes.QueueArn",)),
    "get-topic-attributes": Row(("Attributes.Policy",), ("Attributes.TopicArn",)),
    "get-policy": Row(),
    "get-layer-version-policy": Row(),
    "get-resource-policy": Row(("ResourcePolicy", "Policy"), ("ARN",)),
    "get-repository-policy": Row(("policyText",)),
    "describe-file-system-policy": Row(),
    "get-vault-access-policy": Row(("policy.Policy",)),
    "describe-domain": Row(("DomainStatus.AccessPolicies",), ("DomainStatus.ARN",)),
    "get-backup-vault-access-policy": Row(arns=("BackupVaultArn",)),
    "get-rest-api": Row(("policy",)),
    "describe-event-bus": Row(arns=("Arn",)),
}


def read_resource_policy(kept: Mapping[str, Item], subject: Subject, parts: Parts) -> bool:
    """Take the answer of one of these commands; False where the name tells another command.

    `kept` are the members of the answer; of lists their start alone. An answer that is an error
    other than "there is no policy" leaves the policy unknown. One without the member of the
    policy says that there is none only with `Subject` beside it: then that was asked for.
    """
    row = COMMANDS.get(subject.command)
    if row is None or not kept or _is_of_iam(kept):
        return False
    told = _told(kept)
    arn = told.get("Arn") or _first(kept, row.arns) or _arn_of_name(subject, parts)
    if not arn:
        _report_nameless(next(iter(kept.values())), subject, parts)
        return True
    found, defect = read_arn(arn)
    where = next(iter(kept.values()))
    if found is None or defect is not None:
        why = defect.message if defect is not None else f"{quote(arn)} is no ARN"
        place = Location(where.source, where.pointer)
        parts.add(Finding("PE1803", Severity.ERROR, why, place))
        return True
    owner = found.account if is_account_id(found.account) else ""
    owner = owner or told.get("Account", "") or parts.given.account
    if owner:
        parts.add_account(owner)
    parts.add_resource(
        ResourceClaim(
            arn,
            owner,
            _policy(kept, row, f"resource/{found.service}-{_flat(found.resource)}", arn),
            region="" if found.region else told.get("Region", ""),
            where=Where(where.pointer, where.place, None if where.place else where.source),
        )
    )
    return True


def _flat(name: str) -> str:
    return name.replace("/", "-").replace(":", "-")


def _is_of_iam(kept: Mapping[str, Item]) -> bool:
    """Tell whether this is `aws iam get-policy`, whose name is that of Lambda's command."""
    item = kept.get("Policy")
    return item is not None and isinstance(item.value, Mapping) and "PolicyId" in item.value


def _told(kept: Mapping[str, Item]) -> Mapping[str, str]:
    """Give what `Subject` tells."""
    item = kept.get(SUBJECT)
    value = item.value if item is not None else None
    members = value.items() if isinstance(value, Mapping) else ()
    return {name: text for name, text in members if isinstance(text, str)}


def _policy(kept: Mapping[str, Item], row: Row, shown: str, arn: str) -> References | None:
    error = kept.get(ERROR)
    if error is not None:
        code = _member(kept, f"{ERROR}.Code")
        is_none = isinstance(code, str) and code in NO_POLICY
        return () if is_none else (_unknown(error, shown, arn, str(code)),)
    there = [path for path in row.policies if path.partition(".")[0] in kept]
    for path in there:
        item = kept[path.partition(".")[0]]
        # AWS: what has no policy says so by no text, an empty one, or an empty object.
        if item.opens or _member(kept, path) not in (None, "", "{}"):
            pointer = "".join(f"/{name}" for name in path.split("."))
            return (PolicyDocument(shown, _reader(item, pointer, _member(kept, path))),)
    told = SUBJECT in kept or any("." not in path for path in there)
    return () if told else None


def _reader(item: Item, pointer: str, tree: Any) -> Reader:
    if item.place is not None:
        return ExportedPolicy(item.place, pointer, PolicyType.RESOURCE)
    return KeptPolicy(tree, item.source, pointer, PolicyType.RESOURCE)


def _unknown(error: Item, shown: str, arn: str, code: str) -> PolicyDocument:
    finding = Finding(
        "PE2113",
        Severity.WARNING,
        f"the policy of {quote(arn)} could not be read ({quote(code)}), so what it says is unknown",
        Location(error.source, error.pointer),
        "collect it again with the permission to read it",
    )
    return PolicyDocument(shown, Missing(finding))


def _member(kept: Mapping[str, Item], path: str) -> Any:
    first, *rest = path.split(".")
    value = kept[first].value if first in kept else None
    for name in rest:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _first(kept: Mapping[str, Item], paths: tuple[str, ...]) -> str:
    for path in paths:
        value = _member(kept, path)
        if isinstance(value, str) and value:
            return str(value)
    return ""


def _arn_of_name(subject: Subject, parts: Parts) -> str:
    """Give the ARN that the name of the file tells: of a bucket, or written out."""
    text = unquote(subject.rest)
    if text.startswith("arn:"):
        return text
    if subject.command != "get-bucket-policy" or not text:
        return ""
    return f"arn:{parts.given.partition or 'aws'}:s3:::{text}"


def _report_nameless(item: Item, subject: Subject, parts: Parts) -> None:
    example = "get-bucket-policy.my-bucket.json"
    if subject.command != "get-bucket-policy":
        arn = "arn%3Aaws%3Akms%3Aeu-west-1%3A111122223333%3Akey%2F1234abcd"
        example = f"{subject.command}.{arn}.json"
    parts.add(
        Finding(
            "PE1808",
            Severity.ERROR,
            "nothing tells whose policy this is",
            Location(item.source, item.pointer, key=True),
            f"name the file after the command and its subject, such as `{example}`",
        )
    )
