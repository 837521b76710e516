"""Requests of the policy simulator, and what it answered, become suites."""

import json
from pathlib import Path

import pytest

from policyeval.testing.errors import SuiteError
from policyeval.testing.imports.answers import take_answers
from policyeval.testing.imports.simulator import from_simulator
from policyeval.testing.load import load_suite
from policyeval.testing.run import run_suite

ROOT = Path(__file__).parents[4]
FIXTURES = ROOT / "fixtures/imports/simulator"
TAMAGOTCHI = ROOT / "fixtures/environments/tamagotchi/environment.yaml"
ADA = "arn:aws:iam::111122223333:user/ada"


def policy(action="s3:*", effect="Allow", **more):
    statement = {"Effect": effect, "Action": action, "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def request(**more):
    return {"PolicyInputList": [policy()], "ActionNames": ["s3:GetObject"], **more}


def write(draft):
    for name, text in draft.files().items():
        path = draft.target.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [load_suite(draft.target.parent / name) for name in draft.suites()]


def of(content, folder, **more):
    path = folder / "request.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return from_simulator(path, folder / "a.policytest.yaml", **more)


def expected(draft):
    return [(test.actions[0], test.resources[0], test.expect) for test in draft.tests]


def test_results_are_what_is_expected_and_the_suite_passes(tmp_path):
    draft = from_simulator(
        FIXTURES / "request.json",
        tmp_path / "a.policytest.yaml",
        results=FIXTURES / "results.json",
    )
    saves = "arn:aws:s3:::tamagotchi/saves/ada.json"
    food = "arn:aws:s3:::tamagotchi/food/apple.json"
    assert expected(draft) == [
        ("s3:GetObject", saves, "allow"),
        ("s3:GetObject", food, "allow"),
        ("s3:DeleteObject", saves, "explicit-deny"),
        ("s3:DeleteObject", food, "allow"),
        ("s3:PutObject", saves, ""),  # the decision of several resources tells of none
        ("s3:PutObject", food, ""),
    ]
    (suite,) = write(draft)
    assert run_suite(suite).passed


def test_without_results_tests_are_skipped_until_somebody_decides(tmp_path):
    draft = of(request(), tmp_path)
    assert draft.undecided == 1
    text = draft.files()["a.policytest.yaml"]
    assert "# to do: nobody has said yet" in text
    assert "expect:" not in text
    (suite,) = write(draft)
    assert suite.tests[0].skip is not None


def test_answers_of_today_are_taken_when_asked(tmp_path):
    draft = of(request(ActionNames=["s3:GetObject", "ec2:RunInstances"]), tmp_path)
    write(draft)
    assert take_answers(draft) == 2
    assert expected(draft) == [
        ("s3:GetObject", "*", "allow"),
        ("ec2:RunInstances", "*", "implicit-deny"),
    ]
    (suite,) = write(draft)
    assert run_suite(suite).passed
    assert "to do" not in draft.files()["a.policytest.yaml"]


def test_results_beside_the_request_are_taken_too(tmp_path):
    result = {"EvalActionName": "S3:getobject", "EvalDecision": "allowed"}
    draft = of(request(EvaluationResults=[result]), tmp_path)
    assert expected(draft) == [("s3:GetObject", "*", "allow")]


@pytest.mark.parametrize("form", ["list", "lines"])
def test_several_requests_stand_in_a_list_or_on_lines(tmp_path, form):
    several = [request(), request(CallerArn=ADA, ResourceArns=["arn:aws:s3:::b"])]
    text = json.dumps(several) if form == "list" else "\n".join(map(json.dumps, several))
    draft = of(text, tmp_path)
    assert [test.principal for test in draft.tests] == ["", ADA]
    assert len(draft.suites()) == 1


def test_a_text_of_a_policy_is_a_file_once_and_laid_out(tmp_path):
    draft = of([request(), request(PolicyInputList=[policy("ec2:*")]), request()], tmp_path)
    files = draft.files()
    assert list(files) == [
        "policies/a/identity-1.json",
        "policies/a/identity-2.json",
        "a.policytest.yaml",
        "a-2.policytest.yaml",
    ]
    assert files["policies/a/identity-1.json"].startswith('{\n  "Version": "2012-10-17",\n')


def test_the_skeleton_that_the_aws_cli_prints_says_nothing_of_its_own(tmp_path):
    skeleton = {
        "ResourcePolicy": "",
        "ResourceOwner": "",
        "CallerArn": "",
        "ResourceArns": [""],
        "ContextEntries": [
            {"ContextKeyName": "", "ContextKeyValues": [""], "ContextKeyType": "date"}
        ],
        "PermissionsBoundaryPolicyInputList": [""],
        "ResourceHandlingOption": "",
        "MaxItems": 0,
        "Marker": "",
    }
    draft = of(request(**skeleton), tmp_path)
    assert [finding.code for finding in draft.findings] == ["PE2367"]
    assert draft.tests[0].resources == ("*",)


def test_context_entries_keep_their_types(tmp_path):
    entries = [
        ("aws:SecureTransport", ["true"], "boolean"),
        ("s3:max-keys", ["10"], "numeric"),
        ("aws:TagKeys", ["a"], "stringList"),
        ("aws:SourceIp", ["203.0.113.9"], "ip"),
        ("aws:CalledVia", [], "stringList"),
    ]
    listed = [
        {"ContextKeyName": key, "ContextKeyValues": values, "ContextKeyType": kind}
        for key, values, kind in entries
    ]
    draft = of(request(ContextEntries=listed), tmp_path)
    assert draft.tests[0].context == {
        "aws:SecureTransport": True,
        "s3:max-keys": 10,
        "aws:TagKeys": ["a"],
        "aws:SourceIp": "203.0.113.9",
        "aws:CalledVia": [],
    }
    (suite,) = write(draft)
    assert suite.tests[0].context["s3:max-keys"] == "10"


def test_a_simulated_principal_is_asked_in_its_environment(tmp_path):
    grace = "arn:aws:iam::123456789012:user/grace"
    body = {
        "PolicySourceArn": grace,
        "ActionNames": ["s3:DeleteBucket", "s3:GetObject"],
        "ResourceArns": ["arn:aws:s3:::tamagotchi/saves/ada.json"],
        "PolicyInputList": [policy("s3:DeleteBucket")],
        "PermissionsBoundaryPolicyInputList": [policy("s3:*")],
        "ResourcePolicy": policy("s3:*", "Deny", Principal="*"),
    }
    draft = of(body, tmp_path, environment=TAMAGOTCHI)
    base = draft.tests[0].base
    assert base["attach"] == {"identity": {grace: ["policies/a/identity-1.json"]}}
    assert base["policies"] == {
        "resource": {"arn:aws:s3:::tamagotchi": ["policies/a/resource-1.json"]},
        "boundary": {grace: ["policies/a/boundary-1.json"]},
    }
    (suite,) = write(draft)
    take_answers(draft)
    assert {test.expect for test in draft.tests} == {"explicit-deny"}
    assert suite.tests[0].world.environment is not None


TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/t"


@pytest.mark.parametrize(
    ("resource", "holder"),
    [
        ("arn:aws-cn:s3:::pets/a", "arn:aws-cn:s3:::pets"),
        (f"{TABLE}/index/i", TABLE),
    ],
)
def test_a_resource_policy_hangs_where_the_environment_looks_for_it(tmp_path, resource, holder):
    body = {
        "PolicySourceArn": ADA,
        "ActionNames": ["s3:GetObject"],
        "ResourceArns": [resource],
        "ResourcePolicy": policy("s3:*", "Deny", Principal="*"),
    }
    draft = of(body, tmp_path, environment=TAMAGOTCHI)
    assert list(draft.tests[0].base["policies"]["resource"]) == [holder]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"ActionNames": []}, "it has no `ActionNames`"),
        ({"ActionNames": "s3:GetObject"}, "`ActionNames` is no list of texts"),
        ({"ActionNames": [1]}, "`ActionNames` is no list of texts"),
        ({"ActionNames": ["GetObject"]}, "is no action"),
        ({"PolicyInputList": []}, "it has no `PolicyInputList`"),
        ({"PolicyInputList": [{}]}, "holds policies as texts"),
        ({"PolicyInputList": ["{"]}, "the identity policy is not whole"),
        ({"ResourcePolicy": policy(Principal="*")}, "`ResourcePolicy` needs `CallerArn`"),
        ({"CallerArn": 3}, "`CallerArn` is no text"),
        ({"OrderedOrganizationPolicyInputList": [3]}, "is no list of levels"),
        ({"OrderedOrganizationPolicyInputList": [{"Rcps": []}]}, "`Rcps` is unknown in a level"),
        (
            {"OrderedOrganizationPolicyInputList": [{"ServiceControlPolicyInputList": ["{"]}]},
            "the scp policy is not whole",
        ),
        ({"PolicySourceArn": ADA, "PolicyExclusionList": [{}]}, "what hangs in the environment"),
        ({"PolicySourceArn": ADA}, "are not in the request"),
        ({"ContextEntries": {}}, "`ContextEntries` is no list"),
        ({"ContextEntries": [1]}, "a context entry is no object"),
        ({"ContextEntries": [{"ContextKeyName": "a:b", "Value": "c"}]}, "has no `Value`"),
        ({"ContextEntries": [{"ContextKeyName": "a:b"}]}, "`a:b` has no list of values"),
        (
            {
                "ContextEntries": [
                    {"ContextKeyName": name, "ContextKeyValues": ["x"]} for name in ("a:b", "A:B")
                ]
            },
            "`A:B` is given twice",
        ),
        (
            {
                "ContextEntries": [
                    {"ContextKeyName": "a:b", "ContextKeyValues": [], "ContextKeyType": "text"}
                ]
            },
            "`text` is no type of context keys",
        ),
    ],
)
def test_a_request_that_cannot_come_over_is_left_out_with_its_place(tmp_path, more, said):
    draft = of([request(**more), request()], tmp_path)
    assert len(draft.tests) == 1
    assert draft.left_out == 1
    first = next(finding for finding in draft.findings if finding.is_error)
    assert said in first.message
    assert first.location.pointer.startswith("/0")


def test_what_the_results_do_not_say_clearly_is_noted(tmp_path):
    results = [
        {"EvalActionName": "s3:GetObject", "EvalDecision": "perhaps"},
        {"EvalDecision": "allowed"},
        3,
        {"EvalActionName": "s3:A", "EvalDecision": "allowed", "MissingContextValues": ["aws:X"]},
    ]
    draft = of(request(EvaluationResults=results), tmp_path)
    assert [each.message for each in draft.findings if each.code == "PE2365"] == [
        "`perhaps` is no decision",
        "the result names no action",
        "the result names no action",
        "AWS answered without facts that the policies ask for",
    ]
    assert expected(draft) == [("s3:GetObject", "*", "")]


@pytest.mark.parametrize("text", ["", "{", "[1]", "3", '{"a":1}\n3', "\x00", "{}\n{}\n["])
def test_a_file_that_holds_no_requests_is_an_error(tmp_path, text):
    with pytest.raises(SuiteError):
        of(text, tmp_path)


def test_other_numbers_of_results_than_requests_are_noted(tmp_path):
    results = tmp_path / "results.json"
    results.write_text(json.dumps([{"EvaluationResults": []}] * 2))
    draft = of(request(), tmp_path, results=results)
    assert draft.findings[0].message == "there are 1 requests and 2 results"
