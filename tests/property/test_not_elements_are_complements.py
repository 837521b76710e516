"""NotAction and NotResource match where no listed value does, and only there (R-MATCH-05)."""

from hypothesis import given
from hypothesis import strategies as st
from tests.property import strategies

from policyeval.context import UNKNOWN, Facts
from policyeval.decision import Verdict
from policyeval.stack import Layer

CONTRARY = {
    Verdict.ALLOWED: Verdict.IMPLICIT_DENY,
    Verdict.IMPLICIT_DENY: Verdict.ALLOWED,
    Verdict.UNKNOWN: Verdict.UNKNOWN,
}
USERS = (strategies.USER,)


def with_element(scenario, element, listed):
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    del statement[element.removeprefix("Not")]
    statement[element] = listed
    levels = ((strategies.document(statement),),)
    return scenario.changed(
        action="s3:GetObject", resource=strategies.OBJECT, layers={Layer.IDENTITY_POLICY: levels}
    )


def assert_complements(scenario, element, listed):
    same_account = scenario.changed(resource_account=None)
    plain = with_element(same_account, element, listed).decide(Facts.COMPLETE)
    negated = with_element(same_account, f"Not{element}", listed).decide(Facts.COMPLETE)
    assert negated.verdict is CONTRARY[plain.verdict]


ACTIONS = st.lists(st.sampled_from(strategies.ACTION_PATTERNS), max_size=3)
RESOURCES = st.lists(
    st.sampled_from((*strategies.RESOURCE_PATTERNS, "arn:aws:s3", "arn:aws:s3:::${a b}", "shop")),
    max_size=3,
)


@given(strategies.scenarios(states=(UNKNOWN,), principals=USERS), ACTIONS)
def test_not_action_allows_what_action_does_not(scenario, listed):
    assert_complements(scenario, "Action", listed)


@given(strategies.scenarios(states=(UNKNOWN,), principals=USERS), RESOURCES)
def test_not_resource_allows_what_resource_does_not(scenario, listed):
    # R-MATCH-07: a value whose variable is absent drops out, so that NotResource holds for it.
    assert_complements(scenario, "Resource", listed)
