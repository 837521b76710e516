"""What is proved, what is not, and why."""

import pytest
from tests.unit.testing.mutation.making import proof, statement

from policyeval.policy import PolicyType
from policyeval.stack import Layer

IDENTITY, RESOURCE = Layer.IDENTITY_POLICY, Layer.RESOURCE_POLICY
PREFIX = "s3:prefix"


def condition(operator, key, *values):
    return {operator: {key: list(values)}}


def clause_proof(operator, key, values, words):
    raw = statement(Condition={operator: {key: values}})
    return proof(IDENTITY, f"{key} {words}", raw)


@pytest.mark.parametrize(
    ("operator", "key", "values", "words", "reason"),
    [
        (
            "StringNotEquals",
            PREFIX,
            "a",
            "StringNotEquals becomes StringNotEqualsIfExists",
            "absent-key",
        ),
        (
            "NotIpAddressIfExists",
            "aws:SourceIp",
            "10.0.0.0/8",
            "NotIpAddressIfExists becomes NotIpAddress",
            "absent-key",
        ),
        (
            "ForAnyValue:StringLike",
            "aws:TagKeys",
            "a*",
            "ForAnyValue:StringLike becomes ForAnyValue:StringLikeIfExists",
            "set-operator",
        ),
        (
            "ForAllValues:StringLike",
            "aws:TagKeys",
            "a*",
            "ForAllValues:StringLike becomes ForAllValues:StringLikeIfExists",
            "set-operator",
        ),
        ("StringEquals", PREFIX, "a", "StringEquals becomes StringLike", "same-operator"),
        (
            "StringNotLike",
            PREFIX,
            ["a", "b"],
            "StringNotLike becomes StringNotEquals",
            "same-operator",
        ),
        ("Bool", "aws:SecureTransport", "false", "Bool becomes BoolIfExists", "always-present"),
        (
            "DateLessThan",
            "aws:CurrentTime",
            "2026-01-01",
            "DateLessThan becomes DateLessThanIfExists",
            "always-present",
        ),
        ("StringLike", PREFIX, ["a*", "ab*"], "value ab* dropped", "same-meaning"),
        ("StringNotLike", PREFIX, ["a*", "ab*"], "value ab* dropped", "same-meaning"),
        (
            "IpAddress",
            "aws:SourceIp",
            ["10.0.0.0/8", "10.1.0.0/16"],
            "value 10.1.0.0/16 dropped",
            "same-meaning",
        ),
        ("NumericLessThan", "s3:max-keys", ["5", "7"], "value 5 dropped", "same-meaning"),
        (
            "NumericGreaterThanEquals",
            "s3:max-keys",
            ["5", "7.0"],
            "value 7.0 dropped",
            "same-meaning",
        ),
        ("NumericEquals", "s3:max-keys", ["5", "5.0"], "value 5.0 dropped", "same-meaning"),
        ("NumericEquals", "s3:max-keys", ["5", "five"], "value five dropped", "same-meaning"),
        (
            "DateGreaterThan",
            "aws:CurrentTime",
            ["2026-01-01", "2027-01-01"],
            "value 2027-01-01 dropped",
            "same-meaning",
        ),
        (
            "ArnLike",
            "aws:PrincipalArn",
            ["arn:aws:iam::*:role/*", "arn:aws:iam::1:role/a"],
            "value arn:aws:iam::1:role/a dropped",
            "same-meaning",
        ),
        ("StringEqualsIgnoreCase", PREFIX, ["a", "A"], "value A dropped", "same-meaning"),
        (
            "StringLike",
            PREFIX,
            ["*", "${aws:username}"],
            "value ${aws:username} dropped",
            "same-meaning",
        ),
        (
            "ForAllValues:StringLike",
            "aws:TagKeys",
            "*",
            "ForAllValues:StringLike becomes ForAllValues:StringLikeIfExists",
            "set-operator",
        ),
    ],
)
def test_clause_that_means_the_same_is_proved(operator, key, values, words, reason):
    assert clause_proof(operator, key, values, words)[0] == reason


@pytest.mark.parametrize(
    ("operator", "key", "values", "words"),
    [
        ("StringEquals", PREFIX, "a", "StringEquals becomes StringEqualsIfExists"),
        ("StringEquals", PREFIX, "a*", "StringEquals becomes StringLike"),
        ("StringEquals", PREFIX, "a", "StringEquals becomes StringNotEquals"),
        ("StringLike", PREFIX, ["a*", "b*"], "value b* dropped"),
        ("StringLike", PREFIX, ["a?", "a*"], "value a* dropped"),
        ("StringEquals", PREFIX, ["a", "A"], "value A dropped"),
        ("StringEquals", PREFIX, ["${aws:username}", "a"], "value ${aws:username} dropped"),
        (
            "ForAllValues:StringLike",
            "aws:TagKeys",
            "a*",
            "ForAllValues:StringLike becomes ForAnyValue:StringLike",
        ),
        ("NumericLessThan", "s3:max-keys", "5", "NumericLessThan becomes NumericLessThanEquals"),
        ("NumericLessThan", "s3:max-keys", ["5", "7"], "value 7 dropped"),
        (
            "IpAddress",
            "aws:SourceIp",
            ["10.0.0.0/8", "2001:db8::/32"],
            "value 2001:db8::/32 dropped",
        ),
        ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "0.0.0.0/0"], "value 0.0.0.0/0 dropped"),
        (
            "ArnLike",
            "aws:PrincipalArn",
            ["arn:aws:iam::*:role/a", "arn:aws:iam::1:role/*"],
            "value arn:aws:iam::1:role/* dropped",
        ),
        ("Bool", "aws:MultiFactorAuthPresent", "true", "Bool becomes BoolIfExists"),
        ("Bool", "aws:SecureTransport", "false", "false becomes true"),
    ],
)
def test_clause_that_may_differ_is_not_proved(operator, key, values, words):
    assert clause_proof(operator, key, values, words) is None


def test_list_that_covers_the_dropped_item_says_the_same():
    raw = statement(Action=["s3:Get*", "s3:GetObject", "S3:PUTOBJECT", "s3:PutObject"])
    assert proof(IDENTITY, "Action s3:GetObject dropped", raw) == ("same-meaning", "")
    assert proof(IDENTITY, "Action s3:PutObject dropped", raw) == ("same-meaning", "")
    assert proof(IDENTITY, "Action s3:Get* dropped", raw) is None


def test_resource_is_compared_as_its_layer_reads_it():
    raw = statement(Resource=["arn:aws:sqs", "arn:aws:sqs:eu-west-1:1:q"])
    words = "Resource arn:aws:sqs:eu-west-1:1:q dropped"
    # R-MATCH-03: completed in identity policies, not in resource policies.
    assert proof(IDENTITY, words, raw) == ("same-meaning", "")
    assert proof(RESOURCE, words, raw) is None


def test_statement_beside_a_wider_one_adds_nothing():
    narrow = statement(Sid="Narrow", Condition=condition("StringEquals", PREFIX, "a"))
    wide = statement(Sid="Wide", Action="s3:Get*")
    dropped = "statement Narrow dropped"
    assert proof(IDENTITY, dropped, narrow, wide) == ("shadowed", "Wide")
    assert proof(IDENTITY, "statement Wide dropped", wide, narrow) is None


def test_condition_that_follows_from_another_is_no_hindrance():
    narrow = statement(Sid="N", Condition=condition("NumericLessThan", "s3:max-keys", "5"))
    wide = statement(Sid="W", Condition=condition("NumericLessThanEquals", "s3:max-keys", "7"))
    present = statement(Sid="P", Condition=condition("Null", "s3:max-keys", "false"))
    assert proof(IDENTITY, "statement N dropped", narrow, wide) == ("shadowed", "W")
    assert proof(IDENTITY, "statement N dropped", narrow, present) == ("shadowed", "P")
    assert proof(IDENTITY, "statement P dropped", present, wide) is None


def test_dropped_item_may_be_covered_by_another_statement():
    two = statement(Action=["s3:GetObject", "s3:PutObject"])
    other = statement(Sid="Other", Action="s3:Put*", Resource="*")
    assert proof(IDENTITY, "Action s3:PutObject dropped", two, other) == ("shadowed", "Other")
    assert proof(IDENTITY, "Action s3:GetObject dropped", two, other) is None


def test_values_of_for_all_values_are_no_alternatives():
    two = statement(Condition=condition("ForAllValues:StringEquals", "aws:TagKeys", "a", "b"))
    other = statement(Sid="O", Condition=condition("ForAllValues:StringEquals", "aws:TagKeys", "b"))
    assert proof(IDENTITY, "aws:TagKeys value b dropped", two, other) is None


def test_allow_inside_a_deny_decides_nothing():
    allow = statement(Sid="A")
    deny = statement("Deny", Sid="D", Action="s3:*", Resource="*")
    assert proof(IDENTITY, "statement A dropped", allow, deny) == ("overridden", "D")
    assert proof(IDENTITY, "Effect Allow becomes Deny", allow, deny) == ("overridden", "D")
    partly = statement("Deny", Sid="D", Condition=condition("StringEquals", PREFIX, "a"))
    assert proof(IDENTITY, "statement A dropped", allow, partly) is None


def test_statement_that_matches_nothing_may_say_anything():
    raw = statement(Sid="A", Condition=condition("NumericEquals", "s3:max-keys", "five"))
    assert proof(IDENTITY, "Effect Allow becomes Deny", raw) == ("never-matches", "")
    both = {"Null": {PREFIX: "true"}, "StringEquals": {PREFIX: "a"}}
    contradiction = statement(Sid="A", Condition=both)
    assert proof(IDENTITY, "statement A dropped", contradiction) == ("never-matches", "")


def test_principals_are_compared_by_how_much_they_grant():
    user, role = ("arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:role/r")
    one = statement(Sid="One", Principal={"AWS": user})
    every = statement(Sid="Every", Principal="*")
    others = statement(Sid="Others", Principal={"AWS": [role, user]})
    account = statement(Sid="Account", Principal={"AWS": "111122223333"})

    def of(*listed):
        return proof(RESOURCE, "statement One dropped", *listed, type=PolicyType.RESOURCE)

    assert of(one, every) == ("shadowed", "Every")
    assert of(one, others) == ("shadowed", "Others")
    # R-FLOW-08: an account delegates, which grants less than naming the user.
    assert of(one, account) is None


def test_deny_with_not_principal_hides_nothing_but_its_like():
    listed = {"AWS": "arn:aws:iam::111122223333:user/a"}
    deny = statement("Deny", Sid="D", NotPrincipal=listed)
    allow = statement(Sid="A", Principal={"AWS": "arn:aws:iam::111122223333:user/b"})
    found = proof(RESOURCE, "statement A dropped", allow, deny, type=PolicyType.RESOURCE)
    assert found is None


def test_bucket_policy_meets_its_own_bucket_alone():
    raw = statement(Principal="*", Resource=["arn:aws:s3:::b", "arn:aws:s3:::b/*"])
    words = "Resource arn:aws:s3:::b becomes *"
    owned = {"type": PolicyType.RESOURCE, "owners": ("arn:aws:s3:::b",)}
    assert proof(RESOURCE, words, raw, **owned) == ("own-resource", "arn:aws:s3:::b")
    assert proof(RESOURCE, words, raw, type=PolicyType.RESOURCE) is None
    partly = statement(Principal="*", Resource=["arn:aws:s3:::b/x/*", "arn:aws:s3:::b/y/*"])
    assert proof(RESOURCE, "Resource arn:aws:s3:::b/x/* becomes *", partly, **owned) is None


def test_allow_in_a_resource_control_policy_is_implied_anyway():
    full = statement(Sid="Full", Principal="*", Action="*", Resource="*")
    layer = Layer.RESOURCE_CONTROL_POLICY
    assert proof(layer, "statement Full dropped", full, type=None) == ("implied-in-rcps", "")
