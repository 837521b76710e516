"""The policies that apply to a request, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from policyeval.policy import Policy, PolicyType
from policyeval.request import Request, in_organization
from policyeval.value import Value, Word, replace


class Layer(Word):
    """The seven kinds of policy, in the order in which AWS presents them (R-FLOW-02)."""

    RESOURCE_CONTROL_POLICY = "rcp"
    SERVICE_CONTROL_POLICY = "scp"
    VPC_ENDPOINT_POLICY = "vpc_endpoint"
    RESOURCE_POLICY = "resource"
    IDENTITY_POLICY = "identity"
    PERMISSIONS_BOUNDARY = "boundary"
    SESSION_POLICY = "session"


LEVELED = (Layer.RESOURCE_CONTROL_POLICY, Layer.SERVICE_CONTROL_POLICY)
GRANTING = (Layer.IDENTITY_POLICY, Layer.RESOURCE_POLICY)
"""The layers that grant; the others only limit."""


def policy_type(layer: Layer, action: str) -> PolicyType:
    """Give how a document of the layer is read: for STS, the resource's is a trust policy."""
    if layer is Layer.RESOURCE_POLICY and action.lower().startswith("sts:"):
        return PolicyType.TRUST
    return PolicyType(layer.value)


class EndpointType(Word):
    """The kind of a VPC endpoint: it decides how Principal is read (R-FLOW-05)."""

    GATEWAY = "gateway"
    INTERFACE = "interface"


class AttachedPolicy(Value):
    """A policy where it hangs.

    `name` is what output calls it; `arn` and `attached_to` (an OU, a group) are empty where not
    known. `endpoint_type` is for VPC endpoint policies alone.
    """

    policy: Policy
    name: str
    arn: str = ""
    attached_to: str = ""
    endpoint_type: EndpointType | None = None


class Organization(Value):
    """Which accounts SCPs and RCPs reach (R-FLOW-03, R-FLOW-04).

    `delegated_administrators` are the accounts that administer IAM for it (R-FLOW-21).
    """

    id: str = ""
    management_account: str = ""
    accounts: frozenset[str] = frozenset()
    delegated_administrators: frozenset[str] = frozenset()


Level = tuple[AttachedPolicy, ...]


class PolicyStack(Value):
    """The policies of each layer.

    `layers` maps a layer to its levels: for SCPs and RCPs from the organization's root to the
    account, inside each the policies attached there (an empty level of SCPs allows nothing,
    R-FLOW-03); for the other layers one level. A layer that is not in the mapping was not given;
    one with no level is known to be empty. `complete` names layers of which all is given, so that
    not given means none; of those in `assumed` that is an assumption, which the answer names.
    `canonical_users` gives the account behind an S3 canonical user id.
    """

    layers: Mapping[Layer, tuple[Level, ...]]
    complete: frozenset[Layer] = frozenset()
    organization: Organization | None = None
    canonical_users: Mapping[str, str] = {}
    assumed: frozenset[Layer] = frozenset()
    _compiled: Any = None

    @staticmethod
    def of(
        layers: Mapping[Layer, Iterable[Any]],
        *,
        complete: Iterable[Layer] = (),
        organization: Organization | None = None,
        canonical_users: Mapping[str, str] | None = None,
    ) -> PolicyStack:
        """Build a stack from policies, or from attached policies, by layer.

        For SCPs and RCPs a flat list is one level, a list of lists gives the levels, root first.
        Unnamed policies are called after their source, else `identity[0]`, `scp[1][0]`.
        """
        built: dict[Layer, tuple[Level, ...]] = {}
        for layer, given in layers.items():
            items = list(given)
            leveled = layer in LEVELED and any(isinstance(item, (list, tuple)) for item in items)
            levels = [list(item) for item in items] if leveled else [items]
            if not items:
                levels = []
            built[layer] = tuple(
                tuple(_attach(item, _name(layer, depth, place)) for place, item in enumerate(level))
                for depth, level in enumerate(levels)
            )
        return PolicyStack(built, frozenset(complete), organization, dict(canonical_users or {}))

    def resolve(self, request: Request) -> tuple[Request, PolicyStack]:
        """Answer a request with this very stack: what makes it a `PolicySource`.

        Organization keys of callers and resources that belong to its organization are added.
        """
        organization = self.organization
        if organization is None or not organization.id:
            return request, self
        return in_organization(request, organization.id, organization.accounts), self

    def policies(self, layer: Layer) -> tuple[AttachedPolicy, ...]:
        """All policies of a layer, levels flattened."""
        return tuple(attached for level in self.layers.get(layer, ()) for attached in level)

    def with_policies(self, change: Callable[[Policy], Policy]) -> PolicyStack:
        """Give the stack with each policy changed wherever it hangs; layers as they were stay."""
        layers = {
            layer: tuple(tuple(_changed(each, change) for each in level) for level in levels)
            for layer, levels in self.layers.items()
        }
        return replace(
            self,
            layers={
                layer: old if all(map(_is_same, levels, old)) else levels
                for (layer, levels), old in zip(layers.items(), self.layers.values(), strict=True)
            },
        )

    def with_policy(self, layer: Layer, old: AttachedPolicy, new: Policy) -> PolicyStack:
        """Give a stack in which one attached policy has another text (what-if)."""
        levels = tuple(
            tuple(replace(item, policy=new) if item is old else item for item in level)
            for level in self.layers[layer]
        )
        return replace(self, layers={**self.layers, layer: levels})


def _changed(attached: AttachedPolicy, change: Callable[[Policy], Policy]) -> AttachedPolicy:
    policy = change(attached.policy)
    return attached if policy is attached.policy else replace(attached, policy=policy)


def _is_same(level: Level, old: Level) -> bool:
    return all(one is other for one, other in zip(level, old, strict=True))


class PolicySource(Protocol):
    """Anything that can give the policies for a request: a stack, an environment."""

    def resolve(self, request: Request) -> tuple[Request, PolicyStack]:
        """Give the request with the facts this source adds, and the policies that apply."""
        ...


def _attach(item: Any, name: str) -> AttachedPolicy:
    if isinstance(item, AttachedPolicy):
        return item
    if isinstance(item, Policy):
        return AttachedPolicy(item, item.source.name or name)
    raise TypeError(f"a stack holds policies, not {type(item).__name__}: parse it first")


def _name(layer: Layer, depth: int, place: int) -> str:
    if layer in LEVELED:
        return f"{layer.value}[{depth}][{place}]"
    return f"{layer.value}[{place}]"
