"""Which policies and facts a request meets."""

import pickle

import pytest
from tests.unit.environment.worlds import (
    ACCOUNT,
    ANNA,
    BOSS,
    DEPLOY,
    OTHER,
    SESSION,
    STRANGER,
    ask,
    document,
    load,
    told,
)

from policyeval.context import PRESENT, UNKNOWN, Facts
from policyeval.decision import LayerVerdict, Verdict
from policyeval.environment.model import Environment
from policyeval.parsing.policy import parse_policy
from policyeval.policy import PolicyType
from policyeval.stack import EndpointType, Layer

WORLD = """\
    version: 1
    organization:
      id: o-a1b2c3d4e5
      management: boss
      root:
        id: r-ab12
        scps: [FullAWSAccess]
        rcps: [rcp.json]
        accounts: [boss]
        ous:
          Workloads:
            id: ou-ab12-11111111
            scps: [FullAWSAccess, scp.json]
            ous:
              Prod: { id: ou-ab12-22222222, accounts: [payments] }
          Sandbox: { id: ou-ab12-33333333, scps: [], accounts: [play] }
    accounts:
      boss: { id: "999900001111" }
      payments: { id: "222233334444", canonical-user: abc123 }
      play: { id: "111122223333" }
    principals:
      deploy:
        arn: arn:aws:iam::222233334444:role/ci/deploy
        tags: { team: payments }
        policies: [identity.json]
        boundary: boundary.json
        trust: trust.json
      anna:
        arn: arn:aws:iam::222233334444:user/anna
        groups: [developers]
        boundary: null
      boss: { arn: "arn:aws:iam::999900001111:role/boss", policies: [identity.json] }
      toy: { arn: "arn:aws:iam::111122223333:role/toy", policies: [identity.json] }
      bare: { arn: "arn:aws:iam::222233334444:role/bare" }
    groups:
      developers: { policies: [group.json] }
    resources:
      logs:
        arn: arn:aws:s3:::logs
        owner: payments
        region: eu-west-1
        policy: bucket.json
        tags: { data: internal }
      secret-log: { arn: "arn:aws:s3:::logs/secret.log", tags: { level: top } }
      app-key:
        arn: arn:aws:kms:eu-west-1:222233334444:key/1234abcd
        aliases: [alias/app]
    vpc_endpoints:
      door:
        id: vpce-0a1b2c3d
        vpc: vpc-11aa22bb
        type: gateway
        policy: endpoint.json
      open-door: { id: vpce-0e0e0e0e, vpc: vpc-11aa22bb }
    complete: [scp]
    """

POLICIES = {
    "rcp.json": document("Deny", "s3:Nothing", Principal="*"),
    "scp.json": document("Deny", "sqs:*"),
    "identity.json": document("Allow"),
    "boundary.json": document("Allow", "s3:*"),
    "group.json": document("Allow", "s3:Get*"),
    "bucket.json": document("Deny", "s3:DeleteObject", "arn:aws:s3:::logs/*", Principal="*"),
    "endpoint.json": document("Allow", "s3:GetObject", Principal="*"),
    "trust.json": document(
        "Allow", "sts:AssumeRole", trust=True, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    ),
}
LOG = "arn:aws:s3:::logs/app.log"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return load(tmp_path_factory.mktemp("world"), WORLD, POLICIES)


def names(decision, layer):
    levels = decision.stack.layers[layer]
    return [[attached.name for attached in level] for level in levels]


# ---- the layers -----------------------------------------------------------------------------


def test_scps_of_every_level_from_the_root_to_the_account(world):
    decision = ask(world, SESSION, "s3:GetObject", LOG)
    assert names(decision, Layer.SERVICE_CONTROL_POLICY) == [
        ["FullAWSAccess"],
        ["FullAWSAccess", "scp.json"],
        ["FullAWSAccess"],
        ["FullAWSAccess"],
    ]
    levels = decision.stack.layers[Layer.SERVICE_CONTROL_POLICY]
    assert [level[0].attached_to for level in levels] == [
        "root",
        "OU Workloads",
        "OU Prod",
        "account payments",
    ]
    assert decision.allowed


def test_an_scp_of_a_unit_above_denies(world):
    decision = ask(world, SESSION, "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q")
    assert decision.decided_by is Layer.SERVICE_CONTROL_POLICY


def test_an_empty_level_allows_nothing(world):
    decision = ask(world, f"arn:aws:iam::{OTHER}:role/toy", "s3:ListAllMyBuckets")
    assert decision.blocking == (Layer.SERVICE_CONTROL_POLICY,)


def test_scps_do_not_reach_the_management_account(world):
    decision = ask(world, f"arn:aws:iam::{BOSS}:role/boss", "sqs:ListQueues")
    layer = decision.layer(Layer.SERVICE_CONTROL_POLICY)
    assert (layer.verdict, layer.reason) == (LayerVerdict.EXEMPT, "management_account")
    assert decision.allowed


def test_levels_without_scps_are_told_unless_scps_are_complete(tmp_path):
    decision = ask(
        load(tmp_path, WORLD.replace("complete: [scp]", ""), POLICIES), SESSION, "s3:GetObject", LOG
    )
    assert told(decision).count("PE0733") == 2
    assert decision.allowed


def test_rcps_are_those_of_the_resources_account(world):
    decision = ask(world, f"arn:aws:iam::{STRANGER}:role/x", "s3:GetObject", LOG)
    assert names(decision, Layer.RESOURCE_CONTROL_POLICY) == [["rcp.json"], [], [], []]


def test_without_an_organization_scps_and_rcps_are_not_given(tmp_path):
    environment = load(
        tmp_path,
        "version: 1\nprincipals: { p: { arn: 'arn:aws:iam::222233334444:role/p', "
        "policies: [identity.json] } }\n",
        POLICIES,
    )
    decision = ask(environment, environment.principal_arn("p"), "s3:ListAllMyBuckets")
    assert decision.allowed
    assert dict(decision.assumed).keys() >= {"policies:scp", "policies:boundary"}


def test_identity_policies_of_a_user_are_its_groups_too(world):
    decision = ask(world, ANNA, "s3:GetObject", LOG)
    attached = decision.stack.policies(Layer.IDENTITY_POLICY)
    assert [(each.name, each.attached_to) for each in attached] == [
        ("group.json", "group developers")
    ]
    assert decision.allowed


def test_null_means_that_there_is_none(world):
    decision = ask(world, ANNA, "s3:GetObject", LOG)
    assert decision.stack.layers[Layer.PERMISSIONS_BOUNDARY] == ()
    assert "policies:boundary" not in dict(decision.assumed)


def test_a_user_has_no_session_policies_but_a_role_may(world):
    assert "policies:session" not in dict(ask(world, ANNA, "s3:GetObject", LOG).assumed)
    assert "policies:session" in dict(ask(world, SESSION, "s3:GetObject", LOG).assumed)


def test_the_boundary_of_a_session_is_its_roles(world):
    decision = ask(world, SESSION, "ec2:RunInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/v")
    assert decision.blocking == (Layer.PERMISSIONS_BOUNDARY,)


def test_a_principal_of_which_nothing_is_told_has_no_layer_given(world):
    decision = ask(world, f"arn:aws:iam::{ACCOUNT}:role/bare", "s3:GetObject", LOG)
    assert Layer.IDENTITY_POLICY not in decision.stack.layers
    assert dict(decision.assumed)["policies:identity"] == "none"


def test_objects_have_their_buckets_policy(world):
    for name in ("logs/app.log", "logs/secret.log"):
        decision = ask(world, SESSION, "s3:DeleteObject", f"arn:aws:s3:::{name}")
        assert decision.decided_by is Layer.RESOURCE_POLICY


def test_assuming_a_role_asks_its_trust_policy(world):
    decision = ask(world, ANNA, "sts:AssumeRole", DEPLOY)
    assert names(decision, Layer.RESOURCE_POLICY) == [["trust.json"]]
    assert decision.blocking == (Layer.IDENTITY_POLICY,)


def test_a_role_always_has_a_trust_policy_so_none_given_is_unknown(tmp_path):
    environment = load(tmp_path, WORLD.replace("[scp]", "[scp, resource]"), POLICIES)
    decision = ask(environment, ANNA, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/bare")
    assert decision.missing == ("policies:resource",)


def test_a_key_always_has_a_policy_so_none_given_is_unknown(tmp_path):
    environment = load(tmp_path, WORLD.replace("[scp]", "[scp, resource]"), POLICIES)
    decision = ask(
        environment,
        f"arn:aws:iam::{ACCOUNT}:role/bare",
        "kms:Decrypt",
        f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd",
    )
    assert "policies:resource" in decision.missing
    assert decision.request.context["kms:ResourceAliases"] == ("alias/app",)


def test_an_endpoint_takes_part_when_the_request_comes_through_it(world):
    through = {"aws:SourceVpce": "vpce-0a1b2c3d"}
    decision = ask(world, SESSION, "s3:PutObject", LOG, through)
    assert decision.blocking == (Layer.VPC_ENDPOINT_POLICY,)
    (attached,) = decision.stack.policies(Layer.VPC_ENDPOINT_POLICY)
    assert attached.endpoint_type is EndpointType.GATEWAY
    assert decision.request.context["aws:SourceVpc"] == ("vpc-11aa22bb",)
    assert Layer.VPC_ENDPOINT_POLICY not in ask(world, SESSION, "s3:PutObject", LOG).stack.layers


def test_an_endpoint_without_a_policy_has_the_default_one(world):
    decision = ask(world, SESSION, "s3:PutObject", LOG, {"aws:SourceVpce": "vpce-0e0e0e0e"})
    assert decision.allowed
    assert names(decision, Layer.VPC_ENDPOINT_POLICY) == [["default endpoint policy"]]
    assert "policies:vpc_endpoint" not in dict(decision.assumed)


def test_an_unknown_endpoint_is_told(world):
    decision = ask(world, SESSION, "s3:PutObject", LOG, {"aws:SourceVpce": "vpce-0a1b2c3e"})
    (finding,) = [each for each in decision.request.findings if each.code == "PE0741"]
    assert finding.help == "did you mean `vpce-0a1b2c3d`?"


def test_session_policies_come_with_the_request(world):
    policy = parse_policy(document("Allow", "s3:ListBucket"), type=PolicyType.SESSION)
    decision = ask(world.with_session_policies([policy]), SESSION, "s3:GetObject", LOG)
    assert decision.blocking == (Layer.SESSION_POLICY,)
    none = ask(world.with_session_policies([]), SESSION, "s3:GetObject", LOG)
    assert none.allowed
    assert "policies:session" not in dict(none.assumed)


# ---- callers --------------------------------------------------------------------------------


def test_a_principal_that_is_not_there_is_told_with_the_nearest_name(world):
    decision = ask(world, f"arn:aws:iam::{ACCOUNT}:role/deploi", "s3:GetObject", LOG)
    (finding,) = [each for each in decision.request.findings if each.code == "PE0740"]
    assert finding.help == "did you mean `deploy`?"
    assert Layer.IDENTITY_POLICY not in decision.stack.layers


def test_complete_does_not_speak_for_principals_that_are_not_there(tmp_path):
    environment = load(tmp_path, WORLD.replace("[scp]", "[scp, identity, boundary]"), POLICIES)
    decision = ask(environment, f"arn:aws:iam::{ACCOUNT}:role/deploi", "s3:GetObject", LOG)
    assert dict(decision.assumed).keys() >= {"policies:identity", "policies:boundary"}
    known = ask(environment, f"arn:aws:iam::{ACCOUNT}:role/bare", "s3:GetObject", LOG)
    assert not {"policies:identity", "policies:boundary"} & set(dict(known.assumed))


def test_a_session_gets_its_roles_path_tags_and_organization(world):
    context = ask(world, SESSION, "s3:GetObject", LOG).request.context
    assert context["aws:PrincipalArn"] == (DEPLOY,)
    assert context["aws:PrincipalTag/team"] == ("payments",)
    assert context["aws:PrincipalOrgID"] == ("o-a1b2c3d4e5",)
    assert context["aws:PrincipalOrgPaths"] == (
        "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/",
    )
    assert "aws:principaltag/team" in context.derived


def test_given_facts_win(world):
    given = {
        "aws:PrincipalTag/team": "other",
        "aws:PrincipalOrgID": "o-zzzzzzzzzz",
        "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/elsewhere/deploy",
        "aws:RequestedRegion": "us-east-1",
    }
    request = ask(world, SESSION, "s3:GetObject", LOG, given).request
    for key, value in given.items():
        assert request.context[key] == (value,)
    assert request.principal.name == "elsewhere/deploy"


def test_a_federated_user_has_the_policies_of_its_user(world):
    decision = ask(
        world, f"arn:aws:sts::{ACCOUNT}:federated-user/guest", "s3:GetObject", LOG, issuer=ANNA
    )
    assert names(decision, Layer.IDENTITY_POLICY) == [["group.json"]]
    assert decision.request.context["aws:PrincipalTag/team"] is not PRESENT


@pytest.mark.parametrize(
    "principal", ["*", "cloudtrail.amazonaws.com", f"arn:aws:iam::{ACCOUNT}:root"]
)
def test_callers_without_an_entry_are_no_finding(world, principal):
    decision = ask(world, principal, "s3:GetObject", LOG)
    assert told(decision) == []
    assert decision.request.resource.account == ACCOUNT


def test_callers_from_outside_have_no_organization(world):
    context = ask(world, f"arn:aws:iam::{STRANGER}:role/x", "s3:GetObject", LOG).request.context
    assert "aws:principalorgid" not in context.entries
    assert context["aws:ResourceOrgID"] == ("o-a1b2c3d4e5",)


# ---- resources ------------------------------------------------------------------------------


def test_the_owner_of_a_bucket_is_known_here(world):
    decision = ask(world, f"arn:aws:iam::{OTHER}:role/toy", "s3:GetObject", LOG)
    request = decision.request
    assert request.resource.account == ACCOUNT
    assert request.context["aws:ResourceAccount"] == (ACCOUNT,)
    assert request.context["s3:ResourceAccount"] == (ACCOUNT,)
    assert not request.same_account
    assert "PE1401" not in told(decision)


def test_a_given_owner_wins_and_the_contradiction_is_told(world):
    decision = ask(world, SESSION, "s3:GetObject", LOG, resource_account=OTHER)
    assert decision.request.resource.account == OTHER
    assert told(decision) == ["PE0746"]


def test_region_and_tags_of_a_bucket_and_of_an_object(world):
    bucket = ask(world, SESSION, "s3:ListBucket", "arn:aws:s3:::logs").request.context
    assert bucket["aws:RequestedRegion"] == ("eu-west-1",)
    assert bucket["aws:ResourceTag/data"] == ("internal",)
    thing = ask(world, SESSION, "s3:GetObject", "arn:aws:s3:::logs/secret.log").request
    assert thing.context["s3:ExistingObjectTag/level"] == ("top",)
    assert "aws:resourcetag/data" not in thing.context.entries
    assert thing.resource.account == ACCOUNT


def test_tags_of_a_role_that_is_asked_about(world):
    context = ask(world, ANNA, "iam:GetRole", DEPLOY).request.context
    assert context["aws:ResourceTag/team"] == context["iam:ResourceTag/team"] == ("payments",)


def test_complete_resources_do_not_speak_for_other_accounts(tmp_path):
    environment = load(tmp_path, WORLD.replace("[scp]", "[scp, resource]"), POLICIES)
    queue = f"arn:aws:sqs:eu-west-1:{STRANGER}:q"
    assert (
        "policies:resource"
        in ask(environment, f"arn:aws:iam::{BOSS}:role/boss", "sqs:SendMessage", queue).missing
    )
    own = ask(environment, f"arn:aws:iam::{BOSS}:role/boss", "sqs:SendMessage",
              f"arn:aws:sqs:eu-west-1:{BOSS}:q")  # fmt: skip
    assert own.allowed
    assert "policies:resource" not in dict(own.assumed)


# ---- what cannot be known -------------------------------------------------------------------

BROKEN = {"scp.json": "{", "group.json": "{", "bucket.json": "not JSON", "boundary.json": "[]"}


@pytest.mark.parametrize(
    ("broken", "principal", "layer"),
    [
        ("scp.json", SESSION, "scp"),
        ("group.json", ANNA, "identity"),
        ("bucket.json", SESSION, "resource"),
        ("boundary.json", SESSION, "boundary"),
    ],
)
@pytest.mark.parametrize("facts", list(Facts))
def test_a_broken_policy_makes_its_layer_unknown_never_empty(
    tmp_path, broken, principal, layer, facts
):
    environment = load(tmp_path, WORLD, POLICIES | {broken: BROKEN[broken]})
    context = {"aws:SourceVpce": "vpce-0e0e0e0e"} if facts is Facts.PARTIAL else {}
    decision = ask(environment, principal, "s3:GetObject", LOG, context, facts)
    assert decision.verdict is Verdict.UNKNOWN
    assert f"policies:{layer}" in decision.missing
    if facts is not Facts.PARTIAL:
        assert decision.missing == (f"policies:{layer}",)
    assert "PE0724" in told(decision)
    assert any(finding.is_error for finding in environment.findings)


def test_a_broken_policy_does_not_hide_others(tmp_path):
    environment = load(tmp_path, WORLD, POLICIES | {"group.json": "{"})
    assert ask(environment, SESSION, "s3:GetObject", LOG).allowed
    decision = ask(environment, ANNA, "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q")
    assert decision.verdict is Verdict.EXPLICIT_DENY


def test_a_broken_scp_does_not_matter_to_the_management_account(tmp_path):
    environment = load(tmp_path, WORLD, POLICIES | {"scp.json": "{"})
    assert ask(environment, f"arn:aws:iam::{BOSS}:role/boss", "sqs:ListQueues").allowed


def test_a_managed_policy_without_a_copy_is_unknown_and_with_one_it_is_read(tmp_path):
    text = (
        "version: 1\nmanaged-policies: copies\nprincipals: { p: { arn: "
        "'arn:aws:iam::222233334444:role/p', policies: ["
        "'arn:aws:iam::aws:policy/job-function/ViewOnlyAccess'] } }\n"
    )
    (tmp_path / "copies").mkdir()
    environment = load(tmp_path, text)
    decision = ask(environment, environment.principal_arn("p"), "s3:ListAllMyBuckets")
    assert decision.missing == ("policies:identity",)
    assert [finding.code for finding in environment.findings] == ["PE0722"]
    (tmp_path / "copies/ViewOnlyAccess.json").write_text(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:List*", '
        '"Resource": "*"}]}'
    )
    environment = load(tmp_path, text)
    decision = ask(environment, environment.principal_arn("p"), "s3:ListAllMyBuckets")
    assert decision.allowed
    (attached,) = decision.stack.policies(Layer.IDENTITY_POLICY)
    assert attached.arn == "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"


def test_a_managed_policys_arn_cannot_lead_out_of_the_project(tmp_path):
    (tmp_path / "secret.json").write_text("{}")
    project = tmp_path / "project"
    (project / "copies").mkdir(parents=True)
    environment = load(
        project,
        "version: 1\nmanaged-policies: copies\nprincipals: { p: { arn: "
        "'arn:aws:iam::222233334444:role/p', policies: ["
        "'arn:aws:iam::aws:policy/../../secret'] } }\n",
    )
    assert [finding.code for finding in environment.findings] == ["PE0722"]


def test_an_organization_without_accounts_leaves_scps_unknown(tmp_path):
    environment = load(
        tmp_path,
        "version: 1\norganization: { id: o-a1b2c3d4e5, management: '999900001111', "
        "root: { scps: [scp.json] } }\nprincipals: { p: { arn: "
        "'arn:aws:iam::222233334444:role/p', policies: [identity.json] } }\n",
        POLICIES,
    )
    decision = ask(environment, environment.principal_arn("p"), "s3:ListAllMyBuckets")
    assert decision.missing == ("policies:scp",)
    assert "PE0732" in told(decision)
    assert decision.request.context["aws:PrincipalOrgID"] is UNKNOWN


def test_units_without_ids_leave_the_paths_open(tmp_path):
    environment = load(tmp_path, WORLD.replace("id: ou-ab12-22222222, ", ""), POLICIES)
    context = ask(environment, SESSION, "s3:GetObject", LOG).request.context
    assert context["aws:PrincipalOrgID"] == ("o-a1b2c3d4e5",)
    assert context["aws:PrincipalOrgPaths"] is PRESENT


# ---- as a whole -----------------------------------------------------------------------------


def test_asking_again_about_a_decided_request_changes_nothing(world):
    decision = ask(world, SESSION, "s3:GetObject", LOG)
    request, stack = world.resolve(decision.request)
    assert request == decision.request
    assert stack is decision.stack


def test_equal_situations_share_one_stack(world):
    one = ask(world, SESSION, "s3:GetObject", LOG)
    two = ask(world, SESSION, "s3:PutObject", "arn:aws:s3:::logs/other.log")
    assert one.stack is two.stack
    assert ask(world, ANNA, "s3:GetObject", LOG).stack is not one.stack


def test_policies_are_read_only_when_they_are_needed(tmp_path):
    environment = load(tmp_path, WORLD, POLICIES)
    ask(environment, ANNA, "s3:GetObject", LOG)
    read = {each.name for each in environment.documents if each._read is not None}
    assert "group.json" in read
    assert "identity.json" not in read
    assert environment.findings == ()


def test_a_policy_file_that_vanishes_is_a_finding(tmp_path):
    environment = load(tmp_path, WORLD, POLICIES)
    (tmp_path / "policies/group.json").unlink()
    decision = ask(environment, ANNA, "s3:GetObject", LOG)
    assert decision.missing == ("policies:identity",)


def test_an_environment_survives_pickling(world):
    copy = pickle.loads(pickle.dumps(world))
    assert isinstance(copy, Environment)
    assert ask(copy, SESSION, "s3:GetObject", LOG).allowed
