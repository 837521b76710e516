"""What a recorder notes of tests: states, conditions, patterns; what it leaves out."""

import json

from tests.unit.testing.recorded import (
    covered,
    decisive,
    policy,
    recorded,
    recorder_of,
    result_of,
    statement,
)
from tests.unit.testing.suites import allow, deny, suite_of, write_policy

from policyeval.evaluation.engine import evaluate
from policyeval.parsing.policy import parse_policy
from policyeval.policy import PolicyType
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack
from policyeval.testing.coverage import Recorder, coverage_of
from policyeval.testing.coverage.counts import MOST_TESTS
from policyeval.testing.coverage.table import State
from policyeval.testing.model import Status
from policyeval.testing.run import run_suite

READ = "{ name: read, principal: deploy, action: s3:GetObject, resource: logs/a, expect: allow }"
WRITE = (
    "{ name: write, principal: deploy, action: s3:PutObject, resource: logs/a, "
    "expect: deny resource }"
)


def states(coverage):
    return {
        each.shape.sid: each.state for policy in coverage.policies for each in policy.statements
    }


def counts(coverage, sid):
    """True, false and absent of the only condition of a statement."""
    [condition] = statement(coverage, sid).conditions
    return condition.true, condition.false, condition.absent


def used(coverage, sid):
    return [each.shape.text for each in statement(coverage, sid).patterns if each.used]


def test_each_statement_has_the_state_that_the_passing_tests_got_it_to(world):
    coverage = covered(world, f"tests: [{READ}, {WRITE}]")
    assert states(coverage) == {
        "Publish": State.DECISIVE,
        "DeleteWithMfa": State.EVALUATED,
        "NoWrites": State.DECISIVE,
        "DenyOutsideEU": State.EVALUATED,
        "OnlyRead": State.UNTESTED,
    }
    assert policy(coverage, "deploy.json").evaluated == 2
    assert policy(coverage, "anna.json").evaluated == 0


def test_a_failing_test_covers_nothing_and_is_told(world):
    coverage = covered(world, f"tests: [{READ.replace('allow', 'deny')}]")
    publish = statement(coverage, "Publish")
    assert publish.state is State.UNTESTED
    assert (publish.matched, publish.failing) == (0, 1)
    assert used(coverage, "Publish") == []


def test_a_test_that_asks_nothing_says_nothing(world):
    suite = suite_of(world, f"tests: [{READ}]\nskip: {{}}")
    [result] = run_suite(suite).results
    assert result.status is Status.SKIPPED
    assert recorder_of([result]).policies == ()


def test_two_statements_that_allow_the_same_are_both_not_decisive(world):
    write_policy(
        world / "policies/identity/deploy.json",
        [allow("s3:GetObject", sid="Narrow"), allow("s3:*", sid="Wide")],
    )
    coverage = covered(world, f"tests: [{READ}]")
    assert states(coverage)["Narrow"] is states(coverage)["Wide"] is State.MATCHED


def test_a_policy_that_hangs_twice_is_taken_out_of_both_places(world):
    write_policy(world / "policies/scp/closed.json", [deny("s3:*", sid="Closed")])
    coverage = covered(
        world,
        f"""
        attach:
          scp: {{ "@root": [policies/scp/closed.json], "@Workloads": [policies/scp/closed.json] }}
        tests: [{READ.replace("allow", "deny scp")}]
        """,
    )
    assert statement(coverage, "Closed").state is State.DECISIVE


def test_one_file_in_several_worlds_is_one_policy(world):
    coverage = covered(
        world,
        f"""
        tests:
          - {READ}
          - name: as if closed
            attach: {{ scp: {{ "@root": [policies/scp/closed.json] }} }}
            principal: deploy
            action: s3:GetObject
            resource: logs/a
            expect: deny scp
        """,
    )
    assert len(coverage.policies) == 5
    assert policy(coverage, "deploy.json").evaluated == 2
    assert statement(coverage, "Publish").matched == 2
    assert statement(coverage, "Publish").decisive_in == (f"{world}/a.policytest.yaml::read",)


def test_a_deny_in_a_later_layer_is_not_decisive_beside_an_earlier_one(world):
    coverage = covered(
        world,
        """
        attach: { scp: { "@root": [policies/scp/closed.json] } }
        tests:
          - { name: w, principal: deploy, action: s3:PutObject, resource: logs/a, expect: deny scp }
        """,
    )
    assert statement(coverage, "Closed").state is State.DECISIVE
    assert statement(coverage, "NoWrites").state is State.MATCHED


def test_two_allows_of_a_resource_policy_may_name_the_caller_differently(world):
    # R-FLOW-08: named directly anna needs no identity policy; named by account she does.
    account = "222233334444"
    write_policy(
        world / "policies/resource/logs.json",
        [
            allow(
                "s3:ListBucket",
                "arn:aws:s3:::logs",
                sid=sid,
                Principal={"AWS": f"arn:aws:iam::{account}:{name}"},
            )
            for sid, name in (("Anna", "user/anna"), ("Everyone", "root"))
        ],
    )
    coverage = covered(
        world,
        """
        tests:
          - { name: l, principal: anna, action: s3:ListBucket, resource: logs, expect: allow }
        """,
    )
    assert statement(coverage, "Anna").state is State.DECISIVE
    assert statement(coverage, "Everyone").state is State.MATCHED


def test_the_deny_that_an_unknown_answer_waits_for_is_decisive(world):
    write_policy(
        world / "policies/resource/logs.json",
        [
            deny(
                resource="arn:aws:s3:::logs/*",
                sid="NoPlainHttp",
                Principal="*",
                Condition={"Bool": {"aws:SecureTransport": "false"}},
            )
        ],
    )
    coverage = covered(
        world,
        """
        tests:
          - name: open
            principal: deploy
            action: s3:GetObject
            resource: logs/a
            unknown: [aws:SecureTransport]
            expect: unknown
        """,
    )
    assert statement(coverage, "NoPlainHttp").state is State.DECISIVE
    assert counts(coverage, "NoPlainHttp") == (0, 0, 0)


def test_conditions_are_counted_true_false_and_with_the_key_absent(world):
    def case(context, expect):
        return f"{{ context: {context}, expect: {expect} }}"

    cases = [
        case("{ aws:RequestedRegion: eu-west-1 }", "allow"),
        case("{ aws:RequestedRegion: us-east-1 }", "deny scp"),
        case("{ aws:RequestedRegion: us-east-2 }", "deny scp"),
        case("{ aws:RequestedRegion: null }", "deny scp"),
    ]
    coverage = covered(
        world,
        f"""
        tests:
          - name: regions
            principal: deploy
            action: sqs:SendMessage
            resource: arn:aws:sqs:eu-west-1:222233334444:q
            cases: [{", ".join(cases)}]
        """,
    )
    assert counts(coverage, "DenyOutsideEU") == (3, 1, 1)


def test_conditions_are_asked_only_where_the_rest_of_the_statement_matches(world):
    coverage = covered(world, f"tests: [{READ}]")
    assert counts(coverage, "DeleteWithMfa") == (0, 0, 0)


def test_a_condition_beside_one_that_fails_is_counted_on_its_own(world):
    write_policy(
        world / "policies/identity/deploy.json",
        [
            allow(
                "s3:GetObject",
                sid="Both",
                Condition={
                    "Bool": {"aws:SecureTransport": "false"},
                    "StringEquals": {"aws:RequestedRegion": "eu-west-1"},
                },
            )
        ],
    )
    coverage = covered(
        world,
        """
        tests:
          - name: tls
            principal: deploy
            action: s3:GetObject
            resource: logs/a
            context: { aws:SecureTransport: true, aws:RequestedRegion: eu-west-1 }
            expect: deny
        """,
    )
    tls, region = statement(coverage, "Both").conditions
    assert (tls.true, tls.false) == (0, 1)
    assert (region.true, region.false) == (1, 0)


def test_a_pattern_is_used_where_its_statement_speaks_about_the_request(world):
    coverage = covered(world, f"tests: [{READ}]")
    assert used(coverage, "Publish") == ["s3:GetObject", "*"]
    assert used(coverage, "DeleteWithMfa") == []


def test_a_listed_principal_is_used_where_it_names_the_caller(world):
    account = "222233334444"
    write_policy(
        world / "policies/resource/logs.json",
        [
            allow(
                "s3:GetObject",
                ["arn:aws:s3:::logs/*", "arn:aws:s3:::logs/${aws:username}/*"],
                sid="Readers",
                Principal={
                    "AWS": [f"arn:aws:iam::{account}:user/anna", "arn:aws:iam::111122223333:root"]
                },
            )
        ],
    )
    anna = READ.replace("deploy", "anna").replace("logs/a", "logs/anna/a")
    coverage = covered(world, f"tests: [{anna}]")
    assert used(coverage, "Readers") == [
        "s3:GetObject",
        "arn:aws:s3:::logs/*",
        "arn:aws:s3:::logs/${aws:username}/*",
        f"arn:aws:iam::{account}:user/anna",
    ]


def stack_of(**statement):
    document = {"Version": "2012-10-17", "Statement": [{"Sid": "S", "Effect": "Deny", **statement}]}
    resource = parse_policy(json.dumps(document), name="r.json", type=PolicyType.RESOURCE)
    identity = parse_policy(
        {"Version": "2012-10-17", "Statement": [{"Sid": "All", **allow()}]}, name="i.json"
    )
    return PolicyStack.of({Layer.RESOURCE_POLICY: [resource], Layer.IDENTITY_POLICY: [identity]})


def used_by(stack, action="s3:GetObject", resource="arn:aws:s3:::logs/a"):
    request = Request.of("arn:aws:iam::222233334444:user/anna", action, resource)
    coverage = coverage_of(recorder_of([result_of(evaluate(request, stack))]))
    return used(coverage, "S")


def test_a_pattern_of_a_not_element_is_used_where_it_keeps_the_statement_out():
    anna = "arn:aws:iam::222233334444:user/anna"
    stack = stack_of(NotAction=["s3:Get*", "s3:Put*"], Resource="*", Principal="*")
    assert used_by(stack) == ["s3:Get*"]
    assert used_by(stack, "s3:DeleteObject") == ["*", "*"]
    stack = stack_of(
        Action="s3:*", NotResource=["arn:aws:s3:::logs/*", "arn:aws:s3:::b/*"], Principal="*"
    )
    assert used_by(stack) == ["arn:aws:s3:::logs/*"]
    stack = stack_of(Action="s3:*", Resource="*", NotPrincipal={"AWS": [anna, f"{anna}2"]})
    assert used_by(stack) == [anna]


def test_policies_of_aws_are_left_out(world):
    coverage = covered(world, f"tests: [{READ}]")
    assert not any("FullAWSAccess" in each.shape.name for each in coverage.policies)


def test_a_policy_that_cannot_be_read_is_told(world):
    (world / "policies/boundary/anna.json").write_text("{")
    coverage = covered(world, f"tests: [{READ}]")
    assert [finding.code for finding in coverage.findings] == ["PE2300"]
    assert "`boundary/anna.json` cannot be read" in coverage.findings[0].message


def test_one_policy_on_its_own_and_a_stack_are_expected_too(world):
    closed = "{ name: x, action: s3:GetObject, resource: 'arn:aws:s3:::b/x', expect: deny }"
    for base in ("policy: policies/scp/closed.json", "stack: { scp: policies/scp/closed.json }"):
        suite = suite_of(world, f"{base}\ntests: [{closed}]")
        recorder = Recorder()
        recorder.expect(suite.tests[0].world)
        assert [each.shape.name.rpartition("/")[2] for each in recorder.policies] == ["closed.json"]


def test_two_documents_of_one_name_stay_two():
    recorder = Recorder()
    for action in ("s3:GetObject", "s3:PutObject"):
        policy = parse_policy({"Statement": [allow(action)]})
        stack = PolicyStack.of({Layer.IDENTITY_POLICY: [policy]})
        request = Request.of("arn:aws:iam::222233334444:user/anna", action, "arn:aws:s3:::b/x")
        recorder.add(result_of(evaluate(request, stack)))
    assert [each.evaluated for each in recorder.policies] == [1, 1]
    assert all(each.shape.line == 0 for each in recorder.policies)


def test_the_names_of_many_tests_are_few_and_the_same_in_any_order():
    stack = PolicyStack.of({Layer.IDENTITY_POLICY: [parse_policy({"Statement": [allow()]})]})
    request = Request.of("arn:aws:iam::222233334444:user/anna", "s3:GetObject", "arn:aws:s3:::b/x")
    results = [result_of(evaluate(request, stack), f"{number:04}") for number in range(200)]
    recorder = recorder_of(results)
    [counted] = recorder.policies[0].statements
    assert counted.decisive.count == 200
    assert len(counted.decisive.tests) == MOST_TESTS
    assert counted.decisive.tests[-1].endswith(f"::{MOST_TESTS - 1:04}")
    assert recorder_of(reversed(results)).to_data() == recorder.to_data()


def test_a_record_goes_through_json(world):
    recorder = recorded(world, f"tests: [{READ}, {WRITE}]")
    data = recorder.to_data()
    assert Recorder.of(json.loads(json.dumps(data))).to_data() == data
    assert decisive(recorder) == {"Publish", "NoWrites"}
