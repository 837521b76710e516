"""`decide`: one case a line in, one answer a line out, whatever the lines hold."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from tests.integration.command import (
    ANA,
    ROOT,
    ask,
    case,
    command,
    environment,
    policy,
    run,
)

GOOD = json.dumps(case(1)).encode()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def decide(*lines, code=0):
    data = b"\n".join(
        line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines
    )
    given = ask("decide", "-", stdin=data)
    assert given.code == code, given.err
    return [json.loads(line) for line in given.out.splitlines()]


def changed(**request):
    whole = case()
    return whole | {"request": whole["request"] | request}


# ---- order, blank lines, streaming --------------------------------------------------------


def test_answers_come_in_the_order_of_the_cases():
    cases = [case(number) for number in range(300)]
    assert [answer["id"] for answer in decide(*cases)] == [each["id"] for each in cases]


def test_blank_lines_are_passed_over_and_counted():
    answers = decide(b"", case(1), b"  \t", b"\r", b"{", b"", case(2), code=2)
    assert [answer.get("id") for answer in answers] == ["case-1", None, "case-2"]
    assert answers[1]["line"] == 5


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n \n\r\n"])
def test_nothing_in_is_nothing_out(data):
    assert ask("decide", "-", stdin=data) == (0, "", "")
    Path("cases.jsonl").write_bytes(data)
    assert ask("decide", "cases.jsonl", "-o", "out") == (0, "", "")
    assert Path("out").read_bytes() == b""


@pytest.mark.parametrize("data", [GOOD, GOOD + b"\n", GOOD + b"\r\n", b"\n\n" + GOOD + b"\r\n\r\n"])
def test_the_end_of_a_line_does_not_matter(data):
    given = ask("decide", "-", stdin=data)
    assert given.code == 0
    assert json.loads(given.out)["decision"] == "allowed"
    assert given.out.endswith("}\n")


def test_answers_are_the_same_from_file_and_standard_input():
    Path("cases.jsonl").write_bytes(GOOD + b"\n" + GOOD)
    assert ask("decide", "cases.jsonl") == ask("decide", "-", stdin=GOOD + b"\n" + GOOD)


def test_ids_are_given_back_whatever_they_are():
    ids = ["", "ü", "\x1b[31m", "a\nb", "\u202e", "\U0001f436", "'\"\\", "x" * 10_000]
    assert [answer["id"] for answer in decide(*(case() | {"id": each} for each in ids))] == ids


def test_an_answer_comes_before_the_next_case_is_there():
    child = subprocess.Popen(
        command("decide", "-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    )
    try:
        for number in range(3):
            child.stdin.write(json.dumps(case(number)).encode() + b"\n")
            child.stdin.flush()
            assert json.loads(child.stdout.readline())["id"] == f"case-{number}"
    finally:
        child.stdin.close()
        child.stdout.close()
        assert child.wait(timeout=30) == 0


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_reader_that_leaves_ends_it_quietly():
    Path("cases.jsonl").write_bytes(b"\n".join([GOOD] * 3000))
    child = subprocess.Popen(
        command("decide", "cases.jsonl"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert json.loads(child.stdout.readline())["id"] == "case-1"
    child.stdout.close()
    assert child.wait(timeout=30) == 141
    assert child.stderr.read() == b""
    child.stderr.close()


# ---- lines that are no case ---------------------------------------------------------------

SHALLOW = b'{"a":' * 50 + b"1" + b"}" * 50
BAD_LINES = {
    "not JSON": b"nonsense",
    "cut off": GOOD[:-1],
    "two values": GOOD + b" " + GOOD,
    "null": b"null",
    "true": b"true",
    "number": b"12",
    "text": b'"text"',
    "list": b"[]",
    "list of cases": b"[" + GOOD + b"]",
    "empty object": b"{}",
    "empty request": b'{"request": {}}',
    "request is null": b'{"request": null}',
    "request is a text": b'{"request": "s3:GetObject"}',
    "no principal": {"request": {"action": "s3:GetObject", "resource": "*"}},
    "principal is null": changed(principal=None),
    "principal is a list": changed(principal=[ANA]),
    "principal is empty": changed(principal=""),
    "malformed principal": changed(principal="arn:aws:iam:111122223333:user/ana"),
    "malformed resource": changed(resource="arn:aws:s3::logs"),
    "malformed action": changed(action="GetObject"),
    "wildcard action": changed(action="s3:*"),
    "malformed account": changed(resource_account="1"),
    "context is a list": changed(context=[]),
    "context is a text": changed(context="a=b"),
    "context value is an object": changed(context={"aws:SourceVpce": {}}),
    "context value is a deep list": changed(context={"aws:TagKeys": [["a"]]}),
    "context value holds null": changed(context={"aws:TagKeys": [None]}),
    "contradicting facts": changed(context={"aws:PrincipalAccount": "444455556666"}),
    "unknown key": case(more=1),
    "unknown key in policies": case(policies={"identiti": []}),
    "policies are a list": case(policies=[]),
    "policy is a text": case(policies={"identity": ["{}"]}),
    "policy is a number": case(policies={"identity": 1}),
    "policy is empty": case(policies={"identity": {}}),
    "malformed policy": case(policies={"identity": policy({"Effect": "Alow"})}),
    "policy without statements": case(policies={"identity": {"Version": "2012-10-17"}}),
    "principal in an identity policy": case(policies={"identity": policy({"Principal": "*"})}),
    "unknown kind of endpoint": case(
        policies={"vpc_endpoint": {"document": policy({"Principal": "*"}), "type": "door"}}
    ),
    "organization is a text": case(organization="o-1"),
    "partial is a text": case(partial="yes"),
    "partial is a number": case(partial=1),
    "invalid UTF-8": GOOD.replace(b"case-1", b"case-\xff"),
    "Latin-1": GOOD.replace(b"case-1", "é".encode("latin-1")),
    "UTF-16": json.dumps(case()).encode("utf-16"),
    "UTF-16 without a mark": json.dumps(case()).encode("utf-16-le"),
    "NUL between": b"\0" + GOOD,
    "NUL inside": GOOD.replace(b"case-1", b"case\0"),
    "NULs": b"\0" * 1000,
    "control character": GOOD.replace(b"case-1", b"case-\x07"),
    "lone surrogate": GOOD.replace(b"case-1", rb"\ud800"),
    "escaped NUL in an ARN": changed(resource="arn:aws:iam:\0:111122223333:user/ana"),
    "NaN": GOOD.replace(b'"case-1"', b"NaN"),
    "single quotes": b"{'request': {}}",
    "comment": b"// " + GOOD,
    "trailing comma": GOOD[:-1] + b",}",
    "too deep": b"[" * 100_000,
    "too deep object": b'{"a":' * 100_000,
    "too deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "deep but allowed": SHALLOW,
    "one megabyte of letters": b"x" * 1_000_000,
    "one megabyte in a text": b'"' + b"x" * 1_000_000 + b'"',
    "half a megabyte of keys": b"{" + b",".join(b'"k%d":1' % n for n in range(50_000)) + b"}",
    "huge number": b"9" * 10_000,
    "huge exponent": b'{"request": 1e999999999}',
    "escape": b"\x1b[31m",
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_answered_in_its_place(name):
    bad = BAD_LINES[name]
    if isinstance(bad, dict):
        bad = json.dumps(bad).encode()
    # A line of UTF-16 ends where its own line end would be, so these two hold none.
    data = b"\n".join([GOOD, bad.replace(b"\n", b" "), GOOD])
    given = ask("decide", "-", stdin=data)
    assert given.code == 2
    assert given.err == "1 line(s) could not be decided\n"
    first, answer, last = map(json.loads, given.out.splitlines())
    assert first["decision"] == last["decision"] == "allowed"
    assert answer["line"] == 2
    assert answer["error"]["code"].startswith("PE")
    assert answer["error"]["message"]
    assert "decision" not in answer
    assert len(json.dumps(answer)) < 5000, "no message shows a megabyte"
    assert "pydantic" not in given.out
    assert "instance of" not in given.out


def test_an_error_names_the_case_where_it_has_an_id():
    [answer] = decide(case(policies={"identiti": []}), code=2)
    assert answer["id"] == "case-0"
    assert answer["error"]["code"] == "PE0903"
    assert "identity" in answer["error"]["message"]


def test_an_error_in_a_policy_has_a_place_and_help():
    broken = case(policies={"identity": [policy({}), policy({"Effect": "Alow"})]})
    [answer] = decide(broken, code=2)
    assert answer["error"]["at"] == "/policies/identity/1/Statement/0/Effect"
    assert "Allow" in answer["error"]["help"]


def test_a_byte_order_mark_on_the_first_line_is_not_held_against_it():
    given = ask("decide", "-", stdin=b"\xef\xbb\xbf" + GOOD + b"\n" + GOOD)
    answers = [json.loads(line) for line in given.out.splitlines()]
    assert answers[1]["decision"] == "allowed"
    assert answers[0].get("decision") == "allowed" or answers[0]["error"]["code"] == "PE0002"


def test_all_lines_can_be_bad():
    given = ask("decide", "-", stdin=b"x\n" * 500)
    assert given.code == 2
    assert [json.loads(line)["line"] for line in given.out.splitlines()] == list(range(1, 501))
    assert given.err == "500 line(s) could not be decided\n"


def test_a_bug_met_in_one_line_does_not_take_the_others_along(monkeypatch):
    from policyeval import case as cases

    real = cases.decide

    def broken(asked, source=None):
        if asked.id == "case-1":
            raise ZeroDivisionError
        return real(asked, source)

    monkeypatch.setattr(cases, "decide", broken)
    given = ask("decide", "-", stdin="\n".join(json.dumps(case(each)) for each in range(3)))
    assert given.code == 4
    assert "Traceback" not in given.err
    assert len(given.out.splitlines()) >= 1


def test_a_line_of_many_megabytes_is_decided():
    many = [policy({"Resource": f"arn:aws:s3:::bucket-{n}/*"}) for n in range(4000)]
    [answer] = decide(case(policies={"identity": many}))
    assert answer["decision"] == "implicit_deny"


# ---- the output file ----------------------------------------------------------------------


def test_output_may_be_the_file_that_is_read():
    Path("cases.jsonl").write_bytes(b"\n".join([GOOD] * 200))
    assert ask("decide", "cases.jsonl", "-o", "cases.jsonl").code == 0
    lines = Path("cases.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 200
    assert {json.loads(line)["decision"] for line in lines} == {"allowed"}


def test_output_is_written_though_a_line_was_bad():
    Path("cases.jsonl").write_bytes(GOOD + b"\nbad\n")
    given = ask("decide", "cases.jsonl", "-o", "out")
    assert given.code == 2
    assert len(Path("out").read_text(encoding="utf-8").splitlines()) == 2


def test_a_dash_is_standard_output():
    assert ask("decide", "-", "-o", "-", stdin=GOOD) == ask("decide", "-", stdin=GOOD)
    assert not Path("-").exists()


def test_a_failure_leaves_the_old_output_and_nothing_else(folder, monkeypatch):
    Path("out").write_text("old", encoding="utf-8")
    Path("cases.jsonl").write_bytes(GOOD)
    before = sorted(folder.iterdir())
    assert ask("decide", "missing.jsonl", "-o", "out").code == 2

    def interrupted(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr("policyeval.case.decide", interrupted)
    assert ask("decide", "cases.jsonl", "-o", "out").code == 130
    assert Path("out").read_text(encoding="utf-8") == "old"
    assert sorted(folder.iterdir()) == before


def test_progress_is_not_shown_where_stderr_is_no_terminal():
    Path("cases.jsonl").write_bytes(b"\n".join([GOOD] * 200))
    for flags in ((), ("--progress",), ("--no-progress",)):
        assert run("decide", "cases.jsonl", *flags).err == b""


# ---- why and decide agree -----------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((ROOT / "fixtures/conformance").glob("*.jsonl"))[:4])
def test_why_gives_the_decision_that_decide_gives(path):
    lines = path.read_text(encoding="utf-8").splitlines()[:10]
    decided = decide(*(line.encode() for line in lines))
    for line, answer in zip(lines, decided, strict=True):
        explained = json.loads(ask("why", "-", "--json", stdin=line).out)
        for key in ("decision", "decided_by", "blocking"):
            assert explained[key] == answer[key], answer["id"]
        assert sorted(explained["missing"]) == sorted(answer["missing"])
