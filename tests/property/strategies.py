"""Scenarios over the small alphabet of `policyeval.testing.strategies`.

A `Scenario` is plain data: texts, dicts and lists. Laws change it, ask again and compare. Every
document is legal for its layer; every statement has a Sid of its own, by which it is known again
after its place has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from policyeval.context import ABSENT, Facts, Presence, RequestContext
from policyeval.decision import Decision, Verdict
from policyeval.evaluation.engine import evaluate
from policyeval.request import Request
from policyeval.stack import EndpointType, Layer, Organization, PolicyStack
from policyeval.testing.strategies.alphabet import (
    ACCOUNT,
    ACTION_PATTERNS,
    BUCKET,
    CANONICAL_ID,
    FAMILIES,
    FEDERATED_USER,
    HOLDINGS,
    KEY,
    KEY_VALUES,
    LISTED_PRINCIPALS,
    MULTIVALUED,
    OBJECT,
    ORGANIZATIONS,
    OTHER_ACCOUNT,
    OTHER_SESSION,
    PRINCIPALS,
    QUEUE,
    REQUESTS,
    RESOURCE_PATTERNS,
    ROLE,
    ROOT,
    SESSION,
    STRANGER,
    TYPES,
    USER,
    Document,
    Levels,
)
from policyeval.testing.strategies.drawing import (
    below,
    blanket,
    document,
    draw_context,
    draw_document,
    draw_levels,
    everything,
    numbered,
    once_in,
    pick,
    pick_one_or_list,
)
from policyeval.testing.strategies.policies import stack_of

__all__ = [  # what tests take from the alphabet by way of this module
    "ACTION_PATTERNS",
    "BUCKET",
    "CANONICAL_ID",
    "KEY",
    "LISTED_PRINCIPALS",
    "QUEUE",
    "RESOURCE_PATTERNS",
    "ROOT",
    "STRANGER",
    "TYPES",
    "draw_document",
    "everything",
]


@dataclass(frozen=True)
class Scenario:
    """A request with the policies around it, as plain data."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, Any]
    layers: Mapping[Layer, Levels]
    resource_account: str | None = None
    organization: Organization | None = None
    endpoint_type: EndpointType | None = None
    issuer: str = ""

    def request(self, facts: Facts = Facts.COMPLETE) -> Request:
        return Request.of(
            self.principal,
            self.action,
            self.resource,
            self.context,
            resource_account=self.resource_account,
            issuer=self.issuer,
            facts=facts,
        )

    def stack(self) -> PolicyStack:
        return stack_of(
            self.layers, organization=self.organization, endpoint_type=self.endpoint_type
        )

    def decide(self, facts: Facts = Facts.COMPLETE) -> Decision:
        return evaluate(self.request(facts), self.stack())

    def changed(self, **changes: Any) -> Scenario:
        return replace(self, **changes)

    def with_level(self, layer: Layer, depth: int, level: tuple[Document, ...]) -> Scenario:
        levels = self.layers.get(layer, ())
        new = (*levels[:depth], level, *levels[depth + 1 :])
        return self.changed(layers={**self.layers, layer: new})


# ---- strategies ---------------------------------------------------------------------------


@st.composite
def one_or_list(draw: st.DrawFn, items: tuple[str, ...]) -> str | list[str]:
    return pick_one_or_list(draw, items)


@st.composite
def values_of(draw: st.DrawFn, key: str) -> Any:
    return pick(draw, HOLDINGS[key])


@st.composite
def scenarios(
    draw: st.DrawFn,
    *,
    states: tuple[Presence, ...] = (),
    omit: bool = False,
    principals: tuple[str, ...] = PRINCIPALS,
) -> Scenario:
    """Draw a scenario.

    `states` are the states that a context key may be in beside absent and valued; with `omit`
    some layers are not given at all.
    """
    action, resource = pick(draw, REQUESTS)
    layers = {layer: draw_levels(draw, layer) for layer in Layer if not (omit and once_in(draw, 3))}
    principal = pick(draw, principals)
    issuer = pick(draw, ("", USER)) if principal == FEDERATED_USER else ""
    in_account = resource == "*" or resource.split(":")[4] != ""
    return Scenario(
        principal,
        action,
        resource,
        draw_context(draw, states),
        layers,
        None if in_account else pick(draw, (ACCOUNT, ACCOUNT, OTHER_ACCOUNT)),
        pick(draw, ORGANIZATIONS),
        pick(draw, (None, *EndpointType)),
        issuer,
    )


@st.composite
def conditional_scenarios(
    draw: st.DrawFn, *, states: tuple[Presence, ...] = (), max_keys: int = 2
) -> Scenario:
    """Draw a policy whose statements differ in conditions alone, on few keys.

    Here a condition decides more often than not, so unknown keys make unknown answers. The policy
    is a user's own, or a resource policy that names a session by role or by session name, asked
    for a session without a name.
    """
    layer = pick(draw, (Layer.IDENTITY_POLICY, Layer.IDENTITY_POLICY, Layer.RESOURCE_POLICY))
    families = [pick(draw, FAMILIES) for _ in range(1 + draw(below(max_keys)))]
    pairs = [(names, pick(draw, keys), values) for names, keys, values in families]
    listed = []
    if once_in(draw, 2):
        listed.append(_about_everything(draw, layer, "Allow"))
    for _ in range(1 + draw(below(4))):
        names, key, values = pick(draw, pairs)
        prefixes = ("", "ForAllValues:", "ForAnyValue:") if key == MULTIVALUED else ("",)
        operator = pick(draw, prefixes) + pick(draw, names)
        if not operator.endswith("Null") and once_in(draw, 4):
            operator += "IfExists"
        statement = _about_everything(draw, layer, pick(draw, ("Allow", "Deny")))
        statement["Condition"] = {operator: {key: pick_one_or_list(draw, values)}}
        listed.append(statement)
    context = {key: pick(draw, states or HOLDINGS[key]) for key in KEY_VALUES}
    levels = numbered(layer, ((document(*listed),),))
    caller = USER if layer is Layer.IDENTITY_POLICY else ROLE
    return Scenario(caller, "s3:GetObject", OBJECT, context, {layer: levels})


def _about_everything(draw: st.DrawFn, layer: Layer, effect: str) -> Document:
    statement = blanket(layer, effect)
    if layer is Layer.RESOURCE_POLICY:
        statement["Principal"] = {"AWS": pick(draw, (SESSION, ROLE, "*", [ROLE, SESSION]))}
    return statement


@st.composite
def completions(draw: st.DrawFn, scenario: Scenario, decision: Decision) -> Decision:
    """Give the answer to one completion: every fact that was unknown is made up.

    Context keys get a value or are absent (never absent where known to be there); layers of which
    nothing was known get policies or none; a role session gets the name, and a federated user the
    user, that was not given.
    """
    request = decision.request
    context = request.context
    entries = dict(context.entries)
    spelled = {name.lower(): name for name in KEY_VALUES}
    for key in sorted({*spelled, *entries, "aws:username"}):
        state = entries.get(key, context.default)
        if not isinstance(state, Presence) or state is ABSENT:
            continue
        if state is Presence.UNKNOWN and (key not in spelled or once_in(draw, 2)):
            entries[key] = ABSENT
            continue
        value = pick(draw, HOLDINGS[spelled[key]]) if key in spelled else "made-up"
        entries[key] = tuple(value) if isinstance(value, list) else (value,)
    layers = dict(scenario.layers)
    for layer in decision.layers:
        if layer.reason == "not_given" and not layer.assumed:
            layers[layer.layer] = draw_levels(draw, layer.layer)
    principal = request.principal
    if principal.text == ROLE:
        named = pick(draw, (SESSION, OTHER_SESSION))
        principal = Request.of(named, "s3:GetObject", "*").principal
    elif principal.text == FEDERATED_USER and not principal.issuer:
        issuer = pick(draw, (USER, f"{USER}2"))
        principal = Request.of(principal.text, "s3:GetObject", "*", issuer=issuer).principal
    complete = Request(
        principal,
        request.action,
        request.resource,
        RequestContext(entries, ABSENT, context.names),
        Facts.COMPLETE,
    )
    return evaluate(complete, scenario.changed(layers=layers).stack())


# ---- what answers say ---------------------------------------------------------------------


def announced(decision: Decision) -> set[Verdict]:
    """The answers that a decision leaves open."""
    if decision.unknown:
        return {alternative.verdict for alternative in decision.alternatives}
    if decision.verdict is Verdict.IMPLICIT_DENY and decision.missing:
        return {Verdict.IMPLICIT_DENY, Verdict.EXPLICIT_DENY}  # R-FLOW-17: only the kind is open
    return {decision.verdict}


def answer_of(decision: Decision) -> tuple[Any, ...]:
    """What must stay the same where order alone has changed: statements by their Sids."""
    return (
        decision.verdict,
        decision.blocking,
        decision.decided_by,
        frozenset(decision.missing),
        frozenset(announced(decision)),
        frozenset((ref.layer, ref.statement.sid) for ref in decision.determining),
    )


def places(scenario: Scenario) -> Iterator[tuple[Layer, int]]:
    """Every level that holds a policy."""
    for layer, listed in scenario.layers.items():
        for depth, level in enumerate(listed):
            if level:
                yield layer, depth
