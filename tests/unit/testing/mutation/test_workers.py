"""Mutants shared out over processes."""

import pickle
from datetime import date

import pytest
from tests.unit.testing.suites import suite_of, write_policy

from policyeval.testing import processes
from policyeval.testing.mutation import workers
from policyeval.testing.mutation.plain import from_plain
from policyeval.testing.mutation.run import Mutating, Wanted
from policyeval.testing.run import Rules

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
    context: { aws:SourceIp: 192.0.2.7 }
    expect: deny
"""


@pytest.fixture
def mutating(world):
    return Mutating(Wanted((suite_of(world, SUITE),), Rules(date(2026, 11, 24))))


@pytest.fixture(autouse=True)
def empty(monkeypatch):
    monkeypatch.setattr(workers, "_here", {})
    monkeypatch.setattr(processes.signal, "signal", lambda *_: None)


def test_new_process_makes_the_same_mutants_and_finds_the_same(mutating):
    workers._begin(pickle.dumps(mutating.wanted), workers.fingerprint(mutating.mutants))
    numbers = range(len(mutating.mutants))
    tests = {test.id: test for test in mutating.tests}
    for number, plain in workers._share(numbers, None):
        came = from_plain(plain, mutating.mutants[number], tests)
        here = mutating.result(number)
        assert (came.fate, came.killer, came.proof, came.met) == (
            here.fate,
            here.killer,
            here.proof,
            here.met,
        )
        if here.witness is not None:
            assert came.witness.test.request() == here.witness.test.request()
            assert (came.witness.today, came.witness.mutated) == (
                here.witness.today,
                here.witness.mutated,
            )


def test_process_that_reads_other_policies_refuses(mutating, world):
    payload = pickle.dumps(mutating.wanted)
    write_policy(world / "policies/identity/deploy.json", [])
    with pytest.raises(RuntimeError):
        workers._begin(payload, workers.fingerprint(mutating.mutants))


def test_share_ends_when_the_time_is_over(mutating):
    workers._here["mutating"] = mutating
    assert workers._share(range(5), 0.0) == []


def test_processes_that_break_leave_the_mutants_to_this_one(mutating, monkeypatch):
    def broken(*_):
        raise workers.BrokenProcessPool

    monkeypatch.setattr(processes, "ProcessPoolExecutor", lambda *_, **__: broken())
    found = dict(workers.in_processes(mutating, [0, 1, 2], 2, None))
    assert sorted(found) == [0, 1, 2]
