"""CloudFormation templates: literal parts, functions that are told, and those that are not."""

import textwrap

import pytest
from tests.unit.environment.exports.exporting import (
    ACCOUNT,
    allow,
    codes,
    inline,
    place,
    read,
    refused,
)

from policyeval.environment.exports.parts import Given, given_of
from policyeval.environment.file import load_environment
from policyeval.environment.model import Identity
from policyeval.environment.overlay import overlaid
from policyeval.environment.write import write_environment
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.write import policy_to_dict
from policyeval.request import Request
from policyeval.value import replace

TOLD = Given(ACCOUNT, "eu-west-1", "aws", {"Stage": "prod"})
HERE = Given(ACCOUNT, "eu-west-1", "aws")

ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"


def template(**resources):
    tree = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}
    for name, (kind, properties) in resources.items():
        tree["Resources"][name] = {"Type": f"AWS::{kind}", "Properties": properties}
    return {"t.json": tree}


def role(document=None, **more):
    policies = [] if document is None else [{"PolicyName": "main", "PolicyDocument": document}]
    return "IAM::Role", {"RoleName": "deploy", "Policies": policies} | more


def resource_of(environment, name="deploy"):
    (document,) = environment.identities[name].policies
    if document.policy is None:
        return document.findings[0].message
    return policy_to_dict(document.policy)["Statement"][0]["Resource"]


def on(resource):
    return template(Role=role(allow("s3:*", resource)))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"Fn::Sub": "arn:aws:s3:::logs-${Stage}/*"}, "arn:aws:s3:::logs-prod/*"),
        ({"Fn::Sub": "arn:aws:s3:::l/${!aws:username}/*"}, "arn:aws:s3:::l/${aws:username}/*"),
        ({"Fn::Sub": ["arn:aws:s3:::${A}", {"A": {"Ref": "Stage"}}]}, "arn:aws:s3:::prod"),
        ({"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Stage"}]]}, "arn:aws:s3:::prod"),
        (
            {"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:q"},
            f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q",
        ),
        ({"Fn::GetAtt": ["Role", "Arn"]}, f"arn:aws:iam::{ACCOUNT}:role/deploy"),
        ({"Fn::GetAtt": "Role.Arn"}, f"arn:aws:iam::{ACCOUNT}:role/deploy"),
        (["*", {"Ref": "AWS::NoValue"}], "*"),
    ],
)
def test_functions_give_what_the_template_tells(tmp_path, written, meant):
    assert resource_of(read(tmp_path, on(written), given=TOLD)) == meant


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"Ref": "Other"}, "the value of `Other` is not given"),
        ({"Fn::Sub": "arn:aws:s3:::${Other}"}, "the value of `Other` is not given"),
        ({"Fn::Sub": "${Role.RoleId}"}, "`Role.RoleId` is not known"),
        ({"Fn::Sub": "a${b"}, "without its `}`"),
        ({"Fn::Sub": {}}, "has no text"),
        ({"Fn::Join": ["", [{"Ref": "Other"}]]}, "the value of `Other` is not given"),
        ({"Fn::Join": 5}, "has no separator"),
        ({"Fn::ImportValue": "x"}, "`Fn::ImportValue` is not known"),
        ({"Fn::If": ["IsProd", "a", "b"]}, "`Fn::If` is not known"),
        ({"Fn::GetAtt": 5}, "names no attribute"),
        (["a", {"Fn::Select": [0, ["a"]]}], "`Fn::Select` is not known"),
    ],
)
def test_what_a_function_does_not_tell_makes_the_policy_unknown(tmp_path, written, why):
    environment = read(tmp_path, on(written), given=TOLD)
    (document,) = environment.identities["deploy"].policies
    finding = document.findings[0]
    assert (document.policy, finding.code) == (None, "PE1812")
    assert why in finding.message
    pointer = "/Resources/Role/Properties/Policies/0/PolicyDocument/Statement/0/Resource"
    assert place(finding)[2].startswith(pointer)
    request = Request.of(f"arn:aws:iam::{ACCOUNT}:role/deploy", "s3:ListAllMyBuckets", "*")
    assert evaluate(request, environment).verdict.value == "unknown"


def test_a_default_of_a_parameter_is_no_value(tmp_path):
    files = on({"Ref": "Bucket"})
    files["t.json"]["Parameters"] = {"Bucket": {"Type": "String", "Default": "*"}}
    assert "`Bucket` is not given" in resource_of(read(tmp_path, files, given=TOLD))
    told = given_of({"Bucket": "arn:aws:s3:::b"})
    assert resource_of(read(tmp_path, files, given=told)) == "arn:aws:s3:::b"


YAML = """\
    Resources:
      Role:
        Type: AWS::IAM::Role
        Properties:
          RoleName: deploy
          Policies:
            - PolicyName: main
              PolicyDocument:
                Version: 2012-10-17
                Statement:
                  - Effect: Alow
                    Action: !Sub "s3:${Stage}"
                    Resource: [!GetAtt Bucket.Arn, !Join [":", [a, !Ref Stage]]]
      Bucket:
        Type: AWS::S3::Bucket
        Properties: {BucketName: logs}
"""


def test_short_forms_of_yaml_are_functions_and_positions_are_those_of_the_file(tmp_path):
    text = textwrap.dedent(YAML)
    good = read(tmp_path, {"t.yaml": text.replace("Alow", "Allow")}, given=TOLD)
    assert resource_of(good) == ["arn:aws:s3:::logs", "a:prod"]
    bad = read(tmp_path, {"t.yaml": text}, given=TOLD)
    finding = bad.identities["deploy"].policies[0].findings[0]
    line, column, _ = place(finding)
    assert text.splitlines()[line - 1][column - 1 :] == "Alow"


@pytest.mark.parametrize("tag", ["!!python/object:os.system", "!Reff", "!include"])
def test_other_tags_are_refused(tmp_path, tag):
    findings = refused(tmp_path, {"t.yaml": f"Resources:\n  A: {tag} x\n"})
    assert codes(findings) == ["PE0703"]


def test_a_name_that_aws_makes_up_is_the_logical_id_and_a_note_says_so(tmp_path):
    files = template(Worker=("IAM::Role", {"Policies": []}))
    environment = read(tmp_path, files, given=HERE)
    assert environment.identities["Worker"].arn.endswith(":role/Worker")
    assert codes(environment.load_findings) == ["PE1812"]


def test_policies_hang_where_they_say(tmp_path):
    policy = {"PolicyDocument": allow()}
    files = template(
        Role=role(ManagedPolicyArns=[{"Ref": "Base"}, "arn:aws:iam::aws:policy/ReadOnlyAccess"]),
        Base=("IAM::ManagedPolicy", {"PolicyDocument": allow(), "Roles": ["deploy"]}),
        Inline=("IAM::Policy", policy | {"PolicyName": "i", "Roles": [{"Ref": "Role"}]}),
        Own=("IAM::RolePolicy", policy | {"PolicyName": "o", "RoleName": "deploy"}),
        Group=("IAM::Group", {"GroupName": "devs"}),
        User=("IAM::User", {"UserName": "anna"}),
        Join=("IAM::UserToGroupAddition", {"GroupName": {"Ref": "Group"}, "Users": ["anna"]}),
    )
    environment = read(tmp_path, files, given=TOLD)
    names = [each.name for each in environment.identities["deploy"].policies]
    assert names == ["Base", "ReadOnlyAccess", "Base", "i", "o"]
    assert environment.identities["anna"].groups == ("devs",)


def test_a_policy_that_may_hang_at_any_role_makes_each_unknown(tmp_path):
    inline = {"PolicyName": "i", "PolicyDocument": allow(), "Roles": [{"Ref": "RoleName"}]}
    files = template(Role=role(), Other=role(RoleName="b"), Inline=("IAM::Policy", inline))
    environment = read(tmp_path, files, given=TOLD)
    for name in ("deploy", "b"):
        assert [each.policy for each in environment.identities[name].policies] == [None]


def test_a_policy_under_a_condition_is_unknown(tmp_path):
    inline = {"PolicyName": "i", "PolicyDocument": allow(), "Roles": ["deploy"]}
    files = template(Role=role(), Inline=("IAM::Policy", inline))
    files["t.json"]["Resources"]["Inline"]["Condition"] = "IsProd"
    (document,) = read(tmp_path, files, given=TOLD).identities["deploy"].policies
    assert document.policy is None


@pytest.mark.parametrize("value", [{"Fn::If": ["A", [], []]}, [{"Fn::If": ["A", {}, {}]}]])
def test_a_function_in_the_place_of_policies_makes_them_unknown(tmp_path, value):
    files = template(Role=("IAM::Role", {"RoleName": "deploy", "Policies": value}))
    (document,) = read(tmp_path, files, given=TOLD).identities["deploy"].policies
    assert document.policy is None


def grant(resource="*"):
    document = allow("*", resource)
    document["Statement"][0]["Principal"] = "*"
    return document


def test_policies_of_resources_are_joined_to_them(tmp_path):
    files = template(
        Bucket=("S3::Bucket", {"BucketName": "logs"}),
        P1=("S3::BucketPolicy", {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": grant()}),
        P2=("S3::BucketPolicy", {"Bucket": "elsewhere", "PolicyDocument": grant()}),
        Queue=("SQS::Queue", {"QueueName": "q"}),
        P3=("SQS::QueuePolicy", {"Queues": [{"Ref": "Queue"}], "PolicyDocument": grant()}),
        Function=("Lambda::Function", {"FunctionName": "f"}),
        P4=(
            "Lambda::Permission",
            {
                "FunctionName": {"Fn::GetAtt": ["Function", "Arn"]},
                "Action": "lambda:InvokeFunction",
                "Principal": "s3.amazonaws.com",
                "SourceAccount": {"Ref": "AWS::AccountId"},
            },
        ),
    )
    environment = read(tmp_path, files, given=TOLD)
    assert {each.arn: len(each.policy) for each in environment.resources.values()} == {
        "arn:aws:s3:::logs": 1,
        f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q": 1,
        f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f": 1,
        "arn:aws:s3:::elsewhere": 1,
    }
    (permission,) = environment.index.resource(
        f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    ).policy
    (statement,) = policy_to_dict(permission.policy)["Statement"]
    assert statement["Condition"]["StringEquals"]["AWS:SourceAccount"] == ACCOUNT


@pytest.mark.parametrize(
    "key",
    [("KMS::Key", {"KeyPolicy": grant()}), ("ECR::Repository", {"RepositoryPolicyText": grant()})],
)
def test_a_policy_of_which_the_resource_is_not_known_is_perhaps_of_any(tmp_path, key):
    environment = read(tmp_path, template(Key=key), given=TOLD)
    assert [each.policy for each in environment.unplaced] == [None]


def test_a_transformed_template_is_told(tmp_path):
    files = template(Role=role()) | {}
    files["t.json"]["Transform"] = "AWS::Serverless-2016-10-31"
    environment = read(tmp_path, files, given=HERE)
    assert codes(environment.load_findings) == ["PE1812"]


def test_repeated_keys_are_errors_as_in_every_policy(tmp_path):
    text = '{"Resources": {"A": {"Type": "AWS::X::Y", "Type": "AWS::IAM::Role"}}}'
    assert "PE0016" in codes(refused(tmp_path, {"t.json": text}))


def test_types_without_a_reader_are_counted(tmp_path):
    environment = read(tmp_path, template(A=("EC2::VPC", {}), B=("EC2::VPC", {})), given=TOLD)
    assert "`AWS::EC2::VPC` (2)" in environment.load_findings[0].message


TAGGED = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:PrincipalTag/Team": "red"}},
        }
    ],
}


def verdict(environment, action="s3:ListAllMyBuckets", resource="*"):
    request = Request.of(f"arn:aws:iam::{ACCOUNT}:role/deploy", action, resource)
    return evaluate(request, environment).verdict.value


@pytest.mark.parametrize(
    ("tags", "answer"),
    [
        ([], "allowed"),
        ([{"Key": "Team", "Value": {"Ref": "Team"}}], "unknown"),
        ([{"Key": {"Ref": "Key"}, "Value": "blue"}], "unknown"),
        ({"Fn::If": ["IsProd", [], []]}, "unknown"),
        ([{"Fn::If": ["IsProd", {"Key": "Team", "Value": "red"}, {"Ref": "None"}]}], "unknown"),
        ([{"Key": "Team", "Value": "blue"}, {"Key": "A", "Value": {"Ref": "A"}}], "allowed"),
        ([{"Key": "Team", "Value": "blue"}, {"Fn::If": ["A", {}, {}]}], "allowed"),
    ],
)
def test_a_condition_on_a_tag_that_is_not_known_is_unknown(tmp_path, tags, answer):
    environment = read(tmp_path, template(Role=role(TAGGED, Tags=tags)), given=TOLD)
    assert verdict(environment) == answer
    folder = tmp_path / "written"
    write_environment(environment, folder)
    assert verdict(load_environment(folder / "environment.yaml")) == answer
    assert ("tags are not known" in str(environment.load_findings)) == (
        "Ref" in str(tags) or "Fn::If" in str(tags)
    )


def test_tags_written_by_hand_are_known(tmp_path):
    tags = [{"Key": "Team", "Value": {"Ref": "Team"}}]
    below = read(tmp_path, template(Role=role(TAGGED, Tags=tags)), given=TOLD)
    own = replace(below, identities={"deploy": Identity("deploy", ROLE, tags={"Team": "blue"})})
    assert verdict(overlaid(own, below)) == "allowed"


INCLUDE = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://a/b"}}}


def with_grant(**resources):
    """A role that may do all, so that only what is not known can make an answer unknown."""
    return template(Role=role(allow("*")), **resources)


@pytest.mark.parametrize("place", ["Properties", "resource"])
def test_a_function_among_the_properties_of_a_role_makes_its_policies_unknown(tmp_path, place):
    files = template(Deploy=("IAM::Role", {"Policies": [inline(allow())]}))
    resource = files["t.json"]["Resources"]["Deploy"]
    (resource["Properties"] if place == "Properties" else resource).update(INCLUDE)
    found = read(tmp_path, files, given=TOLD).identities["Deploy"]
    for policies in (found.policies, found.boundary, found.trust):
        assert None in [each.policy for each in policies]


def test_a_function_among_the_properties_of_a_policy_lets_it_hang_anywhere(tmp_path):
    files = with_grant(More=("IAM::Policy", {"PolicyDocument": allow(), **INCLUDE}))
    assert verdict(read(tmp_path, files, given=TOLD)) == "unknown"


def test_a_function_among_the_resources_is_told(tmp_path):
    files = with_grant()
    files["t.json"]["Resources"].update(INCLUDE)
    (finding,) = read(tmp_path, files, given=HERE).load_findings
    assert (finding.code, finding.severity.value) == ("PE1812", "warning")
    assert place(finding)[2] == "/Resources/Fn::Transform"


@pytest.mark.parametrize(
    "properties",
    [
        {"Bucket": {"Ref": "Name"}},
        {"Bucket": {"Fn::GetAtt": ["Nested", "Outputs.Bucket"]}},
        INCLUDE,
    ],
)
def test_a_policy_of_an_unknown_bucket_may_be_of_each(tmp_path, properties):
    files = with_grant(
        Policy=("S3::BucketPolicy", {"PolicyDocument": allow()} | properties),
        Logs=("S3::Bucket", {"BucketName": "logs"}),
        Queue=("SQS::Queue", {"QueueName": "q"}),
        Nested=("CloudFormation::Stack", {}),
    )
    environment = read(tmp_path, files, given=TOLD)
    assert verdict(environment, "s3:ListBucket", "arn:aws:s3:::logs") == "unknown"
    queue = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
    assert verdict(environment, "sqs:SendMessage", queue) == "allowed"


def test_a_function_among_the_properties_of_a_repository_makes_its_policy_unknown(tmp_path):
    files = with_grant(Images=("ECR::Repository", {"RepositoryName": "i"} | INCLUDE))
    environment = read(tmp_path, files, given=TOLD)
    assert [each.policy for each in environment.unplaced] == [None]


def test_an_unknown_path_is_no_path_that_conditions_can_read(tmp_path):
    document = allow()
    document["Statement"][0]["Condition"] = {
        "ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/ops/*"}
    }
    environment = read(tmp_path, template(Role=role(document, Path={"Ref": "Path"})), given=TOLD)
    assert environment.identities["deploy"].arn == ""
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/x"
    request = Request.of(session, "s3:ListAllMyBuckets", "*")
    assert evaluate(request, environment).verdict.value == "unknown"
