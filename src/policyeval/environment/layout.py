"""An environment as files: the tree of `environment.yaml`, and the policies beside it.

What a file cannot say is not left out in silence: it is gathered in `problems`, and nothing is
written. A policy that is unknown is written as a file that no reader takes for a policy, so it
stays unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.environment.builtin import DEFAULT_ENDPOINT_POLICY, built_in
from policyeval.environment.model import (
    Account,
    Documents,
    Endpoint,
    Environment,
    Identity,
    OwnedResource,
    PolicyDocument,
    Unit,
)
from policyeval.environment.project_files import AWS_MANAGED
from policyeval.parsing.defect import quote
from policyeval.parsing.write import policy_to_dict, write_policy
from policyeval.policy import Policy

POLICIES, MANAGED = "policies", "policies/aws-managed"
UNKNOWN = "Unknown"  # no element of the policy language, so the file is never taken for a policy
_LONGEST = 100
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+=,@")

Tree = dict[str, Any]


class Layout:
    """The files of an environment: `tree` is environment.yaml, `files` the policies by path."""

    def __init__(self, environment: Environment) -> None:
        """Lay everything out; reads every policy."""
        self.environment = environment
        self.files: dict[str, str] = {}
        self.problems: list[str] = []
        self._taken: dict[str, str] = {}
        self._references: dict[tuple[str, int], str] = {}
        self._managed: dict[str, str] = {}
        self.tree = self._lay_out()

    def _lay_out(self) -> Tree:
        environment = self.environment
        self._refuse_unwritable()
        tree: Tree = {"version": 1}
        if environment.partition != "aws":
            tree["partition"] = environment.partition
        if environment.organization is not None:
            organization = environment.organization
            tree["organization"] = {
                "id": organization.id,
                "management": organization.management,
                **({"partial": True} if organization.partial else {}),
                "root": self._unit(organization.root),
            }
        sections: tuple[tuple[str, Mapping[str, Any], Any], ...] = (
            ("accounts", environment.accounts, self._account),
            ("principals", environment.identities, self._identity),
            ("groups", environment.groups, lambda group: self._list(group.policies, "identity")),
            ("resources", environment.resources, self._resource),
            ("vpc_endpoints", environment.endpoints, self._endpoint),
        )
        for name, entries, write in sections:
            found = {key: write(entry) for key, entry in _named(entries, free=name == "groups")}
            if name == "groups":
                found = {key: {"policies": policies} for key, policies in found.items()}
            if found:
                tree[name] = found
        if environment.contexts:
            tree["contexts"] = {
                key: {name: _context_value(value) for name, value in keys.items()}
                for key, keys in environment.contexts.items()
            }
        if environment.complete:
            tree["complete"] = sorted(layer.value for layer in environment.complete)
        if self._managed:
            tree["managed-policies"] = MANAGED
        return tree

    def _refuse_unwritable(self) -> None:
        environment = self.environment
        tree = environment.organization
        if tree is not None and (tree.open or not tree.id or not tree.management):
            self.problems.append("nothing tells the id and the management account of organization")
        for key, entry in environment.identities.items():
            if not entry.arn:
                self.problems.append(
                    f"nothing tells the ARN of {quote(key)}: its account is needed"
                )
        for document in environment.unplaced:
            self.problems.append(f"nothing tells whose policy {quote(document.name)} is")
        if environment.sessions or environment.session is not None:
            self.problems.append("session policies belong to requests, not to environment.yaml")
        units = tree.root.walk() if tree is not None else ()
        if any(place.default_scp for place in (*units, *environment.accounts.values())):
            self.problems.append("a folder of policies does not tell what hangs at each level")

    # ---- entries --------------------------------------------------------------------------

    def _unit(self, unit: Unit) -> Tree:
        written: Tree = {"id": unit.id} if unit.id else {}
        written |= self._control_policies(unit)
        if unit.accounts:
            written["accounts"] = list(unit.accounts)
        if unit.units:
            names = dict(_named({each.name: each for each in unit.units}))
            if len(names) != len(unit.units):
                self.problems.append(f"two units below {quote(unit.name)} have one name")
            written["ous"] = {name: self._unit(each) for name, each in names.items()}
        return written

    def _control_policies(self, place: Unit | Account) -> Tree:
        written: Tree = {}
        if place.scps is not None:
            written["scps"] = self._list(place.scps, "scp")
        if place.rcps is not None:
            written["rcps"] = self._list(place.rcps, "rcp")
        return written

    def _account(self, account: Account) -> Tree:
        written: Tree = {"id": account.id, **self._control_policies(account)}
        written |= _given(tags=dict(account.tags))
        return written | _given(**{"canonical-user": account.canonical_user})

    def _identity(self, identity: Identity) -> Tree:
        written: Tree = {"arn": identity.arn, **_given(tags=dict(identity.tags))}
        written |= _given(**{"unknown-tags": list(identity.unknown_tags)})
        if identity.policies is not None:
            written["policies"] = self._list(identity.policies, "identity")
        known = [group for group in identity.groups if group in self.environment.groups]
        written |= _given(groups=known)
        written |= self._single(identity.boundary, "boundary", "boundary")
        if identity.kind != "user":
            written |= self._single(identity.trust, "trust", "trust")
        return written

    def _resource(self, resource: OwnedResource) -> Tree:
        own = resource.arn.split(":", 5)[4] if resource.arn.count(":") >= 5 else ""
        written: Tree = {"arn": resource.arn}
        written |= _given(owner="" if own else resource.owner, region=resource.region)
        written |= self._single(resource.policy, "policy", "resource")
        return written | _given(
            tags=dict(resource.tags),
            aliases=list(resource.aliases),
            **{
                "encryption-key": resource.encryption_key,
                "unknown-tags": list(resource.unknown_tags),
            },
        )

    def _endpoint(self, endpoint: Endpoint) -> Tree:
        written: Tree = {"id": endpoint.id}
        written |= _given(vpc=endpoint.vpc, account=endpoint.account, service=endpoint.service)
        if endpoint.type is not None:
            written["type"] = endpoint.type.value
        if endpoint.policy and endpoint.policy[0].name != DEFAULT_ENDPOINT_POLICY:
            written |= self._single(endpoint.policy, "policy", "vpc_endpoint")
        return written

    # ---- policies -------------------------------------------------------------------------

    def _list(self, documents: Documents, folder: str) -> list[str]:
        return [self._reference(document, folder) for document in documents]

    def _single(self, documents: Documents | None, field: str, folder: str) -> Tree:
        """Give a field that names one policy; several are put together in one file."""
        if documents is None:
            return {}
        if not documents:
            return {field: None}
        if len(documents) == 1:
            return {field: self._reference(documents[0], folder)}
        return {field: self._file(folder, documents[0].name, _joined(documents))}

    def _reference(self, document: PolicyDocument, folder: str) -> str:
        """Give how environment.yaml names a policy, and lay out its file."""
        known = built_in(document.arn)  # by name anybody may call a policy `FullAWSAccess`
        if known:
            return known
        if AWS_MANAGED in document.arn and self._keep_copy(document):
            return document.arn
        if document.arn and document.policy is None:
            return document.arn  # unknown here, and unknown to whoever loads it
        key = (folder, id(document))
        if key not in self._references:
            account = document.arn.split(":")[4] if document.arn.count(":") >= 5 else ""
            self._references[key] = self._file(folder, document.name, _text(document), account)
        return self._references[key]

    def _keep_copy(self, document: PolicyDocument) -> bool:
        """Lay out the copy of a policy that AWS manages, where its ARN will find it."""
        if document.policy is None:
            return True
        name = document.arn.rpartition("/")[2]
        if _safe(name) != name or self._managed.setdefault(name, document.arn) != document.arn:
            return False  # two of AWS's policies have one name: only one can go by it
        self.files[f"{MANAGED}/{name}.json"] = write_policy(document.policy)
        return True

    def _file(self, folder: str, name: str, text: str, account: str = "") -> str:
        """Give the reference to a file with this text, under the first free of its names."""
        steps = [step for step in name.removesuffix(".json").split("/") if step]
        if len(steps) > 1 and steps[0] == folder:
            steps = steps[1:]
        *folders, last = steps[-3:] or ["policy"]
        # A folder never has the name that a file beside it may have.
        safe = "/".join((*(_safe(step.replace(".json", "-json")) for step in folders), _safe(last)))
        for candidate in _candidates(safe, account):
            reference = f"{folder}/{candidate}.json"
            taken = self._taken.get(reference.casefold())
            if taken is None:
                self._taken[reference.casefold()] = text
                self.files[f"{POLICIES}/{reference}"] = text
                return reference
            if taken == text and f"{POLICIES}/{reference}" in self.files:
                return reference
        raise AssertionError("there is always another number")


def _candidates(name: str, account: str) -> Iterator[str]:
    yield name
    if account.isdigit():
        yield f"{account}/{name}"
    number = 2
    while True:
        yield f"{name}.{number}"
        number += 1


def _safe(text: str) -> str:
    """Give a text as a part of a path: on every system, and never out of the folder."""
    safe = "".join(char if char in _SAFE else "-" for char in text)[:_LONGEST]
    return safe.strip(".") or "unnamed"


def _text(document: PolicyDocument) -> str:
    """Give the text of a policy's file."""
    if document.policy is not None:
        return write_policy(document.policy)
    return _unknown(document)


def _unknown(document: PolicyDocument) -> str:
    reasons = sorted(document.findings, key=lambda each: not each.is_error)
    for place in (each.location for each in reasons):
        text = (place.source.text or "") if place is not None else ""
        if text.startswith(f'{{\n  "{UNKNOWN}": '):
            return text  # written by us, and still unknown
    why = reasons[0].message if reasons else "it cannot be read"
    return json.dumps({UNKNOWN: why}, indent=2) + "\n"


def _joined(documents: Documents) -> str:
    """Give one text for several policies of one place: all their statements."""
    policies: list[Policy] = []
    for document in documents:
        if document.policy is None:
            return _unknown(document)
        policies.append(document.policy)
    written = [policy_to_dict(policy) for policy in policies]
    if len({each.get("Version") for each in written}) > 1:
        return json.dumps({UNKNOWN: "policies of several versions hang here"}, indent=2) + "\n"
    whole = {**written[0], "Statement": [item for each in written for item in each["Statement"]]}
    return json.dumps(whole, indent=2) + "\n"


def _named(entries: Mapping[str, Any], *, free: bool = False) -> Iterator[tuple[str, Any]]:
    """Give the entries in the order of their names, each under a name that may be one."""
    from policyeval.environment.exports.names import legal_name

    taken: set[str] = set()
    for key in sorted(entries):
        name = base = key if free else legal_name(key) or "unnamed"
        number = 2
        while name in taken or (name != key and name in entries):
            name = f"{base}.{number}"
            number += 1
        taken.add(name)
        yield name, entries[key]


def _given(**fields: Any) -> Tree:
    """Give the fields that say something."""
    return {name: value for name, value in fields.items() if value}


def _context_value(value: str | tuple[str, ...] | None) -> Any:
    return list(value) if isinstance(value, tuple) else value
