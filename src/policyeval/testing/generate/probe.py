"""Probes: requests that are known to be inside a statement, or outside it by one thing."""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.decision import Decision, Outcome, Verdict
from policyeval.policy import Effect, Statement
from policyeval.request import Request
from policyeval.stack import Layer
from policyeval.testing.generate.places import Place
from policyeval.value import Value, Word

BEST_SCORE = 3


class Varies(Word):
    """By what a request is outside a statement; for words, not for logic."""

    CONDITION = "condition"
    RESOURCE = "resource"
    ACTION = "action"
    PRINCIPAL = "principal"


OUTCOMES = {
    Varies.CONDITION: Outcome.CONDITION_FAILS,
    Varies.RESOURCE: Outcome.RESOURCE_DIFFERS,
    Varies.ACTION: Outcome.ACTION_DIFFERS,
    Varies.PRINCIPAL: Outcome.PRINCIPAL_DIFFERS,
}


class Asked(Value):
    """What a test asks, in full texts. Context values are texts, or None for absent."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, str | None] = {}
    resource_account: str | None = None
    session: str = ""

    def request(self) -> Request:
        """Give the request; raises InvalidRequestError or InvalidArnError."""
        return Request.of(
            self.principal,
            self.action,
            self.resource,
            dict(self.context),
            resource_account=self.resource_account,
        )


class Probe(Value):
    """One request with the answer of today.

    `varies` is None for one inside the statement; else by what it is outside, and `detail` the
    context key, action, resource or principal that differs.
    """

    place: Place
    statement: Statement
    asked: Asked
    decision: Decision
    varies: Varies | None = None
    detail: str = ""

    @property
    def inside(self) -> bool:
        """True where the statement matches the request."""
        return self.varies is None


def outcome_of(statement: Statement, layer: Layer, decision: Decision) -> Outcome | None:
    """Give how a statement answered; None where its layer was not asked at all."""
    said = decision.layer(layer)
    found = [outcome for ref, outcome in said.trace if ref.statement is statement]
    if found:
        return Outcome.MATCHED if Outcome.MATCHED in found else found[0]
    return None if said.reason else Outcome.ACTION_DIFFERS


def score(probe: Probe) -> int:
    """Rank a probe inside a statement: 3 where that shows in the answer, 0 where it is unknown."""
    decision = probe.decision
    if decision.unknown:
        return 0
    if probe.statement.effect is Effect.ALLOW:
        return BEST_SCORE if decision.allowed else 1
    if decision.verdict is not Verdict.EXPLICIT_DENY:
        return 1
    return BEST_SCORE if decision.decided_by is probe.place.layer else 2


def merged(
    context: Mapping[str, str | None], changes: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Put changes over a context; the letter case does not tell keys apart."""
    folded = {key.lower() for key in changes}
    kept = {key: value for key, value in context.items() if key.lower() not in folded}
    return {**kept, **changes}
