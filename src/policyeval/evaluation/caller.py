"""By which names may a layer's policies call the principal?"""

from __future__ import annotations

from policyeval.context import Facts
from policyeval.evaluation.compile import CompiledLayer
from policyeval.matching.principal import (
    EVERYONE,
    Caller,
    names_of,
    unnamed_beginning,
)
from policyeval.principal import IDENTITY_CALLERS, PrincipalKind
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack
from policyeval.value import replace


def caller_of(request: Request, stack: PolicyStack) -> Caller:
    """Give the names by which policies may call the principal."""
    principal = request.principal
    unnamed = unnamed_beginning(principal)
    if principal.kind is PrincipalKind.FEDERATED_USER and request.facts is Facts.COMPLETE:
        unnamed = ""  # facts are complete: the user behind it has no part in this
    return Caller(
        names_of(principal),
        principal.account,
        unnamed,
        stack.canonical_users,
        _has_boundary(request, stack),
    )


def caller_at(layer: Layer, caller: Caller, request: Request, compiled: CompiledLayer) -> Caller:
    """Give the names that count at a layer: gateway endpoints know fewer (R-FLOW-05)."""
    if layer is not Layer.VPC_ENDPOINT_POLICY or not compiled.at_gateway:
        return caller
    # AWS: a gateway endpoint matches `*`, and an account only as its root user.
    if request.principal.kind is PrincipalKind.ROOT_USER:
        return caller
    everyone = {name: naming for name, naming in caller.names.items() if name == EVERYONE}
    return replace(caller, names=everyone, account="", unnamed="")


def _has_boundary(request: Request, stack: PolicyStack) -> bool | None:
    """Whether a permissions boundary is attached to the caller; None where nobody knows."""
    layer = Layer.PERMISSIONS_BOUNDARY
    if request.principal.kind not in IDENTITY_CALLERS:
        return False
    if layer in stack.layers:
        return bool(stack.layers[layer])
    if layer in stack.complete or request.facts is not Facts.PARTIAL:
        return False
    return None
