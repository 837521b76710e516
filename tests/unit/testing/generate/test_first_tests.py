"""First tests are written for whatever holds policies, and pass as they are."""

import json
from pathlib import Path

import pytest
from tests.unit.testing.suites import allow, deny

from policyeval.environment.file import load_environment
from policyeval.errors import PolicyEvalError
from policyeval.testing import load_suite, run_suite
from policyeval.testing.generate.init import first_tests

ROOT = Path(__file__).parents[4]
FIXTURES = ROOT / "fixtures"
TAMAGOTCHI = FIXTURES / "environments/tamagotchi"
WORLDS = (
    "environments/tamagotchi/environment.yaml",
    "environments/tamagotchi/policies",
    "environments/chain/environment.yaml",
    "exports/tamagotchi/iam",
    "exports/tamagotchi/organization",
    "exports/tamagotchi/config/snapshot.json",
    "exports/tamagotchi/cloudformation/yaml/house.yaml",
    "exports/tamagotchi/terraform",
    "exports/tamagotchi/ec2",
)
UNREACHED = {
    "AmazonDevOpsGuruOrganizationsAccess.json",  # an ARN that ends in a colon
    "AmazonTimestreamInfluxDBServiceRolePolicy.json",  # R-MATCH-07: a variable for the account
    "deny_modifications_to_specific_cloudtrail_trails.json",  # R-MATCH-07
    "sns_topic_policy.json",  # R-FLOW-04: RCPs do not reach SNS
}


def written_to(folder, written, name="first.policytest.yaml"):
    path = folder / name
    path.write_text(written.text, encoding="utf-8")
    return path


def entries(path):
    return {test.name: test for test in load_suite(path).tests}


def policy_file(folder, *statements, name="p.json"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize("world", WORLDS)
def test_first_tests_of_a_world_pass(world, tmp_path):
    written = first_tests(FIXTURES / world, beside=tmp_path)
    suite = load_suite(written_to(tmp_path, written))
    run = run_suite(suite)
    assert run.passed, [(each.test.name, each.mismatches) for each in run.results]
    assert len(run.results) == written.counts["tests"] > 0
    assert not suite.findings


BROKEN = ("shared_issuers.json", "deny_service_specific_credential_by_type.json")
POLICIES = [
    path
    for path in sorted((FIXTURES / "policies").rglob("*.json"))
    if path.name not in BROKEN  # as published: comments, a statement without Resource
]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda path: path.name)
def test_first_tests_of_a_published_policy_pass(policy, tmp_path):
    (tmp_path / "pyproject.toml").touch()
    copy = tmp_path / policy.parent.name / policy.name
    copy.parent.mkdir()
    copy.write_bytes(policy.read_bytes())
    written = first_tests(copy, beside=tmp_path)
    run = run_suite(load_suite(written_to(tmp_path, written)))
    assert run.passed, [(each.test.name, each.mismatches) for each in run.results]
    unreached = [each for each in written.findings if each.code == "PE2340"]
    assert bool(unreached) <= (policy.name in UNREACHED or "<" in policy.read_text())
    assert written.counts["inside"] + len(unreached) == written.counts["statements"]


def test_the_tamagotchi_has_a_test_inside_and_one_outside_of_every_statement():
    written = first_tests(TAMAGOTCHI, beside=TAMAGOTCHI / "tests")
    assert dict(written.counts) == {
        "tests": 30,
        "policies": 9,
        "statements": 15,
        "inside": 15,
        "outside": 15,
        "unknown": 0,
        "left_out": 1,
    }
    assert "\nenvironment: ..\n" in written.text
    assert "# - not tested, since AWS writes it: FullAWSAccess\n" in written.text
    assert (
        "  - { name: inside NobodyDeletesBuckets of scp/protect-buckets.json,\n"
        "      principal: keeper, action: s3:DeleteBucket, resource: tamagotchi,\n"
        "      expect: { decision: explicit-deny, layer: scp, statement: NobodyDeletesBuckets } }\n"
    ) in written.text
    assert (
        "  - { name: outside SaveOwnPet of identity/tama-keeper.json by its condition,\n"
    ) in written.text


def test_an_environment_that_is_loaded_already_needs_no_path():
    environment = load_environment(TAMAGOTCHI)
    written = first_tests(environment)
    assert written.counts["tests"] == 30
    assert "environment:" not in written.text


def test_a_policy_on_its_own_names_neither_caller_nor_environment(tmp_path):
    path = policy_file(tmp_path, allow("s3:GetObject", "arn:aws:s3:::logs/*", sid="Read"))
    written = first_tests(path, beside=tmp_path)
    assert "policy: { file: p.json, layer: identity }\n" in written.text
    assert "principal" not in written.text
    tests = entries(written_to(tmp_path, written))
    assert list(tests) == ["inside Read of p.json", "outside Read of p.json by its resource"]


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("scp/x.json", "scp"),
        ("SCPs/x.json", "scp"),
        ("boundaries/x.json", "boundary"),
        ("vpc-endpoints/x.json", "vpc_endpoint"),
        ("permission-sets/x.json", "identity"),
        ("stuff/x.json", "identity"),
    ],
)
def test_the_folder_of_a_policy_tells_its_layer(name, layer, tmp_path):
    more = {"Principal": "*"} if layer == "vpc_endpoint" else {}
    path = policy_file(tmp_path, allow(**more), name=name)
    written = first_tests(path, beside=tmp_path)
    assert f"layer: {layer} }}" in written.text


def test_the_elements_of_a_policy_tell_its_layer(tmp_path):
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
    path = policy_file(tmp_path, {**trust, "Action": "sts:AssumeRole"})
    written = first_tests(path, beside=tmp_path)
    assert "layer: trust }" in written.text
    assert "principal: ec2.amazonaws.com" in written.text
    path = policy_file(tmp_path, {**trust, "Action": "sqs:*", "Resource": "*"})
    assert "layer: resource }" in first_tests(path, beside=tmp_path).text
    written = first_tests(path, beside=tmp_path, layer="vpc_endpoint")
    assert "layer: vpc_endpoint }" in written.text


def test_a_variable_is_filled_with_the_callers_own_facts(tmp_path):
    own = "arn:aws:s3:::home/${aws:username}/*"
    path = policy_file(tmp_path, allow("s3:GetObject", own, sid="Home"))
    test = entries(written_to(tmp_path, first_tests(path, beside=tmp_path)))
    inside = test["inside Home of p.json"]
    assert inside.principal.endswith(":user/policy-test")
    assert inside.resource == "arn:aws:s3:::home/policy-test/any"


def test_a_variable_before_the_fifth_colon_leaves_nothing_inside(tmp_path):
    never = "arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:q"
    path = policy_file(
        tmp_path,
        allow("sqs:SendMessage", never, sid="Never"),
        allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:q", sid="Fine"),
    )
    written = first_tests(path, beside=tmp_path)
    assert [finding.code for finding in written.findings] == ["PE2340"]
    assert written.findings[0].location.pointer == "/Statement/0"
    assert "no request was found inside Never of p.json" in written.text


def test_a_statement_that_matches_everything_has_no_outside(tmp_path):
    path = policy_file(tmp_path, allow("*", "*", sid="Everything"))
    written = first_tests(path, beside=tmp_path)
    assert [finding.code for finding in written.findings] == ["PE2341"]
    assert written.counts["tests"] == 1


def test_hostile_names_are_written_so_that_they_are_read_again(tmp_path):
    sids = ["a: b", "# no", '"', "{x}", "*", "ä\u2028", "yes", "a\nb", "- x", "\x1b[31m"]
    statements = [allow("s3:GetObject", f"arn:aws:s3:::b{n}/*", sid=sid)
                  for n, sid in enumerate(sids)]  # fmt: skip
    principal = {"Principal": "*"}
    path = policy_file(
        tmp_path, *({**each, **principal} for each in statements), name="re: [x] #1.json"
    )
    written = first_tests(path, beside=tmp_path)
    run = run_suite(load_suite(written_to(tmp_path, written)))
    assert run.passed
    assert len(run.results) == 2 * len(sids)
    assert "\x1b" not in written.text


def test_half_a_character_in_a_policy_is_an_error(tmp_path):
    path = tmp_path / "p.json"
    statement = '{"Sid": "x\\ud800", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}'
    path.write_text(f'{{"Version": "2012-10-17", "Statement": [{statement}]}}')
    with pytest.raises(PolicyEvalError, match="half a surrogate pair"):
        first_tests(path, beside=tmp_path)


def test_a_file_name_that_is_no_text_is_an_error(tmp_path):
    path = policy_file(tmp_path, allow(), name="p\udcff.json")
    with pytest.raises(PolicyEvalError, match="the name of this file is no text"):
        first_tests(path, beside=tmp_path)


def test_statements_of_one_name_have_tests_of_different_names(tmp_path):
    path = policy_file(tmp_path, *(allow("s3:GetObject", f"arn:aws:s3:::b{n}/*") for n in (1, 2)))
    tests = entries(written_to(tmp_path, first_tests(path, beside=tmp_path)))
    assert "inside Allow of p.json, 2" in tests


def test_principals_known_by_name_alone_are_asked_as_roles_and_told(tmp_path):
    policy_file(tmp_path, allow(), name="policies/identity/deploy.json")
    policy_file(tmp_path, deny("s3:Delete*"), name="policies/scp/no-delete.json")
    written = first_tests(tmp_path / "policies", beside=tmp_path)
    said = [each.message for each in written.findings if each.code == "PE2342"]
    assert said == [
        "nothing tells the ARN of `deploy`: asked as a role in an account that is made up, such as "
        "`arn:aws:iam::123456789012:role/deploy`"
    ]
    run = run_suite(load_suite(written_to(tmp_path, written)))
    assert run.passed
    assert run.results[0].test.principal == "arn:aws:iam::123456789012:role/deploy"


def test_a_policy_that_cannot_be_read_is_told_and_has_no_tests(tmp_path):
    policy_file(tmp_path, allow(), name="policies/identity/deploy.json")
    (tmp_path / "policies/identity/broken.json").write_text("{")
    written = first_tests(tmp_path / "policies", beside=tmp_path)
    (finding,) = [each for each in written.findings if each.code == "PE2344"]
    assert finding.message == "`identity/broken.json` cannot be read, so it has no tests"
    assert finding.location is not None
    assert run_suite(load_suite(written_to(tmp_path, written))).passed


@pytest.mark.parametrize(
    "text", ["", "{", '{"Statement": 3}', '{"Statement": [', "\x00", '["Statement"]', "a: &a [*a]"]
)
def test_what_is_no_policy_is_an_error_with_findings(text, tmp_path):
    path = tmp_path / "p.json"
    path.write_text(text)
    with pytest.raises(PolicyEvalError) as caught:
        first_tests(path, beside=tmp_path)
    assert caught.value.message
