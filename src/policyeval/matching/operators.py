"""The table of condition operators (R-COND-02).

An operator is a way to compile policy values into a test of one request value, and whether it is
negated. Everything else about a condition (absent keys, sets, IfExists) is in `condition.py`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from policyeval.glob import Matcher, Token, compile_glob
from policyeval.literals import (
    contains,
    read_address,
    read_bool,
    read_bytes,
    read_instant,
    read_network,
    read_number,
)
from policyeval.value import Value

Tokens = tuple[Token, ...]
Compiler = Callable[[Sequence[Tokens]], Matcher]


class Operator(Value):
    """One row: how values are compiled, whether the answer is turned round.

    `by_pattern`: an unknown variable in a value may stand for any text, so the value can be
    ruled out where the rest of the pattern differs. False where texts are read as something else.
    """

    compile: Compiler
    negated: bool = False
    by_pattern: bool = False


def never(_value: str) -> bool:
    """Match nothing: what values become of which none can be read."""
    return False


def _text(tokens: Tokens) -> str:
    return "".join(token if isinstance(token, str) else token.value for token in tokens)


def _is_literal(tokens: Tokens) -> bool:
    return all(isinstance(token, str) for token in tokens)


def compile_patterns(values: Sequence[Tokens]) -> Matcher:
    """Case-sensitive, by code point; wildcards where the parser saw wildcards (R-COND-14)."""
    exact = frozenset(_text(tokens) for tokens in values if _is_literal(tokens))
    globs = [compile_glob(tokens) for tokens in values if not _is_literal(tokens)]
    if not globs:
        return exact.__contains__ if exact else never
    if not exact and len(globs) == 1:
        return globs[0]
    return lambda value: value in exact or any(match(value) for match in globs)


def _folded(values: Sequence[Tokens]) -> Matcher:
    match = compile_patterns(
        [tuple(t.lower() if isinstance(t, str) else t for t in tokens) for tokens in values]
    )
    return match if match is never else lambda value: match(value.lower())


def _compared(read: Callable[[str], Any], holds: Callable[[Any, Any], bool]) -> Compiler:
    """Read both sides and compare; a side that cannot be read makes the pair false."""

    def compile_values(values: Sequence[Tokens]) -> Matcher:
        wanted = [item for item in (read(_text(tokens)) for tokens in values) if item is not None]

        def match(value: str) -> bool:
            given = read(value)
            return given is not None and any(holds(given, item) for item in wanted)

        return match if wanted else never

    return compile_values


def _networks(values: Sequence[Tokens]) -> Matcher:
    """An IPv4 pattern never matches an IPv6 address (R-COND-11)."""
    networks = [item for item in (read_network(_text(tokens)) for tokens in values) if item]

    def match(value: str) -> bool:
        given = read_address(value)
        return given is not None and any(contains(network, given) for network in networks)

    return match if networks else never


def _arns(values: Sequence[Tokens]) -> Matcher:
    """Six parts, each matched on its own; a malformed ARN on either side is false (R-COND-12)."""
    patterns = []
    for tokens in values:
        parts = split_arn_pattern(tokens)
        if parts is not None:
            patterns.append(tuple(compile_glob(part) for part in parts))

    def match(value: str) -> bool:
        parts = value.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn":
            return False
        return any(
            all(part(text) for part, text in zip(pattern, parts, strict=True))
            for pattern in patterns
        )

    return match if patterns else never


def split_arn_pattern(tokens: Tokens) -> list[Tokens] | None:
    """Split a pattern at its first five colons; None where it has fewer."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if not isinstance(token, str) or len(parts) == 6:
            parts[-1].append(token)
            continue
        pieces = token.split(":", 6 - len(parts))
        parts[-1].append(pieces[0])
        parts.extend([piece] for piece in pieces[1:])
    if len(parts) != 6:
        return None
    return [tuple(part) for part in parts]


_NUMBERS = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}

OPERATORS: dict[str, Operator] = {
    "StringEquals": Operator(compile_patterns, by_pattern=True),
    "StringNotEquals": Operator(compile_patterns, negated=True, by_pattern=True),
    "StringEqualsIgnoreCase": Operator(_folded, by_pattern=True),
    "StringNotEqualsIgnoreCase": Operator(_folded, negated=True, by_pattern=True),
    "StringLike": Operator(compile_patterns, by_pattern=True),
    "StringNotLike": Operator(compile_patterns, negated=True, by_pattern=True),
    **{
        f"Numeric{name}": Operator(_compared(read_number, holds))
        for name, holds in _NUMBERS.items()
    },
    "NumericNotEquals": Operator(_compared(read_number, operator.eq), negated=True),
    **{f"Date{name}": Operator(_compared(read_instant, holds)) for name, holds in _NUMBERS.items()},
    "DateNotEquals": Operator(_compared(read_instant, operator.eq), negated=True),
    "Bool": Operator(_compared(read_bool, operator.eq)),
    "BinaryEquals": Operator(_compared(read_bytes, operator.eq)),
    "IpAddress": Operator(_networks),
    "NotIpAddress": Operator(_networks, negated=True),
    "ArnEquals": Operator(_arns),
    "ArnLike": Operator(_arns),
    "ArnNotEquals": Operator(_arns, negated=True),
    "ArnNotLike": Operator(_arns, negated=True),
}
"""Every operator but Null, which asks about presence and not about a value."""
