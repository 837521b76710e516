"""Principals, actions, resources and contexts near the edge of a statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

from policyeval.context import ABSENT, PRESENT, UNKNOWN, ContextValue
from policyeval.errors import CatalogueError
from policyeval.evaluation.samples import OTHER, Samples
from policyeval.matching.action import compile_action
from policyeval.matching.condition import MULTIVALUED_KEYS
from policyeval.matching.statement import CompiledStatement
from policyeval.policy import (
    Policy,
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
STAND_IN = "example"
STRANGER = "999999999999"
EVERYWHERE = (
    "s3:ListAllMyBuckets",
    "iam:ListUsers",
    "ec2:DescribeInstances",
    "sqs:ListQueues",
    "sts:GetCallerIdentity",
)
"""Actions of several services without resources, for a statement that speaks about all."""

# ---- principals ---------------------------------------------------------------------------


def principals_for(
    mutant: Mutant, base: PolicyTest, bases: Sequence[PolicyTest], policy: Policy
) -> list[str]:
    """Give who could ask: the caller of the test, and others where the change is about callers."""
    found = {base.principal: None}
    forms = [form for form in (mutant.original, mutant.statement) if form is not None]
    about_callers = len({form.principal for form in forms}) > 1 or any(
        clause.key.lower().startswith("aws:principal")
        for form in forms
        for clause in form.condition
    )
    if not about_callers:
        about_callers = any(form.principal is not None for form in forms)
    if not about_callers:
        return list(found)
    for form in forms:
        for pattern in form.principal.patterns if form.principal is not None else ():
            if pattern.kind == "AWS" and pattern.text.startswith("arn:"):
                found[_caller(pattern.text)] = None
            elif pattern.kind in ("Service", "Federated"):
                found[pattern.text] = None
    found.update(dict.fromkeys(each.principal for each in bases))
    environment = base.world.environment
    if environment is not None:
        arns = (identity.arn for identity in environment.identities.values() if identity.arn)
        found.update(dict.fromkeys(islice(arns, MOST_PRINCIPALS)))
    account = _account(base)
    found[f"arn:aws:iam::{account or STRANGER}:role/some-other-role"] = None
    found[f"arn:aws:iam::{STRANGER}:role/a-stranger"] = None
    found["*"] = None
    return list(found)[: MOST_PRINCIPALS + 4]


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
    forms: Sequence[Statement], base: PolicyTest, request: Request
) -> Iterator[tuple[str, str]]:
    """Give actions with resources that AWS knows them on; the test's own first."""
    actions = list(dict.fromkeys([base.action, *islice(_actions(forms), MOST_ACTIONS)]))
    listed = islice(_resources(forms, base, request), MOST_RESOURCES)
    resources = list(dict.fromkeys([base.resource, *listed]))
    later: list[tuple[str, str]] = []
    for action in actions:
        for resource in resources:
            fitting = fits(action, resource)
            if fitting or (action == base.action and resource == base.resource):
                yield action, resource
            elif fitting is None:
                later.append((action, resource))
        if not any(fits(action, resource) for resource in resources):
            later += ((action, resource) for resource in _of_types(action, request))
    yield from later


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
    yield from (*islice(alone, MOST_ACTIONS - 4), *others)


def _expanded(text: str) -> Iterator[str]:
    if "*" not in text and "?" not in text:
        yield text
        return
    if text in ("*", "*:*"):
        yield from EVERYWHERE
        return
    try:
        from policyeval.catalogue.lookup import expand

        known = expand(text)
    except CatalogueError:
        known = ()
    step = max(1, len(known) // 12)
    yield from known[::step]


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


def _resources(
    forms: Sequence[Statement], base: PolicyTest, request: Request
) -> Iterator[str]:
    """Give texts that listed patterns match, and neighbours that they do not."""
    samples: dict[str, None] = {}
    for form in forms:
        for template in form.resource.patterns if form.resource is not None else ():
            text = _sample(template, request)
            if text is not None:
                samples[text] = None
    yield from samples
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
    """Give changes of context keys that the forms compare; the key that differs varies fastest.

    Keys that follow from the caller or the resource are only given another value with `derived`.
    """
    compiled = [CompiledStatement(form, PolicyType.IDENTITY) for form in forms]
    keys: dict[str, str] = {}
    for statement in compiled:
        for key, spelled in statement.keys.items():
            keys.setdefault(key, spelled)
    changed = _changed_keys(forms)
    follow = [key for key in keys if key in request.context.derived]
    if derived and not follow:
        return
    free = [key for key in keys if derived or key not in follow]
    free.sort(key=lambda key: key in changed)
    listed = [_values(key, compiled, request) for key in free]
    for combination in product(*listed):
        yield {
            keys[key]: value
            for key, value in zip(free, combination, strict=True)
            if value is not _KEEP
        }


_KEEP = object()


def _values(key: str, compiled: Sequence[CompiledStatement], request: Request) -> list[Any]:
    sampled = Samples.of(key, compiled, request.context).values
    values: list[Any] = [_KEEP, *sampled[:MOST_VALUES]]
    if None not in values:
        values.append(None)
    if key in MULTIVALUED_KEYS or _in_sets(key, compiled):
        texts = [value for value in sampled if value is not None]
        values += [[text, OTHER] for text in texts[:3]]
        values += [texts[:2]] if len(texts) > 1 else []
    given: ContextValue = request.context[key]
    known = isinstance(given, tuple) and given not in (UNKNOWN, PRESENT)
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
