from datetime import date

import pytest
from tests.unit.testing.suites import write_suite

from policyeval.testing.collect import load_all
from policyeval.testing.parallel import run_parallel
from policyeval.testing.run import Rules, run_tests

RULES = Rules(date(2027, 1, 1))
SUITE = """
tests:
  - name: many
    matrix:
      principal: [deploy, anna]
      action: [s3:GetObject, s3:PutObject, s3:DeleteObject, sqs:ListQueues]
      resource: [logs/a, logs/b, logs]
    expect: allow
"""


@pytest.mark.parametrize("jobs", [2, 3])
def test_processes_give_the_same_results_in_the_same_order(world, jobs):
    file = str(write_suite(world, SUITE))
    tests = list(load_all([file])[0].tests)
    alone = list(run_tests(tests, RULES))
    together = list(run_parallel(tests, range(len(tests)), [file], RULES, jobs))
    assert [result.test.id for result in together] == [result.test.id for result in alone]
    assert [result.status for result in together] == [result.status for result in alone]
    assert [result.mismatches for result in together] == [result.mismatches for result in alone]
    assert len({result.status for result in alone}) == 2


def test_only_the_numbers_given_are_run(world):
    file = str(write_suite(world, SUITE))
    tests = list(load_all([file])[0].tests)
    found = list(run_parallel(tests, [3, 7, 8], [file], RULES, 2))
    assert [result.test for result in found] == [tests[3], tests[7], tests[8]]


def test_a_reader_that_stops_early_leaves_no_process_behind(world):
    file = str(write_suite(world, SUITE))
    tests = list(load_all([file])[0].tests)
    results = run_parallel(tests, range(len(tests)), [file], RULES, 2)
    next(results)
    results.close()
    import multiprocessing

    assert multiprocessing.active_children() == []
