"""Principals, actions, resources and contexts near the edge of a statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import nsmallest
from itertools import islice, product
from typing import Any

from policyeval.context import ABSENT
from policyeval.errors import CatalogueError
from policyeval.evaluation.compile import compile_statement
from policyeval.evaluation.samples import OTHER, Samples
from policyeval.matching.action import compile_action
from policyeval.matching.condition import MULTIVALUED_KEYS
from policyeval.matching.result import NO
from policyeval.matching.statement import CompiledStatement, is_about_callers
from policyeval.policy import (
    PolicyType,
    Statement,
    Template,
    Variable,
    Wildcard,
)
from policyeval.request import Request
from policyeval.testing.model import PolicyTest
from policyeval.testing.mutation.model import Mutant

MOST_ACTIONS = 16
MOST_RESOURCES = 16
MOST_PRINCIPALS = 8
MOST_VALUES = 12
MOST_OF_A_PATTERN = 4
MOST_COMBINATIONS = 2000
STAND_IN = "example"
STRANGER = "999999999999"
SERVICE = "cloudtrail.amazonaws.com"
EVERYWHERE = (
    "s3:ListAllMyBuckets",
    "iam:ListUsers",
    "ec2:DescribeInstances",
    "sqs:ListQueues",
    "sqs:SendMessage",
    "kms:Decrypt",
)
"""Actions of several services, for a statement that speaks about all."""

# ---- principals ---------------------------------------------------------------------------


def principals_for(
    mutant: Mutant, base: PolicyTest, bases: Sequence[PolicyTest], *, shared: bool
) -> list[str]:
    """Give who could ask: the caller of the test, and others where the policy is for many."""
    found = {base.principal: None}
    forms = [form for form in (mutant.original, mutant.statement) if form is not None]
    if not shared and not any(is_about_callers(form) for form in forms):
        return list(found)
    for form in forms:
        found.update(dict.fromkeys(_told(form, base)))
    found.update(dict.fromkeys(each.principal for each in bases))
    environment = base.world.environment
    if environment is not None:
        arns = (identity.arn for identity in environment.identities.values() if identity.arn)
        found.update(dict.fromkeys(islice(arns, MOST_PRINCIPALS)))
    if not any(is_about_callers(form) for form in forms):
        return list(found)[: MOST_PRINCIPALS // 2]
    account = _account(base)
    found[f"arn:aws:iam::{account or STRANGER}:role/some-other-role"] = None
    found[f"arn:aws:iam::{STRANGER}:role/a-stranger"] = None
    found["*"] = None
    return list(found)[: MOST_PRINCIPALS + 4]


def _told(form: Statement, base: PolicyTest) -> Iterator[str]:
    """Give callers that a statement speaks about, in its Principal or its condition."""
    for pattern in form.principal.patterns if form.principal is not None else ():
        if pattern.kind == "AWS" and pattern.text.startswith("arn:"):
            yield _caller(pattern.text)
        elif pattern.kind in ("Service", "Federated"):
            yield pattern.text
    account = _account(base) or STRANGER
    for clause in form.condition:
        if clause.key.lower() == "aws:principalisawsservice":
            yield SERVICE
        elif clause.key.lower() == "aws:principalarn":
            for value in clause.values:
                if value.variables:
                    continue
                text = "".join(piece if isinstance(piece, str) else "\0" for piece in value.pieces)
                parts = text.split(":", 5)
                if len(parts) == 6 and parts[0] == "arn":
                    # Wildcards of the account stand for the caller's own.
                    parts[1:5] = ["aws", parts[2], "", parts[4].replace("\0", "") or account]
                    yield ":".join(parts).replace("\0", STAND_IN)


def _caller(arn: str) -> str:
    """A principal that a policy names, as one who calls: an account by one of its roles."""
    head, _, name = arn.rpartition(":")
    return f"{head}:role/some-other-role" if name == "root" else arn


def _account(base: PolicyTest) -> str:
    if base.resource_account:
        return base.resource_account
    parts = base.principal.split(":")
    return parts[4] if len(parts) > 5 else ""


# ---- actions and resources ----------------------------------------------------------------


def pairs_for(
    actions: Sequence[str],
    resources: Sequence[str],
    request: Request,
    matters: Callable[[str, str], bool],
) -> Iterator[tuple[str, str]]:
    """Give actions with resources that AWS knows them on; those of the request itself first.

    `matters` tells whether the forms could speak about a pair at all.
    """
    own = request.action.text, request.resource.text
    later: list[tuple[str, str]] = []
    for action in dict.fromkeys([own[0], *actions]):
        alone = True
        for resource in dict.fromkeys([own[1], *resources]):
            fitting = fits(action, resource)
            alone = alone and not fitting
            if fitting is False and (action, resource) != own:
                continue
            if not matters(action, resource):
                continue
            if fitting is None:
                later.append((action, resource))
            else:
                yield action, resource
        if alone:
            made = ((action, resource) for resource in _of_types(action, request))
            later += (pair for pair in made if matters(*pair))
    yield from later


def actions_of(forms: Sequence[Statement]) -> list[str]:
    """Give actions that the forms list, at most `MOST_ACTIONS`."""
    return list(islice(_actions(forms), MOST_ACTIONS))


def actions_granted(granted: Sequence[Statement]) -> list[str]:
    """Give actions that statements allow the caller: what a limit would take away."""
    return list(islice(_listed(granted), MOST_ACTIONS))


def resources_for(
    forms: Sequence[Statement], granted: Sequence[Statement], base: PolicyTest, request: Request
) -> list[str]:
    """Give resources to ask for: what is listed, what lies near it, what the environment has."""
    return list(
        dict.fromkeys(islice(_resources([*forms, *granted], base, request), MOST_RESOURCES))
    )


def _actions(forms: Sequence[Statement]) -> Iterator[str]:
    """Give actions that the forms list, those first that one of several covers alone."""
    tests = [compile_action(form.action) for form in forms]
    alone: dict[str, None] = {}
    others: dict[str, None] = {}
    for form in forms:
        for pattern in form.action.patterns:
            for action in _expanded(pattern.text):
                covered = {test(action.lower()) for test in tests}
                (alone if len(covered) > 1 else others)[action] = None
    # Short names are the common ones.
    yield from (*_shortest(alone, MOST_ACTIONS - 4), *_shortest(others, MOST_ACTIONS))


def _shortest(names: Iterable[str], most: int) -> list[str]:
    return nsmallest(most, names, key=len)


def _listed(granted: Sequence[Statement]) -> Iterator[str]:
    for statement in granted:
        for pattern in statement.action.patterns:
            yield from _shortest(_expanded(pattern.text), MOST_OF_A_PATTERN)


def _expanded(text: str) -> tuple[str, ...]:
    if "*" not in text and "?" not in text:
        return (text,)
    if text in ("*", "*:*"):
        return EVERYWHERE
    try:
        from policyeval.catalogue.lookup import expand

        return expand(text)
    except CatalogueError:
        return ()


@lru_cache(maxsize=65_536)
def fits(action: str, resource: str) -> bool | None:
    """Tell whether an action is asked on such a resource; None where nobody knows the action."""
    try:
        from policyeval.catalogue.lookup import find_action
        from policyeval.query.reach import types_of
        from policyeval.query.shapes import fits as fits_shapes
        from policyeval.query.shapes import shapes_of

        if find_action(action) is None:
            return None
        service = action.partition(":")[0].lower()
        shapes = shapes_of(types_of(action.lower()), service, "aws", "")
        return any(fits_shapes(each, resource) for each in shapes)
    except CatalogueError:
        return None


def _of_types(action: str, request: Request) -> Iterator[str]:
    """Give a resource of each type that the catalogue has for an action."""
    try:
        from policyeval.query.reach import types_of

        types = types_of(action.lower())
    except CatalogueError:
        return
    principal, resource = request.principal, request.resource
    values = {
        "Partition": principal.partition or "aws",
        "Region": resource.region or "eu-west-1",
        "Account": resource.account or principal.account or STRANGER,
    }
    for text in types:
        head, *parts = text.split("${")
        for part in parts:
            name, _, rest = part.partition("}")
            head += values.get(name, STAND_IN) + rest
        yield head


def _resources(forms: Sequence[Statement], base: PolicyTest, request: Request) -> Iterator[str]:
    """Give texts that listed patterns match, and neighbours that they do not."""
    samples: dict[str, None] = {}
    for form in forms:
        for template in form.resource.patterns if form.resource is not None else ():
            text = _sample(template, request)
            if text is not None:
                samples[text] = None
    yield from islice(samples, MOST_RESOURCES // 2)
    environment = base.world.environment
    if environment is not None:
        yield from (entry.arn for entry in islice(environment.resources.values(), 4))
    for text in (*samples, base.resource):
        yield from _neighbours(text)


def _sample(template: Template, request: Request) -> str | None:
    """Give a resource that a pattern matches; None where a variable of it has no value."""
    text = ""
    for piece in template.pieces:
        if isinstance(piece, str):
            text += piece
        elif isinstance(piece, Variable):
            value = request.context[piece.key] if piece.key else ABSENT
            if isinstance(value, tuple) and len(value) == 1:
                text += value[0]
            elif piece.default is not None:
                text += piece.default
            else:
                return None
        else:
            text += _stand_in(piece, text.count(":"), request)
    return text if text.startswith("arn:") and text.count(":") >= 5 else None


def _stand_in(piece: Wildcard, field: int, request: Request) -> str:
    if piece is Wildcard.ANY_ONE:
        return "x"
    fields = {
        1: "aws",
        2: request.action.service,
        3: request.resource.region,
        4: request.resource.account or request.principal.account,
    }
    return fields.get(field, STAND_IN)


def _neighbours(text: str) -> Iterator[str]:
    """Give resources that differ from one in a part, or go on after it."""
    parts = text.split(":", 5)
    if len(parts) != 6:
        return
    head, name = ":".join(parts[:5]), parts[5]
    yield f"{head}:{name}-other"
    yield f"{head}:{name}/{STAND_IN}"
    for separator in ("/", ":"):
        pieces = name.split(separator)
        if len(pieces) == 1:
            continue
        for place in range(len(pieces)):
            yield f"{head}:{separator.join([*pieces[:place], 'other', *pieces[place + 1 :]])}"
        yield f"{head}:{separator.join(pieces[:-1])}"
    yield f"{head}:other-{name}"


# ---- contexts -----------------------------------------------------------------------------


def contexts_for(
    forms: Sequence[Statement], request: Request, *, derived: bool
) -> Iterator[Mapping[str, Any]]:
    """Give changes of context keys by which the forms differ, or by which both hold.

    Keys that follow from the caller or the resource are only given another value with `derived`.
    """
    compiled = [compile_statement(form, PolicyType.IDENTITY) for form in forms]
    keys: dict[str, str] = {}
    for statement in compiled:
        for key, spelled in statement.keys.items():
            keys.setdefault(key, spelled)
    changed = _changed_keys(forms)
    follow = {key for key in keys if key in request.context.derived}
    if derived and not follow:
        return
    free = [key for key in keys if derived or key not in follow]
    free.sort(key=lambda key: key in changed)  # the last varies fastest
    listed = [_values(key, compiled, request) for key in free]
    for combination in islice(product(*listed), MOST_COMBINATIONS):
        chosen = {
            key: value for key, value in zip(free, combination, strict=True) if value is not _KEEP
        }
        if _tells_apart(compiled, request, chosen, changed):
            yield {
                keys[key]: list(value) if isinstance(value, tuple) else value
                for key, value in chosen.items()
            }


def _tells_apart(
    compiled: Sequence[CompiledStatement],
    request: Request,
    chosen: Mapping[str, Any],
    changed: set[str],
) -> bool:
    """Tell whether one condition holds and the other does not; without a change, whether it holds.

    The order of questions makes everything else beside the point where the condition fails.
    """
    entries = dict(request.context.entries)
    for key, value in chosen.items():
        entries[key] = ABSENT if value is None else (value,) if isinstance(value, str) else value
    default = request.context.default
    held = {
        all(test(entries, default) != NO for test in statement.clauses) for statement in compiled
    }
    if len(held) > 1:
        return True
    return not changed and False not in held


_KEEP = object()


def _values(key: str, compiled: Sequence[CompiledStatement], request: Request) -> list[Any]:
    sampled = Samples.of(key, compiled, request.context).values
    values: list[Any] = [_KEEP, *sampled[:MOST_VALUES]]
    if None not in values:
        values.append(None)
    if key in MULTIVALUED_KEYS or _in_sets(key, compiled):
        texts = [value for value in sampled if value is not None]
        values += [(text, OTHER) for text in texts[:3]]
        values += [tuple(texts[:2])] if len(texts) > 1 else []
    # A value that a person gave is kept first; one that nobody knows is settled first.
    known = isinstance(request.context[key], tuple) or request.context[key] is ABSENT
    return values if known else [*values[1:], _KEEP]


def _in_sets(key: str, compiled: Sequence[CompiledStatement]) -> bool:
    return any(
        clause.operator.quantifier and clause.key.lower() == key
        for form in compiled
        for clause in form.statement.condition
    )


def _changed_keys(forms: Sequence[Statement]) -> set[str]:
    """Give the keys of clauses that not all forms have."""
    every = [set(_clauses(form)) for form in forms]
    common = set.intersection(*every) if every else set()
    return {clause[0] for form in every for clause in form - common}


def _clauses(form: Statement) -> Iterator[tuple[str, Any, Any]]:
    return ((clause.key.lower(), clause.operator, clause.values) for clause in form.condition)
