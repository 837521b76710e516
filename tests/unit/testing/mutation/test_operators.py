"""From a policy to its mutants."""

import json

import pytest
from tests.unit.testing.mutation.making import changes, mutants, policy_of, statement

from policyeval.parsing.policy import parse_policy
from policyeval.policy import PolicyType
from policyeval.testing.mutation import MutationError, Operator, operators_named
from policyeval.testing.mutation.operators import MOST_OF_A_STATEMENT, mutants_of

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
USER = "arn:aws:iam::111122223333:user/ana"
ROOT = "arn:aws:iam::111122223333:root"


def test_statement_is_dropped_and_its_effect_flipped():
    found = changes(statement(Sid="Read"))
    assert found["M1"] == ["statement Read dropped"]
    assert found["M2"] == ["Effect Allow becomes Deny"]


def test_each_condition_key_is_dropped_and_then_all_of_them():
    condition = {"StringEquals": {"s3:prefix": "a", "aws:SourceVpce": "v"}, **MFA}
    found = changes(statement(Condition=condition))
    assert found["M3"] == [
        "Condition StringEquals s3:prefix dropped",
        "Condition StringEquals aws:SourceVpce dropped",
        "Condition Bool aws:MultiFactorAuthPresent dropped",
    ]
    assert found["M4"] == ["Condition dropped"]


def test_lone_condition_is_dropped_once():
    found = changes(statement(Condition=MFA))
    assert found["M3"] == ["Condition Bool aws:MultiFactorAuthPresent dropped"]
    assert "M4" not in found


@pytest.mark.parametrize(
    ("operator", "value", "others"),
    [
        ("StringEquals", "a", ["StringNotEquals", "StringLike"]),
        ("StringNotLike", "a*", ["StringLike", "StringNotEquals"]),
        ("ArnLike", "arn:aws:iam::*:role/*", ["ArnNotLike"]),
        ("NotIpAddress", "10.0.0.0/8", ["IpAddress"]),
        ("NumericLessThan", "5", ["NumericGreaterThanEquals", "NumericLessThanEquals"]),
        ("DateGreaterThanEquals", "2026-01-01", ["DateLessThan", "DateGreaterThan"]),
        ("BinaryEquals", "YQ==", []),
    ],
)
def test_operator_is_negated_and_taken_for_its_neighbour(operator, value, others):
    found = changes(statement(Condition={operator: {"k:k": value}}))
    assert found.get("M5", []) == [f"k:k {operator} becomes {other}" for other in others]


@pytest.mark.parametrize(
    ("operator", "old", "new"), [("Bool", "true", "false"), ("Null", "false", "true")]
)
def test_operators_without_negation_ask_for_the_opposite(operator, old, new):
    found = changes(statement(Condition={operator: {"aws:SecureTransport": old}}))
    assert f"aws:SecureTransport {old} becomes {new}" in found["M5"]


def test_if_exists_is_put_on_and_taken_off():
    assert changes(statement(Condition=MFA))["M6"] == [
        "aws:MultiFactorAuthPresent Bool becomes BoolIfExists"
    ]
    loose = {"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": "a"}}
    found = changes(statement(Condition=loose))
    assert found["M6"] == [
        "aws:TagKeys ForAnyValue:StringEqualsIfExists becomes ForAnyValue:StringEquals"
    ]
    assert found["M7"] == [
        "aws:TagKeys ForAnyValue:StringEqualsIfExists becomes ForAllValues:StringEqualsIfExists"
    ]


def test_null_has_no_if_exists():
    assert "M6" not in changes(statement(Condition={"Null": {"aws:TokenIssueTime": "true"}}))


def test_actions_and_resources_become_wider_and_fewer():
    found = changes(
        statement(
            Action=["s3:GetObject", "s3:Put*"], Resource=["arn:aws:s3:::a", "arn:aws:s3:::b/*"]
        )
    )
    assert found["M8"] == [
        "Action s3:GetObject becomes s3:*",
        "Action s3:Put* becomes s3:*",
        "Resource arn:aws:s3:::a becomes *",
        "Resource arn:aws:s3:::a becomes arn:aws:s3:::a*",
        "Resource arn:aws:s3:::b/* becomes *",
    ]
    assert found["M9"] == [
        "Action s3:GetObject dropped",
        "Action s3:Put* dropped",
        "Resource arn:aws:s3:::b/* becomes arn:aws:s3:::b/",
        "Resource arn:aws:s3:::a dropped",
        "Resource arn:aws:s3:::b/* dropped",
    ]


def test_whole_service_becomes_everything():
    assert changes(statement(Action="s3:*", Resource="*"))["M8"] == ["Action s3:* becomes *"]


def test_dropping_an_exception_makes_wider():
    raw = {"NotAction": ["iam:*", "sts:*"], "NotResource": ["arn:aws:s3:::a", "arn:aws:s3:::b"]}
    found = changes(statement("Deny", **raw))
    assert found["M8"] == [
        "NotAction iam:* dropped",
        "NotAction sts:* dropped",
        "NotResource arn:aws:s3:::a dropped",
        "NotResource arn:aws:s3:::b dropped",
    ]
    assert "M9" not in found


def test_last_value_of_a_clause_is_never_dropped():
    listed = {"StringEquals": {"s3:prefix": ["a", "b"], "aws:SourceVpce": ["v"]}}
    dropped = [text for text in changes(statement(Condition=listed))["M9"] if "value" in text]
    assert dropped == ["s3:prefix value a dropped", "s3:prefix value b dropped"]


def test_principals_become_everyone_and_their_account():
    found = changes(
        statement(Principal={"AWS": [USER, ROOT], "Service": "lambda.amazonaws.com"}),
        type=PolicyType.RESOURCE,
    )
    assert found["M10"] == [
        f"Principal {USER} becomes *",
        f"Principal {USER} becomes {ROOT}",
        f"Principal {ROOT} becomes *",
        "Principal lambda.amazonaws.com becomes *",
    ]
    assert f"Principal {USER} dropped" in found["M9"]


def test_what_the_policy_may_not_hold_is_not_made():
    deny = statement(
        "Deny",
        Principal="*",
        Action="s3:*",
        Resource="*",
        Condition={"Null": {"aws:ViaAWSService": "true"}},
    )
    found = changes(deny, type=PolicyType.RCP)
    assert "M2" not in found  # R-LANG-04: an RCP has Deny statements alone
    assert found["M8"] == ["Action s3:* becomes *"]


def test_allow_with_not_principal_is_not_made():
    deny = statement("Deny", NotPrincipal={"AWS": [USER, ROOT]})
    assert "M2" not in changes(deny, type=PolicyType.RESOURCE)


def test_changed_operator_keeps_the_clauses_of_the_block_it_joins():
    condition = {
        "StringEquals": {"s3:prefix": "a", "aws:SourceVpce": "v"},
        "StringLike": {"s3:delimiter": "b*"},
    }
    made = [
        each.statement.condition
        for each in mutants(statement(Condition=condition))
        if each.change.new == "StringLike" and each.change.key == "s3:prefix"
    ]
    clauses = {(clause.operator.name, clause.key) for clause in made[0]}
    assert clauses == {
        ("StringEquals", "aws:SourceVpce"),
        ("StringLike", "s3:delimiter"),
        ("StringLike", "s3:prefix"),
    }


def test_changed_operator_never_takes_the_place_of_another_clause():
    condition = {"StringEquals": {"s3:prefix": "a"}, "StringLike": {"S3:Prefix": "b*"}}
    for mutant in mutants(statement(Condition=condition)):
        if mutant.operator is Operator.SWAP_OPERATOR:
            assert len(mutant.statement.condition) == 2


def test_mutant_is_read_as_aws_reads_the_file():
    like = [
        each.statement.condition[0].values[0]
        for each in mutants(statement(Condition={"StringEquals": {"s3:prefix": "a*"}}))
        if each.change.new == "StringLike"
    ]
    assert len(like[0].pieces) == 2  # the star is a wildcard now


def test_policies_without_text_have_the_same_mutants():
    raw = statement(Condition={"Bool": {"aws:SecureTransport": True}}, Sid="A")
    document = {"Version": "2012-10-17", "Statement": raw}
    from_dict, _ = mutants_of(parse_policy(document))
    from_text, _ = mutants_of(parse_policy(json.dumps(document)))
    assert len(from_dict) == len(from_text) > 5
    assert [each.statement for each in from_dict] == [each.statement for each in from_text]


def test_no_two_mutants_of_a_statement_say_the_same():
    made = mutants(statement(Action=["s3:GetObject", "s3:GetObject"], Condition=MFA))
    said = [
        (
            each.statement.effect,
            each.statement.action,
            each.statement.resource,
            each.statement.condition,
        )
        for each in made
        if each.statement
    ]
    assert len(said) == len(set(said))


def test_statement_of_thousands_of_items_has_a_bounded_number_of_mutants():
    policy = policy_of(statement(Action=[f"s3:Get{number}" for number in range(600)]))
    made, more = mutants_of(policy)
    assert len(made) == MOST_OF_A_STATEMENT
    assert more == [policy.statements[0]]


def test_operators_are_chosen_by_number_or_name():
    assert operators_named("m1, widen") == {Operator.DROP_STATEMENT, Operator.WIDEN}
    assert operators_named("") == set(Operator)
    only, _ = mutants_of(policy_of(statement()), operators=operators_named("M2"))
    assert [each.operator for each in only] == [Operator.FLIP_EFFECT]


def test_unknown_operator_is_an_error_with_the_nearest_name():
    with pytest.raises(MutationError) as caught:
        operators_named("drop-statment")
    (finding,) = caught.value.findings
    assert finding.code == "PE2320"
    assert "drop-statement" in finding.help
