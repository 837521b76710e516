"""Garbage in every file that an option takes: exit 2, a code, a place, help; no traceback."""

import json
import os
import re
from pathlib import Path

import pytest
from tests.integration.command import ANA, LOG, QUESTION, ROOT, ask, case, policy

GOOD = json.dumps(policy({}))

# Each garbage as bytes; how a JSON reader must see it.
GARBAGE = {
    "empty": b"",
    "white space": b" \n\t\r\n ",
    "binary": bytes(range(256)) * 4,
    "random": b"\x93\xf1\x00\x7f\xfe\xc0\x80" * 50,
    "ELF": b"\x7fELF\x02\x01\x01" + b"\0" * 100,
    "NULs": b"\0" * 100,
    "UTF-16": GOOD.encode("utf-16"),
    "UTF-16 BE": b"\xfe\xff" + GOOD.encode("utf-16-be"),
    "UTF-16 without a mark": GOOD.encode("utf-16-le"),
    "invalid UTF-8": GOOD.replace("s3:*", "s3:\udcff").encode("utf-8", "surrogateescape"),
    "Latin-1": GOOD.replace("s3:*", "s3:é").encode("latin-1"),
    "cut off": GOOD[:-2].encode(),
    "cut off in a text": GOOD[:30].encode(),
    "two documents": (GOOD + GOOD).encode(),
    "a word": b"policy",
    "a text": b'"policy"',
    "a number": b"12",
    "null": b"null",
    "a list": b"[]",
    "deep lists": b"[" * 100_000,
    "deep lists, closed": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep objects, closed": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "101 deep": b'{"a":' * 101 + b"1" + b"}" * 101,
    "lone surrogate": b'{"Version": "\\ud800"}',
    "huge number": b'{"Version": ' + b"9" * 10_000 + b"}",
    "huge exponent": b'{"Version": 1e999999999}',
    "NaN": b'{"Version": NaN}',
    "Infinity": b'{"Version": -Infinity}',
    "single quotes": b"{'Version': '2012-10-17'}",
    "typographic quotes": "{“Version”: “2012-10-17”}".encode(),
    "comment": b"// mine\n" + GOOD.encode(),
    "trailing comma": b'{"Version": "2012-10-17",}',
    "escape sequences": b"\x1b[2J\x1b]0;owned\x07",
    "HTML": b"<!doctype html><html><body>404 Not Found</body></html>",
    "CSV": b"a,b\n1,2\n",
}

# Good text, but not what is expected: there is no place to point at.
OF_ANOTHER_KIND = frozenset(
    (
        "a word",
        "a text",
        "a number",
        "null",
        "a list",
        "CSV",
        "HTML",
        "huge number",
        "huge exponent",
    )
)
MAPS_IN_YAML = frozenset(
    (
        *("huge number", "huge exponent", "NaN", "Infinity", "single quotes", "typographic quotes"),
        *("trailing comma", "101 deep"),
    )
)

QUESTION_OPTIONS = {
    "identity": ("--policy", "identity={}"),
    "scp": ("--policy", "scp={}"),
    "resource": ("--policy", "resource={}"),
    "session": ("--session-policy", "{}"),
    "context": ("--context-file", "{}"),
    "environment": ("--env", "{}"),
}
CASE = {"case": ("--case", "{}")}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "good.json").write_text(GOOD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(option, file, verb="why"):
    if option in CASE:
        return (verb, "--case", file)
    return (verb, *QUESTION, *(word.format(file) for word in QUESTION_OPTIONS[option]))


def refused(answer, name):
    """Exit 2, nothing on stdout, one code at least, nothing that steers a terminal."""
    assert answer.code == 2, (answer.code, answer.out[:300], answer.err[:300])
    assert answer.out == ""
    assert "error[PE" in answer.err
    assert "internal error" not in answer.err
    assert "Traceback" not in answer.err
    assert "byte string" not in answer.err, "PyYAML's words"
    assert name in answer.err
    steering = [char for char in answer.err if char != "\n" and not char.isprintable()]
    assert steering == []
    assert len(answer.err) < 20_000
    return answer.err


@pytest.mark.parametrize(
    ("option", "name"),
    [
        (option, name)
        for option in (*QUESTION_OPTIONS, *CASE)
        for name in GARBAGE
        if option != "context" or name not in MAPS_IN_YAML
    ],
)
def test_garbage_is_refused_with_its_place(option, name):
    Path("input").write_bytes(GARBAGE[name])
    of_another_kind = option in ("context", "case") and name in OF_ANOTHER_KIND
    error = refused(ask(*asked(option, "input")), "" if of_another_kind else "input")
    if of_another_kind:
        return
    assert re.search(r"input:[1-9]\d*:[1-9]", error) or "UTF-8" in error, error


@pytest.mark.parametrize("name", ["empty", "binary", "UTF-16", "deep lists", "a word"])
@pytest.mark.parametrize(
    "option", [option for option in (*QUESTION_OPTIONS, *CASE) if option != "environment"]
)
def test_garbage_from_standard_input_is_refused_likewise(option, name):
    refused(ask(*asked(option, "-"), stdin=GARBAGE[name]), "stdin")


@pytest.mark.parametrize("name", ["cut off", "deep lists", "UTF-16"])
def test_can_refuses_as_why_does(name):
    Path("input").write_bytes(GARBAGE[name])
    for option in QUESTION_OPTIONS:
        assert ask(*asked(option, "input", "can")).err == ask(*asked(option, "input")).err


@pytest.mark.parametrize(
    "text",
    [
        "a: 2026-99-99",
        "a: 0b_",
        "a: 0x",
        'a: !!int ""',
        "a: !!float x",
        "a: !!timestamp x",
        "!!timestamp x",
        "a: " + "9" * 5000,
        "a: " + "[" * 100_000,
        "? " * 50_000,
        "- " * 50_000,
        "a: !!python/object/apply:os.system [id]",
        "a: &a [*a]",
        "&a [*a]",
        "a: {b: c}",
        "? [a]\n: b",
        "a: =",
        "<<: 3",
        "a: *b",
        "%YAML 9.9\n---\na: b",
        "a: b\n---\na: c",
        "\ta: b",
        "a: b\n a: c",
        "a: 'b",
        "a: 1\na: 2",
        "AWS:x: 1\naws:X: 2",
        "1: a",
        "~: a",
        ": a",
        "a: [[b]]",
        'a: "\\ud800"',
        "a: \x07",
        "a: .nan",
    ],
    ids=lambda text: text[:20],
)
def test_odd_yaml_as_context_is_answered_or_refused(text):
    Path("context.yaml").write_text(text, encoding="utf-8")
    answer = ask(
        "can", *QUESTION, "--policy", "identity=good.json", "--context-file", "context.yaml"
    )
    if answer.code == 2:
        refused(answer, "")
    else:
        assert answer == (0, "allowed\n", "")


@pytest.mark.parametrize(
    "text", ["a: {b: c}", "- a", "a: b\n b: c", "a: 'b", "a: &a [*a]", "a: 1\na: 2", "1: a\n[: b"]
)
def test_yaml_that_is_no_context_is_refused_at_its_line(text):
    Path("context.yaml").write_text(text, encoding="utf-8")
    answer = ask(
        "can", *QUESTION, "--policy", "identity=good.json", "--context-file", "context.yaml"
    )
    assert "context.yaml:" in refused(answer, "context.yaml")


def test_yaml_bomb_is_refused_quickly():
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for before, after in zip("abcdefghi", "bcdefghij", strict=True):
        lines.append(f"{after}: &{after} [{','.join([f'*{before}'] * 9)}]")
    Path("bomb.yaml").write_text("\n".join(lines), encoding="utf-8")
    for option in ("context", "environment"):
        refused(ask(*asked(option, "bomb.yaml")), "bomb.yaml")


# ---- what is no readable file -------------------------------------------------------------


@pytest.mark.parametrize("option", [*QUESTION_OPTIONS, *CASE])
def test_missing_file_is_named(option):
    error = refused(ask(*asked(option, "nowhere/x.json")), "nowhere/x.json")
    assert "no such file" in error


@pytest.mark.parametrize("option", ["identity", "scp", "resource", "session", "context", "case"])
def test_directory_is_no_file(option):
    Path("folder.json").mkdir()
    error = refused(ask(*asked(option, "folder.json")), "folder.json")
    assert "directory" in error or "folder" in error


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
@pytest.mark.parametrize("option", [*QUESTION_OPTIONS, *CASE])
def test_loop_of_links_is_refused(option):
    Path("one").symlink_to("two")
    Path("two").symlink_to("one")
    refused(ask(*asked(option, "one")), "one")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read anything")
@pytest.mark.parametrize("option", [*QUESTION_OPTIONS, *CASE])
def test_file_without_permission_is_refused(option):
    Path("secret").write_text(GOOD, encoding="utf-8")
    Path("secret").chmod(0)
    assert "permission" in refused(ask(*asked(option, "secret")), "secret")


@pytest.mark.parametrize("option", [*QUESTION_OPTIONS, *CASE])
def test_name_that_is_too_long_is_refused(option):
    refused(ask(*asked(option, "x" * 5000)), "xxx")


@pytest.mark.parametrize("option", [*QUESTION_OPTIONS, *CASE])
def test_empty_name_is_refused(option):
    refused(ask(*asked(option, "")), "")


@pytest.mark.parametrize("target", ["", "x" * 5000], ids=["empty", "long"])
@pytest.mark.parametrize("verb", ["why", "decide"])
def test_output_that_no_file_can_be_is_refused(verb, target, folder):
    Path("cases.jsonl").write_text(json.dumps(case()), encoding="utf-8")
    words = ("cases.jsonl",) if verb == "decide" else (*QUESTION, "--policy", "identity=good.json")
    before = sorted(folder.iterdir())
    refused(ask(verb, *words, "-o", target), "")
    assert sorted(folder.iterdir()) == before


def test_device_that_ends_at_once_is_an_empty_document():
    if not Path(os.devnull).exists():
        pytest.skip("no such device")
    refused(ask("can", *QUESTION, "--policy", f"identity={os.devnull}"), os.devnull)


# ---- what is good though it looks odd -----------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace("{", "{\r\n").encode(),
        b"\r\n\r\n" + GOOD.encode() + b"\r\n",
        json.dumps(json.loads(GOOD), indent="\t").encode(),
        GOOD.replace("S3", "\\u0053\\u0033").encode(),
    ],
    ids=["CRLF", "blank lines", "tabs", "escapes"],
)
def test_layout_does_not_matter(data):
    Path("input").write_bytes(data)
    assert ask("can", *QUESTION, "--policy", "identity=input").out == "allowed\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_places_are_counted_alike_with_either_end_of_line(end):
    text = json.dumps(policy({"Effect": "Alow"}), indent=2).replace("\n", end)
    Path("input").write_bytes(text.encode())
    error = refused(ask("can", *QUESTION, "--policy", "identity=input"), "input")
    assert "input:5:17" in error
    assert "\\r" not in error


def test_byte_order_mark_is_a_finding():
    Path("input").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    answer = ask("why", *QUESTION, "--policy", "identity=input")
    assert "PE0002" in answer.out + answer.err


def test_duplicate_key_is_a_finding_with_both_places():
    Path("input").write_text(GOOD.replace('"Action"', '"Effect": "Deny", "Action"'))
    answer = ask("why", *QUESTION, "--policy", "identity=input")
    assert answer.code == 2 or "DENIED" in answer.out
    assert "twice" in answer.out + answer.err or "duplicate" in answer.out + answer.err


def test_ten_megabytes_are_read():
    statements = [{"Resource": f"arn:aws:s3:::{'b' * 900}{n}/*"} for n in range(10_000)]
    Path("big.json").write_text(json.dumps(policy(*statements)), encoding="utf-8")
    assert Path("big.json").stat().st_size > 9_500_000
    answer = ask("can", *QUESTION, "--policy", "identity=big.json")
    assert (answer.code, answer.out) == (1, "denied\n")


def test_a_file_over_the_limit_is_refused_unread():
    Path("huge.json").write_bytes(b" " * 17 * 1024 * 1024 + GOOD.encode())
    for option in QUESTION_OPTIONS:
        refused(ask(*asked(option, "huge.json")), "huge.json")


# ---- untrusted text -----------------------------------------------------------------------

EVIL = "\x1b[31mred\x1b]0;title\x07\n\r\x08\x9b\u202erev\u2066\u200f\u2028\x7f\0"
EVIL_NAME = EVIL.replace("\0", "").replace("/", "")  # no system hands over a NUL
HARMLESS = frozenset("\n")


def harmless(answer):
    for text in (answer.out, answer.err):
        assert [char for char in text if char not in HARMLESS and not char.isprintable()] == []


def evil_policies():
    statement = {"Resource": f"arn:aws:s3:::{EVIL}/*"}
    condition = {"StringEquals": {f"aws:PrincipalTag/{EVIL}": EVIL}}
    return {
        "Sid": policy({"Sid": EVIL}),
        "Id": policy({}, Id=EVIL),
        "Action": policy({"Action": f"s3:{EVIL}"}),
        "Resource": policy(statement),
        "NotResource": policy({"NotResource": EVIL} | {"Sid": "x"}),
        "Condition": policy({"Condition": condition}),
        "operator": policy({"Condition": {EVIL: {"aws:username": "x"}}}),
        "element": policy({EVIL: "x"}),
        "Effect": policy({"Effect": EVIL}),
        "Version": policy({}) | {"Version": EVIL},
        "key": policy({}) | {EVIL: EVIL},
        "variable": policy({"Resource": f"arn:aws:s3:::${{{EVIL}}}"}),
        "bare": EVIL,
    }


@pytest.mark.parametrize("where", evil_policies())
@pytest.mark.parametrize("raw", [False, True], ids=["escaped", "raw"])
def test_untrusted_text_of_a_policy_never_steers_the_terminal(where, raw):
    document = evil_policies()[where]
    text = json.dumps(document, ensure_ascii=not raw)
    if raw:
        text = text.replace("\\u001b", "\x1b").replace("\\u202e", "\u202e")
    Path("evil.json").write_text(text, encoding="utf-8", newline="")
    for flags in ((), ("-vv",), ("--format", "markdown"), ("--format", "html"), ("--fix",)):
        harmless(ask("why", *QUESTION, "--policy", "identity=evil.json", *flags))
    harmless(ask("can", *QUESTION, "--policy", "identity=evil.json"))
    data = ask("why", *QUESTION, "--policy", "identity=evil.json", "--json")
    assert data.code == 2 or json.loads(data.out)
    assert "\x1b" not in data.out


@pytest.mark.parametrize(
    "words",
    [
        (EVIL, "s3:GetObject", LOG),
        (f"arn:aws:iam::111122223333:user/{EVIL}", "s3:GetObject", LOG),
        (f"arn:aws:iam:111122223333:user/{EVIL}", "s3:GetObject", LOG),
        (ANA, EVIL, LOG),
        (ANA, "s3:GetObject", EVIL),
        (ANA, "s3:GetObject", f"arn:aws:s3:::{EVIL}"),
        (*QUESTION, "--resource-account", EVIL),
        (*QUESTION, "--context", EVIL),
        (*QUESTION, "--context", f"{EVIL}={EVIL}"),
        (*QUESTION, "--context", f"aws:PrincipalAccount={EVIL}"),
        (*QUESTION, "--no-context", EVIL),
        (*QUESTION, "--vpc-endpoint", EVIL),
        (*QUESTION, "--at", EVIL),
        (*QUESTION, "--query", EVIL),
        (*QUESTION, "--format", EVIL),
        (*QUESTION, "--treat-unknown-as", EVIL, "--exit-code"),
        (*QUESTION, "--policy", EVIL),
        (*QUESTION, "--policy", f"identity={EVIL_NAME}"),
        (*QUESTION, "--policies", EVIL_NAME),
        (*QUESTION, "--session-policy", EVIL_NAME),
        (*QUESTION, "--env", EVIL_NAME),
        (*QUESTION, "--context-set", EVIL),
        (*QUESTION, "--context-file", EVIL_NAME),
        (*QUESTION, "--max-fixes", EVIL),
        (*QUESTION, EVIL),
        (*QUESTION, f"--{EVIL}"),
        ("--case", EVIL_NAME),
    ],
    ids=lambda words: " ".join(words).encode("unicode_escape").decode()[-30:],
)
def test_untrusted_text_of_an_argument_never_steers_the_terminal(words):
    harmless(ask("why", *words))
    harmless(ask("why", *words, "--policy", "identity=good.json"))


@pytest.mark.parametrize(
    "words",
    [
        (EVIL,),
        ("explain", EVIL),
        ("schema", EVIL),
        ("decide", EVIL_NAME),
        ("decide", "x", "-o", EVIL_NAME),
    ],
    ids=lambda words: words[0][:7].encode("unicode_escape").decode(),
)
def test_untrusted_text_of_other_verbs_never_steers_the_terminal(words):
    answer = ask(*words)
    assert answer.code == 2
    harmless(answer)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such names")
def test_untrusted_file_name_never_steers_the_terminal():
    name = EVIL_NAME
    for data in (GOOD, json.dumps(policy({"Action": "sqs:*"})), "{"):
        Path(name).write_text(data, encoding="utf-8")
        harmless(ask("why", *QUESTION, "--policy", f"identity={name}", "-vv"))
        harmless(ask("why", "--case", name))
        harmless(ask("why", *QUESTION, "--env", name))
    folder = Path(f"{name}.d")
    (folder / "identity").mkdir(parents=True)
    (folder / "identity" / f"{name}.json").write_text("{", encoding="utf-8")
    harmless(ask("why", *QUESTION, "--policies", folder))


def test_untrusted_text_of_a_case_never_steers_the_terminal():
    for place in ("id", "action", "resource", "principal", "name", "arn", "sid", "key", "context"):
        whole = case()
        named = {"name": "n", "arn": "", "document": policy({"Sid": "s", "Action": "sqs:*"})}
        whole["policies"] = {"identity": [named]}
        if place in ("action", "resource", "principal"):
            whole["request"][place] += EVIL
        elif place in ("name", "arn"):
            named[place] = EVIL
        elif place == "sid":
            named["document"]["Statement"][0]["Sid"] = EVIL
        elif place == "context":
            whole["request"]["context"] = {EVIL: EVIL, "aws:SourceVpce": EVIL}
        else:
            whole["id" if place == "id" else EVIL] = EVIL
        text = json.dumps(whole)
        harmless(ask("why", "-", "-vv", stdin=text))
        given = ask("decide", "-", stdin=text)
        json.loads(given.out)
        assert "\x1b" not in given.out
        harmless(ask("why", "--case", "-", "--id", EVIL, stdin=text))


# ---- strange questions --------------------------------------------------------------------

STRANGE_PRINCIPALS = [
    "",
    " ",
    "?",
    "arn:",
    "arn:aws:::::",
    ":" * 100_000,
    "a" * 100_000,
    "arn:aws:iam::111122223333:role",
    "arn:aws:iam::111122223333:role/",
    "arn:aws:iam::111122223333:user",
    "arn:aws:iam::111122223333:user/",
    "arn:aws:iam::111122223333:root/x",
    "arn:aws:iam::111122223333:*",
    "arn:aws:iam::111122223333:group/g",
    "arn:aws:iam::111122223333:policy/p",
    "arn:aws:iam::*:user/ana",
    "arn:aws:iam::aws:policy/p",
    "arn:aws:iam::11112222333:user/ana",
    "arn:aws:iam:us-east-1:111122223333:user/ana",
    "arn:aws:sts::111122223333:assumed-role/r",
    "arn:aws:sts::111122223333:assumed-role/r/",
    "arn:aws:sts::111122223333:assumed-role//s",
    "arn:aws:sts::111122223333:federated-user/",
    "ARN:AWS:IAM::111122223333:user/ana",
    "arn:aws:IAM::111122223333:user/ana",
    "arn:bogus:iam::111122223333:user/ana",
    "arn:aws:s3:::logs",
    "arn:aws:iam::１１１１２２２２３３３３:user/ana",
    "AIDAEXAMPLE1234567890",
    "amazonaws.com",
    ".amazonaws.com",
    f" {ANA}",
    f"{ANA}\n",
    f'"{ANA}"',
    "\ufeff" + ANA,
    "${aws:username}",
    "[]",
    "null",
    "\x00",
]
ODD_PRINCIPALS = [
    "arn:aws:iam::111122223333:user/a!b/ana",  # a path may hold all of ASCII from ! to ~
    "arn:aws:iam::111122223333:role/{x}/#$%&'()*:;<>?[]^`|~/ci",
    "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_x_1",
    "arn:aws:iam::111122223333:user/a_b+c=d,e.f@g-h",
    "arn:aws:sts::111122223333:assumed-role/ci/ana@example.com",
    "111122223333",
]
STRANGE_ACTIONS = [
    "",
    "*",
    "s3:*",
    "s3:Get*",
    "s3:Ge?Object",
    "s3:",
    ":GetObject",
    "s3",
    ":",
    "::",
    "s3:Get:Object",
    "s3:Get Object",
    " s3:GetObject",
    "s3:GetObject\n",
    "s3:GetObjéct",
    "ſ3:GetObject",
    "İ:x",
    "s3\u00a0:x",
    "arn:aws:s3:::x",
    "x" * 100_000,
    ":" * 100_000,
    "${aws:x}:y",
]
STRANGE_RESOURCES = [
    "",
    " ",
    "?",
    "**",
    "arn:",
    "arn:*",
    "arn:aws:::::",
    "arn:aws:s3",
    "arn:aws:s3:::",
    "arn:aws:s3::logs",
    ":" * 100_000,
    "a" * 100_000,
    "s3://logs/a.log",
    "logs/a.log",
    "https://logs.s3.amazonaws.com/a.log",
    "arn:aws:iam:111122223333:user/ana",
    "ARN:aws:s3:::logs",
    "arn:aws:S3:::logs",
    " arn:aws:s3:::logs",
    "null",
    "{}",
]


def short(text):
    return ascii(text)[:50]


@pytest.mark.parametrize("verb", ["why", "can"])
@pytest.mark.parametrize("principal", STRANGE_PRINCIPALS, ids=short)
def test_strange_principal_is_refused(verb, principal):
    words = ("--principal", principal, "--action", "s3:GetObject", "--resource", LOG)
    refused(ask(verb, *words, "--policy", "identity=good.json"), "")


@pytest.mark.parametrize("principal", ODD_PRINCIPALS, ids=short)
def test_odd_principal_that_aws_knows_is_answered(principal):
    assert ask("can", principal, *QUESTION[1:], "--policy", "identity=good.json").code == 0


@pytest.mark.parametrize("action", STRANGE_ACTIONS, ids=short)
def test_strange_action_is_refused(action):
    words = ("--principal", ANA, "--action", action, "--resource", LOG)
    refused(ask("why", *words, "--policy", "identity=good.json"), "")


@pytest.mark.parametrize("resource", STRANGE_RESOURCES, ids=short)
def test_strange_resource_is_refused(resource):
    words = ("--principal", ANA, "--action", "s3:GetObject", "--resource", resource)
    refused(ask("why", *words, "--policy", "identity=good.json"), "")


@pytest.mark.parametrize(
    "value", ["", " ", "\0", "x" * 100_000, "*", "${aws:username}", "é", "\ud800", '"', "[]", "="]
)
@pytest.mark.parametrize(
    "key",
    [
        "aws:SourceVpce",
        "aws:SourceIp",
        "aws:CurrentTime",
        "aws:MultiFactorAuthPresent",
        "s3:prefix",
    ],
)
def test_any_context_value_is_answered(key, value):
    answer = ask("why", *QUESTION, "--policy", "identity=good.json", "--context", f"{key}={value}")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("ALLOWED")


def test_long_names_are_answered():
    for size in (1000, 100_000):
        words = (ANA, "s3:GetObject", f"arn:aws:s3:::{'a' * size}")
        document = policy({"Resource": f"arn:aws:s3:::{'*a' * 50}b"})
        Path("stars.json").write_text(json.dumps(document), encoding="utf-8")
        assert ask("can", *words, "--policy", "identity=stars.json").out == "denied\n"
        assert ask("why", *words, "--policy", "identity=stars.json").code == 0


def test_undecodable_arguments_are_answered_or_refused_everywhere():
    words = (ANA, "s3:GetObject", "arn:aws:s3:::\udcff", "--policy", "identity=good.json")
    for flags in (
        (),
        ("--json",),
        ("--format", "html"),
        ("--format", "markdown"),
        ("-o", "out"),
        ("-o", "out", "--json"),
    ):
        assert ask("why", *words, *flags).code in (0, 2)


def test_every_managed_policy_of_the_fixtures_is_answered():
    files = sorted((ROOT / "fixtures/policies/managed").glob("*.json"))
    assert files
    for file in files:
        assert ask("can", *QUESTION, "--policy", f"identity={file}").code in (0, 1, 3)
