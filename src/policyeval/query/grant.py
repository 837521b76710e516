"""The nouns of `what_can`: actions on a region of resources, and all of them together."""

from __future__ import annotations

from policyeval.decision import StatementRef, Verdict
from policyeval.finding import Finding
from policyeval.query.conditions import Condition
from policyeval.value import Value


class Grant(Value):
    """Actions that a principal can, or perhaps can, do on the resources of a region.

    A resource is in the region if it matches all patterns of `within` and none of `excepts`.
    `verdict` is ALLOWED or UNKNOWN; `by`, `conditions` and `missing` as at a `Holder`. `example` is
    the resource that was evaluated.
    """

    actions: tuple[str, ...]
    within: tuple[str, ...]
    excepts: tuple[str, ...]
    verdict: Verdict
    by: tuple[StatementRef, ...] = ()
    conditions: tuple[Condition, ...] = ()
    missing: tuple[str, ...] = ()
    example: str = ""


class WhatCan(Value):
    """The answer to "what can it do?"; `resource` is the one asked about, empty for all."""

    principal: str
    resource: str
    grants: tuple[Grant, ...]
    any_context: bool = False
    findings: tuple[Finding, ...] = ()
