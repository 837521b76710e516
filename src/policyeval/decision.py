"""What the engine answers: a verdict, and all that led to it, as data."""

from __future__ import annotations

from enum import IntEnum
from typing import NoReturn

from policyeval.policy import Effect, Statement
from policyeval.request import Request
from policyeval.stack import AttachedPolicy, Layer, PolicySource, PolicyStack
from policyeval.value import Value, Word


class Verdict(Word):
    """The four answers."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit_deny"
    IMPLICIT_DENY = "implicit_deny"
    UNKNOWN = "unknown"


class LayerVerdict(Word):
    """What one layer says."""

    ALLOWED = "allow"
    NO_ALLOW = "no_allow"
    DENIED = "deny"
    UNKNOWN = "unknown"
    NONE = "none"  # the layer holds no policy for this request
    EXEMPT = "skip"  # the layer does not reach this request (management account, …)


class Outcome(IntEnum):
    """How one statement answered: the first of the four questions that failed.

    UNKNOWN: no question failed, but the answer to one depends on a fact that is missing.
    """

    MATCHED = 0
    ACTION_DIFFERS = 1
    RESOURCE_DIFFERS = 2
    PRINCIPAL_DIFFERS = 3
    CONDITION_FAILS = 4
    UNKNOWN = 5


class Naming(IntEnum):
    """How a Principal element named the caller (R-FLOW-08); the higher, the more it grants."""

    NOT_NAMED = 0
    ACCOUNT = 1
    USER_OF_SESSION = 2  # a federated session through its user's ARN
    ROLE = 3
    DIRECT = 4  # the user's or session's own ARN, a service, `*`


CAN_ALLOW = 1
CAN_BE_SILENT = 2
CAN_DENY = 4


class StatementRef(Value):
    """A statement where it stands: layer, policy, and for SCPs and RCPs the level."""

    layer: Layer
    policy: AttachedPolicy
    statement: Statement
    level: int | None = None


class Visited(Value):
    """The statements of one attached policy that the index gave for an action.

    The others differ in the action and are never visited. `level` counts organization levels
    from the root, 0 for the layers that have none.
    """

    policy: AttachedPolicy
    level: int
    statements: tuple[Statement, ...]


class LayerDecision(Value):
    """What one layer answered and why.

    `possible` is the set of answers still open, as bits (`CAN_ALLOW`, `CAN_BE_SILENT`,
    `CAN_DENY`); `verdict` says the same in one word. `outcomes` holds an `Outcome` for each
    statement of `visited`, in order: the trace. `granted` and `may_grant` are the ways in which a
    resource policy's Allow certainly or perhaps named the caller, as bits `1 << Naming`.
    `assumed`: nothing was given, the layer is taken to be empty. `reason` is a stable word that
    says why a layer takes no part, empty where it does.
    """

    layer: Layer
    verdict: LayerVerdict
    possible: int
    visited: tuple[Visited, ...] = ()
    outcomes: tuple[int, ...] = ()
    level_count: int = 0
    granted: int = 0
    may_grant: int = 0
    assumed: bool = False
    reason: str = ""

    @property
    def trace(self) -> tuple[tuple[StatementRef, Outcome], ...]:
        """Every visited statement with its outcome."""
        outcomes = iter(self.outcomes)
        return tuple(
            (
                StatementRef(
                    self.layer,
                    visited.policy,
                    statement,
                    visited.level if self.level_count else None,
                ),
                Outcome(next(outcomes)),
            )
            for visited in self.visited
            for statement in visited.statements
        )

    @property
    def levels(self) -> tuple[LayerVerdict, ...]:
        """What each organization level says, root first; empty for the layers without levels."""
        return tuple(self._level(depth) for depth in range(self.level_count))

    @property
    def silent_level(self) -> int | None:
        """The first organization level that allows nothing; None where there is none."""
        levels = self.levels
        silent = LayerVerdict.NO_ALLOW
        return levels.index(silent) if silent in levels else None

    def _level(self, depth: int) -> LayerVerdict:
        said = {(ref.statement.effect, got) for ref, got in self.trace if ref.level == depth}
        if (Effect.DENY, Outcome.MATCHED) in said:
            return LayerVerdict.DENIED
        # AWS: RCPFullAWSAccess is implied at each level of RCPs (R-FLOW-04).
        implied = self.layer is Layer.RESOURCE_CONTROL_POLICY
        allows = implied or (Effect.ALLOW, Outcome.MATCHED) in said
        if (Effect.DENY, Outcome.UNKNOWN) in said:
            return LayerVerdict.UNKNOWN
        if not allows and (Effect.ALLOW, Outcome.UNKNOWN) in said:
            return LayerVerdict.UNKNOWN
        return LayerVerdict.ALLOWED if allows else LayerVerdict.NO_ALLOW

    def refs(self, effect: Effect, outcome: Outcome = Outcome.MATCHED) -> tuple[StatementRef, ...]:
        """Give the statements of an effect that had an outcome."""
        return tuple(
            ref for ref, got in self.trace if got is outcome and ref.statement.effect is effect
        )


class Alternative(Value):
    """One answer that an unknown decision may still become, with the facts that lead there.

    `facts` pairs a missing fact with a value, or None for absent; empty where no single choice of
    facts was tried. `statements` are those that then determine the answer.
    """

    verdict: Verdict
    facts: tuple[tuple[str, str | None], ...] = ()
    decided_by: Layer | None = None
    statements: tuple[StatementRef, ...] = ()


class Decision(Value):
    """The answer to a request.

    `layers` holds all seven in the order of `Layer`. `blocking` are all layers that stand in the
    way (R-FLOW-17). `missing` names the facts that would settle an unknown, `assumed` those that
    were taken as given (fact, value). `rule` is the id of the service or caller rule that took
    part beyond the common flow. `alternatives` are the answers still possible; `inexact`: their
    facts are examples, and values beside them may lead elsewhere. `asked` and `policies` are what
    `evaluate` was called with, before the policies' source added the facts it knows.
    """

    request: Request
    stack: PolicyStack
    verdict: Verdict
    layers: tuple[LayerDecision, ...]
    blocking: tuple[Layer, ...] = ()
    missing: tuple[str, ...] = ()
    assumed: tuple[tuple[str, str], ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    rule: str = ""
    asked: Request | None = None
    policies: PolicySource | None = None
    inexact: bool = False

    @property
    def allowed(self) -> bool:
        """True only for a certain allow."""
        return self.verdict is Verdict.ALLOWED

    @property
    def denied(self) -> bool:
        """True only for a certain denial, explicit or implicit."""
        return self.verdict in (Verdict.EXPLICIT_DENY, Verdict.IMPLICIT_DENY)

    @property
    def unknown(self) -> bool:
        """True where a missing fact decides."""
        return self.verdict is Verdict.UNKNOWN

    def __bool__(self) -> NoReturn:
        raise TypeError("a decision has more than two values: ask .allowed, .denied or .unknown")

    @property
    def decided_by(self) -> Layer | None:
        """The first layer with an explicit deny, else the first blocking one; None when allowed."""
        for layer in self.blocking:
            if self.layer(layer).verdict is LayerVerdict.DENIED:
                return layer
        return self.blocking[0] if self.blocking else None

    def layer(self, layer: Layer) -> LayerDecision:
        """Give what one layer answered."""
        return next(decision for decision in self.layers if decision.layer is layer)

    @property
    def determining(self) -> tuple[StatementRef, ...]:
        """The matching Deny statements, or the matching Allow statements that granted.

        None on an implicit deny.
        """
        if self.verdict is Verdict.EXPLICIT_DENY:
            effect = Effect.DENY
        elif self.verdict is Verdict.ALLOWED:
            effect = Effect.ALLOW
        else:
            return ()
        return tuple(ref for decision in self.layers for ref in decision.refs(effect))
