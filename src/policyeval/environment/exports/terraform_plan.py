"""The resources of a Terraform plan or state, with what is known of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.environment.exports.fields import Fields, Origin
from policyeval.environment.exports.parts import Parts
from policyeval.environment.exports.stream import Item

MOST_MODULES = 10_000
_INDEX = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


class Planned:
    """A resource of a plan: its values, and which of them are known after apply only."""

    __slots__ = ("address", "fields", "later", "type")

    def __init__(self, address: str, type: str, fields: Fields, later: Any) -> None:
        self.address = address
        self.type = type
        self.fields = fields
        self.later: Mapping[str, Any] = later if isinstance(later, Mapping) else {}

    def text(self, name: str) -> str:
        """Give a value; empty where it is not set, or not known yet."""
        return self.fields.text(name)

    def is_later(self, name: str) -> bool:
        """Tell whether a value is known after apply only."""
        return self.later.get(name) is True


def resources_of(
    members: Mapping[str, Item], changes: list[Item], parts: Parts
) -> Iterator[Planned]:
    """Give the resources that there will be: of the changes, or of a state's modules."""
    return _of_changes(changes, parts) if changes else _of_state(members, parts)


def _of_changes(changes: list[Item], parts: Parts) -> Iterator[Planned]:
    for item in changes:
        entry = Fields.of(item, parts)
        change = entry.object("change")
        if change is None or entry.text("mode") == "data":
            continue
        after = change.object("after")
        if after is not None:
            origin = Origin(source=item.source)
            after = Fields(after.tree, after.pointer, origin, parts)
            later = change.tree.get("after_unknown")
            yield Planned(entry.text("address"), entry.text("type"), after, later)


def _of_state(members: Mapping[str, Item], parts: Parts) -> Iterator[Planned]:
    item = members.get("values") or members.get("planned_values")
    if item is None:
        return
    origin = Origin(source=item.source)
    is_plan = item.key == "planned_values"
    root = Fields(item.value, item.pointer, origin, parts).object("root_module")
    modules = [root] if root is not None else []
    for count, module in enumerate(modules):
        if count > MOST_MODULES:
            module.report("PE1803", f"the plan has more than {MOST_MODULES} modules")
            return
        modules.extend(module.each("child_modules"))
        for resource in module.each("resources"):
            values = resource.object("values")
            if values is None or resource.text("mode") == "data":
                continue
            if is_plan:
                resource.report(
                    "PE1803",
                    "the plan has `planned_values` alone: what comes after apply is left out there",
                    "give the whole output of `terraform show -json`, with `resource_changes`",
                )
                return
            yield Planned(resource.text("address"), resource.text("type"), values, {})


def unfinished(members: Mapping[str, Item]) -> tuple[Item, str] | None:
    """Give the member that says that a plan tells only a part, and what it says; else None."""
    errored, complete, deferred = map(members.get, ("errored", "complete", "deferred_changes"))
    if errored is not None and errored.value is not False:
        return errored, "planning it failed"
    if deferred is not None:
        return deferred, "it puts off some changes"
    if complete is not None and complete.value is not True:
        return complete, "more changes will follow once it is applied"
    return None


_OF_ACCOUNT = frozenset(
    (
        *("access_key", "allowed_account_ids", "assume_role", "assume_role_with_web_identity"),
        *("endpoints", "forbidden_account_ids", "profile", "secret_key", "shared_config_files"),
        *("shared_credentials_file", "shared_credentials_files", "token"),
    )
)
"""Settings of the AWS provider that tell the account it works in."""


def may_span_accounts(members: Mapping[str, Item]) -> bool:
    """Tell whether the AWS providers of a plan differ in what decides their account."""
    item = members.get("configuration")
    tree = item.value if item is not None else None
    providers = tree.get("provider_config") if isinstance(tree, Mapping) else None
    seen: list[dict[str, Any]] = []
    for one in providers.values() if isinstance(providers, Mapping) else ():
        if not isinstance(one, Mapping) or one.get("name") != "aws":
            continue
        told = one.get("expressions")
        settings = told if isinstance(told, Mapping) else {}
        if not settings and one.get("module_address"):
            continue  # Terraform: a module's own entry without settings is given its caller's
        seen.append({key: settings[key] for key in settings if key in _OF_ACCOUNT})
    return any(each != seen[0] for each in seen)


def bare_address(address: str) -> str:
    """Give an address without the keys of `count` and `for_each`."""
    return _INDEX.sub("", address)


def module_of(address: str) -> str:
    """Give the module of a bare address, with the dot behind it; empty for the root."""
    steps = address.split(".")
    return "".join(f"{step}." for step in steps[:-2])


def references_of(members: Mapping[str, Item]) -> dict[str, Mapping[str, Any]]:
    """Give the expressions of each resource of all modules, by bare address."""
    item = members.get("configuration")
    tree = item.value if item is not None else None
    root = tree.get("root_module") if isinstance(tree, Mapping) else None
    found: dict[str, Mapping[str, Any]] = {}
    modules: list[tuple[str, Any]] = [("", root)]
    for count, (prefix, module) in enumerate(modules):
        if count > MOST_MODULES or not isinstance(module, Mapping):
            continue
        listed, calls = module.get("resources"), module.get("module_calls")
        for resource in listed if isinstance(listed, list) else ():
            if isinstance(resource, Mapping) and isinstance(resource.get("expressions"), Mapping):
                found[f"{prefix}{resource.get('address')}"] = resource["expressions"]
        for name, call in calls.items() if isinstance(calls, Mapping) else ():
            inner = call.get("module") if isinstance(call, Mapping) else None
            modules.append((f"{prefix}module.{name}.", inner))
    return found
