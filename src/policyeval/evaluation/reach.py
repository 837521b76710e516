"""Does a layer reach the request at all, and what if nothing was given of it?"""

from __future__ import annotations

from policyeval.context import UNKNOWN, Facts, Presence
from policyeval.decision import (
    CAN_ALLOW,
    CAN_BE_SILENT,
    CAN_DENY,
    LayerDecision,
    LayerVerdict,
    Naming,
)
from policyeval.evaluation.service_rules import RCP_SERVICES, ResourcePart, ServiceRule
from policyeval.principal import PrincipalKind
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack

HAS_IDENTITY = (
    PrincipalKind.IAM_USER,
    PrincipalKind.ROLE_SESSION,
    PrincipalKind.FEDERATED_USER,
)
ANYTHING = CAN_ALLOW | CAN_BE_SILENT | CAN_DENY
ANY_NAMING = sum(1 << naming for naming in Naming if naming)


def reach(layer: Layer, request: Request, stack: PolicyStack, rule: ServiceRule) -> str:
    """Say in one stable word why a layer takes no part; empty where it does."""
    kind = request.principal.kind
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
    if layer is Layer.SESSION_POLICY:
        assumed_root = request.context["aws:AssumedRoot"] == ("true",)
        has_sessions = kind in HAS_IDENTITY or (kind is PrincipalKind.ROOT_USER and assumed_root)
        return "" if has_sessions else "no_identity_side"
    return "" if kind in HAS_IDENTITY else "no_identity_side"


def _reach_of_scps(request: Request, stack: PolicyStack) -> str:
    """R-FLOW-03."""
    principal, organization = request.principal, stack.organization
    if principal.kind not in (*HAS_IDENTITY, PrincipalKind.ROOT_USER):
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
    organization = stack.organization
    if request.principal.is_service_linked:
        return "service_linked_role"
    if request.action.service not in RCP_SERVICES or request.action.folded == "kms:retiregrant":
        return "unsupported_service"
    if organization is not None:
        owner = request.resource.account or request.principal.account
        if owner == organization.management_account:
            return "management_account"
        if organization.accounts and owner not in organization.accounts:
            return "outside_organization"
    return ""


def _reach_of_endpoint(request: Request) -> str:
    """R-FLOW-05, R-FLOW-13."""
    endpoint = request.context["aws:SourceVpce"]
    if request.context["aws:ViaAWSService"] == ("true",):
        return "forward_access_session"
    if isinstance(endpoint, Presence):
        return "" if endpoint is UNKNOWN else "no_endpoint"
    return "" if endpoint else "no_endpoint"


def without_policies(layer: Layer) -> LayerDecision:
    """What a layer says that is known to hold no policy: it grants nothing, and limits nothing."""
    return LayerDecision(layer, LayerVerdict.NONE, _nothing(layer), reason="none")


def _nothing(layer: Layer) -> int:
    """What a layer without any policy says: silence, or nothing where it only restricts."""
    return CAN_BE_SILENT if layer is Layer.IDENTITY_POLICY else 0


def not_given(
    layer: Layer, request: Request, stack: PolicyStack, rule: ServiceRule
) -> LayerDecision:
    """A layer of which nothing was given: none, assumed none, or unknown (R-FLOW-20)."""
    if layer in stack.complete or request.facts is Facts.COMPLETE:
        return LayerDecision(layer, LayerVerdict.NONE, _nothing(layer), reason="none")
    anything = CAN_ALLOW | CAN_BE_SILENT | CAN_DENY
    if request.facts is Facts.PARTIAL:
        may_grant = 0b11110 if layer is Layer.RESOURCE_POLICY else 0
        return LayerDecision(
            layer, LayerVerdict.UNKNOWN, anything, may_grant=may_grant, reason="not_given"
        )
    if layer is Layer.RESOURCE_POLICY and _must_allow(request, rule):
        return LayerDecision(
            layer, LayerVerdict.UNKNOWN, anything, may_grant=0b11110, reason="not_given"
        )
    return LayerDecision(
        layer, LayerVerdict.NONE, _nothing(layer), assumed=True, reason="not_given"
    )


def _must_allow(request: Request, rule: ServiceRule) -> bool:
    """A resource policy without which nothing is allowed is never taken to be empty."""
    return (
        rule.part in (ResourcePart.TRUST, ResourcePart.KEY)
        or not request.same_account
        or request.principal.kind
        in (PrincipalKind.AWS_SERVICE, PrincipalKind.ANONYMOUS, PrincipalKind.FEDERATED)
    )
