"""What can a principal do? Each pattern of its policies is cut by what the other layers say.

The resources of an Allow are a region. What else the policies list inside it is cut out, and every
piece is decided by `evaluate` on one resource that stands for it: a text that matches the piece and
none of the patterns that would tell its texts apart. So nothing is listed that was not evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policyeval.context import Facts
from policyeval.decision import Decision, Naming, Verdict
from policyeval.environment.model import Environment, OwnedResource
from policyeval.errors import InvalidArnError, InvalidRequestError
from policyeval.evaluation.caller import caller_of
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.policy import Effect
from policyeval.principal import PrincipalKind
from policyeval.query.asking import OWNER_GUESSED, Asking
from policyeval.query.conditions import conditions_of, granting_statements
from policyeval.query.grant import Grant, WhatCan
from policyeval.query.patterns import Budget, Pattern, Undecided, covers, overlap, witness
from policyeval.query.reach import (
    ANYTHING,
    Group,
    Spoken,
    covered,
    every_action,
    groups_of,
    holder_patterns,
    spoken_by,
    types_of,
)
from policyeval.query.shapes import fits, shapes_of
from policyeval.stack import Layer
from policyeval.value import Value, replace

MOST_CUTS = 256

Region = tuple[Pattern, ...]
"""All of these patterns must match."""


def what_can(  # noqa: PLR0913 - the parts of the question
    environment: Environment,
    principal: str,
    *,
    resource: str = "",
    actions: Iterable[str] | None = None,
    context: Mapping[str, Any] | None = None,
    resource_account: str | None = None,
    facts: Facts = Facts.TYPED,
    any_context: bool = False,
) -> WhatCan:
    """Give what a principal can do: actions of the catalogue, on which resources.

    With `resource`, the actions on that one; with `actions`, patterns, those alone. What the
    principal's own account holds is taken to have no resource policy unless the environment knows
    one. Raises InvalidRequestError, or InvalidArnError for a malformed ARN.
    """
    asking = Asking(
        environment, "", resource or "*", context or {}, facts, resource_account, any_context
    )
    known = every_action()
    if actions is not None:
        known = frozenset().union(*map(covered, actions))
    return _Search(asking, principal, resource, known).answer()


class Piece(Value):
    """A grant with the patterns of its region, and of what is cut out."""

    region: Region
    cuts: tuple[Pattern, ...]
    grant: Grant


class _Search:
    """One question while it is answered."""

    def __init__(
        self, asking: Asking, principal: str, resource: str, known: frozenset[str]
    ) -> None:
        self.asking, self.principal, self.resource = asking, principal, resource
        self.known = known
        self.budget = Budget()
        asked = replace(asking, action="policyeval:Anything").request(principal)
        self.request, self.stack = asking.environment.resolve(asked)
        self.caller = caller_of(self.request, self.stack)
        self.spoken = spoken_by(asking.environment, self.request, self.stack)
        self.findings: dict[Finding, None] = {
            finding: None for finding in self.request.findings if finding.code != OWNER_GUESSED
        }
        self.apart = [
            pattern
            for entry in asking.environment.resources.values()
            if self._stands_apart(entry)
            for pattern in holder_patterns(entry.arn)
        ]

    def answer(self) -> WhatCan:
        granting = [place for place, one in enumerate(self.spoken) if self._may_grant(one)]
        groups, nothing = groups_of(self.spoken, granting, self.known)
        root = self.request.principal.kind is PrincipalKind.ROOT_USER
        if root:
            known = {action for group in groups for action in group.actions}
            groups += _every_other(self.known - known)
        for text in nothing:
            self.findings[_no_action(text)] = None
        grants: list[Grant] = []
        for group in groups:
            wide = [ANYTHING] if root else []
            found = self._on_one(group) if self.resource else self._regions(group, wide)
            grants += found
        return WhatCan(
            self.principal,
            self.resource,
            tuple(_merged(grants)),
            self.asking.any_context,
            tuple(self.findings),
        )

    def _may_grant(self, one: Spoken) -> bool:
        if one.statement.effect is Effect.DENY:
            return False
        if one.layer is Layer.IDENTITY_POLICY:
            return True
        element = one.compiled.principal
        named = element is None or element.naming(self.caller) != Naming.NOT_NAMED
        return one.layer is Layer.RESOURCE_POLICY and named

    def _stands_apart(self, entry: OwnedResource) -> bool:
        """Tell whether a resource is decided otherwise than any other of the caller's account."""
        foreign = bool(entry.owner) and entry.owner != self.request.principal.account
        return foreign or any(document.policy is None for document in entry.policy or ())

    def _decide(self, action: str, resource: str) -> Decision | None:
        """Evaluate one piece; None where no request can be made of it."""
        try:
            asking = replace(self.asking, action=action, resource=resource)
            return asking.decide(self.principal)
        except (InvalidArnError, InvalidRequestError):
            return None

    # ---- one resource ---------------------------------------------------------------------

    def _on_one(self, group: Group) -> Iterator[Grant]:
        one = Pattern(self.resource, (self.resource,))
        if not any(fits(shapes, self.resource) for shapes in self._shapes(group)):
            return
        decision = self._decide(group.actions[0], self.resource)
        if decision is not None and not decision.denied:
            yield _grant(group, (one,), (), decision)

    def _shapes(self, group: Group) -> list[tuple[Pattern, ...]]:
        caller = self.request.principal
        types = types_of(group.actions[0])
        service = group.actions[0].partition(":")[0]
        return shapes_of(types, service, caller.partition or "aws", caller.account)

    # ---- regions --------------------------------------------------------------------------

    def _regions(self, group: Group, wide: list[Pattern]) -> list[Grant]:
        speaking = [self.spoken[place] for place in group.spoken]
        granted = [*wide]
        limits: list[Pattern] = []
        cuts: list[Pattern] = list(self.apart)
        for one in speaking:
            allows = one.statement.effect is Effect.ALLOW
            if one.negated == allows:
                cuts += one.patterns
            elif one.place and not allows:
                cuts += holder_patterns(one.place)
            if self._may_grant(one):
                granted += (ANYTHING,) if one.negated else one.patterns
            elif allows != one.negated and one.layer is not Layer.RESOURCE_POLICY:
                limits += one.patterns
        regions = dict.fromkeys(_pieces(_distinct(granted), _distinct(limits), self.budget))
        found: list[Piece] = []
        for region in regions:
            found += self._region(group, region, _distinct(cuts))
        return [
            piece.grant for place, piece in enumerate(found) if not _held(place, found, self.budget)
        ]

    def _region(self, group: Group, region: Region, cuts: list[Pattern]) -> Iterator[Piece]:
        """Decide a region: for each kind of resource that the actions have, then what is cut."""
        decided: list[tuple[Pattern, Decision]] = []
        for shapes in self._shapes(group):
            try:
                example = _example(region, shapes, self.budget)
            except Undecided:
                self.findings[_too_many(self.principal)] = None
                return
            decision = self._decide(group.actions[0], example) if example is not None else None
            if decision is not None:
                decided.append((shapes[-1], decision))
        positive = [each for each in decided if not each[1].denied]
        if not positive:
            return
        first = _rests_on(decided[0][1])
        if all(_rests_on(decision) == first for _, decision in decided):
            yield from self._cut(group, region, positive[0][1], cuts)
            return
        for kind, decision in positive:
            yield from self._cut(group, _narrowed(region, kind), decision, cuts)

    def _cut(
        self,
        group: Group,
        region: Region,
        decision: Decision,
        cuts: list[Pattern],
        *,
        nested: bool = False,
    ) -> Iterator[Piece]:
        """Give a region without what the patterns cut out, and the pieces cut out of it.

        A piece is cut out where its answer is another, or rests on other conditions. One that may
        be allowed all the same is a piece of its own.
        """
        excepts: list[Pattern] = []
        for place, cut in enumerate(cuts):
            if place >= MOST_CUTS:
                self.findings[_too_many(self.principal)] = None
                excepts += cuts[place:]
                break
            if any(covers(cut, pattern) for pattern in region):
                continue
            try:
                others = self._where_it_differs(group, region, cut, decision)
            except Undecided:
                self.findings[_too_many(self.principal)] = None
                excepts.append(cut)
                continue
            if not others:
                continue
            excepts.append(cut)
            if not nested and all(not other.denied for other in others):
                inside = all(covers(pattern, cut) for pattern in region)
                piece = (cut,) if inside else (*region, cut)
                yield from self._cut(group, piece, others[0], cuts, nested=True)
        texts = tuple(dict.fromkeys(cut.text for cut in excepts))
        yield Piece(region, tuple(excepts), _grant(group, region, texts, decision))

    def _where_it_differs(
        self, group: Group, region: Region, cut: Pattern, decision: Decision
    ) -> list[Decision]:
        """Give the answers where a pattern meets the region, if one of them is another."""
        found: list[Decision] = []
        for shapes in self._shapes(group):
            example = _example((*region, cut), shapes, self.budget)
            other = self._decide(group.actions[0], example) if example is not None else None
            if other is not None:
                found.append(other)
        said = _rests_on(decision)
        return found if any(_rests_on(other) != said for other in found) else []


def _rests_on(decision: Decision) -> tuple[Any, ...]:
    """Give the verdict and the conditions, so that equal ones compare equal."""
    if decision.denied:
        return ("denied",)
    conditions = conditions_of(decision)
    return decision.verdict, [(id(each.ref.statement), each.clauses) for each in conditions]


def _example(region: Region, shapes: tuple[Pattern, ...], budget: Budget) -> str | None:
    """Give a resource of a region that has the shape of a kind; the first shape that fits."""
    for shape in shapes:
        if shape.text == "*":
            return "*" if all(pattern.matches("*") for pattern in region) else None
        found = witness((*region, shape), budget)
        if found is not None and shape.matches(found):
            return found
    return None


def _distinct(patterns: Iterable[Pattern]) -> list[Pattern]:
    return list({pattern.tokens: pattern for pattern in patterns}.values())


def _pieces(granted: list[Pattern], limits: list[Pattern], budget: Budget) -> Iterator[Region]:
    """Give the regions of the granted patterns, and where a limiting pattern meets them."""
    for pattern in granted:
        yield (pattern,)
        for limit in limits:
            if covers(limit, pattern):
                continue
            if covers(pattern, limit):
                yield (limit,)
            elif overlap((pattern, limit), budget):
                yield (pattern, limit)


def _narrowed(region: Region, kind: Pattern) -> Region:
    """Give the part of a region that is of a kind."""
    if all(covers(pattern, kind) for pattern in region):
        return (kind,)
    return region if any(covers(kind, pattern) for pattern in region) else (*region, kind)


def _held(place: int, found: list[Piece], budget: Budget) -> bool:
    """Tell whether a piece lies whole in another that says the same."""
    piece = found[place]
    for other_place, other in enumerate(found):
        if other_place == place or not _says_as_much(other.grant, piece.grant):
            continue
        inside = all(any(covers(wide, narrow) for narrow in piece.region) for wide in other.region)
        if not inside or any(overlap((*piece.region, cut), budget) for cut in other.cuts):
            continue
        if other.region != piece.region or other_place < place:
            return True
    return False


def _says_as_much(other: Grant, grant: Grant) -> bool:
    if other.verdict is Verdict.ALLOWED and not other.conditions:
        return True
    return (other.verdict, other.conditions, other.missing) == (
        grant.verdict,
        grant.conditions,
        grant.missing,
    )


def _grant(group: Group, region: Region, excepts: tuple[str, ...], decision: Decision) -> Grant:
    return Grant(
        group.actions,
        tuple(dict.fromkeys(pattern.text for pattern in region)),
        excepts,
        decision.verdict,
        granting_statements(decision),
        conditions_of(decision),
        decision.missing,
        decision.request.resource.text,
    )


def _merged(grants: Iterable[Grant]) -> Iterator[Grant]:
    """Put the actions of equal grants together."""
    found: dict[Any, list[Grant]] = {}
    for grant in grants:
        by = tuple((id(ref.statement), ref.level) for ref in grant.by)
        under = tuple((id(each.ref.statement), each.clauses) for each in grant.conditions)
        key = (grant.within, grant.excepts, grant.verdict, by, under, grant.missing)
        found.setdefault(key, []).append(grant)
    for same in found.values():
        actions = {action for grant in same for action in grant.actions}
        yield replace(same[0], actions=tuple(sorted(actions)))


def _every_other(actions: frozenset[str]) -> list[Group]:
    """The actions of the catalogue that no granting statement covers, for a root user."""
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for action in sorted(actions):
        groups.setdefault((action.partition(":")[0], types_of(action)), []).append(action)
    return [Group(tuple(names), ()) for names in groups.values()]


def _no_action(text: str) -> Finding:
    return Finding(
        "PE1908",
        Severity.WARNING,
        f"the action catalogue has no action that {quote(text)} covers: what it allows is not told",
        help="check the spelling; a service that is newer than the catalogue is not in it",
    )


def _too_many(principal: str) -> Finding:
    return Finding(
        "PE1909",
        Severity.WARNING,
        f"too many or too tangled patterns could cut what {quote(principal)} can do: those beyond "
        "are taken to deny",
        help="ask about one resource: policyeval can PRINCIPAL --on RESOURCE",
    )
