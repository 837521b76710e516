"""Answers about one resource's policy: whose it is, whether there is one, what it says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval.environment.exports.parts import Given
from policyeval.environment.exports.read import read_exports
from policyeval.environment.exports.resource_policies import COMMANDS, NO_POLICY
from policyeval.errors import EnvironmentLoadError

ACCOUNT = "111122223333"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Here",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "*",
            "Resource": "*",
        }
    ],
}
TEXT = json.dumps(POLICY)


def answer_with(path, text):
    """Nest a text below the members of a dotted path."""
    value = text
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


def read(folder, name, answer, given=None):
    (folder / f"{name}.json").write_text(json.dumps(answer), encoding="utf-8")
    return read_exports([folder], root=folder, given=given)


def only(environment):
    (entry,) = environment.resources.values()
    return entry


def sids(entry):
    return [statement.sid for document in entry.policy for statement in document.policy.statements]


FORMS = [(command, path) for command, row in COMMANDS.items() for path in row.policies]


@pytest.mark.parametrize(("command", "path"), FORMS)
def test_policy_of_every_command_is_found_and_its_subject_tells_whose_it_is(
    tmp_path, command, path
):
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue"
    answer = {"Subject": {"Arn": arn, "Account": ACCOUNT}, **answer_with(path, TEXT)}
    entry = only(read(tmp_path, f"{command}.any-name", answer))
    assert (entry.arn, entry.owner) == (arn, ACCOUNT)
    assert sids(entry) == ["Here"]
    assert not [finding for document in entry.policy for finding in document.findings]


@pytest.mark.parametrize(
    ("command", "path", "text"),
    [(command, path, text) for command, path in FORMS for text in ("", "{}", None)],
)
def test_an_answer_without_a_policy_says_that_there_is_none(tmp_path, command, path, text):
    answer = {"Subject": {"Arn": KEY}, **answer_with(path, text)}
    assert only(read(tmp_path, f"{command}.x", answer)).policy == ()


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (
            "get-queue-attributes",
            {"Attributes": {"QueueArn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"}},
        ),
        ("get-resource-policy", {"ARN": f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:a"}),
    ],
)
def test_an_answer_in_which_no_policy_was_asked_for_tells_nothing(tmp_path, command, answer):
    assert only(read(tmp_path, command, answer)).policy is None
    told = {"Subject": {"Account": ACCOUNT}, **answer}
    assert only(read(tmp_path, command, told)).policy == ()


@pytest.mark.parametrize("policy", [[], [POLICY], 7, True])
def test_a_policy_of_another_kind_is_unknown_and_reported(tmp_path, policy):
    answer = {"Subject": {"Arn": KEY}, "Policy": policy}
    (document,) = only(read(tmp_path, "get-key-policy.x", answer)).policy
    assert document.policy is None
    assert document.findings


@pytest.mark.parametrize("code", sorted(NO_POLICY))
def test_an_error_that_says_so_is_no_policy(tmp_path, code):
    answer = {"Subject": {"Arn": "arn:aws:s3:::logs"}, "Error": {"Code": code}}
    assert only(read(tmp_path, "get-bucket-policy.logs", answer)).policy == ()


@pytest.mark.parametrize("error", [{"Code": "AccessDenied"}, {}, "AccessDenied", None])
def test_any_other_error_leaves_the_policy_unknown(tmp_path, error):
    answer = {"Subject": {"Arn": "arn:aws:s3:::logs"}, "Error": error, "Policy": TEXT}
    (document,) = only(read(tmp_path, "get-bucket-policy.logs", answer)).policy
    assert document.policy is None
    assert [finding.code for finding in document.findings] == ["PE2113"]


# ---- whose it is --------------------------------------------------------------------------


def test_name_of_a_file_tells_a_bucket_with_dots(tmp_path):
    entry = only(read(tmp_path, "get-bucket-policy.my.bucket-1", {"Policy": TEXT}))
    assert (entry.arn, entry.owner) == ("arn:aws:s3:::my.bucket-1", "")


def test_caller_tells_account_and_partition_of_a_bucket(tmp_path):
    given = Given(account=ACCOUNT, partition="aws-cn")
    entry = only(read(tmp_path, "get-bucket-policy.logs", {"Policy": TEXT}, given))
    assert (entry.arn, entry.owner) == ("arn:aws-cn:s3:::logs", ACCOUNT)


def test_name_of_a_file_tells_an_arn(tmp_path):
    name = "get-key-policy." + KEY.replace(":", "%3A").replace("/", "%2F")
    assert only(read(tmp_path, name, {"Policy": TEXT, "PolicyName": "default"})).arn == KEY


@pytest.mark.parametrize(
    ("command", "answer", "arn"),
    [
        (
            "get-queue-attributes",
            {"Attributes": {"Policy": TEXT, "QueueArn": QUEUE}},
            QUEUE,
        ),
        (
            "get-resource-policy",
            {
                "ARN": f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:db-4fG2kq",
                "Name": "db",
                "ResourcePolicy": TEXT,
            },
            f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:db-4fG2kq",
        ),
    ],
)
def test_an_answer_that_tells_its_arn_needs_no_name(tmp_path, command, answer, arn):
    entry = only(read(tmp_path, command, answer))
    assert (entry.arn, sids(entry)) == (arn, ["Here"])


def test_a_bucket_has_the_region_that_its_subject_tells(tmp_path):
    answer = {"Subject": {"Arn": "arn:aws:s3:::logs", "Region": "eu-west-1"}, "Policy": TEXT}
    assert only(read(tmp_path, "get-bucket-policy.x", answer)).region == "eu-west-1"


@pytest.mark.parametrize("name", ["get-key-policy", "get-key-policy.1234abcd", "get-bucket-policy"])
def test_an_answer_of_which_nothing_tells_whose_it_is_is_an_error(tmp_path, name):
    with pytest.raises(EnvironmentLoadError) as caught:
        read(tmp_path, name, {"Policy": TEXT})
    (finding,) = caught.value.findings
    assert finding.code == "PE1808"
    assert finding.location.source.name.endswith(f"{name}.json")
    assert f"{name.partition('.')[0]}." in finding.help


@pytest.mark.parametrize("arn", ["arn:aws:s3", "logs", "arn:aws:s3:::"])
def test_a_subject_that_is_no_arn_is_an_error(tmp_path, arn):
    with pytest.raises(EnvironmentLoadError):
        read(tmp_path, "get-bucket-policy.logs", {"Subject": {"Arn": arn}, "Policy": TEXT})


# ---- what it says -------------------------------------------------------------------------


def test_api_gateway_escapes_its_policies_once_more(tmp_path):
    arn = f"arn:aws:execute-api:eu-west-1:{ACCOUNT}:abc123"
    answer = {"Subject": {"Arn": arn}, "policy": TEXT.replace('"', '\\"')}
    assert sids(only(read(tmp_path, "get-rest-api.abc123", answer))) == ["Here"]


def test_yaml_of_the_aws_cli_does_as_well(tmp_path):
    (tmp_path / "get-bucket-policy.logs.yaml").write_text(f"Policy: '{TEXT}'\n", encoding="utf-8")
    assert sids(only(read_exports([tmp_path], root=tmp_path))) == ["Here"]


def test_a_broken_policy_hides_no_other(tmp_path):
    for bucket, text in (("good", TEXT), ("broken", "{")):
        (tmp_path / f"get-bucket-policy.{bucket}.json").write_text(
            json.dumps({"Policy": text}), encoding="utf-8"
        )
    found = read_exports([tmp_path], root=tmp_path).resources
    assert sids(found["good"]) == ["Here"]
    (document,) = found["broken"].policy
    assert document.policy is None
    assert document.findings


def test_iam_has_a_command_of_the_same_name_as_lambda(tmp_path):
    answer = {
        "Policy": {"PolicyId": "ANPA", "PolicyName": "feed", "Arn": "arn:aws:iam::1:policy/x"}
    }
    with pytest.raises(EnvironmentLoadError) as caught:
        read(tmp_path, "get-policy.feed", answer)
    assert "PE1808" not in {finding.code for finding in caught.value.findings}


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(("Policy", "Arn", "Code", "QueueArn", "Account")), below, max_size=3
        )
    ),
    max_leaves=8,
)
MEMBERS = ("Subject", "Error", "Policy", "Attributes", "policy", "ARN", "ResourcePolicy")


@given(
    st.sampled_from(sorted(COMMANDS)),
    st.dictionaries(st.sampled_from(MEMBERS), VALUES, max_size=4),
)
def test_no_answer_whatever_it_holds_ends_in_a_traceback(tmp_path_factory, command, answer):
    folder = tmp_path_factory.mktemp("answer")
    findings, entries = (), ()
    try:
        entries = read(folder, f"{command}.logs", answer).resources.values()
    except EnvironmentLoadError as error:
        findings = error.findings
    assert all(finding.location is not None for finding in findings)
    documents = [document for entry in entries for document in entry.policy or ()]
    assert all(document.policy is not None or document.findings for document in documents)
    assert findings or entries
