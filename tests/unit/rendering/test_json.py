import json

from tests.golden.worlds import WORLDS, identity_near_miss, scp_denies, two_facts_decide

from policyeval.finding import Finding, Severity
from policyeval.rendering.json import explanation_to_json, finding_to_json
from policyeval.source import Location, Source
from policyeval.stack import Layer

KEYS = {
    "schema", "catalogue", "decision", "reason", "text", "decided_by", "blocking", "rule",
    "request", "layers", "causes", "granting", "fixes", "alternatives",
    "alternatives_are_examples", "missing", "assumed",
    "not_evaluated", "taken_absent", "findings",
}  # fmt: skip


def test_the_keys_are_always_the_same():
    for make in WORLDS.values():
        shown = explanation_to_json(make())
        assert set(shown) == KEYS
        assert shown["schema"] == "policyeval/explanation/1"
        assert json.loads(json.dumps(shown)) == shown
        assert [layer["layer"] for layer in shown["layers"]] == [layer.value for layer in Layer]


def test_a_denial_tells_statement_place_and_parts():
    shown = explanation_to_json(scp_denies())
    assert (shown["decision"], shown["decided_by"]) == ("explicit_deny", "scp")
    statement = shown["causes"][0]["statements"][0]
    assert statement["sid"] == "DenyOutsideEU"
    assert (statement["file"], statement["line"], statement["level"]) == (
        "policies/scp/region-lock.json", 4, 1,
    )  # fmt: skip
    region = statement["parts"][-1]
    assert (region["key"], region["got"], region["line"]) == (
        "aws:RequestedRegion", ["eu-north-1"], 11,
    )  # fmt: skip
    assert shown["request"]["context"]["aws:RequestedRegion"]["origin"] == "derived"


def test_fixes_tell_their_changes_and_costs():
    first, second, *_ = explanation_to_json(identity_near_miss())["fixes"]
    assert first["changes"][0]["kind"] == "context"
    assert first["opens"][0]["kind"] == "nothing"
    assert second["changes"][0]["kind"] == "new_statement"
    assert second["opens"][0]["kind"] == "statement"


def test_an_unknown_answer_tells_the_facts():
    shown = explanation_to_json(two_facts_decide())
    assert shown["missing"] == ["aws:SourceVpce", "aws:SecureTransport"]
    assert {item["decision"] for item in shown["alternatives"]} == {"allowed", "explicit_deny"}


def test_findings_have_line_and_column_where_there_is_text():
    place = Location(Source("a.json", '{"a": 1}'), "/a")
    found = Finding("PE0001", Severity.NOTE, "look", place, "do it", "here")
    assert finding_to_json(found) == {
        "code": "PE0001", "severity": "note", "message": "look", "file": "a.json",
        "pointer": "/a", "line": 1, "column": 7, "label": "here", "help": "do it",
    }  # fmt: skip
    without_text = Finding("PE0001", Severity.NOTE, "look", Location(Source("x"), "/a"))
    assert "line" not in finding_to_json(without_text)
    assert "file" not in finding_to_json(Finding("PE0001", Severity.NOTE, "look"))
