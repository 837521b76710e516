"""Hand-written entries over exports: what a person wrote wins, field by field.

Entries are the same where they have the same ARN or id; groups where they have the same name. A
hand-written organization replaces the exported one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from policyeval.environment.build import Builder
from policyeval.environment.exports.merge import merge
from policyeval.environment.exports.parts import ManagedReference, given_of
from policyeval.environment.exports.read import read_parts
from policyeval.environment.model import Endpoint, Environment, PolicyDocument
from policyeval.environment.project_files import AWS_MANAGED
from policyeval.finding import Finding, Severity
from policyeval.policy import PolicyType
from policyeval.value import Value, replace

Entry = TypeVar("Entry", bound=Value)


def build_over_exports(builder: Builder, name: str) -> Environment:
    """Give the environment of a file with the exports that it names below its own entries."""
    given = given_of(builder.model.parameters)
    parts = read_parts(builder.export_paths(), builder.files.root, given)

    def copy(reference: ManagedReference, type: PolicyType) -> PolicyDocument | None:
        if builder.managed is None or AWS_MANAGED not in reference.arn:
            return None
        return builder.files.managed(reference.arn, builder.managed, type, None)

    below = merge(parts, name, copy)
    builder.known_accounts = {key: each.id for key, each in below.accounts.items()}
    builder.known_groups = frozenset(below.groups)
    own = builder.build(name)
    if parts.partitions and own.partition != below.partition:
        message = f"the exports are of the partition `{below.partition}`"
        finding = Finding("PE0711", Severity.ERROR, message, None, "set `partition` to it")
        below = replace(below, load_findings=(*below.load_findings, finding))
    return overlaid(own, below)


def overlaid(own: Environment, below: Environment) -> Environment:
    """Give an environment over another one."""
    return replace(
        own,
        organization=own.organization or below.organization,
        accounts=_merged(own.accounts, below.accounts, "id"),
        identities=_merged(own.identities, below.identities, "arn"),
        groups={**below.groups, **own.groups},
        resources=_merged(own.resources, below.resources, "arn"),
        endpoints=_merged(own.endpoints, below.endpoints, "id"),
        unplaced=(*own.unplaced, *below.unplaced),
        load_findings=(*own.load_findings, *below.load_findings),
    )


def _merged(own: Mapping[str, Entry], below: Mapping[str, Entry], field: str) -> dict[str, Entry]:
    """Put entries over others; one that is in both keeps its hand-written name."""
    named = {getattr(entry, field): key for key, entry in own.items() if getattr(entry, field)}
    merged = dict(own)
    for key, entry in below.items():
        mine = named.get(getattr(entry, field))
        if mine is not None:
            merged[mine] = _over(own[mine], entry)
            continue
        free = key
        while free in merged:
            free = f"{free}.exported"
        merged[free] = replace(entry, name=free) if _goes_by_key(entry) else entry
    return merged


def _goes_by_key(entry: Value) -> bool:
    """Tell whether an entry's name is its key: one without an ARN is found by its name."""
    return bool(getattr(entry, "arn", True))


def _over(own: Entry, below: Entry) -> Entry:
    """Give an entry with the fields that were left out filled from another."""
    fields = {
        field: getattr(below, field)
        for field in own._fields
        if getattr(own, field) in (None, "", {}, ()) and _says_nothing(own, field)
    }
    return replace(own, **fields)


def _says_nothing(own: Value, field: str) -> bool:
    """An empty list of policies says that there are none; an empty text or map says nothing."""
    value = getattr(own, field)
    if field == "unknown_tags":  # tags that somebody wrote down are known
        return not getattr(own, "tags", None)
    if value is None or isinstance(own, Endpoint):  # an endpoint without a policy has AWS's own
        return True
    return field not in ("policies", "boundary", "trust", "policy", "scps", "rcps")
