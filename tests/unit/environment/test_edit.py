"""What-if: environments with other policies."""

import pytest
from tests.unit.environment.test_assemble import LOG, POLICIES, WORLD
from tests.unit.environment.worlds import ANNA, DEPLOY, SESSION, ask, document, load

from policyeval.errors import InvalidRequestError
from policyeval.parsing.policy import parse_policy
from policyeval.stack import Layer


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return load(tmp_path_factory.mktemp("world"), WORLD, POLICIES)


def policy(*statement, name="new.json", **more):
    return parse_policy(document(*statement, **more), name=name)


DENY = policy("Deny")
DENY_ALL = policy("Deny", Principal="*")


@pytest.mark.parametrize(
    ("layer", "holder", "new"),
    [
        (Layer.IDENTITY_POLICY, "deploy", DENY),
        (Layer.IDENTITY_POLICY, DEPLOY, DENY),
        (Layer.PERMISSIONS_BOUNDARY, "deploy", DENY),
        (Layer.SESSION_POLICY, "", DENY),
        (Layer.SERVICE_CONTROL_POLICY, "@root", DENY),
        (Layer.SERVICE_CONTROL_POLICY, "@Prod", DENY),
        (Layer.SERVICE_CONTROL_POLICY, "ou-ab12-11111111", DENY),
        (Layer.SERVICE_CONTROL_POLICY, "@payments", DENY),
        (Layer.SERVICE_CONTROL_POLICY, "@222233334444", DENY),
        (Layer.RESOURCE_CONTROL_POLICY, "@Workloads", DENY_ALL),
        (Layer.RESOURCE_POLICY, "logs", DENY_ALL),
        (Layer.RESOURCE_POLICY, "arn:aws:s3:::logs", DENY_ALL),
    ],
)
def test_a_policy_more_at_any_place_decides(world, layer, holder, new):
    changed = world.with_policy(layer, holder, new)
    assert ask(changed, SESSION, "s3:GetObject", LOG).decided_by is layer
    assert ask(world, SESSION, "s3:GetObject", LOG).allowed
    assert ask(changed.without(layer, holder, "new.json"), SESSION, "s3:GetObject", LOG).allowed


def test_an_endpoints_policy_can_be_replaced(world):
    through = {"aws:SourceVpce": "vpce-0a1b2c3d"}
    changed = world.with_policies(Layer.VPC_ENDPOINT_POLICY, "door", [DENY_ALL])
    assert ask(world, SESSION, "s3:GetObject", LOG, through).allowed
    assert ask(changed, SESSION, "s3:GetObject", LOG, through).decided_by is (
        Layer.VPC_ENDPOINT_POLICY
    )
    default = changed.without(Layer.VPC_ENDPOINT_POLICY, "vpce-0a1b2c3d")
    assert ask(default, SESSION, "s3:PutObject", LOG, through).allowed


def test_a_policy_of_the_same_name_is_replaced(world):
    new = policy("Allow", "sqs:*", name="group.json")
    changed = world.with_policy(Layer.IDENTITY_POLICY, "@group-developers", new)
    assert changed.groups["developers"].policies[0].policy is new
    assert ask(changed, ANNA, "s3:GetObject", LOG).decided_by is Layer.IDENTITY_POLICY


def test_a_trust_policy_is_the_roles_resource_policy(world):
    trust = policy("Allow", "sts:AssumeRole", trust=True, Principal={"AWS": ANNA})
    changed = world.with_policies(Layer.RESOURCE_POLICY, "deploy", [trust])
    assert ask(changed, ANNA, "sts:AssumeRole", DEPLOY).allowed


@pytest.mark.parametrize("layer", [Layer.IDENTITY_POLICY, Layer.PERMISSIONS_BOUNDARY])
def test_an_arn_that_is_not_there_yet_gets_an_entry(world, layer):
    arn = "arn:aws:iam::222233334444:role/new"
    changed = world.with_policy(layer, arn, policy("Allow"))
    decision = ask(changed, arn, "s3:GetObject", LOG)
    assert [each.name for each in decision.stack.policies(layer)] == ["new.json"]
    assert decision.request.findings == ()


def test_a_resource_that_is_not_there_yet_gets_an_entry(world):
    queue = "arn:aws:sqs:eu-west-1:222233334444:new"
    changed = world.with_policy(Layer.RESOURCE_POLICY, queue, DENY_ALL)
    assert Layer.RESOURCE_POLICY in ask(changed, SESSION, "sqs:SendMessage", queue).blocking


@pytest.mark.parametrize(
    ("layer", "holder"),
    [
        (Layer.IDENTITY_POLICY, "deplo"),
        (Layer.IDENTITY_POLICY, "@group-x"),
        (Layer.PERMISSIONS_BOUNDARY, "arn:aws:s3:::logs"),
        (Layer.RESOURCE_POLICY, "lgos"),
        (Layer.SERVICE_CONTROL_POLICY, "@Workload"),
        (Layer.VPC_ENDPOINT_POLICY, "doo"),
    ],
)
def test_holders_that_are_not_there_are_errors(world, layer, holder):
    with pytest.raises(InvalidRequestError):
        world.with_policies(layer, holder, [])


def test_an_environment_cannot_be_changed(world):
    with pytest.raises(AttributeError):
        world.session = ()
