"""Does one condition follow from another? Yes only where that is proved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policyeval.context import ABSENT
from policyeval.glob import ANY_RUN
from policyeval.literals import (
    Network,
    read_bool,
    read_bytes,
    read_instant,
    read_network,
    read_number,
)
from policyeval.matching.condition import compile_clause
from policyeval.matching.operators import OPERATORS, split_arn_pattern
from policyeval.matching.result import YES
from policyeval.matching.variables import Tokens
from policyeval.policy import ConditionClause, Template
from policyeval.testing.mutation.covering import tokens_cover

ALWAYS_PRESENT = frozenset(("aws:currenttime", "aws:epochtime", "aws:securetransport"))
"""Keys that AWS puts into every request (R-CTX-03, R-CTX-04)."""

_SAME = {
    "StringLike": "StringEquals",
    "StringNotLike": "StringNotEquals",
    "ArnLike": "ArnEquals",
    "ArnNotLike": "ArnNotEquals",
}
_READERS: dict[str, Callable[[str], Any]] = {
    "Numeric": read_number,
    "Date": read_instant,
    "Bool": read_bool,
    "Binary": read_bytes,
    "IpAddress": read_network,
    "NotIpAddress": read_network,
}


def follows(clause: ConditionClause, given: ConditionClause) -> bool:
    """Tell whether a clause holds wherever another does."""
    if clause.key.lower() != given.key.lower():
        return False
    if clause.operator.name == "Null" or given.operator.name == "Null":
        return _null_follows(clause, given)
    if clause.operator.quantifier != given.operator.quantifier:
        return False
    if holds_absent(given) and not holds_absent(clause):
        return False
    if not clause.values or not given.values:
        return _base(clause) == _base(given) and clause.values == given.values
    return _values_follow(clause, given)


def is_always(clause: ConditionClause) -> bool:
    """Tell whether a clause holds whatever the request is."""
    operator = clause.operator
    if operator.name == "Null":
        if operator.quantifier:
            return operator.quantifier == "ForAllValues"  # R-COND-07
        return {"true", "false"} <= _wanted(clause)
    if operator.quantifier != "ForAllValues" or OPERATORS[operator.name].negated:
        return False
    return _base(clause) == "StringEquals" and any(
        value.pieces == (ANY_RUN,) for value in clause.values
    )


def is_never(clause: ConditionClause) -> bool:
    """Tell whether no request can make a clause hold."""
    operator = clause.operator
    if operator.name == "Null":
        if operator.quantifier:
            return operator.quantifier == "ForAnyValue"  # R-COND-07
        return not _wanted(clause)
    if operator.quantifier == "ForAllValues" or OPERATORS[operator.name].negated:
        return False
    if holds_absent(clause):
        return False
    return all(_matches_nothing(operator.name, value) for value in clause.values)


def requires(clause: ConditionClause) -> bool | None:
    """Tell whether a clause holds only where its key is present (True) or absent (False)."""
    if clause.operator.name == "Null":
        wanted = _wanted(clause)
        if clause.operator.quantifier or len(wanted) != 1:
            return None
        return wanted == {"false"}
    return None if holds_absent(clause) else True


def holds_absent(clause: ConditionClause) -> bool:
    """Tell whether a clause holds where its key is absent (R-COND-03, R-COND-04)."""
    return compile_clause(clause)({}, ABSENT) == YES


def _base(clause: ConditionClause) -> str:
    return _SAME.get(clause.operator.name, clause.operator.name)


# ---- Null ---------------------------------------------------------------------------------


def _wanted(clause: ConditionClause) -> set[str]:
    return {value.text.lower() for value in clause.values} & {"true", "false"}


def _null_follows(clause: ConditionClause, given: ConditionClause) -> bool:
    one, other = clause.operator, given.operator
    if one.name == other.name:
        if one.quantifier or other.quantifier:
            return one.quantifier == other.quantifier
        return _wanted(given) <= _wanted(clause)
    if one.name == "Null":
        return not one.quantifier and requires(given) is True and "false" in _wanted(clause)
    return not other.quantifier and requires(given) is False and holds_absent(clause)


# ---- values -------------------------------------------------------------------------------


def _values_follow(clause: ConditionClause, given: ConditionClause) -> bool:
    """Compare what the values match, present keys alone."""
    row, other = OPERATORS[clause.operator.name], OPERATORS[given.operator.name]
    if row.negated is not other.negated:
        return False
    wide, narrow = (given, clause) if row.negated else (clause, given)
    if _kind(clause) != _kind(given):
        return False
    ordered = _kind(clause) in ("Numeric", "Date")
    if _base(clause) != _base(given) and not ordered:
        return False
    return all(
        any(_value_covers(wide, w, narrow, n) for w in wide.values)
        or _matches_nothing(narrow.operator.name, n)
        for n in narrow.values
    )


def _kind(clause: ConditionClause) -> str:
    name = clause.operator.name
    return next((kind for kind in _READERS if name.startswith(kind)), _base(clause))


def _matches_nothing(name: str, value: Template) -> bool:
    if value.variables:
        return False
    if name.startswith("Arn"):
        return split_arn_pattern(value.pieces) is None  # type: ignore[arg-type]
    read = next((read for kind, read in _READERS.items() if name.startswith(kind)), None)
    return read is not None and read(value.text) is None


def _value_covers(  # noqa: PLR0911 - one answer for each kind of value
    wide: ConditionClause, w: Template, narrow: ConditionClause, n: Template
) -> bool:
    """Tell whether a value of a clause matches all that a value of another does."""
    kind = _kind(wide)
    if w.variables or n.variables:
        if w.pieces == n.pieces:
            return _base(wide) == _base(narrow)
        if w.variables or not kind.startswith("String") or kind.endswith("IgnoreCase"):
            return False
    if kind.startswith("String"):
        return _texts_cover(w.pieces, n.pieces, folded=kind.endswith("IgnoreCase"))
    if kind.startswith("Arn"):
        return _arns_cover(w.pieces, n.pieces)
    read = _READERS[kind]
    one, other = read(w.text), read(n.text)
    if one is None or other is None:
        return False
    if kind in ("IpAddress", "NotIpAddress"):
        return _network_covers(one, other)
    if kind in ("Numeric", "Date"):
        return _interval_covers(_relation(wide), one, _relation(narrow), other)
    return bool(one == other)


def _texts_cover(wide: Tokens, narrow: Tokens, *, folded: bool) -> bool:
    if folded:
        wide, narrow = (
            tuple(t.lower() if isinstance(t, str) else t for t in tokens)
            for tokens in (wide, narrow)
        )
    return tokens_cover(wide, narrow)


def _arns_cover(wide: Tokens, narrow: Tokens) -> bool:
    """Each of the six parts is matched on its own (R-COND-12)."""
    one = split_arn_pattern(wide)  # type: ignore[arg-type]
    other = split_arn_pattern(narrow)  # type: ignore[arg-type]
    if one is None or other is None:
        return False
    return all(tokens_cover(w, n) for w, n in zip(one, other, strict=True))


def _network_covers(wide: Network, narrow: Network) -> bool:
    version, first, mask = wide
    return version == narrow[0] and narrow[1] & mask == first and narrow[2] & mask == mask


def _relation(clause: ConditionClause) -> str:
    name = clause.operator.name
    return name.removeprefix("Numeric").removeprefix("Date").replace("NotEquals", "Equals")


def _interval_covers(wide: str, one: Any, narrow: str, other: Any) -> bool:
    """Tell whether `x NARROW other` means `x WIDE one`, for numbers and instants."""
    if wide == "Equals" or narrow == "Equals":
        if narrow != "Equals":
            return False
        tests = {
            "Equals": other == one,
            "LessThan": other < one,
            "LessThanEquals": other <= one,
            "GreaterThan": other > one,
            "GreaterThanEquals": other >= one,
        }
        return bool(tests[wide])
    if wide[:4] != narrow[:4]:
        return False  # one has no upper end, the other no lower
    inside = other < one if wide.startswith("Less") else other > one
    closed = wide.endswith("Equals") or not narrow.endswith("Equals")
    return bool(inside or (other == one and closed))
