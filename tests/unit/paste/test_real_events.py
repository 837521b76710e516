"""Real events: each is read as fixtures/cloudtrail/expected.jsonl says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.paste.outline import EXPECTED, outline, shipped_events

from policyeval.diagnostics import DIAGNOSTICS
from policyeval.paste.cloudtrail import read_event
from policyeval.paste.pasted import NotMapped
from policyeval.paste.records import Record

RECORDS = list(shipped_events())
WANTED = [json.loads(line) for line in EXPECTED.read_text(encoding="utf-8").splitlines()]


def name(record: Record) -> str:
    return f"{record.location.source.line} {record.event['eventName']}"


def test_every_event_has_an_expectation() -> None:
    assert len(RECORDS) == len(WANTED) > 60


@pytest.mark.parametrize(
    ("record", "wanted"),
    list(zip(RECORDS, WANTED, strict=True)),
    ids=[name(record) for record in RECORDS],
)
def test_a_real_event_is_read_as_expected(record: Record, wanted: dict[str, Any]) -> None:
    got = json.loads(json.dumps(outline(record)))
    # More requests may become known of a call; those that are known stay.
    assert set(got.pop("others", ())) >= set(wanted.get("others", ()))
    assert got == {key: value for key, value in wanted.items() if key != "others"}


@pytest.mark.parametrize("record", RECORDS, ids=name)
def test_a_real_event_maps_or_says_why(record: Record) -> None:
    found = read_event(record.event, record.location)
    if isinstance(found, NotMapped):
        assert found.reason
        assert found.by_nature or "PE1732" in {finding.code for finding in found.findings}
        return
    main = found[0]
    codes = {finding.code for finding in main.findings}
    assert ("principal" in main.missing) == ("PE1726" in codes)
    assert any("resource" in each.missing for each in found) == ("PE1727" in codes)
    for pasted in found:
        assert set(pasted.origins) >= set(pasted.context)
        if not pasted.missing:
            request = pasted.to_request()
            assert request.action.text == pasted.action
            assert request.resource.text == pasted.resource


@pytest.mark.parametrize("record", RECORDS, ids=name)
def test_findings_of_a_real_event_have_a_page_and_a_place(record: Record) -> None:
    found = read_event(record.event, record.location)
    findings = found.findings if isinstance(found, NotMapped) else found[0].findings
    for finding in findings:
        assert finding.code in DIAGNOSTICS
        assert finding.message == finding.message.strip().removesuffix(".")
        if finding.code.startswith("PE172"):
            assert finding.location is not None
            assert finding.location.resolve() is not None
