"""The forms of an entry that make many tests of it: matrix, table, cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from pydantic import ValidationError

from policyeval.environment.problems import findings_of
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.testing.file import NAMED, AskEntry, ContextMap, TestEntry, suite_schema
from policyeval.testing.notes import Notes, Steps
from policyeval.testing.texts import context_label
from policyeval.value import Value

COLUMNS = ("principal", "action", "resource", "context", "expect", "resource-account")
ASKED = ("principal", "action", "resource")
_IN_IDS = (*ASKED, "context")
MOST_TESTS = 1_000_000
"""Of one file: each is held in memory."""


class Said(Value):
    """An entry of the file, and where it stands; `columns` are those of a row."""

    entry: AskEntry
    steps: Steps
    columns: tuple[str, ...] = ()

    def place_of(self, field: str) -> Steps:
        """Give the way to one of its fields."""
        key = field.replace("_", "-")
        return (*self.steps, self.columns.index(key) if key in self.columns else key)


class Asked(Value):
    """What one test asks: the entries that say so, the most special one last.

    `label` tells it apart from the other tests of its entry. `chosen` are the texts that a matrix
    chose, `context` is the one that it chose, each with its place. `steps` lead to the test.
    """

    said: tuple[Said, ...]
    steps: Steps
    label: tuple[str, ...] = ()
    chosen: Mapping[str, tuple[str, Steps]] = {}
    context: tuple[list[ContextMap], Steps] | None = None

    def last(self, field: str) -> Any:
        """Give what the most special entry says of a field, with its place; None if none does."""
        for said in reversed(self.said):
            value = getattr(said.entry, field)
            if value is not None:
                return value, said.place_of(field)
        return None


def asked_by(
    entry: TestEntry, steps: Steps, defaults: AskEntry | None, notes: Notes
) -> Iterator[Asked]:
    """Give what the tests of an entry ask, in order; notes what keeps them from being made."""
    base = [Said(defaults, ("defaults",))] if defaults is not None else []
    base.append(Said(entry, steps))
    forms = [word for word in ("matrix", "rows", "cases") if getattr(entry, word) is not None]
    if len(forms) > 1:
        message = f"`{forms[0]}` and `{forms[1]}` exclude each other"
        notes.add("PE2206", message, (*steps, forms[1]), "make two tests of them")
    elif (entry.rows is None) is not (entry.columns is None):
        message = "a table needs both `columns` and `rows`"
        notes.add("PE2206", message, (*steps, "name"), "add the other")
    elif entry.matrix is not None:
        yield from _matrix(entry, tuple(base), steps, notes)
    elif entry.rows is not None:
        yield from _table(entry, tuple(base), steps, notes)
    elif entry.cases is not None:
        _is_filled(entry.cases, "cases", (*steps, "cases"), notes)
        for number, case in enumerate(entry.cases):
            place = (*steps, "cases", number)
            yield Asked((*base, Said(case, place)), place, tuple(_case_label(case)))
    else:
        yield Asked(tuple(base), steps)


def _is_filled(listed: Sequence[Any], word: str, at: Steps, notes: Notes) -> bool:
    """Tell whether a list has items; one that has none would make no test, without a word."""
    if not listed:
        notes.add("PE2206", f"the list of `{word}` is empty", at, "write at least one")
    return bool(listed)


# ---- matrix ---------------------------------------------------------------------------------

Choice = tuple[str, str, Any, Steps]
"""A word, what ids call the item, the item, and where it stands."""


def _matrix(
    entry: TestEntry, base: tuple[Said, ...], steps: Steps, notes: Notes
) -> Iterator[Asked]:
    dimensions: list[list[Choice]] = []
    for word in _IN_IDS:
        listed = getattr(entry.matrix, word)
        if listed is None:
            continue
        at = (*steps, "matrix", word)
        if not _is_filled(listed, word, at, notes):
            return
        dimensions.append(
            [
                (word, item if word != "context" else _context_label(item), item, (*at, place))
                for place, item in enumerate(listed)
            ]
        )
    count = prod(map(len, dimensions))
    if count > MOST_TESTS:
        refuse_many(count, (*steps, "matrix"), notes)
        return
    telling = [len(dimension) > 1 for dimension in dimensions]
    for combination in product(*dimensions):
        chosen = {word: (item, place) for word, _, item, place in combination}
        context = chosen.pop("context", None)
        label = tuple(
            label for (_, label, _, _), tells in zip(combination, telling, strict=True) if tells
        )
        yield Asked(base, steps, label, chosen, context)


def refuse_many(count: int, steps: Steps, notes: Notes) -> None:
    """Note that an entry makes more tests than a file may have."""
    message = f"{count:,} tests are too many: a file may have {MOST_TESTS:,}"
    notes.add("PE2213", message, steps, "ask fewer combinations, or share them out among files")


# ---- table ----------------------------------------------------------------------------------


def _table(entry: TestEntry, base: tuple[Said, ...], steps: Steps, notes: Notes) -> Iterator[Asked]:
    columns = tuple(entry.columns or ())
    if not _are_columns(columns, steps, notes):
        return
    _is_filled(entry.rows or [], "rows", (*steps, "rows"), notes)
    for number, row in enumerate(entry.rows or []):
        place = (*steps, "rows", number)
        if len(row) != len(columns):
            notes.add(
                "PE2205",
                f"the row has {len(row)} cells, the table {len(columns)} columns",
                place,
                f"the columns are {', '.join(columns)}",
            )
            continue
        case = _row(columns, row, place, notes)
        if case is not None:
            label = tuple(
                _cell_label(case, column)
                for column in columns
                if column in _IN_IDS and getattr(case, column) is not None
            )
            yield Asked((*base, Said(case, place, columns)), place, label)


def _are_columns(columns: tuple[str, ...], steps: Steps, notes: Notes) -> bool:
    for place, column in enumerate(columns):
        message = ""
        if column not in COLUMNS:
            message = f"{quote(column)} cannot be a column"
        elif column in columns[:place]:
            message = f"the column {quote(column)} stands here twice"
        if message:
            help = did_you_mean(column, COLUMNS) or f"expected some of {', '.join(COLUMNS)}"
            notes.add("PE2205", message, (*steps, "columns", place), help)
            return False
    return True


def _row(columns: tuple[str, ...], row: list[Any], steps: Steps, notes: Notes) -> AskEntry | None:
    try:
        return AskEntry.model_validate(dict(zip(columns, row, strict=True)))
    except ValidationError as error:
        problems = []
        for problem in error.errors(include_url=False):
            column, *rest = problem["loc"]
            place = (*steps, columns.index(str(column)), *rest)
            problems.append({**problem, "loc": place})
        notes.findings.extend(findings_of(problems, notes.tree, suite_schema()))
        return None


# ---- names ----------------------------------------------------------------------------------


def _cell_label(case: AskEntry, column: str) -> str:
    value = getattr(case, column)
    return _context_label(value) if column == "context" else str(value)


def _case_label(case: AskEntry) -> Iterator[str]:
    """Name a case by what it says itself."""
    for word in (*ASKED, "resource_account", "vpc_endpoint", "facts"):
        if getattr(case, word) is not None:
            yield getattr(case, word)
    if case.context is not None:
        yield _context_label(case.context)
    yield from (f"{key}=unknown" for key in case.unknown)
    if case.session_policy is not None:
        yield "+".join(case.session_policy) or "no-session-policy"


def _context_label(maps: list[ContextMap]) -> str:
    """Name a context in an id."""
    return context_label(str(each[NAMED]) if NAMED in each else each for each in maps)
