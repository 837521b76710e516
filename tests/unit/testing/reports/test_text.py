from tests.unit.testing.reports.runs import HOUSE, ROOT, house, mixed, run_of, turned

from policyeval.explanation import explain
from policyeval.rendering.document import plain
from policyeval.rendering.text import render_document, render_text
from policyeval.testing.model import Result, Run, Status
from policyeval.testing.reports.text import (
    failure_document,
    ruled,
    summary_line,
    summary_words,
    text_report,
)
from policyeval.value import replace

VET = "the vet is outside the family"
WRITTEN = (ROOT / HOUSE).read_text(encoding="utf-8").splitlines()
LINE = WRITTEN.index(f"  - name: {VET}") + 1
AT = f"{HOUSE}:{LINE}"


def test_a_failure_is_heading_place_the_blocks_of_why_and_the_command(monkeypatch):
    (result,) = run_of(turned(house(monkeypatch)[VET])).results
    shown = render_document(failure_document(result, width=100), width=100)
    heading, place, empty, *rest = shown.splitlines()
    assert heading.strip("_") == f" {HOUSE}::{VET} "
    assert len(heading) == 100
    assert place == f"{AT}: expected allow, got explicit-deny"
    assert not empty
    why = render_text(explain(result.decision), width=100)
    assert "\n".join(rest).startswith(why.rstrip("\n"))
    assert rest[-1] == (
        "rerun   policyeval why vet/visit s3:GetObject tamagotchi/saves/ada.json --env "
        "fixtures/environments/tamagotchi/environment.yaml"
    )


def test_the_heading_can_be_left_to_others(monkeypatch):
    (result,) = run_of(turned(house(monkeypatch)[VET])).results
    assert render_document(failure_document(result, heading=False)).startswith(f"{AT}: ")


def test_verbose_adds_every_statement_as_why_does(monkeypatch):
    (result,) = run_of(turned(house(monkeypatch)[VET])).results
    plainly, fully = (
        render_document(failure_document(result, verbose=verbose)) for verbose in (0, 1)
    )
    assert "statements of identity  1 of 1 read" in fully
    assert "statements of identity" not in plainly


def test_an_overlay_is_named_where_no_command_asks_the_same(monkeypatch):
    (result,) = run_of(turned(house(monkeypatch)["as if the unit were closed"])).results
    last = render_document(failure_document(result)).splitlines()[-1]
    assert last.startswith("asked in   ")
    assert last.endswith("environment.yaml, attach scp at @Pets")


def test_an_error_shows_its_findings(monkeypatch):
    test = replace(house(monkeypatch)[VET], action="s3GetObject")
    shown = render_document(failure_document(run_of(test).results[0]))
    assert f"{AT}: the request cannot be asked\n" in shown
    assert "error[PE0901]: `s3GetObject` is no action" in shown
    assert f"--> {AT}:11" in shown
    assert "rerun" not in shown


def test_the_report_holds_all_failures_and_ends_with_the_sum(monkeypatch):
    run = mixed(monkeypatch)
    shown = text_report(run)
    assert [line.strip("_ ") for line in shown.splitlines() if line.startswith("_")] == [
        f"{HOUSE}::{VET}",
        f"{HOUSE}::a typo",
    ]
    *_, last = shown.splitlines()
    assert last.strip("= ") == "1 failed, 1 passed, 1 skipped, 1 error in 0.25s"
    assert len(last) == 80


def test_the_sum_is_worded_as_pytest_words_it(monkeypatch):
    test = house(monkeypatch)[VET]

    def run(*statuses, deselected=0):
        return Run(tuple(Result(test, status) for status in statuses), 1.5, deselected)

    two_errors = run(Status.ERROR, Status.ERROR, deselected=3)
    assert summary_words(two_errors) == "3 deselected, 2 errors in 1.50s"
    assert summary_words(run()) == "no tests ran in 1.50s"
    roles = [
        summary_line(each).runs[0].role
        for each in (run(Status.PASSED), run(Status.PASSED, Status.FAILED), run(Status.SKIPPED))
    ]
    assert roles == ["verdict.allowed", "verdict.denied", "verdict.unknown"]
    assert len(plain(summary_line(run(Status.PASSED), width=60).runs)) == 60


def test_rules_stand_on_both_sides_of_a_text_of_any_length():
    assert ruled("ab", "=", 10) == "=== ab ==="
    assert ruled("abc", "=", 10) == "== abc ==="
    assert ruled("x" * 200, "_", 80) == f"_ {'x' * 200} _"
    assert ruled("ｗｉｄｅ", "=", 14) == "== ｗｉｄｅ =="


def test_a_file_cannot_begin_a_line_with_a_command_of_github(monkeypatch):
    test = replace(turned(house(monkeypatch)[VET]), file="::error::x.policytest.yaml")
    shown = text_report(run_of(test))
    assert f"./::error::x.policytest.yaml:{LINE}: expected" in shown
    assert not any(line.startswith("::") for line in shown.splitlines())


def test_an_unexpected_allow_shows_the_statement_that_grants(monkeypatch):
    read = house(monkeypatch)[
        "the keeper looks after the pets[s3:GetObject-tamagotchi/saves/ada.json]"
    ]
    shown = render_document(failure_document(run_of(turned(read)).results[0]))
    assert 'allow[PE1000]: statement "WakeThePets" matches this request\n  --> fixtures/' in shown
    assert "covers s3:GetObject" in shown
    assert shown.count("allow[PE1000]") == 1  # SCPs let it pass, they do not grant
