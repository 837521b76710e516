"""The folder convention."""

import subprocess
import sys

import pytest
from tests.unit.environment.worlds import (
    ACCOUNT,
    ANNA,
    DEPLOY,
    OTHER,
    SESSION,
    ask,
    codes,
    document,
    told,
    write_policies,
)

from policyeval.context import PRESENT
from policyeval.decision import Verdict
from policyeval.environment.file import load_environment
from policyeval.environment.folder import load_folder
from policyeval.errors import EnvironmentLoadError, InvalidRequestError
from policyeval.stack import Layer

LOG = "arn:aws:s3:::logs/app.log"
FOLDER = {
    "SCPs/deny-sqs.json": document("Deny", "sqs:*"),
    "scp/@222233334444/own.json": document("Deny", "sns:*"),
    "rcp/@root/deny-tls.json": document("Deny", "s3:Nothing", Principal="*"),
    "identity/deploy.json": document("Allow"),
    f"identity/{OTHER}/deploy.json": document("Deny"),
    "identity/anna/one.json": document("Allow", "s3:Get*"),
    "identity/anna/two.json": document("Allow", "s3:List*"),
    "boundary/deploy.json": document("Allow", "s3:*"),
    "trust/deploy.json": document("Allow", "sts:AssumeRole", trust=True, Principal={"AWS": ANNA}),
    "session/small.json": document("Allow", "s3:List*"),
    "resource/s3-logs.json": document(
        "Deny", "s3:DeleteObject", ["arn:aws:s3:::logs/*"], Principal="*"
    ),
    "vpc-endpoints/vpce-0a1b2c3d.json": document("Allow", "s3:GetObject", Principal="*"),
    "permission-set/ReadOnly.json": document("Allow", "s3:Get*"),
}


def folder(tmp_path, more=()):
    write_policies(tmp_path / "policies", FOLDER | dict(more))
    return load_folder(tmp_path / "policies")


def refused(tmp_path, more):
    with pytest.raises(EnvironmentLoadError) as caught:
        folder(tmp_path, more)
    return codes(caught.value.findings)


def names(decision, layer):
    return [each.name for each in decision.stack.policies(layer)]


def test_each_policy_hangs_where_its_place_says(tmp_path):
    environment = folder(tmp_path)
    decision = ask(environment, DEPLOY, "s3:GetObject", LOG)
    assert decision.allowed
    assert names(decision, Layer.IDENTITY_POLICY) == ["identity/deploy.json"]
    assert names(decision, Layer.PERMISSIONS_BOUNDARY) == ["boundary/deploy.json"]
    assert names(decision, Layer.RESOURCE_POLICY) == ["resource/s3-logs.json"]
    assert names(decision, Layer.RESOURCE_CONTROL_POLICY) == ["rcp/@root/deny-tls.json"]
    assert names(decision, Layer.SERVICE_CONTROL_POLICY) == [
        "FullAWSAccess",
        "scp/deny-sqs.json",
        "FullAWSAccess",
        "scp/@222233334444/own.json",
    ]
    assert told(decision).count("PE0733") == 2


def test_an_allow_of_its_own_keeps_the_default_scp_away(tmp_path):
    environment = folder(tmp_path, {"scp/allow.json": document("Allow", "s3:*")})
    decision = ask(environment, f"arn:aws:iam::{OTHER}:role/x", "s3:GetObject", LOG)
    assert "FullAWSAccess" not in names(decision, Layer.SERVICE_CONTROL_POLICY)


def test_a_session_finds_its_role_by_name(tmp_path):
    decision = ask(folder(tmp_path), SESSION, "sqs:ListQueues")
    assert Layer.SERVICE_CONTROL_POLICY in decision.blocking
    assert names(decision, Layer.IDENTITY_POLICY) == ["identity/deploy.json"]


def test_a_name_may_be_told_apart_by_account(tmp_path):
    decision = ask(folder(tmp_path), f"arn:aws:iam::{OTHER}:role/deploy", "s3:GetObject", LOG)
    assert names(decision, Layer.IDENTITY_POLICY) == [f"identity/{OTHER}/deploy.json"]


def test_a_principal_may_have_a_folder_of_policies(tmp_path):
    decision = ask(folder(tmp_path), ANNA, "s3:GetObject", LOG)
    assert names(decision, Layer.IDENTITY_POLICY) == [
        "identity/anna/one.json",
        "identity/anna/two.json",
    ]


def test_a_permission_set_is_the_policy_of_its_roles(tmp_path):
    role = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_ReadOnly_0123456789abcdef/anna"
    decision = ask(folder(tmp_path), role, "s3:GetObject", LOG)
    assert names(decision, Layer.IDENTITY_POLICY) == ["permission_set/ReadOnly.json"]


def test_trust_endpoint_and_session_policies(tmp_path):
    environment = folder(tmp_path)
    assert ask(environment, ANNA, "sts:AssumeRole", DEPLOY).allowed
    through = ask(environment, ANNA, "s3:ListBucket", "arn:aws:s3:::logs",
                  {"aws:SourceVpce": "vpce-0a1b2c3d"})  # fmt: skip
    assert through.blocking == (Layer.VPC_ENDPOINT_POLICY,)
    small = environment.with_session_policies(["small"])
    assert ask(small, SESSION, "s3:GetObject", LOG).blocking == (Layer.SESSION_POLICY,)
    with pytest.raises(InvalidRequestError, match="did you mean `small`"):
        environment.with_session_policies(["smal"])


def test_a_folder_does_not_know_its_organizations_id(tmp_path):
    context = ask(folder(tmp_path), DEPLOY, "s3:GetObject", LOG).request.context
    assert context["aws:PrincipalOrgID"] is context["aws:ResourceOrgID"] is PRESENT


def test_a_folder_of_a_unit_leaves_scps_unknown(tmp_path):
    environment = folder(tmp_path, {"scp/@Workloads/region.json": document("Deny")})
    decision = ask(environment, DEPLOY, "s3:GetObject", LOG)
    assert decision.missing == ("policies:scp",)
    assert "PE0732" in told(decision)


def test_what_stands_beside_a_policy_tells_the_rest(tmp_path):
    environment = folder(
        tmp_path,
        {
            "resource/kms-key.json": document("Allow", "kms:*", Principal="*"),
            "resource/kms-key.meta.yaml": "arn: arn:aws:kms:eu-west-1:222233334444:key/1\n",
            "resource/s3-logs.meta.yaml": 'arn: arn:aws:s3:::logs\nowner: "111122223333"\n',
            "identity/@group-devs/more.json": document("Allow", "sns:*"),
            "identity/anna.meta.yaml": f"arn: {ANNA}\ngroups: [devs]\ntags: {{ team: x }}\n",
        },
    )
    assert ask(environment, ANNA, "kms:Decrypt", "arn:aws:kms:eu-west-1:222233334444:key/1").allowed
    decision = ask(environment, ANNA, "s3:GetObject", LOG)
    assert decision.request.resource.account == OTHER
    assert decision.request.context["aws:PrincipalTag/team"] == ("x",)
    assert "identity/@group-devs/more.json" in names(decision, Layer.IDENTITY_POLICY)
    assert environment.principal_arn("anna") == ANNA


def test_names_need_an_arn_to_be_asked_about(tmp_path):
    for name in ("deploy", "anna", "deploy/session"):
        with pytest.raises(InvalidRequestError) as caught:
            folder(tmp_path).principal_arn(name)
        assert codes(caught.value.findings) == ["PE0744"]


def test_a_group_without_members_is_told(tmp_path):
    environment = folder(tmp_path, {"identity/@group-devs/x.json": document()})
    assert codes(environment.load_findings) == ["PE0734"]


def test_broken_policies_hide_nothing_and_are_unknown(tmp_path):
    environment = folder(tmp_path, {"identity/deploy.json": "{", "resource/s3-x.json": "{"})
    assert ask(environment, DEPLOY, "s3:GetObject", LOG).verdict is Verdict.UNKNOWN
    assert ask(environment, ANNA, "s3:GetObject", LOG).allowed
    # The broken bucket policy may be that of any bucket that has no entry.
    decision = ask(environment, ANNA, "s3:GetObject", "arn:aws:s3:::x/y")
    assert decision.missing == ("policies:resource",)
    assert len([each for each in environment.findings if each.is_error]) >= 2


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("stray.json", "{}", "PE0730"),
        ("identitty/x.json", "{}", "PE0730"),
        ("other/deep/x.json", "{}", "PE0730"),
        ("scp/x.jsonc", "{}", "PE0730"),
        ("scp/Workloads/x.json", "{}", "PE0730"),
        ("identity/deploy.meta.yaml", "arn: nonsense", "PE0707"),
        ("identity/deploy.meta.yaml", "unknown: 1", "PE0707"),
        ("identity/deploy.meta.yaml", "tags: [1]", "PE0707"),
        ("identity/deploy.meta.yaml", "a: !!python/object:x y", "PE0703"),
        ("resource/s3-logs.meta.yaml", "owner: 012345678901", "PE0707"),
    ],
)
def test_what_has_no_place_is_an_error(tmp_path, name, content, code):
    assert code in refused(tmp_path, {name: content})


def test_policy_of_which_nothing_tells_the_resource_does_not_stop_the_others(tmp_path):
    policy = document("Allow", "sqs:*", "*", Principal="*")
    environment = folder(tmp_path, {"resource/sqs.json": policy})
    [finding] = [each for each in environment.load_findings if each.code == "PE0731"]
    assert not finding.is_error


def test_other_files_are_left_alone(tmp_path):
    folder(tmp_path, {"README.md": "x", "notes/x.txt": "x", ".hidden/x.json": "x"})


def test_folders_that_are_none_are_errors(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "gone", tmp_path / "file", "a\0b", tmp_path / ("x" * 5000)):
        with pytest.raises(EnvironmentLoadError, match="cannot be read"):
            load_folder(path)


def test_links_out_of_the_folder_are_refused(tmp_path):
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    inside = tmp_path / "inside"
    write_policies(inside / "policies", FOLDER)
    (inside / "policies/identity/link.json").symlink_to(outside)
    with pytest.raises(EnvironmentLoadError) as caught:
        load_folder(inside / "policies")
    assert codes(caught.value.findings) == ["PE0720"]


def test_a_folder_is_found_from_above_and_by_load_environment(tmp_path):
    folder(tmp_path)
    for environment in (load_folder(tmp_path), load_environment(tmp_path / "policies")):
        assert "deploy" in environment.identities


def test_the_folder_convention_needs_neither_yaml_nor_pydantic(tmp_path):
    folder(tmp_path)
    script = (
        "import sys; from policyeval.environment.folder import load_folder; "
        "load_folder(sys.argv[1]); "
        "assert not {'yaml', 'pydantic', 'lark'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
