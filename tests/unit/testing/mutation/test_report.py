"""What is told of a run."""

import json
from datetime import date

import pytest
from tests.unit.testing.suites import suite_of

from policyeval.errors import ConfigError
from policyeval.rendering.text import render_document
from policyeval.testing.mutation import (
    Fate,
    Operator,
    failing_under,
    mutate,
    mutation_document,
    mutation_json,
)
from policyeval.testing.mutation.model import MutantResult, MutationRun, Proof, Reason
from policyeval.testing.mutation.report import percent, score
from policyeval.testing.mutation.words import proof_words
from policyeval.testing.run import Rules

RULES = Rules(date(2026, 11, 24))
SUITE = """
tests:
  - name: deploy reads
    principal: deploy
    action: s3:GetObject
    resource: logs/app.log
    expect: allow
"""


@pytest.fixture
def run(world):
    return mutate([suite_of(world, SUITE)], RULES, paths=["identity/*", "scp/*", "boundary/*"])


def with_counts(run, killed, survived):
    mutant = run.results[0].mutant
    results = [MutantResult(mutant, Fate.KILLED)] * killed
    results += [MutantResult(mutant, Fate.SURVIVED)] * survived
    return MutationRun(tuple(results))


def test_survivor_is_shown_with_diff_and_test(run):
    text = render_document(mutation_document(run))
    assert "survived  M3  " in text
    block = next(part for part in text.split("\n\n") if "survived  M6" in part)
    lines = block.splitlines()
    assert lines[0].endswith("policies/identity/deploy.json:20")
    assert lines[1] == "  aws:MultiFactorAuthPresent Bool becomes BoolIfExists (in an Allow)"
    assert '  -        "Bool": {' in lines
    assert '  +        "BoolIfExists": {' in lines
    assert "  the one test that meets the policy passes all the same" in lines
    assert lines[-1].startswith("      expect: implicit-deny  # today's answer; the mutant answers")


def test_totals_stand_first(run):
    text = render_document(mutation_document(run))
    counts = {fate: run.count(fate) for fate in Fate}
    assert text.splitlines()[0] == (
        f"mutants {len(run.results)}   killed {counts[Fate.KILLED]}   "
        f"survived {counts[Fate.SURVIVED]}   equivalent {counts[Fate.EQUIVALENT]}   "
        f"undecided {counts[Fate.UNDECIDED]}"
    )
    share = score(run)
    counting = counts[Fate.KILLED] + counts[Fate.SURVIVED]
    assert text.splitlines()[1] == f"{percent(share)} % killed: {counts[Fate.KILLED]} of {counting}"


def test_equivalent_is_shown_with_its_proof(run):
    text = render_document(mutation_document(run))
    assert "StringNotEquals becomes StringNotEqualsIfExists" in text
    assert "  proved: both are true when the key is absent" in text


def test_survivors_can_be_cut_short(run):
    text = render_document(mutation_document(run, most=1))
    assert text.count("\nsurvived  ") == 1
    assert f"{run.count(Fate.SURVIVED) - 1} more survived" in text


def test_hostile_names_never_steer_a_terminal(world):
    suite = suite_of(world, SUITE)
    target = world / "policies/identity/deploy.json"
    target.write_text(target.read_text().replace('"Publish"', '"Pub\\u001b[31m"'))
    hostile = mutate([suite_of(world, SUITE)], RULES, paths=["identity/*"])
    text = render_document(mutation_document(hostile))
    assert "\x1b" not in text
    assert suite.tests


def test_json_has_every_mutant(run):
    tree = json.loads(json.dumps(mutation_json(run)))
    assert tree["schema"] == "policyeval/mutation/1"
    assert tree["mutants"] == len(tree["results"]) == len(run.results)
    assert (
        tree["killed"] + tree["survived"] + tree["equivalent"] + tree["undecided"]
        == tree["mutants"]
    )
    for told, result in zip(tree["results"], run.results, strict=True):
        assert told["fate"] == result.fate.value
        assert (told["killed_by"] is not None) is (result.fate is Fate.KILLED)
        assert (told["witness"] is not None) is (result.fate is Fate.SURVIVED)
        assert (told["proof"] is not None) is (result.fate is Fate.EQUIVALENT)
        assert told["line"] or result.mutant.operator is Operator.DETACH


@pytest.mark.parametrize(
    ("killed", "survived", "limit", "fails"),
    [
        (9, 1, "90", False),
        (9, 1, "90.0001", True),
        (2, 1, "66.666", False),
        (2, 1, "66.667", True),
        (1, 0, "100", False),
        (0, 1, "0", False),
        (999, 1, "99.9", False),
        (9989, 11, 99.9, True),
        (9990, 10, 99.9, False),
    ],
)
def test_limit_is_compared_exactly(run, killed, survived, limit, fails):
    assert failing_under(with_counts(run, killed, survived), limit) is fails


def test_run_without_a_score_misses_every_limit_but_zero():
    assert failing_under(MutationRun(()), 1)
    assert not failing_under(MutationRun(()), 0)


@pytest.mark.parametrize("limit", ["", "all", "-1", "101", "nan"])
def test_limit_that_is_no_percentage_is_an_error(run, limit):
    with pytest.raises(ConfigError):
        failing_under(run, limit)


def test_hundred_percent_is_only_said_where_nothing_survived(run):
    assert percent(score(with_counts(run, 99_999, 1))) == "99.9"
    assert percent(score(with_counts(run, 5, 0))) == "100.0"


@pytest.mark.parametrize("reason", Reason)
def test_every_proof_has_words(reason):
    assert "{" not in proof_words(Proof(reason, "X"))


def test_tests_left_out_are_named(world):
    suite = suite_of(world, SUITE.replace("expect: allow", "expect: deny"))
    left = mutate([suite], RULES, paths=["identity/*"])
    text = render_document(mutation_document(left))
    assert "a.policytest.yaml::deploy reads" in text
