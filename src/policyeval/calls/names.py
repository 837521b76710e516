"""From the names that people, SDKs and logs use to a service and its operation."""

from __future__ import annotations

from collections.abc import Iterable

from policyeval.calls.exceptions import Exceptions, of_service, service_names
from policyeval.calls.operations import Operation, ServiceModel, by_name, fold, load
from policyeval.errors import InvalidRequestError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.value import Value


class Found(Value):
    """An operation with its service, and what is exceptional there."""

    service: ServiceModel
    operation: Operation
    exceptions: Exceptions


def find(service: str, operation: str, given: Iterable[str] = ()) -> Found:
    """Give the operation of a service; both spelled as the API, boto3, the CLI or CloudTrail do.

    Where several services have it, the one that knows most of the parameters `given`. Raises
    InvalidRequestError (PE2001, PE2002) where there is none.
    """
    names = [fold(name) for name in given]
    best: Found | None = None
    most = -1
    for client in clients_of(service):
        found = _in_service(client, operation)
        if found is None:
            continue
        known = {fold(name) for name in found.operation.parameters}
        score = sum(name in known for name in names)
        if score > most:
            best, most = found, score
    if best is None:
        raise _unknown_operation(service, operation)
    return best


def clients_of(service: str) -> tuple[str, ...]:
    """Give the boto3 clients that go by a name, the likeliest first; raises for none (PE2001)."""
    name = fold(service.strip().lower().removesuffix(".cn").removesuffix(".amazonaws.com"))
    found = by_name().get(name, ())
    alias = service_names().aliases.get(name)
    if alias is not None and (not found or found[0] != alias):
        found = (alias, *(client for client in found if client != alias))
    if not found:
        hint = did_you_mean(service, [*by_name(), *service_names().aliases])
        raise _refused("PE2001", f"{quote(service)} is no AWS service", hint)
    return found


def _in_service(client: str, operation: str) -> Found | None:
    model, exceptions = load(client), of_service(client)
    name = fold(operation)
    for spelled in (name, unversioned(name)):
        known = model.operations.get(spelled)
        if known is None:
            method = next((each for each in exceptions.names if fold(each) == spelled), None)
            known = Operation(method) if method is not None else None
        if known is not None:
            return Found(model, known, exceptions)
    return None


def unversioned(name: str) -> str:
    """Give an event's name without the API version: `createfunction20150331v2`, `…2020_05_31`."""
    head, v, version = name.rpartition("v")
    if v and version.isdigit() and head[-8:].isdigit():
        name = head
    stem = name.rstrip("0123456789_")
    digits = name[len(stem) :].replace("_", "")
    return stem if len(digits) == 8 and digits[:2] in ("19", "20") else name


def _unknown_operation(service: str, operation: str) -> InvalidRequestError:
    clients = clients_of(service)
    shown = f"{quote(operation)} is no operation of {quote(service)}"
    hint = did_you_mean(operation, _operations_of(clients))
    callers = _operations_with_action(clients, operation)
    if callers:
        shown = f"{quote(operation)} is an IAM action and no operation of {quote(service)}"
        hint = f"operations that need it: {', '.join(callers)}"
    return _refused("PE2002", shown, hint)


def _operations_of(clients: tuple[str, ...]) -> list[str]:
    names: list[str] = []
    for client in clients:
        names += [known.name for known in load(client).operations.values()]
        names += of_service(client).names
    return names


def _operations_with_action(clients: tuple[str, ...], name: str) -> list[str]:
    """Give the operations that an IAM action of this name serves, where it has one of its own."""
    found: list[str] = []
    for client in clients:
        exceptions = of_service(client)
        action = fold(f"{load(client).prefix}:{name}")
        for spelled in exceptions.names:
            rows = exceptions.requests.get(fold(spelled), ())
            actions = (
                *exceptions.actions.get(fold(spelled), ()),
                *(row.action for row in rows[:1]),
            )
            if action in map(fold, actions):
                found.append(spelled)
    return found[:6]


def _refused(code: str, message: str, hint: str) -> InvalidRequestError:
    return InvalidRequestError(message, (Finding(code, Severity.ERROR, message, help=hint),))
