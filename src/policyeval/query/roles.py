"""Role chains: who can become a principal that can, by `sts:AssumeRole` over any number of roles.

The way that needs the fewest missing facts is taken, of these the shortest. Each role is asked
about once, so chains that run in a circle end; the circle is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop, heappush

from policyeval.decision import Verdict
from policyeval.finding import Finding, Severity
from policyeval.query.asking import Asking
from policyeval.query.holder import Holder, HolderKind, Step
from policyeval.query.index import QueryIndex
from policyeval.query.outsiders import outsiders
from policyeval.query.who_can import direct_holders
from policyeval.value import Value, replace

ASSUME = "sts:AssumeRole"
BY_PROVIDERS = ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")

Edges = Mapping[str, Iterable[str]]


class Chains(Value):
    """Those that can, by themselves or through roles; `evaluated` counts evaluations."""

    holders: list[Holder]
    evaluated: int
    findings: tuple[Finding, ...]


def follow_roles(asking: Asking, index: QueryIndex, direct: list[Holder]) -> Chains:
    """Give the holders with those who can assume a role that is one, each by its best way."""
    best: dict[tuple[str, HolderKind], Holder] = {}
    waiting: list[tuple[bool, int, int, Holder]] = []
    roles: dict[str, list[str]] = {}
    evaluated = count = 0
    for holder in direct:
        heappush(waiting, (_is_unsure(holder), 0, count, holder))
        count += 1
    while waiting:
        _, length, _, holder = heappop(waiting)
        key = (holder.principal, holder.kind)
        if key in best:
            continue
        best[key] = holder
        if holder.kind is not HolderKind.ROLE or holder.principal not in index.principals:
            continue
        role = holder.principal
        able, tried, _ = direct_holders(_to_assume(asking, role, ASSUME), index)
        evaluated += tried
        roles[role] = [one.principal for one in able if one.kind is HolderKind.ROLE]
        links = [(ASSUME, one) for one in able]
        for action in BY_PROVIDERS:
            links += [(action, one) for one in _providers(_to_assume(asking, role, action), index)]
        for action, one in links:
            step = Step(one.principal, role, action, one.verdict, one.conditions, one.missing)
            longer = _through(one, step, holder)
            heappush(waiting, (_is_unsure(longer), length + 1, count, longer))
            count += 1
    return Chains(list(best.values()), evaluated, tuple(map(_circle, circles(roles))))


def _to_assume(asking: Asking, role: str, action: str) -> Asking:
    return replace(asking, action=action, resource=role, resource_account=None)


def _providers(asking: Asking, index: QueryIndex) -> list[Holder]:
    """Give the identity providers whose users may assume the role."""
    found, _ = outsiders(asking, index)
    return [one for one in found if one.kind in (HolderKind.FEDERATED, HolderKind.ANONYMOUS)]


def _is_unsure(holder: Holder) -> bool:
    return holder.verdict is Verdict.UNKNOWN


def _through(one: Holder, step: Step, holder: Holder) -> Holder:
    """Give the holder that `one` is by assuming the role of another holder."""
    unsure = _is_unsure(one) or _is_unsure(holder)
    return replace(
        one,
        verdict=Verdict.UNKNOWN if unsure else Verdict.ALLOWED,
        by=holder.by,
        conditions=holder.conditions,
        missing=tuple(dict.fromkeys((*one.missing, *holder.missing))),
        alternatives=(),
        via=(step, *holder.via),
    )


# ---- circles --------------------------------------------------------------------------------


def circles(assumed_by: Edges) -> list[list[str]]:
    """Give one shortest circle of each knot of roles that can become each other.

    `assumed_by` tells for each role which roles can assume it. A circle is listed in the order of
    assuming, and starts with the role whose ARN sorts first.
    """
    found = []
    for knot in _knots(assumed_by):
        start = min(knot)
        circle = _circle_at(start, set(knot), assumed_by)
        if circle:
            found.append(circle)
    return sorted(found)


def _circle_at(start: str, knot: set[str], assumed_by: Edges) -> list[str]:
    """Give the shortest way from a role back to itself inside its knot; empty where none is."""
    nearer: dict[str, str] = {}
    level = [start]
    while level:
        following = []
        for role in level:
            for other in assumed_by.get(role, ()):
                if other == start:
                    way = [start]
                    while role != start:
                        way.append(role)
                        role = nearer[role]
                    return way
                if other in knot and other not in nearer:
                    nearer[other] = role
                    following.append(other)
        level = following
    return []


def _knots(edges: Edges) -> Iterator[list[str]]:
    """Give the strongly connected components (Tarjan), without recursion: chains may be long."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    held: dict[str, None] = {}
    for root in edges:
        if root in number:
            continue
        number[root] = low[root] = len(number)
        held[root] = None
        path = [(root, iter(edges[root]))]
        while path:
            role, others = path[-1]
            following = next((one for one in others if one in edges), None)
            if following is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[role])
                if low[role] == number[role]:
                    knot: list[str] = []
                    while not knot or knot[-1] != role:
                        knot.append(held.popitem()[0])
                    yield knot
            elif following not in number:
                number[following] = low[following] = len(number)
                held[following] = None
                path.append((following, iter(edges[following])))
            elif following in held:
                low[role] = min(low[role], number[following])


def _circle(roles: list[str]) -> Finding:
    way = " \N{RIGHTWARDS ARROW} ".join(f"`{role}`" for role in (*roles, roles[0]))
    return Finding(
        "PE1906",
        Severity.NOTE,
        f"a role chain runs in a circle: {way}",
        help="a session can renew itself there beyond its duration; drop a link if none needs it",
    )
