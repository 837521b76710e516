"""The search for a request that a statement matches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from policyeval.arn import is_account_id
from policyeval.catalogue.lookup import has_no_resource
from policyeval.context import ABSENT
from policyeval.decision import Outcome, Verdict
from policyeval.environment.index import policy_holder
from policyeval.errors import PolicyEvalError
from policyeval.evaluation.compile import USES, compile_statement
from policyeval.evaluation.engine import evaluate, evaluate_once
from policyeval.evaluation.facts_used import POLICIES
from policyeval.matching.result import YES
from policyeval.matching.statement import CompiledStatement
from policyeval.policy import Effect, PolicyType, ResourceElement, Statement, Wildcard
from policyeval.request import Request
from policyeval.testing.generate.facts import satisfying, variables_of
from policyeval.testing.generate.ground import Ground, is_of, is_rcp, regions_of
from policyeval.testing.generate.places import MADE_UP_ACCOUNT, Place, callers_at
from policyeval.testing.generate.probe import BEST_SCORE, Asked, Probe, merged, outcome_of, score
from policyeval.testing.generate.texts import (
    OTHER_ACCOUNT,
    Whereabouts,
    actions_inside,
    fits,
    resources_inside,
    resources_of_action,
    resources_shared,
)
from policyeval.testing.generate.written import is_writable
from policyeval.value import replace

MOST_TRIES = 400
MOST_TRIES_FOR_ONE = 60
MOST_ACTIONS = 24
MOST_RESOURCES = 16
MOST_ROUNDS = 3

_ANYWHERE = ResourceElement(False, ())


class Inside:
    """Finds requests inside of statements."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def find(self, place: Place, statement: Statement) -> Probe | None:
        """Give a request that the statement matches; where there is a choice, one it decides."""
        best: Probe | None = None
        for loose in (False, True):
            tries = 0
            for caller in dict.fromkeys(callers_at(place, statement, self._ground.environment)):
                if tries >= MOST_TRIES:
                    break
                found = self._of_caller(place, statement, caller, loose=loose)
                for probe in islice(found, MOST_TRIES_FOR_ONE):
                    tries += 1
                    if probe is None:
                        continue
                    if best is None or score(probe) > score(best):
                        best = probe
                    if score(best) == BEST_SCORE:
                        return best
            if best is not None:
                return best
        return None

    def _of_caller(
        self, place: Place, statement: Statement, caller: str, *, loose: bool
    ) -> Iterator[Probe | None]:
        """Try the actions and resources of a statement; None for each that is not inside."""
        compiled = compile_statement(statement, USES[place.layer])
        actions = [
            action
            for action in islice(
                actions_inside(statement.action, self._ground.used), MOST_ACTIONS * 4
            )
            if is_of(place, action, caller)
        ][:MOST_ACTIONS]
        for fitting in (True, False):
            for action in actions:
                for where, given in self._whereabouts(
                    place, statement, caller, action, loose=loose
                ):
                    yield None  # counts as a try
                    listed = self._resources(place, statement, action, where)
                    chosen = _chosen(listed, action, compiled, where, fitting=fitting)
                    for resource in islice(chosen, MOST_RESOURCES):
                        account = where.resource_account
                        if account is not None and not self._needs_account(resource):
                            account = None
                        asked = Asked(caller, action, resource, given, account, place.session)
                        yield self._tried(place, statement, compiled, asked, where, loose=loose)

    def _whereabouts(
        self, place: Place, statement: Statement, caller: str, action: str, *, loose: bool
    ) -> Iterator[tuple[Whereabouts, Mapping[str, str | None]]]:
        """Give what stands for wildcards, with texts for variables: for each account to try."""
        compiled = compile_statement(statement, USES[place.layer])
        try:
            request = Request.of(caller, action, "*")
        except PolicyEvalError:
            return
        request, _ = self._ground.source(place.session).resolve(request)
        own = request.principal.account or place.owner or MADE_UP_ACCOUNT
        for account, resource_account in _accounts(place, compiled, own):
            where = Whereabouts(
                account,
                regions_of(statement),
                request.context.entries,
                self._ground.environment.partition,
                resource_account,
                self._ground.has_organization,
            )
            context = request.context
            told = {"aws:ResourceAccount": (account,), "s3:ResourceAccount": (account,)}
            if not place.resource:
                context = context.with_derived(told)
            given = variables_of(compiled, context, where, loose=loose)
            if given is None:
                continue
            texts = {key.lower(): (text,) for key, text in given.items() if text is not None}
            yield replace(where, entries={**context.entries, **texts}), given

    def _resources(
        self, place: Place, statement: Statement, action: str, where: Whereabouts
    ) -> Iterator[str]:
        """Give resources for an action, fitting or not: those that are known first."""
        element = statement.resource or _ANYWHERE
        own = [
            text
            for template in element.patterns[:MOST_RESOURCES]
            if not element.negated and template.pieces != (Wildcard.ANY_RUN,)
            for text in resources_inside(template, where)
        ]
        if place.resource:
            if place.use is PolicyType.TRUST:
                yield place.resource
                return
            below = [place.resource, f"{place.resource}/example.txt"]
            own = [text for text in own if policy_holder(text) == policy_holder(place.resource)]
            yield from (*below, *own)
            return
        if has_no_resource(action):
            yield "*"
        known = self._ground.things(place)
        made_up = resources_of_action(action, where)
        yield from (text for text in known if fits(action, text))
        yield from own
        yield from made_up
        if not element.negated:
            for template in element.patterns[:MOST_RESOURCES]:
                yield from resources_shared(template, action, where)
        yield "*"

    def _needs_account(self, resource: str) -> bool:
        """Tell whether nothing else says that a resource is in an account below the place."""
        parts = resource.split(":")
        if len(parts) > 5 and parts[4]:
            return False
        entry = self._ground.environment.index.resource(resource)
        return entry is None or not entry.owner

    def _tried(
        self,
        place: Place,
        statement: Statement,
        compiled: CompiledStatement,
        asked: Asked,
        where: Whereabouts,
        *,
        loose: bool,
    ) -> Probe | None:
        if place.endpoint is not None:
            through = {"aws:SourceVpce": place.endpoint.id}
            asked = replace(asked, context=merged(asked.context, through))
        source = self._ground.source(asked.session)
        try:
            request, _ = source.resolve(asked.request())
            facts = satisfying(compiled, request.context, where, loose=loose)
            if facts is None:
                return None
            asked = replace(asked, context=merged(asked.context, facts))
            if not is_writable(asked.resource, *(text or "" for text in asked.context.values())):
                return None
            decision = evaluate_once(asked.request(), source)
        except PolicyEvalError:
            return None
        if outcome_of(statement, place.layer, decision) is not Outcome.MATCHED:
            return None
        probe = Probe(place, statement, asked, evaluate(asked.request(), source))
        return self._settled(probe)

    def _settled(self, probe: Probe) -> Probe:
        """Tell the facts that an unknown answer waits for, so that the statement can decide."""
        for _ in range(MOST_ROUNDS):
            decision = probe.decision
            if not decision.unknown or any(key.startswith(POLICIES) for key in decision.missing):
                return probe
            denies = probe.statement.effect is Effect.DENY
            wanted = Verdict.EXPLICIT_DENY if denies else Verdict.ALLOWED
            open_ = sorted(decision.alternatives, key=lambda each: each.verdict is not wanted)
            further = None
            for alternative in open_[:4]:
                told = {key: value for key, value in alternative.facts if _may_be_told(key)}
                if not told or len(told) < len(alternative.facts):
                    continue
                changed = self._ground.changed(probe, context=merged(probe.asked.context, told))
                if changed is not None and changed.inside:
                    further = changed
                    break
            if further is None:
                return probe
            probe = further
        return probe


def _chosen(
    listed: Iterable[str],
    action: str,
    compiled: CompiledStatement,
    where: Whereabouts,
    *,
    fitting: bool,
) -> Iterator[str]:
    """Give the resources that a statement covers, each once: those that fit the action, or not."""
    seen: set[str] = set()
    for text in listed:
        if text in seen:
            continue
        seen.add(text)
        covered = compiled.resource is None or compiled.resource(text, where.entries, ABSENT) == YES
        if covered and fits(action, text) is fitting:
            yield text


_KEYS_OF_OWNERS = ("aws:resourceaccount", "s3:resourceaccount", "aws:resourceorg")


def _accounts(
    place: Place, compiled: CompiledStatement, own: str
) -> Iterator[tuple[str, str | None]]:
    """Give accounts for resources, each with what a test says where the ARN does not tell it."""
    if is_rcp(place):
        for account in place.accounts[:2]:
            yield account, account
        return
    yield own, None
    if place.resource or not any(key.startswith(_KEYS_OF_OWNERS) for key in compiled.keys):
        return
    named = [
        value.text
        for clause in compiled.statement.condition
        if clause.key.lower().startswith(_KEYS_OF_OWNERS)
        for value in clause.values[:4]
        if is_account_id(value.text)
    ]
    for account in dict.fromkeys((*named, OTHER_ACCOUNT)):
        yield account, account


def _may_be_told(key: str) -> bool:
    return ":" in key and not key.startswith(POLICIES)
