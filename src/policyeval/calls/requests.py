"""From a call to the IAM requests that it makes; the main one first (R-FLOW-18)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.calls.call import ApiCall, IamRequest
from policyeval.calls.derived import facts_of
from policyeval.calls.exceptions import Row, service_names
from policyeval.calls.keys import keys_of
from policyeval.calls.names import Found, find
from policyeval.calls.operations import fold
from policyeval.calls.parameters import Parameters
from policyeval.calls.resources import (
    EVERYTHING,
    Places,
    Target,
    of_action,
    of_template,
)
from policyeval.calls.roles import passed_roles
from policyeval.calls.templates import fill, literal_length, matches
from policyeval.catalogue.lookup import find_action, resources_of, service
from policyeval.catalogue.model import ActionEntry, ResourceType
from policyeval.value import replace

NOT_LISTED = "if IAM calls the action like the operation: the action catalogue does not have it"

DIRECTORY_BUCKET = Row(
    "s3express:CreateSession",
    "arn:${Partition}:s3express:${Region}:${Account}:bucket/${DirectoryBucket}",
    why="objects in a directory bucket are reached through a session "
    "(Amazon S3 User Guide: Authorizing Regional and Zonal endpoint API operations)",
)
UNCLEAR = "if the parameters mean this"


def requests_of(call: ApiCall) -> tuple[IamRequest, ...]:
    """Give the IAM requests of a call, the main one first.

    None for a call that no policy is asked about. Raises InvalidRequestError with a finding for an
    unknown service (PE2001) or operation (PE2002), and CatalogueError without a catalogue.
    """
    found = find(call.service, call.operation, call.parameters)
    return requests_of_operation(found, call)


def requests_of_operation(found: Found, call: ApiCall) -> tuple[IamRequest, ...]:
    """Give the IAM requests of a call whose operation is known."""
    if no_policy_reason(found):
        return ()
    parameters = Parameters(call.parameters)
    facts = facts_of(found.service.client, parameters)
    facts["OperationName"] = found.operation.name
    told = {name: facts.get(name, "") or getattr(call, name) for name in ("region", "account")}
    asker = _Asker(found, replace(call, **told), parameters.with_facts(facts))
    return tuple(asker.all())


def no_policy_reason(found: Found) -> str:
    """Tell why no policy is asked about an operation; empty where policies are."""
    reason = service_names().none.get(found.service.client, "")
    return reason or found.exceptions.free.get(fold(found.operation.name), "")


class _Asker:
    """One call on its way to requests."""

    def __init__(self, found: Found, call: ApiCall, parameters: Parameters) -> None:
        self.found = found
        self.call = call
        self.parameters = parameters
        self.places = Places(call, found.operation, parameters, found.exceptions.variables)

    def all(self) -> Iterator[IamRequest]:
        """Give the requests of the rows, then the roles that the call hands on."""
        name = fold(self.found.operation.name)
        exceptions = self.found.exceptions
        rows = exceptions.requests.get(name)
        if rows is None:
            actions = exceptions.actions.get(name) or self._named_action()
            rows = tuple(Row(action) for action in actions)
        if "DirectoryBucket" in self.parameters and _is_of_objects(rows):
            rows = (DIRECTORY_BUCKET,)
        made: list[IamRequest] = []
        for row in (*rows, *exceptions.also.get(name, ()), *exceptions.also.get("*", ())):
            made += self._of_row(row)
        if not made:  # no condition holds for parameters like these: any row may be meant
            bare = (replace(row, needs=(), each="", when=row.when or UNCLEAR) for row in rows)
            made = [request for row in bare for request in self._of_one(row, self.places)]
        made = [each for request in made for each in _through_access_point(request)]
        told = {request.action for request in made}
        if made and "iam:PassRole" not in told:
            made += passed_roles(self.found, self.parameters, self.call, made[0].action)
        yield from _once(made)

    def _named_action(self) -> tuple[str, ...]:
        """The action called like the operation; with its method for the API Gateways."""
        operation = self.found.operation
        if operation.method:
            return (f"{self.found.service.prefix}:{operation.method}",)
        prefix = self.found.service.prefix or self.found.service.client
        return (f"{prefix}:{operation.name}",)

    def _of_row(self, row: Row) -> Iterator[IamRequest]:
        if not row.each:
            yield from self._of_one(row, self.places)
            return
        elements = self.parameters.all(row.each)
        if not elements:
            yield from self._of_one(row, self.places)
        for element in elements:
            inner = replace(self.places, parameters=self.parameters.within(element))
            yield from self._of_one(replace(row, when="") if row.needs else row, inner)

    def _of_one(self, row: Row, places: Places) -> Iterator[IamRequest]:
        parameters = places.parameters
        if any(_holds(condition, parameters) for condition in row.lacks):
            return
        asked = all(_holds(condition, parameters) for condition in row.needs)
        if not asked and not row.when:
            return
        certain = row.whatever or (asked and bool(row.needs)) or not row.when
        when = row.when if not certain or row.whatever else ""
        entry = find_action(row.action)
        if entry is None:
            yield IamRequest(row.action, "", {}, NOT_LISTED, row.why, False, (), "*")
            return
        types = {kind.name: kind for kind in resources_of(row.action)}
        for target in self._targets(row, entry, places):
            used = _types_of(target, types)
            context: dict[str, Any] = {}
            if entry.name.partition(":")[0] == self.found.service.prefix:
                known = service(self.found.service.prefix)
                assert known is not None
                context = keys_of(
                    entry,
                    used,
                    known.condition_keys,
                    self.found.service,
                    parameters,
                    self.found.exceptions.keys,
                )
            context |= self._context(row, places)
            yield IamRequest(
                entry.name,
                target.resource,
                context,
                when,
                row.why,
                certain,
                target.missing,
                target.pattern,
            )

    def _targets(self, row: Row, entry: ActionEntry, places: Places) -> tuple[Target, ...]:
        if row.resource == "*":
            return (EVERYTHING,)
        if row.resource.startswith("arn:"):
            return of_template(row.resource, places)
        if self.found.operation.method and not row.resource:
            return (self._path_target(places),)
        if not (entry.resources_known or entry.resources):
            return (Target("", "*", ("its resource",)),)
        types = {kind.name: kind for kind in resources_of(entry.name)}
        return of_action(entry, types, places, row.resource.split())

    def _path_target(self, places: Places) -> Target:
        """The resource of an API Gateway call: the path of its HTTP request."""
        operation = self.found.operation
        path = operation.path.removeprefix("/v2")  # AWS: the version is no part of the ARN
        for place in operation.places:
            path = path.replace("{" + place, "${" + place).replace(place + "+}", place + "}")
        named = operation.places
        template = "arn:${Partition}:apigateway:${Region}::" + fill(
            path, lambda name: "${" + named.get(name, name) + "}"
        )
        return of_template(template, places)[0]

    def _context(self, row: Row, places: Places) -> dict[str, Any]:
        """The condition keys of a row; one whose parts are not all known is left out."""
        found: dict[str, Any] = {}
        for key, template in row.context.items():
            unknown: list[str] = []

            def value_of(name: str, unknown: list[str] = unknown) -> str:
                fixed = {
                    "Region": self.call.region,
                    "Account": self.call.account,
                    "Partition": self.call.partition,
                }
                value = fixed[name] if name in fixed else places.parameters.text(name)
                if not value:
                    unknown.append(name)
                return value

            value = fill(template, value_of)
            if not unknown:
                found[key] = value
        return found


def _types_of(target: Target, types: Mapping[str, ResourceType]) -> dict[str, ResourceType]:
    """The resource type of a target: the most specific one whose ARNs look like it."""
    name = target.type
    if not name:
        fitting = [kind for kind in types.values() if matches(kind.arn, target.pattern)]
        name = max(fitting, key=lambda kind: literal_length(kind.arn)).name if fitting else ""
    return {name: types[name]} if name in types else {}


def _is_of_objects(rows: tuple[Row, ...]) -> bool:
    """Tell whether an S3 operation works on objects: those of a directory bucket need a session."""
    types = {kind.name for kind in resources_of(rows[0].action)}
    return "object" in types or rows[0].action == "s3:ListBucket"


def _holds(condition: str, parameters: Parameters) -> bool:
    """Tell whether a condition of a row holds: `Name`, or `Name=value|value`."""
    path, equals, wanted = condition.partition("=")
    if not equals:
        return path in parameters
    values = {text.lower() for text in parameters.texts(path)}
    return not values.isdisjoint(wanted.lower().split("|"))


def _through_access_point(request: IamRequest) -> Iterator[IamRequest]:
    """What goes through an S3 access point is asked of the bucket behind it too (R-FLOW-18)."""
    parts = request.resource.split(":", 5)
    if len(parts) < 6 or parts[2] != "s3" or not parts[5].startswith("accesspoint/"):
        yield request
        return
    name = parts[5].split("/")[1]
    context = {
        **request.context,
        "s3:DataAccessPointAccount": parts[4],
        "s3:DataAccessPointArn": ":".join((*parts[:5], f"accesspoint/{name}")),
    }
    key = parts[5].partition("/object/")[2]
    yield replace(request, context=context, why="the access point")
    yield replace(
        request,
        resource="",
        context=context,
        why="the bucket behind the access point has to permit it too (R-FLOW-18)",
        missing=("the bucket behind the access point",),
        pattern=f"arn:{parts[1]}:s3:::*" + (f"/{key}" if key else ""),
    )


def _once(requests: list[IamRequest]) -> Iterator[IamRequest]:
    """Leave out a request that another one repeats."""
    seen: set[str] = set()
    for request in requests:
        text = repr(request)
        if text not in seen:
            seen.add(text)
            yield request
