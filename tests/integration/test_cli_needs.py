"""`policyeval needs`: lists, decisions, policies, exit codes, and what it refuses."""

import json
from pathlib import Path

import pytest
from tests.integration.command import ANA, TAMAGOTCHI, ask, policy

KEEPER = ("--as", "keeper", "--env", TAMAGOTCHI)


def as_json(*words, **more):
    answer = ask("needs", *words, "--json", **more)
    return answer.code, json.loads(answer.out)


def certain(tree):
    return [(each["action"], each["resource"]) for each in tree["requests"] if each["certain"]]


@pytest.mark.parametrize(
    "words",
    [
        ("s3.put_object", "--bucket", "tamagotchi", "--key", "saves/ada.json"),
        ("s3:PutObject", "--Bucket=tamagotchi", "--Key=saves/ada.json"),
        ("s3.amazonaws.com:PutObject", "--bucket", "tamagotchi", "--key", "saves/ada.json"),
        ("aws", "s3api", "put-object", "--bucket", "tamagotchi", "--key", "saves/ada.json"),
        ("aws s3api put-object --bucket tamagotchi --key saves/ada.json",),
        ("$ aws s3 cp ada.json s3://tamagotchi/saves/",),
        ("aws", "s3", "cp", "ada.json", "s3://tamagotchi/saves/"),
        ("aws s3 cp \\\n ada.json s3://tamagotchi/saves/ada.json --quiet",),
        ("s3.upload_file", "--parameters", '{"Bucket": "tamagotchi", "Key": "saves/ada.json"}'),
        ("aws", "--profile", "p", "s3", "cp", "ada.json", "s3://tamagotchi/saves/"),
    ],
    ids=range(10),
)
def test_one_call_may_be_said_in_many_ways(words):
    code, tree = as_json(*words)
    assert code == 0
    assert (tree["schema"], tree["decision"]) == ("policyeval/needs/1", None)
    assert certain(tree) == [("s3:PutObject", "arn:aws:s3:::tamagotchi/saves/ada.json")]


def test_parameters_come_from_a_file_of_yaml_or_from_standard_input(tmp_path):
    text = "Bucket: b\nDelete:\n  Objects: [{Key: a}, {Key: b}]\n"
    (tmp_path / "call.yaml").write_text(text, encoding="utf-8")
    _, read = as_json("s3.delete_objects", "--parameters", tmp_path / "call.yaml")
    _, piped = as_json("s3.delete_objects", "--parameters", "-", stdin=text.encode())
    assert certain(read) == certain(piped)
    assert len(certain(read)) == 2


def test_a_parameter_may_name_a_file(tmp_path):
    (tmp_path / "delete.json").write_text('{"Objects": [{"Key": "a"}]}', encoding="utf-8")
    line = f"aws s3api delete-objects --bucket b --delete file://{tmp_path}/delete.json"
    assert certain(as_json(line)[1]) == [("s3:DeleteObject", "arn:aws:s3:::b/a")]
    assert ask("needs", line.replace("delete.json", "none.json")).code == 2


@pytest.mark.parametrize(
    ("words", "code", "decision"),
    [
        (("aws s3 ls",), 0, "allowed"),
        (("aws s3 cp a s3://tamagotchi/saves/",), 1, "denied"),
        (
            ("s3.upload_file", "--bucket=tamagotchi", "--key=saves/a", "--tagging=pet=ada"),
            0,
            "allowed",
        ),
        (("aws s3 rm s3://tamagotchi/saves/a",), 1, "denied"),
        (("aws s3 rm s3://tamagotchi/saves/a", "--context-set", "at-home"), 0, "allowed"),
        (("aws s3 rb s3://tamagotchi",), 1, "denied"),
        (("s3.get_object", "--bucket", "tamagotchi"), 3, "unknown"),
        (("sts.get_caller_identity",), 0, "allowed"),
        (("dynamodb.describe_endpoints",), 0, "allowed"),
        (("codecatalyst.list_spaces",), 0, "allowed"),
        (("iotthingsgraph.search_things", "--entity-id", "x"), 3, "unknown"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_the_exit_code_tells_whether_all_requests_are_allowed(words, code, decision):
    answer, tree = as_json(*words, *KEEPER)
    assert (answer, tree["decision"], tree["principal"]) == (code, decision, "keeper")
    assert ask("needs", *words, *KEEPER, "-q") == (code, "", "")


def test_one_denied_key_denies_the_call_and_each_is_told():
    keys = "Objects=[{Key=saves/ada.json},{Key=food/apple.json}]"
    words = ("s3.delete_objects", "--bucket", "tamagotchi", "--delete", keys)
    code, tree = as_json(*words, *KEEPER, "--context-set", "at-home")
    assert code == 1
    assert [each["decision"] for each in tree["requests"]] == ["allowed", "denied"]


def test_the_command_that_explains_a_denial_gives_the_same_answer():
    _, tree = as_json("aws s3 cp a s3://tamagotchi/saves/ --acl private", *KEEPER)
    command = next(each["explain"] for each in tree["requests"] if each["decision"] == "denied")
    import shlex

    words = shlex.split(command)
    assert words[:2] == ["policyeval", "why"]
    assert "s3:x-amz-acl=private" in words
    answer = ask(*words[1:], "--exit-code")
    assert answer.code == 1
    assert answer.out.startswith("DENIED")


def test_an_undetermined_answer_may_be_mapped_to_another():
    words = ("s3.get_object", "--bucket", "tamagotchi", *KEEPER, "-q")
    codes = [ask("needs", *words, "--treat-unknown-as", each).code for each in ("deny", "allow")]
    assert codes == [1, 0]


def test_the_environment_tells_the_path_of_a_role():
    _, tree = as_json("iam.get_role", "--role-name", "tama-keeper", *KEEPER)
    assert certain(tree)[0][1] == "arn:aws:iam::123456789012:role/care/tama-keeper"


def test_policies_without_an_environment_decide_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("p.json").write_text(json.dumps(policy({"Action": "sqs:*"})), encoding="utf-8")
    words = ("--as", ANA, "--policy", "identity=p.json", "--region", "eu-west-1")
    assert ask("needs", "sqs.create_queue", "--queue-name", "q", *words).code == 0
    assert ask("needs", "sns.create_topic", "--name", "t", *words).code == 1


def test_the_policy_for_a_call_allows_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    line = "aws s3 sync s3://old/pets s3://new --delete"
    Path("p.json").write_text(ask("needs", line, "--as-policy").out, encoding="utf-8")
    words = (line, "--as", ANA, "--policy", "identity=p.json")
    assert ask("needs", *words).code == 0
    document = json.loads(Path("p.json").read_text(encoding="utf-8"))
    every = json.loads(ask("needs", line, "--as-policy", "--all").out)
    assert len(every["Statement"]) > len(document["Statement"])


def test_a_policy_that_names_no_layer_is_a_parameter_of_the_call():
    code, tree = as_json("s3.put_bucket_policy", "--bucket", "b", "--policy", "file://p.json")
    assert (code, certain(tree)) == (0, [("s3:PutBucketPolicy", "arn:aws:s3:::b")])


def test_options_of_the_aws_cli_for_output_are_not_ours(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = ask("needs", "aws", "ec2", "describe-instances", "--output", "text", "--query", "x")
    assert answer.code == 0
    assert "ec2:DescribeInstances" in answer.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "PE2003"),
        (("s3",), "PE2003"),
        (("s4.list",), "PE2001"),
        (("aws s4 ls",), "PE2001"),
        (("s3.list_bucket",), "PE2002"),
        (("aws s3 cpp a b",), "PE2003"),
        (("aws s3 cp a b",), "PE2003"),
        (("aws s3 cp s3:// b",), "PE2003"),
        (("aws s3 cp a s3://b --recursiv",), "PE2003"),
        (("aws s3 cp a s3://b --acl",), "PE2003"),
        (("aws s3 cp 'a s3://b",), "PE2004"),
        (("aws",), "PE2003"),
        (("s3.put_object", "--buket", "b"), "PE2003"),
        (("s3.upload_file", "--buket", "b"), "PE2003"),
        (("s3.put_object", "--bucket"), "PE2003"),
        (("s3.put_object", "--bucket", "b", "--Bucket", "c"), "PE2003"),
        (("s3.delete_objects", "--delete", "Objects=[{Key"), "PE0901"),
        (("s3.delete_objects", "--delete", "{"), "PE0901"),
        (("s3.put_object", "--parameters", "[1]"), "PE0904"),
        (("s3.put_object", "--parameters", "{"), "PE07"),
        (("s3.put_object", "--account", "12"), "PE0902"),
        (("s3.put_object", "--all"), "PE0902"),
        (("s3.put_object", "--format", "html"), "PE0902"),
        (("s3.list_buckets", "--as", "nobody", "--env", TAMAGOTCHI), "PE0743"),
        (("s3.list_buckets", "--as", "arn:aws:iam:1:user/x"), "PE02"),
        (("s3.put\x1b[31m_object",), "PE2002"),
    ],
    ids=range(26),
)
def test_what_is_not_understood_is_refused_with_a_code(words, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = ask("needs", *words)
    assert (answer.code, answer.out) == (2, "")
    assert f"error[{code}" in answer.err
    assert "\x1b" not in answer.err


def test_untrusted_text_steers_no_terminal():
    answer = ask("needs", "s3.get_object", "--bucket", "b", "--key", "a\x1b[31m\u202e")
    assert answer.code == 0
    assert "\x1b" not in answer.out
    assert "\\x1b[31m\\u202e" in answer.out
