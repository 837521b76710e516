"""The policies that answer a question: an environment, one-off policies, or both."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from policyeval.arn import is_account_id
from policyeval.cli.files import read_bytes, shown_name
from policyeval.cli.question import Question
from policyeval.errors import ConfigError, PolicySyntaxError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.policy import read_policy
from policyeval.policy import Effect, Policy, PolicyType
from policyeval.request import Request
from policyeval.stack import AttachedPolicy, Layer, PolicySource, PolicyStack, policy_type
from policyeval.value import Value, replace

if TYPE_CHECKING:
    from policyeval.environment.model import Environment

SHORT_NAME = re.compile(r"(?!.*amazonaws)[A-Za-z0-9_][A-Za-z0-9_+=,.@/-]*")


class World(Value):
    """The policies that the options give: an environment, or None, and one-off policies."""

    environment: Environment | None
    policies: PolicySource
    findings: tuple[Finding, ...] = ()


def read_world(question: Question) -> World:
    """Give the policies that answer a question."""
    return world_around(read_environment(question), question)


def world_around(environment: Environment | None, question: Question) -> World:
    """Give an environment that is read already, with the one-off policies of a question."""
    stack, findings = _one_off_policies(question)
    policies = stack if environment is None else _Overlaid(environment, stack)
    return World(environment, policies, findings)


def read_environment(question: Question) -> Environment | None:
    """Load the environment that the options name, or the nearest one upward; None for neither."""
    if question.environment_file is not None:
        from policyeval.environment.file import load_environment

        return load_environment(question.environment_file)
    if question.policy_folder is not None:
        from policyeval.environment.folder import load_folder

        return load_folder(question.policy_folder)
    for folder in (Path.cwd(), *Path.cwd().parents):
        found = folder / "environment.yaml"
        if found.is_file():
            from policyeval.environment.file import load_environment

            shown = os.path.relpath(found)
            sys.stderr.write(f"environment: {shown}\n")
            return load_environment(shown)
    return None


def principal_in(environment: Environment | None, question: Question) -> str:
    """Give the principal's ARN, in full where an environment knows its short name."""
    principal = question.principal or ""
    if environment is None or question.exact:
        _refuse_short_name(principal, question)
        return principal
    return environment.principal_arn(principal)


def resource_in(environment: Environment | None, question: Question) -> str:
    """Give the resource's ARN, in full where an environment knows its short name."""
    resource = question.resource or ""
    if environment is None or question.exact:
        _refuse_short_name(resource, question)
        return resource
    return environment.resource_arn(resource)


def _refuse_short_name(text: str, question: Question) -> None:
    """Tell that a name is only known where there is an environment."""
    if question.exact or not SHORT_NAME.fullmatch(text) or is_account_id(text):
        return
    raise ConfigError(
        f"{quote(text)} is no ARN, and short names need an environment: give --env FILE or "
        "--policies DIR, or the ARN"
    )


def _one_off_policies(question: Question) -> tuple[PolicyStack, tuple[Finding, ...]]:
    """Read `--policy LAYER=FILE` and `--session-policy FILE`."""
    pairs = [pair.partition("=") for pair in question.policy_files]
    if "" in question.session_policies:
        raise ConfigError("--session-policy needs the name of a file")
    pairs += [("session", "=", name) for name in question.session_policies]
    layers: dict[Layer, list[AttachedPolicy]] = {}
    broken: list[Finding] = []
    for word, equals, name in pairs:
        layer = _layer(word) if equals and name else None
        if layer is None:
            raise ConfigError(
                f"`{word}{equals}{name}` is no LAYER=FILE; layers are "
                f"{', '.join(each.value for each in Layer)}"
            )
        policy = _read_file(name, policy_type(layer, question.action or ""), broken)
        if policy is not None:
            layers.setdefault(layer, []).append(AttachedPolicy(policy, policy.source.name))
    if broken:
        raise PolicySyntaxError(broken[0].message, tuple(broken))
    findings = _with_full_access(layers)
    return PolicyStack.of({**layers}), findings


def _layer(word: str) -> Layer | None:
    """A layer's word; `trust` and `key` are resource policies too."""
    folded = word.strip().lower().replace("-", "_")
    if folded in ("trust", "key"):
        return Layer.RESOURCE_POLICY
    return next((layer for layer in Layer if layer.value == folded), None)


def _read_file(name: str, type_: PolicyType, broken: list[Finding]) -> Policy | None:
    policy, findings = read_policy(read_bytes(name), name=shown_name(name), type=type_)
    broken.extend(finding for finding in findings if finding.is_error)
    return policy


def _with_full_access(layers: dict[Layer, list[AttachedPolicy]]) -> tuple[Finding, ...]:
    """Take FullAWSAccess to be attached beside SCPs that hold nothing but Deny, and say so."""
    layer = Layer.SERVICE_CONTROL_POLICY
    given = layers.get(layer, [])
    statements = [statement for item in given for statement in item.policy.statements]
    if not given or any(statement.effect is Effect.ALLOW for statement in statements):
        return ()
    from policyeval.environment.builtin import FULL_ACCESS, attach_built_in

    given.append(attach_built_in(FULL_ACCESS))
    return (
        Finding(
            "PE1411",
            Severity.NOTE,
            "the service control policies given hold no Allow: FullAWSAccess, which AWS attaches "
            "by default, is taken to be attached beside them",
            help="give all policies of the level with --policy scp=FILE to decide without it",
        ),
    )


class _Overlaid:
    """An environment whose answer is overlaid by one-off policies, layer by layer."""

    def __init__(self, environment: PolicySource, stack: PolicyStack) -> None:
        self._environment = environment
        self._stack = stack

    def resolve(self, request: Request) -> tuple[Request, PolicyStack]:
        """Give the environment's stack with the layers that were given beside it."""
        request, found = self._environment.resolve(request)
        return request, replace(found, layers={**found.layers, **self._stack.layers})
