"""The sentences that say how it was decided, and why: the verdict, and what each cause is.

Made here once, from values, as `words.py` makes the smaller ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from policyeval.decision import Decision, LayerVerdict, Verdict
from policyeval.explanation.tree import Cause, Explanation, Reason
from policyeval.principal import PrincipalKind
from policyeval.rendering.words import (
    CALLER_NOUNS,
    LAYER_NOUNS,
    VERDICT_WORDS,
    an,
    counted,
    joined,
    layer_noun,
    level_name,
    number_word,
    plural_of,
)
from policyeval.request import Request
from policyeval.stack import GRANTING, Layer

# ---- the verdict --------------------------------------------------------------------------


def verdict_word(decision: Decision) -> str:
    """ALLOWED, DENIED or UNKNOWN."""
    return VERDICT_WORDS[decision.verdict]


def verdict_sentence(explanation: Explanation) -> str:
    """What follows the word: `no identity-based policy allows s3:PutObject`."""
    decision = explanation.decision
    if decision.verdict is Verdict.ALLOWED:
        return _allowed(explanation)
    if decision.verdict is Verdict.UNKNOWN:
        return unknown_sentence(decision)
    sentence = _denied(explanation)
    others = [layer.value for layer in decision.blocking if layer is not decision.decided_by]
    if others:
        verb = "blocks" if len(others) == 1 else "block"
        sentence += f" ({joined(others)} {verb} too)"
    return sentence


def unknown_sentence(decision: Decision) -> str:
    """`two facts decide it`."""
    count = len(decision.missing)
    if not count:
        return "the facts given do not decide it"
    return "one fact decides it" if count == 1 else f"{number_word(count)} facts decide it"


def _allowed(explanation: Explanation) -> str:
    decision = explanation.decision
    request = decision.request
    layers = {view.ref.layer for view in explanation.granting}
    sides = [an(layer_noun(layer, request)) for layer in GRANTING if layer in layers]
    if decision.rule == "R-FLOW-21" and request.action.service == "sts":
        return f"no policy can deny {request.action}" if not sides else _who_allows(sides, request)
    if not sides and request.principal.kind is PrincipalKind.ROOT_USER:
        return f"the account's root user may call {request.action}, and nothing denies it"
    return _who_allows(sides, request) if sides else f"nothing denies {request.action}"


def _who_allows(sides: Sequence[str], request: Request) -> str:
    return f"{joined(sides)} {'allows' if len(sides) == 1 else 'allow'} {request.action}"


def _denied(explanation: Explanation) -> str:
    decision = explanation.decision
    layer = decision.decided_by
    if layer is None:
        return f"no policy allows {decision.request.action}"
    if decision.layer(layer).verdict is LayerVerdict.DENIED:
        noun, own_noun = LAYER_NOUNS[layer], layer_noun(layer, decision.request)
        if own_noun == "key policy":
            return f"explicit deny in {an(noun)} (the key policy)"
        return f"explicit deny in {an(own_noun)}"
    cause = next(
        (cause for cause in explanation.causes if cause.layer is layer),
        Cause(layer, explanation.reason),
    )
    return silence_sentence(cause, decision)


def silence_sentence(cause: Cause, decision: Decision) -> str:
    """Say how a layer fails to allow, in one clause."""
    request = decision.request
    action = request.action
    special = {
        Reason.CLOSED_TO_CALLER: _closed_to(request),
        Reason.OWNER_ONLY: f"only the resource's own account may call {action}",
        Reason.OTHER_PARTITION: "caller and resource are in different partitions "
        f"({request.principal.partition} and {request.resource.partition})",
    }
    if cause.reason in special:
        return special[cause.reason]
    if cause.layer is None:
        return f"no policy allows {action}"
    if cause.reason is Reason.KEY_POLICY_SILENT:
        return f"the key policy does not allow {action}"
    noun = LAYER_NOUNS[cause.layer]
    if cause.reason is Reason.TRUST_MISSING:
        noun = layer_noun(cause.layer, request)
    if cause.reason is Reason.CROSS_ACCOUNT:
        return f"no {noun} allows {action} to another account"
    if decision.layer(cause.layer).assumed:
        return f"no {noun} was given, and one must allow {action}"
    return f"no {noun} allows {action}"


def _closed_to(request: Request) -> str:
    """R-FLOW-10, R-FLOW-16, R-FLOW-21: callers that may not ask at all."""
    caller = CALLER_NOUNS[request.principal.kind]
    if request.principal.kind is PrincipalKind.IAM_USER:
        caller = "a user with GetSessionToken credentials"
        if request.action.service == "iam":
            caller += " and without MFA"
    return f"{caller} may not call {request.action}, whatever the policies say"


# ---- causes -------------------------------------------------------------------------------


def cause_sentence(cause: Cause, decision: Decision) -> str:
    """The full sentence at the head of a cause: what exactly the layer lacks."""
    request = decision.request
    layer = cause.layer or Layer.IDENTITY_POLICY
    noun = layer_noun(layer, request)
    sentences = {
        Reason.EXPLICIT_DENY: f"a Deny statement of the {noun} matches this request",
        Reason.UNKNOWN: f"what the {noun} says hangs on facts not given",
        Reason.NO_POLICY: f"an allow is needed, and there is no {noun}",
        Reason.EMPTY_LEVEL: _empty_level(cause, decision),
        Reason.ONLY_DENIES: f"{_these(decision, layer, noun)} only Deny statements, "
        "so nothing is allowed",
        Reason.CROSS_ACCOUNT: f"the {noun} must allow a caller of another account, and does not",
        Reason.TRUST_MISSING: "no statement of the role's trust policy allows this caller to "
        f"call {request.action}",
        Reason.KEY_POLICY_SILENT: "the key policy lets neither this caller nor its account call "
        f"{request.action}",
        Reason.NO_SESSION_POLICY: "a federated-user session without session policy has only what "
        "a resource-based policy gives it",
    }
    needed = (Reason.CROSS_ACCOUNT, Reason.TRUST_MISSING, Reason.KEY_POLICY_SILENT)
    if cause.reason in needed and not decision.stack.policies(layer):
        return f"an allow of the {noun} is needed, and there is none"
    if cause.reason in sentences:
        return sentences[cause.reason]
    if cause.reason is Reason.NO_ALLOW:
        return _no_statement(cause, decision, layer, noun)
    return silence_sentence(cause, decision)


def _no_statement(cause: Cause, decision: Decision, layer: Layer, noun: str) -> str:
    attached = decision.stack.policies(layer)
    where = ""
    if cause.level is not None:
        attached = decision.stack.layers[layer][cause.level]
        where = f" at {level_name(decision, layer, cause.level)}"
    count = sum(len(item.policy.statements) for item in attached)
    policies = noun if len(attached) == 1 else plural_of(noun)
    return (
        f"none of the {counted(count, 'statement')} of the {policies}{where} allows "
        f"{decision.request.action}"
        if count != 1
        else f"the one statement of the {policies}{where} does not allow {decision.request.action}"
    )


def _empty_level(cause: Cause, decision: Decision) -> str:
    layer = cause.layer or Layer.SERVICE_CONTROL_POLICY
    name = level_name(decision, layer, cause.level or 0)
    return f"no {LAYER_NOUNS[layer]} is attached to {name}, and such a level allows nothing"


def _these(decision: Decision, layer: Layer, noun: str) -> str:
    several = len(decision.stack.policies(layer)) > 1
    return f"the {plural_of(noun)} have" if several else f"the {noun} has"


def hint(cause: Cause, decision: Decision) -> str:
    """What one should know about such a cause; empty where nothing is to be said."""
    if cause.reason is Reason.EXPLICIT_DENY:
        if cause.layer in (Layer.SERVICE_CONTROL_POLICY, Layer.RESOURCE_CONTROL_POLICY):
            noun = plural_of(LAYER_NOUNS[cause.layer])
            return f"No change to other policies can help: denies of {noun} are final."
        return "An explicit deny outweighs every allow, wherever that stands."
    if cause.reason is Reason.KEY_POLICY_SILENT:
        caller = decision.request.principal
        root = f"arn:{caller.partition}:iam::{caller.account}:root"
        return (
            "For KMS keys an identity-based policy counts only if the key policy lets the "
            f"caller's account use the key: {root}."
        )
    hints = {
        Layer.SERVICE_CONTROL_POLICY: "A service control policy grants nothing: each level, from "
        "the root to the account, must allow what the identity-based policies allow.",
        Layer.PERMISSIONS_BOUNDARY: "A permissions boundary grants nothing: what is allowed is "
        "the overlap of boundary and identity-based policies.",
        Layer.SESSION_POLICY: "A session policy grants nothing: what is allowed is the overlap "
        "of the role's policies and the session's.",
        Layer.VPC_ENDPOINT_POLICY: "The request comes through this endpoint, so the endpoint's "
        "policy must allow it; another way in would not meet it.",
    }
    silent = (Reason.NO_ALLOW, Reason.ONLY_DENIES, Reason.EMPTY_LEVEL)
    return hints.get(cause.layer, "") if cause.layer and cause.reason in silent else ""
