"""What an event's call asks of IAM: its actions with their resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.paste.fields import Fields, shown
from policyeval.paste.operation import known_action, without_version
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


def calls_made(
    fields: Fields,
    service: str,
    event_name: str,
    _partition: str,
    _account: str,
    listed: tuple[Listed, ...],
) -> tuple[Made, ...] | str:
    """Give the requests of an event's call, the main one first; or, in words, why none is known."""
    action = known_action(service, event_name) or known_action(service, without_version(event_name))
    if not action:
        return f"{shown(service)} has no operation {shown(event_name)} that is known here"
    return (_located(fields, Made(action), listed),)


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
