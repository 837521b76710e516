"""By which names may a layer's policies call the principal?"""

from __future__ import annotations

from policyeval.context import Facts
from policyeval.evaluation.compile import CompiledLayer
from policyeval.matching.principal import Caller, names_of, session_prefix
from policyeval.principal import PrincipalKind
from policyeval.request import Request
from policyeval.stack import EndpointType, Layer, PolicyStack


def caller_at(
    layer: Layer, request: Request, stack: PolicyStack, compiled: CompiledLayer
) -> Caller:
    """Give the names by which a layer's policies may call the principal."""
    principal = request.principal
    names = names_of(principal)
    if layer is Layer.VPC_ENDPOINT_POLICY and any(
        attached.endpoint_type is EndpointType.GATEWAY for attached in compiled.attached
    ):
        # AWS: gateway endpoints know `*`, and an account only as its root user (R-FLOW-05).
        root = principal.kind is PrincipalKind.ROOT_USER
        names = {
            name: naming
            for name, naming in names.items()
            if name == "*" or (root and not name.endswith("/"))
        }
    return Caller(
        names,
        principal.account,
        session_prefix(principal),
        stack.canonical_users,
        _has_boundary(request, stack),
    )


def _has_boundary(request: Request, stack: PolicyStack) -> bool | None:
    """Whether a permissions boundary is attached to the caller; None where nobody knows."""
    layer = Layer.PERMISSIONS_BOUNDARY
    if layer in stack.layers:
        return bool(stack.layers[layer])
    if layer in stack.complete or request.facts is not Facts.PARTIAL:
        return False
    return None if request.principal.account else False
