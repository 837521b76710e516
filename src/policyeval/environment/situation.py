"""Where a request stands in an environment: the entries it meets, the facts that follow (R-CTX)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policyeval.context import PRESENT, UNKNOWN, ContextValue, RequestContext
from policyeval.environment.model import (
    ANY_TAG,
    Documents,
    Endpoint,
    Environment,
    Identity,
    OwnedResource,
)
from policyeval.environment.names import closest
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.principal import Principal, PrincipalKind
from policyeval.request import Request
from policyeval.resource import Resource
from policyeval.value import Value, replace

OWNER_GUESSED = "PE1401"

_WITH_IDENTITY = (PrincipalKind.IAM_USER, PrincipalKind.ROLE_SESSION)
_WITH_ACCOUNT = (*_WITH_IDENTITY, PrincipalKind.FEDERATED_USER, PrincipalKind.ROOT_USER)

Keys = dict[str, ContextValue]


class Situation(Value):
    """The entries of an environment that a request meets; None where it has none.

    `target` is the user or role that is the request's resource. `owner` is the account of the
    resource, empty where nothing tells; `knows_owner`: the environment has an entry for it, or it
    is the caller's own. `key` is equal for requests to which the same policies apply.
    """

    kind: PrincipalKind
    account: str
    identity: Identity | None
    resource: OwnedResource | None
    target: Identity | None
    resource_policy: Documents | None
    resource_always_has_policy: bool
    endpoint: Endpoint | None
    owner: str
    knows_owner: bool
    findings: tuple[Finding, ...]
    key: tuple[Any, ...]

    @property
    def has_account(self) -> bool:
        """True for callers that SCPs may reach (R-FLOW-03)."""
        return self.kind in _WITH_ACCOUNT

    @property
    def has_unknown_tags(self) -> bool:
        """True where a tag of the caller or of the resource is not known."""
        entries = (self.identity, self.resource, self.target)
        return any(entry is not None and entry.unknown_tags for entry in entries)


def situation_of(environment: Environment, request: Request) -> Situation:
    """Find the caller, the resource and the endpoint of a request."""
    index = environment.index
    principal, text = request.principal, request.resource.text
    identity = index.identity(principal)
    resource = index.resource(text)
    target = index.by_arn(text) if text.startswith("arn:") else None
    findings: list[Finding] = []
    if identity is None and principal.kind in _WITH_IDENTITY:
        findings.append(_unknown_principal(environment, principal))
    endpoint = _endpoint(environment, request, findings)
    owner = _owner(request, resource, findings)
    trust = request.action.service == "sts" and ":role/" in text
    policy = _resource_policy(environment, resource, target, trust=trust)
    if text == "*" and principal.kind in _WITH_ACCOUNT:
        policy = ()  # a call on no resource meets no resource policy
    return Situation(
        principal.kind,
        principal.account,
        identity,
        resource,
        target,
        policy,
        trust or request.resource.service == "kms",
        endpoint,
        owner,
        owner in index.accounts or owner == principal.account,
        tuple(findings),
        (
            principal.kind,
            principal.account,
            id(identity),
            policy is None or tuple(map(id, policy)),
            trust or request.resource.service,
            id(endpoint),
            owner,
            tuple(finding.message for finding in findings),
        ),
    )


def with_facts(environment: Environment, situation: Situation, request: Request) -> Request:
    """Give the request with what the environment knows; what was given wins (R-CTX-05)."""
    principal, resource = request.principal, request.resource
    keys: Keys = {}
    identity = situation.identity
    if identity is not None:
        principal = _with_path(request, identity)
        if principal is not request.principal:
            keys["aws:PrincipalArn"] = (principal.role_arn,)
        if principal.kind is not PrincipalKind.FEDERATED_USER:
            keys |= {f"aws:PrincipalTag/{key}": (tag,) for key, tag in identity.tags.items()}
    if situation.has_account:
        keys |= _organization_keys(environment, principal.account, "Principal")
    if situation.owner:
        if situation.owner != resource.account:
            resource = replace(resource, account=situation.owner)
        keys |= _owner_keys(resource)
        keys |= _organization_keys(environment, resource.account, "Resource")
    keys |= _resource_keys(situation, resource)
    if situation.endpoint is not None and situation.endpoint.vpc:
        keys["aws:SourceVpc"] = (situation.endpoint.vpc,)
    findings = request.findings
    if situation.resource is not None and situation.resource.owner:
        findings = tuple(each for each in findings if each.code != OWNER_GUESSED)
    return Request(
        principal,
        request.action,
        resource,
        _with_keys(request.context, keys),
        request.facts,
        (*findings, *_key_note(situation, request)),
    )


_KEY_ACTIONS = {"s3:getobject": "kms:Decrypt", "s3:putobject": "kms:GenerateDataKey"}


def _key_note(situation: Situation, request: Request) -> list[Finding]:
    """An encrypted resource takes a second question, about its key."""
    entry = situation.resource
    action = _KEY_ACTIONS.get(request.action.folded)
    if entry is None or not entry.encryption_key or action is None:
        return []
    return [
        Finding(
            "PE0747",
            Severity.NOTE,
            f"the resource is encrypted with {quote(entry.encryption_key)}, so the call also "
            f"needs {action} on that key: a decision of its own",
            help=f"ask it too: policyeval why PRINCIPAL {action} {entry.encryption_key}",
        )
    ]


def with_unknown_tags(situation: Situation, request: Request, asked: Iterable[str]) -> Request:
    """Give the request with tags unknown that are not told, of the keys that policies ask for."""
    keys: Keys = {}
    entries = request.context.entries
    for key in asked:
        family, slash, tag = key.lower().partition("/")
        unknown = _unknown_tags(situation, request, family) if slash else ()
        named = tag in (each.lower() for each in unknown)
        if named or (ANY_TAG in unknown and key.lower() not in entries):
            keys[key] = UNKNOWN
    return replace(request, context=request.context.with_derived(keys)) if keys else request


def _unknown_tags(situation: Situation, request: Request, family: str) -> tuple[str, ...]:
    """Give the unknown tags of which the keys of a family (`aws:principaltag`) tell."""
    identity, entry, target = situation.identity, situation.resource, situation.target
    if family == "aws:principaltag":
        is_federated = request.principal.kind is PrincipalKind.FEDERATED_USER
        return identity.unknown_tags if identity is not None and not is_federated else ()
    # AWS: services have keys of their own for the same tags, such as `ec2:ResourceTag`.
    if not family.endswith((":resourcetag", ":existingobjecttag", ":buckettag")):
        return ()
    if entry is not None:
        return entry.unknown_tags if entry.arn == request.resource.text else ()
    return target.unknown_tags if target is not None else ()


def _with_keys(context: RequestContext, keys: Keys) -> RequestContext:
    return context.with_derived(keys) if keys else context


# ---- who, what, through what ----------------------------------------------------------------


def _unknown_principal(environment: Environment, principal: Principal) -> Finding:
    known = environment.identities.values()
    return Finding(
        "PE0740",
        Severity.WARNING,
        f"the environment has no principal {quote(principal.text)}: its identity policies and "
        "boundary are not given",
        help=closest(principal.name.rpartition("/")[2], [entry.bare_name for entry in known]),
    )


def _endpoint(
    environment: Environment, request: Request, findings: list[Finding]
) -> Endpoint | None:
    through = request.context["aws:SourceVpce"]
    if not isinstance(through, tuple) or len(through) != 1:
        return None
    found = environment.index.endpoints.get(through[0])
    if found is None and environment.endpoints:
        findings.append(
            Finding(
                "PE0741",
                Severity.NOTE,
                f"the environment has no VPC endpoint {quote(through[0])}: its policy is not given",
                help=closest(through[0], environment.index.endpoints),
            )
        )
    return found


def _owner(request: Request, resource: OwnedResource | None, findings: list[Finding]) -> str:
    """Give the resource's account: what the caller of the API said, else what is known here."""
    asked = request.resource.account
    known = resource.owner if resource is not None else ""
    guessed = any(finding.code == OWNER_GUESSED for finding in request.findings)
    if known and (guessed or not asked):
        return known
    if known and asked != known:
        findings.append(
            Finding(
                "PE0746",
                Severity.WARNING,
                f"the resource's account is given as `{asked}`, but in the environment "
                f"{quote(request.resource.text)} belongs to `{known}`",
                help="the given account is taken",
            )
        )
    return asked


def _resource_policy(
    environment: Environment,
    resource: OwnedResource | None,
    target: Identity | None,
    *,
    trust: bool,
) -> Documents | None:
    """Give the policies of the resource; None where nothing of them was given."""
    if trust:
        return target.trust if target is not None else None
    if resource is None:
        return environment.unplaced or None
    if resource.policy is not None:
        return resource.policy
    return environment.index.holder(resource).policy


# ---- the facts that follow ------------------------------------------------------------------


def _with_path(request: Request, identity: Identity) -> Principal:
    """Give a session's principal with its role's path, which its ARN does not tell."""
    principal = request.principal
    if not identity.arn or principal.kind is not PrincipalKind.ROLE_SESSION:
        return principal
    name = identity.arn.partition(":role/")[2]
    stated = "aws:principalarn" not in request.context.derived
    if principal.path_known or stated:
        return principal
    return replace(principal, name=name, path_known=True)


def _organization_keys(environment: Environment, account: str, who: str) -> Keys:
    """aws:PrincipalOrgID and …OrgPaths, or aws:ResourceOrgID and …OrgPaths."""
    tree = environment.organization
    if tree is None or not account:
        return {}
    identifier, paths = f"aws:{who}OrgID", f"aws:{who}OrgPaths"
    if tree.open:  # every account is a member, of an organization whose id nobody told
        return {identifier: PRESENT, paths: PRESENT}
    members = environment.index.members
    is_listed = account in members or account == tree.management
    if not is_listed and (tree.partial or not members):
        return {identifier: UNKNOWN, paths: UNKNOWN}
    if not is_listed:
        return {}
    units = environment.index.levels(account)
    ids = [unit.id for unit in units or ()]
    if not ids or not all(ids):
        return {identifier: (tree.id,), paths: PRESENT}
    return {identifier: (tree.id,), paths: ("/".join([tree.id, *ids, ""]),)}


def _owner_keys(resource: Resource) -> Keys:
    keys: Keys = {"aws:ResourceAccount": (resource.account,)}
    if resource.service == "s3":
        keys["s3:ResourceAccount"] = (resource.account,)
    return keys


def _resource_keys(situation: Situation, resource: Resource) -> Keys:
    """Tags, region and aliases of the resource (R-CTX-02)."""
    entry, target = situation.resource, situation.target
    keys: Keys = {}
    if entry is not None:
        if entry.region and not resource.region:
            keys["aws:RequestedRegion"] = (entry.region,)
        if entry.arn == resource.text:
            prefix = _tag_prefix(entry)
            keys |= {f"{prefix}/{key}": (tag,) for key, tag in entry.tags.items()}
        if resource.service == "kms" and entry.aliases:
            keys["kms:ResourceAliases"] = entry.aliases
    elif target is not None:
        for key, tag in target.tags.items():
            keys[f"aws:ResourceTag/{key}"] = keys[f"iam:ResourceTag/{key}"] = (tag,)
    return keys


def _tag_prefix(entry: OwnedResource) -> str:
    # AWS: the tags of an object go by another key than those of other resources.
    is_object = entry.arn.split(":")[2] == "s3" and "/" in entry.arn
    return "s3:ExistingObjectTag" if is_object else "aws:ResourceTag"
