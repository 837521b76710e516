import os
import select
import subprocess
import sys
from datetime import date

import pytest
from tests.unit.testing.suites import write_suite

from policyeval.errors import ConfigError
from policyeval.testing import parallel
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


def _end_at_once(*_):
    os._exit(9)


def test_a_process_that_is_ended_from_outside_is_told(world, monkeypatch):
    file = str(write_suite(world, SUITE))
    tests = list(load_all([file])[0].tests)
    monkeypatch.setattr(parallel, "run_test", _end_at_once)
    with pytest.raises(ConfigError) as caught:
        list(run_parallel(tests, range(len(tests)), [file], RULES, 2))
    assert caught.value.findings[0].code == "PE2212"


STARTS_WORKERS = """
import os
import sys
import time
from datetime import date
from policyeval.testing import parallel
from policyeval.testing.collect import load_all
from policyeval.testing.run import Rules

def stay(*_):
    os.write(1, f"{os.getpid()} ".encode())
    time.sleep(60)

parallel.run_test = stay
tests = list(load_all(sys.argv[1:])[0].tests)
list(parallel.run_parallel(tests, range(len(tests)), sys.argv[1:], Rules(date.today()), 2))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="workers are copies on Linux alone")
def test_workers_end_with_the_process_that_started_them(world):
    file = str(write_suite(world, SUITE))
    parent = subprocess.Popen([sys.executable, "-c", STARTS_WORKERS, file], stdout=subprocess.PIPE)
    told = b""
    while told.count(b" ") < 2:
        told += os.read(parent.stdout.fileno(), 100)
    parent.terminate()
    parent.wait(10)
    # The pipe is at its end as soon as no process holds it: workers would for a minute.
    ready, _, _ = select.select([parent.stdout], [], [], 10)
    assert ready
    assert os.read(parent.stdout.fileno(), 100) == b""
    parent.stdout.close()
