"""One policy, a stack, an environment, and overlays on it."""

import os
import shutil

import pytest
from tests.unit.testing.suites import (
    allow,
    deny,
    findings_of,
    passes,
    suite_of,
    write_policy,
    write_suite,
)

from policyeval.testing import Status, load_suite, run_suite
from policyeval.testing.library import Library

GET = "action: s3:GetObject, resource: 'arn:aws:s3:::logs/a'"


def test_one_identity_policy_is_asked_on_its_own(world):
    assert passes(
        world,
        f"""
        policy: policies/identity/deploy.json
        tests:
          - {{ name: in, {GET}, expect: allow }}
          - {{ name: out, action: s3:ListBucket, resource: 'arn:aws:s3:::logs', expect: deny identity }}
        """,
    ) == [True, True]


@pytest.mark.parametrize(
    ("layer", "statements", "inside", "outside"),
    [
        ("boundary", [allow("s3:Get*")], "allow", "implicit-deny boundary"),
        ("session", [allow("s3:Get*")], "allow", "implicit-deny session"),
        ("scp", [allow(), deny("s3:Put*")], "allow", "explicit-deny scp"),
        ("scp", [deny("s3:Put*")], "allow", "explicit-deny scp"),
        ("scp", [allow("s3:Get*")], "allow", "implicit-deny scp"),
        ("rcp", [deny("s3:Put*", Principal="*")], "allow", "explicit-deny rcp"),
        ("vpc_endpoint", [allow("s3:Get*", Principal="*")], "allow", "implicit-deny vpc_endpoint"),
        ("resource", [allow("s3:Get*", Principal="*")], "allow", "deny"),
    ],
)
def test_a_policy_of_another_layer_is_asked_as_if_all_others_allow(
    world, layer, statements, inside, outside
):
    write_policy(world / "policy.json", statements)
    assert passes(
        world,
        f"""
        policy: {{ file: policy.json, layer: {layer} }}
        tests:
          - {{ name: in, {GET}, expect: {inside} }}
          - {{ name: out, {GET.replace("Get", "Put")}, expect: {outside} }}
        """,
    ) == [True, True]


def test_the_folder_of_a_policy_tells_its_layer(world):
    assert passes(
        world,
        """
        policy: policies/scp/region.json
        defaults: { action: sqs:SendMessage }
        tests:
          - { name: in, resource: 'arn:aws:sqs:us-east-1:123456789012:q', expect: deny scp }
          - { name: out, action: sqs:ListQueues, resource: '*', expect: allow,
              context: { aws:RequestedRegion: eu-west-1 } }
        """,
    ) == [True, True]
    assert passes(
        world,
        """
        policy: { file: policies/scp/region.json, layer: identity }
        tests:
          - { name: silent, action: s3:GetObject, resource: '*', expect: implicit-deny identity }
        """,
    ) == [True]


def test_a_resource_policy_is_asked_by_callers_of_other_accounts_too(world):
    account = {"AWS": "arn:aws:iam::444455556666:root"}
    write_policy(world / "policy.json", [allow("s3:Get*", Principal=account)])
    assert passes(
        world,
        f"""
        policy: {{ file: policy.json, layer: resource }}
        defaults: {{ resource-account: "123456789012" }}
        tests:
          - {{ name: in, principal: 'arn:aws:iam::444455556666:user/vet', {GET}, expect: allow }}
          - {{ name: out, principal: 'arn:aws:iam::777788889999:user/x', {GET}, expect: deny resource }}
        """,
    ) == [True, True]


def test_a_trust_policy_is_asked_on_its_own(world):
    statement = allow("sts:AssumeRole", Principal={"AWS": "arn:aws:iam::123456789012:role/ci"})
    del statement["Resource"]
    write_policy(world / "policy.json", [statement])
    role = "arn:aws:iam::123456789012:role/deploy"
    assert passes(
        world,
        f"""
        policy: {{ file: policy.json, layer: trust }}
        defaults: {{ action: sts:AssumeRole, resource: '{role}' }}
        tests:
          - {{ name: in, principal: 'arn:aws:iam::123456789012:role/ci', expect: allow }}
          - {{ name: out, principal: 'arn:aws:iam::123456789012:role/x', expect: deny resource }}
        """,
    ) == [True, True]


def test_a_stack_holds_levels_of_service_control_policies_and_nothing_else(world):
    assert passes(
        world,
        f"""
        stack:
          scp: [[FullAWSAccess], [FullAWSAccess, policies/scp/closed.json]]
          identity: policies/identity/deploy.json
        tests:
          - {{ name: closed, {GET}, expect: explicit-deny scp }}
          - {{ name: open, action: sqs:SendMessage, resource: '*', expect: allow }}
        """,
    ) == [True, True]


def test_an_empty_level_of_a_stack_allows_nothing(world):
    assert passes(
        world,
        f"""
        stack: {{ scp: [[FullAWSAccess], []], identity: policies/identity/deploy.json }}
        tests:
          - {{ name: closed, {GET}, expect: implicit-deny scp }}
        """,
    ) == [True]


ASK = "principal: deploy, action: s3:GetObject, resource: logs/a"


def test_an_overlay_attaches_a_policy_as_if_it_hung_at_the_unit(world):
    assert passes(
        world,
        f"""
        tests:
          - {{ name: today, {ASK}, expect: allow }}
          - name: as if closed
            principal: deploy
            action: s3:GetObject
            resource: logs/a
            attach: {{ scp: {{ "@Workloads": scp/closed.json }} }}
            expect: {{ decision: deny, layer: scp, statement: Closed }}
        """,
    ) == [True, True]


def test_an_overlay_of_the_file_holds_for_all_its_tests_and_globs_name_files(world):
    assert passes(
        world,
        f"""
        policies: {{ scp: {{ "@Workloads": [FullAWSAccess, "policies/scp/cl*.json"] }} }}
        tests:
          - {{ name: closed, {ASK}, expect: deny scp }}
          - name: no region lock any more
            principal: deploy
            action: sqs:SendMessage
            resource: arn:aws:sqs:eu-north-1:222233334444:q
            expect: allow
        """,
    ) == [True, True]


@pytest.mark.parametrize("base", ["policy: policies/identity/deploy.json", "stack: {}"])
def test_an_overlay_of_the_file_needs_an_environment(world, base):
    [(code, line, _)] = findings_of(
        world,
        f"""
        {base}
        detach: {{ scp: {{ "@root": "*" }} }}
        tests:
          - {{ name: n, action: s3:GetObject, resource: "arn:aws:s3:::logs/a", expect: allow }}
        """,
    )
    assert (code, line) == ("PE2206", 4)


def test_detached_policies_hang_no_more(world):
    sqs = "action: sqs:SendMessage, resource: 'arn:aws:sqs:eu-west-1:222233334444:q'"
    assert passes(
        world,
        f"""
        tests:
          - {{ name: boundary, principal: anna, {sqs}, expect: deny boundary }}
          - {{ name: without, principal: anna, {sqs}, detach: {{ boundary: {{ anna: "*" }} }},
              expect: deny boundary }}
          - {{ name: named, principal: deploy, action: s3:PutObject, resource: logs/a,
              detach: {{ resource: {{ logs: resource/logs.json }} }}, expect: allow }}
        """,
    ) == [True, False, True]


def test_cases_may_have_overlays_and_session_policies_of_their_own(world):
    assert passes(
        world,
        f"""
        tests:
          - name: varied
            {ASK.replace(", ", chr(10) + "            ")}
            cases:
              - {{ expect: allow }}
              - {{ session-policy: [session/read.json], principal: deploy/ci, expect: allow }}
              - {{ session-policy: [session/read.json], principal: deploy/ci, action: sqs:ListQueues,
                  resource: "*", expect: implicit-deny session }}
              - {{ attach: {{ identity: {{ deploy: scp/closed.json }} }}, expect: explicit-deny identity }}
        """,
    ) == [True, True, True, True]


def test_a_policy_that_cannot_be_read_is_an_error_of_the_suite(world):
    from policyeval.errors import PolicyEvalError

    (world / "broken.json").write_text('{"Statement": [{"Effect": "Alow"}]}')
    with pytest.raises(PolicyEvalError) as caught:
        suite_of(world, "policy: broken.json\ntests: []")
    assert all(finding.is_error for finding in caught.value.findings)
    assert any("Alow" in finding.message for finding in caught.value.findings)


def test_suites_share_the_environment_of_a_library(world):
    library = Library()
    text = f"tests:\n  - {{ name: a, {ASK}, expect: allow }}"
    one = load_suite(write_suite(world, text), library=library)
    two = load_suite(write_suite(world, text, "b.policytest.yaml"), library=library)
    assert one.tests[0].world.environment is two.tests[0].world.environment


def test_a_library_may_put_another_environment_in_the_place_of_all(world, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    for path in world.rglob("*"):
        if path.is_file():
            target = other / path.relative_to(world)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    write_policy(other / "policies/identity/deploy.json", [allow("sqs:*")])
    path = write_suite(world, f"tests:\n  - {{ name: a, {ASK}, expect: deny identity }}")
    library = Library(str(other / "environment.yaml"))
    assert run_suite(load_suite(path, library=library)).results[0].status is Status.PASSED


@pytest.mark.parametrize("here", [".", "tests"])
def test_policies_beside_the_environment_are_found_where_nothing_marks_a_project(
    world, monkeypatch, here
):
    (world / "pyproject.toml").unlink()
    (world / "tests").mkdir()
    monkeypatch.chdir(world / here)
    path = write_suite(
        world,
        f"""
        environment: ../environment.yaml
        attach: {{ scp: {{ "@root": ../policies/scp/closed.json }} }}
        tests:
          - {{ name: closed, {ASK}, expect: deny scp }}
        """,
        "tests/a.policytest.yaml",
    )
    assert [result.status for result in run_suite(load_suite(path)).results] == [Status.PASSED]


def test_a_pattern_takes_files_alone_and_nothing_hidden(world):
    write_policy(world / "policy.json", [allow("s3:Get*")])
    write_policy(world / "deep/more.json", [allow("s3:Put*")])
    (world / "folder.json").mkdir()
    (world / ".policyeval").mkdir()
    (world / ".policyeval/last-failed.json").write_text('{"failed": []}')
    for name in ("environment.yaml", "policies"):
        path = world / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert passes(
        world,
        f"""
        stack: {{ identity: "**/*.json" }}
        tests:
          - {{ name: in, {GET}, expect: allow }}
        """,
    ) == [True]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (r'"a\0b"', "PE0701"),
        ("a/" * 3000, "PE0701"),
    ],
)
def test_an_environment_that_no_file_can_be_is_told_at_its_place(world, name, code):
    found = findings_of(world, f"environment: {name}\ntests: []\n")
    assert found == [(code, 2, 14)]


def test_a_pattern_that_begins_outside_the_project_is_refused_before_it_is_looked_for(world):
    (world / ".git").mkdir()
    found = findings_of(world, 'policy: "../../**/*.json"\ntests: []\n')
    assert found == [("PE0720", 2, 9)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
def test_a_pipe_in_the_folder_of_an_environment_is_not_waited_for(world):
    (world / "exports").mkdir()
    os.mkfifo(world / "exports/pipe.json")
    found = findings_of(world, "environment: exports\ntests: []\n")
    assert [code for code, _, _ in found] == ["PE1801", "PE1801"]
