"""From pasted bytes to facts: what is this text, and which reader knows its form?"""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.errors import PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.parsing.document import read_document
from policyeval.paste.decoded import is_decoded, read_decoded
from policyeval.paste.details import is_details, read_details
from policyeval.paste.message import read_messages
from policyeval.paste.pasted import NotMapped, Pasted
from policyeval.source import Location, Source, Span

Found = Pasted | NotMapped

FORMS = (
    "an AccessDenied message, a CloudTrail event, the JSON of `aws sts "
    "decode-authorization-message` or of GetRequestAuthorizationDetails, or a case"
)


def read_paste(data: bytes, name: str) -> tuple[Found, ...]:
    """Give the requests that a text tells of, in order; at least one.

    `name` is what findings call the text. Raises PolicyEvalError where it has no form that is
    known (PE1701), or is JSON that is broken.
    """
    if data.lstrip()[:1] not in (b"{", b"["):
        return _from_text(data, name)
    tree, source, findings = read_document(data, name)
    if tree is None:
        # A log line with a message in it may begin with a brace and be no JSON.
        found = read_messages(data.decode("utf-8", "replace"), name)
        if found:
            return found
        raise PolicyEvalError(f"`{name}` is no JSON", findings)
    if isinstance(tree, Mapping) and (is_decoded(tree) or is_details(tree)):
        location = Location(source)
        return (read_decoded(tree, location),) if is_decoded(tree) else read_details(tree, location)
    return _from_text(data, name)


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
    return PolicyEvalError(message, (Finding("PE1701", Severity.ERROR, message, place, help_),))
