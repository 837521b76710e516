"""Results of tests, made of decisions or of suites, and what a recorder makes of them."""

from tests.unit.testing.suites import suite_of

from policyeval.source import Location, Source
from policyeval.testing.coverage import Recorder, coverage_of
from policyeval.testing.model import Expectation, PolicyTest, Result, Status, World
from policyeval.testing.run import run_suite

PLACE = Location(Source("a.policytest.yaml"))


def result_of(decision, name="one", status=Status.PASSED):
    """Give the result of a test that got a decision."""
    request = decision.request
    test = PolicyTest(
        "a.policytest.yaml",
        name,
        "",
        request.principal.text,
        request.action.text,
        request.resource.text,
        {},
        Expectation(),
        World("world", decision.policies),
        PLACE,
    )
    return Result(test, status, decision)


def recorder_of(results):
    """Record results, without the policies that none of them met."""
    recorder = Recorder()
    for result in results:
        recorder.add(result)
    return recorder


def recorded(folder, text):
    """Run a suite in a folder and record all of it."""
    suite = suite_of(folder, text)
    recorder = recorder_of(run_suite(suite).results)
    for test in suite.tests:
        recorder.expect(test.world)
    return recorder


def covered(folder, text):
    """Give the coverage of a suite in a folder."""
    return coverage_of(recorded(folder, text))


def statement(coverage, name):
    """Give the coverage of the only statement with a Sid."""
    [found] = [
        each for policy in coverage.policies for each in policy.statements if each.shape.sid == name
    ]
    return found


def policy(coverage, ending):
    """Give the coverage of the only policy whose file ends so."""
    [found] = [each for each in coverage.policies if each.shape.name.endswith(ending)]
    return found


def decisive(recorder):
    """Give the Sids of the statements that were decisive in a test."""
    return {
        shape.sid
        for policy in recorder.policies
        for shape, counts in zip(policy.shape.statements, policy.statements, strict=True)
        if counts.decisive.count
    }
