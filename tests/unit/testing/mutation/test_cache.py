"""What is remembered, and what is asked again."""

import json
from datetime import date

import pytest
from tests.unit.testing.suites import allow, suite_of, write_policy

from policyeval.testing.mutation import Fate, mutate
from policyeval.testing.run import Rules

RULES = Rules(date(2026, 11, 24))
SUITE = """
tests:
  - name: deploy reads
    principal: deploy
    action: s3:GetObject
    resource: logs/app.log
    expect: allow
  - name: anna does not write
    principal: anna
    action: s3:PutObject
    resource: logs/app.log
    expect: deny
"""


@pytest.fixture
def memory(tmp_path):
    return tmp_path / ".policyeval" / "mutation.json"


def mutated(world, memory, **more):
    return mutate([suite_of(world, SUITE)], RULES, cache=memory, **more)


def said(run):
    return [
        (each.fate, each.killer, each.proof, each.met)
        + ((each.witness.test, each.witness.today, each.witness.mutated) if each.witness else ())
        for each in run.results
    ]


def test_second_run_asks_nothing_and_says_the_same(world, memory):
    first = mutated(world, memory)
    second = mutated(world, memory)
    assert first.remembered == 0
    assert second.remembered == len(second.results) > 20
    assert [each[:4] for each in said(second)] == [each[:4] for each in said(first)]
    assert [each.witness and each.witness.test.action for each in second.results] == [
        each.witness and each.witness.test.action for each in first.results
    ]


def test_changed_policy_is_asked_again_and_others_of_other_tests_are_not(world, memory):
    mutated(world, memory)
    write_policy(world / "policies/boundary/anna.json", [allow("s3:Get*", sid="OnlyRead")])
    again = mutated(world, memory)
    anew = mutate([suite_of(world, SUITE)], RULES)
    assert 0 < again.remembered < len(again.results)
    # Of several tests that kill a mutant, the one that did so first is remembered.
    assert [each.fate for each in again.results] == [each.fate for each in anew.results]


def test_search_that_failed_is_tried_again_where_any_fact_of_the_environment_changed(world, memory):
    first = mutated(world, memory)
    assert first.count(Fate.UNDECIDED)
    file = world / "environment.yaml"
    text = file.read_text()
    file.write_text(
        text.replace("accounts:\n  pay", 'accounts:\n  new: { id: "555566667777" }\n  pay')
    )
    assert file.read_text() != text
    again = mutated(world, memory)
    assert again.remembered == len(first.results) - first.count(Fate.UNDECIDED)
    assert said(again) == said(mutate([suite_of(world, SUITE)], RULES))


def test_witness_is_remembered_with_the_world_that_it_is_asked_in(world, memory):
    text = """
    tests:
      - { name: as it is, principal: anna, action: sqs:SendMessage, facts: complete, expect: deny,
          resource: "arn:aws:sqs:eu-west-1:222233334444:q" }
      - { name: in a session, principal: deploy/ci, action: s3:GetObject, resource: logs/app.log,
          session-policy: [session/read.json], expect: allow }
    """
    first = mutate([suite_of(world, text)], RULES, cache=memory)
    worlds = [each.witness and each.witness.test.world.name for each in first.results]
    assert any(name and name.endswith("environment.yaml") for name in worlds)
    again = mutate([suite_of(world, text)], RULES, cache=memory)
    assert again.remembered == len(first.results)
    assert [each.witness and each.witness.test.world.name for each in again.results] == worlds


def test_run_about_other_policies_leaves_what_is_remembered(world, memory):
    first = mutated(world, memory)
    mutated(world, memory, paths=["scp/*"])
    assert mutated(world, memory).remembered == len(first.results)


def test_changed_expectation_is_asked_again(world, memory):
    mutated(world, memory)
    suite = suite_of(world, SUITE.replace("expect: deny", "expect: deny boundary"))
    again = mutate([suite], RULES, cache=memory)
    assert said(again) == said(mutate([suite], RULES))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"schema": "policyeval/mutation-cache/1"}',
        '{"schema": "policyeval/mutation-cache/0", "entries": {}}',
        '{"schema": "policyeval/mutation-cache/1", "entries": []}',
        "[" * 100_000,
        '{"schema": "\ud800"}',
    ],
)
def test_damaged_memory_is_a_warning_and_written_anew(world, memory, text):
    memory.parent.mkdir()
    memory.write_bytes(text.encode("utf-8", "surrogatepass"))
    run = mutated(world, memory)
    assert [finding.code for finding in run.findings] == ["PE2321"]
    assert run.remembered == 0
    assert mutated(world, memory).remembered == len(run.results)


@pytest.mark.parametrize(
    "damage",
    [
        {"fate": "alive"},
        {"fate": "survived"},
        {"fate": "equivalent"},
        {"met": "many"},
        {"witness": {"base": 1}},
        {"proof": ["because", ""]},
        {"proof": [1]},
        {"killer": 7},
    ],
)
def test_damaged_entry_is_a_warning(world, memory, damage):
    run = mutated(world, memory)
    tree = json.loads(memory.read_text())
    for entry in tree["entries"].values():
        entry.update(damage)
    memory.write_text(json.dumps(tree))
    again = mutated(world, memory)
    assert [finding.code for finding in again.findings] == ["PE2321"]
    assert said(again) == said(run)


def test_memory_that_cannot_be_written_is_a_warning(world, tmp_path):
    (tmp_path / "file").write_text("")
    run = mutated(world, tmp_path / "file" / "mutation.json")
    assert {finding.code for finding in run.findings} == {"PE2321"}
    assert run.count(Fate.KILLED) > 0


def test_what_no_time_was_left_for_is_not_remembered(world, memory):
    mutated(world, memory, budget_seconds=0)
    assert json.loads(memory.read_text())["entries"] == {}
    assert mutated(world, memory).remembered == 0
