"""Terraform plans and states: what is known, and what is known after apply only."""

import json

import pytest
from tests.unit.environment.exports.exporting import ACCOUNT, ALLOW, allow, codes, read, refused

from policyeval.environment.exports.parts import Given
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.write import policy_to_dict
from policyeval.request import Request

TOLD = Given(ACCOUNT, "eu-west-1", "aws")
TEXT = json.dumps(ALLOW)
GRANT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
)


def change(address, after, later=(), actions=("create",)):
    kind = address.partition(".")[0]
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "change": {
            "actions": list(actions),
            "after": after,
            "after_unknown": dict.fromkeys(later, True),
        },
    }


def plan(*changes, **expressions):
    """A plan; expressions by address with `__` for the dot: `{field: [references]}`."""
    resources = [
        {
            "address": address.replace("__", "."),
            "expressions": {key: {"references": refs} for key, refs in fields.items()},
        }
        for address, fields in expressions.items()
    ]
    return {
        "plan.json": {
            "format_version": "1.2",
            "terraform_version": "1.9.5",
            "resource_changes": list(changes),
            "configuration": {"root_module": {"resources": resources}},
        }
    }


def role(name="deploy", **more):
    return change(f"aws_iam_role.{name}", {"name": name, "path": "/"} | more, ("arn",))


def only(environment):
    (found,) = environment.identities.values()
    return found


def verdict(environment, action="s3:ListAllMyBuckets", resource="*"):
    arn = f"arn:aws:iam::{ACCOUNT}:role/deploy"
    request = Request.of(arn, action, resource, resource_account=ACCOUNT)
    return evaluate(request, environment).verdict.value


def test_a_policy_known_after_apply_is_unknown(tmp_path):
    inline = change("aws_iam_role_policy.p", {"role": "deploy"}, ("policy",))
    environment = read(tmp_path, plan(role(), inline), given=TOLD)
    (document,) = only(environment).policies
    assert codes(document.findings) == ["PE1812"]
    assert "`aws_iam_role_policy.p.policy` is known after apply" in document.findings[0].message
    assert verdict(environment) == "unknown"


def test_references_of_the_configuration_are_followed(tmp_path):
    policy = change("aws_iam_policy.base", {"name": "base", "policy": TEXT}, ("arn",))
    attachment = change("aws_iam_role_policy_attachment.a", {}, ("role", "policy_arn"))
    files = plan(
        role(),
        role("other"),
        policy,
        attachment,
        aws_iam_role_policy_attachment__a={
            "role": ["aws_iam_role.deploy.name", "aws_iam_role.deploy"],
            "policy_arn": ["aws_iam_policy.base.arn", "aws_iam_policy.base"],
        },
    )
    environment = read(tmp_path, files, given=TOLD)
    assert [each.name for each in environment.identities["deploy"].policies] == ["base"]
    assert environment.identities["other"].policies == ()
    assert verdict(environment) == "allowed"


@pytest.mark.parametrize(
    "references", [[], ["local.name"], ["aws_iam_role.deploy", "aws_iam_role.b"]]
)
def test_what_hangs_nobody_can_tell_where_may_hang_at_each(tmp_path, references):
    inline = change("aws_iam_role_policy.p", {"policy": TEXT}, ("role",))
    files = plan(role(), role("b"), inline, aws_iam_role_policy__p={"role": references})
    environment = read(tmp_path, files, given=TOLD)
    assert verdict(environment) == "unknown"
    assert [len(each.policies) for each in environment.identities.values()] == [1, 1]


def test_an_attachment_to_a_role_of_elsewhere_leaves_its_other_policies_unknown(tmp_path):
    inline = change(
        "aws_iam_role_policy.p", {"role": "deploy", "policy": json.dumps(allow("ec2:*"))}
    )
    environment = read(tmp_path, plan(inline), given=TOLD)
    found = only(environment)
    assert [each.policy is None for each in found.policies] == [False, True]
    assert codes(found.policies[1].findings) == ["PE1810"]


def test_without_an_account_roles_go_by_name_and_a_note_says_so(tmp_path):
    environment = read(tmp_path, plan(role(inline_policy=[{"name": "x", "policy": TEXT}])))
    assert codes(environment.load_findings) == ["PE1813"]
    assert only(environment).arn == ""
    assert verdict(environment) == "allowed"


def test_the_account_is_told_by_arns_that_are_known(tmp_path):
    known = role("old", arn=f"arn:aws:iam::{ACCOUNT}:role/old")
    environment = read(tmp_path, plan(known, role()))
    assert environment.identities["deploy"].arn == f"arn:aws:iam::{ACCOUNT}:role/deploy"


def test_what_is_destroyed_or_a_data_source_is_left_out(tmp_path):
    gone = role() | {"change": {"actions": ["delete"], "after": None, "after_unknown": {}}}
    source = role("b") | {"mode": "data"}
    assert read(tmp_path, plan(gone, source), given=TOLD).identities == {}


def test_a_boundary_known_after_apply_is_unknown(tmp_path):
    boundary = change("aws_iam_role.deploy", {"name": "deploy"}, ("permissions_boundary",))
    environment = read(tmp_path, plan(boundary), given=TOLD)
    assert only(environment).boundary[0].policy is None


# ---- resources -------------------------------------------------------------------------------


def test_a_policy_that_stands_beside_its_resource_is_joined_to_it(tmp_path):
    bucket = change("aws_s3_bucket.b", {"bucket": "logs"}, ("id", "arn"))
    policy = change("aws_s3_bucket_policy.p", {"policy": GRANT}, ("bucket",))
    files = plan(bucket, policy, aws_s3_bucket_policy__p={"bucket": ["aws_s3_bucket.b.id"]})
    environment = read(tmp_path, files, given=TOLD)
    found = environment.resources["logs"]
    assert (found.arn, found.owner, found.region) == ("arn:aws:s3:::logs", ACCOUNT, "eu-west-1")
    assert len(found.policy) == 1


def test_a_policy_of_a_bucket_of_elsewhere_is_found_by_its_name(tmp_path):
    policy = change("aws_s3_bucket_policy.p", {"bucket": "logs", "policy": GRANT})
    environment = read(tmp_path, plan(policy))
    assert environment.resources["logs"].arn == "arn:aws:s3:::logs"


@pytest.mark.parametrize("told", [True, False])
def test_a_queue_has_an_arn_only_where_its_account_and_region_are_told(tmp_path, told):
    queue = change("aws_sqs_queue.q", {"name": "q", "policy": GRANT}, ("arn", "id", "url"))
    environment = read(tmp_path, plan(queue), given=TOLD if told else None)
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
    assert [each.arn for each in environment.resources.values()] == ([arn] if told else [])
    assert len(environment.unplaced) == (not told)
    expected = "allowed" if told else "unknown"
    assert verdict(environment, "sqs:SendMessage", arn) == expected


def test_a_lambda_permission_is_a_statement_of_the_function(tmp_path):
    function = change("aws_lambda_function.f", {"function_name": "f"}, ("arn",))
    permission = change(
        "aws_lambda_permission.p",
        {
            "function_name": "f",
            "principal": "sns.amazonaws.com",
            "action": "lambda:InvokeFunction",
            "source_arn": "arn:aws:sns:eu-west-1:222233334444:t",
            "statement_id": "FromTopic",
        },
    )
    (found,) = read(tmp_path, plan(function, permission), given=TOLD).resources.values()
    assert found.arn == f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    (statement,) = policy_to_dict(found.policy[0].policy)["Statement"]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Condition"]["ArnLike"]["AWS:SourceArn"].endswith(":t")


def test_a_state_is_read_with_its_modules(tmp_path):
    values = {"name": "deploy", "arn": f"arn:aws:iam::{ACCOUNT}:role/deploy"}
    resource = {
        "address": "m.aws_iam_role.d",
        "mode": "managed",
        "type": "aws_iam_role",
        "values": values,
    }
    state = {
        "format_version": "1.0",
        "terraform_version": "1.9.5",
        "values": {"root_module": {"child_modules": [{"resources": [resource]}]}},
    }
    assert only(read(tmp_path, {"s.json": state})).arn == values["arn"]


def test_types_without_a_reader_are_counted(tmp_path):
    environment = read(tmp_path, plan(change("aws_route_table.t", {"x": 1})))
    assert "`aws_route_table` (1)" in environment.load_findings[0].message


@pytest.mark.parametrize(
    "after", [{"name": 5}, {"name": "a", "inline_policy": 5}, {"name": [], "tags": 1}]
)
def test_what_does_not_fit_is_an_error(tmp_path, after):
    assert "PE1803" in codes(refused(tmp_path, plan(change("aws_iam_role.r", after))))


@pytest.mark.parametrize(
    "references",
    [
        ["var.shared", "aws_iam_role.deploy.name", "aws_iam_role.deploy"],
        ["aws_iam_instance_profile.deploy.role", "aws_iam_instance_profile.deploy"],
    ],
)
def test_a_reference_that_may_mean_another_role_is_not_followed(tmp_path, references):
    profile = change("aws_iam_instance_profile.deploy", {"name": "deploy"}, ("role",))
    policy = change("aws_iam_role_policy.main", {"policy": TEXT}, ("role",))
    files = plan(role(), profile, policy, aws_iam_role_policy__main={"role": references})
    assert verdict(read(tmp_path, files, given=TOLD)) == "unknown"


def test_managed_policies_of_a_role_in_a_module_are_unknown_before_apply(tmp_path):
    later = role() | {"address": "module.m[0].aws_iam_role.deploy", "type": "aws_iam_role"}
    later["change"]["after_unknown"]["managed_policy_arns"] = True
    assert verdict(read(tmp_path, plan(later), given=TOLD)) == "unknown"


def test_a_managed_policy_that_stands_as_null_is_unknown(tmp_path):
    later = role(managed_policy_arns=[None])
    later["change"]["after_unknown"]["managed_policy_arns"] = [True]
    assert verdict(read(tmp_path, plan(later), given=TOLD)) == "unknown"


def test_what_the_provider_fills_in_with_nothing_is_none(tmp_path):
    new = role()
    new["change"]["after_unknown"] |= {"inline_policy": True, "managed_policy_arns": True}
    files = plan(new, aws_iam_role__deploy={"name": []})
    assert verdict(read(tmp_path, files, given=TOLD)) == "implicit_deny"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"qualifier": "prod"}, "implicit_deny"),
        ({"event_source_token": "secret"}, "implicit_deny"),
        ({}, "allowed"),
    ],
)
def test_a_lambda_permission_grants_no_more_than_it_says(tmp_path, more, said):
    arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    given = {
        "function_name": "f",
        "action": "lambda:InvokeFunction",
        "principal": "events.amazonaws.com",
    } | more
    files = plan(
        change("aws_lambda_function.f", {"function_name": "f", "arn": arn}),
        change("aws_lambda_permission.p", given),
    )
    request = Request.of("events.amazonaws.com", "lambda:InvokeFunction", arn)
    assert evaluate(request, read(tmp_path, files, given=TOLD)).verdict.value == said


def tagged(key, value="red"):
    document = allow()
    document["Statement"][0]["Condition"] = {"StringNotEquals": {key: value}}
    return json.dumps(document)


@pytest.mark.parametrize(
    ("after", "later", "answer"),
    [
        ({"tags": {"team": "blue"}}, {}, "allowed"),
        ({}, {"tags": True}, "unknown"),
        ({"tags": {"team": None}}, {"tags": {"team": True}}, "unknown"),
        ({"tags": {"a": "b"}}, {"tags": {}, "tags_all": True}, "unknown"),
        ({"tags": {"team": "blue"}}, {"tags": {}, "tags_all": True}, "allowed"),
        ({"tags": {"team": "blue", "a": None}}, {"tags": {"a": True}}, "allowed"),
    ],
)
def test_a_condition_on_a_tag_known_after_apply_is_unknown(tmp_path, after, later, answer):
    document = tagged("aws:PrincipalTag/team")
    one = role(inline_policy=[{"name": "main", "policy": document}], **after)
    one["change"]["after_unknown"] |= later
    assert verdict(read(tmp_path, plan(one), given=TOLD)) == answer


def test_a_tag_of_a_resource_known_after_apply_is_unknown(tmp_path):
    document = tagged("aws:ResourceTag/team")
    bucket = change("aws_s3_bucket.b", {"bucket": "logs"}, ("tags_all",))
    one = role(inline_policy=[{"name": "main", "policy": document}])
    environment = read(tmp_path, plan(one, bucket), given=TOLD)
    assert verdict(environment, "s3:GetBucketTagging", "arn:aws:s3:::logs") == "unknown"
    assert verdict(environment, "s3:GetBucketTagging", "arn:aws:s3:::other") == "allowed"


@pytest.mark.parametrize(
    "told",
    [
        {"errored": True},
        {"complete": False},
        {"deferred_changes": [{"reason": "provider_config_unknown", "resource_change": {}}]},
    ],
)
def test_a_plan_that_is_not_finished_leaves_layers_unknown(tmp_path, told):
    one = role(inline_policy=[{"name": "main", "policy": TEXT}])
    bucket = change("aws_s3_bucket.b", {"bucket": "logs"})
    files = plan(one, bucket)
    whole = {"errored": False, "complete": True, "deferred_changes": []}
    files["plan.json"] |= whole
    assert verdict(read(tmp_path, files, given=TOLD)) == "allowed"
    files["plan.json"] |= told
    environment = read(tmp_path, files, given=TOLD)
    assert codes(environment.load_findings) == ["PE1805"]
    assert verdict(environment) == "unknown"
    assert None in [each.policy for each in environment.resources["logs"].policy]


def test_planned_values_alone_are_refused(tmp_path):
    values = {"name": "deploy", "inline_policy": []}
    resource = {"address": "aws_iam_role.a", "mode": "managed", "type": "aws_iam_role"}
    tree = {"root_module": {"resources": [resource | {"values": values}]}}
    for more in ({}, {"resource_changes": []}):
        found = {"terraform_version": "1.9.5", "planned_values": tree} | more
        (finding,) = refused(tmp_path, {"plan.json": found})
        assert (finding.code, "resource_changes" in finding.help) == ("PE1803", True)


@pytest.mark.parametrize(
    ("other", "account"),
    [
        ({"region": {"constant_value": "us-east-1"}}, ACCOUNT),
        ({"assume_role": [{"role_arn": {"references": ["var.other"]}}]}, ""),
        ({"profile": {"constant_value": "other"}}, ""),
    ],
)
def test_of_providers_of_several_accounts_none_is_guessed(tmp_path, other, account):
    known = role("known", arn=f"arn:aws:iam::{ACCOUNT}:role/known")
    files = plan(role(), known)
    files["plan.json"]["configuration"]["provider_config"] = {
        "aws": {"name": "aws"},
        "aws.other": {"name": "aws", "alias": "other", "expressions": other},
        "module.m:aws": {"name": "aws", "module_address": "module.m"},
        "random": {"name": "random", "expressions": {"profile": {"constant_value": "x"}}},
    }
    for given in (None, TOLD):
        environment = read(tmp_path, files, given=given)
        assert [environment.identities[each].account for each in ("deploy", "known")] == [
            account,
            ACCOUNT,
        ]
        assert codes(environment.load_findings) == ([] if account else ["PE1813"])
