"""Where a question comes from: arguments, flags, files, standard input, an environment, a case."""

import json
import shutil
from pathlib import Path

import pytest
from tests.integration.command import (
    ANA,
    LOG,
    QUESTION,
    TAMAGOTCHI,
    ask,
    case,
    policy,
    when,
)

VPCE = "aws:SourceVpce"
BY_ENDPOINT = ("--policy", "identity=vpce.json")
SAVE = "arn:aws:s3:::tamagotchi/saves/ada.json"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    for name, document in {
        "all": policy({}),
        "deny": policy({"Effect": "Deny"}),
        "vpce": policy(when(SourceVpce="vpce-1")),
        "empty": policy({"Condition": {"StringEquals": {VPCE: ""}}}),
        "absent": policy({"Condition": {"Null": {"aws:SourceIp": "true"}}}),
        "both": policy(
            {"Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}},
            {"Effect": "Deny", "Condition": {"Null": {"aws:TagKeys": "true"}}},
        ),
        "account": policy(when(SourceAccount="011122223333")),
        "spring": policy(
            {"Condition": {"DateLessThan": {"aws:CurrentTime": "2026-06-01T00:00:00Z"}}}
        ),
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def word(*words, **more):
    answer = ask("can", *words, **more)
    assert answer.code != 2, answer.err
    return answer.out.strip()


# ---- the question -------------------------------------------------------------------------


def test_flags_are_the_same_as_positionals():
    flags = ("--principal", ANA, "--action", "s3:GetObject", "--resource", LOG)
    mixed = (ANA, "--action", "s3:GetObject", "--resource", LOG)
    asked = {ask("why", *words, "--policy", "identity=all.json") for words in (QUESTION, flags)}
    assert asked == {ask("why", *mixed, "--policy", "identity=all.json")}
    assert asked.pop().code == 0


def test_the_question_names_the_parts_it_lacks():
    answer = ask("why", ANA, "s3:GetObject")
    assert answer.code == 2
    assert "resource" in answer.err
    assert "principal and" not in answer.err


def test_an_account_of_the_resource_can_be_told():
    asked = ("why", *QUESTION, "--policy", "identity=all.json")
    assert "PE1401" in ask(*asked).out
    assert "PE1401" not in ask(*asked, "--resource-account", "111122223333").out
    other = json.loads(ask(*asked, "--resource-account", "444455556666", "--json").out)
    assert other["request"]["resource_account"] == "444455556666"
    assert other["decision"] != "allowed"


# ---- policies -----------------------------------------------------------------------------


def test_a_policy_comes_from_standard_input():
    document = json.dumps(policy({"Sid": "FromAbroad"}))
    answer = ask("why", *QUESTION, "--policy", "identity=-", stdin=document)
    assert answer.code == 0
    assert "stdin:1" in answer.out
    assert "FromAbroad" in answer.out


def test_policies_of_a_layer_add_up():
    one = ("--policy", "identity=all.json")
    assert word(*QUESTION, *one) == "allowed"
    assert word(*QUESTION, *one, "--policy", "identity=deny.json") == "denied"


@pytest.mark.parametrize(
    "layer", ["scp", "rcp", "vpc_endpoint", "vpc-endpoint", "resource", "boundary", "session"]
)
def test_each_layer_can_deny(layer, folder):
    statement = {"Effect": "Deny"}
    if layer in ("rcp", "resource", "vpc_endpoint", "vpc-endpoint"):
        statement["Principal"] = "*"
    (folder / "layer.json").write_text(json.dumps(policy(statement)), encoding="utf-8")
    extra = ("--context", f"{VPCE}=vpce-1", "--policy", f"{layer}=layer.json")
    answer = ask("why", *QUESTION, "--policy", "identity=all.json", *extra, "--json")
    assert json.loads(answer.out)["decided_by"] == layer.replace("-", "_")


def test_denies_of_service_control_policies_leave_full_access_beside_them(folder):
    deny = policy({"Effect": "Deny", "Action": "ec2:*"})
    (folder / "scp.json").write_text(json.dumps(deny), encoding="utf-8")
    given = ("--policy", "identity=all.json", "--policy", "scp=scp.json")
    answer = ask("why", *QUESTION, *given)
    assert answer.out.startswith("ALLOWED")
    assert "PE1411" in answer.out


def test_session_policy_is_a_policy_of_the_session_layer():
    given = ("--policy", "identity=all.json", "--session-policy", "vpce.json")
    assert word(*QUESTION, *given) == "denied"
    assert word(*QUESTION, *given, "--vpc-endpoint", "vpce-1") == "allowed"
    assert word(*QUESTION, *given, "--session-policy", "all.json") == "allowed"


def test_all_broken_policies_are_reported_at_once(folder):
    (folder / "one.json").write_text("{", encoding="utf-8")
    (folder / "two.json").write_text("[]", encoding="utf-8")
    answer = ask("why", *QUESTION, "--policy", "identity=one.json", "--policy", "scp=two.json")
    assert answer.code == 2
    assert "one.json:1:2" in answer.err
    assert "two.json:1:1" in answer.err


def test_standard_input_is_read_once():
    given = ("--policy", "identity=-", "--session-policy", "-")
    answer = ask("can", *QUESTION, *given, stdin=json.dumps(policy({})))
    assert (answer.code, answer.out) == (2, "")
    assert "standard input" in answer.err


def test_a_folder_gives_policies_by_layer(folder):
    (folder / "mine/identity").mkdir(parents=True)
    (folder / "mine/scp").mkdir()
    shutil.copy("all.json", "mine/identity/ana.json")
    shutil.copy("vpce.json", "mine/scp/vpce.json")
    assert word(*QUESTION, "--policies", "mine") == "denied"
    assert word(*QUESTION, "--policies", "mine", "--vpc-endpoint", "vpce-1") == "allowed"
    assert word(*QUESTION, "--policies", "mine", "--policy", "scp=all.json") == "allowed"


# ---- context ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("--context", f"{VPCE}=vpce-1"), "allowed"),
        (("--context", "AWS:sourcevpce=vpce-1"), "allowed"),
        (("--context", f"{VPCE}=vpce-2"), "denied"),
        (("--context", f"{VPCE}="), "denied"),
        (("--no-context", VPCE), "denied"),
        (("--vpc-endpoint", "vpce-1"), "allowed"),
        (("--vpc-endpoint", "vpce-2"), "denied"),
        ((), "denied"),
    ],
)
def test_a_context_key_decides(given, expected):
    assert word(*QUESTION, *BY_ENDPOINT, *given) == expected


def test_a_key_without_a_value_is_the_empty_text():
    assert word(*QUESTION, "--policy", "identity=empty.json", "--context", f"{VPCE}=") == "allowed"


def test_a_value_may_hold_equals_signs():
    answer = ask("why", *QUESTION, *BY_ENDPOINT, "--context", f"{VPCE}=a=b==", "--json")
    assert json.loads(answer.out)["request"]["context"][VPCE]["value"] == ["a=b=="]


@pytest.mark.parametrize(
    ("values", "expected"), [(("a",), "allowed"), (("a", "b"), "allowed"), (("a", "c"), "denied")]
)
def test_the_same_key_twice_makes_a_list(values, expected):
    given = [word for value in values for word in ("--context", f"aws:TagKeys={value}")]
    assert word(*QUESTION, "--policy", "identity=both.json", *given) == expected


def test_the_same_key_in_other_letters_makes_a_list_too():
    given = ("--context", "aws:TagKeys=a", "--context", "AWS:tagkeys=c")
    for order in (given, given[2:] + given[:2]):
        assert word(*QUESTION, "--policy", "identity=both.json", *order) == "denied"


def test_no_context_says_that_a_key_is_absent():
    asked = (*QUESTION, "--policy", "identity=absent.json")
    assert word(*asked) == "denied"  # AWS gives it on every request, and it is not said to lack
    assert word(*asked, "--no-context", "aws:SourceIp") == "allowed"
    assert word(*asked, "--no-context", "AWS:sourceip") == "allowed"
    assert word(*asked, "--context", "aws:SourceIp=10.0.0.1") == "denied"


def test_a_key_cannot_be_given_and_absent():
    given = ("--context", f"{VPCE}=vpce-1", "--no-context", "AWS:sourcevpce")
    answer = ask("can", *QUESTION, *BY_ENDPOINT, *given)
    assert answer.code == 2
    assert VPCE.lower() in answer.err.lower()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.json", '{"aws:SourceVpce": "vpce-1"}'),
        ("c.json", ' \n{"aws:SourceVpce": ["vpce-1"]}\r\n'),
        ("c.yaml", "aws:SourceVpce: vpce-1\n"),
        ("c.yml", "# mine\n'aws:SourceVpce':\n- vpce-1\n"),
        ("c", "---\naws:SourceVpce: vpce-1\n..."),
    ],
)
def test_context_comes_from_a_file_in_json_or_yaml(name, text):
    Path(name).write_text(text, encoding="utf-8")
    assert word(*QUESTION, *BY_ENDPOINT, "--context-file", name) == "allowed"
    assert word(*QUESTION, *BY_ENDPOINT, "--context-file", "-", stdin=text) == "allowed"


@pytest.mark.parametrize("text", ['{"aws:SourceIp": null}', "aws:SourceIp: null", "aws:SourceIp:"])
def test_null_in_a_context_file_says_that_a_key_is_absent(text):
    given = ("--policy", "identity=absent.json", "--context-file", "-")
    assert word(*QUESTION, *given, stdin=text) == "allowed"


def test_single_keys_win_over_the_file_and_absence_over_it_too():
    Path("c.json").write_text('{"aws:SourceVpce": "vpce-2", "aws:SourceIp": "10.0.0.1"}')
    given = ("--context-file", "c.json")
    assert word(*QUESTION, *BY_ENDPOINT, *given) == "denied"
    assert word(*QUESTION, *BY_ENDPOINT, *given, "--context", f"{VPCE}=vpce-1") == "allowed"
    absent = (*QUESTION, "--policy", "identity=absent.json", *given)
    assert word(*absent) == "denied"
    assert word(*absent, "--no-context", "aws:SourceIp") == "allowed"


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("aws:SourceAccount: 011122223333", "aws:SourceAccount", "011122223333"),
        ("aws:SourceAccount: 012345670123", "aws:SourceAccount", "012345670123"),
        ("aws:PrincipalTag/open: yes", "aws:PrincipalTag/open", "yes"),
        ("aws:PrincipalTag/open: on", "aws:PrincipalTag/open", "on"),
        ("aws:PrincipalTag/at: 12:30:45", "aws:PrincipalTag/at", "12:30:45"),
        ("aws:PrincipalTag/version: 1.10", "aws:PrincipalTag/version", "1.10"),
        ("aws:PrincipalTag/version: 1_000", "aws:PrincipalTag/version", "1_000"),
        ("aws:CurrentTime: 2026-05-01T10:00:00Z", "aws:CurrentTime", "2026-05-01T10:00:00Z"),
        ("aws:PrincipalTag/day: 2026-05-01", "aws:PrincipalTag/day", "2026-05-01"),
        ("aws:PrincipalTag/sign: '='", "aws:PrincipalTag/sign", "="),
        ("aws:SecureTransport: true", "aws:SecureTransport", "true"),
        ('{"aws:PrincipalTag/version": 1.10}', "aws:PrincipalTag/version", "1.10"),
    ],
)
def test_values_of_a_context_file_keep_their_text(text, key, value):
    given = ("--policy", "identity=all.json", "--context-file", "-", "--json")
    answer = ask("why", *QUESTION, *given, stdin=text)
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["request"]["context"][key]["value"] == [value]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-05-31T23:59:59Z", "allowed"),
        ("2026-06-01T00:00:00Z", "denied"),
        ("2026-11-23T10:00Z", "denied"),
        ("2026-05-01", "allowed"),
    ],
)
def test_at_gives_the_time(time, expected):
    asked = (*QUESTION, "--policy", "identity=spring.json")
    assert word(*asked, "--at", time) == expected
    assert word(*asked) == "unknown"


def test_at_now_is_the_clock():
    asked = ("why", *QUESTION, "--policy", "identity=all.json", "--json")
    context = json.loads(ask(*asked, "--at", "now").out)["request"]["context"]
    assert context["aws:CurrentTime"]["value"][0] > "2025"
    assert int(context["aws:EpochTime"]["value"][0]) > 1_700_000_000


def test_partial_leaves_layers_unknown_and_assume_absent_leaves_none():
    asked = (*QUESTION, "--policy", "identity=all.json")
    assert word(*asked, "--partial") == "unknown"
    assert word(*asked, "--assume-absent") == "allowed"
    answer = ask("can", *asked, "--partial", "--assume-absent")
    assert answer.code == 2


# ---- environment --------------------------------------------------------------------------


def test_short_names_are_those_of_the_environment():
    given = ("--env", TAMAGOTCHI)
    asked = ("s3:DeleteObject", SAVE, *given)
    assert word("keeper", *asked) == "denied"
    assert word("keeper/notebook", *asked, "--context-set", "at-home") == "allowed"
    assert word("keeper", *asked, "--vpc-endpoint", "vpce-0feed0f00dcafe123") == "allowed"
    assert word("keeper", "s3:DeleteBucket", "tamagotchi", *given) == "denied"


def test_exact_turns_short_names_off():
    for words in (("keeper", "s3:DeleteObject", SAVE), (ANA, "s3:DeleteBucket", "tamagotchi")):
        answer = ask("can", *words, "--env", TAMAGOTCHI, "--exact")
        assert (answer.code, answer.out) == (2, "")
        assert "PE02" in answer.err


def test_an_unknown_short_name_lists_those_there_are():
    answer = ask("can", "nobody", "s3:DeleteObject", SAVE, "--env", TAMAGOTCHI)
    assert (answer.code, answer.out) == (2, "")
    assert "keeper" in answer.err


def test_the_nearest_environment_upward_is_taken(folder, monkeypatch):
    house = folder / "house"
    shutil.copytree(Path(TAMAGOTCHI).parent, house)
    (house / "deep/er").mkdir(parents=True)
    monkeypatch.chdir(house / "deep/er")
    assert word("keeper", "s3:DeleteObject", SAVE, "--context-set", "at-home") == "allowed"
    (house / "deep/environment.yaml").write_text("policies: nowhere\n", encoding="utf-8")
    answer = ask("can", "keeper", "s3:DeleteObject", SAVE)
    assert answer.code == 2
    assert "environment.yaml" in answer.err


def test_a_policy_given_beside_an_environment_wins_for_its_layer():
    asked = ("keeper", "s3:DeleteObject", SAVE, "--env", TAMAGOTCHI)
    assert word(*asked) == "denied"
    assert word(*asked, "--policy", "identity=all.json") == "allowed"
    assert word(*asked, "--policy", "identity=all.json", "--policy", "scp=deny.json") == "denied"


def test_a_policy_given_wins_over_the_nearest_environment_for_its_layer(folder, monkeypatch):
    """docs/cli.md, and the examples of `why -h` and `can -h`, which use a short name."""
    house = folder / "house"
    shutil.copytree(Path(TAMAGOTCHI).parent, house)
    monkeypatch.chdir(house)
    given = ("--policy", f"identity={folder / 'all.json'}")
    assert word("keeper", "s3:DeleteObject", SAVE, *given) == "allowed"
    assert word("keeper", "s3:DeleteBucket", "tamagotchi", *given) == "denied"


# ---- cases --------------------------------------------------------------------------------


def several():
    return "\n".join(json.dumps(case(number)) for number in range(3))


def test_why_asks_a_case_of_decide():
    Path("case.json").write_text(json.dumps(case(), indent=2), encoding="utf-8")
    one = ask("why", "--case", "case.json", "--json")
    assert json.loads(one.out)["decision"] == "allowed"
    assert ask("why", "--case", "-", "--json", stdin=json.dumps(case())).code == 0
    assert ask("why", "-", "--json", stdin=json.dumps(case())).code == 0
    assert ask("why", json.dumps(case()), "--json").code == 0


def test_one_of_several_cases_is_picked_by_its_id():
    Path("cases.jsonl").write_text(several(), encoding="utf-8")
    changed = json.dumps(case(3, policies={}))
    with Path("cases.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(f"\n\n{changed}\n")
    asked = ("why", "--case", "cases.jsonl", "--id")
    assert ask(*asked, "case-1").out.startswith("ALLOWED")
    assert ask(*asked, "case-3").out.startswith("DENIED")
    answer = ask("why", "--case", "cases.jsonl")
    assert answer.code == 2
    assert "--id" in answer.err
    answer = ask(*asked, "case-9")
    assert answer.code == 2
    assert "case-9" in answer.err


def test_a_case_is_shown_at_its_line_of_the_file():
    denying = case(1, policies={"identity": [policy({"Effect": "Deny", "Sid": "No"})]})
    lines = [case(0), denying]
    Path("cases.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    answer = ask("why", "--case", "cases.jsonl", "--id", "case-1")
    assert "cases.jsonl:2:" in answer.out


def test_a_broken_line_before_it_does_not_hide_a_case():
    Path("cases.jsonl").write_text('{"id": "bad"}\n' + several(), encoding="utf-8")
    assert ask("why", "--case", "cases.jsonl", "--id", "case-2").code == 0


@pytest.mark.parametrize("text", ["", "null", "[]", '"text"', "{}", '{"request": 1}', "{", "word"])
def test_what_is_no_case_is_said_to_be_none(text):
    answer = ask("why", "-", stdin=text)
    assert (answer.code, answer.out) == (2, "")
    assert "instance of" not in answer.err


@pytest.mark.parametrize(
    "flags",
    [
        ("--env", TAMAGOTCHI, "--policies", "nowhere"),
        ("--principal", ANA),
        ("--id", "case-1"),
        ("--case", "case.json"),
    ],
    ids=lambda flags: flags[0],
)
def test_contradicting_options_are_refused(flags):
    Path("case.json").write_text(json.dumps(case()), encoding="utf-8")
    answer = ask("why", *QUESTION, "--policy", "identity=all.json", *flags)
    assert (answer.code, answer.out) == (2, "")
