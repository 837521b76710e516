"""Exit codes of the verbs (docs/cli.md): 0 yes, 1 no, 2 cannot run, 3 undetermined."""

import json
import os
import signal
import subprocess
import sys

import pytest
from tests.integration.command import (
    ANA,
    LOG,
    QUESTION,
    ask,
    case,
    command,
    environment,
    policy,
    run,
    when,
)

pytestmark = pytest.mark.usefixtures("folder")

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")
UNKNOWN = ("--policy", "identity=office.json")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    office = {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
    for name, document in {
        "all": policy({}),
        "none": policy({"Action": "sqs:*"}),
        "deny": policy({"Effect": "Deny"}),
        "office": policy(office),
        "vpce": policy(when(SourceVpce="vpce-1")),
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "code", "word"),
    [
        ("all.json", 0, "allowed"),
        ("none.json", 1, "denied"),
        ("deny.json", 1, "denied"),
        ("office.json", 3, "unknown"),
    ],
)
def test_can_says_one_word_and_exits_with_its_code(file, code, word):
    answer = ask("can", *QUESTION, "--policy", f"identity={file}")
    assert (answer.code, answer.out) == (code, f"{word}\n")


@pytest.mark.parametrize(("file", "code"), [("all.json", 0), ("deny.json", 1), ("office.json", 3)])
def test_why_exits_0_when_it_has_explained_and_as_can_when_asked_to(file, code):
    asked = ("why", *QUESTION, "--policy", f"identity={file}")
    assert ask(*asked).code == 0
    assert ask(*asked, "--exit-code").code == code
    assert ask(*asked, "--exit-code").out == ask(*asked).out


@pytest.mark.parametrize(("verb", "flags"), [("can", ()), ("why", ("--exit-code",))])
@pytest.mark.parametrize(("word", "code"), [("deny", 1), ("allow", 0), ("error", 2)])
def test_unknown_counts_as_it_is_told_to(verb, flags, word, code):
    answer = ask(verb, *QUESTION, *UNKNOWN, *flags, "--treat-unknown-as", word)
    assert answer.code == code
    assert "unknown" in answer.out.lower()


@pytest.mark.parametrize("word", ["deny", "allow", "error"])
@pytest.mark.parametrize(("file", "code"), [("all.json", 0), ("none.json", 1)])
def test_known_answers_do_not_care_what_unknown_counts_as(word, file, code):
    asked = ("can", *QUESTION, "--policy", f"identity={file}", "--treat-unknown-as", word)
    assert ask(*asked).code == code


@pytest.mark.parametrize("verb", ["can", "why"])
def test_a_wrong_word_for_unknown_is_refused_before_anything_is_said(verb):
    asked = (verb, *QUESTION, "--policy", "identity=all.json", "--treat-unknown-as", "maybe")
    answer = ask(*asked)
    assert (answer.code, answer.out) == (2, "")
    assert "deny" in answer.err
    assert "maybe" in answer.err


def test_can_names_the_missing_facts_on_stderr():
    assert ask("can", *QUESTION, *UNKNOWN).err == "missing: aws:SourceIp\n"


@pytest.mark.parametrize(("file", "code"), [("all.json", 0), ("none.json", 1), ("office.json", 3)])
@pytest.mark.parametrize("verb", ["can", "why"])
@pytest.mark.parametrize("flag", ["-q", "--quiet"])
def test_quiet_gives_the_exit_code_alone(verb, flag, file, code):
    assert ask(verb, *QUESTION, "--policy", f"identity={file}", flag) == (code, "", "")


@pytest.mark.parametrize("verb", ["can", "why"])
def test_quiet_still_reports_errors(verb):
    answer = ask(verb, *QUESTION, "--policy", "identity=missing.json", "-q")
    assert (answer.code, answer.out) == (2, "")
    assert "missing.json" in answer.err


def test_decide_exits_0_when_every_line_was_decided_denials_too():
    lines = [case(), case(1, policies={})]
    answer = ask("decide", "-", stdin="\n".join(map(json.dumps, lines)))
    assert (answer.code, answer.err) == (0, "")


def test_decide_exits_2_after_a_line_that_is_no_case():
    lines = [json.dumps(case()), "{}", json.dumps(case(1))]
    answer = ask("decide", "-", stdin="\n".join(lines))
    assert answer.code == 2
    assert len(answer.out.splitlines()) == 3
    assert answer.err == "1 line(s) could not be decided\n"


@pytest.mark.parametrize(
    "words",
    [
        ("bogus",),
        ("why",),
        ("why", ANA, "s3:GetObject"),
        ("why", *QUESTION, "too-much"),
        ("why", *QUESTION, "--no-such-option"),
        ("why", *QUESTION, "--max-fixes", "-1"),
        ("why", *QUESTION, "--max-fixes", "many"),
        ("why", *QUESTION, "--format", "sarif"),
        ("why", *QUESTION, "--color", "sometimes"),
        ("why", *QUESTION, "--policy", "identity"),
        ("why", *QUESTION, "--policy", "identity="),
        ("why", *QUESTION, "--policy", "identities=all.json"),
        ("why", *QUESTION, "--policies", "nowhere"),
        ("why", *QUESTION, "--policies", "all.json"),
        ("why", *QUESTION, "--env", "nowhere"),
        ("why", *QUESTION, "--context", "aws:SourceIp"),
        ("why", *QUESTION, "--context", "=1"),
        ("why", *QUESTION, "--context-set", "home"),
        ("why", *QUESTION, "--at", "yesterday"),
        ("why", *QUESTION, "--at", ""),
        ("why", *QUESTION, "--resource-account", "12"),
        ("why", "--case", "nowhere"),
        ("why", "arn:aws:iam:111122223333:user/ana", "s3:GetObject", LOG),
        ("why", ANA, "s3:Get*", LOG),
        ("why", ANA, "GetObject", LOG),
        ("why", ANA, "s3:GetObject", "logs"),
        ("can", "ana", "s3:GetObject", LOG),
        ("decide",),
        ("decide", "nowhere"),
        ("decide", "all.json", "--bogus"),
        ("explain", "PE9999"),
        ("explain",),
        ("schema",),
        ("schema", "bogus"),
    ],
    ids=" ".join,
)
def test_what_cannot_run_exits_2_and_says_why_on_stderr(words):
    answer = ask(*words)
    assert (answer.code, answer.out) == (2, "")
    assert "rror" in answer.err
    assert "internal error" not in answer.err


@pytest.mark.parametrize("words", [(), ("-h",), ("--help",), ("--version",)])
def test_help_and_version_go_to_stdout(words):
    answer = ask(*words)
    assert answer.code == (0 if words else 2)
    assert "policyeval" in answer.out + answer.err


def test_a_bug_exits_4_without_a_traceback(monkeypatch):
    def broken(*_args, **_more):
        raise ZeroDivisionError("secret: 111122223333")

    monkeypatch.setattr("policyeval.cli.can.evaluate", broken)
    answer = ask("can", *QUESTION, "--policy", "identity=all.json")
    assert (answer.code, answer.out) == (4, "")
    assert "internal error: ZeroDivisionError" in answer.err
    assert "secret" not in answer.err
    assert "Traceback" not in answer.err


# ---- interrupted, closed pipe -------------------------------------------------------------


@POSIX
@pytest.mark.parametrize("words", [("why", "-"), ("can", "-"), ("decide", "-")], ids=" ".join)
def test_ctrl_c_exits_130_quietly(words):
    # A child says when its verb is at work: it prints a line, then waits for standard input.
    script = (
        "import io, sys\n"
        "class Slow(io.RawIOBase):\n"
        "    def readable(self): return True\n"
        "    def readinto(self, buffer):\n"
        "        sys.stderr.write('ready\\n'); sys.stderr.flush()\n"
        "        import time; time.sleep(60)\n"
        "sys.stdin = io.TextIOWrapper(io.BufferedReader(Slow()))\n"
        "from policyeval.cli.main import app\n"
        f"app({list(words)!r})\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert child.stderr.readline() == b"ready\n"
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert (child.returncode, out, err) == (130, b"", b"")


def closed_pipe():
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@POSIX
@pytest.mark.parametrize(
    "words",
    [
        ("why", *QUESTION, "--policy", "identity=all.json"),
        ("why", *QUESTION, "--policy", "identity=all.json", "--json"),
        ("can", *QUESTION, "--policy", "identity=all.json"),
        ("decide", "case.jsonl"),
        ("explain", "--list"),
        ("schema", "case"),
    ],
    ids=lambda words: words[0],
)
def test_closed_pipe_exits_141_quietly(words, folder):
    (folder / "case.jsonl").write_text(json.dumps(case()), encoding="utf-8")
    writing = closed_pipe()
    try:
        done = subprocess.run(
            command(*words), stdout=writing, stderr=subprocess.PIPE, env=environment(), check=False
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@POSIX
@pytest.mark.parametrize("words", [("--help",), ("why", "--help"), ("--version",)], ids=" ".join)
def test_help_into_a_closed_pipe_is_quiet(words):
    writing = closed_pipe()
    try:
        done = subprocess.run(
            command(*words), stdout=writing, stderr=subprocess.PIPE, env=environment(), check=False
        )
    finally:
        os.close(writing)
    assert done.stderr == b""
    assert done.returncode in (1, 141)  # click's own pages: it exits 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("verb", ["why", "can"])
def test_full_disk_exits_2(verb):
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            command(verb, *QUESTION, "--policy", "identity=all.json"),
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    assert done.returncode == 2
    assert b"no space left" in done.stderr
    assert b"Traceback" not in done.stderr


def test_module_and_console_script_are_the_same_program():
    answer = run("can", *QUESTION, "--policy", "identity=none.json")
    assert answer == (1, b"denied" + os.linesep.encode(), b"")


def test_denial_for_want_of_a_policy_says_which_was_not_given():
    answer = ask("can", "arn:aws:iam::111122223333:user/ana", "s3:ListBucket", "arn:aws:s3:::b")
    assert (answer.code, answer.out) == (1, "denied\n")
    assert "no identity policy was given" in answer.err
