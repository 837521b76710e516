"""Suites go out to the simulator and to politest, or say why not."""

import json
from pathlib import Path

import pytest
import yaml

from policyeval.testing.imports.context import TYPE_NAMES
from policyeval.testing.imports.export import to_politest, to_simulator
from policyeval.testing.imports.simulator import EXPECT as DECISIONS
from policyeval.testing.imports.simulator import KEYS, from_simulator
from policyeval.testing.load import load_suite

ROOT = Path(__file__).parents[4]
HOUSE = ROOT / "fixtures/environments/tamagotchi/tests/house.policytest.yaml"
ADA = "arn:aws:iam::111122223333:user/ada"


def policy(*statements):
    whole = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [whole | each for each in statements]})


def suite_of(folder, tests, stack=None, **policies):
    stack = stack or {"identity": ["identity.json"]}
    for name, text in {"identity": policy({}), **policies}.items():
        (folder / f"{name}.json").write_text(text)
    head = {"version": 1, "stack": stack, "defaults": {"facts": "complete", "principal": ADA}}
    path = folder / "a.policytest.yaml"
    path.write_text(yaml.safe_dump({**head, "tests": tests}, sort_keys=False))
    return load_suite(path)


def one(**more):
    return {"name": "t", "action": "s3:GetObject", "resource": "*", "expect": "allow", **more}


def said(export):
    return [finding.message for finding in export.findings]


def test_a_request_has_the_simulators_own_parameters(tmp_path):
    context = {"aws:SecureTransport": True, "aws:TagKeys": ["a"], "aws:SourceIp": "203.0.113.9"}
    test = one(resource="arn:aws:s3:::b/x", context=context)
    test["resource-account"] = "444455556666"
    stack = {"identity": ["identity.json"], "resource": ["r.json"], "boundary": ["b.json"]}
    suite = suite_of(tmp_path, [test], stack, r=policy({"Principal": "*"}), b=policy({}))
    export = to_simulator(suite, tmp_path / "a.json")
    assert json.loads(export.files["a.json"]) == {
        "PolicyInputList": [policy({})],
        "PermissionsBoundaryPolicyInputList": [policy({})],
        "ActionNames": ["s3:GetObject"],
        "ResourceArns": ["arn:aws:s3:::b/x"],
        "ResourcePolicy": policy({"Principal": "*"}),
        "ResourceOwner": "arn:aws:iam::444455556666:root",
        "CallerArn": ADA,
        "ContextEntries": [
            {
                "ContextKeyName": "aws:SecureTransport",
                "ContextKeyValues": ["true"],
                "ContextKeyType": "boolean",
            },
            {
                "ContextKeyName": "aws:TagKeys",
                "ContextKeyValues": ["a"],
                "ContextKeyType": "stringList",
            },
            {
                "ContextKeyName": "aws:SourceIp",
                "ContextKeyValues": ["203.0.113.9"],
                "ContextKeyType": "ip",
            },
        ],
    }
    results = json.loads(export.files["a.results.json"])["EvaluationResults"]
    assert [each["EvalDecision"] for each in results] == ["allowed"]


def test_tests_that_differ_in_their_action_alone_are_one_request(tmp_path):
    tests = [
        {"name": "m", "matrix": {"action": ["s3:GetObject", "s3:PutObject"]}, "resource": "*"}
        | {"expect": "allow"},
        one(name="again"),
        one(name="other", resource="arn:aws:s3:::b"),
    ]
    export = to_simulator(suite_of(tmp_path, tests), tmp_path / "a.jsonl")
    requests = [json.loads(line) for line in export.files["a.jsonl"].splitlines()]
    assert [each["ActionNames"] for each in requests] == [
        ["s3:GetObject", "s3:PutObject"],
        ["s3:GetObject"],
        ["s3:GetObject"],
    ]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"principal": "*"}, "its caller is a user or role, not `*`"),
        ({"principal": "lambda.amazonaws.com"}, "its caller is a user or role"),
        ({"facts": "partial"}, "unknown, not absent"),
        ({"unknown": ["aws:SourceIp"]}, "nobody knows `aws:SourceIp`"),
    ],
)
def test_a_request_that_the_simulator_cannot_be_asked_is_left_out(tmp_path, more, why):
    export = to_simulator(suite_of(tmp_path, [one(**more), one(name="u")]), tmp_path / "a.json")
    assert (export.tests, export.left_out) == (1, 1)
    assert "`t` is left out" in said(export)[0]
    assert why in said(export)[0]
    assert export.findings[0].location.source.name.endswith("a.policytest.yaml")


def test_a_policy_that_has_no_place_goes_missing_only_where_it_changes_no_answer(tmp_path):
    tests = [
        one(name="denied", action="s3:DeleteBucket", expect="explicit-deny"),
        one(name="allowed"),
    ]
    stack = {"identity": ["identity.json"], "boundary": ["b.json"]}
    boundary = policy({}, {"Effect": "Deny", "Action": "s3:DeleteBucket"})
    suite = suite_of(tmp_path, tests, stack, b=boundary)
    assert said(to_politest(suite, tmp_path / "a.yml")) == [
        "`denied` is left out: it has no place for boundary policies",
        "boundary policies are left out where the answer is the same",
    ]
    assert to_simulator(suite, tmp_path / "a.json").left_out == 0


def test_scps_go_to_the_simulator_level_by_level_and_come_back_so(tmp_path):
    root, account = policy({}), policy({"Action": "s3:*"})
    stack = {"identity": ["identity.json"], "scp": [["root.json"], [], ["account.json"]]}
    suite = suite_of(tmp_path, [one(expect="implicit-deny")], stack, root=root, account=account)
    export = to_simulator(suite, tmp_path / "a.json")
    assert json.loads(export.files["a.json"])["OrderedOrganizationPolicyInputList"] == [
        {"ServiceControlPolicyInputList": [root]},
        {"ServiceControlPolicyInputList": []},
        {"ServiceControlPolicyInputList": [account]},
    ]
    (tmp_path / "a.json").write_text(export.files["a.json"])
    (test,) = from_simulator(tmp_path / "a.json", tmp_path / "b.policytest.yaml").tests
    assert test.base["stack"]["scp"] == [
        ["policies/b/scp-1.json"],
        [],
        ["policies/b/scp-2.json"],
    ]


def test_levels_of_scps_that_politest_would_add_up_do_not_go_out(tmp_path):
    stack = {"identity": ["identity.json"], "scp": [["one.json"], ["two.json"]]}
    one_level, other = policy({"Action": "s3:*"}), policy({"Action": "ec2:*"})
    suite = suite_of(tmp_path, [one(expect="implicit-deny")], stack, one=one_level, two=other)
    export = to_politest(suite, tmp_path / "a.yml")
    assert said(export) == ["`t` is left out: the answer changes"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"expect": "deny"}, "no decision of AWS's"),
        ({"expect": "not allow"}, "no decision of AWS's"),
        ({"skip": "later"}, "politest runs every test"),
    ],
)
def test_what_politest_cannot_expect_is_left_out(tmp_path, more, why):
    export = to_politest(suite_of(tmp_path, [one(**more)]), tmp_path / "a.yml")
    assert export.files == {}
    assert why in said(export)[0]


def test_several_identity_policies_become_one_with_sids_of_their_own(tmp_path):
    stack = {"identity": ["identity.json", "b.json"]}
    first, second = policy({"Sid": "A", "Action": "s3:*"}), policy({"Sid": "A", "Action": "ec2:*"})
    suite = suite_of(tmp_path, [one()], stack, identity=first, b=second)
    export = to_politest(suite, tmp_path / "a.yml")
    merged = json.loads(export.files["policies/a/identity-1.json"])
    assert [each.get("Sid") for each in merged["Statement"]] == ["A", None]


def test_texts_that_politest_would_take_for_variables_are_values_of_variables(tmp_path):
    suite = suite_of(tmp_path, [one(name="<x> costs $y"), one(name="plain")])
    scenario = yaml.safe_load(to_politest(suite, tmp_path / "a.yml").files["a.yml"])
    assert [each["name"] for each in scenario["tests"]] == ["{{.text1}}", "plain"]
    assert scenario["vars"] == {"text1": "<x> costs $y"}


def test_of_the_house_goes_out_what_means_the_same_there():
    suite = load_suite(HOUSE)
    simulated, scenarios = to_simulator(suite, Path("h.json")), to_politest(suite, Path("h.yml"))
    assert (simulated.tests, simulated.left_out) == (16, 3)
    assert (scenarios.tests, scenarios.left_out) == (10, 9)
    assert all(finding.location is not None for finding in simulated.findings)


def test_requests_are_what_the_aws_cli_takes():
    session = pytest.importorskip("botocore.session").get_session()
    from botocore.validate import ParamValidator

    operation = session.get_service_model("iam").operation_model("SimulateCustomPolicy")
    types = operation.input_shape.members["ContextEntries"].member.members["ContextKeyType"].enum
    export = to_simulator(load_suite(HOUSE), Path("house.jsonl"))
    for line in export.files["house.jsonl"].splitlines():
        request = json.loads(line)
        report = ParamValidator().validate(request, operation.input_shape)
        assert not report.has_errors(), report.generate_report()
        assert {each["ContextKeyType"] for each in request["ContextEntries"]} <= set(types)


def test_the_keys_and_types_that_are_read_are_those_of_aws():
    session = pytest.importorskip("botocore.session").get_session()
    model = session.get_service_model("iam")
    members = {
        key
        for name in ("SimulateCustomPolicy", "SimulatePrincipalPolicy")
        for key in model.operation_model(name).input_shape.members
    }
    assert members <= {*KEYS, "MaxItems", "Marker"}
    entry = model.shape_for("ContextEntry").members["ContextKeyType"]
    assert set(entry.enum) == set(TYPE_NAMES)
    assert set(model.shape_for("PolicyEvaluationDecisionType").enum) == set(DECISIONS)
