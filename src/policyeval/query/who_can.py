"""Who can do this? Found by index, then evaluated one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.context import Facts
from policyeval.environment.model import Environment
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.query.asking import OWNER_GUESSED, Asking, refuse_caller_keys
from policyeval.query.candidates import candidates, root_of
from policyeval.query.holder import Holder, WhoCan, holder_of
from policyeval.query.index import QueryIndex, index_of
from policyeval.query.outsiders import outsiders


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
    findings = list(_remarks(asking, index, texts))
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


def _remarks(asking: Asking, index: QueryIndex, texts: list[str]) -> list[Finding]:
    """What makes the answer other than it may look."""
    found: dict[Finding, None] = {}
    account = next(iter(index.accounts), "")
    if account:
        request, _ = asking.environment.resolve(
            asking.request(root_of(asking.environment, index, account))
        )
        guessed = any(finding.code == OWNER_GUESSED for finding in request.findings)
        if guessed and len(index.accounts) > 1:
            found[_owner_unknown(asking.resource)] = None
        for finding in request.findings:
            if finding.code != OWNER_GUESSED:
                found[finding] = None
    if "*" in asking.resource[1:] or "?" in asking.resource:
        found[_literal(asking.resource)] = None
    if index.unasked:
        found[_unasked([entry.name for entry in index.unasked])] = None
    for text in texts:
        found[_no_principal(text)] = None
    return list(found)


def _owner_unknown(resource: str) -> Finding:
    return Finding(
        "PE1902",
        Severity.WARNING,
        f"nothing tells whose resource {quote(resource)} is: each principal is asked as if it "
        "belonged to the principal's own account",
        help="give the resource's account, or list the resource in environment.yaml",
    )


def _literal(resource: str) -> Finding:
    return Finding(
        "PE1903",
        Severity.WARNING,
        f"{quote(resource)} is taken as the name of one resource, its wildcards as they stand",
        help="ask about one resource that exists; patterns that cover a part of these are not "
        "found this way",
    )


def _unasked(names: list[str]) -> Finding:
    shown = ", ".join(quote(name) for name in names[:6])
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return Finding(
        "PE1904",
        Severity.WARNING,
        f"nothing tells the ARNs of {shown}{more}: nobody asked about them",
        help="give each its `arn`, in environment.yaml or in NAME.meta.yaml beside the policy",
    )


def _no_principal(text: str) -> Finding:
    return Finding(
        "PE1905",
        Severity.NOTE,
        f"the resource's policy names {quote(text)}, which is no principal that can be asked about",
        help="ids such as AIDA… and AROA… stand for deleted principals; canonical ids need "
        "`canonical-user` at the account",
    )
