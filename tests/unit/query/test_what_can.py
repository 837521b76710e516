"""What a principal can do: regions, what cuts them, and the one policy that says the same."""

import pytest
from tests.unit.query.worlds import (
    AWAY,
    BUCKET,
    HOME,
    bucket,
    person,
    policy,
    role,
    root,
    statement,
    trust,
    user,
    when,
    world,
)

from policyeval import Verdict
from policyeval.environment.model import OrganizationTree, Unit, built_in_document
from policyeval.query.as_policy import as_policy
from policyeval.query.compact import compact
from policyeval.query.what_can import what_can

ANA = user("ana")
ALL_S3 = ("s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:ListAllMyBuckets")


def grants(environment, principal=ANA, **more):
    answer = what_can(environment, principal, **more)
    return [
        (grant.verdict.value, grant.actions, grant.within, grant.excepts) for grant in answer.grants
    ]


def test_patterns_of_actions_become_the_actions_of_the_catalogue():
    found = grants(world(person(ANA, statement(action="sqs:Send*"))))
    assert found == [("allowed", ("sqs:SendMessage",), ("*",), ())]


def test_an_action_without_resources_is_asked_on_none():
    everywhere = grants(world(person(ANA, statement(action="s3:ListAllMyBuckets"))))
    assert everywhere == [("allowed", ("s3:ListAllMyBuckets",), ("*",), ())]
    useless = grants(
        world(person(ANA, statement(action="s3:ListAllMyBuckets", resource=f"{BUCKET}/*")))
    )
    assert useless == []


def test_actions_on_resources_of_another_kind_are_no_grant():
    found = grants(world(person(ANA, statement(action=["s3:GetObject", "s3:ListBucket"],
                                               resource=BUCKET))))  # fmt: skip
    assert found == [("allowed", ("s3:ListBucket",), (BUCKET,), ())]


def test_a_deny_inside_a_region_is_cut_out():
    found = grants(
        world(
            person(
                ANA,
                statement(resource=f"{BUCKET}/*"),
                statement("Deny", "s3:*", f"{BUCKET}/secret/*"),
                statement("Deny", "s3:*", "arn:aws:s3:::elsewhere/*"),
            )
        )
    )
    assert found == [("allowed", ("s3:GetObject",), (f"{BUCKET}/*",), (f"{BUCKET}/secret/*",))]


def test_a_deny_over_the_whole_region_leaves_nothing():
    deny = statement("Deny", "*", "arn:aws:s3:::*")
    assert grants(world(person(ANA, statement(resource=f"{BUCKET}/*"), deny))) == []


def test_a_deny_of_all_but_some_leaves_those():
    deny = {"Effect": "Deny", "Action": "s3:*", "NotResource": [f"{BUCKET}/open/*"]}
    found = grants(world(person(ANA, statement(), deny)))
    assert found == [("allowed", ("s3:GetObject",), (f"{BUCKET}/open/*",), ())]


def test_an_allow_of_all_but_some_leaves_those_out():
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": f"{BUCKET}/secret/*"}
    found = grants(world(person(ANA, allow)))
    assert found == [("allowed", ("s3:GetObject",), ("*",), (f"{BUCKET}/secret/*",))]


def test_a_boundary_narrows_to_where_both_allow():
    limit = (policy(statement(resource="arn:aws:s3:::*/public/*")),)
    found = grants(world(person(ANA, statement(resource=f"{BUCKET}/*"), boundary=limit)))
    assert found == [("allowed", ("s3:GetObject",), (f"{BUCKET}/*", "arn:aws:s3:::*/public/*"), ())]


def test_service_control_policies_of_the_account_are_heeded():
    guard = policy(statement("Deny", "s3:PutObject"), name="scp/guard.json")
    unit = Unit("root", "r-1", (built_in_document("FullAWSAccess"), guard), accounts=(HOME,))
    environment = world(
        person(ANA, statement(action=["s3:GetObject", "s3:PutObject"])),
        organization=OrganizationTree("o-1", "999900001111", unit),
    )
    assert grants(environment) == [("allowed", ("s3:GetObject",), ("*",), ())]


def test_the_policies_of_resources_grant_and_cut():
    read = statement(Principal={"AWS": ANA}, resource=f"{BUCKET}/*")
    deny = statement("Deny", "s3:PutObject", f"{BUCKET}/*", Principal="*")
    found = grants(
        world(person(ANA, statement(action="s3:PutObject")), resources=[bucket(read, deny)])
    )
    assert sorted(found) == [
        ("allowed", ("s3:GetObject",), (f"{BUCKET}/*",), ()),
        ("allowed", ("s3:PutObject",), ("*",), (f"{BUCKET}/*",)),
    ]


def test_resources_of_another_account_are_cut_out():
    found = grants(world(person(ANA, statement()), resources=[bucket(statement(
        Principal={"AWS": user("else")}, resource=f"{BUCKET}/*"), owner=AWAY)]))  # fmt: skip
    assert found == [("allowed", ("s3:GetObject",), ("*",), (f"{BUCKET}/*",))]


def test_roles_that_trust_it_are_grants_of_their_own():
    environment = world(
        person(ANA, statement(action="sts:AssumeRole")),
        person(role("ops"), trust=trust(root())),
        person(role("dev"), trust=trust(role("ops"))),
    )
    found = grants(environment)
    assert ("allowed", ("sts:AssumeRole",), (role("ops"),), ()) in found
    assert not [each for each in found if each[0] == "allowed" and role("dev") in each[2]]


def test_the_root_user_can_do_what_nothing_denies_it():
    answer = what_can(world(), root(), actions=["sqs:*"])
    (grant,) = answer.grants
    assert (grant.verdict, grant.within) == (Verdict.ALLOWED, ("*",))
    assert "sqs:SendMessage" in grant.actions


def test_conditions_are_told_and_asked_for():
    environment = world(person(ANA, statement(Condition=when(SourceVpce="vpce-1"))))
    assert grants(environment) == []
    (grant,) = what_can(environment, ANA, any_context=True).grants
    assert grant.verdict is Verdict.UNKNOWN
    assert [clause.key for clause in grant.conditions[0].clauses] == ["aws:SourceVpce"]


def test_a_statement_that_needs_another_condition_inside_is_a_piece_of_its_own():
    home = {"Condition": when(SourceVpce="vpce-1")}
    environment = world(
        person(ANA, statement(), statement("Deny", "s3:*", f"{BUCKET}/home/*", **home))
    )
    found = grants(environment, any_context=True)
    assert found == [
        ("unknown", ("s3:GetObject",), (f"{BUCKET}/home/*",), ()),
        ("allowed", ("s3:GetObject",), ("*",), (f"{BUCKET}/home/*",)),
    ]


def test_on_one_resource_the_actions_that_there_are_on_it():
    environment = world(person(ANA, statement(action="s3:Get*"), statement(action="sqs:*")))
    answer = what_can(environment, ANA, resource=f"{BUCKET}/a")
    (grant,) = answer.grants
    assert "s3:GetObject" in grant.actions
    assert not [name for name in grant.actions if name in ("s3:GetBucketPolicy", "sqs:SendMessage")]


def test_variables_have_the_principals_own_values():
    mine = statement(resource=BUCKET + "/${aws:username}/*")
    (grant,) = what_can(world(person(ANA, mine)), ANA).grants
    assert grant.within == (BUCKET + "/${aws:username}/*",)
    assert grant.example.startswith(f"{BUCKET}/ana/")


def test_an_action_that_the_catalogue_does_not_have_is_listed_all_the_same():
    found = grants(world(person(ANA, statement(action="newservice:Do", resource="*"))))
    assert found == [("allowed", ("newservice:Do",), ("*",), ())]


def test_a_pattern_of_actions_that_do_not_exist_is_remarked():
    answer = what_can(world(person(ANA, statement(action="s3s:*"))), ANA)
    assert answer.grants == ()
    assert [finding.code for finding in answer.findings] == ["PE1908"]


def test_too_many_cuts_are_taken_to_deny():
    denies = [statement("Deny", "s3:*", f"{BUCKET}/{n}/*") for n in range(300)]
    answer = what_can(world(person(ANA, statement(), *denies)), ANA)
    assert len(answer.grants[0].excepts) == 300
    assert [finding.code for finding in answer.findings] == ["PE1909"]


# ---- one policy -----------------------------------------------------------------------------


def document(environment):
    made = as_policy(what_can(environment, ANA, any_context=True, actions=ALL_S3))
    return made.document["Statement"], [finding.code for finding in made.findings]


def test_the_one_policy_says_conditions_and_what_is_cut_out():
    at_home = {"Condition": when(SourceVpce="vpce-1")}
    statements, codes = document(
        world(
            person(
                ANA,
                statement(action=["s3:GetObject", "s3:PutObject"], resource=f"{BUCKET}/*"),
                statement(action="s3:ListBucket", resource=BUCKET, **at_home),
                statement("Deny", "s3:*", f"{BUCKET}/secret/*"),
            )
        )
    )
    assert codes == []
    both = ["s3:GetObject", "s3:PutObject"]
    assert {"Effect": "Allow", "Action": both, "Resource": f"{BUCKET}/*"} in statements
    assert {"Effect": "Deny", "Action": both, "Resource": f"{BUCKET}/secret/*"} in statements
    wanted = {"StringEquals": {"aws:SourceVpce": ["vpce-1"]}}
    assert {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": BUCKET,
        "Condition": wanted,
    } in statements


def test_what_one_policy_cannot_say_is_left_out_and_named():
    limit = (policy(statement(resource="arn:aws:s3:::*/public/*")),)
    statements, codes = document(
        world(person(ANA, statement(resource=f"{BUCKET}/*"), boundary=limit))
    )
    assert (statements, codes) == ([], ["PE1910"])


def test_one_key_asked_twice_by_one_operator_cannot_be_said():
    limit = (policy(statement(Condition=when(SourceVpce=["vpce-1", "vpce-2"]))),)
    statements, codes = document(
        world(person(ANA, statement(Condition=when(SourceVpce="vpce-1")), boundary=limit))
    )
    assert (statements, codes) == ([], ["PE1910"])


# ---- few words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actions", "within", "expected"),
    [
        (["s3:GetObject"], ("*",), ["s3:GetObject"]),
        (["sqs:SendMessage", "s3:GetObject"], ("*",), ["s3:GetObject", "sqs:SendMessage"]),
    ],
)
def test_few_actions_are_listed_by_name(actions, within, expected):
    assert compact(actions, within) == expected


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        ((BUCKET,), True),
        (("arn:aws:s3:::*",), False),
        (("*",), False),
        ((BUCKET + "/*",), False),
        ((BUCKET + "/${aws:username}/*", "arn:aws:s3:::*"), False),
    ],
)
def test_actions_that_are_asked_on_no_such_resource_do_not_matter(within, expected):
    from policyeval.query.reach import covered, types_of

    of_buckets = [
        name
        for name in covered("s3:Get*")
        if not types_of(name) or any(text.endswith("${BucketName}") for text in types_of(name))
    ]
    assert ("s3:Get*" in compact(of_buckets, within)) is expected


def test_a_pattern_covers_the_listed_actions_and_no_other():
    from policyeval.catalogue.lookup import expand

    for pattern in ("sqs:*", "s3:Get*"):
        assert compact(expand(pattern)) == [pattern]
    all_but_one = [name for name in expand("sqs:*") if name != "sqs:SendMessage"]
    found = compact(all_but_one)
    covered = {name for text in found for name in (expand(text) or [text])}
    assert covered == set(all_but_one)
