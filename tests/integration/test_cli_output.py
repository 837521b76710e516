"""How answers look and where they go: formats, queries, files, colours, charsets, help."""

import json
import os
import re
import stat
import subprocess
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from tests.integration.command import (
    QUESTION,
    ROOT,
    TAMAGOTCHI,
    ask,
    case,
    command,
    environment,
    policy,
    run,
    when,
)

from policyeval.cli.main import VERBS
from policyeval.diagnostics import DIAGNOSTICS

FORMATS = ("text", "json", "markdown", "html")
DENIED = ("why", *QUESTION, "--policy", "identity=vpce.json")
KEEPER = ("keeper", "s3:DeleteObject", "arn:aws:s3:::tamagotchi/saves/ada.json")
ESCAPE = "\x1b["


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    for name, document in {
        "all": policy({}),
        "vpce": policy({"Sid": "AtHome"} | when(SourceVpce="vpce-1")),
        "euro": policy({"Resource": "arn:aws:s3:::café-€/*"}),
    }.items():
        text = json.dumps(document, ensure_ascii=False)
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answer(*words, code=0, **more):
    """What a command prints, which must be all that it has to say."""
    given = ask(*words, **more)
    assert (given.code, given.err) == (code, "")
    return given.out


# ---- formats ------------------------------------------------------------------------------


class Tags(HTMLParser):
    VOID = frozenset({"meta", "br", "hr", "img", "link", "input", "path", "line", "rect", "circle"})

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.links = [], set(), []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, _attrs):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_text_has_its_blocks_in_order():
    text = answer(*DENIED)
    places = [text.index(word) for word in ("DENIED", "principal", "near miss", "layers", "fixes")]
    assert places == sorted(places)
    assert max(map(len, text.splitlines())) <= 80


def test_json_names_its_schema():
    for flags in (("--json",), ("--format", "json")):
        data = json.loads(answer(*DENIED, *flags))
        assert data["schema"] == "policyeval/explanation/1"
        assert data["decision"] == "implicit_deny"
        assert [each["layer"] for each in data["layers"]][-1] == "session"
        assert len(data["layers"]) == 7
        assert data["fixes"]


def test_html_is_one_page_that_asks_nobody_for_anything():
    page = answer(*DENIED, "--format", "html")
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert {"html", "head", "style", "svg"} <= tags.seen
    assert "script" not in tags.seen
    assert not [link for link in tags.links if not link.startswith("#")]
    assert "url(" not in page


def test_markdown_has_a_heading_and_closes_its_fences():
    text = answer(*DENIED, "--format", "markdown")
    assert text.startswith("### DENIED")
    assert sum(line.startswith("```") for line in text.splitlines()) % 2 == 0


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_ends_its_last_line_and_says_it_the_same_twice(form):
    text = answer(*DENIED, "--format", form)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "AtHome" in text
    assert answer(*DENIED, "--format", form) == text


def test_unknown_format_lists_the_known_ones():
    given = ask(*DENIED, "--format", "sarif")
    assert given.code == 2
    assert all(form in given.err for form in FORMATS)


def test_verbose_shows_every_statement_and_twice_the_trace():
    asked = ("why", *KEEPER, "--env", TAMAGOTCHI)
    texts = [answer(*asked, *flags) for flags in ((), ("-v",), ("-vv",))]
    lengths = [len(text.splitlines()) for text in texts]
    assert lengths == sorted(set(lengths))
    assert texts[2] == answer(*asked, "-v", "--verbose")


# ---- queries ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("decision", "implicit_deny"),
        ("layers[?verdict=='no_allow'].layer", ["identity"]),
        ("{d: decision, n: length(layers)}", {"d": "implicit_deny", "n": 7}),
        ("nothing.here", None),
    ],
)
def test_query_picks_from_the_json(query, expected):
    assert json.loads(answer(*DENIED, "--query", query)) == expected
    assert json.loads(answer(*DENIED, "--json", "--query", query)) == expected


@pytest.mark.parametrize(
    "query",
    ["", "[", "a b", "foo(decision)", "abs(decision)", "@@", "`[1", "'", "\x1b[31m", "[" * 10_000],
)
def test_malformed_query_is_an_error_of_the_user(query):
    given = ask(*DENIED, "--query", query)
    assert (given.code, given.out) == (2, "")
    assert "JMESPath" in given.err
    assert "\x1b" not in given.err


# ---- files --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_output_goes_to_a_file_the_same_as_to_stdout(form, folder):
    assert answer(*DENIED, "--format", form, "-o", "out") == ""
    written = Path("out").read_bytes().decode().replace(os.linesep, "\n")
    assert written == answer(*DENIED, "--format", form)
    assert answer(*DENIED, "--format", form, "-o", "-") == written
    assert sorted(path.name for path in folder.iterdir() if path.suffix != ".json") == ["out"]


@pytest.mark.parametrize(
    "flags",
    [
        ("--query", "["),
        ("--format", "sarif"),
        ("--policy", "identity=missing.json"),
        ("--treat-unknown-as", "maybe", "--exit-code"),
    ],
    ids=lambda flags: flags[0],
)
def test_a_failure_leaves_the_old_file(flags, folder):
    Path("out").write_text("old", encoding="utf-8")
    before = sorted(folder.iterdir())
    assert ask(*DENIED, "-o", "out", *flags).code == 2
    assert Path("out").read_text(encoding="utf-8") == "old"
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("target", ["nowhere/out", "."])
def test_a_target_that_cannot_be_is_named_as_it_was_given(target, folder):
    for words in (DENIED, ("decide", "cases.jsonl")):
        Path("cases.jsonl").write_text(json.dumps(case()), encoding="utf-8")
        before = sorted(folder.iterdir())
        given = ask(*words, "-o", target)
        assert (given.code, given.out) == (2, "")
        assert f"`{target}`" in given.err
        assert sorted(folder.iterdir()) == before


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
@pytest.mark.parametrize("words", [DENIED, ("decide", "cases.jsonl")], ids=lambda words: words[0])
def test_files_are_made_with_the_modes_that_the_user_wants(words):
    Path("cases.jsonl").write_text(json.dumps(case()), encoding="utf-8")
    old = os.umask(0o027)
    try:
        assert ask(*words, "-o", "new").code == 0
        Path("kept").touch()
        Path("kept").chmod(0o664)
        assert ask(*words, "-o", "kept").code == 0
    finally:
        os.umask(old)
    assert stat.S_IMODE(Path("new").stat().st_mode) == 0o640
    assert stat.S_IMODE(Path("kept").stat().st_mode) == 0o664


@pytest.mark.skipif(os.name != "posix", reason="links and devices of POSIX")
@pytest.mark.parametrize("words", [DENIED, ("decide", "cases.jsonl")], ids=lambda words: words[0])
def test_links_and_devices_are_written_to_not_replaced(words, folder):
    Path("cases.jsonl").write_text(json.dumps(case()), encoding="utf-8")
    Path("real").write_text("old", encoding="utf-8")
    Path("link").symlink_to("real")
    assert ask(*words, "-o", "link").code == 0
    assert Path("link").is_symlink()
    assert Path("real").read_text(encoding="utf-8") != "old"
    os.mkfifo("pipe")
    reading = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert ask(*words, "-o", "pipe").code == 0
        assert os.read(reading, 1000)
    finally:
        os.close(reading)
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)


# ---- redact, fix --------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_redacted_output_holds_no_account_of_the_policies(form):
    asked = ("why", *KEEPER, "--env", TAMAGOTCHI, "--format", form)
    plain, hidden = answer(*asked), answer(*asked, "--redact")
    assert "123456789012" in plain
    assert "123456789012" not in hidden
    assert len(hidden) == len(plain)
    assert hidden.count("111111111111") >= plain.count("123456789012")
    if form == "json":
        assert json.loads(hidden).keys() == json.loads(plain).keys()


def test_redaction_holds_for_queries_and_files():
    asked = (*DENIED, "--redact", "--query", "request.principal", "-o", "out")
    assert answer(*asked) == ""
    assert "111122223333" not in Path("out").read_text(encoding="utf-8")


def test_fix_shows_the_fixes_alone():
    text = answer(*DENIED, "--fix")
    assert text.startswith("fixes")
    assert "layers" not in text
    assert text.strip() in answer(*DENIED)


def test_no_fixes_are_looked_for_where_none_are_wanted():
    assert "fixes" not in answer(*DENIED, "--max-fixes", "0")
    assert json.loads(answer(*DENIED, "--max-fixes", "0", "--json"))["fixes"] == []
    assert ask(*DENIED, "--max-fixes", "0", "--fix").code == 0
    assert len(json.loads(answer(*DENIED, "--max-fixes", "1", "--json"))["fixes"]) == 1


@pytest.mark.parametrize(
    "words",
    [("why", *QUESTION, "--policy", "identity=all.json", "--fix"), (*DENIED, "--fix", "-v")],
    ids=["allowed", "verbose"],
)
def test_fix_always_says_something(words):
    assert answer(*words).strip()


# ---- colour -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "env", "coloured"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": ""}, False),
        ((), {"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
        (("--color", "always"), {}, True),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        (("--color", "auto"), {"FORCE_COLOR": "1"}, True),
    ],
)
def test_colour_follows_flag_and_environment(flags, env, coloured):
    text = answer(*DENIED, *flags, env=env)
    assert (ESCAPE in text) is coloured
    bare = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert bare.split() == answer(*DENIED).split()  # nothing rests on colour


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    ("env", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=["terminal", "no-color", "dumb"],
)
def test_a_terminal_is_coloured_unless_it_is_dumb_or_told_not_to(env, coloured, folder):
    import pty  # not on Windows

    leader, follower = pty.openpty()
    child = subprocess.Popen(
        command(*DENIED),
        stdout=follower,
        stderr=follower,
        stdin=follower,
        env=environment(**{"TERM": "xterm", "COLUMNS": "100", **env}),
        cwd=folder,
    )
    os.close(follower)
    pieces = []
    with suppress(OSError):  # Linux: EIO once the child is gone
        while piece := os.read(leader, 10_000):
            pieces.append(piece)
    os.close(leader)
    assert child.wait(timeout=30) == 0
    text = b"".join(pieces).decode()
    assert "DENIED" in text
    assert (ESCAPE in text) is coloured


@pytest.mark.parametrize("form", ["json", "markdown", "html"])
def test_only_text_is_ever_coloured(form):
    assert ESCAPE not in answer(*DENIED, "--format", form, env={"FORCE_COLOR": "1"})
    assert ESCAPE not in answer(*DENIED, "--format", form, "--color", "always")


def test_a_file_is_not_coloured_because_the_terminal_is():
    answer(*DENIED, "-o", "out", env={"FORCE_COLOR": "1"})
    assert ESCAPE not in Path("out").read_text(encoding="utf-8")
    answer(*DENIED, "-o", "out", "--color", "always")
    assert ESCAPE in Path("out").read_text(encoding="utf-8")


def test_errors_are_coloured_by_the_same_rules():
    asked = ("can", "ana", "s3:GetObject", "*")
    assert ESCAPE not in ask(*asked).err
    assert ESCAPE in ask(*asked, env={"FORCE_COLOR": "1"}).err


# ---- a charset that has only ASCII --------------------------------------------------------

EURO = (*QUESTION[:2], "arn:aws:s3:::café-€/x", "--policy", "identity=euro.json")


def ascii_run(*words, **more):
    given = run(*words, PYTHONIOENCODING="ascii", **more)
    assert given.out.isascii()
    assert given.err.isascii()
    assert b"Traceback" not in given.err
    return given


@pytest.mark.parametrize("flags", [(), ("-vv",), ("--format", "markdown")], ids=" ".join)
def test_ascii_streams_show_escapes(flags):
    given = ascii_run("why", *EURO, *flags)
    assert given.code == 0
    assert rb"caf\xe9-\u20ac" in given.out


def test_ascii_streams_get_json_that_is_json():
    given = ascii_run("why", *EURO, "--json")
    assert json.loads(given.out)["request"]["resource"] == "arn:aws:s3:::café-€/x"


def test_ascii_streams_get_html_that_shows_what_it_means():
    given = ascii_run("why", *EURO, "--format", "html")
    assert given.code == 0
    assert b"caf&#233;-&#8364;" in given.out


def test_decide_writes_to_ascii_streams():
    line = json.dumps(case() | {"id": "café-€"}, ensure_ascii=False).encode()
    given = ascii_run("decide", "-", stdin=line)
    assert given.code == 0
    assert json.loads(given.out)["id"] == "café-€"


def test_help_and_explanations_go_to_ascii_streams(monkeypatch):
    import io
    import sys

    for words in (("-h",), *((verb, "-h") for verb in VERBS), ("explain", "--list")):
        assert ascii_run(*words).code == 0
    # In this process, for speed: the same with each code.
    from policyeval.cli.main import app

    for code in DIAGNOSTICS:
        stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(SystemExit) as exit_:
            app(["explain", code])
        assert exit_.value.code in (None, 0), code


def test_a_file_is_utf_8_whatever_the_terminal_has():
    assert ascii_run("why", *EURO, "-o", "out").code == 0
    assert "café-€" in Path("out").read_text(encoding="utf-8")


# ---- help, completion, explain, schema ----------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_of_each_verb_shows_examples(verb, flag):
    text = answer(verb, flag)
    assert "Examples" in text
    assert len(re.findall(rf"^ +(?:.*\| )?policyeval {verb}\b", text, re.MULTILINE)) >= 1


# `needs` takes the options of the call that it is asked about.
OF_THE_CALL = {"--bucket", "--key", "--function-name"}


@pytest.mark.parametrize("verb", VERBS)
def test_examples_of_a_verb_name_options_that_there_are(verb):
    text = answer(verb, "-h")
    options, _, examples = text.partition("Examples")
    used = set(re.findall(r"(?<!\S)--[a-z-]+", examples)) - OF_THE_CALL
    assert used <= set(re.findall(r"--[a-z-]+", options))


def test_help_shows_examples_that_can_be_pasted():
    text = answer("-h")
    assert not re.search(r"\\[ ]+\S", text), "a continued line was wrapped into one"
    assert all(verb in text for verb in VERBS)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_shown(shell):
    script = run("--show-completion", shell)
    assert script.code == 0
    assert b"_POLICYEVAL_COMPLETE" in script.out


def test_completion_knows_verbs_and_options():
    env = {"_POLICYEVAL_COMPLETE": "complete_bash", "COMP_CWORD": "1"}
    assert run(COMP_WORDS="policyeval w", **env).out.split() == [b"why", b"who-can"]
    env["COMP_CWORD"] = "2"
    options = run(COMP_WORDS="policyeval why --polic", **env).out.split()
    assert options == [b"--policy", b"--policies"]


@pytest.mark.parametrize("code", sorted(DIAGNOSTICS))
def test_each_code_is_explained(code):
    text = answer("explain", code.lower())
    assert text.startswith(f"{code} (")
    assert len(text.splitlines()) > 2


def test_all_codes_are_listed():
    lines = answer("explain", "--list").splitlines()
    assert [line.split()[0] for line in lines] == sorted(DIAGNOSTICS)


@pytest.mark.parametrize("code", ["PE9999", "PE", "", "why", "\x1b[31m", "PE02O1"])
def test_unknown_code_is_an_error(code):
    given = ask("explain", code)
    assert (given.code, given.out) == (2, "")
    assert "no diagnostic code" in given.err


def schema(name):
    whole = json.loads(answer("schema", name))
    jsonschema.Draft202012Validator.check_schema(whole)
    return jsonschema.Draft202012Validator(whole)


@pytest.mark.parametrize("name", ["case", "environment", "decision"])
def test_schema_is_a_json_schema(name):
    schema(name)


CONFORMANCE = sorted((ROOT / "fixtures/conformance").glob("*.jsonl"))


def test_conformance_cases_fit_the_schema_of_a_case():
    validator = schema("case")
    for path in CONFORMANCE:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            problem = next(validator.iter_errors(json.loads(line)), None)
            assert problem is None, f"{path.name}:{number}: {problem.message}"


def test_answers_of_decide_fit_the_schema_of_a_decision():
    validator = schema("decision")
    answers = 0
    for path in CONFORMANCE:
        for line in answer("decide", path).splitlines():
            problem = next(validator.iter_errors(json.loads(line)), None)
            assert problem is None, f"{path.name}: {line[:200]}: {problem.message}"
            answers += 1
    assert answers > 400


def test_shipped_environment_fits_the_schema_of_an_environment():
    import yaml

    tree = yaml.safe_load(Path(TAMAGOTCHI).read_text(encoding="utf-8"))
    schema("environment").validate(tree)


@pytest.mark.parametrize(
    "broken",
    [{}, {"request": {}}, case(policies={"identiti": []}), case(more=1), case(partial="yes")],
)
def test_the_schema_of_a_case_refuses_what_decide_refuses(broken):
    assert list(schema("case").iter_errors(broken))
    assert ask("decide", "-", stdin=json.dumps(broken)).code == 2
