"""Condition blocks (R-LANG-07).

    condition : "{" (operator ":" "{" (key ":" (value | "[" value* "]"))* "}")* "}"
    value     : string | number | true | false

What the values mean, depends on the operator.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.parsing.defect import Defect, quote
from policyeval.parsing.operator import read_operator
from policyeval.parsing.placeholder import has_placeholder, placeholder_defect
from policyeval.parsing.reading import Reading, kind_of, type_name
from policyeval.parsing.remarks import remark_on_clause
from policyeval.parsing.variable import parse_template
from policyeval.policy import ConditionClause, ConditionOperator, Template, escape_pointer

# Operators whose values may hold policy variables (R-MATCH-07), and wildcards.
_FAMILIES_WITH_VARIABLES = ("String", "Arn", "Bool")
_WITH_WILDCARDS = frozenset(
    ("StringLike", "StringNotLike", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")
)


def read_condition(raw: object, pointer: str, reading: Reading) -> tuple[ConditionClause, ...]:
    """Give the clauses in document order."""
    if not isinstance(raw, Mapping):
        reading.add_wrong_kind("`Condition`", "an object", raw, pointer)
        return ()
    clauses: list[ConditionClause] = []
    for name, block in raw.items():
        place = f"{pointer}/{escape_pointer(str(name))}"
        operator, defects = read_operator(str(name))
        for defect in defects:
            reading.add(defect, place, key=True)
        if not isinstance(block, Mapping):
            reading.add_wrong_kind(
                f"the block of {quote(str(name))}", "an object of condition keys", block, place
            )
            continue
        if operator is not None:
            clauses += _read_block(operator, block, place, reading)
    return tuple(clauses)


def _read_block(
    operator: ConditionOperator, block: Mapping[str, Any], place: str, reading: Reading
) -> list[ConditionClause]:
    clauses: list[ConditionClause] = []
    seen: dict[str, str] = {}
    for key, given in block.items():
        name = str(key)
        inner = f"{place}/{escape_pointer(name)}"
        other = seen.setdefault(name.lower(), name)
        if other is not name:
            reading.add(_same_key(name, other), inner, key=True)
        values = _read_values(operator, given, inner, reading)
        if values is None:
            continue
        clause = ConditionClause(operator, name, values)
        clauses.append(clause)
        remark_on_clause(clause, inner, reading)
    return clauses


def _read_values(
    operator: ConditionOperator, given: object, pointer: str, reading: Reading
) -> tuple[Template, ...] | None:
    items = given if isinstance(given, (list, tuple)) else (given,)
    variables = reading.variables and operator.name.startswith(_FAMILIES_WITH_VARIABLES)
    wildcards = operator.name in _WITH_WILDCARDS
    values: list[Template] = []
    good = True
    for i, item in enumerate(items):
        text = item if type(item) is str else _text_of(item, f"{pointer}/{i}", reading)
        if text is None:
            good = False
            continue
        template, defects = parse_template(text, variables=variables, wildcards=wildcards)
        values.append(template)
        if has_placeholder(text):
            reading.add(placeholder_defect(text), f"{pointer}/{i}")
        else:
            for defect in defects:
                reading.add(defect, f"{pointer}/{i}")
    return tuple(values) if good else None


def _text_of(item: object, pointer: str, reading: Reading) -> str | None:
    """Give a condition value as the string it stands for: `true` is `"true"` (R-LANG-06)."""
    kind = kind_of(item)
    if kind == "boolean":
        return "true" if item else "false"
    if kind in ("string", "number"):
        text = _plain_text(item)
        if text is not None:
            return text
    what = "a number that JSON cannot write" if kind == "number" else type_name(item)
    help_ = ""
    if kind == "null":
        help_ = 'to ask whether the key exists, write `"Null": {"KEY": "true"}`'
    reading.add(
        Defect(
            "PE0312",
            f"a condition value must be a string, a number, true or false, not {what}",
            label="expected a string",
            help=help_,
        ),
        pointer,
    )
    return None


def _plain_text(item: object) -> str | None:
    if isinstance(item, float) and (item != item or item in (float("inf"), float("-inf"))):
        return None
    try:
        return str(item)
    except ValueError:  # a Python integer of more than 4,300 digits
        return None


def _same_key(name: str, other: str) -> Defect:
    if name == other:
        other = "it"
    return Defect(
        "PE0311",
        f"the condition key {quote(name)} stands twice in one block: {quote(other)} is the same "
        "key, letter case does not matter",
        label="the same key again",
        help="put the values of both into one list",
    )
