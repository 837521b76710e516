"""What an event's call asks of IAM: its actions with their resources."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from policyeval.arn import is_account_id
from policyeval.calls.call import ApiCall, IamRequest
from policyeval.calls.names import find
from policyeval.calls.requests import requests_of
from policyeval.catalogue.lookup import find_action
from policyeval.errors import InvalidRequestError
from policyeval.parsing.defect import LONGEST_REMEMBERED
from policyeval.paste.caller import Caller
from policyeval.paste.cloudtrail_names import LISTS_OF_ALL, OWN_USER
from policyeval.paste.ec2_calls import of_ec2
from policyeval.paste.fields import Fields, shown
from policyeval.paste.made import Made
from policyeval.paste.operation import known_action, without_version
from policyeval.paste.parameters import Where, api_parameters
from policyeval.paste.resources import Listed, arns_in, fits, has_no_resource
from policyeval.principal import PrincipalKind
from policyeval.value import replace

NO_POLICY = "no policy is asked about this call"


def calls_made(
    fields: Fields,
    service: str,
    event_name: str,
    partition: str,
    caller: Caller,
    listed: tuple[Listed, ...],
) -> tuple[Made, ...] | str:
    """Give the requests of an event's call, the main one first; or, in words, why none is known.

    Requests that a call makes only in some case, which the event does not show, are left out.
    """
    if len(service) + len(event_name) > LONGEST_REMEMBERED:
        return f"{shown(event_name)} is no operation of {shown(service)}"
    where = Where(partition, fields.text("awsRegion"), _account(fields, caller))
    parameters = api_parameters(fields, service, event_name, where)
    unknown = _unknown_operation(service, event_name)
    asked: tuple[IamRequest, ...] = ()
    if not unknown:
        call = ApiCall(service, event_name, parameters, partition, where.region, where.account)
        try:
            asked = requests_of(call)
        except InvalidRequestError as error:  # two parameters of one name, and the like
            unknown = error.message
        if not (asked or unknown):
            return NO_POLICY
    if not asked:
        action = known_action(service, event_name) or known_action(
            service, without_version(event_name)
        )
        if not action:
            return unknown
        asked = (IamRequest(action, ""),)
    made = [_made(request) for request in asked if request.certain] or [_made(asked[0])]
    if service == "ec2":
        made = of_ec2(made, parameters, event_name, where)
    told = tuple(arns_in(fields.raw("requestParameters"), "requestParameters"))
    located: dict[tuple[str, str], Made] = {}
    for place, request in enumerate(made):
        found = _located(fields, request, listed, told, parameters, main=place == 0)
        if not found.resource:
            found = _own_user(fields, caller, found)
        located.setdefault((found.action, found.resource), found)
    named = {
        arn
        for name, arn in parameters.items()
        if name.endswith("Arn") and name[:-3] in parameters and isinstance(arn, str)
    }
    return _complete_first(tuple(located.values()), named)


@lru_cache(maxsize=1024)
def _unknown_operation(service: str, event_name: str) -> str:
    """Say that a service has no such operation; empty where it has. Logs repeat themselves."""
    try:
        find(service, event_name)
    except InvalidRequestError as error:
        return error.message
    return ""


def _account(fields: Fields, caller: Caller) -> str:
    """Give the account in which the call was made, for the ARNs of what it names."""
    mine = caller.principal.account if caller.principal else ""
    told = fields.text("userIdentity.accountId")
    recipient = fields.text("recipientAccountId")
    return next((each for each in (recipient, mine, told) if is_account_id(each)), "")


def _made(request: IamRequest) -> Made:
    resource, lacking = request.resource, ""
    rebuilt = bool(resource) and resource != "*"
    if request.missing:
        lacking = f": it lacks {', '.join(request.missing)}"
    if not resource and _lists_all(request):
        resource, rebuilt = request.pattern, True
    origin = "" if not resource else "eventName" if resource == "*" else "requestParameters"
    return Made(
        request.action,
        resource,
        origin,
        rebuilt,
        request.context,
        request.when or request.why,
        request.certain,
        lacking,
    )


def _lists_all(request: IamRequest) -> bool:
    """Tell whether the call lists everything, and its service compares that with `TYPE:*`."""
    entry = find_action(request.action)
    return (
        entry is not None
        and entry.access_level in ("List", "Read")
        and request.action.partition(":")[0] in LISTS_OF_ALL
        and request.pattern.startswith("arn:")
        and request.pattern.endswith(":*")
        and "*" not in request.pattern[:-1]
        and len(entry.resources) == 1
    )


def _located(
    fields: Fields,
    made: Made,
    listed: tuple[Listed, ...],
    told: tuple[tuple[str, str], ...],
    parameters: Mapping[str, Any],
    *,
    main: bool,
) -> Made:
    """Give the request with its resource, from the surest place that tells it."""
    places = dict(reversed(told))
    places |= {entry.arn: f"{entry.path}.ARN" for entry in reversed(listed)}
    if made.resource in places:
        return made.with_resource(made.resource, places[made.resource], False)
    entry = next((each for each in listed if fits(made.action, each.arn)), None)
    if entry is not None and (main or not made.resource):
        _compare(fields, made, entry)
        return made.with_resource(entry.arn, f"{entry.path}.ARN", False)
    if made.resource:
        return made
    if has_no_resource(made.action):
        return made.with_resource("*", "eventName", False)
    return _fitting(fields, made, told, parameters)


def _fitting(
    fields: Fields,
    made: Made,
    told: tuple[tuple[str, str], ...],
    parameters: Mapping[str, Any],
) -> Made:
    """Give the request with an ARN from anywhere in the event that can be its resource."""
    for arn, path in (*told, *arns_in(fields.raw("responseElements"), "responseElements")):
        if fits(made.action, arn):
            return made.with_resource(arn, path, False)
    for arn, _ in arns_in(parameters, ""):
        if fits(made.action, arn):
            return made.with_resource(arn, "requestParameters", True)
    return made


def _compare(fields: Fields, made: Made, entry: Listed) -> None:
    """Say where the parameters name another bucket or object than the event lists.

    Other services list by id what their callers name otherwise: keys by alias, roles with a path.
    """
    if made.resource.startswith("arn:aws:s3:::") and entry.arn.startswith("arn:aws:s3:::"):
        fields.contradiction(
            f"requestParameters name {shown(made.resource)}",
            f"{entry.path}.ARN is {shown(entry.arn)}",
            entry.path,
            "the ARN is used",
        )


def _own_user(fields: Fields, caller: Caller, made: Made) -> Made:
    """Give the caller's own user where IAM's call names none (OWN_USER)."""
    left_out = any(made.lacking == f": it lacks {name}" for name in OWN_USER)
    if not (left_out and caller.kind is PrincipalKind.IAM_USER and fits(made.action, caller.text)):
        return made
    if fields.text("errorCode") and not fields.mapping("requestParameters"):
        return made  # parameters are left out of the events of some failures
    return made.with_resource(caller.text, caller.origin, caller.rebuilt)


def _complete_first(made: tuple[Made, ...], named: set[str]) -> tuple[Made, ...]:
    """Put that request of the main action first of which the resource is told.

    The thing itself comes before what it is made with: those ARNs are in `named`.
    """
    alike = [each for each in made if each.action == made[0].action and each.resource]
    first = next((each for each in alike if each.resource not in named), (*alike, made[0])[0])
    rest = tuple(each for each in made if each is not first)
    return (replace(first, also=""), *rest)
