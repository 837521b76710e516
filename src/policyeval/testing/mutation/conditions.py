"""The mutation operators on conditions: keys, operators, prefixes, values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyeval.policy import ConditionClause, Statement
from policyeval.testing.mutation.model import Change, Operator
from policyeval.testing.mutation.raw import Raw

Variant = tuple[Operator, Change, tuple[str | int, ...], Raw]
Blocks = dict[str, dict[str, Any]]

_BOTH_WAYS = (
    ("StringEquals", "StringNotEquals"),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ("StringLike", "StringNotLike"),
    ("IpAddress", "NotIpAddress"),
    ("ArnEquals", "ArnNotEquals"),
    ("ArnLike", "ArnNotLike"),
    *(
        (f"{kind}{one}", f"{kind}{other}")
        for kind in ("Numeric", "Date")
        for one, other in (
            ("Equals", "NotEquals"),
            ("LessThan", "GreaterThanEquals"),
            ("LessThanEquals", "GreaterThan"),
        )
    ),
)
_NEGATION = {**dict(_BOTH_WAYS), **{other: one for one, other in _BOTH_WAYS}}

_NEIGHBOURS = (
    ("StringEquals", "StringLike"),
    ("StringNotEquals", "StringNotLike"),
    *(
        (f"{kind}{one}", f"{kind}{one}Equals")
        for kind in ("Numeric", "Date")
        for one in ("LessThan", "GreaterThan")
    ),
)
_NEIGHBOUR = {**dict(_NEIGHBOURS), **{other: one for one, other in _NEIGHBOURS}}
"""Operators that are taken for each other: with and without wildcards, with and without the end."""

_BOOLEAN = {"true": "false", "false": "true"}


def condition_variants(statement: Statement, raw: Raw) -> Iterator[Variant]:
    """Give every change of one statement's condition."""
    if not statement.condition:
        return
    blocks: Blocks = raw["Condition"]
    for clause in statement.condition:
        yield from _of_clause(clause, raw, blocks)
    without = {name: value for name, value in raw.items() if name != "Condition"}
    yield Operator.DROP_CONDITION, Change("drop", "Condition"), ("Condition",), without


def _of_clause(clause: ConditionClause, raw: Raw, blocks: Blocks) -> Iterator[Variant]:
    operator, written = clause.operator, clause.operator.text
    steps = ("Condition", written, clause.key)
    change = Change("drop", "Condition", f"{written} {clause.key}", key=clause.key)
    yield Operator.DROP_CLAUSE, change, steps, _with(raw, _without_clause(blocks, clause))
    prefix = f"{operator.quantifier}:" if operator.quantifier else ""
    suffix = "IfExists" if operator.if_exists else ""
    for table in (_NEGATION, _NEIGHBOUR):
        if operator.name in table:
            new = f"{prefix}{table[operator.name]}{suffix}"
            yield from _renamed(Operator.SWAP_OPERATOR, clause, new, raw, blocks)
    if operator.name != "Null":
        new = f"{prefix}{operator.name}{'' if suffix else 'IfExists'}"
        yield from _renamed(Operator.IF_EXISTS, clause, new, raw, blocks)
    if operator.quantifier:
        every = operator.quantifier == "ForAllValues"
        new = f"{'ForAnyValue' if every else 'ForAllValues'}:{operator.name}{suffix}"
        yield from _renamed(Operator.QUANTIFIER, clause, new, raw, blocks)
    yield from _of_values(clause, steps, raw, blocks)


def _of_values(
    clause: ConditionClause, steps: tuple[str, ...], raw: Raw, blocks: Blocks
) -> Iterator[Variant]:
    given = blocks[clause.operator.text][clause.key]
    listed = list(given) if isinstance(given, (list, tuple)) else [given]
    if clause.operator.name in ("Bool", "Null"):
        # These have no negated form: the opposite value is one.
        for place, value in enumerate(clause.values):
            new = _BOOLEAN.get(value.text.lower())
            if new is not None:
                changed = [*listed[:place], new, *listed[place + 1 :]]
                change = Change("replace", "Condition", value.text, new, clause.key)
                whole = changed if isinstance(given, (list, tuple)) else new
                made = _with_values(raw, blocks, clause, whole)
                yield Operator.SWAP_OPERATOR, change, (*steps, place), made
    if len(listed) < 2:
        return
    for place, value in enumerate(clause.values):
        kept = [*listed[:place], *listed[place + 1 :]]
        change = Change("drop", "Condition", value.text, key=clause.key)
        made = _with_values(raw, blocks, clause, kept)
        yield Operator.NARROW, change, (*steps, place), made


def _renamed(
    operator: Operator, clause: ConditionClause, new: str, raw: Raw, blocks: Blocks
) -> Iterator[Variant]:
    old, key = clause.operator.text, clause.key
    if any(other.lower() == key.lower() for other in blocks.get(new, ())):
        return  # the block has the key already, and one block has a key once
    change = Change("replace", "Condition", old, new, key)
    made: Blocks
    if len(blocks[old]) == 1 and new not in blocks:
        made = {(new if name == old else name): block for name, block in blocks.items()}
    else:
        made = _without_clause(blocks, clause)
        made[new] = {**made.get(new, {}), key: blocks[old][key]}
    place = ("Condition", old) if len(blocks[old]) == 1 else ("Condition", old, key)
    yield operator, change, place, _with(raw, made)


def _without_clause(blocks: Blocks, clause: ConditionClause) -> Blocks:
    made = {}
    for name, block in blocks.items():
        if name == clause.operator.text:
            block = {key: values for key, values in block.items() if key != clause.key}
        if block:
            made[name] = block
    return made


def _with_values(raw: Raw, blocks: Blocks, clause: ConditionClause, values: Any) -> Raw:
    block = {**blocks[clause.operator.text], clause.key: values}
    return _with(raw, {**blocks, clause.operator.text: block})


def _with(raw: Raw, blocks: Blocks) -> Raw:
    if not blocks:
        return {name: value for name, value in raw.items() if name != "Condition"}
    return {name: (blocks if name == "Condition" else value) for name, value in raw.items()}
