"""`policyeval convert` for tests: politest and the simulator in, and out again."""

import json

import pytest
from tests.integration.command import ROOT, ask

POLITEST = ROOT / "fixtures/imports/politest/scenarios/keeper.yml"
SIMULATOR = ROOT / "fixtures/imports/simulator"
REQUEST, RESULTS = SIMULATOR / "request.json", SIMULATOR / "results.json"
HOUSE = ROOT / "fixtures/environments/tamagotchi/tests/house.policytest.yaml"


def test_a_scenario_of_politest_becomes_suites_that_pass(tmp_path):
    out = tmp_path / "tests/keeper.policytest.yaml"
    answer = ask("convert", "--from", "politest", POLITEST, "-o", out)
    assert answer.code == 0
    assert "created  policies/keeper/identity-1.json\n" in answer.out
    assert answer.out.endswith(": 6 entries of tests\n")
    assert "warning[PE2363]" in answer.err
    assert ask("test", tmp_path).out.rstrip(" =\n").endswith("8 passed, 1 skipped")


def test_a_request_with_its_results_becomes_a_suite_that_passes(tmp_path):
    out = tmp_path / "ada.policytest.yaml"
    answer = ask("convert", "--from", "simulator", REQUEST, "--results", RESULTS, "-o", out)
    assert answer.code == 0
    assert ask("test", out).out.rstrip(" =\n").endswith("4 passed, 2 skipped")


def test_answers_are_taken_only_where_they_are_asked_for(tmp_path):
    out = tmp_path / "ada.policytest.yaml"
    assert ask("convert", "--from", "simulator", REQUEST, "-o", out).code == 0
    assert "expect:" not in out.read_text()
    answer = ask("convert", "--from", "simulator", REQUEST, "--answers", "-o", out)
    assert answer.code == 2
    assert "is there and differs" in answer.err
    answer = ask("convert", "--from", "simulator", REQUEST, "--answers", "-o", out, "--force")
    assert answer.code == 0
    assert ask("test", out).out.rstrip(" =\n").endswith(" 6 passed")
    again = ask("convert", "--from", "simulator", REQUEST, "--answers", "-o", out)
    assert again.code == 0
    assert "created" not in again.out
    assert {path.name for path in tmp_path.iterdir()} == {"policies", out.name}


@pytest.mark.parametrize(("form", "code"), [("simulator", 0), ("politest", 0)])
def test_a_suite_goes_out_and_comes_back(tmp_path, form, code):
    suite, out = tmp_path / "ada.policytest.yaml", tmp_path / "out/ada.yml"
    back = tmp_path / "back/ada.policytest.yaml"
    source = ("politest", POLITEST) if form == "politest" else ("simulator", REQUEST, "--answers")
    ask("convert", "--from", *source, "-o", suite)
    went = ask("convert", "--to", form, suite, "-o", out)
    assert "created  ada.yml\n" in went.out
    results = () if form == "politest" else ("--results", out.parent / "ada.results.json")
    assert ask("convert", "--from", form, out, *results, "-o", back).code == code
    assert ask("test", back).code == 0


def test_tests_that_do_not_go_out_are_told_and_the_exit_code_is_1(tmp_path):
    answer = ask("convert", "--to", "simulator", HOUSE, "-o", tmp_path / "house.jsonl")
    assert answer.code == 1
    assert answer.out.endswith("16 entries of tests, 3 left out\n")
    assert "error[PE2368]" in answer.err
    lines = (tmp_path / "house.jsonl").read_text().splitlines()
    assert {"ActionNames", "PolicyInputList"} <= set(json.loads(lines[0]))


def test_a_dry_run_writes_nothing(tmp_path):
    out = tmp_path / "a.policytest.yaml"
    answer = ask("convert", "--from", "politest", POLITEST, "-o", out, "--dry-run")
    assert answer.code == 0
    assert "would be created  a.policytest.yaml\n" in answer.out
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_stays(tmp_path):
    out = tmp_path / "a.policytest.yaml"
    out.write_text("version: 1\n")
    answer = ask("convert", "--from", "politest", POLITEST, "-o", out)
    assert answer.code == 2
    assert "error[PE1820]" in answer.err
    assert out.read_text() == "version: 1\n"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "politest", "none.yml"], "no such file"),
        (["--from", "politest", POLITEST, POLITEST], "one file at a time"),
        (["--from", "politest", REQUEST], "has one of `policy_json`"),
        (["--from", "simulator", POLITEST], "expected a value, found `extends`"),
        (["--from", "politest", POLITEST, "--to", "simulator"], "cannot be converted"),
        (["--from", "politest", POLITEST, "--results", RESULTS], "for requests of the simulator"),
        (["--from", "simulator", REQUEST, "--env", "none"], "PE2367"),
        (["--to", "policytest", REQUEST], "`--from` says what"),
        (["--from", "policytest", HOUSE], "`--to` says what"),
        (["--to", "yaml", REQUEST], "`--to yaml` is no form"),
        (["--answers", REQUEST], "are for tests"),
        (["--to", "simulator", HOUSE, "--answers"], "for tests that come in"),
    ],
)
def test_what_cannot_be_converted_is_told(tmp_path, words, said):
    answer = ask("convert", *words, "-o", tmp_path / "a.policytest.yaml")
    assert answer.code in (0, 1, 2)
    assert said in answer.err.replace("\n  ", " ")


def test_the_name_of_the_output_must_be_that_of_a_suite(tmp_path):
    answer = ask("convert", "--from", "politest", POLITEST, "-o", tmp_path / "a.yaml")
    assert answer.code == 2
    assert "`NAME.policytest.yaml`" in answer.err
