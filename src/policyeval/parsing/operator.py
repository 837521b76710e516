"""Condition operators (R-COND-02); normative form: grammars/operator.lark.

    operator : [ "ForAllValues:" | "ForAnyValue:" ] name [ "IfExists" ]

Letter case does not matter.
"""

from __future__ import annotations

from functools import lru_cache

from policyeval.errors import PolicySyntaxError
from policyeval.parsing.defect import LONGEST_REMEMBERED, Defect, quote, warning
from policyeval.parsing.nearest import nearest
from policyeval.policy import ConditionOperator
from policyeval.source import Span

_COMPARISONS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan")
OPERATORS = (
    *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    *("StringLike", "StringNotLike"),
    *(f"Numeric{how}" for how in (*_COMPARISONS, "GreaterThanEquals")),
    *(f"Date{how}" for how in (*_COMPARISONS, "GreaterThanEquals")),
    *("Bool", "BinaryEquals", "IpAddress", "NotIpAddress"),
    *("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null"),
)
QUANTIFIERS = ("ForAllValues", "ForAnyValue")
_CANONICAL = {name.lower(): name for name in OPERATORS}
_QUANTIFIER = {name.lower(): name for name in QUANTIFIERS}


def parse_operator(text: str) -> ConditionOperator:
    """Give the operator; raises `PolicySyntaxError` where AWS has no such operator (R-COND-15)."""
    operator, defects = read_operator(text)
    if operator is None:
        raise PolicySyntaxError(
            defects[0].message, tuple(defect.in_text(text) for defect in defects)
        )
    return operator


def read_operator(text: str) -> tuple[ConditionOperator | None, tuple[Defect, ...]]:
    """Give the operator with the remarks on it, or None with what is wrong.

    An unknown operator is an error, and `read_policy` gives no policy where there is one: the
    whole document is refused, since a condition is never skipped (R-COND-15).
    """
    return _remembered(text) if len(text) <= LONGEST_REMEMBERED else _read(text)


@lru_cache(maxsize=512)
def _remembered(text: str) -> tuple[ConditionOperator | None, tuple[Defect, ...]]:
    return _read(text)  # operators recur


def _read(text: str) -> tuple[ConditionOperator | None, tuple[Defect, ...]]:
    prefix, colon, base = text.partition(":")
    quantifier = _QUANTIFIER.get(prefix.lower(), "") if colon else ""
    if not colon:
        base = text
    folded = base.lower()
    if_exists = folded.endswith("ifexists")
    name = _CANONICAL.get(folded[:-8] if if_exists else folded) if text.isascii() else None
    if name is None or (colon and not quantifier):
        return None, (_unknown(text, prefix if colon else "", quantifier, base),)
    if name == "Null" and if_exists:
        return None, (_null_if_exists(text),)
    operator = ConditionOperator(name, quantifier, if_exists, text)
    return operator, _remarks(operator)


def _unknown(text: str, prefix: str, quantifier: str, base: str) -> Defect:
    stem, suffix = (base[:-8], "IfExists") if base.lower().endswith("ifexists") else (base, "")
    if prefix and not quantifier:
        quantifier = nearest(prefix, QUANTIFIERS)
        span, expected = Span(0, len(prefix)), "expected `ForAllValues:` or `ForAnyValue:`"
    else:
        start = len(text) - len(base)
        span, expected = Span(start, len(text)), "no operator of this name"
    name = _CANONICAL.get(stem.lower()) or nearest(stem, OPERATORS)
    help_ = "the condition cannot be evaluated without knowing what it compares"
    if name and (quantifier or not prefix):
        start_ = f"{quantifier}:" if quantifier else ""
        help_ = f"did you mean `{start_}{name}{suffix}`?"
    return Defect("PE0301", f"unknown condition operator {quote(text)}", span, expected, help_)


def _null_if_exists(text: str) -> Defect:
    return Defect(
        "PE0302",
        f"{quote(text)} is not an operator: `Null` asks whether the key exists",
        Span(len(text) - 8, len(text)),
        "not with `Null`",
        "write `Null`",
    )


def _remarks(operator: ConditionOperator) -> tuple[Defect, ...]:
    """Say what a set prefix makes of `IfExists` and `Null` (R-COND-04, R-COND-07)."""
    if not operator.quantifier:
        return ()
    text, every = operator.text, operator.quantifier == "ForAllValues"
    if operator.name == "Null":
        answer = "always true" if every else "always false"
        return (
            warning(
                "PE0304",
                f"{quote(text)} is {answer}, whether the key exists or not",
                Span(0, len(operator.quantifier) + 1),
                label="`Null` asks about the key, not about its values",
                help="write `Null`",
            ),
        )
    if operator.if_exists:
        answer = "true" if every else "false"
        return (
            warning(
                "PE0303",
                f"`IfExists` has no effect after {operator.quantifier}: {quote(text)} is {answer} "
                "where the key is absent",
                Span(len(text) - 8, len(text)),
                label="no effect here",
                help=f"write `{text[:-8]}`, and ask with `Null` whether the key exists",
            ),
        )
    return ()
