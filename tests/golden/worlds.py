"""Six denials that people meet, and a few answers beside; each made from policies as written."""

from policyeval.evaluation.engine import evaluate
from policyeval.explanation.explain import explain
from policyeval.parsing.policy import parse_policy
from policyeval.policy import PolicyType
from policyeval.request import Request
from policyeval.stack import AttachedPolicy, Layer, PolicyStack

FULL = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'

REGION_LOCK = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "DenyOutsideEU",
      "Effect": "Deny",
      "NotAction": ["iam:*", "sts:*", "organizations:*"],
      "Resource": "*",
      "Condition": {
        "StringNotEquals": {
          "aws:RequestedRegion": ["eu-west-1", "eu-central-1"]
        }
      }
    }
  ]
}
"""

QUEUES = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Queues",
      "Effect": "Allow",
      "Action": "sqs:*",
      "Resource": "arn:aws:sqs:*:222233334444:*"
    }
  ]
}
"""

DEV = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "CreateTaggedSecrets",
      "Effect": "Allow",
      "Action": "secretsmanager:CreateSecret",
      "Resource": "*",
      "Condition": {
        "Null": {"aws:RequestTag/team": "false"}
      }
    },
    {
      "Sid": "ReadSecrets",
      "Effect": "Allow",
      "Action": [
        "secretsmanager:GetSecretValue",
        "secretsmanager:List*"
      ],
      "Resource": "arn:aws:secretsmanager:eu-west-1:222233334444:secret:app-*"
    }
  ]
}
"""

EXPORTS = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "ReadExports",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::111122223333:role/etl-prod"},
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::pay-exports/*"
    }
  ]
}
"""

ETL = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "ReadExports", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
  ]
}
"""

SITE = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "PublishSite", "Effect": "Allow",
     "Action": ["s3:GetObject", "s3:PutObject"],
     "Resource": "arn:aws:s3:::site/*"}
  ]
}
"""

SESSION = """\
{ "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:PutObject"],
      "Resource": "arn:aws:s3:::site" }
  ] }
"""

ENDPOINT = """\
{ "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Deny",
      "Principal": "*", "Action": "*", "Resource": "*",
      "Condition": { "StringNotEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } }
  ] }
"""

KEY = """\
{ "Version": "2012-10-17",
  "Statement": [
    { "Sid": "KeyAdmins", "Effect": "Allow",
      "Principal": { "AWS": "arn:aws:iam::222233334444:role/key-admin" },
      "Action": ["kms:Decrypt", "kms:Describe*"], "Resource": "*" }
  ] }
"""

LOGS = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "OnlyOurEndpoint",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:*",
      "Resource": "arn:aws:s3:::logs/*",
      "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}
    },
    {
      "Sid": "TlsOnly",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:*",
      "Resource": "arn:aws:s3:::logs/*",
      "Condition": {"Bool": {"aws:SecureTransport": "false"}}
    }
  ]
}
"""


def attach(layer, text, name, attached_to="", path="policies/"):
    policy = parse_policy(text, name=path + name, type=PolicyType(layer.value))
    return AttachedPolicy(policy, name, attached_to=attached_to)


def explain_case(request, layers, **options):
    stack = PolicyStack.of(layers, complete=tuple(Layer), **options)
    return explain(evaluate(request, stack))


def scp_denies():
    request = Request.of(
        "arn:aws:sts::222233334444:assumed-role/deploy/ci",
        "sqs:CreateQueue",
        "arn:aws:sqs:eu-north-1:222233334444:orders",
    )
    scp = Layer.SERVICE_CONTROL_POLICY
    full = attach(scp, FULL, "scp/FullAWSAccess.json")
    lock = attach(scp, REGION_LOCK, "scp/region-lock.json", "OU Workloads (ou-ab12-11111111)")
    identity = attach(Layer.IDENTITY_POLICY, QUEUES, "identity/deploy.json")
    return explain_case(
        request, {scp: [[full], [full, lock], [full]], Layer.IDENTITY_POLICY: [identity]}
    )


def identity_near_miss():
    request = Request.of(
        "arn:aws:iam::222233334444:role/dev-anna",
        "secretsmanager:CreateSecret",
        "arn:aws:secretsmanager:eu-west-1:222233334444:secret:db-main-4fG2kq",
    )
    identity = attach(Layer.IDENTITY_POLICY, DEV, "identity/dev.json")
    boundary = attach(Layer.PERMISSIONS_BOUNDARY, FULL, "boundary/dev.json")
    return explain_case(
        request, {Layer.IDENTITY_POLICY: [identity], Layer.PERMISSIONS_BOUNDARY: [boundary]}
    )


def across_accounts():
    request = Request.of(
        "arn:aws:iam::111122223333:role/etl",
        "s3:GetObject",
        "arn:aws:s3:::pay-exports/2026/11/a.csv",
        resource_account="444455556666",
    )
    identity = attach(Layer.IDENTITY_POLICY, ETL, "identity/etl.json")
    bucket = attach(Layer.RESOURCE_POLICY, EXPORTS, "resource/pay-exports.bucket.json")
    return explain_case(
        request, {Layer.IDENTITY_POLICY: [identity], Layer.RESOURCE_POLICY: [bucket]}
    )


def session_cuts():
    request = Request.of(
        "arn:aws:sts::222233334444:assumed-role/deploy/gha-4711",
        "s3:PutObject",
        "arn:aws:s3:::site/index.html",
        resource_account="222233334444",
    )
    identity = attach(Layer.IDENTITY_POLICY, SITE, "identity/deploy.json")
    session = attach(Layer.SESSION_POLICY, SESSION, "session.json", path="")
    return explain_case(
        request, {Layer.IDENTITY_POLICY: [identity], Layer.SESSION_POLICY: [session]}
    )


def endpoint_has_only_denies():
    request = Request.of(
        "arn:aws:iam::222233334444:role/node",
        "ecr:BatchGetImage",
        "arn:aws:ecr:eu-west-1:222233334444:repository/web",
        {"aws:SourceVpce": "vpce-0a1b2c3d", "aws:PrincipalOrgID": "o-a1b2c3d4e5"},
    )
    identity = attach(Layer.IDENTITY_POLICY, FULL, "identity/node.json")
    endpoint = attach(Layer.VPC_ENDPOINT_POLICY, ENDPOINT, "vpc_endpoint/vpce-0a1b2c3d.json")
    return explain_case(
        request, {Layer.IDENTITY_POLICY: [identity], Layer.VPC_ENDPOINT_POLICY: [endpoint]}
    )


def key_policy_is_silent():
    request = Request.of(
        "arn:aws:iam::222233334444:role/admin",
        "kms:Decrypt",
        "arn:aws:kms:eu-west-1:222233334444:key/1234abcd",
    )
    identity = attach(Layer.IDENTITY_POLICY, FULL, "AdministratorAccess", path="aws/")
    key = attach(Layer.RESOURCE_POLICY, KEY, "resource/key-1234abcd.json")
    return explain_case(request, {Layer.IDENTITY_POLICY: [identity], Layer.RESOURCE_POLICY: [key]})


def two_facts_decide():
    from policyeval.context import Facts

    request = Request.of(
        "arn:aws:sts::222233334444:assumed-role/deploy/ci",
        "s3:PutObject",
        "arn:aws:s3:::logs/app.log",
        resource_account="222233334444",
        facts=Facts.PARTIAL,
    )
    identity = attach(Layer.IDENTITY_POLICY, FULL, "identity/deploy.json")
    bucket = attach(Layer.RESOURCE_POLICY, LOGS, "resource/logs.bucket.json")
    return explain_case(
        request, {Layer.IDENTITY_POLICY: [identity], Layer.RESOURCE_POLICY: [bucket]}
    )


def allowed_by_the_policies_given():
    request = Request.of(
        "arn:aws:sts::222233334444:assumed-role/deploy/ci",
        "sqs:SendMessage",
        "arn:aws:sqs:eu-west-1:222233334444:orders",
    )
    identity = attach(Layer.IDENTITY_POLICY, QUEUES, "identity/deploy.json")
    return explain(evaluate(request, PolicyStack.of({Layer.IDENTITY_POLICY: [identity]})))


def policies_without_text():
    request = Request.of(
        "arn:aws:iam::222233334444:user/Ana",
        "s3:PutObject",
        "arn:aws:s3:::site/index.html",
        {"aws:MultiFactorAuthPresent": False},
        resource_account="222233334444",
    )
    allow = parse_policy(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"},
                {
                    "Effect": "Deny",
                    "Action": ["s3:Get*", "s3:Put*"],
                    "Resource": "*",
                    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
                },
            ],
        },
        name="identity[0]",
    )
    return explain_case(request, {Layer.IDENTITY_POLICY: [allow]})


WORLDS = {
    world.__name__: world
    for world in (
        scp_denies,
        identity_near_miss,
        across_accounts,
        session_cuts,
        endpoint_has_only_denies,
        key_policy_is_silent,
        two_facts_decide,
        allowed_by_the_policies_given,
        policies_without_text,
    )
}
