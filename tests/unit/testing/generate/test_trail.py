"""Tests of what CloudTrail saw expect what AWS answered."""

import gzip
import json
from pathlib import Path

import pytest

from policyeval.environment.file import load_environment
from policyeval.testing import Status, load_suite, run_suite
from policyeval.testing.generate import trail

ROOT = Path(__file__).parents[4]
TAMAGOTCHI = ROOT / "fixtures/environments/tamagotchi/environment.yaml"
CLOUDTRAIL = ROOT / "fixtures/cloudtrail"
SESSION = "arn:aws:sts::123456789012:assumed-role/tama-keeper/{}"
ROLE = "arn:aws:iam::123456789012:role/care/tama-keeper"
BUCKET = "tamagotchi"


def event(name="GetObject", key="saves/ada.json", session="notebook", **more):
    parameters = {"bucketName": BUCKET} | ({"key": key} if key else {})
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": SESSION.format(session),
            "accountId": "123456789012",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}},
        },
        "eventTime": "2026-05-04T03:12:13Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.9",
        "requestParameters": parameters,
        "eventID": f"00000000-0000-4000-8000-{len(name + key):012d}",
        "eventType": "AwsApiCall",
        "recipientAccountId": "123456789012",
        **more,
    }


def denied(message="Access Denied", **more):
    return event(**more) | {"errorCode": "AccessDenied", "errorMessage": message}


def log(*events):
    return json.dumps({"Records": list(events)}).encode()


def written(*events, tmp_path=None):
    return trail.tests_from_events(log(*events), TAMAGOTCHI, beside=tmp_path or ".")


def loaded(found, tmp_path):
    path = tmp_path / "trail.policytest.yaml"
    path.write_text(found.text, encoding="utf-8")
    return load_suite(path)


def test_a_call_that_aws_allowed_is_a_test_that_expects_so(tmp_path):
    found = written(event(), tmp_path=tmp_path)
    (test,) = loaded(found, tmp_path).tests
    assert test.name == "keeper/notebook was allowed s3:GetObject on tamagotchi/saves/ada.json"
    assert test.principal == SESSION.format("notebook")
    assert test.context == {}
    assert run_suite(loaded(found, tmp_path)).passed
    assert dict(found.counts) == {
        "tests": 1,
        "events": 1,
        "duplicates": 0,
        "differ": 0,
        "supposed": 0,
        "left_out": 0,
    }


def test_a_denial_has_the_layer_that_its_message_names(tmp_path):
    message = (
        f"User: {SESSION.format('notebook')} is not authorized to perform: s3:DeleteBucket on "
        f'resource: "arn:aws:s3:::{BUCKET}" with an explicit deny in a service control policy'
    )
    found = written(denied(message, name="DeleteBucket", key=""), tmp_path=tmp_path)
    assert "expect: deny scp }" in found.text
    assert run_suite(loaded(found, tmp_path)).passed


def test_sessions_of_a_role_and_repeated_calls_are_one_test(tmp_path):
    events = [event(session=f"s{n}") for n in range(5)]
    found = written(*events, tmp_path=tmp_path)
    assert found.counts["tests"] == 1
    assert found.counts["duplicates"] == 4
    assert "  # seen 5 times\n" in found.text


def test_only_keys_that_the_policies_ask_about_are_kept(tmp_path):
    through = event("DeleteObject", vpcEndpointId="vpce-0feed0f00dcafe123")
    found = written(through, tmp_path=tmp_path)
    (test,) = loaded(found, tmp_path).tests
    assert test.context == {"aws:SourceVpce": "vpce-0feed0f00dcafe123"}
    assert "vpc-endpoint: house-door" in found.text
    assert "SourceIp" not in found.text
    assert run_suite(loaded(found, tmp_path)).passed


def test_where_the_policies_changed_the_test_keeps_the_answer_of_aws(tmp_path):
    found = written(event("DeleteObject"), event(), tmp_path=tmp_path)
    assert found.counts["differ"] == 1
    assert "  # today: implicit-deny identity\n" in found.text
    assert [each.code for each in found.findings] == ["PE2347"]
    run = run_suite(loaded(found, tmp_path))
    statuses = [result.status for result in run.results]
    assert statuses == [Status.FAILED, Status.PASSED]


def test_a_fact_that_no_event_tells_is_supposed_and_told(tmp_path):
    found = written(event("PutObject"), tmp_path=tmp_path)
    assert found.counts["supposed"] == 1
    assert (
        "# supposed, so that AWS's answer follows: s3:RequestObjectTag/pet is ada\n" in found.text
    )
    assert run_suite(loaded(found, tmp_path)).passed


def test_the_last_answer_counts_where_aws_gave_several(tmp_path):
    found = written(denied(), event(), tmp_path=tmp_path)
    (test,) = loaded(found, tmp_path).tests
    assert "was allowed" in test.name
    assert "seen 2 times; AWS answered otherwise 1 time before" in found.text


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_last_answer_is_the_last_in_time_in_whatever_order_the_log_is(tmp_path, newest_first):
    events = [
        denied(eventTime="2026-05-04T08:00:00Z"),
        event(eventTime="2026-05-04T09:00:00Z"),
    ]
    found = written(*(reversed(events) if newest_first else events), tmp_path=tmp_path)
    (test,) = loaded(found, tmp_path).tests
    assert "was allowed" in test.name


def test_what_makes_no_test_is_counted_with_its_reason(tmp_path):
    failed = event() | {"errorCode": "NoSuchKey", "errorMessage": "there is none"}
    sign_in = event() | {"eventType": "AwsConsoleSignIn", "eventName": "ConsoleLogin"}
    stranger = event()
    stranger["userIdentity"] = {
        "type": "IAMUser",
        "arn": "arn:aws:iam::123456789012:user/nobody",
        "accountId": "123456789012",
        "userName": "nobody",
    }
    found = written(failed, failed, sign_in, stranger, event(), tmp_path=tmp_path)
    assert found.counts["left_out"] + found.counts["tests"] == found.counts["events"] == 5
    said = {each.message for each in found.findings}
    assert any(message.startswith("1 x no test of an event: a sign-in") for message in said)
    assert (
        "1 x no test, since the environment does not know who asked: "
        "`arn:aws:iam::123456789012:user/nobody`"
    ) in said
    for message in said:
        assert message.split(":")[0] in found.text


@pytest.mark.parametrize("data", [b"", b"{", b"\x00\xff", b"[]", b'{"Records": [{}]}', b"no log"])
def test_what_is_no_log_gives_no_test_and_a_reason(data):
    found = trail.tests_from_events([data], load_environment(TAMAGOTCHI))
    assert found.counts["tests"] == 0
    assert found.counts["left_out"] > 0
    assert found.findings


def test_logs_are_read_from_files_and_gzip_alike(tmp_path):
    plain, packed = tmp_path / "a.json", tmp_path / "a.json.gz"
    plain.write_bytes(log(event(), denied(name="DeleteObject")))
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    one = trail.tests_from_events(plain, TAMAGOTCHI)
    assert one.counts["tests"] == 2
    assert trail.tests_from_events([packed], TAMAGOTCHI).text == one.text
    both = trail.tests_from_events([plain, packed, log(event())], TAMAGOTCHI)
    assert both.counts["tests"] == 2
    assert both.counts["duplicates"] == 3


def test_the_shipped_logs_pass_in_the_shipped_environment(tmp_path):
    logs = [CLOUDTRAIL / "notebook.json", CLOUDTRAIL / "denied.json"]
    found = trail.tests_from_events(logs, TAMAGOTCHI, beside=tmp_path)
    run = run_suite(loaded(found, tmp_path))
    assert run.passed
    assert len(run.results) == 3


def test_real_events_become_tests_that_fail_exactly_where_they_say(tmp_path):
    lines = (CLOUDTRAIL / "events.jsonl").read_text(encoding="utf-8").splitlines()
    arns = {}
    for line in lines:
        who = json.loads(line).get("userIdentity", {})
        issuer = who.get("sessionContext", {}).get("sessionIssuer", {}).get("arn")
        arn = issuer or who.get("arn") or ""
        if arn.startswith("arn:aws:iam::") and arn[13:25].isdigit() and not arn.endswith("root"):
            arns.setdefault(arn, f"p{len(arns)}")
    admin = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [admin]}
    (tmp_path / "admin.json").write_text(json.dumps(document))
    people = "".join(
        f"  {name}: {{ arn: {json.dumps(arn)}, policies: [admin.json], boundary: null }}\n"
        for arn, name in arns.items()
    )
    (tmp_path / "environment.yaml").write_text(f"version: 1\nprincipals:\n{people}")
    found = trail.tests_from_events(
        CLOUDTRAIL / "events.jsonl", tmp_path / "environment.yaml", beside=tmp_path
    )
    suite = loaded(found, tmp_path)
    run = run_suite(suite)
    assert len(suite.tests) > 20
    assert not run.of(Status.ERROR)
    assert len(run.of(Status.FAILED)) == found.counts["differ"] == found.text.count("# today: ")
