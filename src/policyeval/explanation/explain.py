"""Why was it decided so, and what would make it pass?"""

from __future__ import annotations

from policyeval.decision import Decision, LayerVerdict, Outcome, Verdict
from policyeval.evaluation.facts_used import taken_absent
from policyeval.evaluation.notes import findings_of, policies_to_remark_on
from policyeval.evaluation.service_rules import (
    Closure,
    ResourcePart,
    closure_of,
    forbidden_to,
    rule_for,
)
from policyeval.explanation.fixes import find_fixes
from policyeval.explanation.near_miss import near_misses
from policyeval.explanation.replay import take_apart
from policyeval.explanation.tree import Cause, Explanation, Reason, StatementView
from policyeval.policy import Effect
from policyeval.principal import PrincipalKind
from policyeval.stack import Layer


def explain(decision: Decision, *, max_fixes: int = 3) -> Explanation:
    """Give the reasons of a decision: its causes, near misses, and fixes.

    Each fix has been evaluated: with its changes the same engine answers ALLOWED. A decision that
    allows, or that is unknown, has none.
    """
    causes: tuple[Cause, ...] = ()
    granting: tuple[StatementView, ...] = ()
    if decision.verdict is Verdict.ALLOWED:
        granting = tuple(take_apart(ref, decision) for ref in decision.determining)
    elif decision.verdict is Verdict.UNKNOWN:
        causes = _open_causes(decision)
    else:
        ordered = sorted(decision.blocking, key=lambda layer: layer is not decision.decided_by)
        causes = tuple(_cause(decision, layer) for layer in ordered)
    return Explanation(
        decision,
        _reason(decision, causes),
        causes,
        granting,
        find_fixes(decision, max_fixes) if decision.denied and max_fixes else (),
        findings_of(decision, policies_to_remark_on(decision)),
        _not_evaluated(decision),
        taken_absent(decision),
        fixes_sought=max_fixes > 0,
    )


def _reason(decision: Decision, causes: tuple[Cause, ...]) -> Reason:
    if decision.verdict is Verdict.ALLOWED:
        return Reason.ALLOWED
    if decision.verdict is Verdict.UNKNOWN:
        return Reason.UNKNOWN
    return causes[0].reason if causes else Reason.NO_ALLOW


def _cause(decision: Decision, layer: Layer) -> Cause:
    said = decision.layer(layer)
    if said.verdict is LayerVerdict.DENIED:
        denies = said.refs(Effect.DENY)
        return Cause(
            layer,
            Reason.EXPLICIT_DENY,
            tuple(take_apart(ref, decision) for ref in denies),
            denies[0].level if denies else None,
        )
    special = _special_reason(decision, layer)
    if special is not None:
        return Cause(layer, special)
    level = said.silent_level
    misses = near_misses(decision, layer, level)
    return Cause(layer, _silence(decision, layer, level), misses, level)


def _special_reason(decision: Decision, layer: Layer) -> Reason | None:
    """Denials that no policy could turn."""
    request = decision.request
    if layer is Layer.IDENTITY_POLICY and forbidden_to(request, decision.stack.organization)[0]:
        return Reason.CLOSED_TO_CALLER
    if layer is not Layer.RESOURCE_POLICY:
        return None
    closure = closure_of(request, rule_for(request))
    return _CLOSURES[closure] if closure is not None else None


_CLOSURES = {
    Closure.OTHER_PARTITION: Reason.OTHER_PARTITION,
    Closure.OWNER_ONLY: Reason.OWNER_ONLY,
}


def _silence(  # noqa: PLR0911 - a list of reasons
    decision: Decision, layer: Layer, level: int | None
) -> Reason:
    """Name the way in which a layer fails to allow."""
    request = decision.request
    levels = decision.stack.layers.get(layer, ())
    attached = levels[level] if level is not None else decision.stack.policies(layer)
    if layer is Layer.RESOURCE_POLICY:
        part = rule_for(request).part
        if part is ResourcePart.TRUST:
            return Reason.TRUST_MISSING
        if part is ResourcePart.KEY:
            return Reason.KEY_POLICY_SILENT
        if not request.same_account:
            return Reason.CROSS_ACCOUNT
    if not attached:
        if level is not None:
            return Reason.EMPTY_LEVEL
        federated = request.principal.kind is PrincipalKind.FEDERATED_USER
        if layer is Layer.SESSION_POLICY and federated:
            return Reason.NO_SESSION_POLICY
        return Reason.NO_POLICY
    effects = {statement.effect for item in attached for statement in item.policy.statements}
    if effects == {Effect.DENY}:
        return Reason.ONLY_DENIES
    return Reason.NO_ALLOW


def _open_causes(decision: Decision) -> tuple[Cause, ...]:
    """The layers whose statements wait for a missing fact."""
    causes = []
    for said in decision.layers:
        refs = (*said.refs(Effect.DENY, Outcome.UNKNOWN), *said.refs(Effect.ALLOW, Outcome.UNKNOWN))
        if refs:
            views = tuple(take_apart(ref, decision) for ref in refs)
            causes.append(Cause(said.layer, Reason.UNKNOWN, views))
        elif said.verdict is LayerVerdict.UNKNOWN:
            causes.append(Cause(said.layer, Reason.UNKNOWN))
    return tuple(causes)


_SHARED_BY_RAM = frozenset(
    """
    acm-pca appmesh aurora backup codebuild dynamodb ec2 glue imagebuilder license-manager
    network-firewall outposts rds resource-groups route53resolver sagemaker ssm
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
"""Services of which some resources can be shared through AWS RAM."""


def _not_evaluated(decision: Decision) -> tuple[str, ...]:
    """Facts outside policies that could turn this answer (R-FLOW-19), as stable words."""
    request = decision.request
    service = request.action.service
    words = []
    if service == "s3":
        anonymous = request.principal.kind is PrincipalKind.ANONYMOUS
        if anonymous or (decision.allowed and not request.same_account):
            words.append("s3_block_public_access")
        if decision.verdict is Verdict.IMPLICIT_DENY:
            words.append("s3_acl")
    if service == "kms" and decision.verdict is Verdict.IMPLICIT_DENY:
        words.append("kms_grants")
    if service in ("glue", "athena", "lakeformation"):
        words.append("lake_formation")
    across = decision.verdict is Verdict.IMPLICIT_DENY and not request.same_account
    if across and service in _SHARED_BY_RAM:
        words.append("ram_share")
    return tuple(words)
