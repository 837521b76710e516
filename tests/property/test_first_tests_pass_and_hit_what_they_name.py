"""What `--init` writes loads, passes, and is inside and outside of statements as its names say."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from tests.property.households import households
from tests.property.test_a_written_environment_decides_the_same import environments

from policyeval.decision import Outcome
from policyeval.environment.write import write_environment
from policyeval.evaluation.engine import evaluate, evaluate_once
from policyeval.testing import load_suite, run_suite
from policyeval.testing.generate.init import first_tests
from policyeval.testing.generate.places import places_of
from policyeval.testing.generate.probe import Varies
from policyeval.testing.generate.probes import Prober


def outcomes(probe, environment):
    """How the statement of a probe answers, asked anew; none where nothing of it was asked."""
    decision = evaluate_once(probe.asked.request(), environment)
    said = decision.layer(probe.place.layer)
    assert not said.reason or probe.varies is Varies.PRINCIPAL
    return [outcome for ref, outcome in said.trace if ref.statement is probe.statement]


def differences(one, other):
    """Name what differs between two requests."""
    parts = ("principal", "action", "resource", "context", "resource_account", "session")
    return [part for part in parts if getattr(one, part) != getattr(other, part)]


PARTS = {
    Varies.CONDITION: {"context"},
    Varies.RESOURCE: {"resource"},
    Varies.ACTION: {"action"},
    Varies.PRINCIPAL: {"principal"},
}


@settings(max_examples=12)
@given(households())
def test_probes_are_inside_and_outside_by_one_thing(environment):
    prober = Prober(environment, environment)
    for place in places_of(environment):
        policy = place.document.policy
        for statement in policy.statements[:2] if policy is not None else ():
            inside = prober.inside(place, statement)
            if inside is None:
                continue
            assert Outcome.MATCHED in outcomes(inside, environment)
            assert inside.decision.verdict is evaluate(inside.asked.request(), environment).verdict
            for outside in prober.outside(inside):
                found = outcomes(outside, environment)
                assert Outcome.MATCHED not in found
                assert Outcome.UNKNOWN not in found
                changed = set(differences(inside.asked, outside.asked))
                everywhere = outside.varies is Varies.ACTION and outside.asked.resource == "*"
                assert changed <= PARTS[outside.varies] | ({"resource"} if everywhere else set())
                assert changed


@settings(max_examples=12)
@given(environments())
def test_what_is_written_loads_and_passes(environment):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_environment(environment, folder)
        written = first_tests(folder / "environment.yaml", beside=folder)
        suite = folder / "first.policytest.yaml"
        suite.write_text(written.text, encoding="utf-8")
        loaded = load_suite(suite)
        run = run_suite(loaded)
        assert run.passed, [(each.test.name, each.mismatches) for each in run.results]
        assert len(run.results) == written.counts["tests"]
        found = written.counts["inside"] + sum(f.code == "PE2340" for f in written.findings)
        assert found == written.counts["statements"]
        assert first_tests(folder / "environment.yaml", beside=folder) == written
