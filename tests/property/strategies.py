"""Scenarios over a small alphabet, so that statements and requests meet often.

A `Scenario` is plain data: texts, dicts and lists. Laws change it, ask again and compare. Every
document is legal for its layer; every statement has a Sid of its own, by which it is known again
after its place has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count, permutations
from typing import Any

from hypothesis import strategies as st

from policyeval.context import ABSENT, Facts, Presence, RequestContext
from policyeval.decision import Decision, Verdict
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.policy import parse_policy
from policyeval.policy import PolicyType
from policyeval.request import Request
from policyeval.stack import (
    LEVELED,
    AttachedPolicy,
    EndpointType,
    Layer,
    Organization,
    PolicyStack,
)

Document = dict[str, Any]
Levels = tuple[tuple[Document, ...], ...]

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/ana"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/dev/s1"
OTHER_SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/dev/s2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/dev"
FEDERATED_USER = f"arn:aws:sts::{ACCOUNT}:federated-user/fay"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
STRANGER = f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob"
SERVICE = "lambda.amazonaws.com"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
CANONICAL_ID = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"

PRINCIPALS = (USER, SESSION, ROLE, FEDERATED_USER, ROOT, STRANGER, SERVICE, SAML, "*")
LISTED_PRINCIPALS: tuple[Any, ...] = (
    "*",
    {"AWS": "*"},
    {"AWS": ACCOUNT},
    {"AWS": [ROOT, STRANGER]},
    {"AWS": USER},
    {"AWS": [ROLE, USER]},
    {"AWS": SESSION},
    {"AWS": FEDERATED_USER},
    {"AWS": OTHER_ACCOUNT},
    {"Service": SERVICE},
    {"Federated": SAML},
    {"CanonicalUser": CANONICAL_ID},
)

OBJECT, BUCKET = "arn:aws:s3:::shop/ana/list", "arn:aws:s3:::shop"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0a"
REQUESTS = (
    ("s3:GetObject", OBJECT),
    ("s3:PutObject", OBJECT),
    ("s3:ListBucket", BUCKET),
    ("s3:ListAllMyBuckets", "*"),
    ("s3:GetBucketPolicy", BUCKET),
    ("sqs:SendMessage", QUEUE),
    ("kms:Decrypt", KEY),
    ("kms:ListKeys", "*"),
    ("iam:GetUser", USER),
    ("sts:AssumeRole", ROLE),
    ("sts:GetCallerIdentity", "*"),
)
ACTION_PATTERNS = (
    "*",
    "s3:*",
    "s3:Get*",
    "s3:?etObject",
    "s3:PutObject",
    "sqs:SendMessage",
    "kms:*",
    "sts:*",
    "iam:Get?ser",
    "*:*",
)
RESOURCE_PATTERNS = (
    "*",
    OBJECT,
    "arn:aws:s3:::shop/*",
    "arn:aws:s3:::sh?p*",
    "arn:aws:s3:::shop/${aws:username}/*",
    "arn:aws:s3:::${aws:PrincipalTag/team, 'shop'}/*",
    "arn:*:*:*:*:*",
    f"arn:aws:sqs:*:{ACCOUNT}:*",
    "arn:aws:kms:*:*:key/*",
    f"arn:aws:iam::{ACCOUNT}:*",
)

ARNS = (ROLE, f"arn:aws:iam::{ACCOUNT}:role/ops", BUCKET, "nonsense")
KEY_VALUES: dict[str, tuple[str, ...]] = {
    "s3:prefix": ("a", "b", "A", "ab", "", "x", "y", "zz"),
    "aws:PrincipalTag/team": ("a", "shop", "*"),
    "aws:TagKeys": ("a", "b", "ab"),
    "s3:max-keys": ("0", "5", "5.0", "7", "x"),
    "aws:CurrentTime": ("2026-01-01T00:00:00Z", "2026-03-01T12:00:00Z", "1767225600"),
    "aws:SecureTransport": ("true", "false", "True"),
    "aws:SourceIp": ("10.1.2.3", "192.0.2.1", "2001:db8::1"),
    "aws:SourceArn": ARNS,
    "aws:SourceVpce": ("vpce-1", "vpce-2"),
    "aws:AssumedRoot": ("true", "false"),
    "app:digest": ("YQ==", "Yg==", "!"),
}
"""The keys of the alphabet. aws:TagKeys alone carries several values."""

MULTIVALUED = "aws:TagKeys"
_TEXTS = (
    *("a", "b", "A", "a*", "?", "", "x", "s*", "*e*", "vpce-1"),
    *("${aws:username}", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/team, 'a'}"),
)
_COMPARISONS = (
    *("Equals", "NotEquals", "LessThan"),
    *("LessThanEquals", "GreaterThan", "GreaterThanEquals"),
)
_STRING_KEYS = ("s3:prefix", "aws:PrincipalTag/team", MULTIVALUED, "aws:SourceVpce")
FAMILIES: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    # operators, keys they are made for, values
    (
        (
            *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
            *("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
        ),
        _STRING_KEYS,
        _TEXTS,
    ),
    (
        tuple(f"Numeric{how}" for how in _COMPARISONS),
        ("s3:max-keys",),
        ("0", "5", "5.00", "-1", "x"),
    ),
    (
        tuple(f"Date{how}" for how in _COMPARISONS),
        ("aws:CurrentTime",),
        ("2026-01-01", "2026-03-01T12:00:00+00:00", "1767225600", "never"),
    ),
    (("Bool",), ("aws:SecureTransport",), ("true", "false", "TRUE")),
    (("BinaryEquals",), ("app:digest",), ("YQ==", "Yg==", "!")),
    (
        ("IpAddress", "NotIpAddress"),
        ("aws:SourceIp",),
        ("10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "0.0.0.0/0", "x"),
    ),
    (
        ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
        ("aws:SourceArn",),
        (ROLE, "arn:aws:iam::*:role/*", "arn:aws:s3:::*", "arn:aws:*", "*"),
    ),
    (("Null",), tuple(KEY_VALUES), ("true", "false")),
)


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
    canonical_users: Mapping[str, str] = field(default_factory=dict)
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
        return PolicyStack(
            {
                layer: tuple(
                    tuple(self._attach(layer, document) for document in level) for level in levels
                )
                for layer, levels in self.layers.items()
            },
            organization=self.organization,
            canonical_users=self.canonical_users,
        )

    def _attach(self, layer: Layer, document: Document) -> AttachedPolicy:
        policy = parse_policy(document, type=TYPES[layer])
        endpoint = self.endpoint_type if layer is Layer.VPC_ENDPOINT_POLICY else None
        return AttachedPolicy(policy, document["Id"], endpoint_type=endpoint)

    def decide(self, facts: Facts = Facts.COMPLETE) -> Decision:
        return evaluate(self.request(facts), self.stack())

    def changed(self, **changes: Any) -> Scenario:
        return replace(self, **changes)

    def with_level(self, layer: Layer, depth: int, level: tuple[Document, ...]) -> Scenario:
        levels = self.layers.get(layer, ())
        new = (*levels[:depth], level, *levels[depth + 1 :])
        return self.changed(layers={**self.layers, layer: new})


TYPES = {
    Layer.RESOURCE_CONTROL_POLICY: PolicyType.RCP,
    Layer.SERVICE_CONTROL_POLICY: PolicyType.SCP,
    Layer.VPC_ENDPOINT_POLICY: PolicyType.VPC_ENDPOINT,
    Layer.RESOURCE_POLICY: None,  # a trust policy for some requests
    Layer.IDENTITY_POLICY: PolicyType.IDENTITY,
    Layer.PERMISSIONS_BOUNDARY: PolicyType.BOUNDARY,
    Layer.SESSION_POLICY: PolicyType.SESSION,
}
WITH_PRINCIPAL = (Layer.RESOURCE_POLICY, Layer.VPC_ENDPOINT_POLICY, Layer.RESOURCE_CONTROL_POLICY)


# ---- drawing ------------------------------------------------------------------------------
#
# A scenario takes some sixty choices. Each is the index of an item, drawn from a strategy that is
# made once: building and checking a strategy for each choice would cost most of the time.


@cache
def below(size: int) -> st.SearchStrategy[int]:
    return st.integers(0, size - 1)


def pick(draw: st.DrawFn, items: Sequence[Any]) -> Any:
    return items[draw(below(len(items)))]


def once_in(draw: st.DrawFn, times: int) -> bool:
    return draw(below(times)) == times - 1


def pick_one_or_list(draw: st.DrawFn, items: Sequence[Any]) -> Any:
    """One item as it is, or a list of one to three."""
    size = draw(below(5))
    if size < 2:
        return pick(draw, items)
    return list(dict.fromkeys(pick(draw, items) for _ in range(size - 1)))


def draw_clause(draw: st.DrawFn) -> tuple[str, str, Any]:
    """Give (operator, key, values); most often a key that the operator is made for."""
    names, keys, values = pick(draw, FAMILIES)
    name, key = pick(draw, names), pick(draw, keys)
    if once_in(draw, 8):
        key = pick(draw, tuple(KEY_VALUES))
    often = ("", "ForAllValues:", "ForAnyValue:")
    prefix = pick(draw, often if key == MULTIVALUED else ("", "", "", "", *often))
    suffix = "IfExists" if name != "Null" and once_in(draw, 3) else ""
    return f"{prefix}{name}{suffix}", key, pick_one_or_list(draw, values)


def draw_statement(draw: st.DrawFn, layer: Layer, effect: str = "") -> Document:
    """Give a statement that is legal in the layer's policies."""
    restricted = layer is Layer.RESOURCE_CONTROL_POLICY
    statement: Document = {
        "Effect": "Deny" if restricted else effect or pick(draw, ("Allow", "Allow", "Deny"))
    }
    if restricted:
        statement["Principal"] = "*"
    elif layer in WITH_PRINCIPAL:
        if once_in(draw, 4):
            statement["NotPrincipal"] = pick(draw, LISTED_PRINCIPALS[2:])
        else:
            statement["Principal"] = pick(draw, LISTED_PRINCIPALS)
    not_action = not restricted and once_in(draw, 6)
    statement["NotAction" if not_action else "Action"] = pick_one_or_list(draw, ACTION_PATTERNS)
    element = "NotResource" if once_in(draw, 6) else "Resource"
    statement[element] = pick_one_or_list(draw, RESOURCE_PATTERNS)
    condition: dict[str, dict[str, Any]] = {}
    for _ in range(pick(draw, (0, 0, 1, 2))):
        operator, key, values = draw_clause(draw)
        condition.setdefault(operator, {})[key] = values
    if condition:
        statement["Condition"] = condition
    return statement


def draw_document(draw: st.DrawFn, layer: Layer) -> Document:
    return document(*(draw_statement(draw, layer) for _ in range(pick(draw, (1, 2, 0, 3)))))


def draw_levels(draw: st.DrawFn, layer: Layer) -> Levels:
    """Give the policies of one layer: none at all, everything allowed, or something drawn."""
    kind = draw(below(3))
    if kind == 0:
        return ()
    if kind == 1:
        return numbered(layer, ((everything(layer),),))
    drawn = []
    for _ in range(1 + draw(below(2)) if layer in LEVELED else 1):
        level = [draw_document(draw, layer)]
        if once_in(draw, 3):
            level.append(draw_document(draw, layer))
        if once_in(draw, 2):
            level.append(everything(layer))
        drawn.append(tuple(level))
    return numbered(layer, tuple(drawn))


def document(*listed: Document, name: str = "added") -> Document:
    return {"Version": "2012-10-17", "Id": name, "Statement": list(listed)}


def everything(layer: Layer) -> Document:
    """A document that allows everything (RCPFullAWSAccess for RCPs)."""
    return document(blanket(layer, "Allow"))


def blanket(layer: Layer, effect: str) -> Document:
    """A statement about every caller, action and resource."""
    statement: Document = {"Sid": "Blanket", "Effect": effect, "Action": "*", "Resource": "*"}
    if layer in WITH_PRINCIPAL:
        statement["Principal"] = "*"
    return statement


def numbered(layer: Layer, listed: Levels) -> Levels:
    """Give every policy of a layer its name, and every statement its Sid."""
    names, sids = count(), count()
    return tuple(
        tuple(
            {
                **policy,
                "Id": f"{layer.value}{next(names)}",
                "Statement": [
                    {**statement, "Sid": f"S{next(sids)}"} for statement in policy["Statement"]
                ],
            }
            for policy in level
        )
        for level in listed
    )


def holdings(key: str) -> tuple[Any, ...]:
    """What a key of the alphabet may hold: one value, and several where it may."""
    values = KEY_VALUES[key]
    if key == MULTIVALUED:
        return (*([value] for value in values), *map(list, permutations(values, 2)))
    return values


HOLDINGS = {key: holdings(key) for key in KEY_VALUES}


def draw_context(draw: st.DrawFn, states: tuple[Presence, ...]) -> dict[str, Any]:
    """Give a value to some keys; each state is as frequent as all values together."""
    context: dict[str, Any] = {}
    for key, values in HOLDINGS.items():
        state = pick(draw, ("absent", "value", "value", *states))
        if isinstance(state, Presence):
            context[key] = state
        elif state == "value":
            context[key] = pick(draw, values)
    return context


ORGANIZATIONS = (
    None,
    None,
    Organization("o-1", OTHER_ACCOUNT, frozenset((ACCOUNT, OTHER_ACCOUNT))),
    Organization("o-1", "", frozenset((ACCOUNT,))),
)


# ---- strategies ---------------------------------------------------------------------------


@st.composite
def one_or_list(draw: st.DrawFn, items: tuple[str, ...]) -> str | list[str]:
    return pick_one_or_list(draw, items)


@st.composite
def statements(draw: st.DrawFn, layer: Layer, effect: str = "") -> Document:
    return draw_statement(draw, layer, effect)


@st.composite
def documents(draw: st.DrawFn, layer: Layer) -> Document:
    return draw_document(draw, layer)


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
        {CANONICAL_ID: ACCOUNT},
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
