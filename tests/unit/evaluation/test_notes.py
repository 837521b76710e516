"""Remarks on an answer: when they are made, and when not."""

import pytest
from tests.unit.asking import (
    ACCOUNT,
    BUCKET,
    OBJECT,
    ROLE,
    ROOT,
    SESSION,
    USER,
    allow,
    ask,
    ask_resource,
    ask_user,
    deny,
    endpoint_policy,
    policy,
)

from policyeval.context import Facts
from policyeval.evaluation.notes import notes_of
from policyeval.stack import EndpointType, Layer


def codes(decision):
    return [note.code for note in notes_of(decision)]


def at_endpoint(*statements, kind=None, context=None):
    layers = {Layer.VPC_ENDPOINT_POLICY: [endpoint_policy(kind, *statements)]}
    return ask(layers, context={"aws:SourceVpce": "vpce-1"} if context is None else context)


def test_endpoint_policy_of_a_request_that_uses_no_endpoint_is_remarked():
    decision = at_endpoint(allow(Principal="*"), context={})
    assert codes(decision) == ["PE1402"]


def test_endpoint_without_a_policy_is_remarked():
    assert codes(ask_user(allow(), context={"aws:SourceVpce": "vpce-1"})) == ["PE1403"]
    assert codes(ask_user(allow())) == []


def test_named_principal_at_a_gateway_endpoint_is_remarked():
    named = allow(Principal={"AWS": USER})
    assert codes(at_endpoint(named, kind=EndpointType.GATEWAY)) == ["PE1404"]
    assert codes(at_endpoint(named, kind=EndpointType.INTERFACE)) == []
    assert codes(at_endpoint(allow(Principal="*"), kind=EndpointType.GATEWAY)) == []


def test_named_principal_at_an_endpoint_of_unknown_kind_is_remarked():
    assert codes(at_endpoint(allow(Principal={"AWS": USER}))) == ["PE1405"]
    assert codes(at_endpoint(allow(Principal={"AWS": "*"}))) == []


def test_plain_operator_on_several_values_is_remarked():
    statement = allow(condition={"StringEquals": {"aws:TagKeys": "a"}})
    assert codes(ask_user(statement, context={"aws:TagKeys": ["a", "b"]})) == ["PE1406"]
    assert codes(ask_user(statement, context={"aws:TagKeys": ["a"]})) == []
    prefixed = allow(condition={"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}})
    assert codes(ask_user(prefixed, context={"aws:TagKeys": ["a", "b"]})) == []
    null = allow(condition={"Null": {"aws:TagKeys": "false"}})
    assert codes(ask_user(null, context={"aws:TagKeys": ["a", "b"]})) == []


@pytest.mark.parametrize("element", ["resource", "NotResource"])
def test_variable_without_a_value_is_remarked(element):
    pattern = "arn:aws:s3:::shop/${aws:PrincipalTag/team}/*"
    others = {"resource": [pattern], "NotResource": [pattern, OBJECT]}
    decision = ask_user(allow(**{element: others[element]}))
    assert codes(decision) == ["PE1407"]


def test_variable_with_a_default_or_a_value_is_not_remarked():
    with_default = allow(resource="arn:aws:s3:::shop/${aws:PrincipalTag/team, 'a'}/*")
    assert codes(ask_user(with_default)) == []
    plain = allow(resource="arn:aws:s3:::shop/${aws:PrincipalTag/team}/*")
    assert codes(ask_user(plain, context={"aws:PrincipalTag/team": "a"})) == []


def test_not_principal_that_lists_the_role_of_a_session_is_remarked():
    decision = ask_resource(deny(NotPrincipal={"AWS": [ROLE, ROOT]}), principal=SESSION)
    assert codes(decision) == ["PE1408"]


def test_not_principal_that_lists_the_caller_without_its_account_is_remarked():
    assert codes(ask_resource(deny(NotPrincipal={"AWS": USER}))) == ["PE1409"]
    for account in (ACCOUNT, ROOT):
        listed = {"AWS": [USER, account]}
        assert codes(ask_resource(deny(NotPrincipal=listed))) == []


def test_arn_beside_a_request_without_a_resource_is_remarked():
    # R-MATCH-04
    question = {"action": "s3:ListAllMyBuckets", "resource": "*"}
    assert codes(ask_user(allow(resource=BUCKET), **question)) == ["PE1410"]
    assert codes(ask_user(allow(resource=[BUCKET, "*"]), **question)) == []
    assert codes(ask_user(allow(resource="arn:aws:sqs:::x"), **question)) == []
    assert codes(ask_user(allow(resource=BUCKET))) == []


def test_resource_whose_account_is_taken_from_the_caller_is_remarked_on_the_request():
    decision = ask_user(allow(), facts=Facts.TYPED)
    assert [finding.code for finding in decision.request.findings] == ["PE1401"]
    told = ask_user(allow(), resource_account=ACCOUNT)
    assert told.request.findings == ()


def test_remark_is_made_once_and_points_into_its_policy():
    statement = allow(condition={"StringEquals": {"aws:TagKeys": ["a", "b"]}})
    twice = policy(statement, statement)
    decision = ask({Layer.IDENTITY_POLICY: [twice]}, context={"aws:TagKeys": ["a", "b"]})
    pointers = [note.location.pointer for note in notes_of(decision)]
    assert pointers == [
        "/Statement/0/Condition/StringEquals/aws:TagKeys",
        "/Statement/1/Condition/StringEquals/aws:TagKeys",
    ]


def test_remarks_change_no_answer():
    decision = ask_user(allow(), context={"aws:SourceVpce": "vpce-1"})
    before = repr(decision)
    notes_of(decision)
    assert repr(decision) == before
    assert decision.allowed
