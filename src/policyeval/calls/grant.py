"""The identity policy that grants the requests of a call, and no more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policyeval.calls.call import IamRequest

_KEPT = ("iam:PassedToService", "kms:ViaService")
"""Condition keys that narrow a grant without tying it to one call."""


def grant(requests: Iterable[IamRequest]) -> dict[str, Any]:
    """Give a policy document that allows some requests.

    Actions on the same resources share a statement. Where a part of a resource is not known, `*`
    stands for it.
    """
    resources: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
    for request in requests:
        kept = tuple((key, str(request.context[key])) for key in _KEPT if key in request.context)
        patterns = resources.setdefault((request.action, kept), [])
        pattern = _literal(request.resource) if request.resource else request.pattern
        if pattern not in patterns:
            patterns.append(pattern)
    statements: dict[tuple[tuple[str, ...], tuple[tuple[str, str], ...]], list[str]] = {}
    for (action, kept), patterns in resources.items():
        statements.setdefault((tuple(patterns), kept), []).append(action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            _statement(actions, patterns, kept) for (patterns, kept), actions in statements.items()
        ],
    }


def _statement(
    actions: list[str], patterns: tuple[str, ...], kept: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": _one_or_many(actions),
        "Resource": _one_or_many(list(patterns)),
    }
    if kept:
        statement["Condition"] = {"StringEquals": dict(kept)}
    return statement


def _literal(resource: str) -> str:
    """`${` begins a policy variable; `${$}` is a dollar sign (R-MATCH-07)."""
    return resource.replace("${", "${$}{")


def _one_or_many(texts: list[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else texts
