"""Requests inside a statement, and requests outside it by one thing only.

Every probe is asked before it is handed out: the trace of the decision tells whether the statement
matched. What the search does not find, it does not give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from policyeval.arn import is_account_id
from policyeval.context import ABSENT
from policyeval.decision import Decision, Outcome, Verdict
from policyeval.environment.index import policy_holder
from policyeval.environment.model import Environment
from policyeval.errors import PolicyEvalError
from policyeval.evaluation.compile import USES, compile_statement
from policyeval.evaluation.engine import evaluate, evaluate_once
from policyeval.evaluation.facts_used import POLICIES
from policyeval.matching.action import compile_action
from policyeval.matching.result import YES
from policyeval.matching.statement import CompiledStatement
from policyeval.policy import Effect, PolicyType, ResourceElement, Statement, Wildcard
from policyeval.request import Request
from policyeval.stack import Layer, PolicySource
from policyeval.testing.generate.facts import failing, satisfying, variables_of
from policyeval.testing.generate.places import MADE_UP_ACCOUNT, Place, callers_at, others_at
from policyeval.testing.generate.texts import (
    OTHER_ACCOUNT,
    Whereabouts,
    actions_inside,
    actions_outside,
    fits,
    has_no_resource,
    neighbours,
    resources_inside,
    resources_of_action,
    resources_shared,
)
from policyeval.value import Value, Word, replace

MOST_TRIES = 400
MOST_TRIES_FOR_ONE = 60
MOST_ACTIONS = 24
MOST_RESOURCES = 16
MOST_NEIGHBOURS = 40
MOST_USED = 300
MOST_ENTRIES = 40
MOST_ROUNDS = 3

_ANYWHERE = ResourceElement(False, ())


class Varies(Word):
    """By what a request is outside a statement; for words, not for logic."""

    CONDITION = "condition"
    RESOURCE = "resource"
    ACTION = "action"
    PRINCIPAL = "principal"


_OUTCOMES = {
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


class Prober:
    """Asks a world. `environment` knows its names; it is empty where a policy is on its own."""

    def __init__(self, policies: PolicySource, environment: Environment) -> None:
        self._policies = policies
        self._environment = environment
        self._sessions: dict[str, PolicySource] = {"": policies}
        self._used = tuple(_actions_used(environment))
        self._thing_arns = tuple(_things_of(environment))

    def inside(self, place: Place, statement: Statement) -> Probe | None:
        """Give a request that the statement matches; where there is a choice, one it decides."""
        best: Probe | None = None
        for loose in (False, True):
            tries = 0
            for caller in dict.fromkeys(callers_at(place, statement, self._environment)):
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

    def outside(self, probe: Probe) -> Iterator[Probe]:
        """Give requests that differ from one inside by one thing, and are outside by it."""
        yield from self._by_condition(probe)
        yield from self._by_resource(probe)
        yield from self._by_action(probe)
        yield from self._by_principal(probe)

    # ---- inside -----------------------------------------------------------------------------

    def _of_caller(
        self, place: Place, statement: Statement, caller: str, *, loose: bool
    ) -> Iterator[Probe | None]:
        """Try the actions and resources of a statement; None for each that is not inside."""
        compiled = compile_statement(statement, USES[place.layer])
        actions = [
            action
            for action in islice(actions_inside(statement.action, self._used), MOST_ACTIONS * 4)
            if _is_of(place, action, caller)
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
                        if account is not None and not self._needs_account(resource, place):
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
        request, _ = self._source(place.session).resolve(request)
        own = request.principal.account or place.owner or MADE_UP_ACCOUNT
        for account, resource_account in _accounts(place, compiled, own):
            where = Whereabouts(
                account,
                _regions(statement),
                request.context.entries,
                self._environment.partition,
                resource_account,
                self._environment.organization is not None,
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
        known = self._things(place)
        made_up = resources_of_action(action, where)
        yield from (text for text in known if fits(action, text))
        yield from own
        yield from made_up
        if not element.negated:
            for template in element.patterns[:MOST_RESOURCES]:
                yield from resources_shared(template, action, where)
        yield "*"

    def _things(self, place: Place) -> Iterator[str]:
        index = self._environment.index
        for arn in self._thing_arns:
            if _is_rcp(place):
                entry = index.resource(arn)
                owner = (entry.owner if entry is not None else "") or arn.split(":")[4]
                if owner not in place.accounts:
                    continue
            yield arn

    def _needs_account(self, resource: str, place: Place) -> bool:
        """Tell whether nothing else says that a resource is in an account below the place."""
        parts = resource.split(":")
        if len(parts) > 5 and parts[4]:
            return False
        entry = self._environment.index.resource(resource)
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
            asked = replace(asked, context=_merged(asked.context, through))
        source = self._source(asked.session)
        try:
            request, _ = source.resolve(asked.request())
            facts = satisfying(compiled, request.context, where, loose=loose)
            if facts is None:
                return None
            asked = replace(asked, context=_merged(asked.context, facts))
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
                changed = self._changed(probe, context=_merged(probe.asked.context, told))
                if changed is not None and changed.inside:
                    further = changed
                    break
            if further is None:
                return probe
            probe = further
        return probe

    def _changed(self, probe: Probe, **changes: Any) -> Probe | None:
        """Ask with something else; None where that is no request, or not certain either way."""
        asked = replace(probe.asked, **changes)
        source = self._source(asked.session)
        try:
            request = asked.request()
            outcome = outcome_of(probe.statement, probe.place.layer, evaluate_once(request, source))
            if outcome is Outcome.UNKNOWN or outcome is None:
                return None
            decision = evaluate(request, source)
        except PolicyEvalError:
            return None
        varies = next((each for each, got in _OUTCOMES.items() if got is outcome), None)
        return Probe(probe.place, probe.statement, asked, decision, varies)

    # ---- outside ----------------------------------------------------------------------------

    def _by_condition(self, probe: Probe) -> Iterator[Probe]:
        compiled = compile_statement(probe.statement, USES[probe.place.layer])
        if not compiled.clauses:
            return
        context = probe.decision.request.context
        region = _regions(probe.statement)
        account = probe.decision.request.principal.account or MADE_UP_ACCOUNT
        organization = self._environment.organization is not None
        where = Whereabouts(account, region, context.entries, has_organization=organization)
        for key, value in islice(failing(compiled, context, where), MOST_NEIGHBOURS):
            if key.lower() == "aws:sourcevpce" and probe.place.endpoint is not None:
                continue
            context_of_test = _merged(probe.asked.context, {key: value})
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
            request, _ = self._source(asked.session).resolve(shorter.request())
        except PolicyEvalError:
            return context
        return kept if request.context[key] is ABSENT else context

    def _by_resource(self, probe: Probe) -> Iterator[Probe]:
        asked, place = probe.asked, probe.place
        if asked.resource == "*" or place.use is PolicyType.TRUST:
            return
        known = (arn for arn in self._things(place) if fits(asked.action, arn))
        listed = dict.fromkeys((*known, *neighbours(asked.resource)))
        for resource in islice(listed, MOST_NEIGHBOURS):
            holder = policy_holder(resource)
            if place.resource and holder != policy_holder(place.resource):
                continue
            yield from self._outside(probe, Varies.RESOURCE, resource, resource=resource)

    def _by_action(self, probe: Probe) -> Iterator[Probe]:
        asked = probe.asked
        service = asked.action.partition(":")[0].lower()
        listed = islice(actions_outside(probe.statement.action, service, self._used), MOST_USED)
        fitting = (
            action
            for action in listed
            if fits(action, asked.resource) and _is_of(probe.place, action, asked.principal)
        )
        for action in islice(fitting, MOST_NEIGHBOURS):
            yield from self._outside(probe, Varies.ACTION, action, action=action)
        everywhere = compile_statement(probe.statement, USES[probe.place.layer]).resource is None
        if everywhere and not probe.place.resource and not _is_rcp(probe.place):
            # The resource does not matter to the statement, so it may go with the action.
            for action in ("sts:GetCallerIdentity", "ec2:DescribeInstances"):
                if not compile_action(probe.statement.action)(action.lower()):
                    yield from self._outside(
                        probe, Varies.ACTION, action, action=action, resource="*"
                    )

    def _by_principal(self, probe: Probe) -> Iterator[Probe]:
        listed = dict.fromkeys(others_at(probe.place, probe.statement, self._environment))
        for caller in listed:
            if _is_of(probe.place, probe.asked.action, caller):
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
        changed = self._changed(probe, **changes)
        if changed is not None and changed.varies is varies:
            yield replace(changed, varies=outcome or varies, detail=detail)

    def _source(self, session: str) -> PolicySource:
        if session not in self._sessions:
            self._sessions[session] = self._environment.with_session_policies([session])
        return self._sessions[session]


def outcome_of(statement: Statement, layer: Layer, decision: Decision) -> Outcome | None:
    """Give how a statement answered; None where its layer was not asked at all."""
    said = decision.layer(layer)
    found = [outcome for ref, outcome in said.trace if ref.statement is statement]
    if found:
        return Outcome.MATCHED if Outcome.MATCHED in found else found[0]
    return None if said.reason else Outcome.ACTION_DIFFERS


def best_outside(probe: Probe, found: Iterable[Probe]) -> Probe | None:
    """Give the first that gets another answer than the one inside; else the first that is sure."""
    first: Probe | None = None
    for other in found:
        if _differs(probe.decision, other.decision):
            return other
        if first is None or (first.decision.unknown and not other.decision.unknown):
            first = other
    return first


def _differs(one: Decision, other: Decision) -> bool:
    if other.unknown:
        return False
    return (one.verdict, one.decided_by) != (other.verdict, other.decided_by)


BEST_SCORE = 3


def score(probe: Probe) -> int:
    """Rank a probe: 3 where the statement shows in the answer, 0 where that is unknown."""
    decision, statement = probe.decision, probe.statement
    if decision.unknown:
        return 0
    if any(ref.statement is statement for ref in decision.determining):
        is_own = decision.allowed or decision.decided_by is probe.place.layer
        return BEST_SCORE if is_own else 2
    return 1


def _is_rcp(place: Place) -> bool:
    return place.layer is Layer.RESOURCE_CONTROL_POLICY


def _is_of(place: Place, action: str, caller: str) -> bool:
    """Tell whether a caller of this kind makes such a call at all."""
    folded = action.lower()
    federated = ":saml-provider/" in caller or ":oidc-provider/" in caller
    web = not caller.startswith("arn:") and ".amazonaws." not in caller and caller != "*"
    web = web and not caller.isdigit()
    if folded == "sts:assumerolewithsaml":
        return ":saml-provider/" in caller
    if folded == "sts:assumerolewithwebidentity":
        return ":oidc-provider/" in caller or web
    if federated or web:
        return place.use is PolicyType.TRUST and folded in (
            "sts:tagsession",
            "sts:setsourceidentity",
        )
    return True


def _regions(statement: Statement) -> tuple[str, ...]:
    """Give regions to try: an everyday one, and those that the conditions name."""
    named = [
        value.text
        for clause in statement.condition
        if clause.key.lower() == "aws:requestedregion"
        for value in clause.values[:4]
        if value.text.replace("-", "").isalnum()
    ]
    return tuple(dict.fromkeys(("us-east-1", *named, *(("ap-southeast-2",) if named else ()))))


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
    if _is_rcp(place):
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


def _merged(
    context: Mapping[str, str | None], changes: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Put changes over a context; the letter case does not tell keys apart."""
    folded = {key.lower() for key in changes}
    kept = {key: value for key, value in context.items() if key.lower() not in folded}
    return {**kept, **changes}


def _may_be_told(key: str) -> bool:
    return ":" in key and not key.startswith(POLICIES)


def _actions_used(environment: Environment) -> Iterator[str]:
    """Give the single actions that the policies name, each once."""
    seen: set[str] = set()
    for document in environment.documents:
        for statement in document.policy.statements if document.policy is not None else ():
            for pattern in statement.action.patterns:
                plain = not set(pattern.text) & {"*", "?"}
                if plain and pattern.text.lower() not in seen and ":" in pattern.text:
                    seen.add(pattern.text.lower())
                    yield pattern.text
        if len(seen) > MOST_USED:
            return


def _things_of(environment: Environment) -> Iterator[str]:
    """Give the resources that the environment knows: with an object in each bucket, and roles."""
    for resource in islice(environment.resources.values(), MOST_ENTRIES):
        yield resource.arn
        service, name = resource.arn.split(":")[2], resource.arn.split(":", 5)[-1]
        if service == "s3" and "/" not in name:
            yield f"{resource.arn}/example.txt"
    for identity in islice(environment.identities.values(), MOST_ENTRIES):
        if identity.arn:
            yield identity.arn
