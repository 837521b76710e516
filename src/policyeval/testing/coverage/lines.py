"""Coverage by the lines of files, as code coverage tools have it.

A line counts as often as the statement on it is decisive, the rarest one where several share it.
The two answers of a condition are the branches of its line; a line that is not covered has none
that was taken.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.testing.coverage.table import Coverage, PolicyCoverage, Share
from policyeval.value import Value


class Branch(Value):
    """A condition on a line, with how often it was true and was false."""

    line: int
    true: int
    false: int


class FileLines(Value):
    """A file: how often each line counts, and the conditions; by line."""

    name: str
    hits: tuple[tuple[int, int], ...]
    branches: tuple[Branch, ...]

    @property
    def lines(self) -> Share:
        """The lines that are covered."""
        return Share(sum(count > 0 for _, count in self.hits), len(self.hits))

    @property
    def answers(self) -> Share:
        """The answers of conditions that were seen."""
        seen = sum((each.true > 0) + (each.false > 0) for each in self.branches)
        return Share(seen, 2 * len(self.branches))


def files_of(coverage: Coverage) -> Iterator[FileLines]:
    """Give the files by name. Policies that are not the text of a file have no lines."""
    by_file: dict[str, list[PolicyCoverage]] = {}
    for policy in coverage.policies:
        if policy.shape.in_file:
            by_file.setdefault(policy.shape.name, []).append(policy)
    for name, policies in sorted(by_file.items()):
        yield _file(name, policies)


def _file(name: str, policies: list[PolicyCoverage]) -> FileLines:
    hits: dict[int, int] = {}
    statements = [each for policy in policies for each in policy.statements]
    for statement in statements:
        for line in range(statement.shape.line, statement.shape.end_line + 1):
            hits[line] = min(hits.get(line, statement.decisive), statement.decisive)
    branches = [
        Branch(line, each.true if hits[line] else 0, each.false if hits[line] else 0)
        for statement in statements
        for each in statement.conditions
        if (line := each.shape.line) in hits
    ]
    branches.sort(key=lambda branch: branch.line)
    return FileLines(name, tuple(sorted(hits.items())), tuple(branches))
