"""What is written and loaded again is the same world: every request gets the same answer."""

import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.property import strategies
from tests.property.strategies import ACCOUNT, BUCKET, KEY, OTHER_ACCOUNT, QUEUE, ROLE, USER

from policyeval.context import Facts
from policyeval.environment.file import load_environment
from policyeval.environment.model import (
    Account,
    Endpoint,
    Environment,
    Group,
    Identity,
    OrganizationTree,
    OwnedResource,
    PolicyDocument,
    Unit,
    built_in_document,
)
from policyeval.environment.project_files import Missing
from policyeval.environment.write import write_environment
from policyeval.evaluation.engine import evaluate
from policyeval.finding import Finding, Severity
from policyeval.parsing.policy import read_policy
from policyeval.policy import PolicyType
from policyeval.stack import EndpointType, Layer
from policyeval.testing.strategies import policies

TYPES = {
    Layer.SERVICE_CONTROL_POLICY: PolicyType.SCP,
    Layer.IDENTITY_POLICY: PolicyType.IDENTITY,
    Layer.PERMISSIONS_BOUNDARY: PolicyType.BOUNDARY,
    Layer.RESOURCE_POLICY: PolicyType.RESOURCE,
    Layer.VPC_ENDPOINT_POLICY: PolicyType.VPC_ENDPOINT,
}
TAGS = st.dictionaries(
    st.sampled_from(["team", "0", "null", "a:b", "ä"]),
    st.sampled_from(["red", "1e5", "0o17", "true", "~", "", "2026-01-01", "a: b", "#", "é\n'"]),
    max_size=3,
)
UNKNOWN_TAGS = st.sampled_from([(), (), (), ("*",), ("team",), ("0", "null")])
_TRUSTING = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "sts:AssumeRole"},
}
TRUST = PolicyDocument("t", lambda: read_policy(json.dumps(_TRUSTING), type=PolicyType.TRUST))
GONE = Finding("PE0722", Severity.WARNING, "it is gone")


@st.composite
def documents(draw, layer, most=2):
    """Some policies of a layer, one of them perhaps unknown."""
    found = []
    for number in range(draw(st.integers(0, most))):
        name = draw(st.sampled_from(["a", "b/c", "../x", "scp/ä.json", f"p{number}"]))
        if draw(st.integers(0, 9)) == 0:
            found.append(PolicyDocument(name, Missing(GONE)))
            continue
        tree = draw(policies(TYPES[layer]))
        text = json.dumps(tree)
        policy, findings = read_policy(text, name=name, type=TYPES[layer])
        found.append(PolicyDocument(name, lambda both=(policy, findings): both))
    return tuple(found)


def maybe(strategy):
    return st.none() | strategy


@st.composite
def levels(draw):
    found = draw(maybe(documents(Layer.SERVICE_CONTROL_POLICY)))
    full = (built_in_document("FullAWSAccess"),)
    return found if found is None or draw(st.booleans()) else (*full, *found)


@st.composite
def organizations(draw):
    unit = Unit("Work", "ou-1-1", draw(levels()), None, (), (ACCOUNT,))
    root = Unit("root", "r-1", draw(levels()), None, (unit,), ())
    management = draw(st.sampled_from([OTHER_ACCOUNT, "999900001111"]))
    return OrganizationTree("o-1", management, root, partial=draw(st.booleans()))


@st.composite
def environments(draw):
    identity = documents(Layer.IDENTITY_POLICY)
    boundary = documents(Layer.PERMISSIONS_BOUNDARY, 1)
    policy = maybe(documents(Layer.RESOURCE_POLICY, 1))
    accounts = {
        "main": Account("main", ACCOUNT, draw(TAGS), draw(levels())),
        "other": Account("other", OTHER_ACCOUNT, canonical_user=strategies.CANONICAL_ID),
    }
    people = {
        name: Identity(
            name,
            arn,
            ACCOUNT,
            draw(maybe(identity)),
            ("crew",) if name == "ana" and draw(st.booleans()) else (),
            draw(maybe(boundary)),
            draw(maybe(st.just((TRUST,)))) if name == "dev" else None,
            draw(TAGS),
            unknown_tags=draw(UNKNOWN_TAGS),
        )
        for name, arn in (("ana", USER), ("dev", ROLE))
    }
    resources = {
        name: OwnedResource(
            name, arn, ACCOUNT, draw(policy), draw(TAGS), "", aliases, "", draw(UNKNOWN_TAGS)
        )
        for name, arn, aliases in (
            ("shop", BUCKET, ()),
            ("orders", QUEUE, ()),
            ("key", KEY, ("alias/a",)),
        )
        if draw(st.booleans())
    }
    endpoint = Endpoint(
        "door",
        "vpce-1",
        draw(documents(Layer.VPC_ENDPOINT_POLICY, 1)),
        "vpc-1",
        ACCOUNT,
        "s3",
        draw(st.sampled_from([None, *EndpointType])),
    )
    return Environment(
        "drawn",
        "aws",
        draw(maybe(organizations())),
        accounts,
        people,
        {"crew": Group("crew", draw(identity))},
        resources,
        {"door": endpoint},
        {"set": {"aws:SourceIp": "10.0.0.1", "aws:TagKeys": ("a", "1e5"), "s3:prefix": None}},
        draw(st.frozensets(st.sampled_from(list(Layer)))),
    )


def answers(environment, scenario):
    return [
        strategies.answer_of(evaluate(scenario.request(facts), environment))
        for facts in (Facts.TYPED, Facts.PARTIAL, Facts.COMPLETE)
    ]


@given(environments(), st.lists(strategies.scenarios(), min_size=1, max_size=3))
def test_a_written_environment_decides_the_same(environment, scenarios):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = write_environment(environment, folder)
        assert not first.changed
        loaded = load_environment(folder)
        for scenario in scenarios:
            assert answers(loaded, scenario) == answers(environment, scenario)
        assert loaded.contexts == environment.contexts
        again = write_environment(loaded, folder)
        assert (again.created, again.changed, again.left_over) == ((), (), ())
        assert set(again.unchanged) == set(first.created)
