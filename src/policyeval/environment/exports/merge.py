"""From the claims of all exports to one `Environment`.

Claims that agree are one. Where two exports say different things of one policy, nobody can tell
which of them holds: the policy is unknown, and a finding names both. Where they differ in a fact,
that is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from policyeval.environment.builtin import built_in
from policyeval.environment.exports.names import entry_names, resource_name, short_names
from policyeval.environment.exports.organization_tree import organization_tree
from policyeval.environment.exports.parts import (
    FOR_GOOD,
    STAND_IN,
    EndpointClaim,
    GroupClaim,
    IdentityClaim,
    ManagedReference,
    Parts,
    Reference,
    References,
    ResourceClaim,
    group_key,
)
from policyeval.environment.exports.stream import Where
from policyeval.environment.model import (
    Account,
    Documents,
    Endpoint,
    Environment,
    Group,
    Identity,
    OwnedResource,
    PolicyDocument,
    built_in_document,
)
from policyeval.environment.project_files import AWS_MANAGED, Missing
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.write import policy_to_dict
from policyeval.policy import PolicyType

Managed = Callable[[ManagedReference, PolicyType], PolicyDocument | None]
"""Gives a copy of a policy that AWS manages and no export holds; None where there is none."""


def merge(parts: Parts, name: str, managed: Managed | None = None) -> Environment:
    """Give the environment of what was gathered; its findings tell whether it may be used."""
    return _Merge(parts, managed).environment(name)


class _Merge:
    def __init__(self, parts: Parts, managed: Managed | None) -> None:
        self.parts = parts
        self.managed = managed
        self.found: dict[tuple[str, PolicyType], PolicyDocument] = {}

    def environment(self, name: str) -> Environment:
        parts = self.parts
        self._keep_latest()
        group_keys = self._group_keys()
        groups = {
            key: self._group(key, of) for of, key in sorted(group_keys.items(), key=lambda e: e[1])
        }
        identities = self._identities(group_keys)
        resources = self._resources()
        endpoints = self._endpoints()
        account_names = self._account_names()
        tree, levels = organization_tree(parts, account_names)
        accounts = {
            key: Account(
                key, each, scps=levels.get((each, "scps")), rcps=levels.get((each, "rcps"))
            )
            for each, key in sorted(account_names.items(), key=lambda entry: entry[1])
        }
        return Environment(
            name,
            self._partition(),
            tree,
            accounts,
            identities,
            groups,
            resources,
            endpoints,
            unplaced=tuple(parts.unplaced),
            load_findings=tuple(parts.findings),
        )

    def _keep_latest(self) -> None:
        """Of claims that tell their time, keep the latest; none of what was gone by then."""
        parts = self.parts
        for told in (
            parts.identities,
            parts.groups,
            parts.managed,
            parts.resources,
            parts.endpoints,
        ):
            claims: dict[Any, list[Any]] = told
            for key in list(claims):
                claims[key] = self._latest(claims[key])
                if not claims[key]:
                    del claims[key]

    def _latest(self, claims: list[Any]) -> list[Any]:
        claims = [claim for claim in claims if self._gone(claim) != FOR_GOOD]
        times = [claim.when for claim in claims if claim.when]
        if not times:
            return claims
        last = max(times)
        return [
            claim
            for claim in claims
            if not claim.when or (claim.when == last and self._gone(claim) < last)
        ]

    def _gone(self, claim: Any) -> str:
        """Give the time at which something was deleted; empty where it never was."""
        if isinstance(claim, GroupClaim):
            return self.parts.gone.get(group_key(claim.account, claim.name), "")
        return self.parts.gone.get(getattr(claim, "arn", "") or getattr(claim, "id", ""), "")

    # ---- users, groups, roles -------------------------------------------------------------

    def _identities(self, group_keys: dict[tuple[str, str], str]) -> dict[str, Identity]:
        every = sorted({*self.parts.identities, *self._held("user"), *self._held("role")})
        names = entry_names(every)
        return {
            names[of]: self._identity(names[of], of, group_keys)
            for of in sorted(every, key=lambda each: names[each])
        }

    def _held(self, kind: str) -> list[tuple[str, str, str]]:
        held = [of for of in self.parts.attached if of[0] == kind]
        if kind == "user":
            held += [(kind, *of) for of in self.parts.joined]
        return held

    def _identity(
        self, key: str, of: tuple[str, str, str], group_keys: dict[tuple[str, str], str]
    ) -> Identity:
        kind, account, bare = of
        claims = self.parts.identities.get(of, [])
        what = f"{kind} {quote(bare)}"
        groups = {*(self._agreed(claims, "groups", what) or ())}
        if kind == "user":
            groups |= self.parts.joined.get((account, bare), set())
        policies = self._documents(claims, "policies", PolicyType.IDENTITY, what)
        policies = self._with_attached(of, claims, policies, what)
        return Identity(
            key if self._agreed(claims, "arn", what) else bare,
            self._agreed(claims, "arn", what) or "",
            account,
            policies,
            tuple(group_keys[account, group] for group in sorted(groups)),
            self._documents(claims, "boundary", PolicyType.BOUNDARY, what),
            self._documents(claims, "trust", PolicyType.TRUST, what),
            self._agreed(claims, "tags", what) or {},
            unknown_tags=_unknown_tags(claims),
        )

    def _with_attached(
        self,
        of: tuple[str, str, str],
        claims: Sequence[IdentityClaim | GroupClaim],
        policies: Documents | None,
        what: str,
    ) -> Documents | None:
        """Add what hangs at an entry besides; without the entry itself, the rest is unknown."""
        attached = self.parts.attached.get(of)
        if attached is None:
            return policies
        more = tuple(self._document(each, PolicyType.IDENTITY) for each in attached)
        if policies is None:
            where = claims[0].where if claims else None
            rest = self._missing(
                f"other policies of {of[2]}",
                "PE1810",
                f"the exports attach policies to the {what}, but do not hold it: what else hangs "
                "there is unknown",
                where,
                "add the export that holds it",
            )
            return (*more, rest)
        return (*policies, *more)

    def _group_keys(self) -> dict[tuple[str, str], str]:
        """Give the key of each group: its name, with its account where two have that name."""
        known = {*self.parts.groups, *((of[1], of[2]) for of in self._held("group"))}
        for (_, account, _), claims in self.parts.identities.items():
            known |= {(account, group) for claim in claims for group in claim.groups or ()}
        for (account, _), joined in self.parts.joined.items():
            known |= {(account, group) for group in joined}
        of_name: dict[str, int] = {}
        for _, name in known:
            of_name[name] = of_name.get(name, 0) + 1
        return {of: of[1] if of_name[of[1]] == 1 else f"{of[0]}/{of[1]}" for of in known}

    def _group(self, key: str, of: tuple[str, str]) -> Group:
        account, name = of
        claims = self.parts.groups.get(of, [])
        what = f"group {quote(name)}"
        policies = self._documents(claims, "policies", PolicyType.IDENTITY, what)
        policies = self._with_attached(("group", account, name), claims, policies, what)
        if policies is None:
            policies = (
                self._missing(
                    f"policies of group {name}",
                    "PE1810",
                    f"no export holds the {what}, so what it allows its users is unknown",
                    None,
                    "export it too",
                ),
            )
        return Group(key, policies)

    # ---- resources, endpoints, accounts ---------------------------------------------------

    def _resources(self) -> dict[str, OwnedResource]:
        every = {*self.parts.resources, *self.parts.resource_policies}
        names = short_names({arn: resource_name(arn) for arn in every})
        return {
            names[arn]: self._resource(names[arn], arn)
            for arn in sorted(every, key=lambda each: names[each])
        }

    def _resource(self, key: str, arn: str) -> OwnedResource:
        claims: list[ResourceClaim] = self.parts.resources.get(arn, [])
        what = f"resource {quote(arn)}"
        policy = self._documents(claims, "policy", PolicyType.RESOURCE, what)
        beside = self.parts.resource_policies.get(arn)
        if beside:
            policy = (*(policy or ()), *beside)
        own = arn.split(":", 5)[4]
        return OwnedResource(
            key,
            arn,
            own or self._agreed(claims, "owner", what) or "",
            policy,
            self._agreed(claims, "tags", what) or {},
            self._agreed(claims, "region", what) or "",
            self._agreed(claims, "aliases", what) or (),
            self._agreed(claims, "encryption_key", what) or "",
            _unknown_tags(claims),
        )

    def _endpoints(self) -> dict[str, Endpoint]:
        every = self.parts.endpoints
        wished = {
            each: next((c.name for c in claims if c.name), "") for each, claims in every.items()
        }
        names = short_names({each: (wished[each], each) for each in every})
        return {
            names[each]: self._endpoint(names[each], each)
            for each in sorted(every, key=lambda one: names[one])
        }

    def _endpoint(self, key: str, identifier: str) -> Endpoint:
        claims: list[EndpointClaim] = self.parts.endpoints[identifier]
        what = f"VPC endpoint {quote(identifier)}"
        return Endpoint(
            key,
            identifier,
            self._documents(claims, "policy", PolicyType.VPC_ENDPOINT, what) or (),
            self._agreed(claims, "vpc", what) or "",
            self._agreed(claims, "account", what) or "",
            self._agreed(claims, "service", what) or "",
            self._agreed(claims, "type", what),
        )

    def _account_names(self) -> dict[str, str]:
        """Give the accounts by id, each with its name: that of its organization, else the id."""
        parts = self.parts
        told = {each: sorted(names) for each, names in parts.accounts.items()}
        for each in (*parts.organization.accounts, *parts.organization.managements):
            told.setdefault(each, [])
        for claim in (one for claims in parts.endpoints.values() for one in claims):
            if claim.account:
                told.setdefault(claim.account, [])
        return short_names({each: (*names[:1], each) for each, names in told.items()}, lower=True)

    def _partition(self) -> str:
        seen = sorted(self.parts.partitions)
        if len(seen) > 1:
            self.parts.add(
                Finding(
                    "PE1806",
                    Severity.ERROR,
                    f"the exports are of several partitions: {', '.join(map(quote, seen))}",
                    None,
                    "one environment is one partition: read them one by one",
                )
            )
        return seen[0] if seen else self.parts.given.partition or "aws"

    # ---- claims that are compared ---------------------------------------------------------

    def _agreed(self, claims: Iterable[Any], field: str, what: str) -> Any:
        """Give what the claims say of a field; None where none says anything."""
        first, told = None, None
        for claim in claims:
            value = getattr(claim, field)
            if value is None or value == "":
                continue
            value = tuple(sorted(value)) if isinstance(value, tuple) else value
            if first is None:
                first, told = value, claim
            elif value != first:
                self._report_difference(told, claim, field, what)
                break
        return first

    def _report_difference(self, one: Any, other: Any, field: str, what: str) -> None:
        where = other.where.location if other.where is not None else None
        first = one.where.location.source.name if one.where is not None else "another export"
        self.parts.add(
            Finding(
                "PE1806",
                Severity.ERROR,
                f"two exports differ in the {field.replace('_', ' ')} of the {what}",
                where,
                f"the other one is {quote(first)}: leave out the older of the two",
            )
        )

    def _documents(
        self, claims: Iterable[Any], field: str, type: PolicyType, what: str
    ) -> Documents | None:
        """Give the policies that the claims tell; unknown ones where the claims differ."""
        told = [claim for claim in claims if getattr(claim, field) is not None]
        if not told:
            return None
        first = self._resolved(getattr(told[0], field), type)
        for claim in told[1:]:
            if _same(first, self._resolved(getattr(claim, field), type)):
                continue
            other = told[0].where.location.source.name if told[0].where else "another export"
            return (
                self._missing(
                    f"{field} of {what.partition(' ')[2].strip('`')}",
                    "PE1806",
                    f"two exports differ in the {field} of the {what}, so what it says is unknown",
                    claim.where,
                    f"the other one is {quote(other)}: leave out the older of the two",
                ),
            )
        return first

    def _resolved(self, references: References, type: PolicyType) -> Documents:
        return tuple(self._document(each, type) for each in references)

    def _document(self, reference: Reference, type: PolicyType) -> PolicyDocument:
        if isinstance(reference, PolicyDocument):
            return reference
        key = (reference.arn, type)
        if key not in self.found:
            self.found[key] = self._managed(reference, type)
        return self.found[key]

    def _managed(self, reference: ManagedReference, type: PolicyType) -> PolicyDocument:
        """Give a managed policy: of the exports, of a local copy, or one that is missing."""
        if built_in(reference.arn):
            return built_in_document(built_in(reference.arn))
        claims = self.parts.managed.get(reference.arn, [])
        arn = "" if reference.arn.startswith(STAND_IN) else reference.arn
        documents = [PolicyDocument(claim.name, claim.readers[type], arn) for claim in claims]
        if documents:
            if all(_same((documents[0],), (each,)) for each in documents[1:]):
                return documents[0]
            return self._missing(
                reference.name,
                "PE1806",
                f"two exports differ in the policy {quote(reference.arn)}, so what it says is "
                "unknown",
                claims[1].where,
                "leave out the older of the two",
                reference.arn,
            )
        copy = self.managed(reference, type) if self.managed is not None else None
        if copy is not None:
            return copy
        by_aws = AWS_MANAGED in reference.arn
        return self._missing(
            reference.name,
            "PE0722" if by_aws else "PE1810",
            f"there is no copy of {quote(reference.arn)}, so what it says is unknown"
            if by_aws
            else f"no export holds the policy {quote(reference.arn)}, so what it says is unknown",
            reference.where,
            "save a copy of it, and name the folder as `managed-policies` in environment.yaml"
            if by_aws
            else "export it too",
            reference.arn,
        )

    def _missing(
        self,
        name: str,
        code: str,
        message: str,
        where: Where | None,
        help: str,
        arn: str = "",
    ) -> PolicyDocument:
        location = where.location if where is not None else None
        finding = Finding(code, Severity.WARNING, message, location, help)
        return PolicyDocument(name, Missing(finding), arn)


def _unknown_tags(claims: Sequence[IdentityClaim | ResourceClaim]) -> tuple[str, ...]:
    """Give the keys of tags of which any export leaves the value open."""
    return tuple(sorted({key for claim in claims for key in claim.unknown_tags}))


def _same(one: Documents, other: Documents) -> bool:
    """Tell whether two exports hold the same policies; reads them, which is rarely needed."""
    if [each.name for each in _by_name(one)] != [each.name for each in _by_name(other)]:
        return False
    return all(map(_same_content, _by_name(one), _by_name(other)))


def _by_name(documents: Documents) -> list[PolicyDocument]:
    return sorted(documents, key=lambda each: (each.name, each.arn))


def _same_content(one: PolicyDocument, other: PolicyDocument) -> bool:
    if one is other:
        return True
    if one.policy is None or other.policy is None:
        return one.policy is other.policy
    return policy_to_dict(one.policy) == policy_to_dict(other.policy)
