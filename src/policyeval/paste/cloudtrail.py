"""A CloudTrail event to the requests that it records.

`read_event` goes through an event in the order of a request: who called, what, on which resource,
with which facts around it, and how it ended. Which field tells which condition key stands in
`cloudtrail_fields.py`, as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.arn import is_account_id
from policyeval.claim import Claim
from policyeval.finding import Finding, Severity
from policyeval.parsing.arn import read_arn
from policyeval.paste.caller import Caller, read_caller
from policyeval.paste.calls_made import NotMade, calls_made
from policyeval.paste.cloudtrail_fields import NO_CALLS, SIGN_IN, TOKEN_CALLS
from policyeval.paste.fields import Fields, shown
from policyeval.paste.made import Made
from policyeval.paste.network import read_network
from policyeval.paste.operation import known_action, service_of
from policyeval.paste.outcome import Outcome, read_outcome
from policyeval.paste.pasted import NotMapped, Pasted, PasteKind
from policyeval.paste.resources import Listed, listed_resources
from policyeval.paste.session import read_facts
from policyeval.source import Location
from policyeval.value import replace

_PARTITION_OF_REGION = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
}


def read_event(
    event: Any, location: Location, remarks: tuple[Finding, ...] = ()
) -> tuple[Pasted, ...] | NotMapped:
    """Give the requests that an event records, the main one first; or why there is none.

    `remarks` are findings on the record that the event came in; they stand with its own.
    A request of which a part is missing is given all the same, with a finding that says why it is.
    Never raises for what the event holds; raises CatalogueError without an action catalogue.
    """
    if not isinstance(event, Mapping):
        reason = "it is no JSON object, so no event"
        return NotMapped(PasteKind.CLOUDTRAIL, reason, findings=remarks)
    fields = Fields(event, location, remarks)
    name = fields.text("eventID")
    service = service_of(fields.text("eventSource"))
    event_name = fields.text("eventName")
    if not (service and event_name):
        reason = "it has no eventSource and eventName, so it is no CloudTrail event"
        fields.add("PE1724", Severity.ERROR, reason, "", "")
        return NotMapped(PasteKind.CLOUDTRAIL, reason, False, name, tuple(fields.findings))
    reason = _no_call(fields, service, event_name)
    if reason:
        return NotMapped(PasteKind.CLOUDTRAIL, reason, True, name, tuple(fields.findings))
    partition = _partition(fields)
    caller = read_caller(fields, partition)
    if caller.no_request:
        return NotMapped(
            PasteKind.CLOUDTRAIL, caller.no_request, True, name, tuple(fields.findings)
        )
    outcome = read_outcome(fields)
    listed = listed_resources(fields)
    made = calls_made(fields, service, event_name, partition, caller, listed)
    if isinstance(made, NotMade):
        if not made.by_nature:
            fields.add("PE1732", Severity.WARNING, made.reason, "eventName", "")
        return NotMapped(
            PasteKind.CLOUDTRAIL, made.reason, made.by_nature, name, tuple(fields.findings)
        )
    return _requests(fields, caller, outcome, listed, made)


def _no_call(fields: Fields, service: str, event_name: str) -> str:
    """Say why a record is no call that policies decide; empty where it can be one."""
    reason = NO_CALLS.get(fields.text("eventType"))
    if reason:
        return reason
    if service == SIGN_IN and not known_action(service, event_name):
        return NO_CALLS["AwsConsoleSignIn"]
    if event_name in TOKEN_CALLS.get(service, ()):
        return "a call of the sign-in portal with its own token: no policy decides it"
    return ""


def _partition(fields: Fields) -> str:
    for path in ("userIdentity.arn", "userIdentity.sessionContext.sessionIssuer.arn"):
        parts = fields.text(path).split(":", 2)
        if parts[0] == "arn" and len(parts) == 3:
            return parts[1]
    region = fields.text("awsRegion")
    return next(
        (name for start, name in _PARTITION_OF_REGION.items() if region.startswith(start)), "aws"
    )


# ---- putting together -------------------------------------------------------------------------


def _requests(
    fields: Fields,
    caller: Caller,
    outcome: Outcome,
    listed: tuple[Listed, ...],
    made: tuple[Made, ...],
) -> tuple[Pasted, ...]:
    context, origins = _facts(fields, caller)
    made = tuple(
        _with_arn_alone(fields, each) for each in _as_message_says(fields, outcome, caller, made)
    )
    if not caller.text:
        fields.note(
            "PE1726",
            f"the event does not tell the principal: {caller.reason}",
            "userIdentity",
            "give the principal",
        )
    outcome = _of_one_request(fields, outcome, made)
    requests = []
    for place, call in enumerate(made):
        if not call.resource:
            fields.note(
                "PE1727",
                f"the event does not tell the resource of {call.action}{call.lacking}",
                "requestParameters",
                "give the resource",
            )
        owner, owner_origin = _owner(fields, caller, call, listed)
        where = {"action": "eventSource, eventName", "resource": call.origin}
        where["principal"] = caller.origin
        if owner:
            where["resource_account"] = owner_origin
        rebuilt = {"resource"} if call.rebuilt and call.resource else set()
        if caller.rebuilt:
            rebuilt.add("principal")
        own = dict.fromkeys(call.context, "requestParameters")
        requests.append(
            Pasted(
                PasteKind.CLOUDTRAIL,
                caller.text,
                call.action,
                call.resource,
                context=_merged(context, call.context),
                claim=_claim(outcome, place, call),
                resource_account=owner,
                issuer=caller.issuer,
                name=fields.text("eventID"),
                origins={key: text for key, text in ({**own, **origins, **where}).items() if text},
                rebuilt=frozenset(rebuilt),
                also=call.also if place else "",
                operation=fields.text("eventName"),
                service=service_of(fields.text("eventSource")),
            )
        )
    # Findings belong to the event, so they stand with its main request.
    return (replace(requests[0], findings=tuple(fields.findings)), *requests[1:])


def _with_arn_alone(fields: Fields, made: Made) -> Made:
    """Give the request without a resource that is no ARN: what it was put together from is odd."""
    if made.resource in ("", "*"):
        return made
    arn, defect = read_arn(made.resource)
    if arn is not None:
        return made
    assert defect is not None
    fields.odd(made.origin, f"{shown(made.resource)}, which is no ARN ({defect.message})")
    return made.with_resource("", "", False)


def _facts(fields: Fields, caller: Caller) -> tuple[dict[str, Any], dict[str, str]]:
    keys, origins = read_facts(fields, caller)
    network, network_origins = read_network(fields, caller, fields.text("awsRegion"))
    # What an enriched event lists is what IAM compared: it wins over what follows from fields.
    context = _merged(network, _merged(dict(caller.context), keys))
    return context, {**network_origins, **caller.origins, **origins}


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Put maps of condition keys together, letter case aside (R-COND-01)."""
    spelled = {key.lower(): key for key in above}
    merged = {key: value for key, value in below.items() if key.lower() not in spelled}
    merged.update((key, above[key]) for key in spelled.values())
    return merged


def _owner(
    fields: Fields, caller: Caller, call: Made, listed: tuple[Listed, ...]
) -> tuple[str, str]:
    """Give the account that owns the resource, where its ARN does not tell."""
    parts = call.resource.split(":", 5)
    if len(parts) < 6 or is_account_id(parts[4]):
        return "", ""
    bucket = parts[5].partition("/")[0]
    for entry in listed:
        same = entry.arn == call.resource or entry.arn.split(":", 5)[5].partition("/")[0] == bucket
        if same and entry.account and entry.arn.split(":", 3)[2] == parts[2]:
            return entry.account, f"{entry.path}.accountId"
    mine = caller.principal.account if caller.principal else fields.text("userIdentity.accountId")
    told = "eventContext.requestContext.aws:ResourceAccount"
    if is_account_id(fields.text(told)):
        return fields.text(told), told
    recipient = fields.text("recipientAccountId")
    if is_account_id(recipient) and mine and recipient != mine:
        return recipient, "recipientAccountId"  # the copy for the owner of the resource
    return "", ""


def _of_one_request(fields: Fields, outcome: Outcome, made: tuple[Made, ...]) -> Outcome:
    """Give the outcome without a denial of which the event does not tell what request it means."""
    claim, message = outcome.claim, outcome.message
    named = message is not None and bool(message.action)
    if claim is None or claim.allowed or named or len(made) == 1:
        return outcome
    fields.note(
        "PE1731",
        f"the call was denied, and the event does not tell which of its {len(made)} requests",
        "errorMessage" if fields.text("errorMessage") else "errorCode",
        "ask for each of them: --all explains every one",
    )
    return Outcome(None, message)


def _claim(outcome: Outcome, place: int, call: Made) -> Claim | None:
    """A denial is claimed for one request; an allowed call means that all of them were."""
    if outcome.claim is None or not (place == 0 or (outcome.claim.allowed and call.certain)):
        return None
    return outcome.claim


def _as_message_says(
    fields: Fields, outcome: Outcome, caller: Caller, made: tuple[Made, ...]
) -> tuple[Made, ...]:
    """Put the request first that a denial's message names, about its resource (R-MSG-01)."""
    message = outcome.message
    if message is None:
        return made
    if message.principal and caller.text and message.principal != caller.text:
        fields.contradiction(
            f"errorMessage names the principal {shown(message.principal)}",
            f"{caller.origin} is {shown(caller.text)}",
            "errorMessage",
            f"{caller.origin} is used",
        )
    if not message.action:
        return made
    alike = [call for call in made if call.action.lower() == message.action.lower()]
    same = next((call for call in alike if call.resource == message.resource), None)
    named = same or (alike[0] if alike else None)
    rest = tuple(call for call in made if call is not named)
    if named is None:
        fields.note(
            "PE1728",
            f"errorMessage names the action {shown(message.action)}, the event that of "
            f"{made[0].action}: the one that was denied comes first",
            "errorMessage",
        )
        service, _, name = message.action.partition(":")
        action = known_action(service.lower(), name) or message.action
        named = Made(action, also=f"named by the denial of {made[0].action}")
    if message.resource and message.resource != named.resource:
        if named.resource and not named.rebuilt and named.resource != "*":
            fields.contradiction(
                f"errorMessage names the resource {shown(message.resource)}",
                f"{named.origin} is {shown(named.resource)}",
                "errorMessage",
                "the one in the message is used: AWS compared that",
            )
        named = named.with_resource(message.resource, "errorMessage", "resource" in message.rebuilt)
    return (named, *rest)
