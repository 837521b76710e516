"""`who-can`, `matrix`, and `can` with a principal alone."""

import csv
import json
from io import StringIO

import pytest
from tests.integration.command import ROOT, TAMAGOTCHI, ask

SAVE = "tamagotchi/saves/ada.json"
CHAIN = str(ROOT / "fixtures/environments/chain/environment.yaml")
KEEPER = "arn:aws:iam::123456789012:role/care/tama-keeper"
FEEDER = "arn:aws:iam::123456789012:role/care/tama-feeder"
ORDERS = "arn:aws:sqs:eu-west-1:111122223333:orders"


def who_can(*words, env=TAMAGOTCHI):
    return ask("who-can", *words, "--env", env)


# ---- who-can --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("s3:GetObject", SAVE), 0),
        (("sts:AssumeRole", KEEPER), 3),
        (("s3:DeleteObject", SAVE, "--conditions"), 3),
        (("s3:DeleteObject", SAVE, "--conditions", "--treat-unknown-as", "deny"), 1),
        (("s3:DeleteObject", SAVE, "--conditions", "--treat-unknown-as", "allow"), 0),
        (("s3:DeleteBucket", "tamagotchi", "--context-set", "plain-http"), 1),
        (("s3:GetObject", "tamagotchy"), 2),
        (("GetObject", SAVE), 2),
        (("s3:GetObject", SAVE, "--group-by", "name"), 2),
        (("s3:GetObject", SAVE, "--format", "csv"), 2),
        (("s3:GetObject", SAVE, "--context", "aws:username=ana"), 2),
        (("s3:GetObject", SAVE, "--partial", "--assume-absent"), 2),
    ],
)
def test_the_exit_code_says_whether_somebody_can(words, code):
    assert who_can(*words).code == code


def test_quiet_writes_nothing():
    answer = who_can("s3:GetObject", SAVE, "--quiet")
    assert (answer.code, answer.out, answer.err) == (0, "", "")


def test_without_an_environment_there_is_nobody_to_ask(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = ask("who-can", "s3:GetObject", "arn:aws:s3:::x/y")
    assert answer.code == 2
    assert "PE0902" in answer.err


def test_json_tells_everything_under_a_schema():
    answer = who_can("s3:PutObject", SAVE, "--json")
    data = json.loads(answer.out)
    assert data["schema"] == "policyeval/who-can/1"
    assert [
        (each["principal"].rpartition(":")[2], each["decision"]) for each in data["holders"]
    ] == [
        ("root", "allowed"),
        ("role/care/tama-feeder", "allowed"),
        ("user/grace", "allowed"),
    ]
    feeder = data["holders"][1]
    assert feeder["by"][0]["sid"] == "FeedAndLook"
    assert feeder["conditions"][0]["clauses"][0]["text"] == "aws:SecureTransport is false"


def test_groups_are_accounts_or_layers():
    by_account = who_can("s3:PutObject", SAVE).out
    assert "account 123456789012 (house)" in by_account.splitlines()
    by_layer = who_can("s3:PutObject", SAVE, "--group-by", "layer").out.splitlines()
    assert "no policy needed" in by_layer
    assert "identity-based policy" in by_layer


def test_ways_through_roles_are_printed_and_a_circle_is_noted():
    answer = who_can("sqs:SendMessage", ORDERS, "--through-roles", env=CHAIN)
    lines = [line.strip() for line in answer.out.splitlines()]
    ana = lines.index("allowed  arn:aws:iam::111122223333:user/ana")
    assert lines[ana + 1 : ana + 3] == [
        "assumes arn:aws:iam::111122223333:role/reader",
        "assumes arn:aws:iam::111122223333:role/sender",
    ]
    assert "note[PE1906]" in answer.err


def test_ids_are_replaced_on_demand():
    answer = who_can("s3:PutObject", SAVE, "--redact")
    assert answer.code == 0
    assert "123456789012" not in answer.out + answer.err


def test_the_answer_goes_to_a_file(tmp_path):
    target = tmp_path / "who.json"
    answer = who_can("s3:PutObject", SAVE, "--json", "-o", target)
    assert answer.out == ""
    assert json.loads(target.read_text(encoding="utf-8"))["action"] == "s3:PutObject"


def test_a_hostile_sid_and_name_stay_harmless(tmp_path):
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "A\x1b[31m\u202e",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "*",
            "Condition": {"StringLike": {"aws:Referer": "\x1b]0;x\x07*"}},
        },
    }
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "p.json").write_text(json.dumps(document), encoding="utf-8")
    entries = (
        "version: 1",
        "principals:",
        '  "=ana\\e[0m":',
        "    arn: arn:aws:iam::111122223333:user/ana",
        "    policies: [p.json]",
        "resources:",
        "  logs: { arn: 'arn:aws:s3:::logs', owner: '111122223333' }",
    )
    (tmp_path / "environment.yaml").write_text("\n".join(entries), encoding="utf-8")
    for words in (
        ("who-can", "s3:GetObject", "logs/a", "--conditions"),
        ("can", "arn:aws:iam::111122223333:user/ana", "--conditions"),
        ("matrix", "--actions", "s3:GetObject", "--format", "csv"),
        ("matrix", "--actions", "s3:GetObject"),
    ):
        answer = ask(*words, "--env", tmp_path / "environment.yaml")
        assert answer.code in (0, 3), answer.err
        shown = answer.out + answer.err
        assert all(char.isprintable() or char in "\r\n" for char in shown)


# ---- can PRINCIPAL --------------------------------------------------------------------------


def test_a_principal_alone_lists_what_it_can_do():
    answer = ask("can", "feeder", "--env", TAMAGOTCHI)
    assert answer.code == 0
    assert answer.out.splitlines()[:4] == [
        f"{FEEDER} can",
        "",
        "on arn:aws:s3:::tamagotchi/*",
        "  allowed  s3:GetObject, s3:PutObject",
    ]


def test_a_whole_question_still_gets_one_word():
    answer = ask("can", "feeder", "s3:GetObject", SAVE, "--env", TAMAGOTCHI)
    assert (answer.code, answer.out) == (0, "allowed\n")


def test_the_listing_of_one_resource_agrees_with_single_answers():
    answer = ask("can", "keeper", "--on", SAVE, "--json", "--env", TAMAGOTCHI)
    data = json.loads(answer.out)
    assert data["schema"] == "policyeval/what-can/1"
    listed = {action for grant in data["grants"] for action in grant["actions"]}
    assert listed == {"s3:GetObject"}
    for action in ("s3:GetObject", "s3:DeleteObject"):
        single = ask("can", "keeper", action, SAVE, "--env", TAMAGOTCHI)
        assert (single.out == "allowed\n") is (action in listed)


def test_the_one_policy_is_a_policy():
    from policyeval import parse_policy

    answer = ask("can", "feeder", "--as-policy", "--env", TAMAGOTCHI)
    policy = parse_policy(answer.out)
    assert [statement.effect.value for statement in policy.statements] == ["Allow", "Deny"]


@pytest.mark.parametrize(
    "words",
    [
        ("feeder", "--as-policy", "--json"),
        ("feeder", "s3:GetObject", SAVE, "--json"),
        ("feeder", "s3:GetObject", SAVE, "--on", SAVE),
        ("feeder", "--policy", "identity=x.json"),
        ("nobody",),
        ("-",),
    ],
)
def test_what_does_not_go_together_cannot_run(words):
    assert ask("can", *words, "--env", TAMAGOTCHI).code == 2


# ---- matrix ---------------------------------------------------------------------------------


def matrix(*words):
    return ask("matrix", *words, "--resources", SAVE, "--env", TAMAGOTCHI)


def test_a_matrix_is_a_grid():
    answer = matrix("--actions", "s3:GetObject,s3:PutObject", "--principals", "role/care/*")
    assert [line.split() for line in answer.out.splitlines()] == [
        ["on", "arn:aws:s3:::tamagotchi/saves/ada.json"],
        ["s3:GetObject", "s3:PutObject"],
        [KEEPER, "allowed", "denied"],
        [FEEDER, "allowed", "allowed"],
    ]


def test_a_matrix_may_be_csv_json_and_markdown():
    words = ("--actions", "s3:GetObject", "--principals", "keeper")
    rows = list(csv.reader(StringIO(matrix(*words, "--format", "csv").out)))
    assert rows[1] == [KEEPER, "arn:aws:s3:::tamagotchi/saves/ada.json", "allowed"]
    data = json.loads(matrix(*words, "--json").out)
    assert [cell["decision"] for cell in data["cells"]] == ["allowed"]
    assert f"| `{KEEPER}` |" in matrix(*words, "--format", "markdown").out


@pytest.mark.parametrize(
    "words",
    [
        ("--actions", "s3s:*"),
        ("--actions", "s3:GetObject", "--principals", "roles/*"),
        ("--actions", "s3:GetObject", "--format", "xml"),
        ("--actions", "s3:GetObject", "--exact"),
        ("--actions", ","),
        (),
    ],
)
def test_a_matrix_of_nothing_cannot_run(words):
    assert matrix(*words).code == 2
