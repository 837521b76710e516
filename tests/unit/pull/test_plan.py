"""The plan of a pull: read-only, known to botocore, and in step with the policy it needs."""

from fnmatch import fnmatchcase
from pathlib import Path
from string import Formatter

import botocore.session
import pytest

from policyeval.environment.exports.resource_policies import COMMANDS, NO_POLICY
from policyeval.parsing.policy import parse_policy
from policyeval.pull.collect import kebab, snake
from policyeval.pull.plan import ALLOWED, PLAN, STEPS, first_steps, needed_policy

READS = ("Get", "List", "Describe", "BatchGet")
NEVER = ("GetSecretValue", "GetObject", "GetParameter", "GetFunction", "GetSessionToken")


@pytest.fixture(scope="module")
def models():
    session = botocore.session.Session()
    return {step.service: session.get_service_model(step.service) for step in PLAN}


def ids(step):
    return step.name


@pytest.mark.parametrize(("service", "operation"), sorted(ALLOWED))
def test_every_operation_that_can_be_called_only_reads(service, operation):
    assert operation.startswith(READS), service
    assert operation not in NEVER


@pytest.mark.parametrize("step", PLAN, ids=ids)
def test_operations_and_their_parameters_are_known_to_botocore(step, models):
    shape = models[step.service].operation_model(step.operation).input_shape
    required = set(shape.required_members) if shape is not None else set()
    members = set(shape.members) if shape is not None else set()
    assert required <= set(step.parameters) <= members


@pytest.mark.parametrize("step", [step for step in PLAN if step.items], ids=ids)
def test_what_an_answer_lists_stands_where_the_plan_says(step, models):
    shape = models[step.service].operation_model(step.operation).output_shape
    items = shape.members[step.items]
    kept = items.member if items.type_name == "list" else items
    if step.keep and kept.type_name == "structure":
        assert set(step.keep) <= set(kept.members)


@pytest.mark.parametrize("step", PLAN, ids=ids)
def test_lists_are_read_to_their_last_page(step, models):
    members = models[step.service].operation_model(step.operation).output_shape.members
    pages = {"NextToken", "nextToken", "Marker", "NextMarker"} & set(members)
    session = botocore.session.Session()
    client = session.create_client(
        step.service, "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    try:
        paged = client.can_paginate(snake(step.operation))
    finally:
        client.close()
    assert not pages or paged or step.token in pages


@pytest.mark.parametrize("step", PLAN, ids=ids)
def test_steps_that_follow_are_in_the_plan(step):
    assert set(step.follow) <= set(STEPS)


def test_names_of_steps_are_unique_and_every_step_is_reached():
    assert len(STEPS) == len(PLAN)
    reached = {step.name for step in first_steps()}
    for _ in PLAN:
        reached |= {name for known in reached for name in STEPS[known].follow}
    assert reached == set(STEPS)


def fields_of(step):
    templates = [step.subject, step.arn, step.region, *step.parameters.values()]
    texts = [text for text in templates if isinstance(text, str)]
    return {field for text in texts for _, field, _, _ in Formatter().parse(text) if field}


def fields_given(name, models, seen=()):
    """Give what the items have that lead to a step."""
    found = {"account", "partition", "region"}
    for above in PLAN:
        if name in above.follow and above.name not in seen:
            members = models[above.service].operation_model(above.operation).output_shape.members
            items = members[above.items]
            item = items.member if items.type_name == "list" else items
            own = above.keep or (item.members if item.type_name == "structure" else ())
            found |= {*own} or {"item", "last"}
            found |= fields_given(above.name, models, (*seen, name))
    return found


@pytest.mark.parametrize("step", PLAN, ids=ids)
def test_templates_name_what_the_items_have(step, models):
    assert fields_of(step) <= fields_given(step.name, models)


@pytest.mark.parametrize("step", PLAN, ids=ids)
def test_policy_that_is_printed_allows_every_call(step):
    statements = needed_policy()["Statement"]
    allowing = [each for each in statements if step.iam_action in each["Action"]]
    assert [tuple(each["Resource"]) for each in allowing] == [step.resources]


def test_policy_that_is_printed_allows_nothing_that_writes():
    parsed = parse_policy(needed_policy())
    assert not parsed.findings
    for statement in needed_policy()["Statement"]:
        assert statement["Action"] == sorted(set(statement["Action"]))
        for action in statement["Action"]:
            name = action.partition(":")[2]
            assert name == "GET" or name.startswith(READS), action
            assert not any(fnmatchcase(each, name) for each in NEVER)


def test_services_can_be_chosen():
    assert {step.service for step in first_steps(["kms", "sqs"])} == {"kms", "sqs"}


@pytest.mark.parametrize("step", [step for step in PLAN if step.arn], ids=ids)
def test_every_answer_about_a_policy_has_a_reader_that_knows_what_says_that_there_is_none(step):
    assert kebab(step.operation) in COMMANDS
    assert set(step.none) <= NO_POLICY


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_page_names_every_command_that_is_read(command):
    page = Path(__file__).parents[3] / "docs/pull.md"
    assert f"`{command}`" in page.read_text(encoding="utf-8")
