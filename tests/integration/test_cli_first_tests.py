"""`policyeval test --init` and `--from-trail`, as a user calls them."""

import pytest
from tests.integration.command import ROOT, TAMAGOTCHI, ask
from tests.unit.testing.suites import write_world

NOTEBOOK = str(ROOT / "fixtures/cloudtrail/notebook.json")


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_world(tmp_path)


def test_first_tests_are_written_and_pass(world):
    answer = ask("test", "--init")
    assert answer.code == 0
    assert answer.out == ""
    assert "in first.policytest.yaml\nread them: they expect today's answers\n" in answer.err
    assert "environment: environment.yaml\n" in (world / "first.policytest.yaml").read_text()
    assert ask("test").code == 0


def test_a_file_that_is_there_is_not_overwritten(world):
    (world / "mine.policytest.yaml").write_text("version: 1\n")
    answer = ask("test", "--init", "environment.yaml", "-o", "mine.policytest.yaml")
    assert answer.code == 2
    assert "error[PE2348]: `mine.policytest.yaml` exists already" in answer.err
    assert (world / "mine.policytest.yaml").read_text() == "version: 1\n"


def test_tests_can_go_to_standard_output(world):
    answer = ask("test", "--init", "policies/identity/deploy.json", "-o", "-")
    assert answer.code == 0
    assert "policy: { file: policies/identity/deploy.json, layer: identity }\n" in answer.out
    assert not list(world.glob("*.policytest.yaml"))


def test_paths_in_the_file_are_those_from_its_folder(world):
    (world / "tests").mkdir()
    answer = ask("test", "--init", "policies/identity/deploy.json", "-o", "tests/d.policytest.yaml")
    assert answer.code == 0
    assert (
        "file: ../policies/identity/deploy.json" in (world / "tests/d.policytest.yaml").read_text()
    )
    assert ask("test", "tests").code == 0


@pytest.mark.usefixtures("world")
def test_a_name_that_folders_are_not_searched_for_is_told():
    answer = ask("test", "--init", "-o", "first.yaml")
    assert answer.code == 0
    assert "in first.yaml (folders are searched for names that end in .policytest" in answer.err


@pytest.mark.usefixtures("world")
def test_a_log_becomes_tests():
    answer = ask("test", "--from-trail", NOTEBOOK, "--env", TAMAGOTCHI, "-o", "-")
    assert answer.code == 0
    assert "keeper/notebook was allowed s3:GetObject on tamagotchi/saves/ada.json" in answer.out
    assert answer.err.endswith("read them: they expect what AWS answered\n")


@pytest.mark.usefixtures("world")
def test_a_log_is_read_from_standard_input():
    data = (ROOT / "fixtures/cloudtrail/notebook.json").read_bytes()
    answer = ask("test", "--from-trail", "-", "--env", TAMAGOTCHI, "-o", "-", stdin=data)
    assert answer.code == 0
    assert "was allowed s3:GetObject" in answer.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--init", "--from-trail", NOTEBOOK), "--init and --from-trail write different tests"),
        (("--init", "a", "b"), "--init writes tests for one environment, or for one policy"),
        (("--from-trail", NOTEBOOK, "a"), "--from-trail takes no PATHS"),
        (("--init", "nowhere"), "`nowhere`: there is no such file or folder"),
        (("--init", "--layer", "trusty"), "`trusty` is no layer"),
        (("--from-trail", "nowhere.json"), "nowhere.json"),
        (("--from-trail", "broken.json"), "error[PE2349]: there is nothing to write a test of"),
        (("--init", "broken.json"), "error["),
        (("--init", "-o", "no/folder/x.policytest.yaml"), "no/folder"),
    ],
)
def test_what_cannot_be_written_is_an_error(words, said, world):
    (world / "broken.json").write_text('{"Records": [')
    answer = ask("test", *words)
    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err
