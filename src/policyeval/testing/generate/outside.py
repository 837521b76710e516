"""Requests that differ from one inside a statement by one thing, and are outside by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from policyeval.context import ABSENT
from policyeval.environment.index import policy_holder
from policyeval.errors import PolicyEvalError
from policyeval.evaluation.compile import USES, compile_statement
from policyeval.matching.action import compile_action
from policyeval.matching.statement import is_about_callers
from policyeval.policy import PolicyType
from policyeval.testing.generate.facts import failing
from policyeval.testing.generate.ground import MOST_USED, Ground, is_of, is_rcp, regions_of
from policyeval.testing.generate.places import MADE_UP_ACCOUNT, others_at
from policyeval.testing.generate.probe import Asked, Probe, Varies, merged
from policyeval.testing.generate.texts import Whereabouts, actions_outside, fits, neighbours
from policyeval.value import replace

MOST_NEIGHBOURS = 40


class Outside:
    """Finds requests just outside of statements."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def find(self, probe: Probe) -> Iterator[Probe]:
        """Give requests that differ from one inside by one thing, and are outside by it."""
        yield from self._by_condition(probe)
        about_callers = is_about_callers(probe.statement)
        if about_callers:
            yield from self._by_principal(probe)
        yield from self._by_resource(probe)
        yield from self._by_action(probe)
        if not about_callers:
            yield from self._by_principal(probe)

    def _by_condition(self, probe: Probe) -> Iterator[Probe]:
        compiled = compile_statement(probe.statement, USES[probe.place.layer])
        if not compiled.clauses:
            return
        context = probe.decision.request.context
        region = regions_of(probe.statement)
        account = probe.decision.request.principal.account or MADE_UP_ACCOUNT
        organization = self._ground.has_organization
        where = Whereabouts(account, region, context.entries, has_organization=organization)
        for key, value in islice(failing(compiled, context, where), MOST_NEIGHBOURS):
            if key.lower() == "aws:sourcevpce" and probe.place.endpoint is not None:
                continue
            context_of_test: Mapping[str, str | None] = merged(probe.asked.context, {key: value})
            if value is None:
                context_of_test = self._without(probe.asked, context_of_test, key)
            yield from self._outside(probe, Varies.CONDITION, key, context=context_of_test)

    def _without(
        self, asked: Asked, context: Mapping[str, str | None], key: str
    ) -> Mapping[str, str | None]:
        """Leave a key away where that makes it absent too."""
        kept = {name: value for name, value in context.items() if name.lower() != key.lower()}
        try:
            shorter = replace(asked, context=kept)
            request, _ = self._ground.source(asked.session).resolve(shorter.request())
        except PolicyEvalError:
            return context
        return kept if request.context[key] is ABSENT else context

    def _by_resource(self, probe: Probe) -> Iterator[Probe]:
        asked, place = probe.asked, probe.place
        if asked.resource == "*" or place.use is PolicyType.TRUST:
            return
        known = (arn for arn in self._ground.things(place) if fits(asked.action, arn))
        listed = dict.fromkeys((*known, *neighbours(asked.resource)))
        for resource in islice(listed, MOST_NEIGHBOURS):
            holder = policy_holder(resource)
            if place.resource and holder != policy_holder(place.resource):
                continue
            yield from self._outside(probe, Varies.RESOURCE, resource, resource=resource)

    def _by_action(self, probe: Probe) -> Iterator[Probe]:
        asked = probe.asked
        service = asked.action.partition(":")[0].lower()
        listed = islice(
            actions_outside(probe.statement.action, service, self._ground.used), MOST_USED
        )
        fitting = (
            action
            for action in listed
            if fits(action, asked.resource) and is_of(probe.place, action, asked.principal)
        )
        for action in islice(fitting, MOST_NEIGHBOURS):
            yield from self._outside(probe, Varies.ACTION, action, action=action)
        everywhere = compile_statement(probe.statement, USES[probe.place.layer]).resource is None
        if everywhere and not probe.place.resource and not is_rcp(probe.place):
            # The resource does not matter to the statement, so it may go with the action.
            for action in ("sts:GetCallerIdentity", "ec2:DescribeInstances"):
                if not compile_action(probe.statement.action)(action.lower()):
                    yield from self._outside(
                        probe, Varies.ACTION, action, action=action, resource="*"
                    )

    def _by_principal(self, probe: Probe) -> Iterator[Probe]:
        listed = dict.fromkeys(others_at(probe.place, probe.statement, self._ground.environment))
        for caller in listed:
            if is_of(probe.place, probe.asked.action, caller):
                yield from self._outside(probe, Varies.PRINCIPAL, caller, principal=caller)
                yield from self._outside(
                    probe, Varies.CONDITION, caller, outcome=Varies.PRINCIPAL, principal=caller
                )

    def _outside(
        self,
        probe: Probe,
        varies: Varies,
        detail: str,
        *,
        outcome: Varies | None = None,
        **changes: Any,
    ) -> Iterator[Probe]:
        changed = self._ground.changed(probe, **changes)
        if changed is not None and changed.varies is varies:
            yield replace(changed, varies=outcome or varies, detail=detail)
