"""Who can do this? Found by index, then evaluated one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.context import Facts
from policyeval.environment.model import Environment
from policyeval.query.asking import Asking, refuse_caller_keys
from policyeval.query.candidates import candidates
from policyeval.query.holder import Holder, WhoCan, holder_of
from policyeval.query.index import QueryIndex, index_of
from policyeval.query.outsiders import outsiders
from policyeval.query.remarks import remarks


def who_can(  # noqa: PLR0913 - the parts of the question
    environment: Environment,
    action: str,
    resource: str,
    *,
    context: Mapping[str, Any] | None = None,
    resource_account: str | None = None,
    facts: Facts = Facts.TYPED,
    any_context: bool = False,
    through_roles: bool = False,
) -> WhoCan:
    """Give all principals that can, or perhaps can, do an action on a resource.

    Asked are the users and roles of the environment, the root users of its accounts, and whom the
    resource's own policies name. Each answer is the one that `evaluate` gives for that principal.
    `resource` is one ARN, or `*`; `context` as in `Request.of`. With `any_context`, condition keys
    that are not given are unknown: who could, if the call came as the conditions want it?
    `through_roles` also finds those who can assume a role that can, over any number of roles.
    Raises InvalidRequestError, or InvalidArnError for a malformed ARN.
    """
    refuse_caller_keys(context or {})
    asking = Asking(
        environment, action, resource, context or {}, facts, resource_account, any_context
    )
    index = index_of(environment)
    holders, evaluated, texts = direct_holders(asking, index)
    findings = list(remarks(asking, index, texts))
    if through_roles:
        from policyeval.query.roles import follow_roles

        chains = follow_roles(asking, index, holders)
        holders, evaluated = chains.holders, evaluated + chains.evaluated
        findings += chains.findings
    return WhoCan(
        action,
        resource,
        in_order(index, holders),
        len(index.principals) + len(index.accounts),
        evaluated,
        tuple(entry.name for entry in index.unasked),
        any_context,
        tuple(findings),
    )


def direct_holders(asking: Asking, index: QueryIndex) -> tuple[list[Holder], int, list[str]]:
    """Give those who can or perhaps can by themselves, how many were evaluated, odd texts.

    The texts stand in a resource policy as principals and name none.
    """
    holders: list[Holder] = []
    found = candidates(asking.environment, asking.request)
    for principal in found:
        decision = asking.decide(principal)
        if not decision.denied:
            holders.append(holder_of(decision, principal))
    others, texts = outsiders(asking, index)
    return [*holders, *others], len(found), texts


def in_order(index: QueryIndex, holders: list[Holder]) -> tuple[Holder, ...]:
    """Sort by account, in the order of the environment; strangers last; else as found."""
    place = {account: number for number, account in enumerate(index.accounts)}
    after = len(place)

    def rank(holder: Holder) -> tuple[bool, int]:
        return not holder.in_environment, place.get(holder.account, after)

    return tuple(sorted(holders, key=rank))
