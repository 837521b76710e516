"""`policyeval why` with a pasted text: forms, flags beside it, exit codes, bad input."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.integration.command import ROOT, TAMAGOTCHI, ask

PASTES = ROOT / "fixtures/pastes"
ENV = ("--env", TAMAGOTCHI)
KEEPER = "arn:aws:sts::123456789012:assumed-role/tama-keeper/notebook"
SAVE = "arn:aws:s3:::tamagotchi/saves/ada.json"
HEAD = f"User: {KEEPER} is not authorized to perform: s3:DeleteObject"
REASON = "because no identity-based policy allows the s3:DeleteObject action"
DENIED = f'{HEAD} on resource: "{SAVE}" {REASON}'


def explained(*words, stdin=b""):
    answer = ask("why", *words, *ENV, "--json", stdin=stdin)
    assert answer.code == 0, answer.err
    return json.loads(answer.out)


def test_a_message_is_answered_and_compared():
    told = explained(DENIED)
    assert (told["decision"], told["decided_by"]) == ("implicit_deny", "identity")
    assert told["claim"]["agreement"] == "agrees"
    assert told["pasted"]["kind"] == "error message"
    assert told["request"]["resource"] == SAVE
    assert told["fixes"][0]["changes"][0]["key"] == "aws:SourceVpce"


def test_argument_standard_input_and_file_are_the_same(tmp_path):
    file = tmp_path / "message.txt"
    file.write_text(DENIED, encoding="utf-8")
    told = explained(DENIED)
    assert explained("-", stdin=DENIED.encode()) == told
    assert explained(str(file)) == told


def test_flags_win_over_the_text():
    allowed = explained(DENIED, "--context", "aws:SourceVpce=vpce-0feed0f00dcafe123")
    assert (allowed["decision"], allowed["claim"]["agreement"]) == ("unknown", "disagrees")
    other = explained(DENIED, "--resource", "arn:aws:s3:::tamagotchi/food/apple.json")
    assert other["request"]["resource"].endswith("apple.json")
    named = explained(DENIED, "--principal", "grace")
    assert named["request"]["principal"] == "arn:aws:iam::123456789012:user/grace"


def test_what_the_text_does_not_tell_is_asked_for():
    answer = ask("why", HEAD, *ENV)
    assert answer.code == 2
    assert "PE1711" in answer.err
    assert "--resource RESOURCE" in answer.err
    told = explained(HEAD, "--resource", "tamagotchi/saves/ada.json")
    assert (told["decision"], told["claim"]["agreement"]) == ("unknown", "agrees_if")
    assert len(told["claim"]["causes"]) == 2  # plain HTTP, or not through the endpoint


def test_all_explains_every_message_one_json_object_a_line():
    text = f"{DENIED}\n{DENIED.replace('DeleteObject', 'GetObjectAcl')}"
    answer = ask("why", text, *ENV, "--all", "--json")
    told = [json.loads(line) for line in answer.out.splitlines()]
    assert [each["request"]["action"] for each in told] == ["s3:DeleteObject", "s3:GetObjectAcl"]
    first = ask("why", text, *ENV)
    assert "1 of 2 requests in this text is explained" in first.err
    assert first.out == ask("why", DENIED, *ENV).out


def test_a_strict_claim_exits_1_on_a_disagreement():
    assert ask("why", str(PASTES / "boundary.txt"), *ENV).code == 0
    assert ask("why", str(PASTES / "boundary.txt"), *ENV, "--strict-claim").code == 1
    assert ask("why", DENIED, *ENV, "--strict-claim").code == 0


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_other_formats_tell_the_agreement_too(form):
    answer = ask("why", str(PASTES / "boundary.txt"), *ENV, "--format", form)
    assert "DISAGREES WITH AWS" in answer.out


def test_a_page_holds_one_answer():
    answer = ask("why", DENIED, *ENV, "--all", "--format", "html")
    assert (answer.code, "--all" in answer.err) == (2, True)


def test_can_takes_a_text_on_standard_input():
    assert ask("can", "-", *ENV, "--assume-absent", stdin=DENIED.encode()).out == "denied\n"


def test_redaction_hides_the_ids_of_all_answers_alike():
    answer = ask("why", f"{DENIED}\n{HEAD} on resource: *", *ENV, "--all", "--redact")
    assert "123456789012" not in answer.out
    assert answer.out.count("111111111111:assumed-role") == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" ", "PE1701"),
        ("it does not work", "PE1701"),
        ("{", "PE0018"),
        ('{"a": 1}', "PE1701"),
        ('{"DecodedMessage": "{"}', "PE1707"),
        ('{"requestContext": {}, "evaluations": []}', "PE1709"),
    ],
)
def test_a_text_that_tells_of_no_request_is_refused_with_a_way_out(text, code):
    answer = ask("why", "-", *ENV, stdin=text.encode())
    assert answer.code == 2
    assert code in answer.err
    assert "Traceback" not in answer.err


def test_what_a_message_brings_along_steers_no_terminal():
    text = f"{HEAD} on resource: arn:aws:s3:::b/\x1b]0;x\x07 because the\u202e moon"
    answer = ask("why", text, *ENV)
    assert "\x1b" not in answer.out + answer.err
    assert "\u202e" not in answer.out + answer.err


EVENT = {
    "eventVersion": "1.09",
    "eventID": "e-1",
    "userIdentity": {
        "type": "IAMUser",
        "arn": "arn:aws:iam::123456789012:user/grace",
        "accountId": "123456789012",
        "userName": "grace",
    },
    "eventTime": "2026-11-23T10:00:00Z",
    "eventSource": "s3.amazonaws.com",
    "eventName": "DeleteObject",
    "awsRegion": "eu-west-1",
    "sourceIPAddress": "203.0.113.9",
    "tlsDetails": {"tlsVersion": "TLSv1.3"},
    "requestParameters": {"bucketName": "tamagotchi", "key": "saves/ada.json"},
    "errorCode": "AccessDenied",
    "errorMessage": "User: arn:aws:iam::123456789012:user/grace is not authorized to perform: "
    's3:DeleteObject on resource: "arn:aws:s3:::tamagotchi/saves/ada.json" because no permissions '
    "boundary allows the s3:DeleteObject action",
    "eventType": "AwsApiCall",
    "recipientAccountId": "123456789012",
}
SIGN_IN = EVENT | {"eventType": "AwsConsoleSignIn", "eventName": "ConsoleLogin", "eventID": "e-2"}
FINE = {key: EVENT[key] for key in EVENT if "error" not in key} | {"eventID": "e-3"}


def test_an_event_tells_more_than_a_message():
    told = explained("-", stdin=json.dumps(EVENT).encode())
    assert told["pasted"]["kind"] == "CloudTrail event"
    assert (told["decided_by"], told["claim"]["agreement"]) == ("boundary", "agrees")
    assert told["request"]["context"]["aws:SourceIp"]["value"] == ["203.0.113.9"]
    assert told["pasted"]["origins"]["aws:SourceIp"] == "sourceIPAddress"


@pytest.mark.parametrize(
    "form",
    [
        lambda events: json.dumps({"Records": events}),
        lambda events: "\n".join(json.dumps(event) for event in events),
        lambda events: json.dumps(events),
        lambda events: json.dumps(
            {"Events": [{"CloudTrailEvent": json.dumps(event)} for event in events]}
        ),
    ],
    ids=["log file", "JSON Lines", "list", "lookup-events"],
)
def test_of_several_events_the_denied_one_is_explained(form):
    text = form([FINE, SIGN_IN, EVENT]).encode()
    answer = ask("why", "-", *ENV, "--json", stdin=text)
    assert json.loads(answer.out)["pasted"]["name"] == "e-1"
    assert "1 of 3 requests in this text is explained" in answer.err
    picked = ask("why", "-", *ENV, "--json", "--id", "e-3", stdin=text)
    assert json.loads(picked.out)["pasted"]["name"] == "e-3"


def test_all_events_are_answered_and_the_others_counted():
    text = json.dumps({"Records": [FINE, SIGN_IN, EVENT]}).encode()
    answer = ask("why", "-", *ENV, "--all", "--json", stdin=text)
    assert [json.loads(line)["pasted"]["name"] for line in answer.out.splitlines()] == [
        "e-3",
        "e-1",
    ]
    assert "left out: 1 x a sign-in" in answer.err


def test_a_context_on_standard_input_is_read_once_for_all_events(tmp_path):
    file = tmp_path / "trail.json"
    file.write_text(json.dumps({"Records": [FINE, EVENT]}), encoding="utf-8")
    words = (file, *ENV, "--all", "--json", "--context-file", "-")
    answer = ask("why", *words, stdin=b'{"app:key": "blue"}')
    told = [json.loads(line)["request"]["context"]["app:key"] for line in answer.out.splitlines()]
    assert [each["value"] for each in told] == [["blue"], ["blue"]]


def test_an_event_without_request_is_refused_with_the_reason():
    answer = ask("why", "-", *ENV, stdin=json.dumps(SIGN_IN).encode())
    assert answer.code == 2
    assert "PE1712" in answer.err


def test_a_log_that_is_cut_off_still_answers(tmp_path):
    whole = json.dumps({"Records": [EVENT, FINE]})
    file = tmp_path / "trail.json"
    file.write_text(whole[:-40], encoding="utf-8")
    told = explained(str(file))
    assert told["pasted"]["name"] == "e-1"


PIECES = st.sampled_from(
    [DENIED, HEAD, '"', "{", "}", "[", "\n", '"eventName"', '"Records"', ":", '"request"', "\x1f"]
)


@given(st.lists(PIECES | st.text(max_size=6), max_size=8).map("".join))
def test_no_text_brings_a_traceback(text):
    answer = ask("why", "-", *ENV, "-q", stdin=text.encode("utf-8", "surrogatepass"))
    assert answer.code in (0, 1, 2, 3)
    assert "internal error" not in answer.err


@pytest.mark.parametrize(
    "flags",
    [
        ("--principal", "grace"),
        ("--action", "s3:GetObject"),
        ("--resource", "arn:aws:s3:::tamagotchi/food/apple.json"),
    ],
)
def test_what_aws_said_of_one_request_is_not_compared_with_another(flags):
    assert explained(DENIED, *flags).get("claim") is None


def test_a_role_with_its_path_is_the_caller_of_which_the_text_tells_the_session():
    role = "arn:aws:iam::123456789012:role/care/tama-keeper"
    assert explained(DENIED, "--principal", role)["claim"]["decision"] == "implicit_deny"


def test_a_file_that_is_not_there_is_said_not_to_be():
    answer = ask("why", "logs/denied.txt", *ENV)
    assert answer.code == 2
    assert "there is no file `logs/denied.txt`" in answer.err
