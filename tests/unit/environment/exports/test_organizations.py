"""The organization, from what `aws organizations …` prints."""

import json

import pytest
from tests.unit.environment.exports.exporting import (
    ACCOUNT,
    BOSS,
    OTHER,
    codes,
    details,
    read,
    refused,
    role,
)

from policyeval.context import UNKNOWN
from policyeval.environment.situation import situation_of, with_facts
from policyeval.evaluation.engine import evaluate
from policyeval.request import Request
from policyeval.stack import Layer

ORG, ROOT, UNIT = "o-a1b2c3d4e5", "r-ab12", "ou-ab12-11111111"
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
STRANGER = "555566667777"
FULL = {
    "Id": "p-FullAWSAccess",
    "Arn": "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
    "Name": "FullAWSAccess",
    "Type": SCP,
}
LOCK = {
    "Id": "p-lock0001",
    "Arn": f"arn:aws:organizations::{BOSS}:policy/{ORG}/service_control_policy/p-lock0001",
    "Name": "Lock",
    "Type": SCP,
}
DENY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}],
}


def account(identifier, name="x"):
    arn = f"arn:aws:organizations::{BOSS}:account/{ORG}/{identifier}"
    return {"Id": identifier, "Arn": arn, "Name": name}


WHOLE = {
    "describe-organization.json": {"Organization": {"Id": ORG, "MasterAccountId": BOSS}},
    "list-roots.json": {"Roots": [{"Id": ROOT, "Name": "Root"}]},
    f"list-organizational-units-for-parent.{ROOT}.json": {
        "OrganizationalUnits": [{"Id": UNIT, "Name": "Workloads"}]
    },
    f"list-organizational-units-for-parent.{UNIT}.json": {"OrganizationalUnits": []},
    f"list-accounts-for-parent.{ROOT}.json": {"Accounts": [account(BOSS, "Boss")]},
    f"list-accounts-for-parent.{UNIT}.json": {"Accounts": [account(ACCOUNT, "Pay ments")]},
    "describe-policy.p-lock0001.json": {
        "Policy": {"PolicySummary": LOCK, "Content": json.dumps(DENY)}
    },
    "gaad.json": details(
        roles=[
            role(
                "r",
                each,
                RolePolicyList=[
                    {
                        "PolicyName": "all",
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
                        },
                    }
                ],
            )
            for each in (ACCOUNT, OTHER, STRANGER, BOSS)
        ]
    ),
}
FOR_TARGETS = {
    f"list-policies-for-target.{target}.{SCP}.json": {"Policies": [FULL, *more]}
    for target, more in ((ROOT, []), (UNIT, [LOCK]), (ACCOUNT, []), (BOSS, []))
}
FOR_POLICIES = {
    f"list-policies.{SCP}.json": {"Policies": [FULL, LOCK]},
    "list-targets-for-policy.p-FullAWSAccess.json": {
        "Targets": [{"TargetId": each} for each in (ROOT, UNIT, ACCOUNT, BOSS)]
    },
    "list-targets-for-policy.p-lock0001.json": {"Targets": [{"TargetId": UNIT}]},
}


def without(files, *parts):
    return {name: each for name, each in files.items() if not any(part in name for part in parts)}


def request(who=ACCOUNT, action="s3:ListAllMyBuckets"):
    return Request.of(f"arn:aws:iam::{who}:role/r", action, "*")


def decided(environment, who=ACCOUNT, action="s3:ListAllMyBuckets"):
    decision = evaluate(request(who, action), environment)
    return decision.verdict.value, decision.decided_by and decision.decided_by.value


def key(environment, name, who=ACCOUNT):
    asked = request(who)
    return with_facts(environment, situation_of(environment, asked), asked).context[name]


@pytest.mark.parametrize("attachments", [FOR_TARGETS, FOR_POLICIES], ids=["targets", "policies"])
def test_an_organization_is_known_by_its_units_accounts_and_attachments(tmp_path, attachments):
    environment = read(tmp_path, WHOLE | attachments)
    assert environment.load_findings == ()
    tree = environment.organization
    assert (tree.id, tree.management, tree.partial) == (ORG, BOSS, False)
    assert [(unit.name, unit.id) for unit in tree.root.walk()] == [
        ("root", ROOT),
        ("Workloads", UNIT),
    ]
    assert environment.accounts["pay-ments"].id == ACCOUNT
    assert [each.name for each in tree.root.units[0].scps] == ["FullAWSAccess", "Lock"]
    assert decided(environment) == ("explicit_deny", "scp")
    assert decided(environment, BOSS)[0] == "allowed"
    assert decided(environment, STRANGER)[0] == "allowed"
    assert decided(environment, action="sqs:ListQueues")[0] == "allowed"
    assert key(environment, "aws:PrincipalOrgPaths") == (f"{ORG}/{ROOT}/{UNIT}/",)
    assert Layer.SERVICE_CONTROL_POLICY not in environment.complete


def test_the_order_of_the_files_is_of_no_account(tmp_path):
    from tests.unit.environment.exports.exporting import write

    from policyeval.environment.exports.read import read_exports

    paths = write(tmp_path, WHOLE | FOR_TARGETS)
    assert read_exports(paths) == read_exports(reversed(paths)) == read_exports([tmp_path])


@pytest.mark.parametrize(
    "left_out",
    [
        f"list-policies-for-target.{UNIT}",
        f"list-policies-for-target.{ROOT}",
        f"list-policies-for-target.{ACCOUNT}",
    ],
)
def test_a_level_whose_policies_are_not_exported_makes_the_layer_unknown(tmp_path, left_out):
    environment = read(tmp_path, without(WHOLE | FOR_TARGETS, left_out))
    assert decided(environment, action="sqs:ListQueues")[0] == "unknown"
    codes_found = {code for each in environment.documents for code in codes(each.findings)}
    assert "PE1811" in codes_found


@pytest.mark.parametrize(
    "left_out", ["p-FullAWSAccess", "for-policy.p-lock", f"list-policies.{SCP}"]
)
def test_targets_tell_only_if_those_of_every_policy_are_there(tmp_path, left_out):
    environment = read(tmp_path, without(WHOLE | FOR_POLICIES, left_out))
    assert decided(environment, action="sqs:ListQueues")[0] == "unknown"


def test_a_policy_without_its_text_is_unknown(tmp_path):
    environment = read(tmp_path, without(WHOLE | FOR_TARGETS, "describe-policy"))
    assert decided(environment)[0] == "unknown"
    (missing,) = (each for each in environment.documents if each.name == "Lock")
    assert codes(missing.findings) == ["PE1810"]


def test_without_any_policies_the_layer_is_not_given(tmp_path):
    environment = read(tmp_path, without(WHOLE, "describe-policy"))
    assert environment.organization.root.scps is None
    assert decided(environment)[0] == "allowed"


def test_accounts_that_are_perhaps_left_out_are_perhaps_members(tmp_path):
    files = without(WHOLE | FOR_TARGETS, f"list-accounts-for-parent.{ROOT}")
    environment = read(tmp_path, files)
    assert environment.organization.partial
    assert decided(environment, STRANGER)[0] == "unknown"
    assert key(environment, "aws:PrincipalOrgID", STRANGER) is UNKNOWN
    assert decided(environment) == ("explicit_deny", "scp")
    assert key(environment, "aws:PrincipalOrgID") == (ORG,)


def test_an_account_without_a_place_is_a_member_whose_policies_are_unknown(tmp_path):
    files = without(WHOLE | FOR_TARGETS, "list-accounts-for-parent")
    files["list-accounts.json"] = {"Accounts": [account(ACCOUNT), account(BOSS), account(OTHER)]}
    files[f"list-parents.{ACCOUNT}.json"] = {"Parents": [{"Id": UNIT, "Type": "X"}]}
    environment = read(tmp_path, files)
    assert decided(environment) == ("explicit_deny", "scp")
    assert decided(environment, OTHER)[0] == "unknown"
    files[f"list-parents.{OTHER}.json"] = {"Parents": [{"Id": ROOT}]}
    files[f"list-policies-for-target.{OTHER}.{SCP}.json"] = {"Policies": [FULL]}
    environment = read(tmp_path, files)
    assert decided(environment, OTHER)[0] == "allowed"
    assert not environment.organization.partial


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("parents.json", {"Parents": [{"Id": ROOT}]}),
        ("list-parents.json", {"Parents": [{"Id": ROOT}]}),
        (f"list-parents.{ROOT}.json", {"Parents": [{"Id": ROOT}]}),
        ("targets.json", {"Targets": []}),
        ("list-accounts-for-parent.json", {"Accounts": [account(ACCOUNT)]}),
        ("list-policies-for-target.json", {"Policies": [LOCK]}),
        ("policies.json", {"Policies": [LOCK]}),
        ("units.json", {"OrganizationalUnits": [{"Id": UNIT}]}),
    ],
)
def test_a_list_without_a_subject_is_refused_with_a_name_that_tells_it(tmp_path, name, content):
    findings = refused(tmp_path, {name: content})
    assert codes(findings)[0] == "PE1808"
    assert ".json`" in findings[0].help


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({f"list-parents.{UNIT}.json": {"Parents": [{"Id": "ou-ab12-22222222"}]}}, "several"),
        (
            {
                f"list-parents.{name}.json": {"Parents": [{"Id": parent}]}
                for name, parent in (
                    ("ou-ab12-33333333", "ou-ab12-44444444"),
                    ("ou-ab12-44444444", "ou-ab12-33333333"),
                )
            },
            "below itself",
        ),
        (
            {
                f"list-parents.ou-ab12-{n + 1:08}.json": {
                    "Parents": [{"Id": f"ou-ab12-{n:08}" if n else ROOT}]
                }
                for n in range(40)
            },
            "deeper",
        ),
    ],
)
def test_what_is_no_tree_is_refused(tmp_path, files, words):
    findings = [each for each in refused(tmp_path, WHOLE | files) if each.is_error]
    assert codes(findings) == ["PE1809"]
    assert words in findings[0].message


def test_two_organizations_are_refused(tmp_path):
    other = {"Organization": {"Id": "o-other00000", "MasterAccountId": BOSS}}
    findings = refused(tmp_path, WHOLE | {"other.json": other})
    assert [each.code for each in findings if each.is_error] == ["PE1806"]


def test_policies_of_other_types_are_counted(tmp_path):
    tag = {"Id": "p-tag00001", "Type": "TAG_POLICY", "Name": "T", "Arn": ""}
    files = WHOLE | FOR_TARGETS | {"list-policies.TAG_POLICY.json": {"Policies": [tag]}}
    (finding,) = read(tmp_path, files).load_findings
    assert finding.code == "PE1807"
    assert "TAG_POLICY" in finding.message


def test_resource_control_policies_hang_beside_service_control_policies(tmp_path):
    lock = LOCK | {"Id": "p-rcp00001", "Type": RCP, "Name": "Ours", "Arn": ""}
    deny = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}],
    }
    files = WHOLE | FOR_TARGETS
    files["d.json"] = {"Policy": {"PolicySummary": lock, "Content": json.dumps(deny)}}
    for target in (ROOT, UNIT, ACCOUNT, BOSS):
        content = {"Policies": [lock] if target == UNIT else []}
        files[f"list-policies-for-target.{target}.{RCP}.json"] = content
    environment = read(tmp_path, files)
    queue = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
    decision = evaluate(
        Request.of(f"arn:aws:iam::{ACCOUNT}:role/r", "sqs:SendMessage", queue), environment
    )
    assert decision.decided_by is Layer.RESOURCE_CONTROL_POLICY


@pytest.mark.parametrize(
    ("types", "verdict"),
    [
        ([], "allowed"),
        ([{"Type": RCP, "Status": "ENABLED"}], "allowed"),
        ([{"Type": SCP, "Status": "ENABLED"}], "implicit_deny"),
        ([{"Type": SCP, "Status": "PENDING_DISABLE"}], "implicit_deny"),
        (None, "implicit_deny"),
    ],
)
def test_policies_of_a_type_that_is_not_enabled_restrict_nothing(tmp_path, types, verdict):
    """Then AWS lists `FullAWSAccess`, and says that it hangs nowhere."""
    root = {"Id": ROOT, "Name": "Root"} | ({} if types is None else {"PolicyTypes": types})
    files = without(WHOLE, "p-lock0001") | {
        "list-roots.json": {"Roots": [root]},
        f"list-policies.{SCP}.json": {"Policies": [FULL]},
        "list-targets-for-policy.p-FullAWSAccess.json": {"Targets": []},
    }
    assert decided(read(tmp_path, files))[0] == verdict


def test_a_type_that_is_not_enabled_in_one_export_and_hangs_in_another_is_unknown(tmp_path):
    root = {"Id": ROOT, "Name": "Root", "PolicyTypes": []}
    files = WHOLE | FOR_TARGETS | {"list-roots.json": {"Roots": [root]}}
    assert decided(read(tmp_path, files))[0] == "unknown"


def test_two_lists_of_one_target_that_differ_leave_it_unknown(tmp_path):
    older = {"Policies": [FULL]}
    name = f"list-policies-for-target.{UNIT}.{SCP}.json"
    files = WHOLE | FOR_TARGETS | {name: {"Policies": []}, f"old/{name}": older}
    assert decided(read(tmp_path, files))[0] == "unknown"
