"""From an environment and a request to the policies that apply, and the facts that follow.

The story: find the caller's entry, the resource's, the endpoint's (`Situation`); add the facts
that follow from them (`facts.py`); look up what hangs there, layer by layer. A layer is given
where the environment knows it; else it is left out of the stack and the engine treats it after
R-FLOW-20. A layer with a policy that cannot be read is unknown, never empty.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.context import Facts
from policyeval.environment.builtin import (
    DEFAULT_ENDPOINT_POLICY,
    FULL_ACCESS,
    attach_built_in,
)
from policyeval.environment.index import Place
from policyeval.environment.model import Documents, Environment, Unit
from policyeval.environment.situation import Situation, situation_of, with_facts, with_unknown_tags
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.policy import Effect
from policyeval.principal import PrincipalKind
from policyeval.request import Request
from policyeval.stack import (
    AttachedPolicy,
    EndpointType,
    Layer,
    Level,
    Organization,
    PolicyStack,
)
from policyeval.value import Value, fill_cache, replace

MOST_STACKS = 4096


class Assembled(Value):
    """The policies for one situation. `unread` are layers of which a policy cannot be read."""

    stack: PolicyStack
    findings: tuple[Finding, ...] = ()
    unread: frozenset[Layer] = frozenset()
    _keys: tuple[str, ...] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The condition keys that the policies ask for, as they spell them."""
        if self._keys is None:
            fill_cache(self, "_keys", tuple(dict.fromkeys(_keys_of(self.stack))))
        assert self._keys is not None
        return self._keys


def _keys_of(stack: PolicyStack) -> Iterator[str]:
    levels = (level for layer in stack.layers.values() for level in layer)
    policies = (attached.policy for level in levels for attached in level)
    for statement in (each for policy in policies for each in policy.statements):
        templates = [value for clause in statement.condition for value in clause.values]
        templates += statement.resource.patterns if statement.resource is not None else ()
        yield from (clause.key for clause in statement.condition)
        yield from (variable.key for each in templates for variable in each.variables)


def resolve(environment: Environment, request: Request) -> tuple[Request, PolicyStack]:
    """Give the request with the facts known here, and the policies that apply to it."""
    situation = situation_of(environment, request)
    found = _remembered(environment, situation, request)
    request = with_facts(environment, situation, request)
    if situation.has_unknown_tags:
        request = with_unknown_tags(situation, request, found.keys)
    new = [finding for finding in found.findings if finding not in request.findings]
    if new:
        request = replace(request, findings=(*request.findings, *new))
    if found.unread and request.facts is not Facts.PARTIAL:
        # The engine takes layers that are not given to be empty unless facts are partial.
        request = replace(request, facts=Facts.PARTIAL)
    return request, found.stack


def _remembered(environment: Environment, situation: Situation, request: Request) -> Assembled:
    """Assemble a situation once: equal situations get the very same, compiled stack."""
    if environment._stacks is None:
        fill_cache(environment, "_stacks", {})
    stacks = environment._stacks
    assert stacks is not None
    key = (*situation.key, request.facts)
    found: Assembled | None = stacks.get(key)
    if found is None:
        if len(stacks) >= MOST_STACKS:
            stacks.clear()
        found = stacks[key] = _Assembly(environment, situation).build(request.facts)
    return found


class _Assembly:
    """The policies of one situation while they are gathered."""

    def __init__(self, environment: Environment, situation: Situation) -> None:
        self.environment = environment
        self.situation = situation
        self.layers: dict[Layer, tuple[Level, ...]] = {}
        self.findings: list[Finding] = list(situation.findings)
        self.unread: set[Layer] = set()

    def build(self, facts: Facts) -> Assembled:
        self._add_control_policies()
        self._add_endpoint()
        self._add_resource()
        self._add_identity()
        self._add_session()
        complete = self._complete()
        assumed = self._taken_for_granted(facts) - complete if self.unread else frozenset[Layer]()
        stack = PolicyStack(
            self.layers,
            complete | assumed,
            self._organization(),
            self.environment.index.canonical_users,
            assumed,
        )
        return Assembled(stack, tuple(self.findings), frozenset(self.unread))

    def _organization(self) -> Organization | None:
        tree = self.environment.organization
        if tree is None or not tree.id:
            return None
        members = frozenset() if tree.partial else self.environment.index.members
        return Organization(tree.id, tree.management, members)

    # ---- the layers -----------------------------------------------------------------------

    def _add_control_policies(self) -> None:
        situation = self.situation
        if situation.has_account:
            self._add_levels(Layer.SERVICE_CONTROL_POLICY, situation.account)
        self._add_levels(Layer.RESOURCE_CONTROL_POLICY, situation.owner or situation.account)

    def _add_levels(self, layer: Layer, account: str) -> None:
        """Add the policies of each level from the root to the account (R-FLOW-03, R-FLOW-04)."""
        tree = self.environment.organization
        if tree is not None and account == tree.management:
            return  # the engine knows that they do not reach it
        field = "scps" if layer is Layer.SERVICE_CONTROL_POLICY else "rcps"
        levels = self._levels_above(account, field)
        if levels is None:
            if self._is_perhaps_member(account) and self._hangs_somewhere(field):
                self._note_unplaced(layer, account)
            return
        given = [(level, getattr(level, field)) for level in levels]
        if any(documents is not None for _, documents in given):
            built = [self._level(layer, level, documents) for level, documents in given]
            if layer not in self.unread:
                self.layers[layer] = tuple(built)

    def _levels_above(self, account: str, field: str) -> list[Place] | None:
        """Give the levels of an account; None where its place is not known."""
        tree = self.environment.organization
        own = self.environment.index.accounts.get(account)
        below: list[Place] = [own] if own is not None else []
        if tree is None:
            return below
        units = self.environment.index.levels(account)
        if units is None and tree.open and not _hangs_at(tree.root.units, field):
            units = (tree.root,)
        return None if units is None else [*units, *below]

    def _is_perhaps_member(self, account: str) -> bool:
        tree, members = self.environment.organization, self.environment.index.members
        return bool(account) and (not members or (tree is not None and tree.partial))

    def _hangs_somewhere(self, field: str) -> bool:
        tree = self.environment.organization
        return tree is not None and _hangs_at((tree.root,), field)

    def _level(self, layer: Layer, place: Place, documents: Documents | None) -> Level:
        scp = layer is Layer.SERVICE_CONTROL_POLICY
        label = _label(place)
        if documents is None:
            if not scp:
                return ()
            if layer not in self.environment.complete:
                self._note_assumed(place, "no service control policy is given")
            return (attach_built_in(FULL_ACCESS, label),)
        level = tuple(self._attach(layer, documents, label))
        if scp and place.default_scp and not _allows(level):
            self._note_assumed(place, "no service control policy allows anything")
            return (attach_built_in(FULL_ACCESS, label), *level)
        return level

    def _add_endpoint(self) -> None:
        endpoint = self.situation.endpoint
        if endpoint is None:
            return
        attached = tuple(
            self._attach(Layer.VPC_ENDPOINT_POLICY, endpoint.policy, endpoint.id, endpoint.type)
        )
        if not endpoint.policy:
            default = attach_built_in(DEFAULT_ENDPOINT_POLICY, endpoint.id)
            attached = (replace(default, endpoint_type=endpoint.type),)
        self._give(Layer.VPC_ENDPOINT_POLICY, attached)

    def _add_resource(self) -> None:
        documents = self.situation.resource_policy
        if documents is not None:
            attached = tuple(self._attach(Layer.RESOURCE_POLICY, documents))
            self._give(Layer.RESOURCE_POLICY, attached)

    def _add_identity(self) -> None:
        identity = self.situation.identity
        if identity is None:
            return
        if identity.policies is not None or identity.groups:
            attached = list(self._attach(Layer.IDENTITY_POLICY, identity.policies or ()))
            for name in identity.groups:
                group = self.environment.groups[name]
                attached += self._attach(
                    Layer.IDENTITY_POLICY, group.policies, f"group {group.name}"
                )
            self._give(Layer.IDENTITY_POLICY, tuple(attached))
        if identity.boundary is not None:
            boundary = tuple(self._attach(Layer.PERMISSIONS_BOUNDARY, identity.boundary))
            self._give(Layer.PERMISSIONS_BOUNDARY, boundary)

    def _add_session(self) -> None:
        session = self.environment.session
        if session is not None:
            self._give(Layer.SESSION_POLICY, tuple(self._attach(Layer.SESSION_POLICY, session)))
        elif self.situation.kind is PrincipalKind.IAM_USER:
            # AWS: only sessions of roles and federated users can carry session policies.
            self.layers[Layer.SESSION_POLICY] = ()

    # ---- helpers --------------------------------------------------------------------------

    def _give(self, layer: Layer, attached: Level) -> None:
        if layer not in self.unread:
            self.layers[layer] = (attached,) if attached else ()

    def _attach(
        self,
        layer: Layer,
        documents: Documents,
        attached_to: str = "",
        endpoint_type: EndpointType | None = None,
    ) -> Iterator[AttachedPolicy]:
        for document in documents:
            policy = document.policy
            if policy is not None:
                yield AttachedPolicy(
                    policy, document.name, document.arn, attached_to, endpoint_type
                )
                continue
            self.unread.add(layer)
            reasons = sorted(document.findings, key=lambda each: not each.is_error)
            self.findings.append(
                Finding(
                    "PE0724",
                    Severity.WARNING,
                    f"the policy {quote(document.name)} cannot be read, so what layer "
                    f"`{layer.value}` says is unknown",
                    reasons[0].location,
                    reasons[0].message,
                )
            )

    def _complete(self) -> frozenset[Layer]:
        """Give the layers of which not given means none, for this very request."""
        situation, complete = self.situation, self.environment.complete
        if situation.identity is None:
            complete -= {Layer.IDENTITY_POLICY, Layer.PERMISSIONS_BOUNDARY}
        if situation.resource_always_has_policy or not situation.knows_owner:
            complete -= {Layer.RESOURCE_POLICY}
        return complete - self.unread

    def _taken_for_granted(self, facts: Facts) -> frozenset[Layer]:
        """Give the layers that stay "none" beside one that cannot be read.

        Facts become partial for the sake of that layer; the others shall not become unknown too.
        No answer can be an allow while it is open, so what they assume allows nothing.
        """
        if facts is Facts.PARTIAL:
            return frozenset()
        open_layers = set(self.unread)
        if facts is Facts.TYPED:
            open_layers |= {Layer.RESOURCE_POLICY, Layer.IDENTITY_POLICY}
        return frozenset(Layer) - open_layers

    def _note_assumed(self, place: Place, why: str) -> None:
        self.findings.append(
            Finding(
                "PE0733",
                Severity.NOTE,
                f"{why} at {_label(place)}: `{FULL_ACCESS}` is taken to be attached there",
                help="list the policies of every level, `FullAWSAccess` included",
            )
        )

    def _note_unplaced(self, layer: Layer, account: str) -> None:
        self.unread.add(layer)
        self.findings.append(
            Finding(
                "PE0732",
                Severity.WARNING,
                f"nothing tells where in the organization the account `{account}` is, so what "
                f"layer `{layer.value}` says is unknown",
                help="list the account under its root or unit in environment.yaml",
            )
        )


def _hangs_at(units: tuple[Unit, ...], field: str) -> bool:
    """Tell whether policies hang at one of these units, or below."""
    return any(getattr(each, field) is not None for unit in units for each in unit.walk())


def _label(place: Place) -> str:
    """Name a level of an organization."""
    if not isinstance(place, Unit):
        return f"account {place.name}"
    is_root = place.id.startswith("r-") if place.id else place.name == "root"
    return "root" if is_root else f"OU {place.name}"


def _allows(level: Level) -> bool:
    return any(
        statement.effect is Effect.ALLOW
        for attached in level
        for statement in attached.policy.statements
    )
