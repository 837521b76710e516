"""AWS's own word beside the engine's answer (R-MSG-04)."""

import pytest

from policyeval.claim import Claim
from policyeval.context import Facts
from policyeval.decision import Verdict
from policyeval.explanation.claimed import Agreement, check_claim, decide_claimed
from policyeval.parsing.policy import parse_policy
from policyeval.request import Request
from policyeval.stack import AttachedPolicy, Layer, PolicyStack

ANA = "arn:aws:iam::111122223333:user/ana"
LOG = "arn:aws:s3:::logs/a.log"
IDENTITY, RESOURCE = Layer.IDENTITY_POLICY, Layer.RESOURCE_POLICY
SCP, RCP, SESSION = (
    Layer.SERVICE_CONTROL_POLICY,
    Layer.RESOURCE_CONTROL_POLICY,
    Layer.SESSION_POLICY,
)
ENDPOINT = Layer.VPC_ENDPOINT_POLICY


def statement(effect="Allow", action="*", **more):
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


def when(operator, key, value):
    return {"Condition": {operator: {key: value}}}


def document(*statements):
    return parse_policy({"Version": "2012-10-17", "Statement": list(statements)})


def stack(**layers):
    given = {Layer(name): [document(*statements)] for name, statements in layers.items()}
    return PolicyStack.of(given)


def asked(facts=Facts.PARTIAL, context=None):
    return Request.of(ANA, "s3:GetObject", LOG, context, facts=facts)


def decide(claim, policies, context=None):
    typed = asked(Facts.TYPED, context)
    return decide_claimed(asked(context=context), policies, claim, typed)


ALLOW = (statement(),)
DENY = (statement(), statement("Deny"))
OTHER = (statement(action="sqs:*"),)
HOME = when("StringEquals", "aws:SourceVpce", "vpce-1")
AWAY = when("StringNotEquals", "aws:SourceVpce", "vpce-1")
IN_CLEAR = when("Bool", "aws:SecureTransport", "false")
TO_ALL = {"Principal": "*"}

# ---- known answers ------------------------------------------------------------------------


def agreement(claim, policies):
    return decide(claim, policies)[1].agreement


@pytest.mark.parametrize(
    ("claim", "policies", "agrees"),
    [
        (Claim(False, IDENTITY), stack(identity=OTHER), True),
        (Claim(True, IDENTITY), stack(identity=DENY), True),
        (Claim(True, IDENTITY), stack(identity=OTHER), False),
        (Claim(False, IDENTITY), stack(identity=DENY), False),
        (Claim(True, SCP), stack(identity=ALLOW, scp=DENY), True),
        # AWS may call the silence of a service control policy an explicit deny.
        (Claim(True, SCP), stack(identity=ALLOW, scp=OTHER), True),
        (Claim(True, SCP), stack(identity=DENY, scp=ALLOW), False),
        # AWS names one layer of several: to be among them is enough.
        (Claim(False, IDENTITY), stack(identity=OTHER, scp=OTHER), True),
        (Claim(True, ENDPOINT, through=SCP), stack(identity=ALLOW, scp=DENY), True),
        (Claim(), stack(identity=OTHER), True),
        (Claim(True), stack(identity=DENY), True),
        (Claim(False), stack(identity=DENY), False),
    ],
)
def test_a_denial_of_which_all_is_known(claim, policies, agrees):
    wanted = Agreement.AGREES if agrees else Agreement.DISAGREES
    assert agreement(claim, policies) is wanted


def test_the_policy_that_aws_names_is_looked_for_by_its_arn():
    claim = Claim(True, SCP, "arn:aws:organizations::1:policy/o-a/service_control_policy/p-1")
    named = AttachedPolicy(document(*DENY), "scp.json", claim.policy_arn)
    known = PolicyStack.of({IDENTITY: [document(*ALLOW)], SCP: [named]})
    assert not decide(claim, known)[1].unknown_arn
    assert decide(claim, stack(identity=ALLOW, scp=DENY))[1].unknown_arn


def test_an_allowed_claim():
    allowed = Claim(allowed=True)
    everything = PolicyStack.of({IDENTITY: [document(*ALLOW)]}, complete=Layer)
    assert agreement(allowed, everything) is Agreement.AGREES
    assert agreement(allowed, stack(identity=DENY)) is Agreement.DISAGREES
    denied = PolicyStack.of({IDENTITY: [document(*ALLOW)]}, complete=Layer)
    assert agreement(Claim(False, IDENTITY), denied) is Agreement.DISAGREES


# ---- open answers -------------------------------------------------------------------------


def test_layers_that_nobody_gave_do_not_keep_a_denial_open():
    decision, check = decide(Claim(False, IDENTITY), stack(identity=OTHER))
    assert decision.verdict is Verdict.IMPLICIT_DENY
    assert decision.decided_by is IDENTITY
    assert check.agreement is Agreement.AGREES


def test_the_layer_that_aws_names_is_not_taken_to_be_empty():
    decision, check = decide(Claim(True, SCP), stack(identity=ALLOW))
    assert decision.unknown
    assert (check.agreement, check.not_given) == (Agreement.AGREES_IF, True)


def test_the_identity_side_is_not_taken_to_be_empty_where_aws_names_no_layer():
    decision, check = decide(Claim(), stack(resource=[statement(**TO_ALL, **HOME)]))
    assert decision.unknown
    assert check.agreement is Agreement.AGREES_IF


def test_a_fact_that_aws_denial_settles_is_settled():
    decision, check = decide(Claim(False, IDENTITY), stack(identity=[statement(**HOME)]))
    assert decision.verdict is Verdict.IMPLICIT_DENY
    assert check.agreement is Agreement.AGREES
    # Nothing was told of the endpoint: the near miss is asked of an absent key.
    assert "aws:sourcevpce" not in decision.request.context.entries


def test_a_fact_that_only_another_value_settles_is_said():
    only_away = stack(identity=[statement(), statement("Deny", **when("Bool", "x:y", "true"))])
    decision, check = decide(Claim(True, IDENTITY), only_away)
    assert decision.verdict is Verdict.EXPLICIT_DENY
    assert check.inferred == (("x:y", "true"),)


def test_of_two_causes_none_is_picked():
    guarded = [
        statement("Deny", Sid="Away", **TO_ALL, **AWAY),
        statement("Deny", Sid="Clear", **TO_ALL, **IN_CLEAR),
    ]
    decision, check = decide(Claim(True, RESOURCE), stack(identity=ALLOW, resource=guarded))
    assert decision.unknown
    assert check.agreement is Agreement.AGREES_IF
    sids = [[ref.statement.sid for ref in each.statements] for each in check.causes]
    # AWS SDKs use TLS, and nobody told of an endpoint: the typed request's cause comes first.
    assert (sids, check.likely) == ([["Away"], ["Clear"]], True)


def test_a_claim_that_no_completion_meets_disagrees():
    policies = PolicyStack.of({IDENTITY: [document(statement(**HOME))]}, complete=Layer)
    decision, check = decide(Claim(True, SCP), policies)
    assert check.agreement is Agreement.DISAGREES
    assert decision.verdict is not Verdict.ALLOWED


def test_what_was_told_is_never_replaced():
    told = {"aws:SourceVpce": "vpce-1"}
    decision, check = decide(Claim(False, IDENTITY), stack(identity=[statement(**HOME)]), told)
    assert check.agreement is Agreement.DISAGREES
    assert decision.unknown or decision.allowed


def test_a_check_needs_no_second_evaluation():
    decision, _ = decide(Claim(False, IDENTITY), stack(identity=OTHER))
    assert check_claim(Claim(False, SESSION), decision).agreement is Agreement.DISAGREES


# ---- what is certain beside what is open --------------------------------------------------


def complete(**layers):
    given = {Layer(name): [document(*statements)] for name, statements in layers.items()}
    return PolicyStack.of(given, complete=Layer)


IN_CLEAR_TO_ALL = (statement("Deny", **IN_CLEAR, **TO_ALL),)


@pytest.mark.parametrize(
    "claim",
    [Claim(True, RESOURCE), Claim(True), Claim(False, IDENTITY), Claim(None, RESOURCE)],
)
def test_a_denial_that_hangs_on_a_missing_fact_is_no_disagreement_with_a_certain_one(claim):
    decision, check = decide(claim, complete(identity=OTHER, resource=IN_CLEAR_TO_ALL))
    assert decision.verdict is Verdict.IMPLICIT_DENY
    assert check.agreement is not Agreement.DISAGREES


def test_a_layer_that_nobody_gave_may_deny_beside_one_that_surely_does():
    _, check = decide(Claim(True, SCP), stack(identity=OTHER))
    assert (check.agreement, check.not_given) == (Agreement.AGREES_IF, True)


def test_a_certain_denial_disagrees_with_a_layer_that_can_say_nothing_else():
    _, check = decide(Claim(True, SCP), complete(identity=OTHER, resource=IN_CLEAR_TO_ALL))
    assert check.agreement is Agreement.DISAGREES


# ---- what AWS's word does not settle -------------------------------------------------------

TEAM = "aws:PrincipalTag/team"
OF_TEAM_X = statement("Deny", **when("StringEquals", TEAM, "x"))


@pytest.mark.parametrize(
    "other",
    [
        # No sample value is like the folder's name, and yet it may be this one.
        {**statement("Deny"), "Resource": "arn:aws:s3:::${aws:PrincipalTag/team}/*"},
        statement("Deny", **when("StringEquals", TEAM, "y")),
    ],
)
def test_one_example_of_a_cause_is_not_the_cause(other):
    decision, check = decide(Claim(True, IDENTITY), complete(identity=(*ALLOW, OF_TEAM_X, other)))
    assert decision.unknown
    assert (check.agreement, check.inferred) == (Agreement.AGREES_IF, ())


def test_a_value_that_could_be_another_is_not_taken_from_a_denial():
    one_of_two = statement("Deny", **when("StringEquals", TEAM, ["x", "y"]))
    decision, check = decide(Claim(True, IDENTITY), complete(identity=(*ALLOW, one_of_two)))
    assert decision.unknown
    assert check.inferred == ()


def test_a_condition_in_two_keys_does_not_tell_which_of_them_failed():
    both = {"Bool": {"aws:SecureTransport": "true", "aws:ViaAWSService": "false"}}
    decision, check = decide(
        Claim(False, IDENTITY), complete(identity=(statement(Condition=both),))
    )
    assert decision.unknown
    assert check.inferred == ()


def test_the_one_value_that_leads_to_the_one_cause_is_taken():
    decision, check = decide(Claim(True, IDENTITY), complete(identity=(*ALLOW, OF_TEAM_X)))
    assert decision.verdict is Verdict.EXPLICIT_DENY
    assert check.inferred == ((TEAM, "x"),)
