"""The entries of an environment by the names that requests use."""

from __future__ import annotations

import re
from collections.abc import Mapping

from policyeval.environment.model import (
    Account,
    Endpoint,
    Environment,
    Identity,
    OwnedResource,
    Unit,
)
from policyeval.principal import Principal, PrincipalKind

Place = Unit | Account

_PERMISSION_SET_ROLE = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")


class Index:
    """Look-ups over one environment; made once, with the first request."""

    __slots__ = (
        "_arns",
        "_names",
        "_places",
        "_resources",
        "accounts",
        "canonical_users",
        "endpoints",
        "members",
    )

    def __init__(self, environment: Environment) -> None:
        self._arns = {entry.arn: entry for entry in environment.identities.values() if entry.arn}
        self._names = _by_name(environment.identities)
        self._resources = {entry.arn: entry for entry in environment.resources.values()}
        self.accounts = {account.id: account for account in environment.accounts.values()}
        self.endpoints = {entry.id: entry for entry in environment.endpoints.values()}
        self.canonical_users = {
            account.canonical_user: account.id
            for account in self.accounts.values()
            if account.canonical_user
        }
        self._places: dict[str, tuple[Unit, ...]] = {}
        self.members: frozenset[str] = frozenset()
        if environment.organization is not None:
            _place(environment.organization.root, (), self._places)
            if self._places:
                self.members = frozenset(self._places) | {environment.organization.management}

    def identity(self, principal: Principal) -> Identity | None:
        """Find the user or role behind a caller; of a federated user, the user it came from."""
        kind = principal.kind
        if kind is PrincipalKind.FEDERATED_USER:
            return self._arns.get(principal.issuer)
        if kind not in (PrincipalKind.IAM_USER, PrincipalKind.ROLE_SESSION):
            return None
        if ":iam:" in principal.text:
            found = self._arns.get(principal.text)
            return found or self.named("", principal.account, principal.name)
        # AWS: a session's ARN has no path; role names are unique in their account.
        return self.named("role", principal.account, principal.name)

    def named(self, kind: str, account: str, name: str) -> Identity | None:
        """Find a user or role by account and name; an entry without an ARN may be either kind.

        An empty kind asks for entries without an ARN alone.
        """
        bare = name.rpartition("/")[2]
        for key in ((kind, account, bare), ("", account, bare), ("", "", bare)):
            found = self._names.get(key)
            if found is not None:
                return found
        made = _PERMISSION_SET_ROLE.fullmatch(bare)
        return self._names.get(("permission-set", "", made[1])) if made else None

    def by_arn(self, arn: str) -> Identity | None:
        """Find a user or role by its ARN, as the resource of a request."""
        found = self._arns.get(arn)
        if found is not None or ":iam::" not in arn:
            return found
        parts = arn.split(":", 5)
        return self.named("", parts[4], parts[5].partition("/")[2])

    def resource(self, arn: str) -> OwnedResource | None:
        """Find a resource by its ARN, or the one whose policy speaks for it."""
        found = self._resources.get(arn)
        if found is not None:
            return found
        holder = policy_holder(arn)
        return self._resources.get(holder) if holder != arn else None

    def holder(self, entry: OwnedResource) -> OwnedResource:
        """Give the resource whose policy speaks for this one: an object's bucket."""
        return self._resources.get(policy_holder(entry.arn), entry)

    def levels(self, account: str) -> tuple[Unit, ...] | None:
        """Give the units above an account, root first; None where its place is not known."""
        return self._places.get(account)


def policy_holder(arn: str) -> str:
    """Give the ARN of the resource whose policy decides about this one.

    Objects have their bucket's policy, table indexes their table's, methods their REST API's,
    what lies in a search domain the domain's; log group ARNs may end in `:*`.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return arn
    service, name = parts[2], parts[5]
    if service == "s3" and not parts[4]:
        name = name.partition("/")[0]
    elif service == "s3" and name.startswith("accesspoint/"):
        name = "/".join(name.split("/")[:2])
    elif service == "dynamodb" and name.startswith("table/"):
        name = name.partition("/index/")[0]
    elif service == "logs":
        name = name.partition(":log-stream:")[0].removesuffix(":*")
    elif service == "execute-api":
        name = name.partition("/")[0]
    elif service == "es" and name.startswith("domain/"):
        name = "/".join(name.split("/")[:2])
    return ":".join([*parts[:5], name])


def _by_name(identities: Mapping[str, Identity]) -> dict[tuple[str, str, str], Identity]:
    """Key the entries by kind, account and bare name, as far as they are known."""
    found: dict[tuple[str, str, str], Identity] = {}
    for entry in identities.values():
        if entry.permission_set:
            found["permission-set", "", entry.permission_set] = entry
        else:
            found[entry.kind, entry.account, entry.bare_name] = entry
    return found


def _place(unit: Unit, above: tuple[Unit, ...], places: dict[str, tuple[Unit, ...]]) -> None:
    path = (*above, unit)
    for account in unit.accounts:
        places[account] = path
    for below in unit.units:
        _place(below, path, places)


__all__ = ["Endpoint", "Index", "Place", "policy_holder"]
