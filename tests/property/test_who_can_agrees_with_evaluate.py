"""`who_can` is the product of `evaluate` over all principals, found without the product."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from tests.property.households import BOSS, PEOPLE, contexts, households
from tests.property.strategies import ACCOUNT, KEY, OTHER_ACCOUNT, REQUESTS

from policyeval.context import Facts
from policyeval.decision import Verdict
from policyeval.evaluation.engine import evaluate
from policyeval.query.matrix import matrix
from policyeval.query.who_can import who_can
from policyeval.request import Request

ROLE_REQUESTS = tuple(("sts:AssumeRole", arn) for _, arn in PEOPLE if ":role/" in arn)
ALL = [arn for _, arn in PEOPLE]
ALL += [f"arn:aws:iam::{account}:root" for account in (ACCOUNT, OTHER_ACCOUNT, BOSS)]


def positive(environment, action, resource, context, facts):
    """Ask everybody."""
    found = {}
    for arn in ALL:
        decision = evaluate(Request.of(arn, action, resource, context, facts=facts), environment)
        if not decision.denied:
            found[arn] = decision.verdict
    return found


@given(
    households(), st.sampled_from((*REQUESTS, *ROLE_REQUESTS)), contexts(), st.sampled_from(Facts)
)
def test_who_can_gives_those_and_only_those_whom_evaluate_allows_or_leaves_open(
    environment, asked, context, facts
):
    answer = who_can(environment, *asked, context=context, facts=facts)
    found = {one.principal: one.verdict for one in answer.holders if one.principal in ALL}
    assert found == positive(environment, *asked, context, facts)
    assert answer.evaluated <= answer.asked == len(ALL)


@given(households(), st.sampled_from(REQUESTS), contexts())
def test_whoever_is_allowed_in_one_context_is_found_by_asking_for_any(environment, asked, context):
    # The tags that the environment knows are no matter of the call.
    given_ = {
        key: value
        for key, value in context.items()
        if isinstance(value, (str, list)) and key != "aws:PrincipalTag/team"
    }
    allowed = {
        arn
        for arn, verdict in positive(environment, *asked, given_, Facts.TYPED).items()
        if verdict is Verdict.ALLOWED
    }
    answer = who_can(environment, *asked, any_context=True)
    assert allowed <= {one.principal for one in answer.holders}


@given(households(), st.sampled_from(REQUESTS), contexts())
def test_every_answer_through_roles_is_a_chain_of_answers(environment, asked, context):
    answer = who_can(environment, *asked, context=context, through_roles=True)
    direct = who_can(environment, *asked, context=context)
    rank = {None: 0, Verdict.UNKNOWN: 1, Verdict.ALLOWED: 2}
    before = {(one.principal, one.kind): one.verdict for one in direct.holders}
    after = {(one.principal, one.kind): one for one in answer.holders}
    assert all(rank[after[key].verdict] >= rank[verdict] for key, verdict in before.items())
    for holder in answer.holders:
        if not holder.via:
            continue
        assert holder.via[0].principal == holder.principal
        assert [step.role for step in holder.via[:-1]] == [s.principal for s in holder.via[1:]]
        last = next(one for one in direct.holders if one.principal == holder.via[-1].role)
        verdicts = {last.verdict, *(step.verdict for step in holder.via)}
        assert (holder.verdict is Verdict.ALLOWED) == (verdicts == {Verdict.ALLOWED})


@given(households(), contexts(), st.sampled_from(Facts))
def test_a_matrix_is_the_product_of_evaluate(environment, context, facts):
    principals = [*ALL, "lambda.amazonaws.com"]
    actions = ["s3:GetObject", "kms:Decrypt"]
    resources = [REQUESTS[0][1], KEY]
    table = matrix(environment, principals, actions, resources, context=context, facts=facts)
    for principal, action, resource in product(principals, actions, resources):
        request = Request.of(principal, action, resource, context, facts=facts)
        decision = evaluate(request, environment)
        said = table.answer(principal, action, resource)
        assert said.value == ("denied" if decision.denied else decision.verdict.value)
