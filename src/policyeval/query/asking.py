"""One question asked of many principals: the same action, resource and context for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.context import ABSENT, Facts
from policyeval.decision import Decision
from policyeval.environment.model import Environment
from policyeval.errors import InvalidRequestError
from policyeval.evaluation.completions import settle
from policyeval.evaluation.engine import evaluate_once
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.request import Request
from policyeval.value import Value, replace

OWNER_GUESSED = "PE1401"
_OF_THE_CALLER = frozenset(
    {
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principaltype",
        "aws:userid",
        "aws:username",
    }
)

_OUTSIDE_ORGANIZATION = {
    f"aws:{who}{key}": ABSENT for who in ("Principal", "Resource") for key in ("OrgID", "OrgPaths")
}
"""What holds of an account that is no member; the environment knows better of members."""


class Asking(Value):
    """What is asked. `any_context`: keys that are neither given nor derived are unknown."""

    environment: Environment
    action: str
    resource: str
    context: Mapping[str, Any] = {}
    facts: Facts = Facts.TYPED
    resource_account: str | None = None
    any_context: bool = False

    def request(self, principal: str, extra: Mapping[str, Any] | None = None) -> Request:
        """Give the request of one principal; `extra` are context keys of this caller alone."""
        request = Request.of(
            principal,
            self.action,
            self.resource,
            {**self.context, **(extra or {})},
            resource_account=self.resource_account,
            facts=Facts.PARTIAL if self.any_context else self.facts,
        )
        return self._of_any_context(request) if self.any_context else request

    def _of_any_context(self, request: Request) -> Request:
        """Leave to the call what the call decides: layers not given stay as the facts have them.

        Who belongs to an organization is no matter of the call, where its members are known.
        """
        context = request.context
        if self.environment.index.members:
            context = context.with_derived(_OUTSIDE_ORGANIZATION)
        return replace(request, context=context, facts=self.facts)

    def decide(self, principal: str, extra: Mapping[str, Any] | None = None) -> Decision:
        """Decide for one principal, as `evaluate` does."""
        decision = evaluate_once(self.request(principal, extra), self.environment)
        # Where no open answer is an allow, trying facts would only tell the kind of denial.
        return settle(decision, evaluate_once) if decision.unknown else decision


def refuse_caller_keys(context: Mapping[str, Any]) -> None:
    """Raise InvalidRequestError for keys that tell who calls: the question is about everyone."""
    for key in context:
        if key.lower() in _OF_THE_CALLER:
            raise InvalidRequestError(
                f"{quote(key)} tells who calls, and this question is about every principal",
                (
                    Finding(
                        "PE1901",
                        Severity.ERROR,
                        f"{quote(key)} tells who calls, and this question is about every principal",
                        help="leave the key out, or ask about one principal: policyeval why",
                    ),
                ),
            )
