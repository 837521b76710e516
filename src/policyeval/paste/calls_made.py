"""What an event's call asks of IAM: its actions with their resources."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from policyeval.arn import is_account_id
from policyeval.calls.call import ApiCall, IamRequest
from policyeval.calls.names import find
from policyeval.calls.requests import no_policy_reason, requests_of
from policyeval.catalogue.lookup import find_action, has_no_resource
from policyeval.errors import InvalidRequestError
from policyeval.parsing.defect import LONGEST_REMEMBERED
from policyeval.paste.caller import Caller
from policyeval.paste.cloudtrail_names import LISTS_OF_ALL, NAMED_THINGS, WHOLE_THINGS
from policyeval.paste.ec2_calls import of_ec2
from policyeval.paste.fields import Fields, shown
from policyeval.paste.made import Made
from policyeval.paste.operation import known_action, without_version
from policyeval.paste.parameters import Where, api_parameters
from policyeval.paste.resources import Listed, arns_in, fits
from policyeval.principal import PrincipalKind
from policyeval.value import Value, replace


class NotMade(Value):
    """Why a call makes no request that is known. `by_nature`: no policy is asked about it."""

    reason: str
    by_nature: bool = False


def calls_made(
    fields: Fields,
    service: str,
    event_name: str,
    partition: str,
    caller: Caller,
    listed: tuple[Listed, ...],
) -> tuple[Made, ...] | NotMade:
    """Give the requests of an event's call, the main one first; or why none is known.

    Requests that a call makes only in some case, which the event does not show, are left out.
    """
    where = Where(partition, fields.text("awsRegion"), _account(fields, caller))
    parameters = api_parameters(fields, service, event_name, where)
    call = ApiCall(service, event_name, parameters, partition, where.region, where.account)
    asked = _asked(call)
    if isinstance(asked, NotMade):
        return asked
    made = [_made(request) for request in asked if request.certain] or [_made(asked[0])]
    if service == "ec2":
        made = of_ec2(made, parameters, event_name, where)
    elif len(made) == 1 and not made[0].resource:
        made = _each_listed(made[0], listed)
    made = _by_name(made, service, parameters)
    told = _Told(fields, listed, parameters)
    located: dict[tuple[str, str], Made] = {}
    for place, request in enumerate(made):
        found = told.located(request, main=place == 0)
        if not found.resource:
            found = _own_user(fields, caller, found)
        located.setdefault((found.action, found.resource), found)
    return _complete_first(tuple(located.values()))


def _asked(call: ApiCall) -> tuple[IamRequest, ...] | NotMade:
    """Give the requests of a call; of one that the data has not, the action of its name."""
    if len(call.service) + len(call.operation) > LONGEST_REMEMBERED:
        return NotMade(f"{shown(call.operation)} is no operation of {shown(call.service)}")
    known = _known(call.service, call.operation)
    if not known.reason:
        try:
            return requests_of(call)
        except InvalidRequestError as error:  # two parameters of one name, and the like
            known = NotMade(error.message)
    action = "" if known.by_nature else known_action(call.service, call.operation)
    if not (action or known.by_nature):
        action = known_action(call.service, without_version(call.operation))
    return (IamRequest(action, ""),) if action else known


@lru_cache(maxsize=1024)
def _known(service: str, event_name: str) -> NotMade:
    """Say why a call makes no request; with no reason where it makes some. Logs repeat calls."""
    try:
        reason = no_policy_reason(find(service, event_name))
    except InvalidRequestError as error:
        return NotMade(error.message)
    return NotMade(f"no policy is asked about this call: {reason}", True) if reason else NotMade("")


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


class _Told:
    """The ARNs that an event tells, and where; asked for each request of its call."""

    def __init__(
        self, fields: Fields, listed: tuple[Listed, ...], parameters: Mapping[str, Any]
    ) -> None:
        """Look through the event once."""
        self.fields = fields
        self.listed = {each.arn: each for each in reversed(listed)}
        self.given = dict(arns_in(fields.raw("requestParameters"), "requestParameters"))
        self.parameters = parameters
        self._fitting: dict[str, list[Listed]] = {}

    def located(self, made: Made, *, main: bool) -> Made:
        """Give the request with its resource, from the surest place that tells it."""
        if made.resource in self.listed:
            return made.with_resource(*_listed_at(self.listed[made.resource]), False)
        if made.resource in self.given:
            return made.with_resource(made.resource, self.given[made.resource], False)
        fitting = self._listed_for(made.action)
        if len(fitting) == 1 and (main or not made.resource):
            _compare(self.fields, made, fitting[0])
            return made.with_resource(*_listed_at(fitting[0]), False)
        if made.resource:
            return made
        if has_no_resource(made.action):
            return made.with_resource("*", "eventName", False)
        return self._anywhere(made)

    def _listed_for(self, action: str) -> list[Listed]:
        if action not in self._fitting:
            entries = self.listed.values()
            self._fitting[action] = [each for each in entries if fits(action, each.arn)]
        return self._fitting[action]

    def _anywhere(self, made: Made) -> Made:
        """Give the request with an ARN from anywhere in the event that can be its resource."""
        answer = arns_in(self.fields.raw("responseElements"), "responseElements")
        for arn, path in (*self.given.items(), *answer):
            if fits(made.action, arn):
                return made.with_resource(arn, path, False)
        for arn, _ in arns_in(self.parameters, ""):
            if fits(made.action, arn):
                return made.with_resource(arn, "requestParameters", True)
        return made


def _listed_at(entry: Listed) -> tuple[str, str]:
    return entry.arn, f"{entry.path}.ARN"


def _each_listed(made: Made, listed: tuple[Listed, ...]) -> list[Made]:
    """Give a request for each listed resource, where a call of many names was not told apart."""
    fitting = [each for each in listed if fits(made.action, each.arn)]
    return [made.with_resource(*_listed_at(each), False) for each in fitting] or [made]


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
    """Give the caller's own user where a call of IAM names none.

    If the user's name is left out, IAM goes by the access key. [IAM API Reference, GetUser and
    others]
    """
    if caller.kind is not PrincipalKind.IAM_USER or not fits(made.action, caller.text):
        return made
    if not made.action.startswith("iam:") or fields.raw("requestParameters.userName") is not None:
        return made
    if fields.text("errorCode") and not fields.mapping("requestParameters"):
        return made  # parameters are left out of the events of some failures
    return made.with_resource(caller.text, caller.origin, caller.rebuilt)


def _by_name(made: list[Made], service: str, parameters: Mapping[str, Any]) -> list[Made]:
    """Leave to the main action only the thing that its call names, or put it first.

    WHOLE_THINGS are named by one parameter, so that nothing else can be meant; elsewhere what is
    named by NAMED_THINGS may be what the thing is made with, and comes later.
    """
    action = made[0].action
    named = {str(parameters.get(f"{name}Arn")) for name in NAMED_THINGS.get(service, ())}
    meant = [each for each in made if each.action == action and each.resource in named]
    others = [each for each in made if each.action != action or each.resource not in named]
    if service in WHOLE_THINGS and meant:
        return [*meant, *(each for each in others if each.action != action)]
    return [*others, *meant] if others and others[0].action == action else made


def _complete_first(made: tuple[Made, ...]) -> tuple[Made, ...]:
    """Put that request of the main action first of which the resource is told."""
    first = next(
        (each for each in made if each.action == made[0].action and each.resource), made[0]
    )
    rest = tuple(each for each in made if each is not first)
    return (replace(first, also=""), *rest)
