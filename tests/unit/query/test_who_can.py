"""Who is found, as what, by which statements, under which conditions."""

import pytest
from tests.unit.query.worlds import (
    AWAY,
    BUCKET,
    HOME,
    LOG,
    bucket,
    person,
    policy,
    role,
    root,
    statement,
    user,
    when,
    world,
)

from policyeval import Facts, Verdict, who_can
from policyeval.errors import InvalidRequestError
from policyeval.query.holder import HolderKind

ANA, BOB, DEV = user("ana"), user("bob"), role("dev")


def found(answer):
    return {one.principal: one.verdict for one in answer.holders if one.kind is not HolderKind.ROOT}


def the(answer, principal):
    return next(one for one in answer.holders if one.principal == principal)


def test_only_those_whom_a_statement_lets_in_are_evaluated():
    crowd = [person(user(f"u{n}"), statement(resource=f"{BUCKET}/{n}/*")) for n in range(50)]
    answer = who_can(world(*crowd), "s3:GetObject", f"{BUCKET}/7/x")
    assert found(answer) == {user("u7"): Verdict.ALLOWED}
    assert (answer.asked, answer.evaluated) == (52, 3), "u7 and the two root users"


def test_a_holder_names_the_statements_that_grant_and_the_root_user_needs_none():
    answer = who_can(world(person(ANA, statement(Sid="Read"))), "s3:GetObject", LOG)
    holder = the(answer, ANA)
    assert [(ref.policy.name, ref.statement.sid) for ref in holder.by] == [
        ("identity/ana.json", "Read")
    ]
    assert (the(answer, root()).by, the(answer, root()).kind) == ((), HolderKind.ROOT)


def test_policies_of_groups_are_found():
    groups = {"readers": (policy(statement(), name="readers.json"),)}
    answer = who_can(
        world(person(ANA, groups=("readers",)), person(BOB), groups=groups), "s3:GetObject", LOG
    )
    assert found(answer) == {ANA: Verdict.ALLOWED}


def test_a_boundary_and_a_deny_keep_out_whom_the_index_let_in():
    no_s3 = (policy(statement(action="sqs:*")),)
    people = [
        person(ANA, statement(), boundary=no_s3),
        person(BOB, statement(), statement("Deny", "s3:Get*")),
    ]
    answer = who_can(world(*people), "s3:GetObject", LOG)
    assert found(answer) == {}
    assert answer.evaluated == 4


@pytest.mark.parametrize(
    ("conditions", "asked", "expected"),
    [
        ({}, {}, {ANA: Verdict.ALLOWED}),
        (when(SourceVpce="vpce-1"), {}, {}),
        (when(SourceVpce="vpce-1"), {"any_context": True}, {ANA: Verdict.UNKNOWN}),
        (
            when(SourceVpce="vpce-1"),
            {"context": {"aws:SourceVpce": "vpce-1"}},
            {ANA: Verdict.ALLOWED},
        ),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {}, {ANA: Verdict.UNKNOWN}),
        (
            {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            {"facts": Facts.COMPLETE},
            {},
        ),
    ],
)
def test_facts_decide_as_they_do_in_evaluate(conditions, asked, expected):
    answer = who_can(
        world(person(ANA, statement(Condition=conditions))), "s3:GetObject", LOG, **asked
    )
    assert found(answer) == expected


def test_conditions_are_those_that_the_call_decides():
    both = {**when(SourceVpce="vpce-1"), "StringLike": {"aws:PrincipalArn": "*"}}
    answer = who_can(
        world(person(ANA, statement(Condition=both))), "s3:GetObject", LOG, any_context=True
    )
    (condition,) = the(answer, ANA).conditions
    assert [clause.key for clause in condition.clauses] == ["aws:SourceVpce"]
    assert not condition.denies
    assert the(answer, ANA).missing == ("aws:SourceVpce",)


def test_an_unconditional_allow_leaves_no_condition_of_its_layer():
    answer = who_can(
        world(person(ANA, statement(Condition=when(SourceVpce="vpce-1")), statement())),
        "s3:GetObject",
        LOG,
        any_context=True,
    )
    assert the(answer, ANA).verdict is Verdict.ALLOWED
    assert the(answer, ANA).conditions == ()


def test_a_deny_that_could_bite_is_told_and_one_that_cannot_is_not():
    deny = statement("Deny", "s3:*", Sid="Bites", Condition=when(SourceVpce="vpce-1"))
    harmless = statement(
        "Deny",
        "s3:*",
        Condition={**when(SourceVpce="vpce-2"), **{"Null": {"aws:username": "true"}}},
    )
    answer = who_can(world(person(ANA, statement(), deny, harmless)), "s3:GetObject", LOG)
    assert [each.ref.statement.sid for each in the(answer, ANA).conditions] == ["Bites"]
    assert the(answer, ANA).conditions[0].denies


def test_a_resource_policy_grants_to_those_it_names():
    allow = statement(Principal={"AWS": [ANA, DEV, root(AWAY)]}, resource=f"{BUCKET}/*")
    people = [person(ANA), person(BOB), person(DEV), person(user("far", AWAY), statement())]
    answer = who_can(world(*people, resources=[bucket(allow)]), "s3:GetObject", LOG)
    assert found(answer) == {
        ANA: Verdict.ALLOWED,
        DEV: Verdict.ALLOWED,
        user("far", AWAY): Verdict.ALLOWED,
    }


def test_strangers_that_a_resource_policy_names_are_listed_as_such():
    stranger, session = role("etl", "777788889999"), f"arn:aws:sts::{HOME}:assumed-role/dev/s1"
    allow = statement(
        Principal={"AWS": [stranger, session], "Service": "logging.s3.amazonaws.com"},
        resource=f"{BUCKET}/*",
    )
    answer = who_can(world(person(DEV), resources=[bucket(allow)]), "s3:GetObject", LOG)
    other = the(answer, stranger)
    assert (other.verdict, other.in_environment) == (Verdict.UNKNOWN, False)
    assert other.missing == ("policies:identity",)
    service = the(answer, "logging.s3.amazonaws.com")
    assert (service.kind, service.verdict) == (HolderKind.SERVICE, Verdict.ALLOWED)
    assert (the(answer, session).kind, the(answer, session).in_environment) == (
        HolderKind.SESSION,
        True,
    )


@pytest.mark.parametrize(
    ("condition", "kinds"),
    [
        ({}, {HolderKind.ANONYMOUS}),
        (when(PrincipalOrgID="o-1"), {HolderKind.ANY_ACCOUNT}),
        (when(PrincipalAccount="777788889999"), {HolderKind.ANY_ACCOUNT}),
        (when(SourceVpce="vpce-1"), set()),
    ],
)
def test_everyone_is_anyone_without_signing_or_principals_of_any_account(condition, kinds):
    allow = statement(Principal="*", resource=f"{BUCKET}/*", Condition=condition)
    answer = who_can(world(resources=[bucket(allow)]), "s3:GetObject", LOG)
    assert {one.kind for one in answer.holders if one.principal == "*"} == kinds


def test_a_text_that_is_no_principal_is_remarked():
    allow = statement(Principal={"AWS": "AIDAJQABLZS4A3QDU576Q"}, resource=f"{BUCKET}/*")
    answer = who_can(world(resources=[bucket(allow)]), "s3:GetObject", LOG)
    assert [finding.code for finding in answer.findings] == ["PE1905"]


def test_an_unreadable_policy_leaves_its_holder_in_doubt():
    from policyeval.environment.model import PolicyDocument
    from policyeval.finding import Finding, Severity

    broken = PolicyDocument(
        "broken.json", lambda: (None, (Finding("PE0001", Severity.ERROR, "no JSON"),))
    )
    anna = person(ANA)
    answer = who_can(
        world(type(anna)(anna.name, ANA, HOME, (broken,)), person(BOB)), "s3:GetObject", LOG
    )
    assert found(answer) == {ANA: Verdict.UNKNOWN}
    assert the(answer, ANA).missing == ("policies:identity",)


def test_principals_known_by_name_alone_are_named_and_not_asked():
    from policyeval.environment.model import Identity

    answer = who_can(
        world(person(ANA), Identity("ghost", policies=(policy(statement()),))), "s3:GetObject", LOG
    )
    assert answer.unasked == ("ghost",)
    assert [finding.code for finding in answer.findings] == ["PE1904"]


def test_a_resource_of_unknown_owner_is_remarked():
    answer = who_can(world(person(ANA, statement()), resources=[]), "s3:GetObject", LOG)
    assert [finding.code for finding in answer.findings] == ["PE1902"]
    told = who_can(
        world(person(ANA, statement()), resources=[]), "s3:GetObject", LOG, resource_account=AWAY
    )
    assert told.findings == ()
    assert found(told) == {ANA: Verdict.UNKNOWN}


def test_wildcards_in_the_resource_are_remarked():
    answer = who_can(world(person(ANA, statement())), "s3:GetObject", f"{BUCKET}/*")
    assert [finding.code for finding in answer.findings] == ["PE1903"]


@pytest.mark.parametrize("key", ["aws:PrincipalArn", "AWS:username", "aws:PrincipalAccount"])
def test_a_key_that_tells_who_calls_is_refused(key):
    with pytest.raises(InvalidRequestError) as caught:
        who_can(world(), "s3:GetObject", LOG, context={key: "x"})
    assert caught.value.findings[0].code == "PE1901"


def test_an_environment_without_anybody_has_no_holder():
    from policyeval import Environment

    answer = who_can(Environment(), "s3:GetObject", LOG)
    assert (answer.holders, answer.asked) == ((), 0)
