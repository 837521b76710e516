"""Asserts on a handle, an environment and a stack; in unittest too."""

import io
import re
import unittest
from pathlib import Path

import pytest

from policyeval import (
    ABSENT,
    UNKNOWN,
    Layer,
    PolicyEvalError,
    PolicyStack,
    Verdict,
    load_environment,
    parse_policy,
)
from policyeval.testing import Iam, assert_allowed, assert_denied, assert_unknown

ROOT = Path(__file__).parents[3]
HOUSE = load_environment(ROOT / "fixtures/environments/tamagotchi/environment.yaml")
SAVE = "tamagotchi/saves/ada.json"
KEEPER = "keeper/notebook"
ANA = "arn:aws:iam::111122223333:user/ana"
LOG = "arn:aws:s3:::logs/a.log"


def stack():
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},
            {
                "Sid": "OnlyHome",
                "Effect": "Deny",
                "Action": "s3:GetObjectAcl",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
            },
        ],
    }
    policy = parse_policy(document, name="ana.json")
    return PolicyStack.of({Layer.IDENTITY_POLICY: [policy]}, complete=list(Layer))


@pytest.fixture
def iam():
    return Iam(HOUSE)


# ---- what passes --------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [HOUSE, Iam(HOUSE)], ids=["environment", "handle"])
def test_an_environment_is_asked_by_short_names(asked):
    assert_allowed(asked, KEEPER, "s3:GetObject", SAVE, by="identity", statement="WakeThePets")
    assert_denied(asked, KEEPER, "s3:DeleteObject", SAVE, by="identity", kind="implicit")
    assert_denied(asked, "vet/visit", "s3:GetObject", SAVE, by=Layer.RESOURCE_CONTROL_POLICY)
    assert_denied(asked, "keeper", "s3:DeleteBucket", "tamagotchi", kind="explicit")
    assert_unknown(
        asked,
        KEEPER,
        "s3:ListBucket",
        "tamagotchi",
        {"aws:SecureTransport": UNKNOWN},
        missing=["aws:SecureTransport"],
    )


def test_a_stack_is_asked_by_arns():
    assert_allowed(stack(), ANA, "s3:GetObject", LOG)
    assert_denied(stack(), ANA, "s3:GetObjectAcl", LOG, by="identity", statement="OnlyHome")
    assert_allowed(stack(), ANA, "s3:GetObjectAcl", LOG, {"aws:SourceVpce": "vpce-1"})
    assert_denied(stack(), ANA, "s3:PutObject", LOG, statement="", near_miss="")


def test_lists_multiply_and_patterns_mean_what_they_cover(iam):
    assert_denied(iam, ["keeper", "grace"], ["s3:DeleteBucket", "s3:PutBucketPolicy"], "tamagotchi")
    assert_allowed(stack(), ANA, "s3:GetObjectT*", LOG)
    assert_denied(iam, "*", "s3:DeleteBucket", "tamagotchi")


@pytest.mark.parametrize(
    "context", ["at-home", {"aws:SourceVpce": "vpce-0feed0f00dcafe123"}, ["at-home", {"a:b": "c"}]]
)
def test_a_context_is_a_name_keys_or_both(iam, context):
    assert_allowed(iam, KEEPER, "s3:DeleteObject", SAVE, context)
    with iam.context(*([context] if not isinstance(context, list) else context)):
        assert_allowed(iam, KEEPER, "s3:DeleteObject", SAVE)
    assert_denied(iam, KEEPER, "s3:DeleteObject", SAVE)


def test_what_is_settled_is_taken_and_what_is_given_goes_before(iam):
    case = iam.bound(principal=KEEPER, action="s3:DeleteObject", context="at-home")
    assert_allowed(case, resource=SAVE)
    assert_denied(case, resource=SAVE, context={"AWS:sourcevpce": None})
    assert_denied(case, "grace", resource=SAVE, by="boundary")


def test_session_policies_endpoints_and_accounts_are_given_as_to_evaluate(iam):
    deny = parse_policy({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})
    assert_denied(iam, KEEPER, "s3:GetObject", SAVE, session_policies=[deny], by="session")
    assert_allowed(iam, KEEPER, "s3:DeleteObject", SAVE, vpc_endpoint="house-door")
    assert_denied(stack(), ANA, "s3:GetObject", LOG, resource_account="444455556666", by="resource")


# ---- what fails ---------------------------------------------------------------------------


def message(check, *words, **more):
    with pytest.raises(AssertionError) as caught:
        check(*words, **more)
    return str(caught.value)


def test_a_failure_says_what_came_and_why():
    told = message(assert_denied, HOUSE, KEEPER, "s3:GetObject", SAVE, by="scp")
    first, _, rest = told.partition("\n\n")
    assert first == f"{KEEPER} s3:GetObject {SAVE}: expected deny scp, got allow"
    assert rest.startswith("ALLOWED  an identity-based policy allows s3:GetObject\n")
    assert "fixes" not in rest


def test_a_denial_that_should_be_allowed_comes_with_its_fixes():
    told = message(assert_allowed, HOUSE, KEEPER, "s3:DeleteObject", SAVE)
    assert "fixes (each one re-evaluated: ALLOWED)" in told


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"by": "boundary"}, "expected deny boundary, got deny scp"),
        ({"kind": "implicit"}, "expected implicit-deny, got explicit-deny"),
        ({"statement": "Other"}, 'expected statement "Other" to decide'),
        ({"near_miss": "aws:SourceIp"}, "expected a near miss of aws:SourceIp"),
    ],
)
def test_a_denial_for_another_reason_fails(more, says):
    told = message(assert_denied, HOUSE, "keeper", "s3:DeleteBucket", "tamagotchi", **more)
    assert says in told.partition("\n")[0]


@pytest.mark.parametrize("check", [assert_allowed, assert_denied])
def test_an_unknown_answer_is_neither(check):
    unknown = {"aws:SecureTransport": UNKNOWN}
    told = message(check, HOUSE, KEEPER, "s3:ListBucket", "tamagotchi", unknown)
    assert "got unknown" in told
    assert "aws:SecureTransport" in told


def test_an_answer_that_waits_for_another_fact_fails():
    unknown = {"aws:SecureTransport": UNKNOWN}
    told = message(
        assert_unknown,
        HOUSE,
        KEEPER,
        "s3:ListBucket",
        "tamagotchi",
        unknown,
        missing="aws:SourceIp",
    )
    assert "expected the answer to wait for aws:SourceIp" in told


def test_all_failures_are_told_and_the_first_are_explained():
    actions = [f"s3:Put{name}" for name in ("Object", "ObjectAcl", "BucketAcl", "BucketPolicy")]
    told = message(assert_allowed, stack(), [ANA, f"{ANA}2"], [*actions, "s3:GetObject"], LOG)
    assert told.startswith("8 requests of 10 got another answer than expected\n\n1. ")
    assert told.count("DENIED  ") == 5
    for number in range(1, 9):
        assert f"{number}. arn:" in told
    assert f"\n8. {ANA}2 s3:PutBucketPolicy {LOG}: expected allow, got implicit-deny" in told


def test_text_that_would_steer_a_terminal_is_shown():
    told = message(
        assert_denied, stack(), "arn:aws:iam::111122223333:user/a", "s3:GetObject", f"{LOG}\x1b[31m"
    )
    assert "\x1b" not in told
    assert r"\x1b[31m" in told


# ---- what cannot be meant -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "words", "more", "says"),
    [
        (
            assert_denied,
            (KEEPER, "s3:GetObject", SAVE),
            {"by": "identiy"},
            "did you mean `identity`",
        ),
        (
            assert_denied,
            (KEEPER, "s3:GetObject", SAVE),
            {"by": "x" * 50},
            "expected one of rcp, scp",
        ),
        (assert_denied, (KEEPER, "s3:GetObject", SAVE), {"kind": "hard"}, "expected `explicit` or"),
        (assert_allowed, (KEEPER, "s3:GetObject"), {}, "no `resource`"),
        (assert_allowed, (KEEPER, [], SAVE), {}, "the list of `action` is empty"),
        (assert_allowed, ("keper", "s3:GetObject", SAVE), {}, "did you mean `keeper`"),
        (assert_allowed, (KEEPER, "GetObject", SAVE), {}, "`GetObject` is no action"),
        (assert_allowed, (KEEPER, "s3:Nothing*", SAVE), {}, "means no action"),
        (assert_allowed, (KEEPER, "s3:GetObject", SAVE, "at-hom"), {}, "did you mean `at-home`"),
        (
            assert_allowed,
            (KEEPER, "s3:GetObject", SAVE),
            {"session_policies": ["x"]},
            "session policy",
        ),
        (
            assert_allowed,
            (KEEPER, "s3:GetObject", SAVE),
            {"vpc_endpoint": "dor"},
            "no VPC endpoint",
        ),
    ],
)
def test_what_cannot_be_asked_is_an_error_that_says_what_to_write(check, words, more, says):
    with pytest.raises(PolicyEvalError, match=re.escape(says)) as caught:
        check(HOUSE, *words, **more)
    shown = {frame.path for frame in caught.traceback.filter(caught)}
    assert shown == {Path(__file__)}


@pytest.mark.parametrize("more", [{"context": "at-home"}, {"session_policies": []}])
def test_what_only_an_environment_has_is_refused_of_a_stack(more):
    with pytest.raises(PolicyEvalError, match="environment"):
        assert_allowed(stack(), ANA, "s3:GetObject", LOG, **more)


# ---- the handle ---------------------------------------------------------------------------


def test_a_handle_gives_the_decision(iam):
    decision = iam.evaluate(KEEPER, "s3:GetObject", SAVE)
    assert decision.verdict is Verdict.ALLOWED
    assert iam.environment is HOUSE
    assert repr(iam.bound(principal=KEEPER)) == f"<Iam of {HOUSE.name} {KEEPER}>"


def test_allowed_is_true_or_false_but_never_a_guess(iam):
    assert iam.allowed(KEEPER, "s3:GetObject", SAVE) is True
    assert iam.allowed(KEEPER, "s3:DeleteObject", SAVE) is False
    with pytest.raises(AssertionError, match="neither allowed nor denied"):
        iam.allowed(KEEPER, "s3:ListBucket", "tamagotchi", {"aws:SecureTransport": UNKNOWN})


def test_contexts_stand_inside_each_other_and_end_with_their_block(iam):
    def endpoint():
        return iam.request(KEEPER, "s3:GetObject", SAVE).context["aws:SourceVpce"]

    with iam.context({"aws:SourceVpce": "vpce-1"}):
        with iam.context("plain-http", {"aws:sourcevpce": "vpce-2"}) as inner:
            assert inner is iam
            assert endpoint() == ("vpce-2",)
            with iam.context({"aws:SourceVpce": None}):
                assert endpoint() is ABSENT
            assert endpoint() == ("vpce-2",)
        assert endpoint() == ("vpce-1",)
        with pytest.raises(ZeroDivisionError), iam.context({"aws:SourceVpce": "vpce-3"}):
            raise ZeroDivisionError
        assert endpoint() == ("vpce-1",)
    assert endpoint() is ABSENT


def test_a_context_that_there_is_not_is_an_error_where_the_block_begins(iam):
    with pytest.raises(PolicyEvalError, match="did you mean `at-home`"), iam.context("at-hom"):
        pass
    assert iam.allowed(KEEPER, "s3:GetObject", SAVE)


def test_a_settled_case_is_asked_in_the_contexts_of_its_handle(iam):
    case = iam.bound(principal=KEEPER, action="s3:DeleteObject", resource=SAVE)
    with iam.context("at-home"):
        assert_allowed(case)
    assert_denied(case)


# ---- without pytest -----------------------------------------------------------------------


class Wishes(unittest.TestCase):
    __test__ = False

    def runTest(self):
        assert_allowed(HOUSE, KEEPER, "s3:DeleteObject", SAVE)


def test_unittest_shows_the_line_of_the_test_and_none_of_ours():
    stream = io.StringIO()
    result = unittest.TextTestRunner(stream).run(Wishes())
    assert [len(result.failures), len(result.errors)] == [1, 0]
    shown = stream.getvalue()
    assert "assert_allowed(HOUSE, KEEPER" in shown
    assert shown.count("File ") == 1
    assert "DENIED  no identity-based policy allows s3:DeleteObject" in shown
