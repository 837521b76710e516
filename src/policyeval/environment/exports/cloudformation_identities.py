"""Users, roles and groups of CloudFormation templates, with the policies that hang at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.environment.exports.cloudformation_template import (
    HELP,
    KINDS,
    TYPE_OF,
    Reader,
    Template,
    functions,
)
from policyeval.environment.exports.fields import Fields
from policyeval.environment.exports.intrinsics import ABSENT, Unknown
from policyeval.environment.exports.parts import (
    STAND_IN,
    GroupClaim,
    IdentityClaim,
    ManagedClaim,
    ManagedReference,
    Reference,
)
from policyeval.environment.exports.stream import Where
from policyeval.environment.exports.unknowns import unknown_policy
from policyeval.finding import Severity
from policyeval.parsing.defect import quote
from policyeval.policy import PolicyType

MANAGED_TYPES = (PolicyType.IDENTITY, PolicyType.BOUNDARY)


def read_identity(template: Template, name: str, fields: Fields) -> None:
    """Take a user, role or group with what hangs at it."""
    kind, shown = KINDS[template.kind(name)], template.shown_name(name)
    if not template.own_name(name):
        fields.report(
            "PE1812",
            f"the name of {quote(name)} is not known before it is deployed: it goes by its "
            "logical id",
            HELP,
            severity=Severity.NOTE,
        )
    arn = template.arn(name)
    path = template.value(fields, "Path")
    path = "/" if path is ABSENT else path
    # Of an unknown path no ARN is made up: conditions on `aws:PrincipalArn` would read it.
    if not arn and template.given.account and isinstance(path, str):
        arn = f"arn:{template.partition}:iam::{template.given.account}:{kind}{path}{shown}"
    policies = tuple(_policies(template, fields, shown))
    if template.given.account:
        template.parts.add_account(template.given.account)
    if kind == "group":
        claim = GroupClaim(shown, template.given.account, policies, fields.where())
        template.parts.add_group(claim)
        return
    boundary = fields.tree.get("PermissionsBoundary")
    found = _managed(template, boundary, fields.at("PermissionsBoundary"), fields)
    trust: tuple[Reference, ...] | None = None
    field = "AssumeRolePolicyDocument"
    if kind == "role" and (fields.has(field) or functions(fields.tree)):
        trust = (template.document(fields, field, PolicyType.TRUST, f"trust/{shown}"),)
    template.parts.add_identity(
        IdentityClaim(
            kind,
            shown,
            arn,
            template.given.account,
            policies,
            tuple(_names(template, fields, "Groups", "group")) if kind == "user" else None,
            (*template.opening(fields, shown, "boundary"), *(() if found is None else (found,))),
            trust,
            *template.tags(fields),
            fields.where(),
        )
    )


def _policies(template: Template, fields: Fields, shown: str) -> Iterator[Reference]:
    """Give the inline and managed policies of a user, role or group."""
    source = fields.origin.source
    yield from template.opening(fields, shown, "policies")
    for value, pointer in template.listed(fields, "Policies"):
        if isinstance(value, Mapping) and "PolicyDocument" in value:
            inner = Fields(value, pointer, fields.origin, template.parts)
            label = template.text(inner, "PolicyName") or pointer.rpartition("/")[2]
            yield template.document(
                inner, "PolicyDocument", PolicyType.IDENTITY, f"{shown}/{label}"
            )
        else:
            known = template.resolver.resolve(value, pointer)
            if known is not ABSENT:
                why = known.why if isinstance(known, Unknown) else "it has no `PolicyDocument`"
                where = Where(pointer, source=source)
                yield unknown_policy(f"{shown}/policies", why, where, HELP)
    for value, pointer in template.listed(fields, "ManagedPolicyArns"):
        reference = _managed(template, value, pointer, fields)
        if reference is not None:
            yield reference


def _managed(template: Template, value: Any, pointer: str, fields: Fields) -> Reference | None:
    """Give the managed policy that a value means; None where it means none."""
    logical = template.logical(value)
    where = Where(pointer, source=fields.origin.source)
    if logical and template.kind(logical) == "AWS::IAM::ManagedPolicy":
        return ManagedReference(_managed_key(template, logical), logical, where)
    known = template.resolver.resolve(value, pointer)
    if known is ABSENT or known is None:
        return None
    if isinstance(known, str):
        return ManagedReference(known, known.rpartition("/")[2], where)
    why = known.why if isinstance(known, Unknown) else "this is no ARN"
    return unknown_policy("managed policy", why, where, HELP)


def _managed_key(template: Template, name: str) -> str:
    return template.arn(name) or f"{STAND_IN}{template.resources[name].origin.source.name}#{name}"


def _names(template: Template, fields: Fields, name: str, kind: str) -> Iterator[str]:
    """Give the names of users, roles or groups that a list means; empty for an unknown one."""
    for value, pointer in template.listed(fields, name):
        logical = template.logical(value)
        if logical and template.kind(logical) == TYPE_OF[kind]:
            yield template.shown_name(logical)
            continue
        known = template.resolver.resolve(value, pointer)
        if known is not ABSENT:
            yield known if isinstance(known, str) else ""


# ---- policies that are resources of their own ------------------------------------------------


def read_policy(template: Template, name: str, fields: Fields) -> None:
    """Take an inline policy that stands beside its users, roles and groups."""
    shown = template.text(fields, "PolicyName") or name
    document = template.document(fields, "PolicyDocument", PolicyType.IDENTITY, shown)
    _hang(template, name, fields, template.only_if(name, document))


def read_managed(template: Template, name: str, fields: Fields) -> None:
    """Take a managed policy, and hang it where it says."""
    shown = template.shown_name(name)
    readers = {
        type: template.only_if(
            name, template.document(fields, "PolicyDocument", type, shown)
        ).reader
        for type in MANAGED_TYPES
    }
    key = _managed_key(template, name)
    template.parts.add_managed(ManagedClaim(key, shown, readers, fields.where()))
    _hang(template, name, fields, ManagedReference(key, shown, fields.where()))


def read_addition(template: Template, name: str, fields: Fields) -> None:
    """Take users into a group; an uncertain group may give each user its policies."""
    groups = list(_names(template, fields, "GroupName", "group"))
    certain = all(groups) and not template.resources[name].has("Condition")
    if functions(fields.tree):
        _hang_perhaps(template, name, fields, "user")
        return
    for user in _names(template, fields, "Users", "user"):
        if user and certain:
            joined = template.parts.joined.setdefault((template.given.account, user), set())
            joined.update(groups)
        else:
            _hang_perhaps(template, name, fields, "user")


def _hang(template: Template, name: str, fields: Fields, policy: Reference) -> None:
    """Hang a policy at the users, roles and groups that its properties list."""
    for kind in KINDS.values():
        if functions(fields.tree):
            _hang_perhaps(template, name, fields, kind)
            continue
        title = kind.title()
        for field in (f"{title}s", f"{title}Name"):
            for holder in _names(template, fields, field, kind):
                if holder:
                    template.parts.attach(kind, template.given.account, holder, policy)
                else:
                    _hang_perhaps(template, name, fields, kind)


def _hang_perhaps(template: Template, name: str, fields: Fields, kind: str) -> None:
    """A policy hangs at somebody, and nobody can tell at whom: perhaps at each."""
    why = f"nothing tells at which {kind} {quote(name)} hangs, so it may hang here"
    document = unknown_policy(name, why, fields.where(), HELP)
    for other in template.resources:
        if template.kind(other) == TYPE_OF[kind]:
            template.parts.attach(
                kind, template.given.account, template.shown_name(other), document
            )


IDENTITY_READERS: dict[str, Reader] = {
    **dict.fromkeys(KINDS, read_identity),
    "AWS::IAM::ManagedPolicy": read_managed,
    **dict.fromkeys(
        tuple(f"AWS::IAM::{kind}Policy" for kind in ("", "Role", "User", "Group")), read_policy
    ),
    "AWS::IAM::UserToGroupAddition": read_addition,
}
