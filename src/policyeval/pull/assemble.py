"""From the raw answers of a pull to an `Environment`, through the readers of exports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from policyeval.environment.exports.parts import Given
from policyeval.environment.exports.read import read_exports
from policyeval.environment.model import ANY_TAG, Environment, OwnedResource
from policyeval.pull.collect import Collected, kebab
from policyeval.pull.plan import PLAN, first_steps
from policyeval.pull.problems import Why
from policyeval.pull.session import Caller
from policyeval.pull.store import Store
from policyeval.stack import Layer
from policyeval.value import replace

# Of no pull can it be said that it saw all resources and all endpoints: of other accounts, of
# services that are not asked, of regions that were not named.
_CAN_BE_COMPLETE = (
    Layer.RESOURCE_CONTROL_POLICY,
    Layer.SERVICE_CONTROL_POLICY,
    Layer.IDENTITY_POLICY,
    Layer.PERMISSIONS_BOUNDARY,
)

_TAGS = "GetResources"
_READ_WHOLE = ("iam", "organizations", "ec2")


def assemble(
    collected: Collected, store: Store, caller: Caller, services: Iterable[str] = ()
) -> Environment:
    """Give the environment of what was collected; `complete` names only what was read whole.

    Raises EnvironmentLoadError where answers contradict each other.
    """
    exports = {
        (step.service, kebab(step.operation))
        for step in PLAN
        if step.arn or step.service in _READ_WHOLE
    }
    files = [path for path in collected.files if _is_of(path, exports)]
    environment = read_exports(
        files,
        name=caller.account,
        root=store.folder,
        given=Given(caller.account, "", caller.partition),
    )
    return replace(
        environment,
        partition=caller.partition,
        resources=_described(environment.resources, collected, store, services),
        complete=complete_layers(collected, services),
    )


def complete_layers(collected: Collected, services: Iterable[str] = ()) -> frozenset[Layer]:
    """Give the layers of which everything was asked, and everything answered (R-FLOW-20)."""
    asked = {layer for step in first_steps(services) for layer in step.layers}
    open_layers = {
        layer for gap in collected.gaps if gap.why is not Why.UNUSED for layer in gap.step.layers
    }
    return frozenset(layer for layer in _CAN_BE_COMPLETE if layer.value in asked - open_layers)


def _is_of(path: Path, wanted: Iterable[tuple[str, str]]) -> bool:
    return (path.parent.name, path.name.partition(".")[0]) in wanted


# ---- tags and aliases -----------------------------------------------------------------------


def _described(
    resources: Mapping[str, OwnedResource],
    collected: Collected,
    store: Store,
    services: Iterable[str] = (),
) -> dict[str, OwnedResource]:
    """Give the resources with their tags, and KMS keys with their aliases.

    Where some tags could not be read, those that are not told are unknown, not absent.
    """
    tags: dict[str, dict[str, str]] = {}
    aliases: dict[str, list[str]] = {}
    asked = any(step.operation == _TAGS for step in first_steps(services))
    knows_tags = asked and not any(
        gap.step.operation == _TAGS and gap.why is not Why.UNUSED for gap in collected.gaps
    )
    for path in collected.files:
        if path.name not in ("get-resources.json", "list-aliases.json"):
            continue
        answer = store.read(path) or {}
        for entry in _entries(answer, "ResourceTagMappingList"):
            tags[str(entry.get("ResourceARN"))] = {
                str(tag["Key"]): str(tag["Value"]) for tag in entry.get("Tags", ())
            }
        for entry in _entries(answer, "Aliases"):
            arn, name, key = (entry.get(each) for each in ("AliasArn", "AliasName", "TargetKeyId"))
            if arn and name and key:
                aliases.setdefault(f"{str(arn).partition(':alias/')[0]}:key/{key}", []).append(name)
    return {
        name: replace(
            entry,
            tags={**entry.tags, **tags.get(entry.arn, {})},
            unknown_tags=() if knows_tags else (ANY_TAG,),
            aliases=tuple(sorted({*entry.aliases, *aliases.get(entry.arn, ())})),
        )
        for name, entry in resources.items()
    }


def _entries(answer: Mapping[str, Any], key: str) -> Iterable[Mapping[str, Any]]:
    found = answer.get(key)
    return found if isinstance(found, list) else ()
