"""Users, groups, roles and managed policies of `get-account-authorization-details`."""

import json
from urllib.parse import quote

import pytest
from tests.unit.environment.exports.exporting import (
    ACCOUNT,
    ALLOW,
    OTHER,
    allow,
    attached,
    codes,
    details,
    group,
    inline,
    managed,
    place,
    read,
    refused,
    role,
    user,
    write,
)

from policyeval.environment.exports.read import read_exports
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.write import policy_to_dict
from policyeval.request import Request

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
FORMS = {
    "object": lambda document: document,
    "text": json.dumps,
    "url": lambda document: quote(json.dumps(document)),
    "url with lines": lambda document: quote(json.dumps(document, indent=4), safe=""),
}


def only(environment, name="deploy"):
    return environment.identities[name]


def names(documents):
    return [document.name for document in documents]


@pytest.mark.parametrize("form", FORMS)
def test_a_document_is_the_same_in_every_form(tmp_path, form):
    written = FORMS[form](allow("s3:GetObject", "arn:aws:s3:::ä/*"))
    environment = read(
        tmp_path, {"a.json": details(roles=[role(RolePolicyList=[inline(written)])])}
    )
    (document,) = only(environment).policies
    assert policy_to_dict(document.policy)["Statement"][0]["Resource"] == "arn:aws:s3:::ä/*"
    assert document.name == "deploy/main"
    assert document.policy.type.value == "identity"


def test_a_policy_knows_its_lines_in_the_export(tmp_path):
    broken = {"Version": "2012-10-17", "Statement": [{"Effect": "Alow", "Action": "*"}]}
    files = {"a.json": details(roles=[role("one"), role(RolePolicyList=[inline(broken)])])}
    environment = read(tmp_path, files)
    (document,) = only(environment).policies
    finding = document.findings[0]
    line, column, pointer = place(finding)
    assert pointer == "/RoleDetailList/1/RolePolicyList/0/PolicyDocument/Statement/0/Effect"
    text = (tmp_path / "a.json").read_text().splitlines()[line - 1]
    assert text[column - 1 :] == '"Alow",'


def test_a_policy_in_a_file_of_one_line_is_told_by_its_pointer(tmp_path):
    broken = {"Version": "2012-10-17", "Statement": [{"Effect": "Alow", "Action": "*"}]}
    late = role("late", RolePolicyList=[inline(broken)])
    text = json.dumps(details(roles=[*(role(f"r{n}") for n in range(9)), late]))
    environment = read(tmp_path, {"a.json": text})
    finding = only(environment, "late").policies[0].findings[0]
    name = finding.location.source.name
    assert name.endswith("a.json#/RoleDetailList/9/RolePolicyList/0/PolicyDocument")
    assert finding.location.source.text[finding.location.resolve().start :].startswith('"Alow"')


def test_a_policy_in_a_text_is_told_by_its_pointer_and_its_own_lines(tmp_path):
    written = quote(json.dumps({"Statement": [{"Effect": "Alow"}]}, indent=1))
    environment = read(
        tmp_path, {"a.json": details(roles=[role(RolePolicyList=[inline(written)])])}
    )
    finding = only(environment).policies[0].findings[0]
    assert finding.location.source.name.endswith(
        "a.json#/RoleDetailList/0/RolePolicyList/0/PolicyDocument"
    )
    assert place(finding)[:2] == (4, 14)


def test_one_broken_policy_hides_no_other(tmp_path):
    files = {
        "a.json": details(
            roles=[role("bad", RolePolicyList=[inline(5)]), role(RolePolicyList=[inline(ALLOW)])]
        )
    }
    environment = read(tmp_path, files)
    assert only(environment).policies[0].policy is not None
    (broken,) = only(environment, "bad").policies
    assert broken.policy is None
    assert codes(broken.findings) == ["PE0101"]
    ask = ("s3:ListBucket", "arn:aws:s3:::b")
    verdicts = {
        name: evaluate(
            Request.of(only(environment, name).arn, *ask, resource_account=ACCOUNT), environment
        ).verdict.value
        for name in ("bad", "deploy")
    }
    assert verdicts == {"bad": "unknown", "deploy": "allowed"}


def test_what_an_entry_lacks_it_does_not_have(tmp_path):
    environment = read(tmp_path, {"a.json": details(users=[user()], roles=[role()])})
    assert (only(environment).policies, only(environment).boundary) == ((), ())
    assert only(environment).trust is None
    assert (only(environment, "anna").policies, only(environment, "anna").trust) == ((), ())
    assert environment.complete == frozenset()


def test_managed_policies_are_found_in_any_file_and_only_their_default_version_counts(tmp_path):
    old = managed("base", allow("ec2:*"))
    old["PolicyVersionList"] += [{"Document": ALLOW, "VersionId": "v2", "IsDefaultVersion": False}]
    arn = old["Arn"]
    files = {
        "1.json": details(roles=[role(AttachedManagedPolicies=[attached(arn)])]),
        "2.json": details(policies=[old]),
        "3.json": details(
            users=[user(PermissionsBoundary={"PermissionsBoundaryArn": arn})], policies=[old]
        ),
    }
    environment = read(tmp_path, files)
    (document,) = only(environment).policies
    assert (document.name, document.arn) == ("base", arn)
    assert policy_to_dict(document.policy)["Statement"][0]["Action"] == "ec2:*"
    (boundary,) = only(environment, "anna").boundary
    assert boundary.policy.type.value == "boundary"


def test_a_policy_that_no_export_holds_is_unknown(tmp_path):
    own = f"arn:aws:iam::{ACCOUNT}:policy/base"
    files = {
        "a.json": details(
            roles=[role(AttachedManagedPolicies=[attached(own), attached(READ_ONLY)])]
        )
    }
    environment = read(tmp_path, files)
    assert [codes(each.findings) for each in only(environment).policies] == [
        ["PE1810"],
        ["PE0722"],
    ]
    line, _, pointer = place(only(environment).policies[1].findings[0])
    assert pointer == "/RoleDetailList/0/AttachedManagedPolicies/1/PolicyArn"
    assert READ_ONLY in (tmp_path / "a.json").read_text().splitlines()[line - 1]
    request = Request.of(only(environment).arn, "s3:ListAllMyBuckets", "*")
    assert evaluate(request, environment).verdict.value == "unknown"


def test_members_of_a_group_have_its_policies_and_those_of_an_unknown_group_are_unknown(tmp_path):
    files = {
        "a.json": details(
            users=[user(GroupList=["devs"]), user("bob", GroupList=["ops"])],
            groups=[group(GroupPolicyList=[inline(ALLOW)])],
        )
    }
    environment = read(tmp_path, files)
    assert names(environment.groups["devs"].policies) == ["devs/main"]
    assert codes(environment.groups["ops"].policies[0].findings) == ["PE1810"]
    ask = ("s3:ListAllMyBuckets", "*")
    verdicts = [
        evaluate(Request.of(only(environment, name).arn, *ask), environment).verdict.value
        for name in ("anna", "bob")
    ]
    assert verdicts == ["allowed", "unknown"]


def test_names_that_several_have_go_by_their_account(tmp_path):
    files = {
        "a.json": details(users=[user("deploy")], roles=[role()], groups=[group()]),
        "b.json": details(
            roles=[role(account=OTHER), role("solo", OTHER)],
            groups=[group(account=OTHER)],
            users=[user("eve", OTHER, GroupList=["devs"])],
        ),
    }
    environment = read(tmp_path, files)
    assert sorted(environment.identities) == [
        f"{OTHER}.deploy",
        "eve",
        f"role.{ACCOUNT}.deploy",
        "solo",
        f"user.{ACCOUNT}.deploy",
    ]
    assert environment.identities["eve"].groups == (f"{OTHER}/devs",)
    assert environment.principal_arn(f"{OTHER}/deploy") == role(account=OTHER)["Arn"]


def test_a_page_that_is_not_the_last_is_told(tmp_path):
    files = {"a.json": details(roles=[role()], IsTruncated=True, Marker="x")}
    environment = read(tmp_path, files)
    assert codes(environment.load_findings) == ["PE1805"]
    assert place(environment.load_findings[0])[2] == "/IsTruncated"


@pytest.mark.parametrize(
    ("entry", "pointer"),
    [
        ({"Arn": 5}, "/RoleDetailList/0/Arn"),
        ({"Arn": "x"}, "/RoleDetailList/0/Arn"),
        ({"Arn": "arn:aws:iam::222233334444:user/a"}, "/RoleDetailList/0/Arn"),
        ({"Arn": "arn:aws:iam::aws:role/a"}, "/RoleDetailList/0/Arn"),
        ({"RoleName": "a"}, "/RoleDetailList/0"),
        (role(Tags={}), "/RoleDetailList/0/Tags"),
        (role(Tags=[{"Value": "x"}]), "/RoleDetailList/0/Tags/0"),
        (role(RolePolicyList=[5]), "/RoleDetailList/0/RolePolicyList/0"),
        (role(AttachedManagedPolicies=[{}, {"PolicyArn": []}]), "/RoleDetailList/0/Attached"),
        (role(PermissionsBoundary="x"), "/RoleDetailList/0/PermissionsBoundary"),
        ("role", "/RoleDetailList/0"),
    ],
)
def test_what_does_not_fit_is_an_error_at_its_place(tmp_path, entry, pointer):
    findings = refused(tmp_path, {"a.json": details(roles=[entry])})
    assert codes(findings) == ["PE1803"]
    assert place(findings[0])[2].startswith(pointer)


def test_members_that_aws_added_later_are_counted(tmp_path):
    files = {"a.json": details(roles=[role(Colour="red"), role("b", Colour="blue")], Extra=[1])}
    (finding,) = read(tmp_path, files).load_findings
    assert finding.code == "PE1807"
    assert "`role.Colour` (2)" in finding.message
    assert "`Extra` (1)" in finding.message


def test_two_exports_that_agree_are_one(tmp_path):
    whole = details(roles=[role(RolePolicyList=[inline(ALLOW)], Tags=[{"Key": "a", "Value": "b"}])])
    environment = read(tmp_path, {"a.json": whole, "b.json": json.dumps(whole)})
    assert environment.load_findings == ()
    assert names(only(environment).policies) == ["deploy/main"]


def test_two_exports_that_differ_make_a_policy_unknown(tmp_path):
    files = {
        "a.json": details(roles=[role(RolePolicyList=[inline(ALLOW)])]),
        "b.json": details(roles=[role(RolePolicyList=[inline(allow())])]),
    }
    (document,) = only(read(tmp_path, files)).policies
    assert document.policy is None
    assert codes(document.findings) == ["PE1806"]


def test_two_exports_that_differ_in_a_fact_are_refused(tmp_path):
    files = {
        "a.json": details(roles=[role(Tags=[{"Key": "a", "Value": "1"}])]),
        "b.json": details(roles=[role(Tags=[{"Key": "a", "Value": "2"}])]),
    }
    (finding,) = refused(tmp_path, files)
    assert finding.code == "PE1806"
    assert "a.json" in finding.help


def test_a_file_that_changes_after_loading_is_noticed(tmp_path):
    (path,) = write(tmp_path, {"a.json": details(roles=[role(RolePolicyList=[inline(ALLOW)])])})
    environment = read_exports([path])
    path.write_text(path.read_text() + " ")
    (document,) = only(environment).policies
    assert document.policy is None
    assert codes(document.findings) == ["PE1804"]
    path.unlink()
    assert codes(only(read_again(tmp_path, path)).policies[0].findings) == ["PE1804"]


def read_again(tmp_path, path):
    write(tmp_path, {"a.json": details(roles=[role(RolePolicyList=[inline(ALLOW)])])})
    environment = read_exports([path])
    path.unlink()
    return environment


def test_a_boundary_that_is_told_twice_is_an_error_with_its_place(tmp_path):
    boundary = {"PermissionsBoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/tight"}
    text = json.dumps(details(roles=[role(PermissionsBoundary=boundary)]), indent=1)
    again = text.replace(
        '"PermissionsBoundary":', '"PermissionsBoundary": null,\n   "PermissionsBoundary":'
    )
    (finding,) = refused(tmp_path, {"g.json": again})
    assert finding.code == "PE0016"
    line, column, pointer = place(finding)
    assert again.splitlines()[line - 1][column - 1 :].startswith('"PermissionsBoundary": {')
    assert pointer == "/RoleDetailList/0/PermissionsBoundary"
