"""The world in which probes are asked: its policies, its names, what its policies speak of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from policyeval.decision import Outcome
from policyeval.environment.model import Environment
from policyeval.errors import PolicyEvalError
from policyeval.evaluation.engine import evaluate, evaluate_once
from policyeval.policy import PolicyType, Statement
from policyeval.stack import Layer, PolicySource
from policyeval.testing.generate.places import Place
from policyeval.testing.generate.probe import OUTCOMES, Probe, outcome_of
from policyeval.value import replace

MOST_USED = 300
MOST_ENTRIES = 40
_WITH_ANY_TOKEN = ("sts:tagsession", "sts:setsourceidentity")


class Ground:
    """Asks a world. `environment` knows its names; it is empty where a policy is on its own.

    `used` are the single actions that its policies name. `has_organization`: the world knows who
    belongs to it.
    """

    def __init__(self, policies: PolicySource, environment: Environment) -> None:
        self.environment = environment
        self.used = tuple(_actions_used(environment))
        self._sessions: dict[str, PolicySource] = {"": policies}
        self.has_organization = knows_organization(environment)
        self._arns = tuple(_things_of(environment))

    def source(self, session: str) -> PolicySource:
        """Give the policies, under a session policy where one is named."""
        if session not in self._sessions:
            self._sessions[session] = self.environment.with_session_policies([session])
        return self._sessions[session]

    def things(self, place: Place) -> Iterator[str]:
        """Give the known resources that a policy can be asked about where it hangs."""
        index = self.environment.index
        for arn in self._arns:
            if is_rcp(place):
                entry = index.resource(arn)
                owner = (entry.owner if entry is not None else "") or arn.split(":")[4]
                if owner not in place.accounts:
                    continue
            yield arn

    def changed(self, probe: Probe, **changes: Any) -> Probe | None:
        """Ask with something else; None where that is no request, or not certain either way."""
        asked = replace(probe.asked, **changes)
        source = self.source(asked.session)
        try:
            request = asked.request()
            outcome = outcome_of(probe.statement, probe.place.layer, evaluate_once(request, source))
            if outcome is Outcome.UNKNOWN or outcome is None:
                return None
            decision = evaluate(request, source)
        except PolicyEvalError:
            return None
        varies = next((each for each, got in OUTCOMES.items() if got is outcome), None)
        return Probe(probe.place, probe.statement, asked, decision, varies)


def knows_organization(environment: Environment) -> bool:
    """Tell whether an environment knows its organization, and which accounts belong to it."""
    tree = environment.organization
    return tree is not None and not (tree.open or tree.partial)


def is_rcp(place: Place) -> bool:
    """Tell whether a policy is a resource control policy."""
    return place.layer is Layer.RESOURCE_CONTROL_POLICY


def is_of(place: Place, action: str, caller: str) -> bool:
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
        return place.use is PolicyType.TRUST and folded in _WITH_ANY_TOKEN
    return True


def regions_of(statement: Statement) -> tuple[str, ...]:
    """Give regions to try: an everyday one, and those that the conditions name."""
    named = [
        value.text
        for clause in statement.condition
        if clause.key.lower() == "aws:requestedregion"
        for value in clause.values[:4]
        if value.text.replace("-", "").isalnum()
    ]
    return tuple(dict.fromkeys(("us-east-1", *named, *(("ap-southeast-2",) if named else ()))))


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
