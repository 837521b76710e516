"""What the policies around a principal speak about: which actions, which resource patterns.

The statements of every layer that can play a part are gathered, those of the environment's
resources included. Actions that the same statements cover are one group: for equal resources they
have equal answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from policyeval.catalogue.lookup import expand, find_action, resources_of
from policyeval.environment.model import Documents, Environment
from policyeval.evaluation.compile import USES, compile_statement
from policyeval.matching.resource import readings
from policyeval.matching.statement import CompiledStatement
from policyeval.matching.variables import resolve
from policyeval.policy import (
    ActionElement,
    PolicyType,
    ResourceElement,
    Statement,
    Template,
    Wildcard,
)
from policyeval.query.patterns import Pattern, covers
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack
from policyeval.value import Value

ANYTHING = Pattern("*", (Wildcard.ANY_RUN,))


class Spoken(Value):
    """A statement with the layer where it hangs, and the resources that it lists.

    `patterns` are those of Resource or NotResource; `negated` tells which. A statement without
    either speaks about `*`. `place` is the ARN of the resource whose policy it is from.
    """

    layer: Layer
    compiled: CompiledStatement
    patterns: tuple[Pattern, ...]
    negated: bool = False
    place: str = ""

    @property
    def statement(self) -> Statement:
        """The statement as it was parsed."""
        return self.compiled.statement


class Group(Value):
    """Actions that the very same statements cover; `spoken` are places in their list."""

    actions: tuple[str, ...]
    spoken: tuple[int, ...]


def spoken_by(environment: Environment, request: Request, stack: PolicyStack) -> list[Spoken]:
    """Give the statements of all layers, then those of the environment's resources and roles."""
    found = [
        _spoken(layer, attached_statement, USES[layer], request)
        for layer in stack.layers
        if layer is not Layer.RESOURCE_POLICY
        for attached in stack.policies(layer)
        for attached_statement in attached.policy.statements
    ]
    layer = Layer.RESOURCE_POLICY
    for place, documents in _held(environment):
        for document in documents:
            policy = document.policy
            for statement in policy.statements if policy is not None else ():
                found.append(_spoken(layer, statement, PolicyType.RESOURCE, request, place))
    return found


def _held(environment: Environment) -> Iterator[tuple[str, Documents]]:
    for resource in environment.resources.values():
        if resource.policy:
            yield resource.arn, resource.policy
    for identity in environment.identities.values():
        if identity.trust and identity.arn:
            yield identity.arn, identity.trust


def _spoken(
    layer: Layer, statement: Statement, use: PolicyType, request: Request, place: str = ""
) -> Spoken:
    element = statement.resource
    patterns = (ANYTHING,) if element is None else tuple(_patterns(element, use, request))
    negated = element is not None and element.negated
    if place and not negated:
        patterns = tuple(_held_at(place, patterns))
    return Spoken(layer, compile_statement(statement, use), patterns, negated, place)


def _held_at(place: str, patterns: Iterable[Pattern]) -> Iterator[Pattern]:
    """Give what patterns of a resource's own policy can mean: the resource and what is in it."""
    holders = holder_patterns(place)
    for pattern in patterns:
        inside = [holder for holder in holders if covers(pattern, holder)]
        yield from inside or (pattern,)


def holder_patterns(arn: str) -> tuple[Pattern, ...]:
    """Give the patterns of a resource and of what its policy speaks for too: a bucket's objects."""
    service = arn.split(":", 3)[2] if arn.count(":") > 2 else ""
    below = {"s3": "/", "dynamodb": "/index/", "logs": ":"}.get(service)
    whole = Pattern(arn, (arn,))
    if below is None or (service == "s3" and "/" in arn):
        return (whole,)
    return whole, Pattern(f"{arn}{below}*", (f"{arn}{below}", Wildcard.ANY_RUN))


def _patterns(element: ResourceElement, use: PolicyType, request: Request) -> Iterator[Pattern]:
    for template in element.patterns:
        yield from patterns_of(template, use, request)


def patterns_of(template: Template, use: PolicyType, request: Request) -> Iterator[Pattern]:
    """Give the patterns that a listed text stands for, with this caller's values in it."""
    context = request.context
    for tokens in readings(template, use):
        resolved, _ = resolve(tokens, context.entries, context.default)
        if resolved is not None:
            yield Pattern(template.text, resolved)


# ---- actions --------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def covered(pattern: str) -> frozenset[str]:
    """The actions of the catalogue that a pattern covers, in AWS's spelling."""
    return frozenset(expand(pattern))


@lru_cache(maxsize=1)
def every_action() -> frozenset[str]:
    """All actions of the catalogue."""
    return covered("*")


def actions_of(element: ActionElement, known: frozenset[str]) -> set[str]:
    """Give the actions that an element covers, among those that are known.

    Names that the catalogue does not have are among them, where they are listed in full.
    """
    listed: set[str] = set()
    for pattern in element.patterns:
        names = covered(pattern.text)
        listed |= names & known
        if not names and _is_exact(pattern.name) and known is every_action():
            listed.add(pattern.text)
    return set(known - listed) if element.negated else listed


def _is_exact(name: str) -> bool:
    return "*" not in name and "?" not in name


def groups_of(
    spoken: list[Spoken], granting: Iterable[int], known: frozenset[str]
) -> tuple[list[Group], list[str]]:
    """Give the actions that the granting statements cover, in groups; and patterns of none."""
    wanted: dict[str, None] = {}
    nothing: dict[str, None] = {}
    for place in granting:
        element = spoken[place].statement.action
        wanted.update(dict.fromkeys(sorted(actions_of(element, known))))
        for pattern in element.patterns:
            if not element.negated and not _is_exact(pattern.name) and not covered(pattern.text):
                nothing[pattern.text] = None
    covering: dict[str, dict[int, None]] = {action: {} for action in wanted}
    odd = [action for action in wanted if action not in known]
    for place, one in enumerate(spoken):
        for action in actions_of(one.statement.action, known):
            if action in covering:
                covering[action][place] = None
        for action in odd:
            if one.compiled.covers_action(action.lower()):
                covering[action][place] = None
    groups: dict[tuple[str, tuple[int, ...], tuple[str, ...]], list[str]] = {}
    for action, places in covering.items():
        key = (action.partition(":")[0], tuple(places), types_of(action))
        groups.setdefault(key, []).append(action)
    return [Group(tuple(names), places) for (_, places, _), names in groups.items()], list(nothing)


@lru_cache(maxsize=65536)
def types_of(action: str) -> tuple[str, ...]:
    """The ARN patterns of an action's resource types; `*` for an action that has none.

    Empty where no source tells.
    """
    entry = find_action(action)
    if entry is None or not entry.resources_known:
        return ()
    return tuple(arn for kind in resources_of(action) for arn in kind.arns) or ("*",)
