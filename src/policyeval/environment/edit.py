"""What-if: an environment in which other policies hang at one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from policyeval.arn import is_account_id
from policyeval.environment.builtin import FULL_ACCESS
from policyeval.environment.model import (
    Documents,
    Endpoint,
    Environment,
    Group,
    Identity,
    OwnedResource,
    Unit,
    built_in_document,
)
from policyeval.environment.names import (
    GROUP,
    account_id,
    find_endpoint,
    find_identity,
    find_resource,
    no_such,
)
from policyeval.stack import LEVELED, Layer
from policyeval.value import Value, replace

Entry = TypeVar("Entry")

_LEVEL_FIELDS = {Layer.SERVICE_CONTROL_POLICY: "scps", Layer.RESOURCE_CONTROL_POLICY: "rcps"}


def documents_at(environment: Environment, layer: Layer, holder: str) -> Documents:
    """Give the policies of a layer that hang at a holder; see `Environment.with_policies`."""
    if layer is Layer.SESSION_POLICY:
        return environment.session or ()
    entry, field = _find(environment, layer, holder)
    documents: Documents | None = getattr(entry, field)
    if documents is None and layer is Layer.SERVICE_CONTROL_POLICY:
        # What assembling takes to be there: a policy more shall not take it away.
        return (built_in_document(FULL_ACCESS),)
    return documents or ()


def with_documents(
    environment: Environment, layer: Layer, holder: str, documents: Documents
) -> Environment:
    """Give the environment with these policies of a layer at a holder."""
    if layer is Layer.SESSION_POLICY:
        return replace(environment, session=documents)
    entry, field = _find(environment, layer, holder)
    changed = replace(entry, **{field: documents})
    if isinstance(entry, Unit):
        assert environment.organization is not None
        assert isinstance(changed, Unit)
        root = _with_unit(environment.organization.root, entry, changed)
        return replace(environment, organization=replace(environment.organization, root=root))
    section = {
        Identity: "identities",
        Group: "groups",
        OwnedResource: "resources",
        Endpoint: "endpoints",
    }.get(type(entry), "accounts")
    return replace(
        environment, **{section: _with_entry(getattr(environment, section), entry, changed)}
    )


def _with_entry(entries: Mapping[str, Entry], old: Entry, new: Entry) -> dict[str, Entry]:
    """Put an entry in the place of another; one that is new comes last."""
    if not any(entry is old for entry in entries.values()):
        return {**entries, str(getattr(new, "name")): new}  # noqa: B009 - a bare TypeVar
    return {name: new if entry is old else entry for name, entry in entries.items()}


def _with_unit(unit: Unit, old: Unit, new: Unit) -> Unit:
    if unit is old:
        return new
    return replace(unit, units=tuple(_with_unit(below, old, new) for below in unit.units))


def _find(environment: Environment, layer: Layer, holder: str) -> tuple[Value, str]:
    """Give the entry at which the layer's policies hang, and the field that holds them."""
    if layer in LEVELED:
        return _find_place(environment, holder.removeprefix("@")), _LEVEL_FIELDS[layer]
    if layer is Layer.VPC_ENDPOINT_POLICY:
        return find_endpoint(environment, holder), "policy"
    if layer is Layer.RESOURCE_POLICY:
        return _find_resource(environment, holder)
    if layer is Layer.IDENTITY_POLICY and holder.startswith(GROUP):
        name = holder.removeprefix(GROUP)
        if name not in environment.groups:
            raise no_such("group", name, environment.groups)
        return environment.groups[name], "policies"
    identity = find_identity(environment, holder) or _new_identity(environment, holder)
    return identity, "policies" if layer is Layer.IDENTITY_POLICY else "boundary"


def _find_place(environment: Environment, name: str) -> Value:
    if environment.organization is not None:
        for unit in environment.organization.root.walk():
            if name in (unit.name, unit.id):
                return unit
    wanted = account_id(environment, name)
    if wanted in environment.index.accounts:
        return environment.index.accounts[wanted]
    units = environment.organization.root.walk() if environment.organization else ()
    raise no_such(
        "root, unit or account", name, [*(unit.name for unit in units), *environment.accounts]
    )


def _find_resource(environment: Environment, holder: str) -> tuple[Value, str]:
    """Find a resource, or a role for its trust policy."""
    resource = find_resource(environment, holder)
    if resource is not None:
        return resource, "policy"
    identity = find_identity(environment, holder)
    if identity is not None:
        return identity, "trust"
    if ":iam::" in holder:
        return _new_identity(environment, holder), "trust"
    if not holder.startswith("arn:"):
        raise no_such("resource or role", holder, [*environment.resources, *environment.identities])
    owner = holder.split(":")[4] if holder.count(":") >= 5 else ""
    return OwnedResource(holder, holder, owner if is_account_id(owner) else ""), "policy"


def _new_identity(environment: Environment, holder: str) -> Identity:
    """Give an entry for a user or role that is known by its ARN alone."""
    if not holder.startswith("arn:") or ":iam::" not in holder:
        raise no_such("principal", holder, environment.identities)
    return Identity(holder, holder, holder.split(":")[4])
