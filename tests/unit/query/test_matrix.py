"""Matrices: cells, names, and the forms in which they are written."""

import csv
from io import StringIO

import pytest
from tests.unit.query.worlds import BUCKET, LOG, bucket, person, role, statement, user, world

from policyeval.errors import InvalidRequestError
from policyeval.query.matrix import Answer, Matrix, matrix
from policyeval.query.names import actions_named, principals_named, resources_named
from policyeval.query.tables import (
    matrix_document,
    matrix_table,
    matrix_to_csv,
    matrix_to_json,
    safe_cell,
)
from policyeval.rendering.markdown import markdown_table
from policyeval.rendering.text import render_document

ANA, DEV, OPS = user("ana"), role("ci/dev"), role("ops")
OFFICE = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
WORLD = world(
    person(ANA, statement()),
    person(DEV, statement(Condition=OFFICE)),
    person(OPS, statement("Deny", "s3:*")),
    resources=[bucket(), bucket(arn="arn:aws:s3:::a,b")],
)


def test_cells_hold_the_three_answers():
    table = matrix(WORLD, [ANA, DEV, OPS], ["s3:GetObject", "s3:PutObject"], [LOG])
    assert [table.answer(who, "s3:GetObject", LOG) for who in (ANA, DEV, OPS)] == [
        Answer.ALLOWED,
        Answer.UNKNOWN,
        Answer.DENIED,
    ]
    assert table.answer(ANA, "s3:PutObject", LOG) is Answer.DENIED
    assert table.evaluated == 2, "nobody but those whom a statement may let in"


def test_principals_outside_the_environment_are_asked_too():
    table = matrix(WORLD, ["*", user("nobody")], ["s3:GetObject"], [LOG])
    assert set(table.rows.values()) == {(Answer.DENIED,)}
    assert table.evaluated == 2


def test_what_is_listed_twice_is_asked_once():
    table = matrix(WORLD, [ANA, ANA], ["s3:GetObject"] * 2, [LOG, LOG])
    assert (table.principals, table.actions, table.resources) == ((ANA,), ("s3:GetObject",), (LOG,))


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (["*"], [ANA, DEV, OPS]),
        (["role/*"], [DEV, OPS]),
        (["role/ci/*"], [DEV]),
        (["arn:aws:iam::*:user/*"], [ANA]),
        (["o?s,ana"], [OPS, ANA]),
        (["ana", "ana,ops"], [ANA, OPS]),
        (["ana/session"], []),
    ],
)
def test_principals_go_by_name_and_pattern(listed, expected):
    if not expected:
        with pytest.raises(InvalidRequestError):
            principals_named(WORLD, listed)
        return
    assert principals_named(WORLD, listed) == expected


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (["logs"], [BUCKET]),
        (["logs/a.log"], [LOG]),
        (["*"], [BUCKET, "arn:aws:s3:::a,b"]),
        (["arn:aws:s3:::a,b"], ["arn:aws:s3:::a,b"]),
        (["a,b"], ["arn:aws:s3:::a,b"]),
        ([f"{BUCKET},arn:aws:s3:::a,b"], [BUCKET, "arn:aws:s3:::a,b"]),
    ],
)
def test_resources_go_by_name_and_pattern_and_may_have_commas(listed, expected):
    assert resources_named(WORLD, listed) == expected


def test_exact_names_are_what_they_are():
    assert resources_named(WORLD, ["*"], exact=True) == ["*"]
    assert principals_named(WORLD, ["*", "ana"], exact=True) == ["*", "ana"]


def test_actions_are_expanded_by_the_catalogue():
    assert actions_named(["sqs:SendMess*", "made:Up"]) == ["sqs:SendMessage", "made:Up"]
    assert "s3:GetObject" in actions_named(["S3:getobj*"])


@pytest.mark.parametrize(
    "ask",
    [
        lambda: principals_named(WORLD, ["x*"]),
        lambda: resources_named(WORLD, ["x*"]),
        lambda: actions_named(["s3s:*"]),
    ],
)
def test_a_pattern_that_means_nothing_is_an_error(ask):
    with pytest.raises(InvalidRequestError) as caught:
        ask()
    assert caught.value.findings[0].code == "PE1907"


# ---- forms ----------------------------------------------------------------------------------

HOSTILE = Matrix(
    ("=cmd|' /C calc'!A0", "\x1b[31mred", "a|b`c"),
    ("s3:GetObject",),
    ("@SUM(A1)", 'x,"y"\n\u202e'),
    {
        (who, where): (Answer.ALLOWED,)
        for who in ("=cmd|' /C calc'!A0", "\x1b[31mred", "a|b`c")
        for where in ("@SUM(A1)", 'x,"y"\n\u202e')
    },
)


def test_csv_has_a_row_for_each_principal_and_resource():
    table = matrix(WORLD, [ANA, OPS], ["s3:GetObject", "s3:PutObject"], [LOG])
    rows = list(csv.reader(StringIO(matrix_to_csv(table))))
    assert rows == [
        ["principal", "resource", "s3:GetObject", "s3:PutObject"],
        [ANA, LOG, "allowed", "denied"],
        [OPS, LOG, "denied", "denied"],
    ]


def test_no_cell_of_the_csv_is_a_formula_or_steers_a_terminal():
    text = matrix_to_csv(HOSTILE)
    cells = [cell for row in csv.reader(StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert all(cell.isprintable() for cell in cells)
    assert "'@SUM(A1)" in cells
    assert "\\x1b[31mred" in cells


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_an_apostrophe_disarms_a_formula(text):
    assert safe_cell(text).startswith("'")
    assert safe_cell("s3:GetObject") == "s3:GetObject"


def test_hostile_names_are_harmless_in_text_and_markdown():
    text = render_document(matrix_document(HOSTILE))
    assert all(line.isprintable() for line in text.splitlines())
    assert "\x1b" not in text
    table = markdown_table(matrix_table(HOSTILE))
    rows = table.splitlines()
    assert len(rows) == 2 + len(HOSTILE.rows)
    assert all(row.count("|") == 4 for row in rows), "no name ends a cell"


def test_a_grid_that_is_too_wide_becomes_lists():
    actions = [f"s3:{name}" for name in ("GetObject", "PutObject", "DeleteObject", "ListBucket")]
    table = matrix(WORLD, [ANA, DEV, OPS], actions, [LOG])
    wide, narrow = (render_document(matrix_document(table, w), width=w) for w in (200, 60))
    assert wide.splitlines()[2].split() == [ANA, "allowed", "denied", "denied", "denied"]
    assert narrow.splitlines() == [
        f"on {LOG}",
        f"  {ANA}",
        "    allowed  s3:GetObject",
        "    denied   3 of 4 actions",
        f"  {DEV}",
        "    unknown  s3:GetObject",
        "    denied   3 of 4 actions",
        f"  {OPS}",
        "    denied   all of 4 actions",
    ]


def test_json_has_a_cell_for_each_combination():
    table = matrix(WORLD, [ANA, DEV], ["s3:GetObject"], [LOG])
    data = matrix_to_json(table)
    assert data["schema"] == "policyeval/matrix/1"
    assert data["cells"][1] == {
        "principal": DEV,
        "action": "s3:GetObject",
        "resource": LOG,
        "decision": "unknown",
    }
