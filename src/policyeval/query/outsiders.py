"""Whom the resource's policies name outside the environment: other accounts, services, anyone.

Of principals in other accounts the environment knows no policies. The resource's side is
evaluated; where nothing but their own policies stands in the way, the answer hangs on those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.context import UNKNOWN
from policyeval.decision import Decision, Verdict
from policyeval.errors import InvalidArnError, InvalidRequestError
from policyeval.evaluation.facts_used import POLICIES
from policyeval.evaluation.service_rules import ResourcePart, rule_for
from policyeval.policy import PrincipalElement, PrincipalPattern
from policyeval.query.asking import Asking
from policyeval.query.candidates import granting, root_of
from policyeval.query.holder import Holder, HolderKind, holder_of
from policyeval.query.index import QueryIndex
from policyeval.stack import Layer
from policyeval.value import replace

_OPEN_OUTSIDE = frozenset(
    {
        Layer.IDENTITY_POLICY,
        Layer.SERVICE_CONTROL_POLICY,
        Layer.PERMISSIONS_BOUNDARY,
        Layer.SESSION_POLICY,
    }
)
_STRANGER: Mapping[str, Any] = dict.fromkeys(
    ("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths"),
    UNKNOWN,
)


def outsiders(asking: Asking, index: QueryIndex) -> tuple[list[Holder], list[str]]:
    """Give the outsiders that can or perhaps can, and listed texts that are no principal."""
    account = next(iter(index.accounts), "")
    asked = asking.request(root_of(asking.environment, index, account) if account else "*")
    request, stack = asking.environment.resolve(asked)
    if rule_for(request).part is ResourcePart.NONE:
        return [], []
    found: list[Holder] = []
    unnamed: list[str] = []
    seen: set[str] = set()
    for statement in granting(request, stack):
        for text in _texts(statement.principal, stack.canonical_users):
            if text in seen:
                continue
            seen.add(text)
            try:
                found += _holders(asking, index, text)
            except (InvalidArnError, InvalidRequestError):
                unnamed.append(text)
    return found, unnamed


def _texts(element: PrincipalElement | None, canonical: Mapping[str, str]) -> Iterator[str]:
    """Give the listed principals as texts that a request may name."""
    if element is None or element.negated:
        yield "*"  # R-MATCH-09: all but those listed
        return
    for pattern in element.patterns:
        yield _text(pattern, canonical)


def _text(pattern: PrincipalPattern, canonical: Mapping[str, str]) -> str:
    if pattern.kind == "CanonicalUser":
        account = canonical.get(pattern.text)
        return account or f"CanonicalUser {pattern.text}"
    if pattern.text == "*" and pattern.kind not in ("*", "AWS"):
        return f"{pattern.kind} *"
    return pattern.text


def _holders(asking: Asking, index: QueryIndex, text: str) -> Iterator[Holder]:
    if text == "*":
        yield from _anyone(asking, index)
        return
    request = asking.request(text)
    caller = request.principal
    if caller.text in index.principals or (
        caller.text.endswith(":root") and caller.account in index.accounts
    ):
        return  # asked as one of the environment's own
    known = asking.environment.index.identity(caller) is not None
    decision = asking.decide(text)
    yield from _holder(decision, caller.text, in_environment=known)


def _anyone(asking: Asking, index: QueryIndex) -> Iterator[Holder]:
    """`*`: callers who sign nothing; else principals of whatever account."""
    anonymous = list(_holder(asking.decide("*"), "*", in_environment=False))
    yield from anonymous
    if anonymous and anonymous[0].verdict is Verdict.ALLOWED:
        return
    stranger = next(
        text for text in map("{:012d}".format, range(len(index.accounts) + 1))
        if text not in index.accounts
    )  # fmt: skip
    partition = asking.environment.partition
    given = {key.lower() for key in asking.context}
    extra = {key: value for key, value in _STRANGER.items() if key.lower() not in given}
    decision = asking.decide(f"arn:{partition}:iam::{stranger}:user/stranger", extra)
    for holder in _holder(decision, "*", in_environment=False):
        yield replace(holder, kind=HolderKind.ANY_ACCOUNT, account="", alternatives=())


def _holder(decision: Decision, principal: str, *, in_environment: bool) -> Iterator[Holder]:
    missing: tuple[str, ...] | None = None
    if decision.denied:
        if in_environment or not _hangs_on_own_policies(decision):
            return
        missing = tuple(POLICIES + layer.value for layer in decision.blocking)
    yield holder_of(decision, principal, in_environment=in_environment, hangs_on=missing)


def _hangs_on_own_policies(decision: Decision) -> bool:
    """Tell whether nothing stands in the way but policies of the caller's that nobody gave."""
    blocking = decision.blocking
    return decision.verdict is Verdict.IMPLICIT_DENY and all(
        layer in _OPEN_OUTSIDE and decision.layer(layer).reason == "not_given" for layer in blocking
    )
