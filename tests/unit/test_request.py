"""Requests: who asks, for what, and what follows from it (R-ARN-04, R-CTX)."""

import pytest
from tests.unit.asking import (
    ACCOUNT,
    FEDERATED_USER,
    KEY,
    LINKED_ROLE,
    OBJECT,
    OTHER_ACCOUNT,
    QUEUE,
    ROLE,
    ROOT,
    SAML,
    SERVICE,
    SESSION,
    USER,
)

from policyeval.context import ABSENT, PRESENT, UNKNOWN, Facts
from policyeval.errors import InvalidArnError, InvalidRequestError, PolicyEvalError
from policyeval.principal import PrincipalKind
from policyeval.request import Request, with_context

OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com"


def request(principal=USER, action="s3:GetObject", resource=OBJECT, context=None, **options):
    options.setdefault("facts", Facts.COMPLETE)
    return Request.of(principal, action, resource, context, **options)


@pytest.mark.parametrize(
    ("text", "kind", "account", "name", "session_name"),
    [
        (USER, PrincipalKind.IAM_USER, ACCOUNT, "ana", ""),
        (f"arn:aws:iam::{ACCOUNT}:user/team/ana", PrincipalKind.IAM_USER, ACCOUNT, "team/ana", ""),
        (ROLE, PrincipalKind.ROLE_SESSION, ACCOUNT, "dev", ""),
        (SESSION, PrincipalKind.ROLE_SESSION, ACCOUNT, "dev", "s1"),
        (
            LINKED_ROLE,
            PrincipalKind.ROLE_SESSION,
            ACCOUNT,
            "aws-service-role/x.amazonaws.com/X",
            "",
        ),
        (FEDERATED_USER, PrincipalKind.FEDERATED_USER, ACCOUNT, "fay", ""),
        (ROOT, PrincipalKind.ROOT_USER, ACCOUNT, "", ""),
        (ACCOUNT, PrincipalKind.ROOT_USER, ACCOUNT, "", ""),
        (SERVICE, PrincipalKind.AWS_SERVICE, "", "", ""),
        ("ec2.amazonaws.com.cn", PrincipalKind.AWS_SERVICE, "", "", ""),
        (SAML, PrincipalKind.FEDERATED, ACCOUNT, "", ""),
        (OIDC, PrincipalKind.FEDERATED, ACCOUNT, "", ""),
        ("*", PrincipalKind.ANONYMOUS, "", "", ""),
    ],
)
def test_kind_of_caller_follows_from_its_text(text, kind, account, name, session_name):
    principal = request(text).principal
    assert principal.kind is kind
    assert (principal.account, principal.name, principal.session_name) == (
        account,
        name,
        session_name,
    )


def test_web_identity_provider_is_named_bare_where_it_assumes_a_role():
    action = "sts:AssumeRoleWithWebIdentity"
    assert request("accounts.google.com", action, ROLE).principal.kind is PrincipalKind.FEDERATED
    with pytest.raises(PolicyEvalError):
        request("accounts.google.com")


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "ana", "12345678901", "arn:aws:iam::user/ana", "arn:aws:s3:::bucket"),
        *("arn:aws:iam::111122223333:user", "arn:aws:iam::111122223333:user/", "AIDAEXAMPLE"),
        *("arn:aws:iam::111122223333:group/g", "arn:aws:sts::111122223333:assumed-role/dev"),
        *("arn:aws:sts::111122223333:assumed-role/dev/", "arn:aws:iam:::user/ana"),
        *("arn:aws:iam::1111222233334:user/ana", "arn:aws:iam::٣١١١٢٢٢٢٣٣٣٣:user/ana", "**"),
        "arn:aws:iam:111122223333:user/ana",
    ],
)
def test_text_that_is_no_caller_is_refused(text):
    with pytest.raises((InvalidArnError, InvalidRequestError)):
        request(text)


@pytest.mark.parametrize(
    "text",
    ["", "s3", "s3:", ":GetObject", "s3:Get*", "*", "s3:Get:Object", "s3 :Get", "s3:Gét", "s3:a b"],
)
def test_text_that_is_no_action_is_refused(text):
    with pytest.raises(InvalidRequestError):
        request(action=text)


def test_action_keeps_its_spelling_and_compares_without_case():
    action = request(action="S3:getObject").action
    assert str(action) == "S3:getObject"
    assert (action.folded, action.service, action.name) == ("s3:getobject", "s3", "getObject")


@pytest.mark.parametrize(
    "text", ["", "shop", "arn:aws:s3", "arn:aws:s3:shop", "arn:aws:sqs:eu-west-1:1:q"]
)
def test_text_that_is_no_resource_is_refused(text):
    with pytest.raises(PolicyEvalError):
        request(resource=text)


@pytest.mark.parametrize(
    ("resource", "given", "account", "same"),
    [
        (QUEUE, None, ACCOUNT, True),
        (QUEUE, ACCOUNT, ACCOUNT, True),
        (OBJECT, None, ACCOUNT, True),
        (OBJECT, OTHER_ACCOUNT, OTHER_ACCOUNT, False),
        ("*", None, ACCOUNT, True),
        ("*", OTHER_ACCOUNT, OTHER_ACCOUNT, False),
    ],
)
def test_account_of_a_resource_is_given_or_in_its_arn_or_the_callers(
    resource, given, account, same
):
    got = request(resource=resource, resource_account=given)
    assert got.resource.account == account
    assert got.same_account is same


@pytest.mark.parametrize("account", ["1", "11112222333", "abc", "", "١١١١٢٢٢٢٣٣٣٣"])
def test_text_that_is_no_account_is_refused(account):
    with pytest.raises(InvalidRequestError):
        request(resource_account=account)


def test_account_that_contradicts_the_resource_is_refused():
    with pytest.raises(InvalidRequestError, match=OTHER_ACCOUNT):
        request(resource=QUEUE, resource_account=OTHER_ACCOUNT)


# ---- context values -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("a", ("a",)),
        (True, ("true",)),
        (False, ("false",)),
        (5, ("5",)),
        (0.5, ("0.5",)),
        (["a", True, 5], ("a", "true", "5")),
        (("a",), ("a",)),
        ([], ()),
        (None, ABSENT),
        (ABSENT, ABSENT),
        (UNKNOWN, UNKNOWN),
        (PRESENT, PRESENT),
    ],
)
def test_context_value_becomes_texts(value, read):
    assert request(context={"app:key": value}).context["APP:Key"] == read


@pytest.mark.parametrize("value", [{}, {"a": 1}, [None], [["a"]], object(), b"a", {"a"}])
def test_context_value_of_another_kind_is_refused(value):
    with pytest.raises(InvalidRequestError):
        request(context={"app:key": value})


# ---- what follows from the caller (R-CTX-01, R-FLOW-14) -----------------------------------

PRINCIPAL_KEYS = {
    USER: {
        "aws:PrincipalArn": USER,
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "User",
        "aws:username": "ana",
        "aws:PrincipalIsAWSService": "false",
    },
    SESSION: {
        "aws:PrincipalArn": ROLE,
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "AssumedRole",
        "aws:username": None,
        "aws:PrincipalIsAWSService": "false",
    },
    FEDERATED_USER: {
        "aws:PrincipalArn": FEDERATED_USER,
        "aws:PrincipalType": "FederatedUser",
        "aws:userid": f"{ACCOUNT}:fay",
        "aws:username": None,
    },
    ROOT: {
        "aws:PrincipalArn": ROOT,
        "aws:PrincipalType": "Account",
        "aws:userid": ACCOUNT,
        "aws:username": None,
    },
    SERVICE: {
        "aws:PrincipalArn": None,
        "aws:PrincipalAccount": None,
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": SERVICE,
        "aws:PrincipalServiceNamesList": SERVICE,
    },
    "*": {
        "aws:PrincipalArn": None,
        "aws:PrincipalAccount": "anonymous",
        "aws:PrincipalType": "Anonymous",
        "aws:userid": "anonymous",
        "aws:PrincipalIsAWSService": None,
        "aws:PrincipalOrgID": None,
    },
    OIDC: {"aws:FederatedProvider": OIDC, "aws:PrincipalIsAWSService": "false"},
    SAML: {"aws:FederatedProvider": None},
}


@pytest.mark.parametrize("principal", PRINCIPAL_KEYS)
def test_keys_follow_from_the_caller(principal):
    context = request(principal, resource_account=ACCOUNT).context
    for key, value in PRINCIPAL_KEYS[principal].items():
        assert context[key] == (ABSENT if value is None else (value,)), key


def test_user_name_has_no_path_and_the_arn_has():
    context = request(f"arn:aws:iam::{ACCOUNT}:user/team/ana").context
    assert context["aws:username"] == ("ana",)
    assert context["aws:PrincipalArn"] == (f"arn:aws:iam::{ACCOUNT}:user/team/ana",)


def test_path_of_a_role_is_told_by_the_principal_arn():
    arn = f"arn:aws:iam::{ACCOUNT}:role/team/dev"
    principal = request(SESSION, context={"aws:principalarn": arn}).principal
    assert principal.role_arn == arn


def test_service_linked_role_is_told_by_the_principal_arn():
    arn = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/dev"
    assert request(SESSION, context={"aws:PrincipalArn": arn}).principal.is_service_linked


@pytest.mark.parametrize(
    ("action", "resource", "key", "value"),
    [
        # R-CTX-02
        ("s3:GetObject", OBJECT, "aws:ResourceAccount", ACCOUNT),
        ("s3:GetObject", OBJECT, "s3:ResourceAccount", ACCOUNT),
        ("sqs:SendMessage", QUEUE, "s3:ResourceAccount", None),
        ("kms:Decrypt", KEY, "kms:CallerAccount", ACCOUNT),
        ("s3:GetObject", OBJECT, "kms:CallerAccount", None),
    ],
)
def test_keys_follow_from_the_resource_and_the_call(action, resource, key, value):
    context = request(action=action, resource=resource).context
    assert context[key] == (ABSENT if value is None else (value,))


# ---- what is given wins, what contradicts is refused (R-CTX-05) ---------------------------


def test_given_value_wins_over_a_derived_one():
    context = request(context={"AWS:UserName": "bob"}).context
    assert context["aws:username"] == ("bob",)
    assert "aws:username" not in context.derived
    assert context.name_of("aws:username") == "AWS:UserName"


def test_key_given_as_absent_is_absent_though_it_could_be_derived():
    assert request(context={"aws:username": None}).context["aws:username"] is ABSENT


@pytest.mark.parametrize(
    "context",
    [
        {"aws:PrincipalAccount": OTHER_ACCOUNT},
        {"aws:principalaccount": OTHER_ACCOUNT},
        {"aws:ResourceAccount": OTHER_ACCOUNT},
        {"aws:PrincipalArn": f"arn:aws:iam::{OTHER_ACCOUNT}:user/ana"},
    ],
)
def test_contradiction_is_refused_and_names_both(context):
    with pytest.raises(InvalidRequestError, match=OTHER_ACCOUNT) as error:
        request(resource=QUEUE, action="sqs:SendMessage", context=context)
    assert ACCOUNT in str(error.value)


# ---- typed, partial, complete (R-FLOW-20) -------------------------------------------------


def test_typed_request_assumes_what_is_nearly_always_so():
    context = request(facts=Facts.TYPED).context
    assert context["aws:SecureTransport"] == ("true",)
    assert context["aws:ViaAWSService"] == ("false",)
    assert "aws:securetransport" in context.assumed


def test_typed_request_knows_what_aws_always_fills_in():
    context = request(facts=Facts.TYPED).context
    for key in ("aws:SourceIp", "aws:CurrentTime", "aws:EpochTime", "aws:UserAgent"):
        assert context[key] is PRESENT
    assert context["aws:PrincipalTag/team"] is ABSENT
    assert context["aws:SourceVpce"] is ABSENT


def test_typed_request_through_an_endpoint_has_no_source_ip():
    context = request(context={"aws:SourceVpce": "vpce-1"}, facts=Facts.TYPED).context
    assert context["aws:SourceIp"] is ABSENT
    assert context["aws:VpcSourceIp"] is PRESENT


@pytest.mark.parametrize(
    ("action", "resource", "region"),
    [
        ("sqs:SendMessage", QUEUE, ("eu-west-1",)),
        ("iam:GetUser", USER, ("us-east-1",)),
        ("s3:GetObject", OBJECT, PRESENT),
    ],
)
def test_typed_request_takes_its_region_from_arn_or_service(action, resource, region):
    context = request(action=action, resource=resource, facts=Facts.TYPED).context
    assert context["aws:RequestedRegion"] == region


def test_temporary_credentials_carry_mfa_and_long_term_ones_do_not():
    assert request(SESSION, facts=Facts.TYPED).context["aws:MultiFactorAuthPresent"] == ("false",)
    assert request(USER, facts=Facts.TYPED).context["aws:MultiFactorAuthPresent"] is ABSENT
    assert request(SESSION, facts=Facts.TYPED).context["aws:TokenIssueTime"] is PRESENT


@pytest.mark.parametrize(
    ("facts", "state"),
    [(Facts.TYPED, ABSENT), (Facts.PARTIAL, UNKNOWN), (Facts.COMPLETE, ABSENT)],
)
def test_key_that_is_neither_given_nor_derived_is_what_the_mode_says(facts, state):
    assert request(facts=facts).context["app:key"] is state


def test_changed_context_keeps_the_rest():
    before = request(context={"app:key": "a", "app:other": "b"})
    after = with_context(before, {"APP:KEY": ("c",)})
    assert after.context["app:key"] == ("c",)
    assert after.context["app:other"] == ("b",)
    assert before.context["app:key"] == ("a",)
    assert (after.principal, after.action, after.resource) == (
        before.principal,
        before.action,
        before.resource,
    )
