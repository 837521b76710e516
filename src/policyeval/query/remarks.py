"""What makes an answer about many other than it may look."""

from __future__ import annotations

from collections.abc import Iterable

from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.query.asking import OWNER_GUESSED, Asking
from policyeval.query.candidates import root_of
from policyeval.query.index import QueryIndex

MOST_NAMES = 6


def remarks(asking: Asking, index: QueryIndex, texts: Iterable[str] = ()) -> list[Finding]:
    """Give the remarks on a question; `texts` are listed principals that name none."""
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
    shown = ", ".join(quote(name) for name in names[:MOST_NAMES])
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
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
