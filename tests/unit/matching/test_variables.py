"""Policy variables (R-MATCH-07)."""

import pytest
from tests.unit.asking import BUCKET, SESSION, allow, ask, ask_user, deny, policy

from policyeval.context import ABSENT, UNKNOWN
from policyeval.stack import Layer

HOME = "arn:aws:s3:::shop/${aws:username}/*"
TAGGED = "arn:aws:s3:::shop/${aws:PrincipalTag/team}/*"
TAG = "aws:PrincipalTag/team"


def reads(pattern, resource, **question):
    return ask_user(allow(resource=pattern), resource=resource, **question)


def test_variable_in_a_resource_stands_for_the_requests_value():
    assert reads(HOME, "arn:aws:s3:::shop/ana/a").allowed
    assert reads(HOME, "arn:aws:s3:::shop/bob/a").denied


def test_key_of_a_variable_is_found_in_any_letter_case():
    assert reads("arn:aws:s3:::shop/${AWS:UserName}/*", "arn:aws:s3:::shop/ana/a").allowed


@pytest.mark.parametrize("value", ["*", "?", "a*", "${aws:username}", "$", "}"])
def test_value_of_a_variable_is_literal_text(value):
    context = {TAG: value}
    assert reads(TAGGED, f"arn:aws:s3:::shop/{value}/x", context=context).allowed
    assert reads(TAGGED, "arn:aws:s3:::shop/aa/x", context=context).denied
    condition = {"StringLike": {"app:key": "${aws:PrincipalTag/team}"}}
    assert ask_user(allow(condition=condition), context={TAG: value, "app:key": value}).allowed
    assert ask_user(allow(condition=condition), context={TAG: value, "app:key": "aa"}).denied


@pytest.mark.parametrize("value", [ABSENT, [], ["a", "b"]])
def test_variable_without_one_value_makes_its_text_match_nothing(value):
    context = {TAG: value}
    assert reads(TAGGED, "arn:aws:s3:::shop/a/x", context=context).denied
    # In NotResource and negated conditions it is the text that drops out.
    both = allow(NotResource=[TAGGED, "arn:aws:s3:::other/*"])
    assert ask_user(both, resource="arn:aws:s3:::shop/a/x", context=context).allowed
    assert ask_user(both, resource="arn:aws:s3:::other/x", context=context).denied
    condition = {"StringNotEquals": {"app:key": ["${aws:PrincipalTag/team}", "b"]}}
    assert ask_user(allow(condition=condition), context={**context, "app:key": "a"}).allowed
    assert ask_user(allow(condition=condition), context={**context, "app:key": "b"}).denied


def test_variable_with_several_values_is_not_the_empty_text():
    assert reads(
        "arn:aws:s3:::shop${aws:PrincipalTag/team}", BUCKET, context={TAG: ["a", "b"]}
    ).denied
    condition = {"StringEquals": {"app:key": "${aws:PrincipalTag/team}"}}
    context = {TAG: ["a", "b"], "app:key": ""}
    assert ask_user(allow(condition=condition), context=context).denied


def test_default_stands_in_for_an_absent_key_alone():
    pattern = "arn:aws:s3:::shop/${aws:PrincipalTag/team, 'none'}/*"
    assert reads(pattern, "arn:aws:s3:::shop/none/x").allowed
    assert reads(pattern, "arn:aws:s3:::shop/none/x", context={TAG: "a"}).denied
    assert reads(pattern, "arn:aws:s3:::shop/a/x", context={TAG: "a"}).allowed
    assert reads(pattern, "arn:aws:s3:::shop/none/x", context={TAG: ["a", "b"]}).denied


def test_default_is_literal_text():
    pattern = "arn:aws:s3:::shop/${aws:PrincipalTag/team, '*'}/x"
    assert reads(pattern, "arn:aws:s3:::shop/*/x").allowed
    assert reads(pattern, "arn:aws:s3:::shop/a/x").denied


@pytest.mark.parametrize("char", ["*", "?", "$"])
def test_escaped_character_is_literal(char):
    pattern = f"arn:aws:s3:::shop/a${{{char}}}b"
    assert reads(pattern, f"arn:aws:s3:::shop/a{char}b").allowed
    assert reads(pattern, "arn:aws:s3:::shop/axb").denied


def test_document_of_2008_takes_variables_as_literal_text():
    old = policy(allow(resource="arn:aws:s3:::shop/${aws:username}"), version="2008-10-17")
    layers = {Layer.IDENTITY_POLICY: [old]}
    assert ask(layers, resource="arn:aws:s3:::shop/${aws:username}").allowed
    assert ask(layers, resource="arn:aws:s3:::shop/ana").denied


def test_variable_before_the_fifth_colon_matches_nothing():
    statement = allow(resource="arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:orders")
    resource = "arn:aws:sqs:eu-west-1:111122223333:orders"
    assert ask_user(statement, action="sqs:SendMessage", resource=resource).denied


def test_malformed_variable_matches_nothing():
    assert reads("arn:aws:s3:::shop/${aws: username}", "arn:aws:s3:::shop/ana").denied
    assert reads("arn:aws:s3:::shop/${}", "arn:aws:s3:::shop/").denied
    assert ask_user(
        allow(), deny(NotResource="arn:aws:s3:::shop/${}"), resource="arn:aws:s3:::shop/x"
    ).denied


def test_several_variables_in_one_text_are_all_put_in():
    pattern = "arn:aws:s3:::shop/${aws:username}-${aws:PrincipalTag/team}/*"
    assert reads(pattern, "arn:aws:s3:::shop/ana-a/x", context={TAG: "a"}).allowed
    assert reads(pattern, "arn:aws:s3:::shop/ana-/x").denied


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "tag"),
    [
        ("StringEquals", "${aws:PrincipalTag/team}", "a", "a"),
        ("StringEqualsIgnoreCase", "x${aws:PrincipalTag/team}", "XA", "a"),
        ("StringLike", "${aws:PrincipalTag/team}*", "abc", "a"),
        ("ArnLike", "arn:aws:s3:::${aws:PrincipalTag/team}/*", "arn:aws:s3:::a/x", "a"),
        ("Bool", "${aws:PrincipalTag/team}", "TRUE", "true"),
        ("ForAnyValue:StringEquals", "${aws:PrincipalTag/team}", ["b", "a"], "a"),
    ],
)
def test_variable_in_a_condition_value_stands_for_the_requests_value(operator, wanted, given, tag):
    statement = allow(condition={operator: {"app:key": wanted}})
    assert ask_user(statement, context={"app:key": given, TAG: tag}).allowed
    assert ask_user(statement, context={"app:key": given, TAG: "other"}).denied
    assert ask_user(statement, context={"app:key": given}).denied


@pytest.mark.parametrize("operator", ["NumericEquals", "DateEquals", "IpAddress", "BinaryEquals"])
def test_variable_under_other_operators_is_literal_text(operator):
    statement = allow(condition={operator: {"app:key": "${aws:PrincipalTag/team}"}})
    assert ask_user(statement, context={"app:key": "5", TAG: "5"}).denied


def test_arn_pattern_with_a_colon_from_a_variable_keeps_six_parts():
    # The substituted text is cut like the rest of the pattern: it may not move the fields.
    statement = allow(condition={"ArnLike": {"app:key": "arn:aws:s3:::${aws:PrincipalTag/team}"}})
    context = {"app:key": "arn:aws:s3:::a:b", TAG: "a:b"}
    assert ask_user(statement, context=context).allowed


def test_one_policy_answers_many_values_of_its_variable():
    # More values than the compiled patterns that are remembered.
    statement = policy(
        allow(resource=TAGGED, condition={"StringEquals": {"app:key": f"${{{TAG}}}"}})
    )
    for number in range(600):
        context = {TAG: f"t{number}", "app:key": f"t{number}"}
        layers = {Layer.IDENTITY_POLICY: [statement]}
        assert ask(layers, resource=f"arn:aws:s3:::shop/t{number}/x", context=context).allowed
        assert ask(layers, resource="arn:aws:s3:::shop/t/x", context=context).denied


def test_unknown_variable_leaves_the_answer_open_where_the_rest_fits():
    context = {TAG: UNKNOWN}
    assert reads(TAGGED, "arn:aws:s3:::shop/a/x", context=context).unknown
    assert reads(TAGGED, "arn:aws:s3:::other/a/x", context=context).denied
    decision = reads(TAGGED, "arn:aws:s3:::shop/a/x", context=context)
    assert decision.missing == (TAG,)


def test_session_without_a_user_name_fails_a_variable_of_it():
    layers = {Layer.IDENTITY_POLICY: [policy(allow(resource=HOME))]}
    assert ask(layers, principal=SESSION, resource="arn:aws:s3:::shop/dev/a").denied
