"""A small world on disk, and suites that ask it."""

import json
import textwrap

from policyeval.errors import PolicyEvalError
from policyeval.testing import Status, load_suite, run_suite

ACCOUNT = "222233334444"

ENVIRONMENT = f"""
version: 1
organization:
  id: o-a1b2c3d4e5
  management: "999900001111"
  root:
    id: r-ab12
    scps: [FullAWSAccess]
    ous:
      Workloads:
        id: ou-ab12-11111111
        scps: [FullAWSAccess, scp/region.json]
        accounts: [payments]
accounts:
  payments: {{ id: "{ACCOUNT}", scps: [FullAWSAccess] }}
principals:
  deploy:
    arn: arn:aws:iam::{ACCOUNT}:role/deploy
    policies: [identity/deploy.json]
  anna:
    arn: arn:aws:iam::{ACCOUNT}:user/anna
    policies: [identity/deploy.json]
    boundary: boundary/anna.json
resources:
  logs: {{ arn: "arn:aws:s3:::logs", owner: payments, policy: resource/logs.json }}
vpc_endpoints:
  door: {{ id: vpce-0a1b2c3d, account: payments, service: s3 }}
contexts:
  via-vpc: {{ aws:SourceVpce: vpce-0a1b2c3d }}
  no-mfa: {{ aws:MultiFactorAuthPresent: null }}
complete: [scp, rcp, vpc_endpoint, resource, identity, boundary]
"""


def allow(action="s3:*", resource="*", sid="Allow", **more):
    return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action="s3:*", resource="*", sid="Deny", **more):
    return {"Sid": sid, "Effect": "Deny", "Action": action, "Resource": resource, **more}


POLICIES = {
    "scp/region.json": [
        deny(
            "sqs:*",
            sid="DenyOutsideEU",
            Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
        )
    ],
    "identity/deploy.json": [
        allow(["s3:GetObject", "s3:PutObject", "sqs:*"], sid="Publish"),
        allow(
            "s3:DeleteObject",
            sid="DeleteWithMfa",
            Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        ),
    ],
    "boundary/anna.json": [allow("s3:GetObject", sid="OnlyRead")],
    "resource/logs.json": [
        deny(
            "s3:PutObject",
            "arn:aws:s3:::logs/*",
            sid="NoWrites",
            Principal="*",
        )
    ],
    "session/read.json": [allow("s3:GetObject", sid="ReadOnly")],
    "scp/closed.json": [deny("s3:*", sid="Closed")],
}


def write_policy(path, statements):
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"Version": "2012-10-17", "Statement": statements}
    path.write_text(json.dumps(document, indent=2))


def write_world(folder):
    """Write environment.yaml and its policies."""
    (folder / "pyproject.toml").write_text("")
    (folder / "environment.yaml").write_text(ENVIRONMENT)
    for name, statements in POLICIES.items():
        write_policy(folder / "policies" / name, statements)
    return folder


def write_suite(folder, text, name="a.policytest.yaml"):
    path = folder / name
    path.write_text(f"version: 1\n{textwrap.dedent(text)}")
    return path


def suite_of(folder, text):
    return load_suite(write_suite(folder, text))


def results_of(folder, text):
    return run_suite(suite_of(folder, text)).results


def passes(folder, text):
    """Tell of each test of a suite whether it passes."""
    return [result.status is Status.PASSED for result in results_of(folder, text)]


def findings_of(folder, text):
    """Give what is wrong with a suite: code, line and column of each finding."""
    try:
        suite_of(folder, text)
    except PolicyEvalError as error:
        return [(each.code, *place_of(each)) for each in error.findings]
    return []


def place_of(finding):
    location = finding.location
    span = location.resolve()
    return location.source.map.line_and_column(span.start)
