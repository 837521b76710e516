"""Environments as files: named well, never overwritten unasked, never out of their folder."""

from pathlib import Path

import pytest
from tests.unit.environment.exports.exporting import (
    ACCOUNT,
    ALLOW,
    OTHER,
    allow,
    attached,
    codes,
    details,
    inline,
    managed,
    read,
    user,
)

from policyeval.environment.file import load_environment
from policyeval.environment.folder import load_folder
from policyeval.environment.model import (
    Environment,
    Identity,
    OwnedResource,
    PolicyDocument,
)
from policyeval.environment.project_files import Missing
from policyeval.environment.write import files_of, to_yaml, write_environment
from policyeval.errors import EnvironmentWriteError
from policyeval.finding import Finding, Severity
from policyeval.parsing.policy import parse_policy
from policyeval.stack import Layer

HOUSE = Path(__file__).resolve().parents[3] / "fixtures/environments/tamagotchi"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def doc(name, action="s3:*", arn=""):
    return PolicyDocument(name, lambda: (parse_policy(allow(action), name=name), ()), arn)


def holding(*documents, **more):
    arn = f"arn:aws:iam::{ACCOUNT}:role/deploy"
    return Environment(identities={"deploy": Identity("deploy", arn, ACCOUNT, documents)}, **more)


def paths(environment):
    return [name for name in files_of(environment) if name != "environment.yaml"]


def test_the_shipped_example_comes_back_as_it_is(tmp_path):
    environment = load_environment(HOUSE / "environment.yaml")
    written = write_environment(environment, tmp_path)
    for name in written.created:
        if name.startswith("policies/"):
            assert (tmp_path / name).read_bytes() == (HOUSE / name).read_bytes(), name
    again = load_environment(tmp_path)
    assert again.organization.root.units[0].id == "ou-tama-0000pets"
    assert again.complete == environment.complete
    assert again.contexts == environment.contexts


def test_a_file_that_differs_is_not_overwritten_unasked(tmp_path):
    environment = holding(doc("a"), doc("b"))
    write_environment(environment, tmp_path)
    edited = tmp_path / "policies/identity/a.json"
    edited.write_text("{}")
    (tmp_path / "policies/identity/b.json").unlink()
    with pytest.raises(EnvironmentWriteError) as caught:
        write_environment(environment, tmp_path)
    assert codes(caught.value.findings) == ["PE1820"]
    assert edited.read_text() == "{}"
    assert not (tmp_path / "policies/identity/b.json").exists()
    written = write_environment(environment, tmp_path, force=True)
    assert written.changed == ("policies/identity/a.json",)
    assert written.created == ("policies/identity/b.json",)


def test_policies_that_are_not_used_any_more_are_told_and_kept(tmp_path):
    write_environment(holding(doc("a"), doc("b")), tmp_path)
    written = write_environment(holding(doc("a")), tmp_path, force=True)
    assert written.left_over == ("policies/identity/b.json",)
    assert (tmp_path / "policies/identity/b.json").exists()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "a"], ["a", "a.2"]),
        (["a/b", "a/b.json"], ["a/b", "a/b.2"]),
        (["A", "a"], ["A", "a.2"]),
        (["../../etc/passwd"], ["unnamed/etc/passwd"]),
        (["..", "/", ""], ["unnamed", "policy", "policy.2"]),
        (["identity/x.json"], ["x"]),
        (["ä b\0c\n", "x" * 300], ["--b-c-", "x" * 100]),
    ],
)
def test_files_have_names_that_every_system_takes(names, expected):
    documents = [doc(name, f"s3:Get{number}") for number, name in enumerate(names)]
    assert paths(holding(*documents)) == sorted(
        f"policies/identity/{each}.json" for each in expected
    )


def test_the_same_policy_twice_is_one_file_and_that_of_another_account_goes_by_it():
    same = f"arn:aws:iam::{ACCOUNT}:policy/a"
    other = f"arn:aws:iam::{OTHER}:policy/a"
    environment = holding(doc("a", arn=same), doc("a"), doc("a", "ec2:*", other))
    assert paths(environment) == [
        f"policies/identity/{OTHER}/a.json",
        "policies/identity/a.json",
    ]


def test_policies_of_aws_keep_their_arn(tmp_path):
    unknown = PolicyDocument(
        "Gone", Missing(Finding("PE0722", Severity.WARNING, "x")), READ_ONLY + "2"
    )
    write_environment(holding(doc("ReadOnlyAccess", arn=READ_ONLY), unknown), tmp_path)
    assert (tmp_path / "policies/aws-managed/ReadOnlyAccess.json").exists()
    first, second = load_environment(tmp_path).identities["deploy"].policies
    assert (first.arn, first.policy is not None) == (READ_ONLY, True)
    assert (second.arn, second.policy) == (READ_ONLY + "2", None)


def test_what_is_unknown_stays_unknown_and_says_why(tmp_path):
    gone = PolicyDocument("x", Missing(Finding("PE1810", Severity.WARNING, "nobody exported it")))
    write_environment(holding(gone), tmp_path)
    (found,) = load_environment(tmp_path).identities["deploy"].policies
    assert found.policy is None
    assert "nobody exported it" in (tmp_path / "policies/identity/x.json").read_text()


@pytest.mark.parametrize(
    "environment",
    [
        Environment(identities={"a": Identity("a")}),
        Environment(unplaced=(doc("x"),)),
        Environment(sessions={"s": doc("s")}),
        Environment(session=()),
    ],
)
def test_what_a_file_cannot_say_is_refused(tmp_path, environment):
    with pytest.raises(EnvironmentWriteError) as caught:
        write_environment(environment, tmp_path)
    assert codes(caught.value.findings) == ["PE1821"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_policies_does_not_tell_enough(tmp_path):
    with pytest.raises(EnvironmentWriteError):
        write_environment(load_folder(HOUSE / "policies"), tmp_path)


def test_entries_of_what_if_questions_get_names_that_a_file_may_have(tmp_path):
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
    environment = holding().with_policies(Layer.RESOURCE_POLICY, arn, [doc("q")])
    write_environment(environment, tmp_path)
    assert load_environment(tmp_path).resources["arn-aws-sqs-eu-west-1-222233334444-q"].arn == arn


def test_several_policies_of_a_resource_become_one(tmp_path):
    queue = OwnedResource("q", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q", ACCOUNT, (doc("a"), doc("b")))
    write_environment(Environment(resources={"q": queue}), tmp_path)
    (found,) = load_environment(tmp_path).resources["q"].policy
    assert found.policy is None or len(found.policy.statements) == 2


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "policies").symlink_to(outside)
    with pytest.raises(EnvironmentWriteError):
        write_environment(holding(doc("a")), inside)
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("text", ["1e5", "0x1", "null", "~", "true", "222233334444", ""])
def test_texts_that_look_like_something_else_are_in_quotes(text):
    assert to_yaml({"a": text}) == f'a: "{text}"\n'


def test_only_the_policies_of_aws_itself_go_by_their_names(tmp_path):
    arn = f"arn:aws:iam::{ACCOUNT}:policy/FullAWSAccess"
    files = {
        "g.json": details(
            [user(AttachedManagedPolicies=[attached(arn)])],
            policies=[
                managed("FullAWSAccess", allow("s3:ListAllMyBuckets")),
            ],
        )
    }
    write_environment(read(tmp_path / "in", files), tmp_path / "out")
    text = (tmp_path / "out/environment.yaml").read_text()
    assert "- identity/FullAWSAccess.json" in text


def test_a_folder_never_stands_in_the_way_of_a_file(tmp_path):
    arn = f"arn:aws:iam::{ACCOUNT}:policy/p"
    users = [
        user("p.json", UserPolicyList=[inline(ALLOW)], AttachedManagedPolicies=[attached(arn)])
    ]
    files = {"g.json": details(users, policies=[managed("p", ALLOW)])}
    assert write_environment(read(tmp_path / "in", files), tmp_path / "out").created
