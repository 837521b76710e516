"""What an event is read as, in short: for the comparison with fixtures/cloudtrail/expected.jsonl.

`python -m tests.unit.paste.outline` writes that file anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policyeval.claim import Claim
from policyeval.paste.cloudtrail import read_event
from policyeval.paste.pasted import NotMapped, Pasted
from policyeval.paste.records import Record, read_records

FOLDER = Path("fixtures/cloudtrail")
EVENTS, EXPECTED = FOLDER / "events.jsonl", FOLDER / "expected.jsonl"


def shipped_events() -> Iterator[Record]:
    """Give the events of the fixture."""
    with EVENTS.open("rb") as file:
        yield from read_records(file, EVENTS.name)


def outline(record: Record) -> dict[str, Any]:
    """Give the main request of an event and the others, or why there is none; and the findings.

    What follows from the parameters of a call is left out: that is `policyeval.calls`' to say.
    """
    found = read_event(record.event, record.location)
    event = f"{record.event['eventSource']} {record.event['eventName']}"
    findings = found.findings if isinstance(found, NotMapped) else found[0].findings
    whole: dict[str, Any] = {"event": event}
    if isinstance(found, NotMapped):
        whole |= {"none": found.reason, "by_nature": found.by_nature}
    else:
        whole["main"] = _request(found[0])
        whole["others"] = sorted(f"{other.action} {other.resource}" for other in found[1:])
    whole["findings"] = sorted({finding.code for finding in findings} - {"PE1727"})
    return {key: value for key, value in whole.items() if value not in ([], "")}


def _request(pasted: Pasted) -> dict[str, Any]:
    told: dict[str, Any] = {
        "principal": pasted.principal,
        "issuer": pasted.issuer,
        "action": pasted.action,
        "resource": pasted.resource,
        "resource_account": pasted.resource_account,
        "claim": _claim(pasted.claim),
        "rebuilt": sorted(pasted.rebuilt),
        "context": {
            key: value
            for key, value in sorted(pasted.context.items())
            if pasted.origins.get(key) != "requestParameters"
        },
    }
    return {key: value for key, value in told.items() if value}


def _claim(claim: Claim | None) -> str:
    if claim is None:
        return ""
    if claim.allowed:
        return "allowed"
    kind = {None: "denied", True: "explicit deny", False: "implicit deny"}[claim.explicit]
    return f"{kind} by {claim.layer.value}" if claim.layer else kind


def main() -> None:
    """Write the expectation anew."""
    lines = (json.dumps(outline(record), ensure_ascii=False) for record in shipped_events())
    EXPECTED.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
