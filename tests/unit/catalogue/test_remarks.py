"""What the catalogue says about requests and policies, and where it keeps quiet."""

import json

import pytest

from policyeval import parse_policy
from policyeval.catalogue.remarks import (
    remarks_on_action,
    remarks_on_policy,
    remarks_on_request,
)

BUCKET, OBJECT = "arn:aws:s3:::reports", "arn:aws:s3:::reports/*"


def policy(*statements):
    whole = [{"Effect": "Allow", "Resource": "*"} | each for each in statements]
    document = {"Version": "2012-10-17", "Statement": whole}
    return parse_policy(json.dumps(document, indent=2), name="policy.json")


def said(*statements, service=""):
    """Code, severity and help of each remark on a policy."""
    return [
        (finding.code, finding.severity.value, finding.help)
        for finding in remarks_on_policy(policy(*statements), service)
    ]


def codes(*statements, service=""):
    return [code for code, _, _ in said(*statements, service=service)]


def when(operator="StringEquals", **keys):
    """A condition; `s3__prefix` stands for `s3:prefix`."""
    return {"Condition": {operator: {name.replace("__", ":"): each for name, each in keys.items()}}}


def shown(finding):
    """The text that a finding points at."""
    span = finding.location.resolve()
    return finding.location.source.text[span.start : span.end]


# ---- requests ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "code", "help_"),
    [
        ("s3:GetObjekt", "PE1604", "did you mean `s3:GetObject`?"),
        ("S3:getobjekt", "PE1604", "did you mean `s3:GetObject`?"),
        ("s3:Nothing", "PE1604", ""),
        ("lamda:InvokeFunction", "PE1603", "did you mean `lambda`?"),
        ("aws:GetObject", "PE1603", ""),
    ],
)
def test_an_unknown_action_is_told_with_the_nearest_one(action, code, help_):
    [finding] = remarks_on_action(action)
    assert (finding.code, finding.severity.value) == (code, "warning")
    assert finding.help.startswith(help_)
    assert bool(finding.help) or not help_
    assert "catalogue of 20" in finding.message
    assert remarks_on_request(action, "*") == (finding,)


@pytest.mark.parametrize(
    ("action", "resource", "code"),
    [
        ("s3:ListAllMyBuckets", BUCKET, "PE1612"),
        ("iam:PassRole", "*", "PE1613"),
        ("sqs:SendMessage", "*", "PE1613"),
        ("s3:GetObject", BUCKET, "PE1614"),
        ("s3:ListBucket", f"{BUCKET}/a.csv", "PE1614"),
        ("sqs:SendMessage", "arn:aws:sns:eu-west-1:111122223333:orders", "PE1614"),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:alias/app", "PE1614"),
    ],
)
def test_an_action_and_a_resource_that_do_not_go_together_are_noted(action, resource, code):
    [finding] = remarks_on_request(action, resource)
    assert (finding.code, finding.severity.value) == (code, "note")
    assert finding.help


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:ListAllMyBuckets", "*"),
        ("s3:GetObject", "arn:aws:s3:::reports/2026/q3.csv"),
        ("s3:GetObject", "arn:aws:s3:eu-west-1:111122223333:accesspoint/ap/object/a:b"),
        ("s3:GetObject", "arn:aws-cn:s3:::reports/a"),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/ci/deploy"),
        ("logs:PutLogEvents", "arn:aws:logs:eu-west-1:111122223333:log-group:/a/b:log-stream:c:d"),
        ("execute-api:Invoke", "arn:aws:execute-api:eu-west-1:111122223333:abc/prod/GET/pets"),
        ("apigateway:GET", "arn:aws:apigateway:eu-west-1::/restapis"),
        ("s3:AllowVendedLogDeliveryForResource", "*"),
    ],
)
def test_an_ordinary_request_is_not_remarked_on(action, resource):
    assert remarks_on_request(action, resource) == ()


# ---- actions of policies ----------------------------------------------------------------------


def test_remarks_on_actions_stand_at_their_patterns():
    found = remarks_on_policy(policy({"Action": ["s3:GetObject", "s3:GetObjekt", "s4:Get*"]}))
    assert [(finding.code, shown(finding)) for finding in found] == [
        ("PE1604", '"s3:GetObjekt"'),
        ("PE1603", '"s4:Get*"'),
    ]


@pytest.mark.parametrize("action", ["s3:Gett*", "ec2:Describe?", "iam:GetRoles"])
def test_a_pattern_that_covers_no_action_is_told(action):
    assert codes({"Action": action}) == ["PE1604"]


def test_an_action_that_is_not_exempted_since_it_does_not_exist_is_told():
    [finding] = remarks_on_policy(policy({"NotAction": "s3:GetObjekt"}))
    assert (finding.code, shown(finding)) == ("PE1604", '"s3:GetObjekt"')


@pytest.mark.parametrize("action", ["*", "*:*", "S3:GETOBJECT", "s3:*", "ec2:Describe*"])
def test_actions_that_exist_are_not_remarked_on(action):
    assert codes({"Action": action}) == []


# ---- conditions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "key", "code", "help_"),
    [
        ("s3:ListBucket", "s3:prefx", "PE1605", "did you mean `s3:prefix`?"),
        ("sts:AssumeRole", "sts:ExternaId", "PE1605", "did you mean `sts:ExternalId`?"),
        ("ec2:*", "ec2:ResouceTag/team", "PE1605", "did you mean `ec2:ResourceTag/team`?"),
        ("*", "ec2:Vpcc", "PE1605", "did you mean `ec2:Vpc`?"),
        ("s3:*", "nosuch:Key", "PE1605", ""),
        ("s3:*", "aws:SourceVpcee", "PE1606", "did you mean `aws:SourceVpce`?"),
        ("*", "aws:PrincipleArn", "PE1606", "did you mean `aws:PrincipalArn`?"),
        ("s3:*", "aws:RequestTags/team", "PE1606", "did you mean `aws:RequestTag/team`?"),
        ("s3:*", "aws:PrincipalTag", "PE1606", ""),
        ("s3:GetObject", "s3:prefix", "PE1607", "move"),
        ("s3:GetObject", "ec2:ResourceTag/team", "PE1607", "move"),
        (["kms:Decrypt", "s3:GetObject"], "iam:PassedToService", "PE1607", "move"),
    ],
)
def test_a_key_that_no_request_carries_is_told(action, key, code, help_):
    statement = {"Action": action, "Condition": {"StringLike": {key: "x"}}}
    [finding] = remarks_on_policy(policy(statement))
    assert (finding.code, finding.severity.value, shown(finding)) == (code, "warning", f'"{key}"')
    assert finding.help.startswith(help_)


@pytest.mark.parametrize(
    ("action", "key"),
    [
        ("s3:GetObject", "aws:sourcevpce"),
        ("s3:GetObject", "AWS:RequestTag/team"),
        ("s3:GetObject", "aws:PrincipalTag/a/b"),
        ("s3:GetObject", "s3:ExistingObjectTag/team"),
        ("s3:*", "s3:prefix"),
        ("s3:Get*", "s3:signatureversion"),
        (["s3:GetObject", "ec2:StartInstances"], "ec2:ResourceTag/team"),
        ("kms:Decrypt", "kms:EncryptionContext:app"),
        ("sts:AssumeRoleWithWebIdentity", "token.actions.githubusercontent.com:sub"),
        ("sts:AssumeRoleWithWebIdentity", "oidc.eks.eu-west-1.amazonaws.com/id/ABC:aud"),
        ("sts:AssumeRoleWithSAML", "saml:aud"),
        ("s3:GetObject", "ec2:SourceInstanceARN"),
        ("s3:GetObject", "lambda:SourceFunctionArn"),
        ("*", "iam:PassedToService"),
        (["s3:GetObject", "s3:NewerThanThis"], "s3:prefix"),
    ],
)
def test_a_key_that_some_request_may_carry_is_not_remarked_on(action, key):
    found = codes({"Action": action, "Condition": {"StringLike": {key: "x"}}})
    assert not {"PE1605", "PE1606", "PE1607"} & set(found)


def test_keys_under_not_action_are_only_checked_for_being_there():
    statement = {"NotAction": "iam:*"} | when(s3__prefix="a", s3__prefx="b")
    assert codes(statement) == ["PE1605"]


@pytest.mark.parametrize(
    ("operator", "key", "misfit"),
    [
        ("StringEquals", "aws:CurrentTime", True),
        ("StringLike", "aws:SourceIp", True),
        ("NumericEquals", "aws:SourceVpce", True),
        ("ForAnyValue:NumericLessThanIfExists", "aws:TagKeys", True),
        ("DateLessThan", "aws:PrincipalArn", True),
        ("IpAddress", "aws:SecureTransport", True),
        ("StringEquals", "aws:SecureTransport", False),
        ("StringLike", "aws:PrincipalArn", False),
        ("NumericLessThan", "aws:MultiFactorAuthAge", False),
        ("NumericGreaterThan", "aws:EpochTime", False),
        ("DateLessThan", "aws:TokenIssueTime", False),
        ("ArnLike", "aws:SourceArn", False),
        ("NotIpAddress", "aws:SourceIp", False),
        ("Null", "aws:CurrentTime", False),
        ("ForAllValues:StringEquals", "aws:TagKeys", False),
    ],
)
def test_an_operator_of_another_type_than_its_key_is_told(operator, key, misfit):
    statement = {"Action": "s3:*", "Condition": {operator: {key: "true"}}}
    assert ("PE1608" in codes(statement)) is misfit


# ---- resources --------------------------------------------------------------------------------


def test_a_bucket_where_objects_are_meant_is_told_with_the_mended_text():
    assert said({"Action": "s3:GetObject", "Resource": BUCKET}) == [
        ("PE1609", "warning", f"write `{OBJECT}` for what is in it")
    ]
    assert said({"Action": ["s3:ListBucket", "s3:GetObject"], "Resource": BUCKET}) == [
        ("PE1610", "warning", f"write `{OBJECT}` for what is in it")
    ]
    both = {"Action": ["s3:ListBucket", "s3:GetObject"], "Resource": [BUCKET, OBJECT]}
    assert said(both) == []


def test_objects_where_their_bucket_is_meant_are_told_with_the_mended_text():
    assert said({"Action": "s3:ListBucket", "Resource": OBJECT}) == [
        ("PE1609", "warning", f"write `{BUCKET}` for what holds it")
    ]
    whole = {
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": "arn:aws:s3:::${aws:userid}/*",
    }
    assert said(whole) == [
        ("PE1610", "warning", "write `arn:aws:s3:::${aws:userid}` for what holds it")
    ]


def test_a_statement_whose_only_resource_is_useless_weighs_more_than_one_of_several():
    alone = {"Action": "iam:PassRole", "Resource": "arn:aws:iam::*:user/x"}
    [(code, severity, help_)] = said(alone)
    assert (code, severity) == ("PE1609", "warning")
    assert help_ == "expected `arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}`"
    among = {**alone, "Resource": ["arn:aws:iam::*:role/x", "arn:aws:iam::*:user/x"]}
    assert [(code, severity) for code, severity, _ in said(among)] == [("PE1609", "note")]


def test_an_action_that_fits_none_of_the_resources_is_noted_at_its_place():
    statement = {
        "Action": ["sqs:SendMessage", "sns:Publish"],
        "Resource": "arn:aws:sqs:*:*:orders",
    }
    [finding] = remarks_on_policy(policy(statement))
    assert (finding.code, finding.severity.value) == ("PE1610", "note")
    assert shown(finding) == '"sns:Publish"'


def test_an_action_without_resources_beside_an_arn_is_noted():
    assert said({"Action": "iam:ListRoles", "Resource": "arn:aws:iam::*:role/x"})[0][:2] == (
        "PE1611",
        "note",
    )
    # AWS grants this one so in its own samples (R-MATCH-04).
    assert said({"Action": "s3:ListAllMyBuckets", "Resource": "arn:aws:s3:::*"}) == []


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::reports*"),
        ("s3:GetObject", "arn:aws:s3:::${aws:username}/x"),
        ("s3:GetObject", "arn:aws:s3:::${aws:PrincipalTag/bucket}"),
        ("s3:GetObject", "arn:aws:s3:::*"),
        ("s3:GetObject", "arn:aws:s3"),
        ("s3:GetObject", "arn:*"),
        ("s3:*", BUCKET),
        ("ec2:RunInstances", "arn:aws:ec2:*::image/ami-*"),
        ("ec2:RunInstances", "arn:aws:ec2:eu-west-1:*:instance/*"),
        ("ec2:Describe*", "arn:aws:ec2:*:*:*"),
        ("iam:PassRole", "arn:*:iam::111122223333:role/ci/*"),
        ("logs:CreateLogStream", "arn:aws:logs:*:*:log-group:/aws/lambda/*"),
        ("apigateway:GET", "arn:aws:apigateway:*::/restapis/*/stages/*"),
        ("s3:AllowVendedLogDeliveryForResource", "arn:aws:nosuch:::x"),
        ("s3:NewerThanThis", "arn:aws:nosuch:::x"),
    ],
)
def test_a_resource_that_some_request_may_be_about_is_not_remarked_on(action, resource):
    found = codes({"Action": action, "Resource": resource})
    assert not {"PE1609", "PE1610", "PE1611"} & set(found)


def test_not_resource_is_not_remarked_on():
    document = {"Version": "2012-10-17", "Statement": []}
    statement = {"Effect": "Deny", "Action": "s3:GetObject", "NotResource": BUCKET}
    document["Statement"].append(statement)
    assert remarks_on_policy(parse_policy(document)) == ()


# ---- beside a decision ------------------------------------------------------------------------


def test_beside_a_decision_only_the_service_asked_for_is_looked_at():
    statements = (
        {"Action": "ec2:RunInstance"},
        {"Action": "s3:GetObjekt"},
        {"Action": "s3s:GetObject"},
        {"Action": "deepracer:*"},
        {"Action": "ec2:StartInstances"} | when(s3__prefix="x"),
    )
    assert codes(*statements, service="s3") == ["PE1604", "PE1603"]
    assert codes(*statements) == ["PE1604", "PE1604", "PE1603", "PE1603", "PE1607"]


def test_beside_a_decision_the_key_of_a_statement_for_everything_is_looked_at():
    assert codes({"Action": "*"} | when(aws__SourceVpcee="x"), service="s3") == ["PE1606"]


# ---- size -------------------------------------------------------------------------------------


def test_what_is_larger_than_any_of_aws_is_left_alone_and_said_to_be():
    assert codes({"Action": ["s3:*"] * 10_001}) == ["PE1615"]
    assert codes({"Action": "s3:*", "Resource": [BUCKET] * 1001}) == ["PE1615"]
    assert codes(*[{"Action": "s3:GetObjekt"}] * 1001) == ["PE1615"]


def test_remarks_without_end_are_cut_and_said_to_be():
    found = codes({"Action": [f"ec2:DescribeInstances{number}" for number in range(600)]})
    assert found == ["PE1604"] * 500 + ["PE1615"]


def test_many_resources_are_held_against_many_types():
    statement = {
        "Action": ["sqs:*Message*", "sns:Publish"],
        "Resource": [f"arn:aws:sqs:eu-west-1:*:a/{number}*" for number in range(150)],
    }
    found = codes(statement)
    assert found.count("PE1609") == 150


@pytest.mark.parametrize(
    ("action", "meant"),
    [
        ("ec2:DescribeInstanceAttributez", "ec2:DescribeInstanceAttribute"),
        ("ec2:RunInstance", "ec2:RunInstances"),
        ("ec2:DesribeInstnces", "ec2:DescribeInstances"),
        ("sqs:SendMesage", "sqs:SendMessage"),
        ("iam:PasRole", "iam:PassRole"),
        ("rds-db:conect", "rds-db:connect"),
    ],
)
def test_the_nearest_action_is_found_wherever_the_slip_is(action, meant):
    [finding] = remarks_on_action(action)
    assert finding.help == f"did you mean `{meant}`?"
