"""iam:PassRole: the roles that a call hands to a service."""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.calls.call import ApiCall, IamRequest
from policyeval.calls.exceptions import service_names
from policyeval.calls.names import Found
from policyeval.calls.operations import fold
from policyeval.calls.parameters import Parameters
from policyeval.catalogue.lookup import find_action

GUIDE = "IAM User Guide: Grant a user permissions to pass a role to an AWS service"
SOURCE = "Service Authorization Reference: dependent actions"
_ROLE_ENDINGS = ("rolearn", "role", "rolearns", "rolenamearn", "roleoverride")
_READING = ("get", "list", "describe", "delete", "batchget", "search")
_NOT_HANDED_ON = ("iam", "sts", "sso", "iam-toolbox")


def passed_roles(
    found: Found, parameters: Parameters, call: ApiCall, action: str
) -> Iterator[IamRequest]:
    """Give iam:PassRole for each role in the parameters of an operation that hands one on.

    Certain where the catalogue or an exception says that the action depends on iam:PassRole. A
    role that the API insists on and that was not given is missing.
    """
    operation = found.operation
    if found.service.client in _NOT_HANDED_ON or fold(operation.name).startswith(_READING):
        return
    client = found.service.client
    passes = fold(operation.name) in service_names().passes.get(client, ())
    depends = passes or _depends_on_pass_role(action)
    principal = service_names().roles.get(client)
    context = {"iam:PassedToService": principal} if principal else {}
    why = GUIDE if passes else SOURCE if depends else ""
    roles = [
        text
        for name, text in parameters.leaves()
        if name.endswith(_ROLE_ENDINGS) and _is_role(text)
    ]
    when = "" if depends else "if the service is handed the role"
    for role in dict.fromkeys(roles):
        yield IamRequest("iam:PassRole", role, context, when, why, depends, (), role)
    if roles:
        return
    named = [name for name in operation.parameters if fold(name).endswith(_ROLE_ENDINGS)]
    pattern = f"arn:{call.partition}:iam::{call.account or '*'}:role/*"
    for name in named:
        texts = parameters.texts(name)
        if name in operation.required or (texts and depends):
            yield IamRequest("iam:PassRole", "", context, when, why, depends, (name,), pattern)
            return
    if depends and not named:
        when = "if the service is handed a role"
        yield IamRequest("iam:PassRole", "", context, when, why, False, ("the role",), pattern)


def _is_role(text: str) -> bool:
    parts = text.split(":", 5)
    return (
        len(parts) == 6 and parts[0] == "arn" and parts[2] == "iam" and parts[5].startswith("role/")
    )


def _depends_on_pass_role(action: str) -> bool:
    entry = find_action(action)
    if entry is None:
        return False
    dependent = {name.lower() for name in entry.dependent_actions}
    for resource in entry.resources:
        dependent |= {name.lower() for name in resource.dependent_actions}
    return "iam:passrole" in dependent
