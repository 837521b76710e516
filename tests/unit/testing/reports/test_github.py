import re

from tests.unit.testing.reports.runs import HOUSE, ROOT, evil_run, house, mixed, run_of, turned

from policyeval.rendering.document import visible
from policyeval.testing.reports.github import command, github_report
from policyeval.value import replace

COMMAND = re.compile(r"::(error|notice) ([^:]*)::(.*)")


def read(line):
    """Read a workflow command as a runner does: name, properties, message."""
    name, properties, message = COMMAND.fullmatch(line).groups()
    told = dict(pair.split("=", 1) for pair in properties.split(","))
    for code, char in (("%3A", ":"), ("%2C", ",")):
        told = {key: value.replace(code, char) for key, value in told.items()}
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        told = {key: value.replace(code, char) for key, value in told.items()}
        message = message.replace(code, char)
    return name, told, message


def test_each_failure_is_an_annotation_at_its_test(monkeypatch):
    *failures, sum_ = map(read, github_report(mixed(monkeypatch)).splitlines())
    assert [name for name, _, _ in failures] == ["error", "error"]
    _, told, message = failures[0]
    assert told.pop("file") == HOUSE
    assert told.pop("title") == "the vet is outside the family"
    assert told["line"] == told["endLine"]
    line = (ROOT / HOUSE).read_text().splitlines()[int(told["line"]) - 1]
    marked = line[int(told["col"]) - 1 : int(told["endColumn"]) - 1]
    assert marked == "the vet is outside the family"
    assert message.split("\n") == [
        "expected allow, got explicit-deny",
        "DENIED explicit deny in a resource control policy",
        "rerun: policyeval why vet/visit s3:GetObject tamagotchi/saves/ada.json --env "
        "fixtures/environments/tamagotchi/environment.yaml",
    ]
    assert sum_ == (
        "notice",
        {"title": "policyeval test"},
        "1 failed, 1 passed, 1 skipped, 1 error",
    )


def test_an_error_says_what_is_malformed(monkeypatch):
    _, _, message = read(github_report(mixed(monkeypatch)).splitlines()[1])
    assert message.startswith("`s3GetObject` is no action")


def test_a_good_run_is_a_notice_alone(monkeypatch):
    (test,) = (each for each in house(monkeypatch).values() if each.parameters == "keeper")
    assert github_report(run_of(test)) == ("::notice title=policyeval test::1 passed\n")


def test_what_separates_is_written_with_percent_signs():
    assert command("error", "100 %\nsure", file="a,b:c%.yaml", line=3) == (
        "::error file=a%2Cb%3Ac%25.yaml,line=3::100 %25%0Asure"
    )


def test_absolute_paths_become_relative_to_the_checkout(monkeypatch):
    test = turned(house(monkeypatch)["the vet is outside the family"])
    source = replace(test.location.source, name=f"{ROOT}/{HOUSE}")
    moved = replace(test, location=replace(test.location, source=source))
    (line, _) = github_report(run_of(moved), root=str(ROOT)).splitlines()
    assert read(line)[1]["file"] == HOUSE


def test_mischief_gives_no_command_of_its_own():
    run = evil_run()
    report = github_report(run)
    report.encode("utf-8")
    lines = report.removesuffix("\n").split("\n")
    assert len(lines) == 4  # three failures and the sum
    assert all(line.isprintable() for line in lines)
    for line, result in zip(lines, (run.results[0], *run.results[2:]), strict=False):
        name, told, message = read(line)
        assert name == "error"
        assert told["title"] == visible(result.test.title)
        assert set(told) == {"file", "line", "endLine", "col", "endColumn", "title"}
        assert not any(each.startswith("::") for each in message.split("\n"))
