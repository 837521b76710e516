"""What a message does not say and the tables know: the action of an SDK call, a resource of `*`."""

from __future__ import annotations

from policyeval.catalogue.lookup import has_no_resource
from policyeval.errors import PolicyEvalError
from policyeval.paste.pasted import Pasted
from policyeval.value import replace

S3 = "s3"
"""Whose denials name neither action nor service: "Access Denied", and the operation alone."""


def completed(pasted: Pasted) -> Pasted:
    """Give the facts with what follows from them; what is put together is marked as rebuilt."""
    if not pasted.action and pasted.operation:
        action = _action(pasted.service or S3, pasted.operation)
        if action:
            pasted = replace(
                pasted,
                action=action,
                rebuilt=pasted.rebuilt | {"action"},
                origins={**pasted.origins, "action": f"the operation {pasted.operation}"},
            )
    if pasted.action and not pasted.resource and _has_no_resource(pasted.action):
        return replace(
            pasted, resource="*", origins={**pasted.origins, "resource": "the action has none"}
        )
    return pasted


def _action(service: str, operation: str) -> str:
    """Give the IAM action of an operation; empty where there is no such operation."""
    from policyeval.calls.call import ApiCall
    from policyeval.calls.requests import requests_of

    try:
        made = requests_of(ApiCall(service, operation))
    except PolicyEvalError:
        return ""
    return made[0].action if made else ""


def _has_no_resource(action: str) -> bool:
    try:
        return has_no_resource(action)
    except PolicyEvalError:  # no catalogue: then nobody knows
        return False
