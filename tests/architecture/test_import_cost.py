"""What a command loads before it answers: nothing heavy on the paths that are run all day."""

import json
import os
import subprocess
import sys

import pytest

HEAVY = frozenset(
    (
        *("pydantic", "pydantic_core", "rich", "yaml", "lark", "jmespath", "jsonschema"),
        *("dataclasses", "asyncio", "http", "urllib.request", "socket", "ssl", "unittest"),
        *("importlib.metadata", "decimal", "fractions", "logging", "multiprocessing", "tempfile"),
        *("doctest", "sqlite3", "xml", "email", "hashlib", "random", "secrets"),
    )
)
OURS_LATER = frozenset(
    (
        "policyeval.case",
        "policyeval.cli.actions",
        "policyeval.cli.decide",
        "policyeval.cli.explain",
        "policyeval.cli.schema",
        "policyeval.environment",
        "policyeval.explanation.claimed",
        "policyeval.paste",
        "policyeval.parsing.grammar",
        "policyeval.parsing.json_defects",
        "policyeval.parsing.arn_defects",
        "policyeval.rendering.catalogue",
        "policyeval.rendering.claims",
        "policyeval.rendering.html",
        "policyeval.rendering.json",
        "policyeval.rendering.markdown",
        "policyeval.rendering.redact",
    )
)
QUESTION = ("arn:aws:iam::111122223333:user/ana", "s3:GetObject", "arn:aws:s3:::logs/a.log")
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "AtHome",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:List*"],
            "Resource": "arn:aws:s3:::logs/*",
            "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        }
    ],
}

RUN = """
import json, runpy, sys
before = set(sys.modules)
code = None
{body}
print("\\0" + json.dumps([code, sorted(set(sys.modules) - before)]), file=sys.stderr)
"""
COMMAND = """
sys.argv = ["policyeval", *{words!r}]
try:
    runpy.run_module("policyeval", run_name="__main__")
except SystemExit as exit_:
    code = exit_.code or 0
"""


def loaded(body, cwd=None):
    """Run some lines in a fresh, isolated interpreter; give the exit code and what they loaded."""
    plain = {
        key: value for key, value in os.environ.items() if not key.startswith(("COV", "FORCE"))
    }
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN.format(body=body)],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=plain,
        timeout=60,
        check=True,
    )
    code, modules = json.loads(done.stderr.rpartition("\0")[2])
    return code, set(modules)


def within(modules, packages):
    """The packages of which something is among the modules."""
    return {
        package
        for package in packages
        if any(name == package or name.startswith(package + ".") for name in modules)
    }


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "policy.json").write_text(json.dumps(POLICY), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("verb", ["why", "can"])
@pytest.mark.parametrize(
    "flags",
    [(), ("--vpc-endpoint", "vpce-1"), ("--context", "aws:SourceVpce=vpce-2")],
    ids=["absent", "allowed", "denied"],
)
def test_a_piped_answer_from_a_policy_file_loads_nothing_heavy(folder, verb, flags):
    words = [verb, *QUESTION, "--policy", "identity=policy.json", *flags]
    code, modules = loaded(COMMAND.format(words=words), folder)
    assert code == (1 if verb == "can" and flags != ("--vpc-endpoint", "vpce-1") else 0)
    assert "policyeval.evaluation.engine" in modules
    assert within(modules, HEAVY) == set()
    assert within(modules, OURS_LATER) == set()


def test_can_does_not_load_what_explains(folder):
    words = ["can", *QUESTION, "--policy", "identity=policy.json"]
    _, modules = loaded(COMMAND.format(words=words), folder)
    assert within(modules, {"policyeval.explanation", "policyeval.rendering"}) == set()


def test_an_answer_loads_a_bounded_number_of_modules(folder):
    """A guard against slow growth: raise it knowingly."""
    words = ["why", *QUESTION, "--policy", "identity=policy.json"]
    _, modules = loaded(COMMAND.format(words=words), folder)
    ours = {name for name in modules if name.startswith("policyeval")}
    assert len(ours) <= 105
    assert len(modules - ours) <= 160


CATALOGUE = """
from policyeval.catalogue.lookup import expand, find_action, resources_of, services
assert len(services()) > 400
assert find_action("s3:GetObject") and resources_of("s3:GetObject") and expand("s3:Get*")
from policyeval.catalogue import lookup
loaded = lookup._plain.cache_info().currsize
assert loaded == 1, loaded
"""


def test_the_catalogue_loads_one_service_and_little_code():
    _, modules = loaded(CATALOGUE)
    assert within(modules, HEAVY | {"typer", "click"}) == set()
    assert within(modules, {"policyeval.cli", "policyeval.evaluation", "policyeval.case"}) == set()


def test_bulk_decisions_do_not_load_the_catalogue():
    _, modules = loaded(LIBRARY.format(policy=POLICY, question=QUESTION))
    assert within(modules, {"policyeval.catalogue"}) == set()


def test_colour_and_queries_load_what_they_need_and_only_that(folder):
    words = ["why", *QUESTION, "--policy", "identity=policy.json"]
    _, coloured = loaded(COMMAND.format(words=[*words, "--color", "always"]), folder)
    assert "rich" in coloured
    assert within(coloured, {"pydantic", "yaml", "lark", "jmespath"}) == set()
    _, queried = loaded(COMMAND.format(words=[*words, "--query", "decision"]), folder)
    assert "jmespath" in queried
    assert within(queried, {"pydantic", "yaml", "lark", "rich"}) == set()


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["why", "--help"]], ids=" ".join)
def test_help_and_version_do_not_load_models(words):
    code, modules = loaded(COMMAND.format(words=words))
    assert code == 0
    assert within(modules, {"pydantic", "yaml", "lark", "jmespath"}) == set()


def test_importing_the_package_loads_next_to_nothing():
    _, modules = loaded("import policyeval")
    ours = {name for name in modules if name.startswith("policyeval")}
    assert ours == {"policyeval", "policyeval.lazy"}
    assert within(modules, HEAVY | {"typer", "click", "json", "re"}) == set()


def test_the_library_as_a_whole_needs_no_command_line():
    names = "from policyeval import *"
    _, modules = loaded(names)
    assert within(modules, {"typer", "click", "rich", "lark", "jmespath"}) == set()
    assert within(modules, {"policyeval.cli", "policyeval.case", "policyeval.rendering"}) == set()


LIBRARY = """
from policyeval import Layer, PolicyStack, Request, evaluate, explain, parse_policy
policy = parse_policy({policy!r})
stack = PolicyStack.of({{Layer.IDENTITY_POLICY: [policy]}})
explain(evaluate(Request.of(*{question!r}), stack))
"""


def test_a_decision_of_the_library_loads_the_standard_library_alone():
    _, modules = loaded(LIBRARY.format(policy=POLICY, question=QUESTION))
    assert "policyeval.explanation.explain" in modules
    third_party = {"pydantic", "yaml", "lark", "jmespath", "rich", "typer", "click"}
    assert within(modules, third_party) == set()
    assert within(modules, {"policyeval.environment", "policyeval.cli", "policyeval.case"}) == set()


ASSERTS = """
from policyeval import PolicyStack
from policyeval.testing import assert_denied
try:
    assert_denied(PolicyStack.of({{}}), *{question!r}, by="scp")
except AssertionError:
    pass
"""


def test_asserts_about_a_stack_load_neither_models_nor_test_frameworks():
    _, modules = loaded(ASSERTS.format(question=QUESTION))
    assert "policyeval.testing.asserts" in modules
    heavy = {"pydantic", "yaml", "lark", "jmespath", "rich", "typer", "pytest", "hypothesis"}
    assert within(modules, heavy) == set()
