"""Scenarios of politest become suites that say the same."""

import json
from pathlib import Path

import pytest

from policyeval.testing.errors import SuiteError
from policyeval.testing.imports.politest import from_politest
from policyeval.testing.load import load_suite
from policyeval.testing.model import Status
from policyeval.testing.run import run_suite

FIXTURES = Path(__file__).parents[4] / "fixtures/imports/politest"
ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def policy(*statements, **more):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


def place(folder, **files):
    (folder / "pyproject.toml").write_text("")  # the folder is a project
    (folder / "p.json").write_text(policy(ALLOW))
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def converted(scenario, folder):
    draft = from_politest(scenario, folder / "out.policytest.yaml")
    for name, text in draft.files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return draft, [load_suite(folder / name) for name in draft.suites()]


def of(text, folder, **files):
    place(folder, s__yml=text, **files)
    return converted(folder / "s.yml", folder)


def codes(draft):
    return [finding.code for finding in draft.findings]


def the_test(suites):
    (test,) = (test for suite in suites for test in suite.tests)
    return test


# ---- a scenario with everything in it ----------------------------------------------------------


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    return converted(FIXTURES / "scenarios/keeper.yml", tmp_path_factory.mktemp("keeper"))


def test_all_tests_come_over_and_those_that_expect_something_pass(everything):
    draft, suites = everything
    assert draft.left_out == 0
    results = [result for suite in suites for result in run_suite(suite).results]
    assert [result.test.name for result in results if result.status is not Status.PASSED] == [
        "undecided so far"
    ]
    assert len(results) == 9


def test_variables_parents_and_files_of_variables_are_worked_in(everything):
    _, suites = everything
    first = suites[0].tests[0]
    assert first.name == "ada looks after the pets"
    assert first.principal == "arn:aws:iam::111122223333:user/ada"
    assert first.resource == "arn:aws:s3:::tamagotchi/saves/ada.json"
    assert first.context["aws:RequestedRegion"] == "eu-central-1"
    text = first.world.policies.layers
    assert "arn:aws:iam::111122223333:user/*" in str(text)
    assert "${aws:username}" in str(text)


def test_a_context_key_of_the_test_replaces_that_of_the_scenario_in_any_letter_case(everything):
    _, suites = everything
    test = next(test for test in suites[0].tests if test.name == "not from elsewhere")
    assert test.request().context["aws:SourceIp"] == ("198.51.100.7",)


def test_a_test_with_a_resource_policy_is_in_a_suite_of_its_own(everything):
    draft, suites = everything
    assert list(draft.suites()) == ["out.policytest.yaml", "out-2.policytest.yaml"]
    test = the_test(suites[1:])
    assert (test.principal, test.resource_account) == (
        "arn:aws:iam::111122223333:user/vet",
        "444455556666",
    )


def test_elements_that_are_none_of_a_policy_are_left_out_of_a_copy(everything):
    draft, _ = everything
    (finding,) = (each for each in draft.findings if each.code == "PE2363")
    assert "`Comment`, `Owner`" in finding.message


# ---- one thing at a time ----------------------------------------------------------------------


def test_a_policy_that_needs_no_change_is_asked_in_its_own_file(tmp_path):
    draft, suites = of(
        "policy_json: p.json\ntests: [{action: s3:GetObject, expect: allowed}]", tmp_path
    )
    assert list(draft.files()) == ["out.policytest.yaml"]
    test = the_test(suites)
    assert test.name == "s3:GetObject on *"
    assert run_suite(suites[0]).passed


def test_a_policy_outside_the_project_is_copied(tmp_path):
    (tmp_path / "inside").mkdir()
    place(tmp_path, s__yml="policy_json: p.json\ntests: [{action: s3:GetObject, expect: allowed}]")
    (tmp_path / "inside/pyproject.toml").write_text("")
    draft = from_politest(tmp_path / "s.yml", tmp_path / "inside/a.policytest.yaml")
    assert list(draft.files()) == ["policies/a/identity-1.json", "a.policytest.yaml"]


def test_the_older_form_with_a_map_of_expectations_is_read(tmp_path):
    text = """
policy_json: p.json
actions: [s3:GetObject, ec2:RunInstances, s3:PutObject]
resources: ["arn:aws:s3:::b/x"]
expect: {"s3:GetObject": allowed, "ec2:RunInstances": denied}
"""
    draft, suites = of(text, tmp_path)
    assert [(test.action, test.expect.decision) for test in suites[0].tests] == [
        ("s3:GetObject", suites[0].tests[0].expect.decision),
        ("ec2:RunInstances", suites[0].tests[1].expect.decision),
        ("s3:PutObject", None),
    ]
    assert suites[0].tests[1].expect.decision.value == "deny"
    assert codes(draft) == ["PE2367"]


def test_somebody_of_the_resources_account_asks_where_nobody_is_named(tmp_path):
    text = """
policy_json: p.json
tests:
  - name: both
    action: s3:GetJobTagging
    resources:
      - arn:aws:s3:eu-west-1:111122223333:job/a
      - arn:aws:s3:eu-west-1:444455556666:job/b
    expect: allowed
"""
    _, suites = of(text, tmp_path)
    assert run_suite(suites[0]).passed
    assert [test.principal for test in suites[0].tests] == [
        "arn:aws:iam::111122223333:role/policy-test",
        "arn:aws:iam::444455556666:role/policy-test",
    ]


def test_rcps_are_told_from_scps_by_their_principal(tmp_path):
    deny = {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}
    draft, _ = of(
        "policy_json: p.json\nscp_paths: ['*.scp']\n"
        "tests: [{action: s3:GetObject, expect: allowed}]",
        tmp_path,
        a__scp=policy({**ALLOW, "Action": "*"}),
        b__scp=policy({**deny, "Principal": "*"}),
    )
    assert draft.tests[0].base["stack"] == {
        "rcp": ["b.scp"],
        "scp": ["a.scp"],
        "identity": ["p.json"],
    }


def test_names_that_stand_twice_are_numbered(tmp_path):
    one = "{action: s3:GetObject, expect: allowed}"
    named = "{name: 's3:GetObject on * (2)', action: s3:GetObject, expect: allowed}"
    _, suites = of(f"policy_json: p.json\ntests: [{one}, {named}, {one}]", tmp_path)
    assert [test.name for test in suites[0].tests] == [
        "s3:GetObject on *",
        "s3:GetObject on * (2)",
        "s3:GetObject on * (3)",
    ]


@pytest.mark.parametrize(
    ("entry", "code", "said"),
    [
        ("{action: s3:GetObject, expect: alowed}", "PE2364", "`alowed` is no decision"),
        ("{action: GetObject, expect: allowed}", "PE2364", "`GetObject` is no action"),
        ("{resource: '*', expect: allowed}", "PE2364", "it has no `action`"),
        ("{action: s3:A, actions: [s3:B], expect: allowed}", "PE2364", "exclude each other"),
        ("{action: s3:A, resource: 'arn:x', expect: allowed}", "PE2364", "the test is left out"),
        ("{action: s3:A, resource: $b, expect: allowed}", "PE2362", "no value is given for `b`"),
        ("{action: s3:A, resource: '{{ len .b }}', expect: allowed}", "PE2362", "more than a var"),
        ("{action: s3:A, resource_policy_json: p.json, expect: allowed}", "PE2366", "not whole"),
        ("{action: s3:A, resource_policy_json: x.json, expect: allowed}", "PE2366", "cannot be"),
        ("{action: s3:A, context: 3, expect: allowed}", "PE2364", "`context` is no list"),
        ("{action: s3:A, context: [3], expect: allowed}", "PE2364", "no map"),
        ("{action: s3:A, context: [{}], expect: allowed}", "PE2364", "has no key"),
        ("{action: [[s3:A]], expect: allowed}", "PE2364", "expected a text"),
        ("12", "PE2364", "it is no map"),
    ],
)
def test_a_test_that_cannot_come_over_is_left_out_with_its_place(tmp_path, entry, code, said):
    good = "{name: good, action: s3:GetObject, expect: allowed}"
    draft, suites = of(f"policy_json: p.json\ntests:\n  - {entry}\n  - {good}\n", tmp_path)
    assert the_test(suites).name == "good"
    assert draft.left_out == 1
    first = draft.findings[0]
    assert (first.code, first.is_error) == (code, True)
    assert said in first.message
    assert first.location.source.name.endswith("s.yml")
    assert first.location.source.map.line_and_column(first.location.resolve().start)[0] == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tests: [{action: s3:GetObject, expect: allowed}]", "has one of `policy_json`"),
        ("policy_json: none.json\ntests: [{action: s3:A, expect: allowed}]", "cannot be read"),
        ("policy_json: s.yml\ntests: [{action: s3:A, expect: allowed}]", "is not whole"),
        ("policy_json: p.json\nscp_paths: [x/*]\ntests: [{action: s3:A}]", "no file matches"),
        ("policy_json: p.json\ntests: 3", "`tests` is no list"),
        ("policy_json: p.json", "there are no `tests`"),
    ],
)
def test_without_its_policies_no_test_comes_over(tmp_path, text, said):
    draft, suites = of(text, tmp_path)
    assert suites == []
    assert any(said in finding.message for finding in draft.findings if finding.is_error)


@pytest.mark.parametrize(
    ("key", "help"), [("resource_handling_option: EC2-VPC-EBS", ""), ("scp_path: [x]", "scp_paths")]
)
def test_a_key_that_has_no_place_is_named(tmp_path, key, help):
    entry = "{action: s3:A, expect: allowed}"
    draft, _ = of(f"policy_json: p.json\n{key}\ntests: [{entry}]", tmp_path)
    (finding,) = draft.findings
    assert finding.code == "PE2361"
    assert help in finding.help


def test_a_denial_of_several_resources_says_more_here(tmp_path):
    entry = "{action: ec2:RunInstances, resources: ['*', 'arn:aws:s3:::b'], expect: implicitDeny}"
    draft, suites = of(f"policy_json: p.json\ntests: [{entry}]", tmp_path)
    assert codes(draft) == ["PE2365"]
    assert run_suite(suites[0]).passed


def test_a_request_across_accounts_without_the_resources_side_is_noted(tmp_path):
    draft, _ = of(
        "policy_json: p.json\ncaller_arn: arn:aws:iam::111122223333:user/a\n"
        "tests: [{action: sqs:SendMessage, resource: 'arn:aws:sqs:eu-west-1:444455556666:q', "
        "expect: allowed}]",
        tmp_path,
    )
    assert codes(draft) == ["PE2365"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends: s.yml", "extends itself"),
        ("extends: none.yml", "there is no such file"),
        ('extends: "\\0"', "cannot be read"),
        ('vars_file: "\\0"', "cannot be read"),
        ("vars_file: p.yml", "there is no such file"),
        ("vars: {a: {b: c}}", "the variable `a` has no text"),
        ("vars: [a]", "variables are a map"),
        ("extends: [a]", "expected the name of a file"),
        ("- a", "a scenario is a map"),
        ("a: [", "not YAML"),
        ("", "the file is empty"),
    ],
)
def test_a_scenario_that_cannot_be_read_is_an_error(tmp_path, text, said):
    place(tmp_path, s__yml=text)
    with pytest.raises(SuiteError) as caught:
        from_politest(tmp_path / "s.yml", tmp_path / "out.policytest.yaml")
    assert said in caught.value.findings[-1].message


def test_variables_of_a_file_come_after_a_parents_and_before_own(tmp_path):
    place(
        tmp_path,
        base__yml="vars: {a: parent, b: parent, c: parent}\npolicy_json: p.json",
        v__yml="{a: file, b: file}",
        s__yml="extends: base.yml\nvars_file: v.yml\nvars: {a: own}\n"
        "tests: [{name: '$a $b $c', action: s3:GetObject, expect: allowed}]",
    )
    _, suites = converted(tmp_path / "s.yml", tmp_path)
    assert the_test(suites).name == "own file parent"
