"""The story in one screen: find the policies, decide each layer, combine, settle the unknown."""

from __future__ import annotations

from policyeval.context import Facts
from policyeval.decision import (
    CAN_ALLOW,
    Alternative,
    Decision,
    LayerDecision,
    LayerVerdict,
    Verdict,
)
from policyeval.evaluation.caller import caller_at, caller_of
from policyeval.evaluation.combine import combine_possible
from policyeval.evaluation.compile import CompiledLayer, compile_stack
from policyeval.evaluation.facts_used import assumptions, missing_facts
from policyeval.evaluation.layers import decide_layer
from policyeval.evaluation.reach import (
    may_not_apply,
    not_given,
    out_of_reach,
    reach,
    without_policies,
)
from policyeval.evaluation.service_rules import (
    ServiceRule,
    closure_of,
    forbidden_to,
    rule_for,
)
from policyeval.matching.principal import Caller
from policyeval.request import Request
from policyeval.stack import Layer, PolicySource, PolicyStack
from policyeval.value import replace

LAYERS = tuple(Layer)
RESOURCE = LAYERS.index(Layer.RESOURCE_POLICY)
PERHAPS_NOT_APPLIED = (Layer.VPC_ENDPOINT_POLICY, Layer.SESSION_POLICY)
NOT_FORBIDDEN, FORBIDDEN, FORBIDDEN_EITHER = (False,), (True,), (False, True)


def evaluate(request: Request, policies: PolicySource) -> Decision:
    """Decide a request.

    `policies` is a PolicyStack, or an Environment, which finds the stack that applies. Answers
    allowed, explicit_deny or implicit_deny; or unknown, with the facts that are missing and the
    answers that they may lead to (R-FLOW-20).
    """
    decision = evaluate_once(request, policies)
    if decision.missing:
        from policyeval.evaluation.completions import settle

        return settle(decision, evaluate_once)
    return decision


def evaluate_once(request: Request, policies: PolicySource) -> Decision:
    """Decide a request with three-valued answers, each fact taken on its own."""
    asked = request
    request, stack = policies.resolve(request)
    compiled = compile_stack(stack)
    rule = rule_for(request)
    forbidden, certain = forbidden_to(request, stack.organization)
    caller = caller_of(request, stack)
    layers = tuple(
        [_layer(layer, compiled.get(layer), request, stack, rule, caller) for layer in LAYERS]
    )
    resource = layers[RESOURCE]
    same_account = request.same_account or rule.any_account
    situation = (
        request.principal.kind,
        same_account,
        rule.part,
        rule.always,
        closure_of(request, rule) is not None,
    )
    verdicts, blocking, only = combine_possible(
        situation,
        FORBIDDEN_EITHER if not certain else FORBIDDEN if forbidden else NOT_FORBIDDEN,
        tuple([decision.possible for decision in layers]),
        resource.granted,
        resource.may_grant,
    )
    missing: tuple[str, ...] = ()
    if len(verdicts) > 1:
        missing = missing_facts(layers, compiled, request, stack)
        missing += () if certain else ("aws:MultiFactorAuthPresent",)
    return Decision(
        request,
        stack,
        only or Verdict.UNKNOWN,
        layers,
        blocking if only is not None else (),
        missing,
        assumptions(layers, compiled, request),
        tuple(Alternative(verdict) for verdict in Verdict if verdict in verdicts)
        if only is None
        else (),
        forbidden or rule.rule,
        asked,
        policies,
    )


def _layer(
    layer: Layer,
    compiled: CompiledLayer | None,
    request: Request,
    stack: PolicyStack,
    rule: ServiceRule,
    caller: Caller,
) -> LayerDecision:
    if compiled is None and request.facts is Facts.COMPLETE:
        return without_policies(layer)
    reason = reach(layer, request, stack, rule)
    if reason:
        return out_of_reach(layer, reason)
    if compiled is None:
        return not_given(layer, request, stack, rule)
    if not compiled.level_count:
        return without_policies(layer)
    decided = decide_layer(layer, compiled, request, caller_at(layer, caller, request, compiled))
    if layer in PERHAPS_NOT_APPLIED and may_not_apply(layer, request):
        return replace(decided, verdict=LayerVerdict.UNKNOWN, possible=decided.possible | CAN_ALLOW)
    return decided
