"""The shipped example, exported in each form: the same questions get the same answers."""

import json
from pathlib import Path

import pytest
from tests.integration.test_tamagotchi import EXAMPLE, NOTEBOOK, ROWS, name_of, session_policies

from policyeval.context import ABSENT
from policyeval.environment.file import load_environment
from policyeval.evaluation.engine import evaluate
from policyeval.request import Request

EXPORTS = Path(__file__).resolve().parents[2] / "fixtures/exports/tamagotchi"
NAMES = {"keeper": "tama-keeper", "feeder": "tama-feeder", "vet": "tama-vet", "grace": "grace"}
CONTEXTS = {
    "at-home": {"aws:SourceVpce": "vpce-0feed0f00dcafe123"},
    "plain-http": {"aws:SecureTransport": False},
}
BUCKET = """\
resources:
  tamagotchi:
    arn: arn:aws:s3:::tamagotchi
    owner: house
    region: eu-west-1
    policy: policies/resource/s3-tamagotchi.json
"""

HOUSE = 'parameters: { AWS::AccountId: "123456789012", AWS::Region: eu-west-1 }'
STACK = HOUSE.replace(" }", ", AWS::Partition: aws, BucketName: tamagotchi }")

WORLDS = {
    "commands": (["iam", "organization", "ec2"], BUCKET),
    "commands and config": (["iam", "organization", "ec2", "config"], ""),
    "config": (["config", "organization"], ""),
    "terraform": (["terraform", "iam/clinic.json", "organization"], HOUSE),
    "template": (["cloudformation/json", "iam/clinic.json", "organization", "ec2"], STACK),
    "yaml": (["cloudformation/yaml", "iam/clinic.json", "organization", "ec2"], STACK),
}


@pytest.fixture(scope="module", params=WORLDS)
def environment(request, tmp_path_factory):
    """An environment.yaml over the exports, with what this form cannot tell."""
    names, more = WORLDS[request.param]
    exports = json.dumps([f"{EXPORTS}/{name}" for name in names])
    text = f"version: 1\nexports: {exports}\n{more}".replace("policies/", f"{EXAMPLE}/policies/")
    file = tmp_path_factory.mktemp(request.param) / "environment.yaml"
    file.write_text(text, encoding="utf-8")
    return load_environment(file, root=Path("/"))


def asked(environment, row, ask):
    if "session_policies" in row:
        environment = environment.with_session_policies(session_policies(row))
    context = row.get("context", {})
    context = CONTEXTS[context] if isinstance(context, str) else context
    who, slash, session = row["principal"].partition("/")
    request = Request.of(
        environment.principal_arn(NAMES[who] + slash + session),
        ask["action"],
        environment.resource_arn(ask["resource"]),
        {key: ABSENT if value is None else value for key, value in context.items()},
    )
    return evaluate(request, environment)


@pytest.mark.parametrize("part", ROWS, ids=map(name_of, ROWS))
def test_every_request_of_the_notebook_is_decided_as_told(environment, part):
    row, ask = part
    decision = asked(environment, row, ask)
    assert decision.verdict.value == ask["expect"]
    decided_by = decision.decided_by
    assert (decided_by.value if decided_by else None) == ask.get("decided_by")
    if "statement" in ask:
        assert [ref.statement.sid for ref in decision.determining] == [ask["statement"]]


def test_facts_are_those_of_the_hand_written_environment(environment):
    own = load_environment(EXAMPLE / "environment.yaml")
    for entry in own.identities.values():
        found = environment.index.by_arn(entry.arn)
        assert found is not None, entry.arn
        assert found.tags == entry.tags
        assert found.groups == entry.groups
        assert bool(found.boundary) == bool(entry.boundary)
    assert [each.id for each in environment.organization.root.walk()] == [
        "r-tama",
        "ou-tama-0000pets",
    ]
    assert environment.index.members == own.index.members
    endpoint = environment.index.endpoints["vpce-0feed0f00dcafe123"]
    assert (endpoint.vpc, endpoint.service) == ("vpc-0c0ffee0babe12345", "s3")
    assert endpoint.type is own.endpoints["house-door"].type


def test_there_are_enough_questions():
    assert len(NOTEBOOK["rows"]) == 14
    assert len(ROWS) == 16
