"""The words of coverage: what is missing, and how far tests got with a statement."""

from __future__ import annotations

from policyeval.rendering.words import counted
from policyeval.testing.coverage.shape import PolicyShape
from policyeval.testing.coverage.table import Gap, Missing, State, StatementCoverage

_GAPS = {
    Gap.UNTESTED: "never evaluated",
    Gap.NEVER_MATCHED: "never matched",
    Gap.NEVER_DECISIVE: "never decisive",
    Gap.NEVER_TRUE: "never true",
    Gap.NEVER_FALSE: "never false",
    Gap.NEVER_ABSENT: "never absent",
    Gap.UNUSED: "unused",
}


def missing_words(missing: Missing) -> str:
    """`17 "Legacy" never matched`, `11 aws:RequestedRegion never absent`."""
    subject = missing.subject or missing.statement.shape.name
    line = f"{missing.line} " if missing.line else ""
    return f"{line}{subject} {_GAPS[missing.gap]}"


def state_words(statement: StatementCoverage) -> str:
    """`decisive in 4 tests`, `matched in 6 tests, never decisive`."""
    state = statement.state
    if state is State.DECISIVE:
        words = f"decisive in {counted(statement.decisive, 'test')}"
    elif state is State.MATCHED:
        words = f"matched in {counted(statement.matched, 'test')}, never decisive"
    elif state is State.EVALUATED:
        words = "never matched"
    else:
        words = "never evaluated"
    if statement.failing and state is not State.DECISIVE:
        words += f" (matched in {counted(statement.failing, 'test')} that failed)"
    return words


def deny_words(statement: StatementCoverage) -> str:
    """Say what it means that no answer depends on a Deny; empty where one does."""
    if not statement.is_deny or statement.state is State.DECISIVE:
        return ""
    if statement.state is State.MATCHED:
        return (
            "this Deny was never decisive: every test would get the same answer without it "
            f"(it matched in {counted(statement.matched, 'test')})"
        )
    if statement.state is State.EVALUATED:
        return "this Deny never matched: no test asks for what it denies"
    return "this Deny was never evaluated: no test meets its policy"


def place(policy: PolicyShape, statement: StatementCoverage) -> str:
    """`policies/scp/region-lock.json:4`; for a policy without lines, its name."""
    line = statement.shape.line
    return f"{policy.name}:{line}" if line else policy.name


def policy_name(policy: PolicyShape) -> str:
    """The file; with the place in it where it holds more than this document."""
    return f"{policy.name}#{policy.pointer}" if policy.pointer else policy.name
