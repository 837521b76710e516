"""Parts of policies drawn from the small alphabet, legal where they stand.

A stack of policies takes some sixty choices. Each is the index of an item, drawn from a strategy
that is made once: building and checking a strategy for each choice would cost most of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any

from hypothesis import strategies as st

from policyeval.context import Presence
from policyeval.policy import PolicyType
from policyeval.stack import LEVELED, Layer
from policyeval.testing.strategies.alphabet import (
    ACTION_PATTERNS,
    FAMILIES,
    HOLDINGS,
    KEY_VALUES,
    LISTED_PRINCIPALS,
    MULTIVALUED,
    RESOURCE_PATTERNS,
    TRUST_ACTIONS,
    WITH_PRINCIPAL,
    Document,
    Levels,
)


@cache
def below(size: int) -> st.SearchStrategy[int]:
    """Draw an index."""
    return st.integers(0, size - 1)


def pick(draw: st.DrawFn, items: Sequence[Any]) -> Any:
    """Give one of some items."""
    return items[draw(below(len(items)))]


def once_in(draw: st.DrawFn, times: int) -> bool:
    """Give True once in so many times."""
    return draw(below(times)) == times - 1


def pick_one_or_list(draw: st.DrawFn, items: Sequence[Any]) -> Any:
    """Give one item as it is, or a list of one to three."""
    size = draw(below(5))
    if size < 2:
        return pick(draw, items)
    return list(dict.fromkeys(pick(draw, items) for _ in range(size - 1)))


def draw_clause(draw: st.DrawFn) -> tuple[str, str, Any]:
    """Give (operator, key, values); most often a key that the operator is made for."""
    names, keys, values = pick(draw, FAMILIES)
    name, key = pick(draw, names), pick(draw, keys)
    if once_in(draw, 8):
        key = pick(draw, tuple(KEY_VALUES))
    often = ("", "ForAllValues:", "ForAnyValue:")
    prefix = pick(draw, often if key == MULTIVALUED else ("", "", "", "", *often))
    suffix = "IfExists" if name != "Null" and once_in(draw, 3) else ""
    return f"{prefix}{name}{suffix}", key, pick_one_or_list(draw, values)


def draw_statement(draw: st.DrawFn, kind: PolicyType, effect: str = "") -> Document:
    """Give a statement that is legal in this type of policy."""
    if kind is PolicyType.TRUST:
        return _draw_trust(draw, effect)
    restricted = kind is PolicyType.RCP
    statement: Document = {
        "Effect": "Deny" if restricted else effect or pick(draw, ("Allow", "Allow", "Deny"))
    }
    if restricted:
        statement["Principal"] = "*"
    elif kind in WITH_PRINCIPAL:
        if once_in(draw, 4):
            statement["NotPrincipal"] = pick(draw, LISTED_PRINCIPALS[2:])
        else:
            statement["Principal"] = pick(draw, LISTED_PRINCIPALS)
    not_action = not restricted and once_in(draw, 6)
    statement["NotAction" if not_action else "Action"] = pick_one_or_list(draw, ACTION_PATTERNS)
    element = "NotResource" if once_in(draw, 6) else "Resource"
    statement[element] = pick_one_or_list(draw, RESOURCE_PATTERNS)
    condition = draw_condition(draw)
    if condition:
        statement["Condition"] = condition
    return statement


def _draw_trust(draw: st.DrawFn, effect: str) -> Document:
    """Who may assume a role: a trust policy has no Resource, and its actions are of STS."""
    statement: Document = {
        "Effect": effect or pick(draw, ("Allow", "Allow", "Deny")),
        "Principal": pick(draw, LISTED_PRINCIPALS),
        "Action": pick_one_or_list(draw, TRUST_ACTIONS),
    }
    condition = draw_condition(draw)
    return {**statement, "Condition": condition} if condition else statement


def draw_condition(draw: st.DrawFn) -> Document:
    """Give a Condition element; empty as often as not."""
    condition: Document = {}
    for _ in range(pick(draw, (0, 0, 1, 2))):
        operator, key, values = draw_clause(draw)
        condition.setdefault(operator, {})[key] = values
    return condition


def draw_document(draw: st.DrawFn, kind: PolicyType) -> Document:
    """Give a policy document of up to three statements."""
    return document(*(draw_statement(draw, kind) for _ in range(pick(draw, (1, 2, 0, 3)))))


def draw_levels(draw: st.DrawFn, layer: Layer) -> Levels:
    """Give the policies of one layer: none at all, everything allowed, or something drawn."""
    kind = draw(below(3))
    if kind == 0:
        return ()
    if kind == 1:
        return numbered(layer, ((everything(layer),),))
    drawn = []
    for _ in range(1 + draw(below(2)) if layer in LEVELED else 1):
        level = [draw_document(draw, PolicyType(layer.value))]
        if once_in(draw, 3):
            level.append(draw_document(draw, PolicyType(layer.value)))
        if once_in(draw, 2):
            level.append(everything(layer))
        drawn.append(tuple(level))
    return numbered(layer, tuple(drawn))


def document(*listed: Document, name: str = "added") -> Document:
    """Give the document that holds some statements."""
    return {"Version": "2012-10-17", "Id": name, "Statement": list(listed)}


def everything(layer: Layer) -> Document:
    """Give a document that allows everything (RCPFullAWSAccess for RCPs)."""
    return document(blanket(layer, "Allow"))


def blanket(layer: Layer, effect: str) -> Document:
    """Give a statement about every caller, action and resource."""
    statement: Document = {"Sid": "Blanket", "Effect": effect, "Action": "*", "Resource": "*"}
    if PolicyType(layer.value) in WITH_PRINCIPAL:
        statement["Principal"] = "*"
    return statement


def numbered(layer: Layer, listed: Levels) -> Levels:
    """Give every policy of a layer its name, and every statement its Sid."""
    names, sids = count(), count()
    return tuple(
        tuple(
            {
                **policy,
                "Id": f"{layer.value}{next(names)}",
                "Statement": [
                    {**statement, "Sid": f"S{next(sids)}"} for statement in policy["Statement"]
                ],
            }
            for policy in level
        )
        for level in listed
    )


def draw_context(draw: st.DrawFn, states: tuple[Presence, ...]) -> dict[str, Any]:
    """Give a value to some keys; each state is as frequent as all values together."""
    context: dict[str, Any] = {}
    for key, values in HOLDINGS.items():
        state = pick(draw, ("absent", "value", "value", *states))
        if isinstance(state, Presence):
            context[key] = state
        elif state == "value":
            context[key] = pick(draw, values)
    return context
