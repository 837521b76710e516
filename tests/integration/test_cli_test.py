"""`policyeval test`, as a user calls it."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.integration.command import ask, command, environment, run
from tests.unit.testing.suites import write_suite, write_world

from policyeval.cli.watch import _folders

ASK = "principal: deploy, action: s3:GetObject, resource: logs/a"
GOOD = f"""
tests:
  - {{ name: reads, {ASK}, expect: allow }}
  - {{ name: writes not, {ASK.replace("Get", "Put")}, expect: deny resource }}
"""
BAD = f"""
tests:
  - {{ name: first, {ASK}, expect: deny }}
  - {{ name: second, {ASK}, expect: deny scp }}
  - {{ name: third, {ASK}, expect: allow }}
"""


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_world(tmp_path)


def test_all_passed(world):
    write_suite(world, GOOD)
    answer = ask("test")
    assert answer.code == 0
    assert answer.out == (
        "2 tests in 1 file\n\n"
        "a.policytest.yaml ..                                                      [100%]\n\n"
        "=================================== 2 passed ===================================\n"
    )
    assert answer.err == ""


def test_a_failure_says_what_was_expected_and_why_it_came_otherwise(world):
    write_suite(world, BAD)
    answer = ask("test")
    assert answer.code == 1
    assert "a.policytest.yaml FF." in answer.out
    assert "a.policytest.yaml::first" in answer.out
    assert "expected deny" in answer.out
    assert "ALLOWED  an identity-based policy allows s3:GetObject" in answer.out
    assert 'identity/deploy.json:4 "Publish"' in answer.out
    assert "rerun   policyeval why deploy s3:GetObject logs/a --env environment.yaml" in answer.out
    assert answer.out.splitlines()[-1].strip("= ") == "2 failed, 1 passed"


def test_stops_at_the_first_failure(world):
    write_suite(world, BAD)
    answer = ask("test", "-x")
    assert answer.code == 1
    assert "a.policytest.yaml F" in answer.out
    assert "second" not in answer.out


def test_selected_by_expression_by_id_and_by_last_failure(world):
    write_suite(world, BAD)
    assert "1 passed" in ask("test", "-k", "third").out
    assert "1 failed" in ask("test", "a.policytest.yaml::second").out
    assert ask("test").code == 1
    again = ask("test", "--lf")
    assert "3 tests in 1 file, 1 deselected" in again.out
    assert "2 failed" in again.out
    write_suite(world, BAD.replace("deny scp", "allow"))
    assert "1 failed" in ask("test", "--lf").out.splitlines()[-1]
    assert "1 failed" in ask("test", "--lf").out.splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "words", "told"),
    [
        (GOOD, ["-k", "nothing"], "PE2210"),
        (GOOD, ["-k", "a and"], "PE2211"),
        ("tests: []", [], "PE2210"),
        ("tests: [{ name: a }]", [], "PE2202"),
        ("tests: [", [], "PE0702"),
        (GOOD, ["nowhere"], "PE2201"),
        (GOOD, ["--format", "pdf"], "PE0902"),
        (GOOD, ["--format", "junit:"], "PE0902"),
        (GOOD, ["--format", "json", "--format", "sarif"], "PE0902"),
        (GOOD, ["--env", "nowhere.yaml"], "PE0701"),
    ],
)
def test_what_cannot_run_is_told_on_stderr_with_exit_code_2(world, text, words, told):
    write_suite(world, text)
    answer = ask("test", *words)
    assert answer.code == 2
    assert f"error[{told}]" in answer.err
    assert "passed" not in answer.out


def test_an_error_in_a_file_has_file_line_and_column(world):
    write_suite(world, GOOD.replace("deploy", "deplay"))
    answer = ask("test")
    assert "--> a.policytest.yaml:4:31" in answer.err
    assert "did you mean `deploy`?" in answer.err


def test_in_processes_the_output_is_the_same(world):
    write_suite(world, BAD)
    assert ask("test", "-j", "2") == ask("test")


def test_verbose_has_a_line_for_each_test_and_quiet_none(world):
    write_suite(world, BAD)
    lines = ask("test", "-v").out.splitlines()
    assert "a.policytest.yaml::first FAILED" in lines
    assert "a.policytest.yaml::third PASSED" in lines
    answer = ask("test", "-q")
    assert (answer.code, answer.out) == (1, "")


def test_reasons_can_be_required(world):
    write_suite(world, f"tests: [{{ name: a, {ASK.replace('Get', 'Put')}, expect: deny }}]")
    assert ask("test").code == 0
    assert ask("test", "--require-reason").code == 1


def test_another_environment_can_be_asked(world, tmp_path_factory):
    write_suite(world, GOOD)
    other = write_world(tmp_path_factory.mktemp("other"))
    (other / "policies/resource/logs.json").write_text('{"Version": "2012-10-17", "Statement": []}')
    (other / "environment.yaml").write_text(
        (other / "environment.yaml").read_text().replace(", policy: resource/logs.json", "")
    )
    answer = ask("test", "--env", other / "environment.yaml")
    assert answer.code == 1
    assert "writes not" in answer.out
    assert ask("test").code == 0


def test_names_steer_no_terminal(world):
    hostile = "\\x1b[31mred\\u202e"
    write_suite(world, f'tests: [{{ name: "{hostile}", {ASK}, expect: deny }}]')
    for words in ([], ["-v"]):
        answer = ask("test", *words)
        assert answer.code == 1
        assert "\x1b" not in answer.out
        assert "\u202e" not in answer.out
        assert "\\x1b[31mred" in answer.out


def test_many_marks_wrap_and_the_last_row_says_100_percent(world):
    cells = ", ".join(f"logs/{n}" for n in range(200))
    write_suite(
        world,
        f"""
        tests:
          - {{ name: m, principal: deploy, action: s3:GetObject, matrix: {{ resource: [{cells}] }},
              expect: allow }}
        """,
    )
    rows = ask("test").out.splitlines()[2:-2]
    assert all(len(row) == 80 for row in rows)
    assert sum(row.count(".") for row in rows) == 200 + 2
    assert rows[-1].endswith("[100%]")


def wait_for(path, text, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if text in path.read_text():
            return True
        time.sleep(0.05)
    return False


def test_watch_runs_again_when_a_policy_changes(world):
    write_suite(world, GOOD)
    out = world / "out.txt"
    with out.open("w") as stream:
        process = subprocess.Popen(
            command("test", "--watch"),
            stdout=stream,
            stderr=stream,
            cwd=world,
            env=environment(PYTHONUNBUFFERED="1"),
        )
        try:
            assert wait_for(out, "watching for changes")
            policy = world / "policies/identity/deploy.json"
            policy.write_text(policy.read_text().replace("s3:GetObject", "s3:ListBucket"))
            assert wait_for(out, "1 failed, 1 passed")
            policy.write_text("{")
            assert wait_for(out, "cannot be read")
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 130
        finally:
            process.kill()
    assert "Traceback" not in out.read_text()


def test_watch_of_a_file_sees_its_project_and_an_environment_elsewhere(world, tmp_path):
    (world / "tests").mkdir(exist_ok=True)
    write_suite(world, GOOD, "tests/a.policytest.yaml")
    here, one = world.resolve(), str(world / "tests/a.policytest.yaml")
    assert _folders([one]) == [here]
    assert _folders([f"{one}::reads", "tests"]) == [here]
    (tmp_path.parent / "elsewhere").mkdir(exist_ok=True)
    elsewhere = (tmp_path.parent / "elsewhere").resolve()
    assert _folders([one, str(elsewhere / "environment.yaml")]) == [here, elsewhere]


def test_the_shipped_suite_passes():
    root = Path(__file__).parents[2]
    answer = run("test", "fixtures/environments/tamagotchi", cwd=root)
    assert answer.code == 0
    assert b"19 passed" in answer.out


def test_a_reader_that_goes_away_ends_it_quietly(world):
    write_suite(world, GOOD)
    read, written = os.pipe()
    os.close(read)
    done = subprocess.run(
        command("test", "-v"),
        stdout=written,
        stderr=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    os.close(written)
    assert done.returncode == 141
    assert done.stderr == b""


def test_reports_go_to_files_beside_the_text(world):
    write_suite(world, BAD)
    forms = ("json", "junit", "sarif", "github", "markdown", "html")
    words = [word for form in forms for word in ("--format", f"{form}:out/{form}")]
    (world / "out").mkdir()
    answer = ask("test", *words)
    assert answer == ask("test")
    for form in forms:
        assert "first" in (world / "out" / form).read_text()


def test_a_report_on_standard_output_is_there_alone(world):
    write_suite(world, BAD)
    answer = ask("test", "--json")
    assert answer.code == 1
    assert json.loads(answer.out)["schema"] == "policyeval/test/1"
    answer = ask("test", "--format", "junit", "-o", "j.xml")
    assert (answer.code, answer.out) == (1, "")
    assert (world / "j.xml").read_text().startswith("<?xml")


def test_what_cannot_be_read_is_in_the_reports_too(world):
    write_suite(world, GOOD.replace("deploy", "deplay"))
    forms = ("json", "junit", "sarif", "github", "markdown", "html")
    words = [word for form in forms for word in ("--format", f"{form}:{form}")]
    answer = ask("test", *words)
    assert (answer.code, answer.out) == (2, "")
    for form in forms:
        assert "deplay" in (world / form).read_text()
    assert (world / "github").read_text().startswith("::error file=a.policytest.yaml,line=4,")
    assert '<testcase classname="a" name="cannot be read[PE0743]"' in (world / "junit").read_text()


def test_quiet_writes_files_and_nothing_else(world):
    write_suite(world, BAD)
    answer = ask("test", "-q", "--format", "junit:j.xml", "--format", "github")
    assert answer == (1, "", "")
    assert (world / "j.xml").read_text().startswith("<?xml")


def test_two_reports_of_one_file_are_refused(world):
    write_suite(world, GOOD)
    for words in (["--format", "sarif:./out"], ["--json", "-o", "out"]):
        answer = ask("test", "--format", "junit:out", *words)
        assert answer.code == 2
        assert "takes one report" in answer.err
    assert not (world / "out").exists()


def test_a_report_that_cannot_be_written_loses_no_other(world):
    write_suite(world, GOOD)
    answer = ask("test", "--format", "junit:no/such/folder", "--format", "sarif:out.sarif")
    assert answer.code == 2
    assert "there is no such folder" in answer.err
    assert (world / "out.sarif").exists()


def test_annotations_may_follow_the_text(world):
    write_suite(world, BAD)
    answer = ask("test", "--format", "text", "--format", "github")
    assert "a.policytest.yaml FF." in answer.out
    assert answer.out.count("\n::error file=a.policytest.yaml,line=4,") == 1


def test_paths_of_annotations_begin_at_the_top_of_the_project(world, monkeypatch):
    (world / "deep").mkdir()
    write_suite(world, BAD, "deep/a.policytest.yaml")
    monkeypatch.chdir(world / "deep")
    assert "::error file=deep/a.policytest.yaml" in ask("test", "--format", "github").out


def test_coverage_follows_the_tests_and_may_fail_them(world):
    write_suite(world, GOOD)
    answer = ask("test", "--cov-report", "term-missing", "--cov-report", "json:out/cov.json")
    assert answer.code == 0
    assert "policies/scp/region.json" in answer.out
    assert '"DenyOutsideEU" never matched' in answer.out
    covered = json.loads((world / "out/cov.json").read_text())
    assert covered["schema"] == "policyeval/coverage/1"
    answer = ask("test", "--cov-fail-under", "99")
    assert answer.code == 1
    assert "less than 99 percent" in answer.err
    assert ask("test", "--cov-fail-under", "0").code == 0


def test_coverage_of_several_processes_is_the_same(world):
    write_suite(world, GOOD)
    words = ("test", "--cov-report", "term-missing", "--cov-context")
    assert ask(*words, "-j", "2") == ask(*words)


def test_mutants_that_no_test_notices_are_shown_with_the_test_that_is_missing(world):
    write_suite(world, GOOD)
    answer = ask("test", "--mutate", "--mutate-report", "term", "--mutate-report", "json:m.json")
    assert answer.code == 0
    assert "survived" in answer.out
    assert "this request tells them apart:" in answer.out
    told = json.loads((world / "m.json").read_text())
    assert told["schema"] == "policyeval/mutation/1"
    assert told["killed"] > 0
    assert told["survived"] > 0
    again = ask("test", "--mutate", "-j", "2")
    assert again.out.split("\n\n", 3)[3] == answer.out.split("\n\n", 3)[3]
    assert ask("test", "--mutate", "--mutate-fail-under", "100").code == 1
    assert ask("test", "--mutate", "--mutate-fail-under", "1", "-q") == (0, "", "")


def test_missing_tests_are_written_once_and_wait_to_be_decided(world):
    write_suite(world, GOOD)
    answer = ask("test", "--mutate", "-q", "--write-tests", "more.policytest.yaml")
    assert answer.code == 0
    assert "skipped until decided" in answer.err
    after = ask("test")
    assert after.code == 0
    assert "skipped" in after.out
    assert "2 passed" in after.out
    again = ask("test", "--mutate", "--write-tests", "more.policytest.yaml")
    assert again.code == 2
    assert "is there already" in again.err


@pytest.mark.parametrize(
    "words",
    [
        ["--mutate-only", "M1"],
        ["--write-tests", "x.yaml"],
        ["--mutate", "--mutate-only", "M99"],
        ["--mutate", "--mutate-report", "html"],
        ["--mutate", "--mutate-fail-under", "200"],
        ["--mutate", "--mutate-paths", "nowhere/*"],
        ["--cov-fail-under", "a lot"],
        ["--cov-report", "pdf"],
        ["--layer", "scp"],
        ["--init", "--from-trail", "log.json"],
        ["--init", "--watch"],
        ["--init", "nowhere"],
    ],
)
def test_options_that_mean_nothing_are_told(world, words):
    write_suite(world, GOOD)
    answer = ask("test", *words)
    assert answer.code == 2
    assert answer.err.startswith("error[")


def test_first_tests_are_written_and_pass(world):
    answer = ask("test", "--init")
    assert answer.code == 0
    assert (world / "first.policytest.yaml").is_file()
    assert ask("test").code == 0
    assert ask("test", "--init").code == 2
