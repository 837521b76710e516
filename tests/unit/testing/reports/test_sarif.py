import json
import re

import pytest
from jsonschema import Draft4Validator
from tests.unit.testing.reports.runs import (
    HOUSE,
    ROOT,
    evil_run,
    expecting,
    house,
    mixed,
    run_of,
    turned,
)

from policyeval.testing import load_suite
from policyeval.testing.model import Run, Status, Want
from policyeval.testing.reports.failure import Kind
from policyeval.testing.reports.sarif import sarif_report
from policyeval.testing.reports.sarif_log import message
from policyeval.value import replace

SCHEMA = json.loads((ROOT / "fixtures/schemas/sarif-2.1.0.schema.json").read_text("utf-8"))
VALIDATOR = Draft4Validator(SCHEMA, format_checker=Draft4Validator.FORMAT_CHECKER)
URI = re.compile(r"(file:///)?[A-Za-z0-9_.~/%-]+")
VET = "the vet is outside the family"
OWN_PET = "a save carries the keeper's own pet[s3:RequestObjectTag/pet=bob]"


def log_of(run, **options):
    log = json.loads(sarif_report(run, **options))
    VALIDATOR.validate(log)
    (only,) = log["runs"]
    return only


def marked(location):
    """The text that a location means."""
    physical = location["physicalLocation"]
    region = physical["region"]
    lines = (ROOT / physical["artifactLocation"]["uri"]).read_text("utf-8").split("\n")
    chosen = lines[region["startLine"] - 1 : region["endLine"]]
    chosen[-1] = chosen[-1][: region["endColumn"] - 1]
    chosen[0] = chosen[0][region["startColumn"] - 1 :]
    return "\n".join(chosen)


def uris(value):
    """Every uri of a log."""
    if isinstance(value, dict):
        yield from (each for key, each in value.items() if key == "uri")
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from uris(each)


def test_every_failure_of_the_house_fits_the_schema(monkeypatch):
    tests = house(monkeypatch).values()
    run = log_of(run_of(*map(turned, tests)))
    assert len(run["results"]) > 15
    assert {each["ruleId"] for each in run["results"]} == {"unexpected-decision", "unknown"}
    assert all(URI.fullmatch(uri) for uri in uris(run))
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["help"]["text"]


def test_a_failure_stands_at_the_statement_that_decides_and_names_its_test(monkeypatch):
    (result, _) = log_of(mixed(monkeypatch))["results"]
    (location,) = result["locations"]
    assert json.loads(marked(location))["Sid"] == "OnlyOurOrganization"
    test = result["relatedLocations"][0]
    assert marked(test) == VET
    assert test["message"] == {"text": "the test"}
    assert result["message"]["text"].split("\n") == [
        VET,
        "expected allow, got explicit-deny",
        "DENIED explicit deny in a resource control policy",
    ]


def test_an_allow_stands_at_the_statement_that_grants(monkeypatch):
    read = "the keeper looks after the pets[s3:GetObject-tamagotchi/saves/ada.json]"
    (result,) = log_of(run_of(turned(house(monkeypatch)[read])))["results"]
    assert json.loads(marked(result["locations"][0]))["Sid"] == "WakeThePets"


def test_an_implicit_denial_stands_at_its_test_and_names_the_near_misses(monkeypatch):
    (result,) = log_of(run_of(turned(house(monkeypatch)[OWN_PET])))["results"]
    assert marked(result["locations"][0]).startswith("{ context: ")
    first, *_ = result["relatedLocations"]
    assert first["message"]["text"] == 'near miss: identity Allow "SaveOwnPet"'
    assert json.loads(marked(first))["Sid"] == "SaveOwnPet"
    assert len(result["relatedLocations"]) <= 3


def test_the_way_through_the_layers_is_a_code_flow(monkeypatch):
    (result, _) = log_of(mixed(monkeypatch))["results"]
    (flow,) = result["codeFlows"]
    (thread,) = flow["threadFlows"]
    told = [step["location"]["message"]["text"].split()[:2] for step in thread["locations"]]
    assert told == [["rcp:", "deny"], ["resource:", "allow"], ["identity:", "allow"]]


def test_an_error_is_a_rule_of_its_own_with_the_page_of_its_code(monkeypatch):
    run = log_of(mixed(monkeypatch))
    _, result = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "PE0901"
    assert rule["shortDescription"]["text"] == "malformed request"
    assert marked(result["locations"][0]) == VET


def test_a_good_run_tells_its_rules_and_has_no_results(monkeypatch):
    tests = [each for each in house(monkeypatch).values() if each.parameters == "keeper"]
    run = log_of(run_of(*tests))
    assert run["results"] == []
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [kind.value for kind in Kind]
    assert run["automationDetails"] == {"id": "policyeval/test/"}
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 0}]


def test_the_exit_code_is_that_of_the_command(monkeypatch):
    run = mixed(monkeypatch)
    assert log_of(run)["invocations"] == [{"executionSuccessful": False, "exitCode": 2}]
    failed = Run(run.of(Status.FAILED))
    assert log_of(failed)["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]
    assert log_of(failed, exit_code=3)["invocations"][0]["exitCode"] == 3


SUITE = """\
version: 1
policy: {file: %s, layer: identity}
tests:
  - name: nobody reads
    action: s3:GetObject
    resource: arn:aws:s3:::b/k
    expect: deny
"""
POLICY = """\
{"Version": "2012-10-17", "Statement": [%s]}
"""
ALLOW = '{"Effect": "Allow",%s"Action": "s3:*", "Resource": "*"}'


def written(folder, *, before="", statements=ALLOW % " ", name="p.json"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(POLICY % statements, encoding="utf-8")
    suite = folder / "s.policytest.yaml"
    suite.write_text(before + SUITE % json.dumps(name), encoding="utf-8")
    return run_of(*load_suite(suite).tests)


def test_fingerprints_do_not_hang_on_lines_and_layout(tmp_path):
    other = '{"Effect": "Deny", "Action": "sqs:*", "Resource": "*"},\n'
    plain, moved, changed = (
        log_of(written(tmp_path / "x", **how), root=str(tmp_path))["results"][0]
        for how in (
            {},
            {"before": "# moved\n\n", "statements": other + ALLOW % "\n    "},
            {"statements": ALLOW.replace("s3:*", "s3:Get*") % " "},
        )
    )
    assert plain["partialFingerprints"] == moved["partialFingerprints"]
    assert plain["locations"] != moved["locations"]
    assert plain["partialFingerprints"] != changed["partialFingerprints"]
    assert set(plain["partialFingerprints"]) == {"policyeval/v1", "primaryLocationLineHash"}


def test_two_tests_at_one_statement_are_two_alerts(monkeypatch):
    tests = house(monkeypatch)
    run = run_of(*(turned(test) for test in tests.values() if test.name.startswith("nobody")))
    first, second = log_of(run)["results"]
    assert first["locations"] == second["locations"]
    assert first["partialFingerprints"] != second["partialFingerprints"]


def test_paths_below_the_root_are_relative_to_it_and_others_absolute(tmp_path):
    run = written(tmp_path / "a b", name="p c.json")
    (result,) = log_of(run, root=str(tmp_path))["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "a%20b/p%20c.json", "uriBaseId": "%SRCROOT%"}
    (result,) = log_of(run)["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": (tmp_path / "a b" / "p c.json").as_uri()}


def test_a_policy_written_as_a_text_in_an_export_is_told_by_file_alone(monkeypatch):
    test = turned(house(monkeypatch)[VET])
    source = replace(test.location.source, name="export.json#/UserDetailList/0")
    moved = replace(test, location=replace(test.location, source=source))
    (result,) = log_of(run_of(expecting(moved, Want.IMPLICIT_DENY)))["results"]
    assert result["relatedLocations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "export.json", "uriBaseId": "%SRCROOT%"}
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("${aws:username} {0}", "${{aws:username}} {{0}}"),
        ("see [this](http://x.test)", "see [this]\\x28http://x.test)"),
        ("name[a-b] (c)", "name[a-b] (c)"),
        ("a\nb\x1b", "a\nb\\x1b"),
    ],
)
def test_messages_say_just_what_they_hold(text, shown):
    assert message(text) == {"text": shown}


def test_mischief_stays_text():
    report = sarif_report(evil_run())
    assert report.isascii()
    run = log_of(evil_run())
    assert len(run["results"]) == 3
    assert all(URI.fullmatch(uri) for uri in uris(run))
    for result in run["results"]:
        told = result["message"]["text"]
        assert all(char.isprintable() or char == "\n" for char in told)
        assert "](" not in told
        assert not re.search(r"(?<!\{)\{\d", told)


def test_the_house_is_where_it_says(monkeypatch):
    (result, _) = log_of(mixed(monkeypatch))["results"]
    test = result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]
    assert test == {"uri": HOUSE, "uriBaseId": "%SRCROOT%"}
