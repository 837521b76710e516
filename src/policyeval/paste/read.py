"""From pasted bytes to facts: what is this text, and which reader knows its form?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from policyeval.errors import PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.document import MAX_SIZE, read_document
from policyeval.paste.decoded import is_decoded, read_decoded
from policyeval.paste.details import is_details, read_details
from policyeval.paste.message import read_messages
from policyeval.paste.pasted import NotMapped, Pasted, PasteKind
from policyeval.source import Location, Source, Span

Found = Pasted | NotMapped

GZIP = b"\x1f\x8b"
FORMS = (
    "an AccessDenied message, a CloudTrail event, the JSON of `aws sts "
    "decode-authorization-message` or of GetRequestAuthorizationDetails, or a case"
)
_TRAIL_KEYS = ("eventName", "Records", "Events", "detail", "logEvents", "CloudTrailEvent")
_CONTAINER = re.compile(rb'\s*\{\s*"(?:Records|Events)"\s*:')
_TRAIL = re.compile(rb'"(?:eventName|eventSource|CloudTrailEvent)\\?"')
_WHERE_TO_LOOK = 65_536


def read_paste(data: bytes, name: str) -> tuple[Found, ...]:
    """Give the requests that a text tells of, in order; at least one.

    `name` is what findings call the text. Raises PolicyEvalError where it has no form that is
    known (PE1701), or is JSON that is broken.
    """
    if data.startswith(GZIP) or len(data) > MAX_SIZE or _looks_like_log(data):
        return _from_trail(data, name)
    if data.lstrip()[:1] not in (b"{", b"["):
        return _from_text(data, name)
    tree, source, findings = read_document(data, name)
    if tree is None:
        if _TRAIL.search(data[:_WHERE_TO_LOOK]):
            return _from_trail(data, name)  # what stands before the break is read
        # A log line with a message in it may begin with a brace and be no JSON.
        found = read_messages(data.decode("utf-8", "replace"), name)
        if found:
            return found
        raise PolicyEvalError(f"`{name}` is no JSON", findings)
    if isinstance(tree, Mapping) and (is_decoded(tree) or is_details(tree)):
        location = Location(source)
        return (read_decoded(tree, location),) if is_decoded(tree) else read_details(tree, location)
    return _from_trail(data, name) if _is_trail(tree) else _from_text(data, name)


def _is_trail(tree: Any) -> bool:
    first = tree[0] if isinstance(tree, list) and tree else tree
    return isinstance(first, Mapping) and any(key in first for key in _TRAIL_KEYS)


def _looks_like_log(data: bytes) -> bool:
    """Tell a log file without reading all of it: a container of events, or one on each line."""
    head = data[:_WHERE_TO_LOOK].lstrip()
    if _CONTAINER.match(head) and _TRAIL.search(head):
        return True
    first, newline, rest = head.partition(b"\n")
    is_object = first.rstrip()[:1] == b"{" and first.rstrip()[-1:] == b"}"
    return bool(newline) and is_object and rest.lstrip()[:1] == b"{" and bool(_TRAIL.search(first))


def _from_trail(data: bytes, name: str) -> tuple[Found, ...]:
    return tuple(read_trail(data, name))


def read_trail(data: bytes | IO[bytes], name: str) -> Iterator[Found]:
    """Give what a CloudTrail log tells, record by record; of a stream no more is read at once."""
    from policyeval.paste.cloudtrail import read_event
    from policyeval.paste.records import read_records

    for record in read_records(data, name):
        if record.event is None and record.findings:
            reason = record.findings[0].message
            yield NotMapped(PasteKind.CLOUDTRAIL, reason, findings=record.findings)
            continue
        mapped = read_event(record.event, record.location, record.findings)
        yield from mapped if isinstance(mapped, tuple) else (mapped,)


def _from_text(data: bytes, name: str) -> tuple[Found, ...]:
    text = data.decode("utf-8", "replace")
    found = read_messages(text, name)
    if not found:
        raise _unknown_form(text, name)
    return found


def _unknown_form(text: str, name: str) -> PolicyEvalError:
    message = "this text tells of no request" if text.strip() else "there is no text"
    first = text.split("\n", 1)[0][:200]
    place = Location(Source(name, first), span=Span(0, min(len(first), 1)))
    help_ = f"paste {FORMS}; or ask with three: PRINCIPAL ACTION RESOURCE"
    if len(text.split()) == 1 and ("/" in text or "." in text):
        help_ = f"there is no file {quote(text)}; {help_}"
    return PolicyEvalError(message, (Finding("PE1701", Severity.ERROR, message, place, help_),))
