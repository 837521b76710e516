"""Role chains: the best way, circles, and long chains."""

import pytest
from tests.unit.query.worlds import (
    AWAY,
    HOME,
    LOG,
    person,
    role,
    root,
    statement,
    trust,
    user,
    when,
    world,
)

from policyeval import Verdict, who_can
from policyeval.query.roles import circles

ANA, BOB = user("ana"), user("bob")
ASSUME = statement(action="sts:AssumeRole")


def ask(*people, **more):
    return who_can(world(*people), "s3:GetObject", LOG, through_roles=True, **more)


def way(answer, principal):
    holder = next((one for one in answer.holders if one.principal == principal), None)
    return None if holder is None else [step.role for step in holder.via]


def test_whoever_can_assume_a_role_that_can_is_found_with_the_way():
    answer = ask(
        person(ANA, ASSUME),
        person(BOB),
        person(role("a"), ASSUME, trust=trust(root())),
        person(role("b"), statement(), trust=trust(role("a"))),
    )
    assert way(answer, role("b")) == []
    assert way(answer, role("a")) == [role("b")]
    assert way(answer, ANA) == [role("a"), role("b")]
    assert way(answer, BOB) is None


def test_without_through_roles_nobody_comes_by_way_of_a_role():
    people = [person(ANA, ASSUME), person(role("a"), statement(), trust=trust(root()))]
    answer = who_can(world(*people), "s3:GetObject", LOG)
    assert way(answer, ANA) is None


def test_a_certain_long_way_is_better_than_a_short_one_that_hangs_on_facts():
    office = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    goal = [
        *trust(ANA, Condition=office, name="short.json"),
        *trust(role("a"), name="long.json"),
    ]
    answer = ask(
        person(ANA, ASSUME),
        person(role("a"), ASSUME, trust=trust(ANA)),
        person(role("b"), statement(), trust=tuple(goal)),
    )
    holder = next(one for one in answer.holders if one.principal == ANA)
    assert holder.verdict is Verdict.ALLOWED
    assert way(answer, ANA) == [role("a"), role("b")]


def test_a_way_that_hangs_on_facts_says_which():
    office = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    answer = ask(
        person(ANA, ASSUME),
        person(role("b"), statement(), trust=trust(ANA, Condition=office)),
    )
    holder = next(one for one in answer.holders if one.principal == ANA)
    assert (holder.verdict, holder.missing) == (Verdict.UNKNOWN, ("aws:SourceIp",))
    assert [clause.key for clause in holder.via[0].conditions[0].clauses] == ["aws:SourceIp"]


def test_across_accounts_both_sides_are_asked():
    far, near = user("far", AWAY), user("near", AWAY)
    answer = ask(
        person(far, ASSUME),
        person(near),
        person(role("b"), statement(), trust=trust(root(AWAY))),
    )
    assert way(answer, far) == [role("b")]
    assert way(answer, near) is None


def test_services_and_providers_that_a_trust_policy_names_are_found():
    from tests.unit.query.worlds import policy

    saml = f"arn:aws:iam::{HOME}:saml-provider/corp"
    documents = (
        policy(
            statement(
                action="sts:AssumeRole", resource=None, Principal={"Service": "ec2.amazonaws.com"}
            ),
            statement(
                action="sts:AssumeRoleWithSAML", resource=None, Principal={"Federated": saml}
            ),
        ),
    )
    answer = ask(person(role("b"), statement(), trust=documents))
    assert way(answer, "ec2.amazonaws.com") == [role("b")]
    assert way(answer, saml) == [role("b")]


def test_a_circle_ends_and_is_reported_once():
    answer = ask(
        person(role("a"), statement(), trust=trust(role("b"), role("c"))),
        person(role("b"), trust=trust(role("a"))),
        person(role("c"), trust=trust(role("b"))),
        person(role("d"), trust=trust(role("a"))),
    )
    notes = [finding for finding in answer.findings if finding.code == "PE1906"]
    assert [note.message for note in notes] == [
        f"a role chain runs in a circle: `{role('a')}` → `{role('b')}` → `{role('a')}`"
    ]
    assert way(answer, role("c")) == [role("a")]
    assert way(answer, role("d")) is None


@pytest.mark.parametrize(
    ("assumed_by", "expected"),
    [
        ({}, []),
        ({"a": ["b"], "b": []}, []),
        ({"a": ["a"]}, [["a"]]),
        ({"a": ["c"], "b": ["a"], "c": ["b"]}, [["a", "b", "c"]]),
        ({"a": ["b"], "b": ["a"], "x": ["y"], "y": ["x"]}, [["a", "b"], ["x", "y"]]),
        ({"a": ["b", "x"], "b": ["a"], "x": []}, [["a", "b"]]),
    ],
)
def test_circles_are_listed_in_the_order_of_assuming(assumed_by, expected):
    assert circles(assumed_by) == expected


def test_a_chain_of_a_thousand_roles_is_followed_to_its_end():
    size = 1000
    chain = [
        person(role(f"r{n}"), *([statement()] if n == 0 else []), trust=trust(role(f"r{n + 1}")))
        for n in range(size)
    ]
    answer = ask(*chain)
    assert len(way(answer, role(f"r{size - 1}"))) == size - 1
    knot = {str(n): [str((n + 1) % size)] for n in range(size)}
    assert len(circles(knot)[0]) == size


def test_a_condition_on_the_way_is_kept():
    answer = ask(
        person(ANA, statement(action="sts:AssumeRole", Condition=when(SourceVpce="vpce-1"))),
        person(role("b"), statement(), trust=trust(root())),
        any_context=True,
    )
    holder = next(one for one in answer.holders if one.principal == ANA)
    assert holder.verdict is Verdict.UNKNOWN
    assert [clause.key for clause in holder.via[0].conditions[0].clauses] == ["aws:SourceVpce"]
