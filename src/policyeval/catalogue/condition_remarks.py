"""Remarks on the condition keys of a statement.

A key is only called unknown where no service lists it, and only said to be never carried where the
catalogue tells who carries it.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.catalogue.keys import (
    find_key,
    is_foreign,
    is_known_anywhere,
    is_told_who_carries,
    names_of_actions,
    names_of_global_keys,
    nearest_key,
    operator_misfits,
)
from policyeval.catalogue.lookup import GLOBAL, about, global_keys, keys_of, service
from policyeval.catalogue.pattern_remarks import Covered, list_of
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.placeholder import has_placeholder
from policyeval.policy import ConditionClause, Policy, Statement
from policyeval.source import Location


def remarks_on_condition(
    policy: Policy, statement: Statement, covered: Covered
) -> Iterator[Finding]:
    """Say which condition keys do not exist, are never carried, or do not fit their operator."""
    if not statement.condition:
        return
    carried = names_of_actions(covered.names)
    prefixes = {name.partition(":")[0] for name in covered.names}
    for clause in statement.condition:
        key = clause.key
        if ":" not in key or has_placeholder(key) or is_foreign(key.lower()):
            continue
        pointer = statement.at_clause(clause)
        location = Location(policy.source, pointer, key=True)
        if key.lower() not in carried:
            found = _about_key(clause, covered, location)
            if found is not None:
                yield found
                continue
        entry = find_key(key, (key.partition(":")[0].lower(), *prefixes))
        if entry is not None and operator_misfits(clause.operator.name, entry.type):
            yield Finding(
                "PE1608",
                Severity.WARNING,
                f"`{clause.operator.text}` does not fit {quote(key)}, whose type is {entry.type}",
                location,
                _FITTING.get(entry.type.removeprefix("ArrayOf"), ""),
                f"a key of type {entry.type}",
            )


_FITTING = {
    "String": "use a string operator, such as `StringEquals`",
    "ARN": "use an ARN operator, such as `ArnLike`",
    "Bool": "use `Bool`",
    "Date": "use a date operator, such as `DateLessThan`",
    "IPAddress": "use `IpAddress` or `NotIpAddress`",
    "Numeric": "use a numeric operator, such as `NumericLessThan`",
}


def _about_key(clause: ConditionClause, covered: Covered, location: Location) -> Finding | None:
    key, folded = clause.key, clause.key.lower()
    prefix = folded.partition(":")[0]
    if prefix == GLOBAL:
        return about_global_key(key, location)
    if is_known_anywhere(folded):
        sure = covered.whole and is_told_who_carries(folded)
        return _never_carried(key, covered, location) if sure else None
    listed = sorted({name for action in covered.names for name in keys_of(action)})
    found = service(prefix)
    listed += [entry.name for entry in found.condition_keys.values()] if found else []
    return Finding(
        "PE1605",
        Severity.WARNING,
        f"{quote(key)} is no condition key of the action catalogue of {about().date}",
        location,
        _suggest(key, listed),
        "no request carries it",
    )


def about_global_key(key: str, location: Location | None = None) -> Finding | None:
    """Say that a key `aws:…` does not exist; None where it does."""
    folded = key.lower()
    if folded in names_of_global_keys() or is_known_anywhere(folded):
        return None
    return Finding(
        "PE1606",
        Severity.WARNING,
        f"{quote(key)} is no global condition key of the action catalogue of {about().date}",
        location,
        _suggest(key, [entry.name for entry in global_keys().values()]),
        "no request carries it",
    )


def _suggest(key: str, names: list[str]) -> str:
    near = nearest_key(key, names)
    return f"did you mean `{near}`?" if near else ""


def _never_carried(key: str, covered: Covered, location: Location) -> Finding:
    return Finding(
        "PE1607",
        Severity.WARNING,
        f"no request for {list_of(covered.names)} carries {quote(key)}",
        location,
        "move the actions that carry it to a statement of their own",
        "never in these requests",
    )
