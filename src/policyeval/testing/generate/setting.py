"""The world that a new suite is about: what its head says, and the policies behind it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from policyeval.environment.folder import layer_by_folder
from policyeval.environment.model import Environment, PolicyDocument
from policyeval.environment.project_files import read_file
from policyeval.errors import ConfigError
from policyeval.finding import Finding
from policyeval.parsing.defect import quote
from policyeval.parsing.policy import read_policy
from policyeval.policy import Policy, PolicyType
from policyeval.request import Request
from policyeval.stack import Layer, PolicySource
from policyeval.testing.expand import POLICY_TESTER
from policyeval.testing.generate.places import Place, alone, places_of
from policyeval.testing.generate.written import is_writable, writable
from policyeval.testing.load import load_world
from policyeval.testing.write import suite_text
from policyeval.value import Value, replace

_STATEMENT = re.compile(rb'\A\s*\{[^\[]{0,2000}"Statement"\s*:')
_KEYS_OF_EXPORTS = (b'"PolicyVersion"', b'"Policies"', b'"Resources"')


class Setting(Value):
    """What tests are written for.

    `head` are the entries of the suite before its tests. `environment` is empty where one policy
    is tested on its own. `places` are where policies hang.
    """

    head: Mapping[str, Any]
    policies: PolicySource
    environment: Environment
    places: tuple[Place, ...]

    @property
    def is_alone(self) -> bool:
        """True where one policy is tested on its own."""
        return "policy" in self.head


def setting_of(
    policies: str | os.PathLike[str] | Environment, beside: Path, layer: str = ""
) -> Setting:
    """Give the setting for an environment, or for a file: an environment, an export, a policy.

    `beside` is the folder in which the suite will lie. `layer` is how a single policy is read;
    without it, its folder and its elements tell. Raises SuiteError or EnvironmentLoadError.
    """
    if isinstance(policies, Environment):
        places = tuple(places_of(policies))
        return Setting({"version": 1}, policies, policies, places)
    path = Path(policies)
    named = os.path.relpath(path, beside).replace(os.sep, "/")
    if not is_writable(named):
        raise ConfigError(f"{quote(writable(named))}: the name of this file is no text")
    if is_policy(path):
        word = layer or layer_by_folder(path) or _layer_by_elements(path)
        entry = {"file": named, "layer": word}
        return _read({"version": 1, "policy": entry}, beside, path)
    return _read({"version": 1, "environment": named}, beside, path)


def is_policy(path: Path) -> bool:
    """Tell by its beginning whether a file is one policy document."""
    try:
        if not path.is_file():
            return False
    except (OSError, ValueError):
        return False
    data, why = read_file(path)
    if why or not _STATEMENT.match(data):
        return False
    return not any(key in data[:2000] for key in _KEYS_OF_EXPORTS)


def _read(head: Mapping[str, Any], beside: Path, path: Path) -> Setting:
    """Read what the head of a suite names, just as the suite will be read."""
    text = suite_text({**head, "tests": []})
    world = load_world(text, beside / "first.policytest.yaml", os.fspath(path))
    if world.environment is not None:
        places = tuple(places_of(world.environment))
        return Setting(head, world.policies, world.environment, places)
    layer, use = _layer_of(head["policy"]["layer"])
    _, stack = world.policies.resolve(Request.of(POLICY_TESTER, "s3:GetObject", "*"))
    attached = replace(stack.policies(layer)[0], name=path.name)
    place = alone(layer, use, attached)
    return Setting(head, world.policies, Environment("no environment"), (place,))


def _layer_of(word: str) -> tuple[Layer, PolicyType]:
    use = PolicyType(word)
    return (Layer.RESOURCE_POLICY if use is PolicyType.TRUST else Layer(word)), use


def _layer_by_elements(path: Path) -> str:
    """Give the layer by what the statements have: a Principal, a Resource."""
    data, _ = read_file(path)
    policy, _ = read_policy(data, name=path.name)
    if policy is None or not any(each.principal for each in policy.statements):
        return "identity"
    return "trust" if all(_is_of_trust(policy)) else "resource"


def _is_of_trust(policy: Policy) -> Iterator[bool]:
    for statement in policy.statements:
        yield statement.resource is None
        yield all(pattern.service == "sts" for pattern in statement.action.patterns)


def unread(places: tuple[Place, ...]) -> Iterator[tuple[PolicyDocument, Finding | None]]:
    """Give the policies that cannot be read, each with what is wrong."""
    for document in {id(place.document): place.document for place in places}.values():
        if document.policy is None:
            errors = sorted(document.findings, key=lambda each: not each.is_error)
            yield document, errors[0] if errors else None
