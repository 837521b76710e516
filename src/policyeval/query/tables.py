"""A matrix as a table: for people, for Markdown, for spreadsheets, for programs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from policyeval.query.matrix import Answer, Matrix
from policyeval.rendering.document import Block, Cell, Document, Line, Run, Table, cell, line
from policyeval.rendering.document import visible as shown
from policyeval.rendering.json import finding_to_json
from policyeval.rendering.words import counted

MATRIX = "policyeval/matrix/1"

_ROLES = {Answer.ALLOWED: "allow", Answer.DENIED: "none", Answer.UNKNOWN: "unknown"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def matrix_document(matrix: Matrix, width: int = 80) -> Document:
    """Give a block for each resource: a grid where it fits the width, else a list of actions."""
    return tuple(_block(matrix, resource, width) for resource in matrix.resources)


def matrix_table(matrix: Matrix) -> Table:
    """Give the whole matrix as one table: a row for each principal and resource."""
    return Table(
        tuple(
            (cell(principal), cell(resource), *map(_cell, row))
            for (principal, resource), row in matrix.rows.items()
        ),
        ("principal", "resource", *matrix.actions),
    )


def matrix_to_csv(matrix: Matrix) -> str:
    """Give the matrix as CSV, lines ended by CRLF (RFC 4180).

    A cell that a spreadsheet would take for a formula has an apostrophe before it; characters that
    cannot be printed are shown as escapes.
    """
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["principal", "resource", *map(safe_cell, matrix.actions)])
    for (principal, resource), row in matrix.rows.items():
        answers = [answer.value for answer in row]
        writer.writerow([safe_cell(principal), safe_cell(resource), *answers])
    return text.getvalue()


def safe_cell(text: str) -> str:
    """Give a text that no spreadsheet takes for a formula."""
    return f"'{shown(text)}" if text.startswith(_FORMULA) else shown(text)


def matrix_to_json(matrix: Matrix) -> dict[str, Any]:
    """Give the matrix as a JSON object: one cell for each combination."""
    return {
        "schema": MATRIX,
        "principals": list(matrix.principals),
        "actions": list(matrix.actions),
        "resources": list(matrix.resources),
        "cells": [
            {
                "principal": principal,
                "action": action,
                "resource": resource,
                "decision": answer.value,
            }
            for (principal, resource), row in matrix.rows.items()
            for action, answer in zip(matrix.actions, row, strict=True)
        ],
        "findings": [finding_to_json(finding) for finding in matrix.findings],
    }


# ---- for people -----------------------------------------------------------------------------


def _block(matrix: Matrix, resource: str, width: int) -> Block:
    title = line(Run("heading", "on "), Run("strong", resource), whole=True)
    rows = [(principal, matrix.rows[principal, resource]) for principal in matrix.principals]
    widest = max(len(principal) for principal in matrix.principals)
    columns = sum(max(len(action), 7) + 2 for action in matrix.actions)
    if 2 + widest + columns <= width:
        grid = Table(
            tuple((cell(principal), *map(_cell, row)) for principal, row in rows),
            ("", *matrix.actions),
        )
        return Block("matrix", (grid,), title)
    lines = tuple(each for principal, row in rows for each in _lines(matrix, principal, row))
    return Block("matrix", lines, title)


def _lines(matrix: Matrix, principal: str, row: tuple[Answer, ...]) -> Iterator[Line]:
    """A principal's actions by answer; of the denied ones the number where others are not."""
    yield line(Run("strong", principal), indent=2, whole=True)
    for answer in (Answer.ALLOWED, Answer.UNKNOWN):
        actions = [
            action for action, said in zip(matrix.actions, row, strict=True) if said is answer
        ]
        if actions:
            word = Run(_ROLES[answer], f"{answer.value:<8} ")
            yield line(word, ", ".join(actions), indent=4, hang=9)
    denied = row.count(Answer.DENIED)
    if denied:
        number = "all" if denied == len(row) else str(denied)
        word = Run(_ROLES[Answer.DENIED], f"{Answer.DENIED.value:<8} ")
        yield line(word, f"{number} of {counted(len(row), 'action')}", indent=4)


def _cell(answer: Answer) -> Cell:
    return cell(Run(_ROLES[answer], answer.value))
