"""Counters that can be added up in any order: the same tests give the same counts.

Which tests counted is remembered for a few of them only, the first by name.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from typing import Any

from policyeval.testing.coverage.shape import PolicyShape, shape_of_data, shape_to_data

MOST_TESTS = 50


class Tally:
    """How many tests, and the ids of the first 50 of them by name."""

    __slots__ = ("count", "tests")

    def __init__(self, count: int = 0, tests: list[str] | None = None) -> None:
        self.count = count
        self.tests = tests if tests is not None else []

    def add(self, test: str) -> None:
        """Count a test."""
        self.count += 1
        tests = self.tests
        if len(tests) < MOST_TESTS:
            insort(tests, test)
        elif test < tests[-1]:
            insort(tests, test)
            tests.pop()

    def merge(self, other: Tally) -> None:
        """Add what was counted elsewhere."""
        self.count += other.count
        self.tests = sorted((*self.tests, *other.tests))[:MOST_TESTS]

    def to_data(self) -> list[Any]:
        """Give plain data."""
        return [self.count, list(self.tests)]


class ClauseCounts:
    """How often a condition was true, was false, and was asked with its key absent."""

    __slots__ = ("absent", "false", "true")

    def __init__(self, true: int = 0, false: int = 0, absent: int = 0) -> None:
        self.true, self.false, self.absent = true, false, absent

    def merge(self, other: ClauseCounts) -> None:
        """Add what was counted elsewhere."""
        self.true += other.true
        self.false += other.false
        self.absent += other.absent

    def to_data(self) -> list[int]:
        """Give plain data."""
        return [self.true, self.false, self.absent]


class StatementCounts:
    """What passing tests did with a statement; `failing` counts tests that fail and met it.

    `used` has a flag for each pattern of the statement's shape, in order.
    """

    __slots__ = ("clauses", "decisive", "failing", "matched", "policy", "used")

    def __init__(self, policy: PolicyCounts, clauses: int, patterns: int) -> None:
        self.policy = policy
        self.matched = Tally()
        self.decisive = Tally()
        self.failing = 0
        self.clauses = [ClauseCounts() for _ in range(clauses)]
        self.used = [False] * patterns

    def merge(self, other: StatementCounts) -> None:
        """Add what was counted elsewhere."""
        self.matched.merge(other.matched)
        self.decisive.merge(other.decisive)
        self.failing += other.failing
        for mine, theirs in zip(self.clauses, other.clauses, strict=True):
            mine.merge(theirs)
        self.used = [a or b for a, b in zip(self.used, other.used, strict=True)]

    def to_data(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "matched": self.matched.to_data(),
            "decisive": self.decisive.to_data(),
            "failing": self.failing,
            "clauses": [clause.to_data() for clause in self.clauses],
            "used": [int(used) for used in self.used],
        }

    def read(self, data: Mapping[str, Any]) -> None:
        """Take over what was written down."""
        self.matched = Tally(*data["matched"])
        self.decisive = Tally(*data["decisive"])
        self.failing = data["failing"]
        self.clauses = [ClauseCounts(*clause) for clause in data["clauses"]]
        self.used = [bool(used) for used in data["used"]]


class PolicyCounts:
    """What tests did with a policy; `evaluated` counts passing tests that it took part in."""

    __slots__ = ("evaluated", "shape", "statements")

    def __init__(self, shape: PolicyShape) -> None:
        self.shape = shape
        self.evaluated = 0
        self.statements = [
            StatementCounts(self, len(each.clauses), len(each.patterns))
            for each in shape.statements
        ]

    def merge(self, other: PolicyCounts) -> None:
        """Add what was counted elsewhere of the same policy."""
        self.evaluated += other.evaluated
        for mine, theirs in zip(self.statements, other.statements, strict=True):
            mine.merge(theirs)

    def to_data(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "shape": shape_to_data(self.shape),
            "evaluated": self.evaluated,
            "counts": [statement.to_data() for statement in self.statements],
        }

    @staticmethod
    def of(data: Mapping[str, Any]) -> PolicyCounts:
        """Give the counts that were written down."""
        counts = PolicyCounts(shape_of_data(data["shape"]))
        counts.evaluated = data["evaluated"]
        for statement, written in zip(counts.statements, data["counts"], strict=True):
            statement.read(written)
        return counts
