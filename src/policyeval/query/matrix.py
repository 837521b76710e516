"""Every principal by every action by every resource: the answers of `evaluate`, few of them asked.

Whoever no statement can let in is denied without evaluation, as in `who_can`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policyeval.context import Facts
from policyeval.environment.model import Environment
from policyeval.finding import Finding
from policyeval.query.asking import Asking, refuse_caller_keys
from policyeval.query.candidates import candidates, root_of
from policyeval.query.index import index_of
from policyeval.query.remarks import remarks
from policyeval.value import Value, Word


class Answer(Word):
    """What a cell says; which kind of denial it is, `why` tells."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


class Matrix(Value):
    """The answers for all combinations.

    `rows` holds for each principal and each resource, in this order, a tuple with the answer for
    each action. `evaluated` counts evaluations.
    """

    principals: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    rows: Mapping[tuple[str, str], tuple[Answer, ...]]
    evaluated: int = 0
    findings: tuple[Finding, ...] = ()

    def answer(self, principal: str, action: str, resource: str) -> Answer:
        """Give one cell."""
        return self.rows[principal, resource][self.actions.index(action)]


def matrix(
    environment: Environment,
    principals: Sequence[str],
    actions: Sequence[str],
    resources: Sequence[str],
    *,
    context: Mapping[str, Any] | None = None,
    facts: Facts = Facts.TYPED,
) -> Matrix:
    """Give the answers for all principals, actions and resources.

    All are full texts as `Request.of` takes them: ARNs, `service:Action`; each is asked once.
    `context` goes with every request. Raises InvalidRequestError, or InvalidArnError for a
    malformed ARN.
    """
    refuse_caller_keys(context or {})
    index = index_of(environment)
    who, what, where = (tuple(dict.fromkeys(texts)) for texts in (principals, actions, resources))
    roots = {root_of(environment, index, account) for account in index.accounts}
    indexed = {text for text in who if text in index.principals or text in roots}
    cells: dict[tuple[str, str], list[Answer]] = {
        (principal, resource): [] for principal in who for resource in where
    }
    evaluated = 0
    findings: dict[Finding, None] = {}
    for resource in where:
        for place, action in enumerate(what):
            asking = Asking(environment, action, resource, context or {}, facts)
            if not place:
                findings.update(dict.fromkeys(remarks(asking, index)))
            perhaps = set(candidates(environment, asking.request)) if indexed else set()
            for principal in who:
                answer = Answer.DENIED
                if principal in perhaps or principal not in indexed:
                    evaluated += 1
                    answer = _answer(asking, principal)
                cells[principal, resource].append(answer)
    return Matrix(who, what, where, {place: tuple(row) for place, row in cells.items()}, evaluated)


def _answer(asking: Asking, principal: str) -> Answer:
    decision = asking.decide(principal)
    if decision.unknown:
        return Answer.UNKNOWN
    return Answer.ALLOWED if decision.allowed else Answer.DENIED
