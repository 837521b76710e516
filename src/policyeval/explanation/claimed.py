"""AWS's own word beside the engine's answer (R-MSG-04).

A message or log tells that AWS denied (or allowed), and often by which kind of policy. That is a
fact like any other: it settles what the text leaves open, as far as it can, and it shows where the
policies given are not those that AWS asked.
"""

from __future__ import annotations

from policyeval.claim import Claim
from policyeval.context import ABSENT, ContextValue
from policyeval.decision import (
    CAN_BE_SILENT,
    CAN_DENY,
    Alternative,
    Decision,
    LayerVerdict,
    Outcome,
    Verdict,
)
from policyeval.evaluation.completions import sample_values
from policyeval.evaluation.engine import evaluate, evaluate_once
from policyeval.policy import Effect
from policyeval.request import Request, with_context
from policyeval.stack import GRANTING, Layer, PolicySource, PolicyStack
from policyeval.value import Value, Word, replace

_LOOSE = (Layer.SERVICE_CONTROL_POLICY, Layer.RESOURCE_CONTROL_POLICY)


class Agreement(Word):
    """How AWS's word and the engine's answer stand to each other."""

    AGREES = "agrees"
    AGREES_IF = "agrees_if"  # for some values of the missing facts
    DISAGREES = "disagrees"


class ClaimCheck(Value):
    """A claim laid beside a decision.

    `silent` are the layers of which nothing was given: AWS's word implies that they did not turn
    its answer. `inferred` are missing facts that AWS's word settles (key, value or None for
    absent). `causes` are the answers still open that agree with the claim; `likely`: the first is
    the one to which the assumptions of a typed request lead. `denying` are the layers that deny
    here, for a disagreement. `unknown_arn`: no policy of the input has the ARN that AWS names.
    `not_given`: nothing of the named layer was given.
    """

    claim: Claim
    agreement: Agreement
    silent: tuple[Layer, ...] = ()
    inferred: tuple[tuple[str, str | None], ...] = ()
    causes: tuple[Alternative, ...] = ()
    likely: bool = False
    denying: tuple[Layer, ...] = ()
    unknown_arn: bool = False
    not_given: bool = False

    @property
    def disagrees(self) -> bool:
        """True where no completion of the facts gives what AWS answered."""
        return self.agreement is Agreement.DISAGREES


def decide_claimed(
    request: Request, policies: PolicySource, claim: Claim, typed: Request | None = None
) -> tuple[Decision, ClaimCheck]:
    """Decide a request of which AWS's own answer is known, and compare the two.

    What stays unknown on its own is settled by the claim where one cause alone agrees with it.
    `typed` is the same request with the assumptions of a typed one (R-FLOW-20): where it has the
    same cause, it is the better answer, since near misses and fixes can be told of it.
    """
    decision = evaluate(request, policies)
    source = _Silenced(policies, claim)
    plain = evaluate(typed, policies) if typed is not None else decision
    if not decision.unknown:
        best = plain if _cause_of(plain) == _cause_of(decision) else decision
        # What a typed request assumes is no ground to say that AWS is right or wrong.
        closed = evaluate(request, source)
        return best, check_claim(claim, closed if _agrees(claim, closed) else decision)
    silenced = evaluate(request, source)
    causes = _agreeing(claim, silenced, source)
    causes.sort(key=lambda one: _cause_of(one[1]) != _cause_of(plain))  # stable
    check = replace(
        check_claim(claim, silenced if silenced.unknown else decision),
        causes=tuple(each for each, _ in causes if each.facts),
        likely=bool(causes) and _cause_of(causes[0][1]) == _cause_of(plain),
        silent=source.silent_layers(request),
    )
    # Where AWS names no layer, one that nobody gave may be the cause as well.
    vague = claim.allowed or (claim.layer is None and bool(check.silent))
    if vague or len({_cause_of(answer) for _, answer in causes}) != 1:
        # Known and another than AWS's: what was not given is not without effect after all.
        useless = not silenced.unknown and not _agrees(claim, silenced)
        return (decision if useless else silenced), _final(check, claim, silenced)
    chosen, answer = causes[0]
    if not _is_only_cause(claim, answer, silenced):
        return silenced, check
    if _agrees(claim, plain) and _cause_of(plain) == _cause_of(answer):
        return plain, check_claim(claim, plain)
    needed = tuple(each for each in chosen.facts if _is_needed(claim, each, silenced, source))
    settled = _with_facts(needed, silenced, source)
    if _cause_of(settled) != _cause_of(answer):
        return silenced, check  # the cause is known, not the facts that led to it
    return settled, replace(check, agreement=Agreement.AGREES, causes=(), inferred=needed)


def _is_only_cause(claim: Claim, answer: Decision, decision: Decision) -> bool:
    """Tell whether no other Deny of the layers that AWS may mean could have matched.

    The alternatives of a decision are examples where values cannot all be tried.
    """
    if claim.allowed or claim.explicit is False:
        return True
    layers = _named(claim) or tuple(Layer)
    open_ = {
        ref for layer in layers for ref in decision.layer(layer).refs(Effect.DENY, Outcome.UNKNOWN)
    }
    return open_ <= set(answer.determining)


def _is_needed(
    claim: Claim, fact: tuple[str, str | None], decision: Decision, policies: PolicySource
) -> bool:
    """Tell whether AWS's answer cannot come about with any other value of the fact."""
    key, value = fact
    sample = sample_values(key, decision)
    for other in sample:
        if other == value:
            continue
        changes: dict[str, ContextValue] = {key: ABSENT if other is None else (other,)}
        answer = evaluate_once(with_context(decision.asked or decision.request, changes), policies)
        if _agreement(claim, answer) is not Agreement.DISAGREES:
            return False
    return True


def _final(check: ClaimCheck, claim: Claim, silenced: Decision) -> ClaimCheck:
    agrees = _agrees(claim, silenced)
    return replace(check, agreement=Agreement.AGREES, causes=()) if agrees else check


def _cause_of(decision: Decision) -> tuple[object, ...]:
    """What tells one answer from another: the verdict, who decides, and by which statements."""
    return decision.verdict, decision.decided_by, decision.determining


def check_claim(claim: Claim, decision: Decision) -> ClaimCheck:
    """Compare a claim with a decision."""
    layer = claim.layer
    denying = decision.blocking if decision.denied else ()
    attached = decision.stack.policies(layer) if layer is not None else ()
    return ClaimCheck(
        claim,
        _agreement(claim, decision),
        denying=denying,
        unknown_arn=bool(claim.policy_arn)
        and all(item.arn != claim.policy_arn for item in attached),
        not_given=layer is not None and not attached,
    )


def _agreement(claim: Claim, decision: Decision) -> Agreement:
    if decision.unknown:
        return Agreement.AGREES_IF if _may_agree(claim, decision) else Agreement.DISAGREES
    if _agrees(claim, decision):
        return Agreement.AGREES
    return Agreement.AGREES_IF if _may_deny_too(claim, decision) else Agreement.DISAGREES


def _may_deny_too(claim: Claim, decision: Decision) -> bool:
    """Tell whether a denial that is certain may have the claimed cause beside its own.

    AWS names one layer of several. What the claimed one says may hang on a missing fact that no
    longer turns the answer, or nobody gave that layer.
    """
    if claim.allowed or not decision.denied:
        return False
    wanted = CAN_DENY if claim.explicit else CAN_BE_SILENT
    if claim.explicit is not True and decision.verdict is Verdict.EXPLICIT_DENY:
        wanted = CAN_DENY if claim.explicit is None else 0  # AWS names an explicit deny first
    if claim.layer is None:
        return any(_is_open(said.possible) and said.possible & wanted for said in decision.layers)
    for layer in _named(claim):
        loose = CAN_DENY | CAN_BE_SILENT if layer in _LOOSE and claim.explicit else wanted
        possible = decision.layer(layer).possible
        if possible & loose and (_is_open(possible) or _hangs_on_grant(layer, decision)):
            return True
    return False


def _hangs_on_grant(layer: Layer, decision: Decision) -> bool:
    """Tell whether the layer's silence matters: a resource policy may make up for it."""
    resource = decision.layer(Layer.RESOURCE_POLICY)
    behind = (Layer.IDENTITY_POLICY, Layer.PERMISSIONS_BOUNDARY, Layer.SESSION_POLICY)
    return layer in behind and (
        _is_open(resource.possible) or bool(resource.may_grant & ~resource.granted)
    )


def _is_open(possible: int) -> bool:
    """Tell whether a layer may answer in more than one way."""
    return possible & (possible - 1) != 0


def _agrees(claim: Claim, decision: Decision) -> bool:
    """Tell whether the claimed layer is among those that deny, in the claimed way.

    A message may call a service control policy's silence an explicit deny: no disagreement.
    """
    if claim.allowed or not decision.denied:
        return claim.allowed and decision.allowed
    if claim.layer is None:
        return claim.explicit is None or claim.explicit == (
            decision.verdict is Verdict.EXPLICIT_DENY
        )
    return any(_layer_agrees(claim, layer, decision) for layer in _named(claim))


def _named(claim: Claim) -> tuple[Layer, ...]:
    """The layers that a claim names: of a denial that was handed on, both."""
    return tuple(layer for layer in (claim.layer, claim.through) if layer is not None)


def _layer_agrees(claim: Claim, layer: Layer, decision: Decision) -> bool:
    if layer not in decision.blocking:
        return False
    denies = decision.layer(layer).verdict is LayerVerdict.DENIED
    if claim.explicit is None or (claim.explicit and layer in _LOOSE):
        return True
    return denies == claim.explicit


def _may_agree(claim: Claim, decision: Decision) -> bool:
    """Tell whether some completion of an unknown decision agrees."""
    if claim.allowed:
        return any(each.verdict is Verdict.ALLOWED for each in decision.alternatives)
    if not any(each.verdict is not Verdict.ALLOWED for each in decision.alternatives):
        return False
    if claim.layer is None:
        return True
    wanted = {None: CAN_DENY | CAN_BE_SILENT, True: CAN_DENY, False: CAN_BE_SILENT}[claim.explicit]
    if claim.layer in _LOOSE:
        wanted = CAN_DENY | CAN_BE_SILENT
    return any(decision.layer(layer).possible & wanted for layer in _named(claim))


def _agreeing(
    claim: Claim, decision: Decision, policies: PolicySource
) -> list[tuple[Alternative, Decision]]:
    """Give the answers still open that agree with the claim, each with the facts that lead there.

    None where some denial hangs on facts of which nobody knows which: it may be another cause.
    """
    if not decision.unknown:
        return [(Alternative(decision.verdict), decision)] if _agrees(claim, decision) else []
    found = []
    for each in decision.alternatives:
        if not each.facts and each.verdict is not Verdict.ALLOWED:
            return []
        answer = _with_facts(each.facts, decision, policies)
        if each.facts and _agrees(claim, answer):
            found.append(_plainest(each, answer, decision, policies))
    return found


def _with_facts(
    facts: tuple[tuple[str, str | None], ...], decision: Decision, policies: PolicySource
) -> Decision:
    changes: dict[str, ContextValue] = {
        key: ABSENT if value is None else (value,) for key, value in facts
    }
    return evaluate(with_context(decision.asked or decision.request, changes), policies)


def _plainest(
    each: Alternative, answer: Decision, decision: Decision, policies: PolicySource
) -> tuple[Alternative, Decision]:
    """Of several values that lead to one cause, absence is the plainest."""
    for key, value in each.facts:
        if value is None:
            continue
        facts = tuple((name, None if name == key else kept) for name, kept in each.facts)
        tried = _with_facts(facts, decision, policies)
        if _cause_of(tried) == _cause_of(answer):
            each, answer = replace(each, facts=facts), tried
    return each, answer


class _Silenced:
    """Policies of which the layers not given are known to have let AWS's answer pass.

    AWS denied by one layer, so it does not matter what the layers say that nobody gave; where AWS
    allowed, none of them denied. The layer that AWS names stays open (the identity side where it
    names none), and so do those that grant where AWS allowed.
    """

    def __init__(self, policies: PolicySource, claim: Claim) -> None:
        self._policies = policies
        named = _named(claim) or (Layer.IDENTITY_POLICY,)
        self._open = frozenset(GRANTING if claim.allowed else named)

    def resolve(self, request: Request) -> tuple[Request, PolicyStack]:
        """Give the stack with every other layer complete."""
        request, stack = self._policies.resolve(request)
        return request, replace(stack, complete=stack.complete | (frozenset(Layer) - self._open))

    def silent_layers(self, request: Request) -> tuple[Layer, ...]:
        """Give the layers of which nothing was given."""
        _, stack = self._policies.resolve(request)
        known = stack.complete | self._open | frozenset(stack.layers)
        return tuple(layer for layer in Layer if layer not in known)
