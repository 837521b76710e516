"""Scenarios over a small alphabet, so that statements and requests meet often.

A `Scenario` is plain data: texts, dicts and lists. Laws change it, ask again and compare. Every
document is legal for its layer; every statement has a Sid of its own, by which it is known again
after its place has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
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

    def request(self, facts: Facts = Facts.COMPLETE) -> Request:
        return Request.of(
            self.principal,
            self.action,
            self.resource,
            self.context,
            resource_account=self.resource_account,
            issuer=USER if self.principal == FEDERATED_USER else "",
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


def one_or_list(items: tuple[str, ...], *, max_size: int = 3) -> st.SearchStrategy[str | list[str]]:
    return st.one_of(
        st.sampled_from(items),
        st.lists(st.sampled_from(items), min_size=1, max_size=max_size, unique=True),
    )


@st.composite
def clauses(draw: st.DrawFn, *, fitting: bool = False) -> tuple[str, str, Any]:
    """Give (operator, key, values); with `fitting` the key is one the operator is made for."""
    names, keys, values = draw(st.sampled_from(FAMILIES))
    name = draw(st.sampled_from(names))
    key = draw(st.sampled_from(keys))
    if not fitting and draw(st.integers(0, 7)) == 7:
        key = draw(st.sampled_from(tuple(KEY_VALUES)))
    prefixes = ("", "ForAllValues:", "ForAnyValue:") if key == MULTIVALUED else ("", "", "", "")
    prefix = draw(st.sampled_from((*prefixes, "ForAnyValue:", "ForAllValues:")))
    suffix = draw(st.sampled_from(("", "", "IfExists"))) if name != "Null" else ""
    listed = draw(st.one_of(one_or_list(values), st.sampled_from(values)))
    return f"{prefix}{name}{suffix}", key, listed


@st.composite
def conditions(draw: st.DrawFn, *, max_size: int = 2) -> dict[str, dict[str, Any]]:
    block: dict[str, dict[str, Any]] = {}
    for operator, key, values in draw(st.lists(clauses(), max_size=max_size)):
        block.setdefault(operator, {})[key] = values
    return block


@st.composite
def statements(draw: st.DrawFn, layer: Layer, effect: str | None = None) -> Document:
    """Give a statement that is legal in the layer's policies."""
    restricted = layer is Layer.RESOURCE_CONTROL_POLICY
    if restricted:
        effect = "Deny"
    statement: Document = {
        "Effect": effect or draw(st.sampled_from(("Allow", "Allow", "Deny"))),
    }
    if restricted:
        statement["Principal"] = "*"
    elif layer in WITH_PRINCIPAL:
        element = draw(st.sampled_from(("Principal", "Principal", "Principal", "NotPrincipal")))
        listed = st.sampled_from(
            LISTED_PRINCIPALS if element == "Principal" else LISTED_PRINCIPALS[2:]
        )
        statement[element] = draw(listed)
    not_action = not restricted and draw(st.integers(0, 5)) == 5
    statement["NotAction" if not_action else "Action"] = draw(one_or_list(ACTION_PATTERNS))
    not_resource = draw(st.integers(0, 5)) == 5
    statement["NotResource" if not_resource else "Resource"] = draw(one_or_list(RESOURCE_PATTERNS))
    condition = draw(st.one_of(st.just({}), conditions()))
    if condition:
        statement["Condition"] = condition
    return statement


@st.composite
def documents(draw: st.DrawFn, layer: Layer, *, max_size: int = 3) -> Document:
    listed = draw(st.lists(statements(layer), max_size=max_size))
    return document(*listed)


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


@st.composite
def levels(draw: st.DrawFn, layer: Layer) -> Levels:
    """Give the policies of one layer: none at all, everything allowed, or something drawn."""
    kind = draw(st.sampled_from(("none", "everything", "drawn")))
    if kind == "none":
        return ()
    if kind == "everything":
        return ((everything(layer),),)
    depth = draw(st.integers(1, 2)) if layer in LEVELED else 1
    drawn = []
    for _ in range(depth):
        level = draw(st.lists(documents(layer), min_size=1, max_size=2))
        if draw(st.booleans()):
            level.append(everything(layer))
        drawn.append(tuple(level))
    return tuple(drawn)


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


def values_of(key: str) -> st.SearchStrategy[Any]:
    """What a key of the alphabet may hold: one value, and several where it may."""
    values = KEY_VALUES[key]
    if key == MULTIVALUED:
        return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
    return st.sampled_from(values)


@st.composite
def contexts(draw: st.DrawFn, *, states: tuple[Presence, ...] = ()) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for key in KEY_VALUES:
        kind = draw(st.sampled_from(("absent", "value", "value", *states)))
        if isinstance(kind, Presence):
            context[key] = kind
        elif kind == "value":
            context[key] = draw(values_of(key))
    return context


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
    action, resource = draw(st.sampled_from(REQUESTS))
    given = {
        layer: draw(levels(layer)) for layer in Layer if not (omit and draw(st.integers(0, 2)) == 2)
    }
    layers = {layer: numbered(layer, listed) for layer, listed in given.items()}
    in_account = resource == "*" or resource.split(":")[4] != ""
    owner = None if in_account else draw(st.sampled_from((ACCOUNT, ACCOUNT, OTHER_ACCOUNT)))
    organization = draw(
        st.sampled_from(
            (
                None,
                None,
                Organization("o-1", OTHER_ACCOUNT, frozenset((ACCOUNT, OTHER_ACCOUNT))),
                Organization("o-1", "", frozenset((ACCOUNT,))),
            )
        )
    )
    return Scenario(
        draw(st.sampled_from(principals)),
        action,
        resource,
        draw(contexts(states=states)),
        layers,
        owner,
        organization,
        draw(st.sampled_from((None, EndpointType.GATEWAY, EndpointType.INTERFACE))),
        {CANONICAL_ID: ACCOUNT},
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
    layer = draw(
        st.sampled_from((Layer.IDENTITY_POLICY, Layer.IDENTITY_POLICY, Layer.RESOURCE_POLICY))
    )
    families = draw(st.lists(st.sampled_from(FAMILIES), min_size=1, max_size=max_keys))
    pairs = [(names, draw(st.sampled_from(keys)), values) for names, keys, values in families]
    listed = []
    if draw(st.booleans()):
        listed.append(_about_everything(draw, layer, "Allow"))
    for _ in range(draw(st.integers(1, 4))):
        names, key, values = draw(st.sampled_from(pairs))
        prefixes = ("", "ForAllValues:", "ForAnyValue:") if key == MULTIVALUED else ("",)
        operator = draw(st.sampled_from(prefixes)) + draw(st.sampled_from(names))
        if not operator.endswith("Null") and draw(st.integers(0, 3)) == 3:
            operator += "IfExists"
        statement = _about_everything(draw, layer, draw(st.sampled_from(("Allow", "Deny"))))
        statement["Condition"] = {operator: {key: draw(one_or_list(values))}}
        listed.append(statement)
    context: dict[str, Any] = {}
    for key in KEY_VALUES:
        context[key] = draw(st.sampled_from(states)) if states else draw(values_of(key))
    levels_ = numbered(layer, ((document(*listed),),))
    caller = USER if layer is Layer.IDENTITY_POLICY else ROLE
    return Scenario(caller, "s3:GetObject", OBJECT, context, {layer: levels_})


def _about_everything(draw: st.DrawFn, layer: Layer, effect: str) -> Document:
    statement = blanket(layer, effect)
    if layer is Layer.RESOURCE_POLICY:
        statement["Principal"] = {
            "AWS": draw(st.sampled_from((SESSION, ROLE, "*", [ROLE, SESSION])))
        }
    return statement


@st.composite
def completions(draw: st.DrawFn, scenario: Scenario, decision: Decision) -> Decision:
    """Give the answer to one completion: every fact that was unknown is made up.

    Context keys get a value or are absent (never absent where known to be there); layers of which
    nothing was known get policies or none; a role whose session is not named gets a name.
    """
    request = decision.request
    context = request.context
    entries = dict(context.entries)
    for key in {key.lower() for key in KEY_VALUES} | set(entries) | {"aws:username"}:
        state = entries.get(key, context.default)
        if not isinstance(state, Presence) or state is ABSENT:
            continue
        spelled = next((name for name in KEY_VALUES if name.lower() == key), None)
        value = draw(values_of(spelled)) if spelled else "made-up"
        if state is Presence.UNKNOWN and (spelled is None or draw(st.booleans())):
            entries[key] = ABSENT
        else:
            entries[key] = tuple(value) if isinstance(value, list) else (value,)
    layers = dict(scenario.layers)
    for layer in decision.layers:
        if layer.reason == "not_given" and not layer.assumed:
            layers[layer.layer] = numbered(layer.layer, draw(levels(layer.layer)))
    principal = request.principal
    if principal.text == ROLE:
        named = draw(st.sampled_from((SESSION, OTHER_SESSION)))
        principal = Request.of(named, "s3:GetObject", "*").principal
    complete = Request(
        principal,
        request.action,
        request.resource,
        RequestContext(entries, ABSENT, context.names),
        Facts.COMPLETE,
    )
    return evaluate(complete, scenario.changed(layers=layers).stack())


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
