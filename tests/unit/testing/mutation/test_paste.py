"""Survivors as YAML."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.testing.suites import suite_of, write_suite

from policyeval.context import UNKNOWN, Facts
from policyeval.environment.yaml_tree import read_tree
from policyeval.testing import Status, load_suite, run_suite
from policyeval.testing.model import Expectation
from policyeval.testing.mutation import Fate, mutate, survivors_yaml
from policyeval.testing.mutation.paste import entry_lines, scalar, want_words
from policyeval.testing.run import Rules
from policyeval.value import replace

RULES = Rules(date(2026, 11, 24))
HOUSE = "fixtures/environments/tamagotchi"
DEPLOY = """
tests:
  - name: deploy reads
    principal: deploy
    action: s3:GetObject
    resource: logs/app.log
    context: via-vpc
    expect: allow
"""


@pytest.fixture(scope="module")
def house_run(request):
    suite = load_suite(request.config.rootpath / HOUSE / "tests" / "house.policytest.yaml")
    return mutate([suite], RULES)


@given(st.text())
def test_any_text_comes_back_from_yaml(text):
    tree, findings = read_tree(f"key: {scalar(text)}\nlist: {{ {scalar(text)}: 1 }}\n", "x.yaml")
    if any("\ud800" <= char <= "\udfff" for char in text):
        return  # no file in UTF-8 can hold it
    assert not findings
    plain = tree.plain()
    assert plain["key"] == text
    assert list(plain["list"]) == [text]


def test_what_yaml_could_read_otherwise_is_quoted():
    assert scalar("arn:aws:s3:::a/b*") == "arn:aws:s3:::a/b*"
    assert [scalar(text) for text in ("*", "no", "12", "a: b", "1e3", "", "a#b", "x:")] == [
        '"*"',
        '"no"',
        '"12"',
        '"a: b"',
        '"1e3"',
        '""',
        '"a#b"',
        '"x:"',
    ]


def test_pasted_test_passes_today_and_fails_under_the_mutant(house_run, request, tmp_path):
    root = request.config.rootpath / HOUSE
    survivors = house_run.of(Fate.SURVIVED)
    assert len(survivors) > 20
    lines = []
    for number, result in enumerate(survivors):
        lines += entry_lines(result.witness, f"n{number}")
    text = "\n".join(f"  {line}" for line in lines)
    path = tmp_path / "pasted.policytest.yaml"
    path.write_text(f"version: 1\nenvironment: {root}/environment.yaml\ntests:\n{text}\n")
    suite = load_suite(path)
    assert run_suite(suite, RULES).count(Status.PASSED) == len(survivors)
    for test, result in zip(suite.tests, survivors, strict=True):
        assert test.expect.decision.value == want_words(result.witness.today)
        assert want_words(result.witness.mutated) != want_words(result.witness.today)


def test_pasted_tests_kill_the_survivors(world):
    before = mutate([suite_of(world, DEPLOY)], RULES, paths=["identity/*"])
    survivors = before.of(Fate.SURVIVED)
    assert len(survivors) > 3
    lines = [
        f"  {line}"
        for n, each in enumerate(survivors)
        for line in entry_lines(each.witness, f"n{n}")
    ]
    more = write_suite(world, "tests:\n" + "\n".join(lines) + "\n", "more.policytest.yaml")
    after = mutate([suite_of(world, DEPLOY), load_suite(more)], RULES, paths=["identity/*"])
    assert after.count(Fate.SURVIVED) == 0
    assert after.count(Fate.KILLED) == before.count(Fate.KILLED) + len(survivors)


def test_written_tests_are_skipped_until_somebody_decides(world):
    run = mutate([suite_of(world, DEPLOY)], RULES, paths=["identity/*"])
    path = world / "policies" / "missing.policytest.yaml"
    text = survivors_yaml(run, path)
    assert (
        "environment: ../environment.yaml" in text or 'environment: "../environment.yaml"' in text
    )
    path.write_text(text)
    suite = load_suite(path)
    results = run_suite(suite, RULES)
    assert results.count(Status.SKIPPED) == len(suite.tests) > 3
    unskipped = text.replace("    skip: nobody has decided yet what is right\n", "")
    path.write_text(unskipped)
    assert run_suite(load_suite(path), RULES).count(Status.PASSED) == 0


def test_one_request_that_tells_two_mutants_apart_is_written_once(world):
    run = mutate([suite_of(world, DEPLOY)], RULES, paths=["identity/*"])
    asked = [
        (
            each.witness.test.principal,
            each.witness.test.action,
            each.witness.test.resource,
            repr(each.witness.test.context),
        )
        for each in run.of(Fate.SURVIVED)
    ]
    assert len(set(asked)) < len(asked)
    text = survivors_yaml(run, world / "x.policytest.yaml")
    assert text.count("- name:") == len(set(asked))
    assert text.count(": then ") == len(asked)


def test_without_survivors_nothing_is_written(world):
    run = mutate([suite_of(world, DEPLOY)], RULES, paths=["identity/*"])
    none = replace(run, results=run.of(Fate.KILLED))
    assert survivors_yaml(none, world / "x.policytest.yaml") == ""


def test_every_fact_of_a_request_is_written(world):
    run = mutate([suite_of(world, DEPLOY)], RULES, paths=["identity/*"])
    witness = run.of(Fate.SURVIVED)[0].witness
    context = {
        "aws:TagKeys": ["a", "b"],
        "aws:SourceIp": None,
        "s3:max-keys": 5,
        "x:y": True,
        "aws:SourceVpc": UNKNOWN,
    }
    test = replace(
        witness.test,
        action="s3:PutObject",
        resource="arn:aws:s3:::logs/a",
        context=context,
        resource_account="222233334444",
        facts=Facts.PARTIAL,
        expect=Expectation(),
        asked=("deploy", "s3:PutObject", "logs/a"),
    )
    text = "tests:\n" + "\n".join(
        f"  {line}" for line in entry_lines(replace(witness, test=test), "n")
    )
    (read,) = load_suite(write_suite(world, text)).tests
    assert read.request() == test.request()
    assert read.facts is Facts.PARTIAL
