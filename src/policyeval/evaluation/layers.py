"""One fold for every layer: the outcomes of its statements become what the layer says.

An allow is asked for at each organization level of SCPs; the other layers have one level.
"""

from __future__ import annotations

from policyeval.decision import (
    CAN_ALLOW,
    CAN_BE_SILENT,
    CAN_DENY,
    LayerDecision,
    LayerVerdict,
    Naming,
)
from policyeval.evaluation.compile import Candidates, CompiledLayer
from policyeval.matching.principal import Caller
from policyeval.matching.result import NO, YES
from policyeval.matching.result import UNKNOWN as MAYBE
from policyeval.matching.statement import MATCHED, match_statement
from policyeval.matching.statement import UNKNOWN as UNKNOWN_OUTCOME
from policyeval.request import Request
from policyeval.stack import LEVELED, Layer

ANY_NAMING = sum(1 << naming for naming in Naming if naming)
VERDICTS = {
    CAN_ALLOW: LayerVerdict.ALLOWED,
    CAN_BE_SILENT: LayerVerdict.NO_ALLOW,
    CAN_DENY: LayerVerdict.DENIED,
}


def decide_layer(
    layer: Layer, compiled: CompiledLayer, request: Request, caller: Caller
) -> LayerDecision:
    """Ask the layer's statements, each once, and fold their outcomes; keep them as the trace."""
    candidates = compiled.candidates(request.action.folded)
    resource = request.resource.text
    entries, default = request.context.entries, request.context.default
    # AWS: RCPFullAWSAccess is implied at each level of RCPs (R-FLOW-04).
    start = YES if layer is Layer.RESOURCE_CONTROL_POLICY else NO
    allows = [start] * compiled.level_count
    deny = NO
    outcomes = []
    for statement, level in candidates.statements:
        outcome = (
            MATCHED
            if statement.always
            else match_statement(statement, resource, entries, default, caller)
        )
        outcomes.append(outcome)
        if outcome == MATCHED:
            answer = YES
        elif outcome == UNKNOWN_OUTCOME:
            answer = MAYBE
        else:
            continue
        if statement.denies:
            if answer > deny:
                deny = answer
        elif answer > allows[level]:
            allows[level] = answer
    # Every level from the root to the account must allow (R-FLOW-03).
    possible = fold(deny, min(allows))
    granted = may_grant = 0
    if layer is Layer.RESOURCE_POLICY:
        granted, may_grant = _grants(candidates, outcomes, caller)
    return LayerDecision(
        layer,
        VERDICTS.get(possible, LayerVerdict.UNKNOWN),
        possible,
        candidates.visited,
        tuple(outcomes),
        compiled.level_count if layer in LEVELED else 0,
        granted,
        may_grant,
    )


def fold(deny: int, allow: int) -> int:
    """Give the answers that a layer may give, as bits: a deny wins, else an allow is needed."""
    if deny == YES:
        return CAN_DENY
    possible = CAN_DENY if deny == MAYBE else 0
    if allow != NO:
        possible |= CAN_ALLOW
    if allow != YES:
        possible |= CAN_BE_SILENT
    return possible


def _grants(candidates: Candidates, outcomes: list[int], caller: Caller) -> tuple[int, int]:
    """How the matching Allow statements name the caller, certainly and perhaps."""
    granted = may_grant = 0
    for (statement, _), outcome in zip(candidates.statements, outcomes, strict=True):
        if statement.denies or outcome not in (MATCHED, UNKNOWN_OUTCOME):
            continue
        naming = statement.principal.naming(caller) if statement.principal else Naming.DIRECT
        if naming is None:
            # The name itself is open: a session's own ARN, the user behind a federated session,
            # or the account behind a canonical id.
            may_grant |= ANY_NAMING
        elif outcome == MATCHED:
            granted |= 1 << naming
        else:
            may_grant |= 1 << naming
        if statement.principal is not None and statement.principal.may_grant_more(caller):
            may_grant |= ANY_NAMING
    return granted, may_grant
