"""The GitHub Action, the GitLab template and the pre-commit hook: their own commands, run.

The runner is played: its variables are set as GitHub sets them, and `policyeval` is this checkout.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from tests.integration.command import ROOT

BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(BASH is None, reason="the scripts are for bash")

SUITE = """\
version: 1
stack: { identity: policies/reader.json }
tests:
  - { name: reads, action: s3:GetObject, resource: "arn:aws:s3:::pets/a", expect: allow }
  - { name: does not write, action: s3:PutObject, resource: "arn:aws:s3:::pets/a", expect: %s }
"""
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}],
}


@pytest.fixture(scope="module")
def action():
    return yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


@pytest.fixture
def repository(tmp_path):
    """A repository with tests, and a runner's folders; a `policyeval` that is this checkout."""
    work = tmp_path / "work"
    (work / "policies").mkdir(parents=True)
    (work / ".git").mkdir()
    (work / "policies/reader.json").write_text(json.dumps(POLICY))
    (work / "pets.policytest.yaml").write_text(SUITE % "implicit-deny")
    tool = tmp_path / "temp/policyeval/bin/policyeval"
    script(tool, f'exec "{sys.executable}" -m policyeval "$@"')
    return work


@pytest.fixture
def recorder(repository):
    """The repository with a `policyeval` that only writes down its arguments."""
    tool = repository.parent / "temp/policyeval/bin/policyeval"
    script(tool, f"printf '%s\\n' \"$@\" > '{repository.parent}/asked'")
    return repository


def asked_of(repository):
    return (repository.parent / "asked").read_text().splitlines()


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{BASH}\n{text}\n")
    path.chmod(0o755)


def bash(text, cwd, **variables):
    """Run a script as GitHub does: `bash --noprofile --norc -eo pipefail {0}`."""
    path = cwd.parent / "script.sh"
    path.write_text(text)
    plain = {key: value for key, value in os.environ.items() if "COLOR" not in key}
    here = {"PYTHONPATH": f"{ROOT / 'src'}", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [BASH, "--noprofile", "--norc", "-eo", "pipefail", path],
        cwd=cwd,
        env=plain | here | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def step(action, name):
    (found,) = (each for each in action["runs"]["steps"] if each.get("name") == name)
    return found


def run_action(action, work, **inputs):
    """Run the step of the action with its inputs; the folders are the runner's."""
    runner = work.parent
    given = {key: str(each["default"]) for key, each in action["inputs"].items()} | {
        key.replace("_", "-"): value for key, value in inputs.items()
    }
    found = step(action, "Run policyeval")
    variables = {
        name: re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", text)[1]
        for name, text in found["env"].items()
    }
    done = bash(
        found["run"],
        work / given["working-directory"],
        **{name: given[each] for name, each in variables.items()},
        RUNNER_TEMP=str(runner / "temp"),
        GITHUB_STEP_SUMMARY=str(runner / "summary.md"),
        GITHUB_OUTPUT=str(runner / "output"),
        GITHUB_ACTIONS="true",
    )
    summary = runner / "summary.md"
    return done, summary.read_text(encoding="utf-8") if summary.exists() else ""


# ---- GitHub -----------------------------------------------------------------------------------


def test_the_action_passes_where_all_tests_pass(action, repository):
    done, summary = run_action(action, repository, sarif="out.sarif", junit="out.xml")
    assert done.returncode == 0, done.stderr
    assert "2 passed" in done.stdout
    assert "::error" not in done.stdout
    assert "2 passed" in summary
    assert (repository.parent / "output").read_text() == "exit-code=0\n"
    assert json.loads((repository / "out.sarif").read_text())["runs"][0]["results"] == []
    assert len(ElementTree.parse(repository / "out.xml").findall(".//testcase")) == 2


def test_a_failing_test_is_an_annotation_a_row_an_alert_and_exit_code_1(action, repository):
    (repository / "pets.policytest.yaml").write_text(SUITE % "allow")
    done, summary = run_action(action, repository, sarif="out.sarif", junit="out.xml")
    assert done.returncode == 1
    assert re.search(r"(?m)^::error file=pets\.policytest\.yaml,line=5", done.stdout)
    assert "does not write" in summary
    assert (repository.parent / "output").read_text() == "exit-code=1\n"
    results = json.loads((repository / "out.sarif").read_text())["runs"][0]["results"]
    assert len(results) == 1
    assert len(ElementTree.parse(repository / "out.xml").findall(".//failure")) == 1


def test_tests_that_cannot_be_read_are_exit_code_2(action, repository):
    (repository / "pets.policytest.yaml").write_text("version: 1\ntests: [{name: a}]\n")
    done, _ = run_action(action, repository)
    assert done.returncode == 2
    assert "PE22" in done.stderr + done.stdout


def test_reports_are_written_only_where_they_are_asked_for(action, repository):
    done, summary = run_action(action, repository, summary="false")
    assert done.returncode == 0
    assert summary == ""
    assert sorted(each.name for each in repository.iterdir() if each.is_file()) == [
        "pets.policytest.yaml"
    ]


def test_the_summary_of_an_earlier_step_stays(action, repository):
    (repository.parent / "summary.md").write_text("before\n")
    _, summary = run_action(action, repository)
    assert summary.startswith("before\n")
    assert "2 passed" in summary


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ("", []),
        ("-k reads", ["-k", "reads"]),
        ("  a.yaml   -k\treads \n", ["a.yaml", "-k", "reads"]),
        ("-k\nreads or writes\n", ["-k", "reads or writes"]),
        ("a b\n\n-k\n 'x'", ["a b", "-k", " 'x'"]),
        ('* ~ $HOME \\\\ "a', ["*", "~", "$HOME", "\\\\", '"a']),
    ],
)
def test_arguments_are_words_of_a_line_or_lines(action, recorder, args, words):
    done, _ = run_action(action, recorder, args=args, summary="false")
    assert done.returncode == 0, done.stderr
    assert asked_of(recorder) == ["test", *words, "--format", "text", "--format", "github"]


def test_a_selection_with_blanks_reaches_the_tests(action, repository):
    done, _ = run_action(action, repository, args="-k\ndoes and not reads")
    assert "1 passed" in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "; touch PWNED",
        "$(touch PWNED)",
        "`touch PWNED`",
        "&& touch PWNED",
        "| touch PWNED",
        '"; touch PWNED; "',
        "'; touch PWNED; '",
        "a\n; touch PWNED",
        "a\n$(touch PWNED)",
        "> PWNED",
    ],
)
@pytest.mark.parametrize("key", ["command", "args", "sarif", "junit", "summary"])
def test_no_input_is_run_by_the_shell(action, recorder, key, text):
    done, _ = run_action(action, recorder, **{key: text})
    assert done.returncode == 0, done.stderr
    assert asked_of(recorder)
    assert not list(recorder.parent.rglob("PWNED*"))


def test_another_verb_gets_no_options_of_test(action, repository):
    done, summary = run_action(action, repository, command="explain", args="PE2201")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("PE2201")
    assert summary == ""


def test_it_runs_in_the_folder_that_is_named(action, repository):
    below = repository / "below"
    below.mkdir()
    done, _ = run_action(action, repository, working_directory="below")
    assert done.returncode == 2  # there are no tests here


def install(action, runner, version=""):
    """Run the step that installs, with a `python` that writes down what it is asked."""
    for folder in ("work", "temp", "stub"):
        (runner / folder).mkdir(exist_ok=True)
    inner = f"printf '%s\\n' \"$@\" >> '{runner}/asked'"
    script(runner / "inner", inner)
    script(
        runner / "stub/python",
        f'{inner}\nmkdir -p "$4/bin"\ncp \'{runner}/inner\' "$4/bin/python"',
    )
    done = bash(
        step(action, "Install policyeval")["run"],
        runner / "work",
        PATH=f"{runner / 'stub'}{os.pathsep}{os.environ['PATH']}",
        RUNNER_TEMP=str(runner / "temp"),
        POLICYEVAL_SOURCE="/actions/policyeval/it is here",
        POLICYEVAL_VERSION=version,
    )
    asked = runner / "asked"
    return done, asked.read_text().splitlines() if asked.exists() else []


@pytest.mark.parametrize(
    ("version", "wanted"),
    [("", "/actions/policyeval/it is here"), ("1.2.0rc1", "policyeval==1.2.0rc1")],
)
def test_what_is_installed_is_the_actions_own_commit_or_the_version(
    action, tmp_path, version, wanted
):
    done, asked = install(action, tmp_path, version)
    assert done.returncode == 0, done.stderr
    assert asked[:3] == ["-I", "-m", "venv"]
    assert asked[-2:] == ["--", wanted]


@pytest.mark.parametrize("version", ["1 --index-url x", "1;touch PWNED", "$(touch PWNED)", "../x"])
def test_a_version_that_is_none_installs_nothing(action, tmp_path, version):
    done, asked = install(action, tmp_path, version)
    assert done.returncode == 2
    assert asked == []
    assert not list(tmp_path.rglob("PWNED"))


def test_no_script_of_the_action_holds_an_expression_and_all_actions_are_pinned(action):
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    for each in action["runs"]["steps"]:
        assert "${{" not in each.get("run", "")
        if "uses" in each:
            assert re.search(rf"(?m)uses: {each['uses']} # v[0-9.]+$", text)
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each["uses"])
    assert {"using": "composite"}.items() <= action["runs"].items()
    assert len([each for each in action["runs"]["steps"] if "run" in each]) == 2


def test_every_input_is_told_and_used(action):
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    for name, each in action["inputs"].items():
        assert each["description"]
        assert f"${{{{ inputs.{name} }}}}" in text
    page = (ROOT / "docs/policy-tests-in-ci.md").read_text(encoding="utf-8")
    for name in action["inputs"]:
        assert f"`{name}`" in page


def yaml_blocks(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return [yaml.safe_load(block) for block in re.findall(r"(?s)```yaml\n(.*?)```", text)]


def test_what_the_page_lets_people_type_is_what_its_commands_run():
    page = (ROOT / "docs/policy-tests-in-ci.md").read_text(encoding="utf-8")
    for name in ("policies/reader.json", "reader.policytest.yaml"):
        assert (ROOT / "fixtures/ci" / name).read_text(encoding="utf-8") in page
    green = (ROOT / "fixtures/ci/policies/reader.json").read_text(encoding="utf-8")
    red = (ROOT / "fixtures/ci/policies/reader-too-much.json").read_text(encoding="utf-8")
    assert green.replace("s3:GetObject", "s3:*Object") == red


def test_the_workflow_of_the_page_is_pinned_and_may_do_no_more_than_it_must(action):
    (workflow,) = (each for each in yaml_blocks("policy-tests-in-ci.md") if "jobs" in each)
    assert workflow["permissions"] == {"contents": "read"}
    job = workflow["jobs"]["test"]
    assert job["permissions"] == {"contents": "read", "security-events": "write"}
    checkout, ours, upload = job["steps"]
    for each in (checkout, upload):
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each["uses"])
    assert checkout["with"] == {"persist-credentials": False}
    assert set(ours["with"]) <= set(action["inputs"])
    assert upload["with"]["sarif_file"] == ours["with"]["sarif"]
    assert "always()" in upload["if"]  # after a failing test above all


# ---- GitLab -----------------------------------------------------------------------------------


def gitlab_job():
    file = yaml.safe_load((ROOT / "ci/gitlab.yml").read_text(encoding="utf-8"))
    job = file["policyeval"]
    return {**file[job["extends"]], **job}


@pytest.mark.parametrize(("expect", "code"), [("implicit-deny", 0), ("allow", 1)])
def test_the_job_of_gitlab_writes_the_report_that_it_keeps(repository, expect, code):
    (repository / "pets.policytest.yaml").write_text(SUITE % expect)
    job = gitlab_job()
    tools = repository.parent / "temp/policyeval/bin"
    done = bash(
        "\n".join(job["script"]),
        repository,
        PATH=f"{tools}{os.pathsep}{os.environ['PATH']}",
        **job["variables"],
    )
    assert done.returncode == code, done.stderr
    report = repository / job["artifacts"]["reports"]["junit"]
    assert len(ElementTree.parse(report).findall(".//testcase")) == 2
    assert job["artifacts"]["when"] == "always"


def test_the_job_of_gitlab_installs_one_thing(tmp_path):
    script(tmp_path / "stub/python", f"printf '%s\\n' \"$@\" > '{tmp_path}/asked'")
    (tmp_path / "work").mkdir()
    done = bash(
        "\n".join(gitlab_job()["before_script"]),
        tmp_path / "work",
        PATH=f"{tmp_path / 'stub'}{os.pathsep}{os.environ['PATH']}",
        POLICYEVAL_INSTALL="policyeval==1; touch PWNED",
    )
    assert done.returncode == 0
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[-2:] == ["--", "policyeval==1; touch PWNED"]
    assert not list(tmp_path.rglob("PWNED"))


# ---- pre-commit -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hook():
    (only,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return only


@pytest.mark.parametrize(("expect", "code"), [("implicit-deny", 0), ("allow", 1)])
def test_the_hook_runs_the_tests(hook, repository, expect, code):
    (repository / "pets.policytest.yaml").write_text(SUITE % expect)
    assert hook["pass_filenames"] is False
    tools = repository.parent / "temp/policyeval/bin"
    done = bash(hook["entry"], repository, PATH=f"{tools}{os.pathsep}{os.environ['PATH']}")
    assert done.returncode == code, done.stderr


@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("policies/scp/a.json", True),
        ("iam/policies/identity/deploy.json", True),
        ("environment.yaml", True),
        ("iam/environment.yml", True),
        ("s3.policytest.yaml", True),
        ("tests/s3.policytest.json", True),
        ("README.md", False),
        ("src/policies.json", False),
        ("my-environment.yaml", False),
    ],
)
def test_the_hook_runs_for_policies_environments_and_tests(hook, name, runs):
    assert bool(re.search(hook["files"], name)) is runs


def test_the_hook_has_a_command_that_the_package_installs(hook):
    import tomllib

    project = tomllib.loads(Path(ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert hook["language"] == "python"
    assert hook["entry"].split()[0] in project["project"]["scripts"]


def test_modules_of_the_repository_are_not_run(action):
    gitlab = (ROOT / "ci/gitlab.yml").read_text(encoding="utf-8")
    scripts = [step.get("run", "") for step in action["runs"]["steps"]]
    started = re.findall(r'python"? (.*?-m \w+)', "\n".join([*scripts, gitlab]))
    assert started == ["-I -m venv", "-I -m pip", "-I -m pip"]
