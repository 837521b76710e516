"""The pytest plugin, run by pytest itself: a small project is written, and pytest run in it."""

import json
import subprocess
import sys
from importlib.metadata import entry_points
from xml.etree import ElementTree

import pytest
from tests.integration.command import policy

# Loaded here once: what is first loaded inside a run of `pytester` is forgotten after it.
from policyeval.catalogue import remarks  # noqa: F401
from policyeval.evaluation import notes  # noqa: F401
from policyeval.explanation import fixes  # noqa: F401
from policyeval.testing import asserts, handle, load, pytest_plugin, run  # noqa: F401
from policyeval.testing.reports import rerun  # noqa: F401
from policyeval.testing.reports import text as _text  # noqa: F401

pytest_plugins = "pytester"

INSTALLED = any(each.value == pytest_plugin.__name__ for each in entry_points(group="pytest11"))
ACCOUNT = "111122223333"
ENVIRONMENT = """
version: 1
accounts: { home: { id: "111122223333" } }
principals:
  ana:
    arn: arn:aws:iam::111122223333:user/ana
    policies: [ana.json]
contexts:
  at-home: { aws:SourceVpce: vpce-1 }
complete: [scp, rcp, vpc_endpoint, resource, identity, boundary, session]
"""
NEXT = ENVIRONMENT.replace("ana.json", "next.json")
READ = policy({"Sid": "Read", "Action": "s3:GetObject"})
AT_HOME = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
WRITE = policy(
    {"Sid": "Read", "Action": "s3:GetObject"},
    {"Sid": "WriteAtHome", "Action": "s3:PutObject", "Condition": AT_HOME},
)
HEAD = """
version: 1
defaults: { principal: ana, resource: "arn:aws:s3:::logs/a.log" }
"""
SUITE = f"""{HEAD}
tests:
  - {{ name: ana reads, action: s3:GetObject, expect: allow }}
  - name: ana writes at home alone
    action: s3:PutObject
    cases:
      - {{ context: at-home, expect: allow }}
      - {{ context: {{ aws:SourceVpce: null }}, expect: deny }}
"""
HALF = f"{HEAD}\ntests:\n  - {{ name: reads, action: s3:GetObject, expect: allow }}\n"
FAILING = f"""{HEAD}
tests:
  - {{ name: ana reads, action: s3:GetObject, expect: allow }}
  - {{ name: ana deletes, action: s3:DeleteObject, expect: allow }}
  - {{ name: ana writes, action: s3:PutObject, unknown: [aws:SourceVpce], expect: deny }}
"""


@pytest.fixture
def project(pytester):
    """A project with an environment; its tests are added by each test."""
    return Project(pytester)


class Project:
    def __init__(self, pytester):
        self.pytester = pytester
        self.write("environment.yaml", ENVIRONMENT)
        self.write("next.yaml", NEXT)
        self.write("ana.json", json.dumps(WRITE))
        self.write("next.json", json.dumps(READ))

    def write(self, name, text):
        path = self.pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def settings(self, **settings):
        lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
        self.write("pyproject.toml", "\n".join(["[tool.pytest.ini_options]", *lines]))

    def words(self, *words):
        plugin = [] if INSTALLED else ["-p", pytest_plugin.__name__]
        return [*plugin, "-p", "no:cacheprovider", *words]

    def run(self, *words):
        """Run pytest in this process."""
        return self.pytester.runpytest_inprocess(*self.words(*words))

    def run_apart(self, *words):
        """Run pytest in a process of its own."""
        return self.pytester.runpytest_subprocess(*self.words(*words))


# ---- files of policy tests ----------------------------------------------------------------


def test_every_policy_test_is_an_item_with_its_own_name(project):
    project.write("tests/s3.policytest.yaml", SUITE)
    result = project.run("-v")
    result.assert_outcomes(passed=3)
    names = [line.partition(" PASSED")[0] for line in result.outlines if " PASSED" in line]
    assert names == [
        "tests/s3.policytest.yaml::ana reads",
        "tests/s3.policytest.yaml::ana writes at home alone[at-home]",
        "tests/s3.policytest.yaml::ana writes at home alone[aws:SourceVpce=absent]",
    ]


@pytest.mark.parametrize("ending", ["yaml", "yml", "json"])
def test_files_of_every_ending_are_collected(project, ending):
    entry = {"name": "n", "principal": "ana", "action": "s3:GetObject", "expect": "allow"}
    text = json.dumps({"version": 1, "tests": [{**entry, "resource": "arn:aws:s3:::logs/a"}]})
    project.write(f"a.policytest.{ending}", text)
    project.write("a.policytest.txt", text)
    project.write("policytest.yaml", text)
    project.run().assert_outcomes(passed=1)


def test_a_failure_shows_its_place_and_what_why_says_and_no_traceback(project):
    project.write("s3.policytest.yaml", FAILING)
    result = project.run()
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*_ ana deletes _*",
            "s3.policytest.yaml:7: expected allow, got implicit-deny",
            "DENIED *",
            "*action * s3:DeleteObject",
            "*_ ana writes _*",
            "s3.policytest.yaml:8: expected deny, got unknown",
            "UNKNOWN *",
            "FAILED s3.policytest.yaml::ana deletes - expected allow, *",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


def test_a_failure_on_one_line_stands_at_the_place_of_the_test(project):
    project.write("tests/s3.policytest.yaml", FAILING)
    lines = project.run("--tb=line", "-q").outlines
    assert "tests/s3.policytest.yaml:7: expected allow, got implicit-deny" in lines


def test_very_verbose_shows_every_statement(project):
    project.write("s3.policytest.yaml", FAILING)
    assert "1 more" in project.run("-v", "-k", "deletes").stdout.str()
    shown = project.run("-vv", "-k", "deletes").stdout.str()
    assert "statements" in shown
    assert "WriteAtHome" in shown


def test_skips_tell_their_reason_and_fail_after_their_day(project):
    project.write(
        "s3.policytest.yaml",
        SUITE
        + """
skip:
  - { tests: [ana reads], reason: waits for PAY-112 }
  - { tests: ["*at home*"], reason: not yet, until: 2020-01-31 }
""",
    )
    result = project.run("-rs")
    result.assert_outcomes(skipped=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "s3.policytest.yaml:10: was to be skipped until 2020-01-31, and it is *",
            "SKIPPED [[]1[]] s3.policytest.yaml: waits for PAY-112",
        ]
    )


def test_a_file_with_errors_is_an_error_of_collection_with_every_place(project):
    project.write("s3.policytest.yaml", SUITE + "  - { name: odd, acton: x, expect: allowed }\n")
    result = project.run()
    result.assert_outcomes(errors=1)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        ["*ERROR collecting s3.policytest.yaml*", "*s3.policytest.yaml:12:*", "*did you mean*"]
    )
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"\0", b"{", b"version: 1\ntests: 1", b"- a\n", b"a: &a [*a]", b"!!x y"],
    ids=repr,
)
def test_whatever_a_file_holds_there_is_no_traceback(project, content):
    (project.pytester.path / "a.policytest.yaml").write_bytes(content)
    result = project.run()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "Traceback" not in result.stdout.str()
    assert "PE" in result.stdout.str()


def test_a_broken_environment_is_told_for_each_file_that_names_it(project):
    project.write("environment.yaml", "version: 1\nprincipal: {}\n")
    project.write("a.policytest.yaml", SUITE)
    project.write("b.policytest.yaml", SUITE)
    result = project.run()
    result.assert_outcomes(errors=2)
    assert "environment.yaml:2" in result.stdout.str()


def test_settings_limit_the_files_but_not_what_the_command_line_names(project):
    project.settings(policyeval_paths=["iam/**/*.policytest.yaml", "top.policytest.yaml"])
    for name in ("iam/a", "iam/deep/er/b", "other/c", "top", "deep/top"):
        project.write(f"{name}.policytest.yaml", SUITE)
    shown = project.run("--collect-only", "-q", "-k", "reads").stdout.str()
    assert "other/c" not in shown
    for name in ("iam/a", "iam/deep/er/b", "top", "deep/top"):
        assert f"\n{name}.policytest.yaml::ana reads" in f"\n{shown}"
    project.run("other/c.policytest.yaml").assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("iam/*.policytest.yaml", "iam/a"),
        ("*/*.yaml", "iam/a other/c"),
        ("**", "iam/a iam/deep/er/b other/c top"),
        ("**/deep/**/*.yaml", "iam/deep/er/b"),
        ("./top.policytest.yaml", "top"),
        ("iam/**/**/a.*", "iam/a"),
        ("b.policytest.*", "iam/deep/er/b"),
        ("[!t]*", "iam/a iam/deep/er/b other/c"),
        ("other", ""),
        ("/top.policytest.yaml", ""),
    ],
)
def test_a_pattern_is_compared_folder_by_folder(project, pattern, found):
    project.settings(policyeval_paths=[pattern])
    for name in ("iam/a", "iam/deep/er/b", "other/c", "top"):
        project.write(f"{name}.policytest.yaml", SUITE)
    lines = project.run("--collect-only", "-q", "-k", "reads").outlines
    ids = [line for line in lines if line.endswith("::ana reads")]
    assert ids == [f"{name}.policytest.yaml::ana reads" for name in found.split()]


def test_a_remark_on_a_file_is_a_warning_and_it_still_runs(project):
    project.write("s3.policytest.yaml", SUITE)
    project.write(
        "conftest.py",
        """
from policyeval.finding import Finding, Severity
from policyeval.testing import load
from policyeval.value import replace
read = load.load_suite
REMARKS = tuple(Finding("PE0001", each, f"a {each.value}") for each in list(Severity)[1:])
load.load_suite = lambda *args, **more: replace(read(*args, **more), findings=REMARKS)
def pytest_unconfigure():
    load.load_suite = read
""",
    )
    result = project.run_apart()
    result.assert_outcomes(passed=3, warnings=1)
    assert "PolicyEvalWarning: warning[PE0001]: a warning" in result.stdout.str()


def test_a_reason_can_be_required_of_every_denial(project):
    project.settings(policyeval_require_reason=True)
    project.write("s3.policytest.yaml", SUITE)
    result = project.run()
    result.assert_outcomes(passed=2, failed=1)
    assert "a denial is expected without a reason" in result.stdout.str()


# ---- options of pytest --------------------------------------------------------------------


def test_tests_are_chosen_by_name_id_line_of_file_and_marker(project):
    project.write("tests/s3.policytest.yaml", SUITE)
    project.write("tests/test_python.py", "def test_other(): pass\ndef test_uses(iam): pass\n")
    project.run("-k", "absent").assert_outcomes(passed=1, deselected=4)
    project.run("-m", "iam").assert_outcomes(passed=4, deselected=1)
    chosen = "tests/s3.policytest.yaml::ana writes at home alone[at-home]"
    project.run(chosen).assert_outcomes(passed=1)
    project.run("tests/s3.policytest.yaml::ana writes at home alone").assert_outcomes(passed=2)


def test_the_first_failure_ends_the_run_where_that_is_asked(project):
    project.write("s3.policytest.yaml", FAILING)
    project.run("-x").assert_outcomes(passed=1, failed=1)


def test_failures_of_the_last_run_are_run_again(project):
    project.write("s3.policytest.yaml", FAILING)
    words = project.words()[:-2]
    project.pytester.runpytest_inprocess(*words).assert_outcomes(passed=1, failed=2)
    again = project.pytester.runpytest_inprocess(*words, "--lf", "-v")
    again.assert_outcomes(failed=2)
    assert "ana reads" not in again.stdout.str()


def test_strict_markers_and_strict_settings_accept_what_is_registered(project):
    project.settings(
        addopts="--strict-markers --strict-config",
        filterwarnings=["error"],
        policyeval_env="next.yaml",
        policyeval_paths=["*.policytest.yaml"],
        policyeval_require_reason=False,
    )
    project.write("a.policytest.yaml", SUITE)
    project.write("test_a.py", MATRIX)
    project.run_apart().assert_outcomes(passed=3 + 4)


def test_junit_xml_tells_decision_layer_and_statement(project):
    project.write("tests/s3.policytest.yaml", FAILING)
    project.run("--junitxml=report.xml")
    tree = ElementTree.parse(project.pytester.path / "report.xml")
    cases = {case.get("name"): case for case in tree.iter("testcase")}
    told = {
        name: {each.get("name"): each.get("value") for each in case.iter("property")}
        for name, case in cases.items()
    }
    assert told["ana reads"] == {"decision": "allow", "layer": "identity", "statement": "Read"}
    assert told["ana deletes"] == {"decision": "implicit-deny", "layer": "identity"}
    assert told["ana writes"]["decision"] == "unknown"
    failure = cases["ana deletes"].find("failure")
    assert failure.get("message") == "expected allow, got implicit-deny"
    assert "DENIED" in failure.text
    assert cases["ana deletes"].get("classname") == "tests.s3.policytest.yaml"


def test_workers_collect_the_same_tests_and_tell_the_same(project):
    project.write("tests/s3.policytest.yaml", FAILING)
    project.write("tests/more.policytest.yaml", SUITE)
    project.write("tests/test_a.py", MATRIX)
    result = project.run_apart("-n", "2")
    result.assert_outcomes(passed=1 + 3 + 4, failed=2)
    result.stdout.fnmatch_lines(
        [
            "tests/s3.policytest.yaml:7: expected allow, got implicit-deny",
            "DENIED *",
            "FAILED tests/s3.policytest.yaml::ana deletes - expected allow, *",
        ]
    )


def test_names_that_would_steer_a_terminal_or_break_a_report_are_shown_as_text(project):
    entry = {"action": "s3:DeleteObject", "expect": "allow"}
    names = ["\x1b[31mred", "]]><script>", "two\nlines", "a::b[c", "\u202eback", "é 猫"]
    suite = {
        "version": 1,
        "defaults": {"principal": "ana", "resource": "arn:aws:s3:::logs/a"},
        "tests": [{"name": name, **entry} for name in names],
    }
    project.write("a.policytest.json", json.dumps(suite))
    result = project.run("-v", "--junitxml=report.xml")
    tree = ElementTree.parse(project.pytester.path / "report.xml")
    found = [case.get("name") for case in tree.iter("testcase")]
    assert len(found) == len(names)
    assert all(name.isprintable() for name in found)
    assert {"]]><script>", r"two\nlines", r"\u202eback", "é 猫"} <= set(found)
    shown = project.run("-v").stdout.str()
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert result.ret == pytest.ExitCode.TESTS_FAILED


# ---- coverage -----------------------------------------------------------------------------


def test_coverage_of_policies_is_shown_and_written(project):
    project.write("s3.policytest.yaml", SUITE)
    result = project.run("--policy-cov-report=term", "--policy-cov-report=json:c/d.json")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        ["*= coverage of policies =*", "*ana.json * 2/2 *", "*TOTAL * 2/2 *"]
    )
    told = json.loads((project.pytester.path / "c" / "d.json").read_text(encoding="utf-8"))
    assert told["schema"].startswith("policyeval/")


@pytest.mark.parametrize(("limit", "code"), [("100", 1), ("50", 0), ("50.01", 1)])
def test_too_little_coverage_fails_the_run(project, limit, code):
    project.write("s3.policytest.yaml", HALF)
    result = project.run("--policy-cov-fail-under", limit)
    result.assert_outcomes(passed=1)
    assert result.ret == code
    assert ("1 of 2 statements are decisive" in result.stdout.str()) is bool(code)
    project.settings(policyeval_cov_fail_under=limit)
    assert project.run("--policy-cov").ret == code
    assert project.run().ret == 0


def test_coverage_of_all_workers_is_added_up(project):
    project.write("a.policytest.yaml", HALF)
    project.write("b.policytest.yaml", SUITE)
    result = project.run_apart("-n", "2", "--policy-cov", "--policy-cov-fail-under=100")
    result.assert_outcomes(passed=4)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*TOTAL * 2/2 *"])


@pytest.mark.parametrize("words", ["--policy-cov-report=nope", "--policy-cov-fail-under=much"])
def test_options_of_coverage_that_mean_nothing_are_refused(project, words):
    result = project.run(words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert words.partition("=")[2] in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_a_report_that_cannot_be_written_fails_the_run_without_a_traceback(project):
    project.write("s3.policytest.yaml", SUITE)
    result = project.run("--policy-cov-report=json:ana.json/c.json")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "FAILED `ana.json/c.json`:" in result.stdout.str()


# ---- tests in Python ----------------------------------------------------------------------

MATRIX = """
import pytest
from policyeval.testing import assert_denied

@pytest.mark.iam_matrix(
    principal="ana",
    action=["s3:DeleteObject", "s3:PutObjectAcl"],
    context=["at-home", {"aws:SourceVpce": None}],
)
def test_logs_are_kept(iam_case):
    assert_denied(iam_case, resource="arn:aws:s3:::logs/a.log", by="identity", kind="implicit")
"""


def test_a_matrix_makes_a_test_of_each_combination(project):
    project.write("test_a.py", MATRIX)
    result = project.run("-v")
    result.assert_outcomes(passed=4)
    for name in ("s3:DeleteObject-at-home", "s3:PutObjectAcl-aws:SourceVpce=absent"):
        assert f"test_logs_are_kept[{name}] PASSED" in result.stdout.str()


def test_the_closest_matrix_wins_axis_by_axis(project):
    project.write(
        "test_a.py",
        """
import pytest

@pytest.mark.iam_matrix(principal=["ana"], action=["s3:GetObject", "s3:PutObject"])
class TestLogs:
    @pytest.mark.iam_matrix(resource=["arn:aws:s3:::logs/a", "arn:aws:s3:::logs/b"])
    def test_all(self, iam_case):
        assert iam_case.evaluate().request.resource.text.startswith("arn:aws:s3:::logs/")

    @pytest.mark.iam_matrix(action="s3:GetObject", resource="arn:aws:s3:::logs/a")
    def test_one(self, iam_case):
        assert iam_case.allowed()

    def test_none(self): pass
""",
    )
    project.run().assert_outcomes(passed=4 + 1 + 1)


@pytest.mark.parametrize(
    ("marker", "argument", "says"),
    [
        ("iam_matrix()", "iam_case", "takes lists by name"),
        ("iam_matrix(['ana'])", "iam_case", "takes lists by name"),
        ("iam_matrix(principals=['ana'])", "iam_case", "has no `principals`"),
        ("iam_matrix(action=[])", "iam_case", "the list of `action` is empty"),
        ("iam_matrix(action=['s3:GetObject'])", "iam", "take it as an argument"),
        ("iam_env()", "iam", "takes the name of one file"),
        ("iam_env('nowhere.yaml')", "iam", "nowhere.yaml"),
        ("iam", "iam_case", "needs the marker iam_matrix"),
    ],
)
def test_a_marker_that_cannot_be_meant_is_an_error(project, marker, argument, says):
    text = f"import pytest\n@pytest.mark.{marker}\ndef test_a({argument}): pass\n"
    project.write("test_a.py", text)
    result = project.run()
    result.assert_outcomes(errors=1)
    assert says in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


ALLOWS_WRITING = """
def test_a(iam):
    assert iam.allowed("ana", "s3:PutObject", "arn:aws:s3:::logs/a", "at-home")
"""


def test_a_test_asks_the_nearest_environment_the_named_or_that_of_its_marker(project):
    project.write("tests/test_nearest.py", ALLOWS_WRITING)
    project.run().assert_outcomes(passed=1)
    marked = f"import pytest\n@pytest.mark.iam_env('next.yaml')\n{ALLOWS_WRITING.strip()}"
    project.write("tests/test_marked.py", marked)
    project.run("tests/test_marked.py").assert_outcomes(failed=1)
    project.settings(policyeval_env="next.yaml")
    project.run("tests/test_nearest.py").assert_outcomes(failed=1)
    project.write("sub/environment.yaml", NEXT.replace("next.json", "../next.json"))
    project.settings()
    project.write("sub/test_nearer.py", ALLOWS_WRITING)
    project.run("sub", "tests/test_nearest.py").assert_outcomes(passed=1, failed=1)


def test_an_environment_of_the_project_itself_takes_the_place_of_the_nearest(project):
    project.write(
        "conftest.py",
        """
import pytest
from policyeval import Layer, PolicyStack, parse_policy

@pytest.fixture(scope="session")
def policy_env():
    text = '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
    return PolicyStack.of({Layer.IDENTITY_POLICY: [parse_policy(text)]}, complete=list(Layer))
""",
    )
    project.write(
        "test_a.py",
        """
from policyeval.testing import assert_allowed
def test_a(iam):
    assert_allowed(iam, "arn:aws:iam::111122223333:user/x", "s3:DeleteBucket", "arn:aws:s3:::b")
""",
    )
    project.run().assert_outcomes(passed=1)


def test_an_environment_is_loaded_once_for_files_and_modules(project):
    project.write("a.policytest.yaml", SUITE)
    project.write(
        "conftest.py",
        """
import pytest
from policyeval.testing import library
loads = []
load = library.load_environment
library.load_environment = lambda path: loads.append(path) or load(path)
def pytest_unconfigure():
    library.load_environment = load
    print("loaded", len(loads))
""",
    )
    for name in ("test_a.py", "test_b.py"):
        project.write(name, ALLOWS_WRITING)
    result = project.run("-s")
    result.assert_outcomes(passed=5)
    assert "loaded 1" in result.stdout.str()


def test_without_an_environment_the_error_says_what_to_do(project):
    (project.pytester.path / "environment.yaml").unlink()
    project.write("test_a.py", ALLOWS_WRITING)
    result = project.run()
    result.assert_outcomes(errors=1)
    assert "PE2230" in result.stdout.str()
    assert "policyeval_env" in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


def test_a_failed_assert_shows_the_line_of_the_test_and_the_explanation(project):
    project.write(
        "test_a.py",
        """
from policyeval.testing import assert_allowed
def test_a(iam):
    assert_allowed(iam, "ana", ["s3:GetObject", "s3:DeleteObject"], "arn:aws:s3:::logs/a")
def test_b(iam):
    assert_allowed(iam, "anna", "s3:GetObject", "arn:aws:s3:::logs/a")
""",
    )
    result = project.run()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            ">*assert_allowed(iam, *",
            "E *AssertionError: 1 request of 2 got another answer than expected",
            "E *1. ana s3:DeleteObject arn:aws:s3:::logs/a: expected allow, got implicit-deny",
            "E *DENIED *",
            "test_a.py:4: AssertionError",
            "E *no principal `anna`; did you mean `ana`[?]",
            "test_a.py:6: InvalidRequestError",
        ]
    )
    assert "asserts.py" not in result.stdout.str()
    assert "handle.py" not in result.stdout.str()


# ---- what it costs ------------------------------------------------------------------------

COUNT = """
import sys, pytest
code = pytest.main({words!r})
print("loaded", sorted(name for name in sys.modules
      if name.startswith(("policyeval", "pydantic", "yaml", "lark"))))
sys.exit(code)
"""


def test_a_project_without_policy_tests_loads_nothing_but_the_plugin(tmp_path):
    (tmp_path / "test_a.py").write_text("def test_a(): pass\n", encoding="utf-8")
    (tmp_path / "data.yaml").write_text("a: 1\n", encoding="utf-8")
    words = ["-p", "no:hypothesispytest", "-p", "no:cacheprovider"]
    if not INSTALLED:
        words += ["-p", pytest_plugin.__name__]
    done = subprocess.run(
        [sys.executable, "-c", COUNT.format(words=words)],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lazy = ["policyeval", "policyeval.lazy", "policyeval.testing"]
    assert f"loaded {[*lazy, 'policyeval.testing.pytest_plugin']}" in done.stdout
