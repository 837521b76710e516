"""Matrices, tables, cases and defaults become single tests."""

import pytest
from tests.unit.testing.suites import ACCOUNT, findings_of, passes, place_of, suite_of

from policyeval.context import UNKNOWN
from policyeval.testing import expand
from policyeval.testing.errors import SuiteError
from policyeval.testing.model import Want

ONE = """
    tests:
      - { name: one, principal: deploy, action: s3:GetObject, resource: logs/a, expect: allow }
"""


def test_short_names_become_arns_and_the_id_has_no_parameters(world):
    [test] = suite_of(world, ONE).tests
    assert test.id == f"{world}/a.policytest.yaml::one"
    assert test.principal == f"arn:aws:iam::{ACCOUNT}:role/deploy"
    assert test.resource == "arn:aws:s3:::logs/a"
    assert test.asked == ("deploy", "s3:GetObject", "logs/a")
    assert test.expect.decision is Want.ALLOW


def test_a_matrix_is_the_whole_product(world):
    suite = suite_of(
        world,
        """
        tests:
          - name: many
            matrix:
              principal: [deploy, anna, deploy/ci]
              action: [s3:GetObject, s3:PutObject]
              resource: [logs/a]
              context: [via-vpc, { aws:SourceIp: 203.0.113.9 }]
            expect: { not: { decision: unknown } }
        """,
    )
    assert len(suite.tests) == 3 * 2 * 1 * 2
    assert len({test.id for test in suite.tests}) == 12
    assert suite.tests[0].title == "many[deploy-s3:GetObject-via-vpc]"
    assert suite.tests[1].title == "many[deploy-s3:GetObject-aws:SourceIp=203.0.113.9]"
    assert suite.tests[0].context == {"aws:SourceVpce": "vpce-0a1b2c3d"}


def test_patterns_of_actions_and_principals_become_several_tests(world):
    suite = suite_of(
        world,
        """
        tests:
          - { name: p, principal: "role/*", action: "s3:GetObjectT*", resource: logs/a, expect: deny }
        """,
    )
    actions = [test.action for test in suite.tests]
    assert "s3:GetObjectTagging" in actions
    assert len(actions) == len(set(actions)) > 1
    assert {test.principal for test in suite.tests} == {f"arn:aws:iam::{ACCOUNT}:role/deploy"}


def test_a_row_of_a_table_is_a_test_at_its_own_line(world):
    suite = suite_of(
        world,
        """
        tests:
          - name: table
            columns: [principal, action, resource, expect]
            rows:
              - [deploy, s3:GetObject, logs/a, allow]
              - [anna, s3:PutObject, logs/a, deny resource]
        """,
    )
    lines = [
        test.location.source.map.line_and_column(test.location.resolve().start)[0]
        for test in suite.tests
    ]
    assert lines == [7, 8]
    assert suite.tests[1].title == "table[anna-s3:PutObject-logs/a]"
    assert suite.tests[1].expect.layer.value == "resource"


def test_defaults_then_named_set_then_test_then_case_make_the_context(world):
    suite = suite_of(
        world,
        """
        context-sets:
          office: { aws:SourceIp: 203.0.113.10, aws:Referer: set }
        defaults:
          principal: deploy
          context: { aws:SourceIp: 1.1.1.1, aws:UserAgent: default, aws:Referer: default }
        tests:
          - name: merged
            action: s3:GetObject
            resource: logs/a
            context: [office, { AWS:referer: test }]
            expect: allow
            cases:
              - { context: { aws:UserAgent: null } }
              - { context: no-mfa, unknown: [aws:SourceIp] }
        """,
    )
    first, second = suite.tests
    assert first.context == {
        "aws:SourceIp": "203.0.113.10",
        "AWS:referer": "test",
        "aws:UserAgent": None,
    }
    assert second.context["aws:SourceIp"] is UNKNOWN
    assert second.context["aws:MultiFactorAuthPresent"] is None


def test_what_a_case_says_of_a_key_wins_over_an_endpoint_and_unknown_keys_before_it(world):
    suite = suite_of(
        world,
        """
        defaults: { principal: deploy, action: s3:GetObject, resource: logs/a, expect: allow,
                    unknown: [aws:SourceIp], vpc-endpoint: door }
        tests:
          - { name: said by defaults }
          - { name: said by the test, context: { aws:sourceip: 1.1.1.1, aws:SourceVpce: null } }
          - name: said by the case
            unknown: [aws:UserAgent]
            cases:
              - { context: { aws:UserAgent: curl } }
          - name: said by the matrix
            unknown: [aws:UserAgent]
            matrix: { context: [{ aws:UserAgent: curl }] }
        """,
    )
    defaults, test, case, matrix = (each.context for each in suite.tests)
    assert defaults == {"aws:SourceVpce": "vpce-0a1b2c3d", "aws:SourceIp": UNKNOWN}
    assert test == {"aws:sourceip": "1.1.1.1", "aws:SourceVpce": None}
    assert case["aws:UserAgent"] == matrix["aws:UserAgent"] == "curl"


@pytest.mark.parametrize("nothing", ["{}", "{ missing: [] }", "{ not: {} }", "{ layer: null }"])
def test_an_expectation_that_any_answer_would_meet_is_an_error(world, nothing):
    [finding] = findings_of(
        world,
        f"""
        tests:
          - {{ name: n, principal: deploy, action: "s3:Get*", resource: logs/a, expect: {nothing} }}
        """,
    )
    assert finding[0] == "PE2204"


def test_a_name_that_looks_like_a_test_of_a_matrix_is_refused(world):
    found = findings_of(
        world,
        """
        defaults: { principal: deploy, resource: logs/a, expect: allow }
        tests:
          - { name: "a[s3:GetObject]", action: s3:GetObject }
          - { name: a, matrix: { action: [s3:GetObject, s3:PutObject] } }
          - { name: "b [c]", action: s3:GetObject }
        """,
    )
    assert [code for code, _, _ in found] == ["PE2203"]


def test_numbers_of_equal_tests_meet_no_other_test(world):
    suite = suite_of(
        world,
        """
        defaults: { principal: deploy, action: s3:GetObject, expect: allow }
        tests:
          - { name: a, matrix: { resource: [logs/a, logs/a#2, logs/a] } }
        """,
    )
    assert [test.parameters for test in suite.tests] == ["logs/a", "logs/a#2", "logs/a#3"]


def test_a_global_key_that_does_not_exist_is_told_once_at_its_place(world):
    suite = suite_of(
        world,
        """
        defaults: { principal: deploy, action: s3:GetObject, resource: logs/a, expect: allow }
        tests:
          - { name: a, context: { aws:MFAPresent: true, aws:PrincipalTag/team: x, s3:prefix: y } }
          - { name: b, context: { aws:MFAPresent: false, aws:SourceIp: 203.0.113.9 } }
        """,
    )
    [finding] = suite.findings
    assert (finding.code, place_of(finding)[0]) == ("PE1606", 5)
    assert "aws:MFAPresent" in finding.message


def test_a_role_without_its_path_is_told(world):
    environment = world / "environment.yaml"
    environment.write_text(environment.read_text().replace(":role/deploy", ":role/ci/deploy"))
    suite = suite_of(
        world,
        f"""
        defaults: {{ action: s3:GetObject, resource: logs/a, expect: deny }}
        tests:
          - {{ name: a, principal: "arn:aws:iam::{ACCOUNT}:role/deploy" }}
          - {{ name: b, principal: "arn:aws:iam::{ACCOUNT}:role/stranger" }}
          - {{ name: c, principal: "arn:aws:iam::444455556666:role/deploy" }}
        """,
    )
    [finding] = suite.findings
    assert (finding.code, place_of(finding)[0]) == ("PE0740", 5)
    assert finding.help == f"did you mean `arn:aws:iam::{ACCOUNT}:role/ci/deploy`?"


def test_a_cell_that_says_nothing_is_no_part_of_the_id(world):
    suite = suite_of(
        world,
        """
        defaults: { principal: deploy, resource: logs/a, expect: allow }
        tests:
          - name: t
            columns: [principal, action, context]
            rows:
              - [null, s3:GetObject, null]
              - [anna, s3:GetObject, {}]
        """,
    )
    assert [test.title for test in suite.tests] == [
        "t[s3:GetObject]",
        "t[anna-s3:GetObject-no-context]",
    ]


def test_facts_of_the_caller_and_the_resource_may_be_told_in_the_context(world):
    [test] = suite_of(
        world,
        f"""
        tests:
          - name: told
            principal: deploy/ci
            action: s3:GetObject
            resource: logs/a
            context:
              aws:PrincipalAccount: "{ACCOUNT}"
              aws:PrincipalArn: arn:aws:iam::{ACCOUNT}:role/deploy
              aws:ResourceAccount: "{ACCOUNT}"
            expect: allow
        """,
    ).tests
    assert test.request().context["aws:PrincipalAccount"] == (ACCOUNT,)


def test_an_endpoint_by_its_name_is_the_way_of_the_request(world):
    [test] = suite_of(
        world,
        """
        tests:
          - { name: e, principal: deploy, action: s3:GetObject, resource: logs/a,
              vpc-endpoint: door, expect: allow }
        """,
    ).tests
    assert test.context == {"aws:SourceVpce": "vpce-0a1b2c3d"}


def test_equal_cases_have_ids_of_their_own(world):
    suite = suite_of(
        world,
        """
        defaults: { principal: deploy, action: s3:GetObject, resource: logs/a }
        tests:
          - { name: twins, cases: [{ context: no-mfa, expect: allow }, { context: no-mfa, expect: not deny }] }
        """,
    )
    assert [test.parameters for test in suite.tests] == ["no-mfa", "no-mfa#2"]


def test_long_parameters_end_in_a_hash_and_stay_apart(world):
    suite = suite_of(
        world,
        f"""
        tests:
          - name: long
            principal: deploy
            action: s3:GetObject
            expect: allow
            matrix:
              resource: ["logs/{"a" * 200}1", "logs/{"a" * 200}2"]
        """,
    )
    one, two = (test.parameters for test in suite.tests)
    assert len(one) == len(two) == 80
    assert one != two
    assert one[:70] == two[:70]


def test_rows_do_not_share_what_each_of_them_expects(world):
    rows = "\n".join(
        f"              - [s3:{'GetObject' if n % 2 else 'PutObject'}, {'allow' if n % 2 else 'deny resource'}]"
        for n in range(60)
    )
    assert all(
        passes(
            world,
            f"""
        tests:
          - name: rows
            principal: deploy
            resource: logs/a
            columns: [action, expect]
            rows:
{rows}
        """,
        )
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "tests:\n  - { name: a, principal: deploy, action: s3:GetObject, expect: allow }",
            "PE2202",
        ),
        (
            "tests:\n  - { name: a, principal: deploy, action: s3:GetObject, resource: logs/a }",
            "PE2202",
        ),
        ("tests:\n  - { action: s3:GetObject }", "PE0706"),
        ("tests:\n  - { name: a, principals: deploy }", "PE0705"),
        (f"{ONE}\n      - {{ name: one, principal: deploy }}", "PE2203"),
        (ONE.replace("expect: allow", "expect: denied"), "PE2204"),
        (
            ONE.replace("expect: allow", "expect: { not: { decision: allow }, layer: scp }"),
            "PE2204",
        ),
        (ONE.replace("deploy", "deplay"), "PE0743"),
        (ONE.replace("logs/a", "lgs/a"), "PE0743"),
        (ONE.replace("s3:GetObject", "s3.GetObject"), "PE0901"),
        (ONE.replace("s3:GetObject", "'s3:Gett*'"), "PE1907"),
        (ONE.replace("deploy", "'arn:aws:iam:222233334444:user/a'"), "PE0201"),
        (ONE.replace("expect: allow", "context: nowhere, expect: allow"), "PE2202"),
        (ONE.replace("expect: allow", "context: { SourceIp: x }, expect: allow"), "PE0710"),
        (ONE.replace("expect: allow", "matrix: {}, cases: [], expect: allow"), "PE2206"),
        (ONE.replace("expect: allow", "matrix: { action: [] }, expect: allow"), "PE2206"),
        (ONE.replace("expect: allow", "columns: [action], expect: allow"), "PE2206"),
        (ONE.replace("expect: allow", "columns: [verb], rows: [[a]], expect: allow"), "PE2205"),
        (
            ONE.replace("expect: allow", "columns: [action, action], rows: [], expect: allow"),
            "PE2205",
        ),
        (
            ONE.replace("expect: allow", "columns: [action], rows: [[a, b]], expect: allow"),
            "PE2205",
        ),
        (ONE.replace("expect: allow", "columns: [expect], rows: [[5]]"), "PE2204"),
        (ONE.replace("expect: allow", "columns: [expect], rows: []"), "PE2206"),
        (ONE.replace("expect: allow", "expect: allow, cases: []"), "PE2206"),
        (ONE.replace("expect: allow", "expect: {}"), "PE2204"),
        (ONE.replace("expect: allow", "expect: true"), "PE2204"),
        (ONE.replace("expect: allow", "expect: [deny, scp]"), "PE2204"),
        (ONE.replace("expect: allow", "expect: { not: {} }"), "PE2204"),
        (ONE.replace("expect: allow", "expect: { statement: '' }"), "PE2204"),
        ("policy: a.json\nstack: {}\ntests: []", "PE2206"),
        ("policy: nowhere.json\ntests: []", "PE0721"),
        ("environment: nowhere.yaml\ntests: []", "PE0701"),
        ("attach: { scp: { '@Nowhere': FullAWSAccess } }\ntests: []", "PE0743"),
        ("attach: { scp: { '@root': 'scp/none-*.json' } }\ntests: []", "PE2208"),
        ("detach: { scp: { '@root': none } }\ntests: []", "PE2209"),
        (
            "stack: { identity: policies/identity/deploy.json }\ntests:\n"
            "  - { name: a, action: s3:GetObject, resource: '*', session-policy: [x.json], expect: allow }",
            "PE2206",
        ),
        ("skip: { tests: a, until: soon }\ntests: []", "PE0710"),
        ("tests: [", "PE0702"),
    ],
)
def test_what_is_wrong_is_found_where_it_stands(world, text, expected):
    found = findings_of(world, text)
    assert expected in [code for code, _, _ in found]
    assert all(line >= 1 and column >= 1 for _, line, column in found)


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("tests: [{ name: a, princpal: deploy }]", "did you mean `principal`?"),
        ("tests: [{ name: a, cases: [{ acton: s3:GetObject }] }]", "did you mean `action`?"),
        ("tests: [{ name: a, expect: { decison: deny } }]", "did you mean `decision`?"),
        (
            "tests: [{ name: a, matrix: { who: [] } }]",
            "expected one of principal, action, resource, context",
        ),
        ("tests: [{ name: a, columns: [expect], rows: [[{ decison: deny }]] }]", ""),
        ("stack: { scps: [] }", "did you mean `scp`?"),
        ("tests: [{ name: a, expect: denied }]", "did you mean `deny`?"),
        ("tests: [{ name: a, expect: deny trust }]", "trust policies are of the layer `resource`"),
    ],
)
def test_what_is_misspelt_is_told_with_what_there_is(world, text, help):
    with pytest.raises(SuiteError) as caught:
        suite_of(world, text)
    assert caught.value.findings[0].help == help


def test_a_defect_inside_a_text_has_the_column_inside_the_text(world):
    [(code, line, column)] = findings_of(
        world,
        """
        tests:
          - name: malformed
            principal: "arn:aws:iam:123456789012:user/username"
            action: s3:GetObject
            resource: logs
            expect: allow
        """,
    )
    assert (code, line) == ("PE0201", 5)
    assert column == len('    principal: "arn:aws:iam:') + 0


def test_every_error_of_a_file_is_told_at_once(world):
    found = findings_of(
        world,
        """
        tests:
          - { name: a, principal: nobody, action: s3:GetObject, resource: logs/a, expect: allow }
          - { name: b, principal: deploy, action: GetObject, resource: logs/a, expect: allow }
          - { name: c, principal: deploy, action: s3:GetObject, resource: lgs, expect: allow }
        """,
    )
    assert [line for _, line, _ in found] == [4, 5, 6]


def test_an_action_that_does_not_exist_is_told_once_at_its_place(world):
    suite = suite_of(
        world,
        """
        tests:
          - name: a
            principal: deploy
            matrix: { action: [s3:GetObjct, s3:GetObject], resource: [logs/a, logs/b] }
            expect: deny
        """,
    )
    [finding] = suite.findings
    assert (finding.code, place_of(finding)) == ("PE1604", (6, 24))
    assert finding.help == "did you mean `s3:GetObject`?"
    assert len(suite.tests) == 4


def test_a_matrix_of_too_many_tests_is_refused_before_it_is_multiplied_out(world):
    many = ", ".join(f"logs/{number}" for number in range(10_000))
    found = findings_of(
        world,
        f"""
        tests:
          - name: many
            matrix: {{ principal: [{many}], action: [{many}], resource: [{many}] }}
            expect: deny
        """,
    )
    assert [code for code, _, _ in found] == ["PE2213"]


def test_entries_and_patterns_of_too_many_tests_are_refused(world, monkeypatch):
    monkeypatch.setattr(expand, "MOST_TESTS", 3)
    found = findings_of(
        world,
        """
        tests:
          - { name: p, principal: deploy, action: "s3:Get*", resource: logs/a, expect: deny }
        """,
    )
    assert [code for code, _, _ in found] == ["PE2213"]


def test_thousands_of_defects_are_told(world):
    rows = "\n".join(f"              - [logs/{number}, alow]" for number in range(1000))
    names = "\n".join(f"          set-{number}: {{}}" for number in range(1000))
    tests = "\n".join(
        f"          - {{ name: t{number}, principal: deploy, action: s3:GetObject, "
        f"resource: logs/a, context: no-{number}, expect: allow }}"
        for number in range(1000)
    )
    found = findings_of(
        world,
        f"""
        context-sets:
{names}
        tests:
          - name: table
            principal: deploy
            action: s3:GetObject
            columns: [resource, expect]
            rows:
{rows}
{tests}
        """,
    )
    assert len(found) == 2000


@pytest.mark.parametrize("form", ["columns: [action], rows: []", "cases: []"])
def test_a_table_without_rows_and_a_test_without_cases_are_refused(world, form):
    found = findings_of(
        world,
        f"""
        tests:
          - {{ name: none, {form}, principal: deploy, action: s3:GetObject, resource: logs/a, expect: deny }}
        """,
    )
    assert [code for code, _, _ in found] == ["PE2206"]
