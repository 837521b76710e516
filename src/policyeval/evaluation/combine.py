"""THE truth table: what the layers say becomes one verdict.

`Situation` is a small record of enums and flags with no policy in it, so the table can be tested
over all its inputs. `combine` answers one situation in which every layer is certain;
`combine_possible` asks it for every certain situation that an uncertain one may turn out to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from itertools import product

from policyeval.decision import CAN_ALLOW, CAN_BE_SILENT, CAN_DENY, Naming, Verdict
from policyeval.evaluation.service_rules import ResourcePart
from policyeval.principal import IDENTITY_CALLERS, PrincipalKind
from policyeval.stack import Layer


class Answer(IntEnum):
    """What a layer says for certain. ALLOW, SILENT and DENY have the bits of `possible`."""

    ALLOW = CAN_ALLOW
    SILENT = CAN_BE_SILENT
    DENY = CAN_DENY
    NONE = 0  # no policy here, or the layer does not reach this request


GATES = (
    Layer.RESOURCE_CONTROL_POLICY,
    Layer.SERVICE_CONTROL_POLICY,
    Layer.VPC_ENDPOINT_POLICY,
)
"""Layers that only ever restrict: whoever passes needs an allow from each that is there."""

Answers = tuple[int, ...]  # one `Answer` a layer, in the order of `Layer`
Situation = tuple[PrincipalKind, bool, ResourcePart, bool, bool]
"""caller, same account, part of the resource policy, always allowed, closed to this account"""

_ORDER = tuple(Layer)
_RESOURCE = _ORDER.index(Layer.RESOURCE_POLICY)


def combine(
    situation: Situation, forbidden: bool, answers: Answers, granted: int
) -> tuple[Verdict, tuple[Layer, ...]]:
    """Give the verdict and all blocking layers (R-FLOW-17) of a certain situation.

    `granted` has a bit `1 << Naming` for each way in which the resource policy's Allow named the
    caller. `forbidden`: this kind of caller may not ask for this action at all.
    """
    *_, always, closed = situation
    if always and not forbidden:
        return Verdict.ALLOWED, ()  # R-FLOW-21
    said = dict(zip(_ORDER, answers, strict=True))
    denying = {layer for layer in _ORDER if said[layer] == Answer.DENY}
    blocking = denying | {layer for layer in GATES if said[layer] == Answer.SILENT}
    blocking |= set(_missing_allows(situation, said, granted))
    if closed:
        blocking.add(Layer.RESOURCE_POLICY)
    if forbidden:
        blocking.add(Layer.IDENTITY_POLICY)
    in_order = tuple(layer for layer in _ORDER if layer in blocking)
    if denying:
        return Verdict.EXPLICIT_DENY, in_order  # R-FLOW-02
    return (Verdict.IMPLICIT_DENY if blocking else Verdict.ALLOWED), in_order


def _missing_allows(situation: Situation, said: dict[Layer, int], granted: int) -> Iterator[Layer]:
    """Give the layers behind the gates whose allow is required and missing."""
    caller, same_account, part, *_ = situation
    if caller not in IDENTITY_CALLERS:
        yield from _without_identity_side(situation, said, granted)
    elif not same_account:
        # R-FLOW-09: both sides.
        if not granted:
            yield Layer.RESOURCE_POLICY
        yield from _identity_side(caller, said)
    elif granted & 1 << Naming.DIRECT:
        # R-FLOW-08: implicit denies of identity, boundary and session do not limit it, except
        # that trust policies leave the boundary in force (R-FLOW-10).
        if part is ResourcePart.TRUST:
            yield from _limit(Layer.PERMISSIONS_BOUNDARY, said)
    elif granted & (1 << Naming.ROLE | 1 << Naming.USER_OF_SESSION):
        yield from _limit(Layer.PERMISSIONS_BOUNDARY, said)
        yield from _session(caller, said)
    elif part in (ResourcePart.TRUST, ResourcePart.KEY) and not granted:
        # R-FLOW-10, R-FLOW-11: nothing without the resource's own policy.
        yield Layer.RESOURCE_POLICY
        if part is ResourcePart.TRUST:
            yield from _limit(Layer.PERMISSIONS_BOUNDARY, said)
    else:
        # R-FLOW-07, or the account is named: the identity side decides.
        yield from _identity_side(caller, said)


def _identity_side(caller: PrincipalKind, said: dict[Layer, int]) -> Iterator[Layer]:
    """R-FLOW-06: identity policies and, where they are there, boundary and session policies."""
    if said[Layer.IDENTITY_POLICY] != Answer.ALLOW:
        yield Layer.IDENTITY_POLICY
    yield from _limit(Layer.PERMISSIONS_BOUNDARY, said)
    yield from _session(caller, said)


def _limit(layer: Layer, said: dict[Layer, int]) -> Iterator[Layer]:
    if said[layer] not in (Answer.ALLOW, Answer.NONE):
        yield layer


def _session(caller: PrincipalKind, said: dict[Layer, int]) -> Iterator[Layer]:
    # R-FLOW-16: a federated user without a session policy gets nothing from its user's policies.
    if caller is PrincipalKind.FEDERATED_USER and said[Layer.SESSION_POLICY] == Answer.NONE:
        yield Layer.SESSION_POLICY
    yield from _limit(Layer.SESSION_POLICY, said)


def _without_identity_side(
    situation: Situation, said: dict[Layer, int], granted: int
) -> Iterator[Layer]:
    """Root, services, federated and anonymous callers (R-FLOW-12, -13, -14, -10)."""
    caller, same_account, part, *_ = situation
    if caller is PrincipalKind.ROOT_USER:
        must_be_named = not same_account or part is ResourcePart.KEY
        if must_be_named and not granted:
            yield Layer.RESOURCE_POLICY
        yield from _limit(Layer.SESSION_POLICY, said)
    elif not granted & 1 << Naming.DIRECT:
        yield Layer.RESOURCE_POLICY


@lru_cache(maxsize=16384)
def combine_possible(
    situation: Situation,
    forbidden: tuple[bool, ...],
    possible: Answers,
    granted: int,
    may_grant: int,
) -> tuple[frozenset[Verdict], tuple[Layer, ...], Verdict | None]:
    """Give the verdicts still open, the layers that block in all of them, and the only verdict.

    `possible` has the bits of the answers that each layer may give, 0 where it takes no part;
    `forbidden` says if the action is closed to this kind of caller, both where that is open. A
    pure function of a few small words, so its answers are remembered.
    """
    certain = len(forbidden) == 1 and not may_grant
    if certain and all(bits & (bits - 1) == 0 for bits in possible):
        verdict, blocking = combine(situation, forbidden[0], possible, granted)
        return frozenset((verdict,)), blocking, verdict
    verdicts: set[Verdict] = set()
    always_blocking: set[Layer] | None = None
    for closed, *said in product(forbidden, *(_choices(bits) for bits in possible)):
        answers = tuple(int(answer) for answer in said)
        for grant in _grants(granted, may_grant, answers[_RESOURCE]):
            verdict, blocking = combine(situation, bool(closed), answers, grant)
            verdicts.add(verdict)
            if verdict is not Verdict.ALLOWED:
                layers = set(blocking)
                always_blocking = layers if always_blocking is None else always_blocking & layers
    in_order = tuple(layer for layer in _ORDER if layer in (always_blocking or ()))
    only = next(iter(verdicts)) if len(verdicts) == 1 else None
    if only is None and Verdict.ALLOWED not in verdicts:
        only = Verdict.IMPLICIT_DENY  # R-FLOW-17: denied for certain, only the kind is open
    return frozenset(verdicts), in_order, only


def _choices(bits: int) -> tuple[int, ...]:
    if bits == 0:
        return (0,)
    return tuple(bit for bit in (CAN_ALLOW, CAN_BE_SILENT, CAN_DENY) if bits & bit)


def _grants(granted: int, may_grant: int, answer: int) -> Iterator[int]:
    """Every set of grants that fits the resource policy's answer."""
    open_bits = [1 << naming for naming in Naming if (may_grant & ~granted) & 1 << naming]
    for chosen in product((0, 1), repeat=len(open_bits)):
        grant = granted | sum(bit for bit, taken in zip(open_bits, chosen, strict=True) if taken)
        if bool(grant) == (answer == Answer.ALLOW) or answer in (Answer.DENY, Answer.NONE):
            yield grant
