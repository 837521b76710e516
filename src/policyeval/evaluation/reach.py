"""Does a layer reach the request at all, and what if nothing was given of it?"""

from __future__ import annotations

from policyeval.context import ABSENT, PRESENT, UNKNOWN, Facts
from policyeval.decision import (
    CAN_ALLOW,
    CAN_BE_SILENT,
    CAN_DENY,
    LayerDecision,
    LayerVerdict,
)
from policyeval.evaluation.layers import ANY_NAMING
from policyeval.evaluation.service_rules import RCP_SERVICES, ResourcePart, ServiceRule
from policyeval.principal import IDENTITY_CALLERS, PrincipalKind
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack

ANYTHING = CAN_ALLOW | CAN_BE_SILENT | CAN_DENY


def reach(  # noqa: PLR0911 - a list of layers, one answer each
    layer: Layer, request: Request, stack: PolicyStack, rule: ServiceRule
) -> str:
    """Say in one stable word why a layer takes no part; empty where it does."""
    kind = request.principal.kind
    if layer is Layer.IDENTITY_POLICY or layer is Layer.PERMISSIONS_BOUNDARY:
        return "" if kind in IDENTITY_CALLERS else "no_identity_side"
    if layer is Layer.SERVICE_CONTROL_POLICY:
        return _reach_of_scps(request, stack)
    if layer is Layer.RESOURCE_CONTROL_POLICY:
        return _reach_of_rcps(request, stack)
    if layer is Layer.VPC_ENDPOINT_POLICY:
        return _reach_of_endpoint(request)
    if layer is Layer.RESOURCE_POLICY:
        if rule.root_unbound and kind is PrincipalKind.ROOT_USER and request.same_account:
            return "owner_root"  # R-FLOW-12: the owner's way back in
        return "no_resource_policy" if rule.part is ResourcePart.NONE else ""
    if kind in IDENTITY_CALLERS:
        return ""
    # Session policies: a root session from AssumeRoot has its task policy (R-FLOW-12).
    assumed_root = request.context["aws:AssumedRoot"] in (("true",), UNKNOWN, PRESENT)
    return "" if kind is PrincipalKind.ROOT_USER and assumed_root else "no_identity_side"


def _reach_of_scps(request: Request, stack: PolicyStack) -> str:
    """R-FLOW-03."""
    principal, organization = request.principal, stack.organization
    if principal.kind not in (*IDENTITY_CALLERS, PrincipalKind.ROOT_USER):
        return "not_an_account_principal"
    if principal.is_service_linked:
        return "service_linked_role"
    if organization is not None:
        if principal.account == organization.management_account:
            return "management_account"
        if organization.accounts and principal.account not in organization.accounts:
            return "outside_organization"
    return ""


def _reach_of_rcps(request: Request, stack: PolicyStack) -> str:
    """R-FLOW-04."""
    organization, action = stack.organization, request.action
    if request.principal.is_service_linked:
        return "service_linked_role"
    if action.service not in RCP_SERVICES or action.folded in ("kms:retiregrant", "sts:assumeroot"):
        return "unsupported_service"
    aliases = request.context["kms:ResourceAliases"]
    if isinstance(aliases, tuple) and any(alias.startswith("alias/aws/") for alias in aliases):
        return "aws_managed_key"
    owner = request.resource.account or request.principal.account
    if organization is not None and owner:  # an owner that nobody told is not exempt
        if owner == organization.management_account:
            return "management_account"
        if organization.accounts and owner not in organization.accounts:
            return "outside_organization"
    return ""


def _reach_of_endpoint(request: Request) -> str:
    """R-FLOW-05, R-FLOW-13."""
    entries, default = request.context.entries, request.context.default
    if entries.get("aws:viaawsservice") == ("true",):
        return "forward_access_session"
    endpoint = entries.get("aws:sourcevpce", default)
    return "no_endpoint" if endpoint is ABSENT or endpoint == () else ""


def may_not_apply(layer: Layer, request: Request) -> bool:
    """Tell whether it is open if the layer's policies apply: they may then let everything pass."""
    if layer is Layer.VPC_ENDPOINT_POLICY:
        return request.context["aws:SourceVpce"] is UNKNOWN
    return (
        layer is Layer.SESSION_POLICY
        and request.principal.kind is PrincipalKind.ROOT_USER
        and request.context["aws:AssumedRoot"] in (UNKNOWN, PRESENT)
    )


def out_of_reach(layer: Layer, reason: str) -> LayerDecision:
    """What a layer says that takes no part for this reason."""
    verdict = LayerVerdict.NONE if reason.startswith("no_") else LayerVerdict.EXEMPT
    return LayerDecision(layer, verdict, 0, reason=reason)


def without_policies(layer: Layer) -> LayerDecision:
    """What a layer says that is known to hold no policy: it grants nothing, and limits nothing."""
    return _WITHOUT[layer]


def _nothing(layer: Layer) -> int:
    """What a layer without any policy says: silence, or nothing where it only restricts."""
    return CAN_BE_SILENT if layer is Layer.IDENTITY_POLICY else 0


_WITHOUT = {
    layer: LayerDecision(layer, LayerVerdict.NONE, _nothing(layer), reason="none")
    for layer in Layer
}
_TAKEN_AS_EMPTY = {
    layer: LayerDecision(
        layer, LayerVerdict.NONE, _nothing(layer), assumed=True, reason="not_given"
    )
    for layer in Layer
}
_OPEN = {
    layer: LayerDecision(
        layer,
        LayerVerdict.UNKNOWN,
        ANYTHING,
        may_grant=ANY_NAMING if layer is Layer.RESOURCE_POLICY else 0,
        reason="not_given",
    )
    for layer in Layer
}


def not_given(
    layer: Layer, request: Request, stack: PolicyStack, rule: ServiceRule
) -> LayerDecision:
    """A layer of which nothing was given: none, assumed none, or unknown (R-FLOW-20)."""
    if request.facts is not Facts.COMPLETE and layer in stack.assumed:
        return _TAKEN_AS_EMPTY[layer]
    if request.facts is Facts.COMPLETE or layer in stack.complete:
        return _WITHOUT[layer]
    if request.facts is Facts.PARTIAL or (
        layer is Layer.RESOURCE_POLICY and _must_allow(request, rule)
    ):
        return _OPEN[layer]
    return _TAKEN_AS_EMPTY[layer]


def _must_allow(request: Request, rule: ServiceRule) -> bool:
    """A resource policy without which nothing is allowed is never taken to be empty."""
    return (
        rule.part in (ResourcePart.TRUST, ResourcePart.KEY)
        or not request.same_account
        or request.principal.kind
        in (PrincipalKind.AWS_SERVICE, PrincipalKind.ANONYMOUS, PrincipalKind.FEDERATED)
    )
