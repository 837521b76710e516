"""Coverage as an lcov tracefile: for genhtml, Codecov, Coveralls and editors.

The format is that of the manual page of geninfo(1). genhtml refuses branches that were taken on a
line that was not reached, hence the `-`.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.rendering.document import visible
from policyeval.testing.coverage.lines import FileLines, files_of
from policyeval.testing.coverage.table import Coverage


def coverage_to_lcov(coverage: Coverage) -> str:
    """Give the tracefile: a record for each file, lines ended by a newline."""
    return "".join(f"{row}\n" for file in files_of(coverage) for row in _record(file))


def _record(file: FileLines) -> Iterator[str]:
    yield "TN:"
    yield f"SF:{visible(file.name)}"
    hits = dict(file.hits)
    for block, branch in enumerate(file.branches):
        for number, taken in enumerate((branch.true, branch.false)):
            shown = str(taken) if hits[branch.line] else "-"
            yield f"BRDA:{branch.line},{block},{number},{shown}"
    if file.branches:
        yield f"BRF:{file.answers.all}"
        yield f"BRH:{file.answers.covered}"
    for line, count in file.hits:
        yield f"DA:{line},{count}"
    yield f"LF:{file.lines.all}"
    yield f"LH:{file.lines.covered}"
    yield "end_of_record"
