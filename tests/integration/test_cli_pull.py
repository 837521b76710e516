"""`policyeval pull` against a moto server process on loopback, through real boto3."""

import json
import os
import select
import signal
import subprocess
import sys
import time

import boto3
import pytest
from tests.integration.aws import (
    ACCOUNT,
    KEYS,
    REGION,
    World,
    home,
    moto_server,
    relay,
    variables,
)
from tests.integration.command import ask, command, environment

from policyeval import Layer, LayerVerdict, Request, Verdict, evaluate, load_environment
from policyeval.pull.collect import Collector
from policyeval.pull.plan import ALLOWED
from policyeval.pull.run import Pull
from policyeval.pull.session import NotInPlanError, open_clients

CREDENTIALS = """\
[default]
aws_access_key_id = AKIADEFAULTEXAMPLE
aws_secret_access_key = default-secret-never-written
[audit]
aws_access_key_id = AKIAAUDITEXAMPLE
aws_secret_access_key = audit-secret-never-written
"""
CONFIG = """\
[default]
region = eu-west-1
[profile audit]
region = eu-central-1
[profile elsewhere]
source_profile = audit
role_arn = arn:aws:iam::444455556666:role/reader
region = eu-west-1
[profile tool]
credential_process = false
region = eu-west-1
[profile placeless]
"""
SECRETS = ("never-written",)
KEEPER = f"arn:aws:iam::{ACCOUNT}:role/care/keeper"


@pytest.fixture(scope="module")
def server():
    with moto_server() as port, relay(port) as found:
        yield found


@pytest.fixture(scope="module")
def world(server):
    return World(server.url).build()


@pytest.fixture(scope="module")
def home_folder(tmp_path_factory):
    return home(tmp_path_factory.mktemp("home"), config=CONFIG, credentials=CREDENTIALS)


@pytest.fixture(autouse=True)
def cloud(server, world, home_folder, monkeypatch):
    """A relay without faults, and a process that has no other AWS than that."""
    del world
    for name in [name for name in os.environ if name.startswith(("AWS_", "HTTP", "http", "NO_"))]:
        monkeypatch.delenv(name)
    for name, value in variables(home_folder, server).items():
        monkeypatch.setenv(name, value)
    server.reset()
    yield server
    server.reset()


@pytest.fixture(scope="module")
def pulled(server, world, home_folder, tmp_path_factory):
    """One whole pull by the command in a process of its own: folder, answer, requests."""
    del world
    out = tmp_path_factory.mktemp("pulled") / "environment"
    server.reset()
    plain = {key: value for key, value in environment().items() if not key.startswith("AWS_")}
    done = subprocess.run(
        command("pull", "-o", out, "--profile", "default"),
        capture_output=True,
        text=True,
        env=plain | variables(home_folder, server),
        timeout=60,
        check=False,
    )
    return out, done, tuple(server.seen)


def raw(out, account=ACCOUNT):
    return out / ".pull" / account


def names(folder):
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def is_sqs(operation):
    return operation in ("ListQueues", "GetQueueAttributes")


# ---- what is collected ----------------------------------------------------------------------


def test_a_whole_pull_succeeds_and_says_what_it_found(pulled):
    out, done, _ = pulled
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    told = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    assert told[0] == [str(out)]
    found = dict(told[1:])
    assert found["account"].startswith(f"{ACCOUNT}, as arn:aws:sts::")
    assert found["regions"] == REGION
    assert found["organization"].endswith(
        ", 2 accounts, 1 organizational unit, 2 service control policies, 1 resource control policy"
    )
    assert found["identities"] == "1 user, 1 group, 1 role"
    assert "2 S3 buckets" in found["resources"]
    assert found["complete"] == "boundary, identity, rcp, scp"
    assert found["calls"] == "50"
    assert found["files"].endswith(" created, 0 changed, 0 unchanged")
    assert (out / "environment.yaml").is_file()


def test_only_operations_of_the_plan_are_called_and_none_of_them_writes(pulled):
    _, _, seen = pulled
    allowed = {operation for _, operation in ALLOWED}
    named = {each.operation for each in seen if each.operation.isalnum()}
    assert {"ListKeys", "GetAccountAuthorizationDetails", "DescribeVpcEndpoints"} <= named
    assert named <= allowed
    assert {each.operation.split()[0] for each in seen if not each.operation.isalnum()} == {"GET"}


def test_no_credential_and_no_secret_is_written(pulled):
    out, done, _ = pulled
    texts = [path.read_text(encoding="utf-8") for path in out.rglob("*") if path.is_file()]
    assert len(texts) > 30
    for text in (*texts, done.stdout, done.stderr):
        assert not any(secret in text for secret in SECRETS)
        assert "AKIADEFAULTEXAMPLE" not in text


def test_raw_answers_stand_in_files_of_their_own_as_the_aws_cli_prints_them(pulled):
    out, _, _ = pulled
    found = names(raw(out))
    assert "global/iam/get-account-authorization-details.json" in found
    assert "global/s3/get-bucket-policy.pets.json" in found
    assert f"{REGION}/ec2/describe-vpc-endpoints.json" in found
    queues = [name for name in found if "get-queue-attributes" in name]
    assert len({name.casefold() for name in queues}) == 2
    answer = json.loads((raw(out) / "global/s3/get-bucket-policy.pets.json").read_text("utf-8"))
    assert answer["Subject"] == {"Arn": "arn:aws:s3:::pets", "Account": ACCOUNT}
    assert json.loads(answer["Policy"])["Statement"][0]["Sid"] == "NoSecrets"


def test_of_what_can_hold_secrets_only_names_are_kept(pulled):
    out, _, _ = pulled
    listed = json.loads((raw(out) / REGION / "secretsmanager/list-secrets.json").read_text("utf-8"))
    assert {key for secret in listed["SecretList"] for key in secret} == {"ARN", "Name"}


# ---- whose credentials, which region --------------------------------------------------------


def asked_by(cloud):
    """Give the access keys and regions that the calls of the plan came with."""
    return {(each.key, each.region) for each in cloud.seen if each.service == "sqs"}


@pytest.mark.parametrize(
    ("options", "more", "key", "region"),
    [
        ((), {}, "AKIADEFAULTEXAMPLE", "eu-west-1"),
        (("--profile", "audit"), {}, "AKIAAUDITEXAMPLE", "eu-central-1"),
        ((), {"AWS_PROFILE": "audit"}, "AKIAAUDITEXAMPLE", "eu-central-1"),
        (("--profile", "default"), {"AWS_PROFILE": "audit"}, "AKIADEFAULTEXAMPLE", "eu-west-1"),
        # AWS: keys in the environment win over AWS_PROFILE, and lose against --profile.
        ((), {"AWS_ACCESS_KEY_ID": "AKIAENV"}, "AKIAENV", "eu-west-1"),
        ((), {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_PROFILE": "audit"}, "AKIAENV", "eu-central-1"),
        (
            ("--profile", "audit"),
            {"AWS_ACCESS_KEY_ID": "AKIAENV"},
            "AKIAAUDITEXAMPLE",
            "eu-central-1",
        ),
        ((), {"AWS_DEFAULT_REGION": "us-west-2"}, "AKIADEFAULTEXAMPLE", "us-west-2"),
        (
            (),
            {"AWS_DEFAULT_REGION": "us-west-2", "AWS_REGION": "us-east-2"},
            "AKIADEFAULTEXAMPLE",
            "us-east-2",
        ),
        (
            ("--region", "ap-south-1"),
            {"AWS_REGION": "us-east-2"},
            "AKIADEFAULTEXAMPLE",
            "ap-south-1",
        ),
    ],
)
def test_credentials_and_region_are_found_as_the_aws_cli_finds_them(
    cloud, tmp_path, options, more, key, region
):
    if "AWS_ACCESS_KEY_ID" in more:
        more = more | {"AWS_SECRET_ACCESS_KEY": "made-up"}
    answer = ask("pull", "-o", tmp_path / "out", "--service", "sqs", *options, env=more)
    assert answer.code == 0, answer.err
    assert asked_by(cloud) == {(key, region)}


def test_other_files_of_the_aws_cli_are_honoured(cloud, tmp_path):
    (tmp_path / "config").write_text("[profile x]\nregion = sa-east-1\n", encoding="utf-8")
    (tmp_path / "keys").write_text(
        "[x]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n", encoding="utf-8"
    )
    files = {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "keys"),
    }
    words = ("pull", "-o", tmp_path / "out", "--service", "sqs", "--profile", "x")
    assert ask(*words, env=files).code == 0
    assert asked_by(cloud) == {("AKIAX", "sa-east-1")}


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # boto3 leaves the client open that it
def test_a_profile_that_assumes_a_role_is_followed(cloud, tmp_path):  # assumes the role with
    answer = ask("pull", "-o", tmp_path / "out", "--service", "sqs", "--profile", "elsewhere")
    assert answer.code == 0, answer.err
    assert "  444455556666, as arn:aws:sts::444455556666:assumed-role/reader/" in answer.out
    (key,) = {key for key, _ in asked_by(cloud)}
    assert key.startswith("ASIA")


def test_several_regions_are_read_and_global_services_once(cloud, tmp_path):
    services = ("--service", "sqs", "--service", "iam")
    regions = ("--region", "us-east-1", "--region", REGION, "--region", REGION)
    answer = ask("pull", "-o", tmp_path / "out", *services, *regions)
    assert answer.code == 0, answer.err
    assert {region for _, region in asked_by(cloud)} == {"us-east-1", REGION}
    assert cloud.count("GetAccountAuthorizationDetails") == 1
    assert cloud.count("ListQueues") == 2


def test_all_regions_are_those_that_aws_lists(cloud, tmp_path):
    answer = ask("pull", "-o", tmp_path / "out", "--service", "sqs", "--all-regions")
    assert answer.code == 0, answer.err
    assert cloud.count("DescribeRegions") == 1
    regions = {region for _, region in asked_by(cloud)}
    assert {"eu-west-1", "us-east-1", "ap-southeast-2"} <= regions
    assert cloud.count("ListQueues") == len(regions) > 10


# ---- what cannot begin ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "more", "told"),
    [
        (("--profile", "audti"), {}, ("PE2104", "`audti`", "did you mean `audit`?")),
        ((), {"AWS_PROFILE": "nobody"}, ("PE2104", "`nobody`", "there are `default`")),
        (("--profile", "placeless"), {}, ("PE2105", "no region is given", "--region")),
        (("--region", "eu-wst-1"), {}, ("PE2105", "`eu-wst-1`", "did you mean `eu-west-1`?")),
        (("--region", "a.evil.example/x"), {}, ("PE2105", "there is no region")),
        (
            ("--profile", "placeless", "--region", REGION),
            {},
            ("PE2102", "there are no credentials", "aws configure"),
        ),
        (("--profile", "tool"), {}, ("PE2103", "the credentials cannot be had")),
        (
            (),
            {"AWS_ACCESS_KEY_ID": "AKIAENV"},
            ("PE2102", "there are no credentials", "AWS_SECRET_ACCESS_KEY"),
        ),
        ((), {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, ("PE2106", "AWS cannot be reached")),
        ((), {"AWS_ENDPOINT_URL": "nonsense"}, ("PE2107", "nonsense")),
        (("--service", "sqqs"), {}, ("PE2115", "did you mean `sqs`?")),
        (("--jobs", "0"), {}, ("--jobs",)),
    ],
)
def test_what_cannot_begin_says_why_writes_nothing_and_exits_2(tmp_path, options, more, told):
    answer = ask("pull", "-o", tmp_path / "out", *options, env={"AWS_MAX_ATTEMPTS": "1", **more})
    assert answer.code == 2
    assert answer.out == ""
    text = " ".join(answer.err.split())
    assert all(part in text for part in told), text
    assert not (tmp_path / "out").exists()


def test_a_broken_configuration_of_the_aws_cli_is_reported(tmp_path):
    (tmp_path / "config").write_text("[default\nregion", encoding="utf-8")
    files = {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    answer = ask("pull", "-o", tmp_path / "out", env=files)
    assert answer.code == 2
    assert "PE2107" in answer.err


@pytest.mark.parametrize(
    ("code", "told"),
    [("ExpiredToken", "have expired"), ("InvalidClientTokenId", "does not accept")],
)
def test_credentials_that_aws_refuses_are_told(cloud, tmp_path, code, told):
    cloud.fault = lambda seen: code if seen.service == "sts" else None
    answer = ask("pull", "-o", tmp_path / "out")
    assert answer.code == 2
    assert "error[PE2103]" in answer.err
    assert told in " ".join(answer.err.split())


def test_without_boto3_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    answer = ask("pull", "-o", tmp_path / "out")
    assert answer.code == 2
    assert "error[PE2101]" in answer.err
    assert "pip install 'policyeval[aws]'" in answer.err


def test_the_policy_that_is_needed_is_printed_without_boto3_or_credentials(monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    answer = ask("pull", "--show-policy")
    assert answer.code == 0
    assert json.loads(answer.out)["Version"] == "2012-10-17"


# ---- read-only ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("iam", "create_user", {"UserName": "mallory"}),
        ("s3", "get_object", {"Bucket": "pets", "Key": "a"}),
        ("secretsmanager", "get_secret_value", {"SecretId": "bare"}),
        ("kms", "list_grants", {"KeyId": "1"}),
    ],
)
def test_a_client_refuses_what_is_not_in_the_plan(cloud, service, operation, parameters):
    clients, _ = open_clients()
    try:
        cloud.reset()
        with pytest.raises(NotInPlanError):
            getattr(clients.get(service), operation)(**parameters)
    finally:
        clients.close()
    assert cloud.seen == []


# ---- what goes wrong on the way -------------------------------------------------------------


def once(operation, code):
    """A fault that an operation meets the first time."""
    met = []

    def fault(seen):
        if seen.operation != operation or met:
            return None
        met.append(seen)
        return code

    return fault


def always(operation, code):
    return lambda seen: code if seen.operation == operation else None


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("kms", "ListKeys", "ThrottlingException"),
        ("iam", "GetAccountAuthorizationDetails", "Throttling"),
        ("organizations", "ListRoots", "TooManyRequestsException"),
    ],
)
def test_throttled_calls_are_tried_again(cloud, tmp_path, service, operation, code):
    cloud.fault = once(operation, code)
    answer = ask("pull", "-o", tmp_path / "out", "--service", service)
    assert (answer.code, answer.err) == (0, "")
    assert cloud.count(operation) == 2


def test_throttling_that_does_not_end_is_reported_and_survived(cloud, tmp_path):
    cloud.fault = always("ListKeys", "ThrottlingException")
    answer = ask("pull", "-o", tmp_path / "out", "--service", "kms", env={"AWS_MAX_ATTEMPTS": "2"})
    assert answer.code == 0
    assert cloud.count("ListKeys") == 2
    assert "warning[PE2111]: no answer: kms ListKeys for `eu-west-1`" in answer.err


def test_a_denied_call_is_reported_and_survived(cloud, tmp_path):
    cloud.fault = always("GET /pets?policy", "AccessDenied")
    words = ("pull", "-o", tmp_path / "out", "--service", "s3", "--service", "iam")
    answer = ask(*words)
    assert answer.code == 0
    text = " ".join(answer.err.split())
    assert "warning[PE2110]: not allowed: s3 GetBucketPolicy for `pets`" in text
    assert "not complete: resource; allow s3:GetBucketPolicy" in text
    assert ask(*words, "--strict", "--force").code == 1
    cloud.heal()
    assert ask(*words, "--strict", "--force").code == 0


def test_a_policy_that_could_not_be_read_is_unknown_not_empty(cloud, tmp_path):
    cloud.fault = always("GET /pets?policy", "AccessDenied")
    words = ("pull", "-o", tmp_path / "out", "--service", "s3", "--service", "iam")
    assert ask(*words).code == 0
    file = tmp_path / "out/environment.yaml"
    question = ("can", "keeper", "s3:GetObject")
    assert ask(*question, "pets/a", "--env", file).out == "unknown\n"
    assert ask(*question, "toys/a", "--env", file).out == "allowed\n"


def test_where_nothing_can_be_had_nothing_is_written(cloud, tmp_path):
    cloud.fault = lambda seen: None if seen.service == "sts" else "AccessDeniedException"
    answer = ask("pull", "-o", tmp_path / "out", "--service", "kms", "--service", "iam")
    assert answer.code == 2
    assert "error[PE2114]: nothing could be collected" in answer.err
    assert "not allowed: kms ListKeys" in answer.err
    assert not (tmp_path / "out/environment.yaml").exists()


def test_an_account_outside_an_organization_is_no_failure(tmp_path):
    words = ("pull", "-o", tmp_path / "out", "--service", "organizations", "--service", "iam")
    answer = ask(*words, "--profile", "elsewhere", "--strict")
    assert answer.code == 0
    assert answer.err.startswith("note[PE2112]: the account belongs to no organization\n")
    assert "  organization  none\n" in answer.out


def test_member_accounts_may_not_read_the_tree_and_that_is_said(cloud, tmp_path):
    cloud.fault = lambda seen: (
        "AccessDeniedException" if seen.operation in ("ListRoots", "ListPolicies") else None
    )
    words = ("pull", "-o", tmp_path / "out", "--service", "organizations", "--service", "iam")
    answer = ask(*words)
    assert answer.code == 0
    assert "not allowed: organizations ListRoots" in answer.err
    assert "not allowed: organizations ListPolicies" in answer.err
    found = load_environment(tmp_path / "out/environment.yaml")
    assert not {Layer.SERVICE_CONTROL_POLICY, Layer.RESOURCE_CONTROL_POLICY} & found.complete


@pytest.mark.parametrize("operation", ["DescribePolicy", "ListTargetsForPolicy"])
def test_control_policies_that_could_not_be_read_are_unknown(cloud, world, tmp_path, operation):
    cloud.fault = always(operation, "AccessDeniedException")
    words = ("pull", "-o", tmp_path / "out", "--service", "organizations", "--service", "iam")
    answer = ask(*words)
    assert answer.code == 0
    assert f"not allowed: organizations {operation}" in answer.err
    found = load_environment(tmp_path / "out/environment.yaml")
    assert Layer.SERVICE_CONTROL_POLICY not in found.complete
    role = f"arn:aws:iam::{world.member}:role/any"
    decision = decided(found, role, "s3:ListBucket", "arn:aws:s3:::theirs")
    assert decision.layer(Layer.SERVICE_CONTROL_POLICY).verdict is LayerVerdict.UNKNOWN


# ---- stopped, and taken up ------------------------------------------------------------------


def test_credentials_that_expire_on_the_way_stop_the_pull_and_the_next_one_goes_on(cloud, tmp_path):
    cloud.fault = lambda seen: "ExpiredTokenException" if is_sqs(seen.operation) else None
    words = ("pull", "-o", tmp_path / "out", "--service", "iam", "--service", "sqs", "--jobs", "1")
    answer = ask(*words)
    assert answer.code == 2
    assert "error[PE2103]" in answer.err
    assert "expired on the way" in " ".join(answer.err.split())
    assert not (tmp_path / "out/environment.yaml").exists()
    assert cloud.count("GetAccountAuthorizationDetails") == 1
    cloud.heal()
    answer = ask(*words)
    assert answer.code == 0
    assert "going on with the pull of" in answer.err
    assert cloud.count("GetAccountAuthorizationDetails") == 1
    assert cloud.count("GetQueueAttributes") == 2


def test_fresh_asks_all_anew(cloud, tmp_path):
    cloud.fault = lambda seen: "ExpiredTokenException" if is_sqs(seen.operation) else None
    words = ("pull", "-o", tmp_path / "out", "--service", "iam", "--service", "sqs", "--jobs", "1")
    ask(*words)
    cloud.heal()
    answer = ask(*words, "--fresh")
    assert (answer.code, answer.err) == (0, "")
    assert cloud.count("GetAccountAuthorizationDetails") == 2


def test_a_pull_that_ended_is_not_taken_up(cloud, tmp_path):
    words = ("pull", "-o", tmp_path / "out", "--service", "sqs")
    assert ask(*words).code == 0
    answer = ask(*words)
    assert (answer.code, answer.err) == (0, "")
    assert cloud.count("ListQueues") == 2


def test_what_went_away_since_the_last_pull_is_gone_from_the_answers(world, tmp_path):
    with world.using("sqs") as sqs:
        url = sqs.create_queue(QueueName="brief")["QueueUrl"]
        words = ("pull", "-o", tmp_path / "out", "--service", "sqs", "--force")
        assert ask(*words).code == 0
        sqs.delete_queue(QueueUrl=url)
    file = tmp_path / "out/environment.yaml"
    assert "brief" in load_environment(file).resources
    assert ask(*words).code == 0
    assert "brief" not in load_environment(file).resources
    assert not [name for name in names(tmp_path / "out") if "brief" in name]


def test_another_account_is_refused_in_the_same_folder(tmp_path):
    words = ("pull", "-o", tmp_path / "out", "--service", "sqs")
    assert ask(*words).code == 0
    before = names(tmp_path / "out")
    answer = ask(*words, "--profile", "elsewhere", "--force")
    assert answer.code == 2
    text = " ".join(answer.err.split())
    assert "error[PE2108]" in text
    assert f"holds account `{ACCOUNT}`, these credentials are of `444455556666`" in text
    assert names(tmp_path / "out") == before


def waits_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_an_interrupted_pull_leaves_no_half_files_and_goes_on(cloud, tmp_path):
    slow = []

    def fault(seen):
        if seen.operation == "GetQueueAttributes":
            slow.append(seen)
            time.sleep(1)

    cloud.fault = fault
    words = ("pull", "-o", tmp_path / "out", "--service", "iam", "--service", "sqs", "--jobs", "1")
    running = subprocess.Popen(
        command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ)
    )
    with running:
        assert waits_for(lambda: slow)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err) == (130, b"", b"")
    found = names(tmp_path / "out")
    assert f".pull/{ACCOUNT}/global/iam/get-account-authorization-details.json" in found
    for name in found:
        if name.endswith(".json"):
            json.loads((tmp_path / "out" / name).read_text(encoding="utf-8"))
        else:
            assert name == ".pull/.gitignore"
    cloud.heal()
    answer = ask(*words)
    assert answer.code == 0
    assert "going on with the pull of" in answer.err
    assert cloud.count("GetAccountAuthorizationDetails") == 1


def test_an_interrupt_does_not_wait_for_retries(cloud, tmp_path):
    cloud.fault = always("ListQueues", "ThrottlingException")
    words = ("pull", "-o", tmp_path / "out", "--service", "iam", "--service", "sqs", "--jobs", "2")
    running = subprocess.Popen(
        command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ)
    )
    with running:
        assert waits_for(lambda: cloud.count("ListQueues") >= 2)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err) == (130, b"", b"")
    assert cloud.count("ListQueues") <= 4


# ---- what is written ------------------------------------------------------------------------


def test_files_that_differ_are_not_overwritten_without_asking(cloud, tmp_path):
    words = ("pull", "-o", tmp_path / "out", "--service", "iam")
    assert ask(*words).code == 0
    file = tmp_path / "out/environment.yaml"
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole + "# mine\n", encoding="utf-8")
    answer = ask(*words)
    assert answer.code == 2
    assert "error[PE2109]" in answer.err
    assert "environment.yaml" in answer.err
    assert file.read_text(encoding="utf-8").endswith("# mine\n")
    asked = cloud.count("GetAccountAuthorizationDetails")
    assert ask(*words, "--force").code == 0
    assert file.read_text(encoding="utf-8") == whole
    assert cloud.count("GetAccountAuthorizationDetails") == asked  # what was collected is kept


def test_a_second_pull_of_the_same_account_changes_no_file(tmp_path):
    words = ("pull", "-o", tmp_path / "out", "--service", "iam", "--service", "sqs")

    def written():
        return {
            name: (tmp_path / "out" / name).read_bytes()
            for name in names(tmp_path / "out")
            if not name.startswith(".pull/")
        }

    assert ask(*words).code == 0
    first = written()
    assert ask(*words, "--jobs", "1").code == 0
    assert written() == first


def on_a_terminal(words, answer=b""):
    """Run a command on a terminal; type when it asks. Gives exit code and all it showed."""
    ours, theirs = pytest.importorskip("pty").openpty()
    try:
        running = subprocess.Popen(
            command(*words), stdin=theirs, stdout=theirs, stderr=theirs, env=dict(os.environ)
        )
        os.close(theirs)
        shown = b""
        while True:
            ready, _, _ = select.select([ours], [], [], 30)
            assert ready, shown
            try:
                read = os.read(ours, 4096)
            except OSError:
                break
            if not read:
                break
            shown += read
            if answer and b"[y/N]" in shown:
                os.write(ours, answer)
                answer = b""
        return running.wait(timeout=30), shown.decode()
    finally:
        os.close(ours)


@pytest.mark.parametrize(("typed", "code", "kept"), [(b"n\n", 2, True), (b"y\n", 0, False)])
def test_on_a_terminal_the_user_is_asked_once(tmp_path, typed, code, kept):
    words = ("pull", "-o", tmp_path / "out", "--service", "iam")
    assert ask(*words).code == 0
    file = tmp_path / "out/environment.yaml"
    file.write_text("# mine\n", encoding="utf-8")
    found, shown = on_a_terminal(words, typed)
    assert found == code, shown
    assert shown.count("[y/N]") == 1
    assert "environment.yaml" in shown
    assert (file.read_text(encoding="utf-8") == "# mine\n") is kept


@pytest.mark.parametrize("flag", ["--progress", "--no-progress"])
def test_calls_are_counted_on_a_terminal_that_waits(cloud, tmp_path, flag):
    cloud.fault = lambda seen: time.sleep(1.6) if seen.operation == "GetQueueAttributes" else None
    words = ("pull", "-o", tmp_path / "out", "--service", "sqs", flag)
    code, shown = on_a_terminal(words)
    assert code == 0, shown
    assert ("1/3 calls" in shown) is (flag == "--progress")


# ---- what it is worth -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def loaded(pulled):
    out, _, _ = pulled
    return load_environment(out / "environment.yaml")


def decided(environment, principal, action, resource, **context):
    keys = {f"aws:{key}": value for key, value in context.items()}
    return evaluate(Request.of(principal, action, resource, keys), environment)


@pytest.mark.parametrize(
    ("action", "resource", "verdict", "layer"),
    [
        ("s3:GetObject", "arn:aws:s3:::pets/a", Verdict.ALLOWED, None),
        ("s3:GetObject", "arn:aws:s3:::pets/secret/a", Verdict.EXPLICIT_DENY, "resource"),
        ("iam:ListUsers", "*", Verdict.IMPLICIT_DENY, "boundary"),
        ("s3:ListAllMyBuckets", "*", Verdict.IMPLICIT_DENY, "identity"),
        ("s3:PutBucketTagging", "arn:aws:s3:::pets", Verdict.ALLOWED, None),
        ("s3:PutBucketTagging", "arn:aws:s3:::toys", Verdict.IMPLICIT_DENY, "identity"),
        ("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:Orders", Verdict.ALLOWED, None),
        ("sqs:SendMessage", f"arn:aws:sqs:{REGION}:444455556666:x", Verdict.UNKNOWN, None),
    ],
)
def test_the_pulled_environment_decides_as_the_account(loaded, action, resource, verdict, layer):
    decision = decided(loaded, KEEPER, action, resource)
    assert decision.verdict is verdict
    if layer is not None:
        assert decision.decided_by is Layer(layer)


def test_key_policy_and_alias_of_the_pulled_environment_decide(loaded, world):
    assert decided(loaded, KEEPER, "kms:Decrypt", world.key).allowed
    ana = f"arn:aws:iam::{ACCOUNT}:user/ana"
    assert decided(loaded, ana, "kms:Decrypt", world.key).denied
    (key,) = [each for each in loaded.resources.values() if each.arn == world.key]
    assert key.aliases == ("alias/pets",)
    assert key.tags == {"use": "pets"}


def test_users_get_what_their_groups_have(loaded):
    ana = f"arn:aws:iam::{ACCOUNT}:user/ana"
    assert decided(loaded, ana, "sqs:ListQueues", "*").allowed


def test_trust_policy_of_the_pulled_environment_decides(loaded):
    ana = f"arn:aws:iam::{ACCOUNT}:user/ana"
    assert decided(loaded, ana, "sts:AssumeRole", KEEPER).allowed
    assert decided(loaded, KEEPER, "sts:AssumeRole", KEEPER).denied


def test_service_control_policies_reach_the_accounts_below_their_unit(loaded, world):
    role = f"arn:aws:iam::{world.member}:role/any"
    decision = decided(loaded, role, "s3:DeleteBucket", "arn:aws:s3:::theirs")
    assert decision.verdict is Verdict.EXPLICIT_DENY
    assert decision.decided_by is Layer.SERVICE_CONTROL_POLICY
    assert loaded.organization.id == world.organization


def test_vpc_endpoint_of_the_pulled_environment_decides(loaded, world):
    through = {"SourceVpce": world.endpoint}
    decision = decided(loaded, KEEPER, "s3:GetObject", "arn:aws:s3:::pets/a", **through)
    assert decision.decided_by is Layer.VPC_ENDPOINT_POLICY


VET = "arn:aws:iam::444455556666:root"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"),
        ("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:Orders"),
        ("ecr:BatchGetImage", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/pets/web"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/pets"),
    ],
)
def test_resource_policies_of_every_service_let_in_whom_they_name(loaded, action, resource):
    decision = decided(loaded, VET, action, resource)
    assert decision.layer(Layer.RESOURCE_POLICY).verdict is LayerVerdict.ALLOWED
    other = decided(loaded, "arn:aws:iam::777788889999:root", action, resource)
    assert other.decided_by is Layer.RESOURCE_POLICY
    assert other.denied


def test_a_second_reading_of_the_raw_answers_gives_the_same(pulled):
    """The answers on disk are all that the environment is made of."""
    out, _, _ = pulled
    clients, caller = open_clients()
    try:
        going = Pull(clients, caller, out, fresh=False)
        assert going.resumed == ""  # that pull ended
        collected = Collector(clients, caller, going.store).run()
    finally:
        clients.close()
    assert collected.kept > 30
    assert collected.asked == 0


def test_boto3_itself_sees_what_the_world_was_made_of(cloud):
    """A check of the tests: the world is there, and the relay passes it on."""
    client = boto3.client("sqs", endpoint_url=cloud.url, region_name=REGION, **KEYS)
    try:
        assert len(client.list_queues()["QueueUrls"]) == 2
    finally:
        client.close()


def test_tags_that_could_not_be_read_are_unknown_not_absent(cloud, tmp_path):
    words = ("pull", "-o", tmp_path / "out", "--service", "s3", "--service", "iam")
    tags = ("--service", "resourcegroupstaggingapi", "--force")
    file = tmp_path / "out/environment.yaml"
    assert ask(*words, *tags).code == 0
    assert "unknown-tags" not in file.read_text()
    cloud.fault = lambda seen: (
        "AccessDeniedException" if "GetResources" in str(seen.operation) else None
    )
    assert ask(*words, *tags, "--fresh").code == 0
    assert load_environment(file).resources["pets"].unknown_tags == ("*",)
