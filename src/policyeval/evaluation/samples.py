"""The values of a context key that make a difference to a set of conditions.

AWS's global keys (`aws:…`) hold what their operators compare: numbers, dates, booleans, addresses.
Of other keys nobody knows, so a value that is none of these is tried too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from policyeval.context import ABSENT, PRESENT, RequestContext, RoleOfUnknownPath
from policyeval.glob import ANY_RUN
from policyeval.literals import read_instant, read_network, read_number
from policyeval.matching.condition import MULTIVALUED_KEYS, compile_clause, with_paths
from policyeval.matching.result import YES
from policyeval.matching.statement import CompiledStatement
from policyeval.matching.variables import variable_keys
from policyeval.policy import ConditionClause, ConditionOperator, Template, Variable, Wildcard
from policyeval.value import Value, replace

OTHER = "some-other-value"
_OTHERS = (OTHER, "", "0", "\u00ff")
_LIKE = ConditionOperator("StringLike", text="StringLike")
_FOLDED = ConditionOperator("StringEqualsIgnoreCase", text="StringEqualsIgnoreCase")
MOST_VALUES = 64
MOST_DIGITS = 50
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799  # the years 1 to 9999


class Samples(Value):
    """Values to try for one key; None is absence.

    `exact`: every value the key could have behaves as one of these do.
    """

    values: tuple[str | None, ...]
    exact: bool

    @staticmethod
    def of(key: str, statements: Iterable[CompiledStatement], context: RequestContext) -> Samples:
        """Collect the values from all conditions that ask for the lower-case key."""
        clauses, exact = _asking(key, statements)
        families = {_family(clause.operator.name) for clause in clauses}
        values: dict[str | None, None] = {}
        for family in sorted(families):
            asking = [c for c in clauses if _family(c.operator.name) == family]
            found, complete = _SAMPLERS[family](asking)
            values.update(dict.fromkeys(found))
            exact = exact and complete
        typed = key.startswith("aws:") or not families
        if not values or not typed:
            values[OTHER] = None  # presence alone is asked for, or no value can ever match
        given = context.entries.get(key, context.default)
        if isinstance(given, RoleOfUnknownPath):
            paths = [arn for clause in clauses for arn in with_paths(clause, given[0])]
            return Samples((given[0], *paths)[:MOST_VALUES], exact=False)
        if given is not PRESENT:
            values[None] = None
        exact = exact and len(families) <= 1 and key not in MULTIVALUED_KEYS
        exact = exact and len(values) <= MOST_VALUES
        return Samples(tuple(values)[-MOST_VALUES:], exact)


def _asking(
    key: str, statements: Iterable[CompiledStatement]
) -> tuple[list[ConditionClause], bool]:
    """The clauses that compare the key's value; false where it is used in other ways too."""
    clauses: list[ConditionClause] = []
    exact = True
    for compiled in statements:
        statement = compiled.statement
        templates: list[Template] = [v for clause in statement.condition for v in clause.values]
        templates += statement.resource.patterns if statement.resource is not None else ()
        exact = exact and not any(key in variable_keys(template) for template in templates)
        for clause in statement.condition:
            if clause.key.lower() != key or clause.operator.name == "Null":
                continue
            clauses.append(clause)
            has_variables = any(value.variables for value in clause.values)
            exact = exact and not clause.operator.quantifier and not has_variables
    return clauses, exact


def _family(operator: str) -> str:
    if operator.startswith("String"):
        return "folded" if operator.endswith("IgnoreCase") else "text"
    for start in ("Numeric", "Date", "Bool", "Binary", "Arn"):
        if operator.startswith(start):
            return start
    return "address"


def _texts(clauses: list[ConditionClause]) -> list[str]:
    return [witness(value) for clause in clauses for value in clause.values]


def witness(template: Template) -> str:
    """Give a text that the pattern matches."""
    return "".join(
        piece if isinstance(piece, str) else _stand_in(piece) for piece in template.pieces
    )


def _stand_in(piece: Wildcard | Variable) -> str:
    if isinstance(piece, Variable):
        return OTHER
    return "any" if piece is ANY_RUN else "x"


def _patterns(clauses: list[ConditionClause]) -> tuple[Iterable[str], bool]:
    """Listed texts, and one that is like none of them.

    Complete for literals, and for one pattern alone: two patterns may overlap.
    """
    templates = {value.text: value for clause in clauses for value in clause.values}
    literal = all(
        all(isinstance(piece, str) for piece in value.pieces) for value in templates.values()
    )
    tests = [compile_clause(_positive(clause)) for clause in clauses]
    key = clauses[0].key.lower()
    others = [
        text for text in _OTHERS if not any(test({key: (text,)}, ABSENT) == YES for test in tests)
    ]
    everything = all(value.pieces == (ANY_RUN,) for value in templates.values())
    complete = (literal or len(templates) == 1) and (bool(others) or everything)
    return [*_texts(clauses), *others[:1]], complete


def _positive(clause: ConditionClause) -> ConditionClause:
    """Ask whether a value is like one of the listed texts, whatever the operator makes of that."""
    folded = _family(clause.operator.name) == "folded"
    return replace(clause, operator=_FOLDED if folded else _LIKE)


def _booleans(_clauses: list[ConditionClause]) -> tuple[Iterable[str], bool]:
    return ("true", "false"), True


def _numbers(clauses: list[ConditionClause]) -> tuple[Iterable[str], bool]:
    """Each number, one between each two neighbours, and one beyond each end."""
    from decimal import Decimal, localcontext

    texts = _texts(clauses)
    short = [text for text in texts if len(text) <= MOST_DIGITS]
    ordered: list[Any] = sorted(
        {Decimal(number) for number in map(read_number, short) if number is not None}
    )
    if not ordered:
        return ("0",), len(short) == len(texts)
    with localcontext() as precise:
        precise.prec = 4 * MOST_DIGITS
        between = [(low + high) / 2 for low, high in pairwise(ordered)]
        every = [ordered[0] - 1, *ordered, *between, ordered[-1] + 1]
        return [format(number, "f") for number in every], len(short) == len(texts)


def _instants(clauses: list[ConditionClause]) -> tuple[Iterable[str], bool]:
    """Each instant and the seconds around it; complete for whole seconds."""
    texts = [text for text in _texts(clauses) if read_instant(text) is not None]
    instants = [instant for instant in map(read_instant, texts) if instant is not None]
    seconds = sorted({second + step for second, _ in instants for step in (-1, 0, 1)})
    fractions = any(fraction for _, fraction in instants)
    shown = [_iso(second) for second in seconds if _FIRST_SECOND < second < _LAST_SECOND]
    complete = not fractions and len(shown) == len(seconds)
    return [*shown, *(texts if fractions else ())], complete


def _iso(second: int) -> str:
    """The instant as AWS writes it."""
    from datetime import UTC, datetime, timedelta

    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def _addresses(clauses: list[ConditionClause]) -> tuple[Iterable[str], bool]:
    """The first and last address of each block and those just outside; one of each version."""
    networks = [network for network in map(read_network, _texts(clauses)) if network]
    found = [address for network in networks for address in _edges(network)]
    versions = {version for version, _, _ in networks}
    found += ["198.51.100.7"] if 4 not in versions else []
    found += ["2001:db8::1"] if 6 not in versions else []
    return found, True


def _edges(network: tuple[int, int, int]) -> Iterator[str]:
    from ipaddress import IPv4Address, IPv6Address

    version, first, mask = network
    bits = 32 if version == 4 else 128
    last = first | (~mask & (1 << bits) - 1)
    for number in (first, last, first - 1, last + 1):
        if 0 <= number < 1 << bits:
            yield str(IPv4Address(number) if version == 4 else IPv6Address(number))


_SAMPLERS = {
    "text": _patterns,
    "folded": _patterns,
    "Arn": _patterns,
    "Binary": _patterns,
    "Bool": _booleans,
    "Numeric": _numbers,
    "Date": _instants,
    "address": _addresses,
}
