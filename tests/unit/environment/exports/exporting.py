"""Small exports for tests, written to a folder of their own."""

import json

import pytest

from policyeval.environment.exports.read import read_exports
from policyeval.errors import EnvironmentLoadError

ACCOUNT, OTHER, BOSS = "222233334444", "111122223333", "999900001111"
ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def allow(action="s3:*", resource="*"):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def role(name="deploy", account=ACCOUNT, path="/", **more):
    return {
        "Path": path,
        "RoleName": name,
        "Arn": f"arn:aws:iam::{account}:role{path}{name}",
    } | more


def user(name="anna", account=ACCOUNT, **more):
    return {"UserName": name, "Arn": f"arn:aws:iam::{account}:user/{name}"} | more


def group(name="devs", account=ACCOUNT, **more):
    return {"GroupName": name, "Arn": f"arn:aws:iam::{account}:group/{name}"} | more


def inline(document, name="main"):
    return {"PolicyName": name, "PolicyDocument": document}


def attached(arn):
    return {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}


def managed(name, document, account=ACCOUNT):
    return {
        "PolicyName": name,
        "Arn": f"arn:aws:iam::{account}:policy/{name}",
        "DefaultVersionId": "v1",
        "PolicyVersionList": [{"Document": document, "VersionId": "v1", "IsDefaultVersion": True}],
    }


def details(users=(), groups=(), roles=(), policies=(), **more):
    return {
        "UserDetailList": list(users),
        "GroupDetailList": list(groups),
        "RoleDetailList": list(roles),
        "Policies": list(policies),
        "IsTruncated": False,
    } | more


def write(folder, files):
    """Write exports, or texts that are none; give their paths."""
    paths = []
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content, indent=2)
            path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def read(folder, files, **how):
    return read_exports(write(folder, files), **how)


def refused(folder, files, **how):
    """Give the findings of exports that cannot be read."""
    with pytest.raises(EnvironmentLoadError) as caught:
        read(folder, files, **how)
    assert any(finding.is_error for finding in caught.value.findings), caught.value.message
    return caught.value.findings


def codes(findings):
    return [finding.code for finding in findings]


def place(finding):
    """Line, column and pointer of a finding, as messages show them."""
    location = finding.location
    span = location.resolve()
    return (*location.source.map.line_and_column(span.start), location.pointer)
