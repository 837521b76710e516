"""What is covered and what is missing, policy by policy: values, no words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from policyeval.errors import ConfigError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.testing.coverage.counts import ClauseCounts, PolicyCounts, StatementCounts
from policyeval.testing.coverage.record import Recorder
from policyeval.testing.coverage.shape import (
    ClauseShape,
    PatternShape,
    PolicyShape,
    StatementShape,
)
from policyeval.value import Value, Word


class State(Word):
    """How far the tests that pass got with a statement. Only `DECISIVE` is covered."""

    DECISIVE = "decisive"  # without it, one of them would get another answer
    MATCHED = "matched"  # it matched, but no answer depends on it
    EVALUATED = "evaluated"  # its policy took part, and it never matched
    UNTESTED = "untested"  # no test ever met its policy


class ConditionCoverage(Value):
    """How often a condition was true, was false, and was asked with its key absent."""

    shape: ClauseShape
    true: int
    false: int
    absent: int

    @property
    def seen(self) -> int:
        """How many of the two answers were seen."""
        return bool(self.true) + bool(self.false)

    @property
    def needs_absent(self) -> bool:
        """True where it holds without its key, and no test tried that."""
        return self.shape.open_without and not self.absent


class PatternCoverage(Value):
    """Whether a listed text was what made a request match, once at least."""

    shape: PatternShape
    used: bool


class StatementCoverage(Value):
    """One statement; of the tests that met it, the first 50 ids by name are kept."""

    shape: StatementShape
    state: State
    matched: int
    decisive: int
    failing: int
    matched_in: tuple[str, ...]
    decisive_in: tuple[str, ...]
    conditions: tuple[ConditionCoverage, ...]
    patterns: tuple[PatternCoverage, ...]

    @property
    def is_deny(self) -> bool:
        """True for a Deny."""
        return self.shape.effect == "Deny"


class Gap(Word):
    """What no passing test showed."""

    UNTESTED = "untested"
    NEVER_MATCHED = "never-matched"
    NEVER_DECISIVE = "never-decisive"
    NEVER_TRUE = "never-true"
    NEVER_FALSE = "never-false"
    NEVER_ABSENT = "never-absent"
    UNUSED = "unused"


class Missing(Value):
    """One thing that is not covered, at a line; `subject` is a key or a listed text."""

    gap: Gap
    line: int
    statement: StatementCoverage
    subject: str = ""


class Share(Value):
    """So many of so many."""

    covered: int = 0
    all: int = 0

    def __str__(self) -> str:
        return f"{self.covered}/{self.all}"

    @property
    def percent(self) -> str:
        """Percent, cut off after one decimal place: 99.99 is not 100, nor 89.99 90.

        `-` where there is nothing to cover.
        """
        if not self.all:
            return "-"
        whole, tenths = divmod(self.covered * 1000 // self.all, 10)
        return f"{whole}.{tenths}" if tenths else f"{whole}"

    @staticmethod
    def sum(shares: Iterable[Share]) -> Share:
        """Add shares up."""
        covered = every = 0
        for share in shares:
            covered += share.covered
            every += share.all
        return Share(covered, every)


class PolicyCoverage(Value):
    """One policy document; `evaluated` counts the passing tests in which it took part."""

    shape: PolicyShape
    evaluated: int
    statements: tuple[StatementCoverage, ...]

    @property
    def decisive(self) -> Share:
        """The statements on which some answer depends."""
        covered = sum(each.state is State.DECISIVE for each in self.statements)
        return Share(covered, len(self.statements))

    @property
    def conditions(self) -> Share:
        """The answers of conditions that were seen, of two for each."""
        conditions = [one for each in self.statements for one in each.conditions]
        return Share(sum(one.seen for one in conditions), 2 * len(conditions))

    @property
    def patterns(self) -> Share:
        """The listed texts that were used."""
        patterns = [one for each in self.statements for one in each.patterns]
        return Share(sum(one.used for one in patterns), len(patterns))

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What is not covered, in the order of the text."""
        found = [gap for each in self.statements for gap in _missing(each)]
        return tuple(sorted(found, key=lambda gap: (gap.statement.shape.index, gap.line)))


class Coverage(Value):
    """All policies, by file and place in it. `findings` tell what could not be counted."""

    policies: tuple[PolicyCoverage, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def decisive(self) -> Share:
        """The statements on which some answer depends: what is called covered."""
        return Share.sum(policy.decisive for policy in self.policies)

    @property
    def conditions(self) -> Share:
        """The answers of conditions that were seen, of two for each."""
        return Share.sum(policy.conditions for policy in self.policies)

    @property
    def patterns(self) -> Share:
        """The listed texts that were used."""
        return Share.sum(policy.patterns for policy in self.policies)


def coverage_of(recorder: Recorder) -> Coverage:
    """Give what a recorder knows as a table."""
    policies = tuple(_policy(counts) for counts in recorder.policies)
    findings = [
        Finding(
            "PE2300",
            Severity.WARNING,
            f"the policy {quote(name)} cannot be read: its statements are not counted",
            help="the coverage is of the other policies alone",
        )
        for name in recorder.unread
    ]
    if not any(policy.statements for policy in policies):
        findings.append(
            Finding(
                "PE2301",
                Severity.WARNING,
                "there is no statement to cover",
                help="policies that AWS attaches by itself do not count",
            )
        )
    return Coverage(policies, tuple(findings))


def failing_under(coverage: Coverage, limit: float | str) -> bool:
    """Tell whether less than `limit` percent of the statements are decisive.

    Compared exactly: 89.99 percent is under 90. Where there is no statement, every limit but 0 is
    missed. Raises ConfigError for a limit that is no number from 0 to 100.
    """
    wanted = percentage(limit)
    share = coverage.decisive
    if not share.all:
        return wanted > 0
    return Fraction(100 * share.covered, share.all) < wanted


def too_little(coverage: Coverage, limit: float | str) -> str:
    """Say that less than `limit` percent is covered; empty where it is enough."""
    if not failing_under(coverage, limit):
        return ""
    share = coverage.decisive
    return f"{share.covered} of {share.all} statements are decisive: less than {limit} percent"


def percentage(limit: float | str) -> Fraction:
    """Give a limit as it was written: 0.1 is a tenth, not the nearest binary number."""
    text = str(limit).strip()
    try:
        number = float(text)
        # A float's own text has an exponent of at most three digits: the fraction stays small.
        wanted = Fraction(text if len(text) < 40 and "e" not in text.lower() else str(number))
    except (ValueError, OverflowError, ZeroDivisionError):
        wanted = Fraction(-1)
    if not 0 <= wanted <= 100:
        raise ConfigError(f"{quote(text)} is no percentage: expected a number from 0 to 100")
    return wanted


def _policy(counts: PolicyCounts) -> PolicyCoverage:
    shapes = zip(counts.shape.statements, counts.statements, strict=True)
    return PolicyCoverage(
        counts.shape,
        counts.evaluated,
        tuple(_statement(shape, each, counts.evaluated) for shape, each in shapes),
    )


def _statement(shape: StatementShape, counts: StatementCounts, evaluated: int) -> StatementCoverage:
    conditions = zip(shape.clauses, counts.clauses, strict=True)
    patterns = zip(shape.patterns, counts.used, strict=True)
    return StatementCoverage(
        shape,
        _state(counts, evaluated),
        counts.matched.count,
        counts.decisive.count,
        counts.failing,
        tuple(counts.matched.tests),
        tuple(counts.decisive.tests),
        tuple(_condition(clause, seen) for clause, seen in conditions),
        tuple(PatternCoverage(pattern, used) for pattern, used in patterns),
    )


def _condition(shape: ClauseShape, seen: ClauseCounts) -> ConditionCoverage:
    return ConditionCoverage(shape, seen.true, seen.false, seen.absent)


def _state(counts: StatementCounts, evaluated: int) -> State:
    if counts.decisive.count:
        return State.DECISIVE
    if counts.matched.count:
        return State.MATCHED
    return State.EVALUATED if evaluated else State.UNTESTED


_GAPS = {
    State.UNTESTED: Gap.UNTESTED,
    State.EVALUATED: Gap.NEVER_MATCHED,
    State.MATCHED: Gap.NEVER_DECISIVE,
}


def _missing(statement: StatementCoverage) -> Iterator[Missing]:
    """Give the gaps of a statement; its parts are told only where requests got to them."""
    shape = statement.shape
    gap = _GAPS.get(statement.state)
    if gap is not None:
        yield Missing(gap, shape.line, statement)
    for condition in statement.conditions:
        if not condition.seen:
            continue
        clause = condition.shape
        subject = f"{clause.operator} {clause.key}"
        if not condition.true:
            yield Missing(Gap.NEVER_TRUE, clause.line, statement, subject)
        if not condition.false:
            yield Missing(Gap.NEVER_FALSE, clause.line, statement, subject)
        if condition.needs_absent:
            yield Missing(Gap.NEVER_ABSENT, clause.line, statement, clause.key)
    if any(pattern.used for pattern in statement.patterns):
        for pattern in statement.patterns:
            if not pattern.used:
                one = pattern.shape
                yield Missing(Gap.UNUSED, one.line, statement, f"{one.element} {one.text}")
