"""Shares, percentages, limits, and what is missing."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.testing.recorded import covered, policy
from tests.unit.testing.suites import write_policy

from policyeval.errors import ConfigError
from policyeval.testing.coverage import Coverage, Recorder, coverage_of, failing_under
from policyeval.testing.coverage.shape import PolicyShape, StatementShape
from policyeval.testing.coverage.table import (
    Gap,
    PolicyCoverage,
    Share,
    State,
    StatementCoverage,
)


def coverage(decisive, statements):
    """A coverage with so many decisive statements of so many."""
    listed = tuple(
        StatementCoverage(
            StatementShape(place, "", "Deny", 1, 1, (), ()),
            State.DECISIVE if place < decisive else State.EVALUATED,
            *(0, 0, 0, (), (), (), ()),
        )
        for place in range(statements)
    )
    shape = PolicyShape("p.json", "", "0", 1, "{}", ())
    return Coverage((PolicyCoverage(shape, 1, listed),))


def test_a_limit_is_compared_exactly():
    just_under = coverage(8999, 10_000)
    assert failing_under(just_under, 90)
    assert not failing_under(just_under, 89.99)
    assert failing_under(just_under, "89.9900001")
    assert not failing_under(coverage(9, 10), 90)
    assert failing_under(coverage(2, 3), 66.67)
    assert not failing_under(coverage(2, 3), "66.6666666666666666666666666")
    assert failing_under(coverage(9_999, 10_000), 100)


@given(st.integers(0, 300), st.integers(1, 300), st.integers(0, 10_000))
def test_a_limit_fails_exactly_where_the_fraction_is_less(decisive, statements, hundredths):
    decisive = min(decisive, statements)
    fails = failing_under(coverage(decisive, statements), hundredths / 100)
    assert fails == (Fraction(decisive, statements) < Fraction(hundredths, 10_000))


@given(st.integers(1, 100_000), st.data())
def test_a_percentage_never_says_more_than_there_is(every, data):
    covered = data.draw(st.integers(0, every))
    shown = Fraction(Share(covered, every).percent)
    exact = Fraction(100 * covered, every)
    assert shown <= exact < shown + Fraction(1, 10)


@pytest.mark.parametrize(
    "limit", ["", "x", "nan", "inf", "-1", "100.1", "1/3", "1e999", "9" * 5000]
)
def test_a_limit_that_is_no_percentage_is_refused(limit):
    with pytest.raises(ConfigError, match="expected a number from 0 to 100"):
        failing_under(coverage(1, 1), limit)


def test_nothing_to_cover_misses_every_limit_but_none():
    nothing = coverage_of(Recorder())
    assert [finding.code for finding in nothing.findings] == ["PE2301"]
    assert nothing.decisive.percent == "-"
    assert failing_under(nothing, 0.1)
    assert not failing_under(nothing, 0)


def test_missing_tells_gaps_with_lines_in_the_order_of_the_text(world):
    found = covered(
        world,
        """
        tests:
          - name: queue
            principal: deploy
            action: sqs:SendMessage
            resource: arn:aws:sqs:eu-west-1:222233334444:q
            context: { aws:RequestedRegion: eu-west-1 }
            expect: allow
        """,
    )
    assert [
        (each.gap, each.line, each.subject) for each in policy(found, "deploy.json").missing
    ] == [
        (Gap.UNUSED, 8, "Action s3:GetObject"),
        (Gap.UNUSED, 9, "Action s3:PutObject"),
        (Gap.NEVER_MATCHED, 14, ""),
    ]
    assert [(each.gap, each.subject) for each in policy(found, "region.json").missing] == [
        (Gap.NEVER_MATCHED, ""),
        (Gap.NEVER_TRUE, "StringNotEquals aws:RequestedRegion"),
    ]
    assert [each.gap for each in policy(found, "anna.json").missing] == [Gap.UNTESTED]


def test_a_condition_that_holds_without_its_key_is_to_be_tested_without_it(world):
    write_policy(
        world / "policies/scp/region.json",
        [
            {
                "Sid": "OnlyThroughTheDoor",
                "Effect": "Deny",
                "Action": "sqs:*",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}},
            }
        ],
    )

    def gaps(*values):
        cases = ", ".join(f"{{ context: {{ aws:SourceVpc: {value} }} }}" for value in values)
        found = covered(
            world,
            f"""
            tests:
              - name: queue
                principal: deploy
                action: sqs:SendMessage
                resource: arn:aws:sqs:eu-west-1:222233334444:q
                expect: not unknown
                cases: [{cases}]
            """,
        )
        return [each.gap for each in policy(found, "region.json").missing]

    assert gaps("vpc-1", "vpc-2") == [Gap.NEVER_ABSENT]
    assert gaps("vpc-1", "null") == []
    assert gaps("null") == [Gap.NEVER_FALSE]


def test_shares_of_policies_add_up_to_the_total(world):
    found = covered(
        world,
        """
        tests:
          - { name: r, principal: deploy, action: s3:GetObject, resource: logs/a, expect: allow }
        """,
    )
    assert (found.decisive.covered, found.decisive.all) == (1, 5)
    assert found.decisive.percent == "20"
    assert found.conditions == Share.sum(each.conditions for each in found.policies)
    assert found.patterns.all == 2 + 4 + 2 + 3 + 2
