"""The table for terminals: a row for each policy, what is missing, which tests hit what."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from policyeval.rendering.document import (
    Block,
    Cell,
    Document,
    Line,
    Run,
    Table,
    cell,
    line,
)
from policyeval.rendering.report import finding_blocks
from policyeval.rendering.words import counted
from policyeval.testing.coverage.table import Coverage, PolicyCoverage, State, StatementCoverage
from policyeval.testing.coverage.words import (
    deny_words,
    missing_words,
    place,
    policy_name,
    state_words,
)

HEAD = ("policy", "stmts", "decisive", "cond. T/F", "patterns")
LEAST_MISSING = 32  # columns that what is missing needs beside the numbers

_ROLES = {
    State.DECISIVE: "allow",
    State.MATCHED: "unknown",
    State.EVALUATED: "deny",
    State.UNTESTED: "deny",
}


def coverage_document(
    coverage: Coverage, *, missing: bool = False, contexts: bool = False, width: int = 80
) -> Document:
    """Give the table; `missing` adds what is not covered, `contexts` which tests hit what.

    What is missing stands beside the numbers where the width has room for it, else below. Where
    names are too long for the width, the folder that they have in common is told once.
    """
    folder = _folder(coverage, width)
    table, beside = _table(coverage, width if missing else 0, folder)
    title = line("policies in ", Run("path", folder)) if folder else None
    blocks = [Block("coverage", (table,), title)]
    if missing:
        if not beside:
            blocks += _missing_below(coverage)
        blocks += _denies(coverage)
    if contexts:
        blocks += _hits(coverage)
    return (*blocks, *finding_blocks(coverage.findings))


def _folder(coverage: Coverage, width: int) -> str:
    """Give the folder that all names begin with, where they do not fit otherwise; else nothing."""
    names = [policy_name(policy.shape) for policy in coverage.policies]
    numbers = sum(map(len, HEAD[1:])) + 2 * len(HEAD) + len("100 %")
    if len(names) < 2 or max(map(len, names)) + numbers <= width:
        return ""
    first, last = (name.split("/")[:-1] for name in (min(names), max(names)))
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "/".join(step for step, _ in pairs)


def _table(coverage: Coverage, width: int, folder: str) -> tuple[Table, bool]:
    """Give the table, and whether it tells what is missing; with width 0 it never does."""
    rows = [_numbers(policy, folder) for policy in coverage.policies]
    total = [
        "TOTAL",
        str(coverage.decisive.all),
        str(coverage.decisive),
        str(coverage.conditions),
        str(coverage.patterns),
    ]
    widths = [max(map(len, column)) for column in zip(HEAD, total, *rows, strict=True)]
    beside = bool(width) and sum(widths) + 2 * len(HEAD) + 2 + LEAST_MISSING <= width
    rest = f"{coverage.decisive.percent} %" if coverage.decisive.all else "nothing to cover"
    shown = [
        (*_aligned(row, widths), *((cell(_missing_text(policy)),) if beside else ()))
        for row, policy in zip(rows, coverage.policies, strict=True)
    ]
    head = tuple(_justified(HEAD, widths))
    last = _aligned(total, widths, role="strong")
    if beside:
        shown.append((*last, (Run("strong", rest),)))
        return Table(tuple(shown), (*head, "missing"), len(HEAD)), True
    shown = [(*row, cell()) for row in shown]
    return Table((*shown, (*last, (Run("strong", rest),))), (*head, "")), False


def _numbers(policy: PolicyCoverage, folder: str) -> list[str]:
    name = policy_name(policy.shape)
    return [
        name.removeprefix(f"{folder}/") if folder else name,
        str(policy.decisive.all),
        str(policy.decisive),
        str(policy.conditions),
        str(policy.patterns),
    ]


def _justified(texts: list[str] | tuple[str, ...], widths: list[int]) -> Iterator[str]:
    """Put numbers to the right of their columns."""
    yield texts[0]
    for text, width in zip(texts[1:], widths[1:], strict=True):
        yield text.rjust(width)


def _aligned(texts: list[str], widths: list[int], role: str = "") -> tuple[Cell, ...]:
    return tuple((Run(role, text),) for text in _justified(texts, widths))


def _missing_text(policy: PolicyCoverage) -> str:
    if policy.statements and not policy.evaluated:
        return "no test meets this policy"
    return ", ".join(missing_words(each) for each in policy.missing)


def _missing_below(coverage: Coverage) -> Iterator[Block]:
    nodes: list[Line] = []
    for policy in coverage.policies:
        if not policy.missing:
            continue
        nodes.append(line(Run("path", policy_name(policy.shape)), indent=2))
        if policy.evaluated:
            nodes += [line(missing_words(each), indent=4, hang=2) for each in policy.missing]
        else:
            nodes.append(line("no test meets this policy", indent=4))
    if nodes:
        yield Block("missing", tuple(nodes), line(Run("heading", "missing")))


def _denies(coverage: Coverage) -> Iterator[Block]:
    """Say it of each Deny: a prohibition that no test needs may be lost unseen."""
    nodes = tuple(
        node
        for policy in coverage.policies
        for statement in policy.statements
        if (words := deny_words(statement))
        for node in (_heading(policy, statement), line(words, indent=4, hang=2))
    )
    if nodes:
        yield Block("denies", nodes, line(Run("heading", "denials that no test needs")))


def _hits(coverage: Coverage) -> Iterator[Block]:
    nodes: list[Line] = []
    for policy in coverage.policies:
        for statement in policy.statements:
            if statement.matched:
                nodes.append(_heading(policy, statement))
                words = Run(_ROLES[statement.state], state_words(statement))
                nodes.append(line(words, indent=4, hang=2))
                nodes += _tests(statement)
    if nodes:
        yield Block("hits", tuple(nodes), line(Run("heading", "hits")))


def _heading(policy: PolicyCoverage, statement: StatementCoverage) -> Line:
    shape = statement.shape
    return line(
        Run("path", place(policy.shape, statement)), f" {shape.effect} {shape.name}", indent=2
    )


def _tests(statement: StatementCoverage) -> Iterator[Line]:
    """Name the tests that it decides, else those that it matched in."""
    decides = statement.decisive > 0
    named = statement.decisive_in if decides else statement.matched_in
    count = statement.decisive if decides else statement.matched
    for test in named:
        yield line(test, indent=6, hang=2)
    if count > len(named):
        yield line(Run("dim", f"and {counted(count - len(named), 'more', 'more')}"), indent=6)
