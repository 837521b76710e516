"""The mutation operators: from a policy to all of its mutants.

Each operator works on the JSON of one statement. What it makes is read as AWS reads a file:
what could not stand there is not made, and what means the same words is made once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.policy import Effect, Policy, PolicyType, Statement
from policyeval.source import Location
from policyeval.testing.mutation.conditions import Variant, condition_variants
from policyeval.testing.mutation.errors import MutationError
from policyeval.testing.mutation.model import Change, Mutant, Operator, Written
from policyeval.testing.mutation.raw import Raw, raw_policy, read_raw

NAMES = {
    Operator.DROP_STATEMENT: "drop-statement",
    Operator.FLIP_EFFECT: "flip-effect",
    Operator.DROP_CLAUSE: "drop-condition-key",
    Operator.DROP_CONDITION: "drop-condition",
    Operator.SWAP_OPERATOR: "swap-operator",
    Operator.IF_EXISTS: "if-exists",
    Operator.QUANTIFIER: "quantifier",
    Operator.WIDEN: "widen",
    Operator.NARROW: "narrow",
    Operator.PRINCIPAL: "principal",
    Operator.DETACH: "detach",
}
MOST_OF_A_STATEMENT = 400
"""A statement of thousands of items has no more mutants than this."""


def operators_named(text: str) -> frozenset[Operator]:
    """Give the operators of a list such as `M1,M6` or `drop-statement,widen`; all where empty.

    Raises MutationError for a name that none has.
    """
    known = {operator.value.lower(): operator for operator in Operator}
    known |= {name: operator for operator, name in NAMES.items()}
    found = set()
    for name in filter(None, (part.strip().lower() for part in text.split(","))):
        if name not in known:
            from policyeval.finding import Finding, Severity

            message = f"{quote(name)} is no mutation operator"
            help = did_you_mean(name, known) or f"expected some of {', '.join(known)}"
            raise MutationError(message, (Finding("PE2320", Severity.ERROR, message, help=help),))
        found.add(known[name])
    return frozenset(found) or frozenset(Operator)


def mutants_of(
    policy: Policy,
    name: str = "",
    types: tuple[PolicyType, ...] = (),
    operators: Collection[Operator] = tuple(Operator),
) -> tuple[list[Mutant], list[Statement]]:
    """Give the mutants of a policy's statements, and the statements that have more than are made.

    `types` are the uses of the policy, which decide on what may stand in it.
    """
    raw = raw_policy(policy)
    found: list[Mutant] = []
    more: list[Statement] = []
    for statement, written in zip(policy.statements, raw.statements, strict=True):
        made = _of_statement(policy, name, types, operators, statement, written, raw.in_text)
        for count, mutant in enumerate(made):
            if count == MOST_OF_A_STATEMENT:
                more.append(statement)
                break
            found.append(mutant)
    return found, more


def _of_statement(
    policy: Policy,
    name: str,
    types: tuple[PolicyType, ...],
    operators: Collection[Operator],
    statement: Statement,
    raw: Raw,
    in_text: bool,
) -> Iterator[Mutant]:
    name = name or policy.source.name
    if Operator.DROP_STATEMENT in operators:
        location = policy.location(statement.pointer)
        change = Change("drop", "Statement", statement.sid or f"#{statement.index}")
        yield Mutant(
            Operator.DROP_STATEMENT,
            change,
            policy,
            name,
            types,
            location,
            statement.index,
            written=Written(raw, None, in_text),
        )
    seen = {_meaning(statement)}
    for operator, change, steps, made in _variants(statement, raw):
        if operator not in operators:
            continue
        read = read_raw(made, statement, policy, types)
        if read is None or _meaning(read) in seen or _is_unsupported(read):
            continue
        seen.add(_meaning(read))
        location = Location(policy.source, statement.at(*steps), key=True)
        yield Mutant(
            operator,
            change,
            policy,
            name,
            types,
            location,
            statement.index,
            read,
            written=Written(raw, made, in_text),
        )


def _meaning(statement: Statement) -> tuple[Any, ...]:
    """What a statement says, without how it is called and where it stands."""
    return (
        statement.effect,
        statement.principal,
        statement.action,
        statement.resource,
        tuple(
            (
                each.operator.name,
                each.operator.quantifier,
                each.operator.if_exists,
                each.key,
                each.values,
            )
            for each in statement.condition
        ),
    )


def _is_unsupported(statement: Statement) -> bool:
    """R-MATCH-09: AWS refuses NotPrincipal with Allow."""
    principal = statement.principal
    return principal is not None and principal.negated and statement.effect is Effect.ALLOW


def _variants(statement: Statement, raw: Raw) -> Iterator[Variant]:
    yield from _flip(raw)
    yield from condition_variants(statement, raw)
    yield from _of_list(raw, "Action", _wider_actions)
    yield from _of_list(raw, "Resource", _wider_resources)
    yield from _of_principal(raw)


def _flip(raw: Raw) -> Iterator[Variant]:
    old = raw["Effect"]
    new = "Deny" if old == "Allow" else "Allow"
    change = Change("replace", "Effect", old, new)
    yield Operator.FLIP_EFFECT, change, ("Effect",), {**raw, "Effect": new}


# ---- Action, Resource ---------------------------------------------------------------------


def _wider_actions(text: str) -> Iterator[tuple[Operator, str]]:
    service, colon, name = text.partition(":")
    if colon and name != "*":
        yield Operator.WIDEN, f"{service}:*"
    elif text not in ("*", "*:*"):
        yield Operator.WIDEN, "*"


def _wider_resources(text: str) -> Iterator[tuple[Operator, str]]:
    if text == "*":
        return
    yield Operator.WIDEN, "*"
    if not text.endswith("*"):
        yield Operator.WIDEN, f"{text}*"
    elif text.rstrip("*") and not text.endswith(":*"):
        yield Operator.NARROW, text.rstrip("*")


def _of_list(
    raw: Raw, name: str, others: Callable[[str], Iterable[tuple[Operator, str]]]
) -> Iterator[Variant]:
    """Change one item of Action or Resource; drop one, of their negated forms too."""
    negated = f"Not{name}" in raw
    element = f"Not{name}" if negated else name
    if element not in raw:
        return
    listed = _listed(raw[element])
    if not negated:
        for place, text in enumerate(listed):
            for operator, new in others(text):
                change = Change("replace", element, text, new)
                changed = _put(raw[element], place, new)
                yield operator, change, (element, place), {**raw, element: changed}
    # What is excluded no longer is covered: that makes the statement wider.
    operator = Operator.WIDEN if negated else Operator.NARROW
    if len(listed) > 1:
        for place, text in enumerate(listed):
            kept = [*listed[:place], *listed[place + 1 :]]
            change = Change("drop", element, text)
            yield operator, change, (element, place), {**raw, element: kept}


# ---- Principal ----------------------------------------------------------------------------


def _of_principal(raw: Raw) -> Iterator[Variant]:
    element = "NotPrincipal" if "NotPrincipal" in raw else "Principal"
    given = raw.get(element)
    if not isinstance(given, dict):
        return
    if element == "Principal":
        yield from _wider_principals(raw, given)
    total = sum(len(_listed(texts)) for texts in given.values())
    if total < 2:
        return
    for kind, texts in given.items():
        listed = _listed(texts)
        for place, text in enumerate(listed):
            rest = [*listed[:place], *listed[place + 1 :]]
            kept = {k: (rest if k == kind else v) for k, v in given.items() if rest or k != kind}
            change = Change("drop", element, text)
            operator = Operator.WIDEN if element == "NotPrincipal" else Operator.NARROW
            yield operator, change, (element, kind, place), {**raw, element: kept}


def _wider_principals(raw: Raw, given: dict[str, Any]) -> Iterator[Variant]:
    for kind, texts in given.items():
        for place, text in enumerate(_listed(texts)):
            steps = ("Principal", kind, place)
            if text != "*" and kind == "AWS":
                changed = {**given, kind: _put(texts, place, "*")}
                change = Change("replace", "Principal", text, "*")
                yield Operator.PRINCIPAL, change, steps, {**raw, "Principal": changed}
            elif kind != "AWS":
                change = Change("replace", "Principal", text, "*")
                yield Operator.PRINCIPAL, change, steps, {**raw, "Principal": "*"}
            root = _root_of(text) if kind == "AWS" else ""
            if root:
                changed = {**given, kind: _put(texts, place, root)}
                change = Change("replace", "Principal", text, root)
                yield Operator.PRINCIPAL, change, steps, {**raw, "Principal": changed}


def _root_of(text: str) -> str:
    """Give the ARN of the account of a user, role or session; empty where it is the account."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[5] == "root" or len(parts[4]) != 12:
        return ""
    return f"arn:{parts[1]}:iam::{parts[4]}:root"


# ---- lists --------------------------------------------------------------------------------


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, (list, tuple)) else [given]


def _put(given: Any, place: int, new: str) -> Any:
    """Give the list, or the bare text, with another item in one place."""
    if not isinstance(given, (list, tuple)):
        return new
    return [new if number == place else item for number, item in enumerate(given)]
