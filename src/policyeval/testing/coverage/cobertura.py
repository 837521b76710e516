"""Coverage as Cobertura XML (coverage-04.dtd): for GitLab, Jenkins, Azure DevOps, Codecov."""

from __future__ import annotations

import time
from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from policyeval.rendering.document import visible
from policyeval.testing.coverage.lines import Branch, FileLines, files_of
from policyeval.testing.coverage.table import Coverage, Share

DOCTYPE = (
    '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">'  # a name
)


def coverage_to_cobertura(coverage: Coverage, *, now: float | None = None) -> str:
    """Give the report; folders are packages, files are classes. `now` is in seconds since 1970."""
    return "".join(f"{row}\n" for row in _rows([*files_of(coverage)], now))


def _rows(files: list[FileLines], now: float | None) -> Iterator[str]:
    lines = Share.sum(file.lines for file in files)
    answers = Share.sum(file.answers for file in files)
    # Services drop reports that are too old, so the time is that of the report.
    stamp = int((time.time() if now is None else now) * 1000)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield DOCTYPE
    yield (
        f'<coverage line-rate="{_rate(lines)}" branch-rate="{_rate(answers)}" '
        f'lines-covered="{lines.covered}" lines-valid="{lines.all}" '
        f'branches-covered="{answers.covered}" branches-valid="{answers.all}" '
        f'complexity="0" version="policyeval" timestamp="{stamp}">'
    )
    yield "  <sources>"
    yield "    <source>.</source>"
    yield "  </sources>"
    yield "  <packages>"
    folders: dict[str, list[FileLines]] = {}
    for file in files:
        folders.setdefault(file.name.rpartition("/")[0] or ".", []).append(file)
    for folder, inside in sorted(folders.items()):
        yield from _package(folder, inside)
    yield "  </packages>"
    yield "</coverage>"


def _package(folder: str, files: list[FileLines]) -> Iterator[str]:
    lines = Share.sum(file.lines for file in files)
    answers = Share.sum(file.answers for file in files)
    yield (
        f'    <package name={_quoted(folder)} line-rate="{_rate(lines)}" '
        f'branch-rate="{_rate(answers)}" complexity="0">'
    )
    yield "      <classes>"
    for file in files:
        yield (
            f"        <class name={_quoted(file.name.rpartition('/')[2])} "
            f'filename={_quoted(file.name)} line-rate="{_rate(file.lines)}" '
            f'branch-rate="{_rate(file.answers)}" complexity="0">'
        )
        yield "          <methods/>"
        yield "          <lines>"
        yield from _lines(file)
        yield "          </lines>"
        yield "        </class>"
    yield "      </classes>"
    yield "    </package>"


def _lines(file: FileLines) -> Iterator[str]:
    branches: dict[int, list[Branch]] = {}
    for branch in file.branches:
        branches.setdefault(branch.line, []).append(branch)
    for number, hits in file.hits:
        here = branches.get(number)
        if here is None:
            yield f'            <line number="{number}" hits="{hits}" branch="false"/>'
            continue
        seen = sum((each.true > 0) + (each.false > 0) for each in here)
        share = f"{_percent(seen, 2 * len(here))} ({seen}/{2 * len(here)})"
        yield (
            f'            <line number="{number}" hits="{hits}" branch="true" '
            f'condition-coverage="{share}">'
        )
        yield "              <conditions>"
        for place, each in enumerate(here):
            one = _percent((each.true > 0) + (each.false > 0), 2)
            yield f'                <condition number="{place}" type="jump" coverage="{one}"/>'
        yield "              </conditions>"
        yield "            </line>"


def _percent(seen: int, every: int) -> str:
    return f"{seen * 100 // every}%"


def _rate(share: Share) -> str:
    """A rate is cut off after four decimal places; of nothing, all is covered."""
    if share.covered == share.all:
        return "1"
    return f"0.{share.covered * 10_000 // share.all:04}" if share.covered else "0"


def _quoted(text: str) -> str:
    return quoteattr(visible(text))
