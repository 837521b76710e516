"""The answer of GetRequestAuthorizationDetails (R-MSG-05)."""

import json

import pytest

from policyeval.errors import PolicyEvalError
from policyeval.paste.read import read_paste
from policyeval.stack import Layer

ROLE = "arn:aws:iam::111122223333:role/care/deploy"
SCP = "arn:aws:organizations::1:policy/o-a/service_control_policy/p-1"
CONTEXT = {
    "aws:PrincipalArn": ROLE,
    "aws:userid": "AROAEXAMPLE:ci",
    "aws:SourceIp": "203.0.113.9",
    "aws:PrincipalOrgPaths": ["o-a/r-b/"],
    "aws:SecureTransport": True,
}


def evaluation(**more):
    return {
        "action": "iam:PassRole",
        "resource": "arn:aws:iam::111122223333:role/app",
        "context": {"iam:PassedToService": "lambda.amazonaws.com"},
        "evaluatedEffect": "EXPLICIT_DENY",
        "checks": [
            {"checkType": "PRINCIPAL", "evaluatedEffect": "IMPLICIT_DENY"},
            {"checkType": "SERVICE_CONTROL_POLICY", "evaluatedEffect": "EXPLICIT_DENY"},
        ],
        "matchedPolicies": [
            {"uri": SCP, "matchedStatements": [{"sid": "NoPass", "evaluatedEffect": "DENY"}]}
        ],
    } | more


def answer(*evaluations, **more):
    return {"requestContext": CONTEXT, "policies": [], "evaluations": list(evaluations)} | more


def read(tree):
    return read_paste(json.dumps(tree).encode(), "stdin")


def test_facts_of_an_evaluation():
    [pasted] = read(answer(evaluation()))
    assert pasted.principal == "arn:aws:sts::111122223333:assumed-role/deploy/ci"
    assert (pasted.action, pasted.resource[-9:]) == ("iam:PassRole", ":role/app")
    assert pasted.context["iam:PassedToService"] == "lambda.amazonaws.com"
    assert pasted.context["aws:PrincipalArn"] == ROLE
    assert pasted.to_request().context["aws:securetransport"] == ("true",)


def test_the_check_that_denies_explicitly_is_the_claim():
    [pasted] = read(answer(evaluation()))
    claim = pasted.claim
    assert (claim.explicit, claim.layer) == (True, Layer.SERVICE_CONTROL_POLICY)
    assert claim.policy_arn == SCP
    assert "`NoPass`" in pasted.findings[0].message


@pytest.mark.parametrize(
    ("check", "layer"),
    [
        ("RESOURCE_CONTROL_POLICY", Layer.RESOURCE_CONTROL_POLICY),
        ("VPC_ENDPOINT", Layer.VPC_ENDPOINT_POLICY),
        ("RESOURCE", Layer.RESOURCE_POLICY),
        ("PRINCIPAL", Layer.IDENTITY_POLICY),
        ("PERMISSIONS_BOUNDARY", Layer.PERMISSIONS_BOUNDARY),
        ("SESSION", Layer.SESSION_POLICY),
        ("SOMETHING_NEW", None),
    ],
)
def test_each_check_is_a_layer(check, layer):
    checks = [{"checkType": check, "evaluatedEffect": "IMPLICIT_DENY"}]
    [pasted] = read(answer(evaluation(checks=checks, evaluatedEffect="IMPLICIT_DENY")))
    assert (pasted.claim.layer, pasted.claim.explicit) == (layer, False)


def test_denied_evaluations_come_first():
    found = read(answer(evaluation(action="a:B", evaluatedEffect="ALLOW"), evaluation()))
    assert [pasted.action for pasted in found] == ["iam:PassRole", "a:B"]
    assert [pasted.claim.allowed for pasted in found] == [False, True]


def test_an_empty_resource_is_none_and_an_unread_value_is_said():
    [pasted] = read(answer(evaluation(resource="", context={"aws:X": {"a": 1}})))
    assert pasted.resource == "*"
    assert [finding.code for finding in pasted.findings] == ["PE1710", "PE1708"]


@pytest.mark.parametrize("tree", [answer(), answer(3), answer(evaluation(), requestContext=[])])
def test_an_answer_without_evaluation_is_refused(tree):
    with pytest.raises(PolicyEvalError) as refused:
        read(tree)
    assert refused.value.findings[0].code == "PE1709"


@pytest.mark.parametrize("arn", [":role/x", "role/:role/x", "arn:aws:iam:role/x:role/x"])
def test_an_arn_of_no_role_is_given_as_it_stands(arn):
    [pasted] = read(answer(evaluation(), requestContext=CONTEXT | {"aws:PrincipalArn": arn}))
    assert pasted.principal == arn


def test_an_effect_that_is_none_claims_nothing():
    [pasted] = read(answer(evaluation(evaluatedEffect="OTHER")))
    assert pasted.claim is None


def test_the_silence_of_a_resource_policy_is_claimed_last():
    checks = [
        {"checkType": name, "evaluatedEffect": "IMPLICIT_DENY"}
        for name in ("RESOURCE", "PRINCIPAL")
    ]
    [pasted] = read(answer(evaluation(evaluatedEffect="IMPLICIT_DENY", checks=checks)))
    assert pasted.claim.layer is Layer.IDENTITY_POLICY
