"""How the call ended: `errorCode` and `errorMessage` to a claim (R-MSG)."""

from __future__ import annotations

from policyeval.claim import Claim
from policyeval.paste.cloudtrail_fields import DENIED, NOT_BY_POLICY, PERMITTED
from policyeval.paste.fields import Fields, shown
from policyeval.paste.pasted import Pasted
from policyeval.stack import Layer
from policyeval.value import Value


class Outcome(Value):
    """What an event says was decided.

    `claim` is None where the event does not tell what policies decided; `message` holds the facts
    of a denial's message, None where there is none that can be read.
    """

    claim: Claim | None = None
    message: Pasted | None = None


def read_outcome(fields: Fields) -> Outcome:
    """Give the outcome of an event's call."""
    code = fields.text("errorCode")
    if code in DENIED:
        return _denied(fields, code)
    if code in PERMITTED:
        return Outcome(Claim(allowed=True))
    if code or fields.text("errorMessage"):
        fields.note(
            "PE1731",
            f"the call failed with {shown(code or fields.text('errorMessage'))}, which does not "
            "tell whether policies would have allowed it",
            "errorCode" if code else "errorMessage",
            "some services check the request before they ask IAM, some after",
        )
        return Outcome()
    if fields.text("eventType") == "AwsVpceEvent":
        fields.note(
            "PE1731",
            "a network activity event tells that the VPC endpoint let the call through, not how "
            "it ended",
            "eventType",
        )
        return Outcome()
    return Outcome(Claim(allowed=True))


def _denied(fields: Fields, code: str) -> Outcome:
    text = fields.text("errorMessage")
    for part, why in NOT_BY_POLICY:
        if part in text:
            fields.note("PE1734", f"no policy refused it: {why}", "errorMessage")
            return Outcome()
    if code == "VpceAccessDenied":
        return Outcome(Claim(layer=Layer.VPC_ENDPOINT_POLICY))
    message = _read_message(fields, text) if text else None
    if message is None or message.claim is None:
        return Outcome(Claim(), message)
    return Outcome(message.claim, message)


def _read_message(fields: Fields, text: str) -> Pasted | None:
    """Give the facts of a denial's message; its findings become the event's."""
    from policyeval.paste.message import read_message  # with its grammar, and seldom needed

    message = read_message(text, "errorMessage")
    if message is not None:
        fields.findings.extend(message.findings)
    return message
