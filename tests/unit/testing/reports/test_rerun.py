"""The command under a failure asks what the test asked: tried out, command by command."""

import json
import shlex

import pytest
from tests.integration.command import ask
from tests.unit.testing.reports.runs import house, run_of

from policyeval.context import PRESENT, UNKNOWN, Facts
from policyeval.environment.model import Environment
from policyeval.rendering.json import explanation_to_json
from policyeval.stack import PolicyStack
from policyeval.testing.model import Expectation, Want, World
from policyeval.testing.reports.failure import explanation_of
from policyeval.testing.reports.rerun import rerun_command
from policyeval.value import replace

FOLDER = "fixtures/environments/tamagotchi"
UNKNOWN_KEY = {"state": "unknown"}
READ = "the keeper looks after the pets[s3:GetObject-tamagotchi/saves/ada.json]"


def answer(command):
    """The answer of a command line, as JSON."""
    program, *words = shlex.split(command)
    assert program == "policyeval"
    done = ask(*words, "--json")
    assert done.code == 0, done.err
    return told(done.out)


def told(text):
    """An answer, by whatever name a file is called, and whoever said that nobody knows a key."""
    answer = json.loads(text.replace(f'"{FOLDER}/policies/session', '"policies/session'))
    context = answer["request"]["context"]
    known = {key: value for key, value in context.items() if value["value"] != UNKNOWN_KEY}
    return answer | {"request": answer["request"] | {"context": known}}


def same_as_the_test(test):
    """Run the command of a test, and tell whether the answer is that of the test."""
    wanted = replace(test, expect=Expectation(Want.ALLOW))  # so that fixes are sought, as by why
    explanation = explanation_of(run_of(wanted).results[0])
    expected = json.dumps(explanation_to_json(explanation))
    return answer(rerun_command(test)) == told(expected)


def test_tests_of_the_house_can_be_asked_again(monkeypatch):
    tests = house(monkeypatch)
    assert [title for title, test in tests.items() if not rerun_command(test)] == [
        # `why` takes a request to be encrypted, unless it is told otherwise.
        "without TLS nothing is certain but a denial[aws:SecureTransport=unknown]",
        "as if the unit were closed",
    ]
    assert len(tests) > 15
    assert all(same_as_the_test(test) for test in tests.values() if rerun_command(test))


@pytest.mark.parametrize(
    "changes",
    [
        {"context": {"aws:PrincipalTag/team": ["a b", "c'd"], "aws:SourceIp": None}},
        {"context": {"aws:MultiFactorAuthPresent": True, "aws:MultiFactorAuthAge": 12}},
        {"facts": Facts.PARTIAL},
        {"facts": Facts.COMPLETE},
        {"facts": Facts.PARTIAL, "context": {"aws:SourceIp": UNKNOWN}},
        {"resource_account": "123456789012"},
        {"asked": ("", "", "")},
        {"asked": ("role/*", "s3:GetObject", "nowhere")},
        {"resource": "*", "asked": ("keeper/notebook", "s3:ListAllMyBuckets", "*")},
    ],
)
def test_context_facts_and_full_names_come_along(monkeypatch, changes):
    assert same_as_the_test(replace(house(monkeypatch)[READ], **changes))


def test_names_that_look_like_options_become_flags(monkeypatch):
    test = house(monkeypatch)[READ]
    environment = test.world.environment
    (keeper,) = (each for each in environment.identities.values() if each.name == "keeper")
    named = replace(environment, identities={"-x": replace(keeper, name="-x")})
    asked = replace(
        test,
        world=replace(test.world, environment=named),
        principal=keeper.arn,
        asked=("-x", test.action, "tamagotchi/saves/ada.json"),
    )
    assert "--principal=-x --action=s3:GetObject --resource=tamagotchi" in rerun_command(asked)


@pytest.mark.parametrize(
    "changes",
    [
        {"context": {"aws:SourceIp": PRESENT}},
        {"context": {"aws:TagKeys": []}},
        {"context": {"aws:PrincipalTag/a=b": "c"}},
        {"context": {"aws:PrincipalTag/a": "line\nbreak"}},
        {"context": {"aws:PrincipalTag/a": "\ud800"}},
        {"context": {"aws:PrincipalTag/a": "\u202e"}},
        {"action": "nonsense"},
        {"principal": "nobody", "asked": ("nobody", "s3:GetObject", "*")},
        {"world": World("stack", PolicyStack({}, frozenset()))},
        {"world": World("environment", Environment(), Environment())},
    ],
)
def test_what_no_command_line_says_has_no_command(monkeypatch, changes):
    assert rerun_command(replace(house(monkeypatch)[READ], **changes)) == ""


def test_a_fact_that_is_known_of_the_world_cannot_be_left_out(monkeypatch):
    test = replace(house(monkeypatch)[READ], context={"aws:PrincipalTag/pet": UNKNOWN})
    assert rerun_command(test) == ""


def test_an_empty_session_cannot_be_asked_for(monkeypatch):
    test = house(monkeypatch)["feeding time is for food[s3:PutObject-tamagotchi/food/apple.json]"]
    world = test.world
    assert "--session-policy" in rerun_command(test)
    environment = replace(world.environment, session=())
    empty = World(f"{environment.name}, session ", environment, environment)
    assert rerun_command(replace(test, world=empty)) == ""
