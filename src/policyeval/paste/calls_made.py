"""What an event's call asks of IAM: its actions with their resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.calls.call import ApiCall, IamRequest
from policyeval.calls.requests import requests_of
from policyeval.errors import InvalidRequestError
from policyeval.paste.fields import Fields
from policyeval.paste.operation import known_action, without_version
from policyeval.paste.parameters import api_parameters
from policyeval.paste.resources import Listed, arns_in, fits, has_no_resource
from policyeval.value import Value, replace


class Made(Value):
    """One request of a call. `resource` is empty where the event does not tell it.

    `origin` is the field that told the resource, `lacking` what would complete it, in words.
    `also` says why it is one of several; `certain`: it is made whatever else is the case.
    """

    action: str
    resource: str = ""
    origin: str = ""
    rebuilt: bool = False
    context: Mapping[str, Any] = {}
    also: str = ""
    certain: bool = True
    lacking: str = ""

    def with_resource(self, resource: str, origin: str, rebuilt: bool) -> Made:
        """Give the same request about another resource."""
        return replace(self, resource=resource, origin=origin, rebuilt=rebuilt, lacking="")


NO_POLICY = "no policy is asked about this call"


def calls_made(
    fields: Fields,
    service: str,
    event_name: str,
    partition: str,
    account: str,
    listed: tuple[Listed, ...],
) -> tuple[Made, ...] | str:
    """Give the requests of an event's call, the main one first; or, in words, why none is known.

    Requests that a call makes only in some case, which the event does not show, are left out.
    """
    region = fields.text("awsRegion")
    parameters = api_parameters(fields, service, event_name)
    call = ApiCall(service, event_name, parameters, partition, region, account)
    try:
        asked = requests_of(call)
    except InvalidRequestError as error:
        action = known_action(service, event_name) or known_action(
            service, without_version(event_name)
        )
        if not action:
            return error.message
        asked = (IamRequest(action, ""),)
    if not asked:
        return NO_POLICY
    made = [_made(request) for request in asked if request.certain]
    return tuple(_located(fields, request, listed) for request in made or [_made(asked[0])])


def _made(request: IamRequest) -> Made:
    lacking = f": it lacks {', '.join(request.missing)}" if request.missing else ""
    return Made(
        request.action,
        request.resource,
        "requestParameters" if request.resource else "",
        bool(request.resource) and request.resource != "*",
        request.context,
        request.when or request.why,
        request.certain,
        lacking,
    )


def _located(fields: Fields, made: Made, listed: tuple[Listed, ...]) -> Made:
    """Give the request with its resource, from the surest place that tells it."""
    for entry in listed:
        if fits(made.action, entry.arn):
            return made.with_resource(entry.arn, f"{entry.path}.ARN", False)
    if made.resource:
        return made
    if has_no_resource(made.action):
        return made.with_resource("*", "eventName", False)
    for path in ("requestParameters", "responseElements"):
        for arn, place in arns_in(fields.raw(path), path):
            if fits(made.action, arn):
                return made.with_resource(arn, place, False)
    return made
