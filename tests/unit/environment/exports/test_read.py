"""Files and folders of exports, VPC endpoints, and exports below an environment.yaml."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.environment.exports.exporting import (
    ACCOUNT,
    ALLOW,
    allow,
    attached,
    codes,
    details,
    group,
    inline,
    read,
    refused,
    role,
    user,
    write,
)
from tests.unit.environment.worlds import document

from policyeval.environment.exports.read import read_exports
from policyeval.environment.file import load_environment
from policyeval.errors import EnvironmentLoadError
from policyeval.stack import EndpointType

EXPORTS = Path(__file__).resolve().parents[4] / "fixtures/exports/tamagotchi"
ENDPOINT = {
    "VpcEndpointId": "vpce-0a1b2c3d",
    "VpcEndpointType": "Interface",
    "VpcId": "vpc-11aa22bb",
    "ServiceName": "com.amazonaws.eu-west-1.ecr.dkr",
    "State": "available",
    "OwnerId": ACCOUNT,
}


NAMES = "abcdefghij"
BOMB = "a: &a [x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in pairwise(NAMES)
)


def endpoints(*entries):
    return {"e.json": {"VpcEndpoints": list(entries)}}


# ---- VPC endpoints ---------------------------------------------------------------------------


def test_an_endpoint_comes_with_its_policy(tmp_path):
    policy = json.dumps(document(Principal="*"))
    environment = read(tmp_path, endpoints(ENDPOINT | {"PolicyDocument": policy}))
    (found,) = environment.endpoints.values()
    assert (found.id, found.vpc, found.account) == ("vpce-0a1b2c3d", "vpc-11aa22bb", ACCOUNT)
    assert (found.service, found.type) == ("ecr.dkr", EndpointType.INTERFACE)
    assert found.policy[0].policy.type.value == "vpc_endpoint"


def test_an_endpoint_without_a_policy_has_the_default_one(tmp_path):
    (found,) = read(tmp_path, endpoints(ENDPOINT)).endpoints.values()
    assert found.policy == ()


@pytest.mark.parametrize("more", [{"State": "deleted"}, {"VpcEndpointType": "GatewayLoadBalancer"}])
def test_an_endpoint_that_carries_no_calls_is_left_out(tmp_path, more):
    assert read(tmp_path, endpoints(ENDPOINT | more)).endpoints == {}


# ---- files and folders -----------------------------------------------------------------------


def test_a_folder_is_read_with_all_below_it_and_what_is_no_export_is_counted(tmp_path):
    write(tmp_path, {"a/b/gaad.json": details(roles=[role()]), "a/notes.txt": "x", ".x.json": "{"})
    environment = load_environment(tmp_path)
    assert list(environment.identities) == ["deploy"]
    assert "`file *.txt` (1)" in environment.load_findings[0].message


def test_the_yaml_of_the_aws_cli_is_the_same(tmp_path):
    import yaml

    whole = details(roles=[role(RolePolicyList=[inline(allow())])], users=[user()])
    text = yaml.safe_dump(whole, sort_keys=False)
    environment = read(tmp_path, {"a.yaml": text})
    assert list(environment.identities) == ["anna", "deploy"]
    (policy,) = environment.identities["deploy"].policies
    span = policy.policy.location(
        "/RoleDetailList/0/RolePolicyList/0/PolicyDocument/Statement/0/Action"
    ).resolve()
    assert text[span.start : span.end] == "s3:*"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.json", {"Version": "2012-10-17", "Statement": []}, "PE1802"),
        ("a.json", {}, "PE1802"),
        ("a.json", [1, 2], "PE1802"),
        ("a.json", b"\xff\xfe{", "PE1801"),
        ("a.json", b"\x00" * 10, "PE1801"),
        ("a.yaml", "a: !!python/object:os.system x", "PE0703"),
        ("a.yaml", "- 1", "PE1801"),
        ("a.yaml", BOMB, "PE0703"),
        ("a.yaml", "x: 1", "PE1802"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path, name, content, code):
    findings = refused(tmp_path, {name: content})
    assert codes(findings) == [code]
    if code == "PE1802":
        assert "get-account-authorization-details" in findings[0].help


def test_every_broken_file_is_told(tmp_path):
    findings = refused(tmp_path, {"a.json": "{", "b.json": "[", "c.json": details()})
    assert codes(findings) == ["PE1801", "PE1801"]
    assert [Path(each.location.source.name).name for each in findings] == ["a.json", "b.json"]


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(EnvironmentLoadError) as caught:
        read_exports([tmp_path / "none.json", tmp_path / "nul\0.json"])
    assert sorted(codes(caught.value.findings)) == ["PE0720", "PE1801"]


def test_a_link_that_leads_outside_is_refused(tmp_path):
    outside, inside = tmp_path / "out", tmp_path / "in"
    write(outside, {"a.json": details()})
    write(inside, {"b.json": details()})
    (inside / "a.json").symlink_to(outside / "a.json")
    with pytest.raises(EnvironmentLoadError) as caught:
        read_exports([inside], root=inside)
    assert codes(caught.value.findings) == ["PE0720"]
    assert read_exports([inside], root=tmp_path).load_findings == ()


def test_a_misspelt_folder_of_policies_is_still_told(tmp_path):
    write(tmp_path, {"identiti/deploy.json": ALLOW})
    with pytest.raises(EnvironmentLoadError) as caught:
        load_environment(tmp_path)
    assert codes(caught.value.findings) == ["PE0730"]


HOUSE = (EXPORTS / "iam/house.json").read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(min_value=0, max_value=len(HOUSE) - 3))
def test_an_export_that_was_cut_off_is_refused(tmp_path, size):
    findings = refused(tmp_path, {"a.json": HOUSE[:size]})
    assert "PE1801" in codes(findings)
    assert findings[0].location.resolve() is not None


def pointers(tree, pointer=()):
    yield pointer
    steps = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    for step, value in steps:
        yield from pointers(value, (*pointer, step))


FILES = {path: json.loads(path.read_text()) for path in sorted(EXPORTS.rglob("*.json"))}
PLACES = [(path, steps) for path, tree in FILES.items() for steps in pointers(tree) if steps]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    st.sampled_from(PLACES),
    st.sampled_from([None, True, 5, 1e400, "", "x", "%7B", "{", [], {}, [[]], {"a": {}}, ["x"]]),
)
def test_a_wrong_value_anywhere_is_a_finding_or_an_environment(tmp_path, where, value):
    path, steps = where
    tree = json.loads(path.read_text())
    holder = tree
    for step in steps[:-1]:
        holder = holder[step]
    holder[steps[-1]] = value
    files = {path.name: json.dumps(tree)}
    try:
        environment = read(tmp_path, files)
    except EnvironmentLoadError as error:
        assert error.findings  # noqa: PT017 - it may load too
        assert all(each.location is not None or each.help for each in error.findings)  # noqa: PT017
    else:
        assert environment.findings is not None
        assert environment.index is not None


# ---- below an environment.yaml ---------------------------------------------------------------


def over(folder, text, **files):
    write(folder, {"exports/gaad.json": details(**files)})
    (folder / "pyproject.toml").touch()
    (folder / "environment.yaml").write_text(f"version: 1\nexports: exports\n{text}")
    return load_environment(folder / "environment.yaml")


def test_hand_written_fields_win_and_the_others_are_those_of_the_export(tmp_path):
    write(tmp_path, {"policies/a.json": ALLOW})
    environment = over(
        tmp_path,
        f"""
principals:
  ship: {{arn: "{role()["Arn"]}", tags: {{team: red}}}}
  pete: {{arn: "{user("pete")["Arn"]}", groups: [devs], policies: []}}
  mine: {{arn: "{role("other")["Arn"]}", policies: [a.json], boundary: null}}
""",
        roles=[
            role(
                RolePolicyList=[inline(ALLOW)],
                Tags=[{"Key": "team", "Value": "blue"}],
                AssumeRolePolicyDocument=ALLOW,
            ),
            role("other", RolePolicyList=[inline(allow())]),
            role("third"),
        ],
        users=[user("pete", UserPolicyList=[inline(ALLOW)])],
        groups=[group()],
    )
    ship = environment.identities["ship"]
    assert ship.tags == {"team": "red"}
    assert [each.name for each in ship.policies] == ["deploy/main"]
    assert ship.boundary == ()
    assert ship.trust is not None
    assert environment.identities["pete"].policies == ()
    assert environment.identities["pete"].groups == ("devs",)
    assert [each.name for each in environment.identities["mine"].policies] == ["a.json"]
    assert set(environment.identities) == {"ship", "pete", "mine", "third"}


def test_a_hand_written_name_is_no_other_entry_of_the_exports(tmp_path):
    environment = over(
        tmp_path,
        f'principals: {{deploy: {{arn: "{user("x")["Arn"]}"}}}}',
        roles=[role()],
    )
    assert environment.identities["deploy"].kind == "user"
    assert environment.identities["deploy.exported"].arn == role()["Arn"]


def test_aws_managed_policies_come_from_the_folder_of_the_file(tmp_path):
    write(tmp_path, {"aws/ReadOnlyAccess.json": allow("s3:Get*")})
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    environment = over(
        tmp_path, "managed-policies: aws", roles=[role(AttachedManagedPolicies=[attached(arn)])]
    )
    (found,) = environment.identities["deploy"].policies
    assert found.policy is not None
    assert found.arn == arn


@pytest.mark.parametrize(
    ("reference", "code"), [("../x.json", "PE0720"), ("none.json", "PE0721"), ("/etc", "PE0720")]
)
def test_exports_are_inside_the_project(tmp_path, reference, code):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "environment.yaml").write_text(f"version: 1\nexports: [{reference}]\n")
    with pytest.raises(EnvironmentLoadError) as caught:
        load_environment(tmp_path)
    assert code in codes(caught.value.findings)


def test_an_environment_is_of_one_partition(tmp_path):
    arn = role()["Arn"].replace("arn:aws:", "arn:aws-cn:")
    with pytest.raises(EnvironmentLoadError) as caught:
        over(tmp_path, "", roles=[role() | {"Arn": arn}])
    assert "PE0711" in codes(caught.value.findings)
    assert over(tmp_path, "partition: aws-cn", roles=[role() | {"Arn": arn}]).partition == "aws-cn"


def test_loading_an_environment_without_exports_loads_none_of_their_readers():
    import subprocess
    import sys

    text = (
        "import sys; from policyeval import load_environment;"
        "load_environment('fixtures/environments/tamagotchi/environment.yaml');"
        "print([name for name in sys.modules if 'exports' in name or 'overlay' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", text],
        capture_output=True,
        text=True,
        check=True,
        cwd=EXPORTS.parents[2],
    )
    assert done.stdout.strip() == "[]"
