"""Unknown answers are settled by the values that make a difference (R-FLOW-20)."""

import pytest
from tests.unit.asking import ROLE, SESSION, USER, allow, ask, ask_resource, ask_user, deny, policy

from policyeval.context import ABSENT, PRESENT, UNKNOWN, Facts
from policyeval.decision import Verdict
from policyeval.stack import Layer

KEY = "app:key"


def verdicts(decision):
    return {alternative.verdict for alternative in decision.alternatives}


def only_if(operator, wanted, key=KEY):
    return allow(condition={operator: {key: wanted}})


def not_if(operator, wanted, key=KEY):
    return deny(condition={operator: {key: wanted}})


def asked(*statements, state=UNKNOWN, key=KEY):
    return ask_user(*statements, context={key: state})


# ---- answers that do not depend on the fact -----------------------------------------------


@pytest.mark.parametrize(
    "statements",
    [
        (only_if("StringEquals", "a"), only_if("StringNotEquals", "a")),
        (only_if("StringLike", "a*"), only_if("StringNotLike", "a*")),
        (only_if("Null", "true"), only_if("Null", "false")),
        (only_if("StringEqualsIfExists", "a"), only_if("StringNotEquals", "a")),
        (allow(), not_if("StringEquals", [])),
    ],
)
def test_answer_that_every_value_leads_to_is_given(statements):
    decision = asked(*statements)
    assert decision.allowed
    assert decision.missing == ()
    assert decision.alternatives == ()


def test_denial_that_every_value_leads_to_is_given_with_its_blocking_layers():
    decision = asked(allow(), not_if("StringEquals", "a"), not_if("StringNotEquals", "a"))
    assert decision.verdict is Verdict.EXPLICIT_DENY
    assert decision.blocking == (Layer.IDENTITY_POLICY,)
    assert decision.missing == ()


def test_denial_whose_kind_alone_is_open_is_implicit_and_names_the_fact():
    # R-FLOW-17
    decision = asked(not_if("StringEquals", "a"))
    assert decision.verdict is Verdict.IMPLICIT_DENY
    assert decision.missing == (KEY,)
    assert decision.blocking == (Layer.IDENTITY_POLICY,)
    assert decision.alternatives == ()


@pytest.mark.parametrize(
    ("key", "statement"),
    [
        ("aws:CurrentTime", not_if("DateLessThan", "2026/01/01", "aws:CurrentTime")),
        ("aws:SourceIp", not_if("IpAddress", "x", "aws:SourceIp")),
        (KEY, not_if("NumericEquals", "five")),
        (KEY, not_if("BinaryEquals", "!")),
        (KEY, not_if("ArnEquals", "nonsense")),
    ],
)
def test_condition_whose_values_match_nothing_leaves_nothing_open(key, statement):
    # Whatever the key's value, the Deny does not apply.
    assert asked(allow(), statement, state=PRESENT, key=key).allowed
    assert asked(allow(), statement, key=key).allowed


# ---- answers that do ----------------------------------------------------------------------


@pytest.mark.parametrize("state", [UNKNOWN, PRESENT])
@pytest.mark.parametrize(
    "statements",
    [
        (only_if("StringEquals", "a"),),
        (only_if("StringEquals", "some-other-value"),),
        (only_if("StringNotEquals", "a"),),
        (only_if("StringLike", "s*"),),
        (only_if("StringLike", "*value"),),
        (only_if("StringLike", "*-*"),),
        (only_if("StringLike", "?*"),),
        (only_if("StringLikeIfExists", "so*"),),
        (only_if("StringEqualsIgnoreCase", "SOME-OTHER-VALUE"),),
        (only_if("StringLike", "?"), not_if("StringEquals", "x")),
        (only_if("StringLike", "x*"), not_if("StringEquals", "xany")),
        (only_if("StringLike", ["a?", "b*"]), not_if("StringEquals", ["ax", "bany"])),
        (only_if("NumericLessThan", "5"),),
        (only_if("NumericLessThan", "1" + "0" * 30),),
        (
            only_if("NumericEquals", "5"),
            not_if("NumericEquals", "5.00"),
            only_if("NumericEquals", "7"),
        ),
        (only_if("NumericGreaterThan", "5"), not_if("NumericGreaterThan", "5.0000000001")),
        (only_if("NumericLessThan", "5"), only_if("NumericGreaterThanEquals", "5")),
        (only_if("DateLessThan", "2026-05-01"),),
        (only_if("DateEquals", "2026-05-01T00:00:00.5Z"),),
        (
            allow(
                condition={
                    "DateGreaterThan": {KEY: "2026-05-01T00:00:00.1Z"},
                    "DateLessThan": {KEY: "2026-05-01T00:00:00.2Z"},
                }
            ),
        ),
        (only_if("DateLessThan", "0999-05-01"),),
        (only_if("DateGreaterThan", "9999-12-31T23:59:59Z"),),
        (only_if("Bool", "true"),),
        (only_if("Bool", ["true", "false"]),),
        (only_if("IpAddress", "10.0.0.0/8"),),
        (only_if("IpAddress", "0.0.0.0/0"),),
        (only_if("IpAddress", "::/0"),),
        (only_if("NotIpAddress", ["0.0.0.0/1", "128.0.0.0/1"]),),
        (only_if("ArnLike", "arn:aws:s3:::*"),),
        (only_if("ArnLike", "arn:*:*:*:*:*"),),
        (only_if("BinaryEquals", "YQ=="),),
        (only_if("StringEquals", "a"), only_if("NumericEquals", "5")),
    ],
)
def test_answer_that_depends_on_the_value_is_unknown_and_names_the_key(statements, state):
    decision = asked(*statements, state=state)
    assert decision.unknown
    assert decision.missing == (KEY,)
    assert Verdict.ALLOWED in verdicts(decision)
    assert len(verdicts(decision)) > 1


@pytest.mark.parametrize(
    "statement",
    [
        only_if("Null", "true"),
        only_if("Null", "false"),
        only_if("ForAllValues:StringEquals", []),
        only_if("StringEqualsIfExists", []),
    ],
)
def test_answer_that_depends_on_whether_the_key_is_there_is_unknown(statement):
    decision = asked(statement)
    assert decision.unknown
    assert decision.missing == (KEY,)
    absent = ask_user(statement, context={KEY: ABSENT})
    given = ask_user(statement, context={KEY: ""})
    assert verdicts(decision) == {absent.verdict, given.verdict}


def test_typed_request_does_not_guess_the_user_agent():
    statement = allow(condition={"StringLike": {"aws:UserAgent": "*e*"}})
    decision = ask_user(statement, facts=Facts.TYPED)
    assert decision.unknown
    assert decision.missing == ("aws:UserAgent",)


def test_typed_request_does_not_guess_the_version_of_the_source_address():
    statement = allow(condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})
    assert ask_user(statement, facts=Facts.TYPED).unknown


def test_several_values_of_a_multivalued_key_are_reckoned_with():
    # R-COND-05: a plain operator on several values is false, and so is its negated twin.
    key = "aws:TagKeys"
    statements = (
        allow(),
        deny(condition={"StringEquals": {key: "a"}}),
        deny(condition={"StringNotEquals": {key: "a"}}),
    )
    assert ask_user(*statements, context={key: ["a", "b"]}).allowed
    assert ask_user(*statements, context={key: UNKNOWN}).unknown


def test_facts_of_an_alternative_lead_to_its_answer():
    statements = (
        allow(condition={"StringEquals": {"a:one": "x"}, "NumericLessThan": {"a:two": "5"}}),
        deny(condition={"Bool": {"a:three": "true"}}),
    )
    keys = dict.fromkeys(("a:one", "a:two", "a:three"), UNKNOWN)
    decision = ask_user(*statements, context=keys)
    assert decision.unknown
    assert set(decision.missing) == set(keys)
    assert verdicts(decision) == {
        Verdict.ALLOWED,
        Verdict.EXPLICIT_DENY,
        Verdict.IMPLICIT_DENY,
    }
    for alternative in decision.alternatives:
        context = {key: ABSENT if value is None else value for key, value in alternative.facts}
        assert ask_user(*statements, context=context).verdict is alternative.verdict


def test_fact_that_makes_no_difference_is_not_named_as_missing():
    statements = (
        only_if("StringEquals", "a", "a:one"),
        allow(condition={"StringEquals": {"a:one": "a", "a:two": "b"}}),
    )
    decision = ask_user(*statements, context={"a:one": UNKNOWN, "a:two": UNKNOWN})
    assert decision.missing == ("a:one",)


def test_key_is_named_as_the_statement_spells_it():
    decision = ask_user(only_if("StringEquals", "a", "App:KEY"), context={"app:key": UNKNOWN})
    assert decision.missing == ("App:KEY",)


def test_key_known_to_be_there_is_never_taken_as_absent():
    assert asked(only_if("Null", "false"), state=PRESENT).allowed
    assert asked(only_if("Null", "true"), state=PRESENT).denied
    decision = asked(only_if("StringEqualsIfExists", "a"), state=PRESENT)
    assert all(value is not None for one in decision.alternatives for _, value in one.facts)


# ---- facts that are no context keys -------------------------------------------------------


@pytest.mark.parametrize("operator", ["StringEquals", "StringEqualsIfExists", "StringNotEquals"])
def test_open_session_name_beside_an_open_key_stays_open(operator):
    statement = allow(Principal={"AWS": SESSION}, condition={operator: {KEY: "a"}})
    decision = ask_resource(statement, principal=ROLE, context={KEY: UNKNOWN})
    assert decision.unknown
    assert Verdict.ALLOWED in verdicts(decision)
    assert set(decision.missing) == {KEY, "principal:session_name"}


def test_layers_not_given_are_named_beside_the_keys():
    layers = {Layer.IDENTITY_POLICY: [policy(only_if("StringEquals", "a"))]}
    decision = ask(layers, facts=Facts.PARTIAL)
    assert decision.unknown
    assert {KEY, "policies:scp", "policies:boundary"} <= set(decision.missing)


def test_path_of_a_role_is_a_missing_fact_where_a_pattern_names_one():
    # R-CTX-01
    pattern = "arn:aws:iam::111122223333:role/team/*"
    statement = allow(condition={"ArnLike": {"aws:PrincipalArn": pattern}})
    layers = {Layer.IDENTITY_POLICY: [policy(statement)]}
    decision = ask(layers, principal=SESSION, facts=Facts.TYPED)
    assert decision.unknown
    assert decision.missing == ("aws:PrincipalArn",)
    told = {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/team/dev"}
    assert ask(layers, principal=SESSION, facts=Facts.TYPED, context=told).allowed
    assert ask(layers, principal=USER, facts=Facts.TYPED).denied


# ---- many and extreme values --------------------------------------------------------------


def test_many_listed_values_are_settled_or_left_open_but_never_wrong():
    values = [f"v{number}" for number in range(200)]
    decision = asked(only_if("StringEquals", values))
    assert decision.unknown
    assert decision.missing == (KEY,)


def test_many_unknown_keys_are_left_open():
    keys = [f"a:k{number}" for number in range(30)]
    condition = {"StringEquals": dict.fromkeys(keys, "x")}
    decision = ask_user(allow(condition=condition), context=dict.fromkeys(keys, UNKNOWN))
    assert decision.unknown
    assert set(decision.missing) == set(keys)
    assert verdicts(decision) == {Verdict.ALLOWED, Verdict.IMPLICIT_DENY}


@pytest.mark.parametrize(
    ("operator", "wanted"),
    [
        ("NumericLessThan", "9" * 1_000_001),
        ("NumericGreaterThan", "-" + "9" * 100_000),
        ("NumericLessThan", "0." + "9" * 100_000),
        ("DateLessThan", "9" * 18),
        ("DateLessThan", "0000-01-01"),
        ("IpAddress", "::/0"),
        ("IpAddress", "255.255.255.255"),
        ("StringLike", "*" * 10_000),
    ],
)
def test_extreme_value_is_settled_without_an_error(operator, wanted):
    asked(only_if(operator, wanted))
    asked(only_if(operator, wanted), state=PRESENT)


def test_alternatives_of_values_that_cannot_all_be_tried_are_called_examples():
    # A variable may hold anything: the values tried are not all that make a difference.
    team = "aws:PrincipalTag/team"
    open_resource = deny(resource="arn:aws:s3:::${aws:PrincipalTag/team}*")
    decision = asked(allow(), not_if("StringEquals", "x", team), open_resource, key=team)
    assert (decision.unknown, decision.inexact) == (True, True)
    assert not asked(only_if("StringEquals", "a")).inexact
