"""The values of a context key that make a difference to a set of conditions."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice, pairwise
from typing import Any

from policyeval.context import PRESENT, RequestContext
from policyeval.matching.glob import ANY_ONE, ANY_RUN
from policyeval.matching.statement import CompiledStatement
from policyeval.matching.values import read_instant, read_network, read_number
from policyeval.matching.variables import variable_keys
from policyeval.policy import ConditionClause, Template
from policyeval.value import Value

OTHER = "some-other-value"
MOST_VALUES = 64


class Samples(Value):
    """Values to try for one key; None is absence.

    `exact`: every value the key could have behaves as one of these do.
    """

    values: tuple[str | None, ...]
    exact: bool

    @staticmethod
    def of(key: str, statements: Iterable[CompiledStatement], context: RequestContext) -> Samples:
        """Collect the values from all conditions that ask for the lower-case key."""
        families: set[str] = set()
        found: dict[str, None] = {}
        exact = True
        patterns = 0
        for statement in statements:
            for clause in statement.statement.condition:
                exact = exact and not any(key in variable_keys(value) for value in clause.values)
                if clause.key.lower() != key or clause.operator.name == "Null":
                    continue
                family = _family(clause.operator.name)
                families.add(family)
                exact = (
                    exact
                    and not clause.operator.quantifier
                    and not any(value.variables for value in clause.values)
                )
                patterns += sum(_is_pattern(value) for value in clause.values)
                found.update(dict.fromkeys(_values(family, clause)))
            resource = statement.statement.resource
            if resource is not None and any(key in variable_keys(p) for p in resource.patterns):
                exact = False
        exact = exact and len(families) <= 1 and (patterns == 0 or len(found) <= 1)
        exact = exact and "fold" not in families and len(found) <= MOST_VALUES
        present = context.entries.get(key, context.default) is PRESENT
        values: list[str | None] = [*islice(found, MOST_VALUES)]
        if families <= {"text", "fold", "arn", "bytes"}:
            values.append(OTHER)
        if not present:
            values.append(None)
        return Samples(tuple(values), exact)


def _family(operator: str) -> str:
    if operator.startswith("String"):
        return "fold" if operator.endswith("IgnoreCase") else "text"
    for start, family in (
        ("Numeric", "number"),
        ("Date", "instant"),
        ("Bool", "bool"),
        ("Binary", "bytes"),
        ("Arn", "arn"),
    ):
        if operator.startswith(start):
            return family
    return "address"


def _is_pattern(template: Template) -> bool:
    return any(not isinstance(piece, str) for piece in template.pieces)


def _values(family: str, clause: ConditionClause) -> Iterable[str]:
    texts = [_witness(template) for template in clause.values]
    if family == "bool":
        return ("true", "false")
    if family == "number":
        return _around(read_number(text) for text in texts)
    if family == "instant":
        return [_iso(second) for second in _seconds(texts)]
    if family == "address":
        return [address for text in texts for address in _edges(text)]
    return texts


def _witness(template: Template) -> str:
    """A text that the pattern matches."""
    return "".join(
        piece if isinstance(piece, str) else {ANY_RUN: "any", ANY_ONE: "x"}.get(piece, OTHER)  # type: ignore[arg-type]
        for piece in template.pieces
    )


def _around(numbers: Iterable[Any]) -> list[str]:
    """Each number, one between each two neighbours, and one beyond each end."""
    ordered = sorted({number for number in numbers if number is not None})
    if not ordered:
        return ["0"]
    from decimal import Decimal

    between = [(Decimal(low) + Decimal(high)) / 2 for low, high in pairwise(ordered)]
    every = [ordered[0] - 1, *ordered, *between, ordered[-1] + 1]
    return [format(Decimal(number), "f") for number in every]


def _seconds(texts: list[str]) -> list[int]:
    instants = [instant for instant in map(read_instant, texts) if instant is not None]
    return sorted({second + step for second, _ in instants for step in (-1, 0, 1)})


def _iso(second: int) -> str:
    """The instant as AWS writes it."""
    from datetime import UTC, datetime, timedelta

    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    except OverflowError:
        return str(second)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _edges(text: str) -> list[str]:
    """The first and last address of a block, and those just outside it."""
    from ipaddress import IPv4Address, IPv6Address

    network = read_network(text)
    if network is None:
        return []
    version, first, mask = network
    bits = 32 if version == 4 else 128
    last = first | (~mask & (1 << bits) - 1)
    address = IPv4Address if version == 4 else IPv6Address
    return [
        str(address(number))
        for number in (first, last, first - 1, last + 1)
        if 0 <= number < 1 << bits
    ]
