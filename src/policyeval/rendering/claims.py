"""AWS's word beside ours: what a message claimed, and what its agreement or disagreement means."""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.claim import Claim
from policyeval.decision import Alternative, Decision
from policyeval.explanation.claimed import Agreement, ClaimCheck
from policyeval.explanation.tree import Explanation
from policyeval.rendering.comparisons import sample_words
from policyeval.rendering.document import Block, Line, Node, Run, line
from policyeval.rendering.reasons import verdict_word
from policyeval.rendering.words import (
    LAYER_NOUNS,
    an,
    fact_words,
    joined,
    statement_name,
    statement_place,
)

HEADINGS = {
    Agreement.AGREES: "agrees with AWS",
    Agreement.AGREES_IF: "agrees with AWS if",
    Agreement.DISAGREES: "DISAGREES WITH AWS",
}
ROLES = {
    Agreement.AGREES: "allow",
    Agreement.AGREES_IF: "unknown",
    Agreement.DISAGREES: "deny",
}


def claim_words(claim: Claim) -> str:
    """`explicit deny in a resource-based policy`, `no identity-based policy allows it`."""
    if claim.allowed:
        return "allowed"
    noun = ""
    if claim.layer is not None:
        noun = "role trust policy" if claim.trust else LAYER_NOUNS[claim.layer]
    if claim.explicit is None:
        return f"denied by {an(noun)}" if noun else "denied, without a reason"
    if not claim.explicit:
        return f"no {noun} allows it" if noun else "implicit deny"
    words = f"explicit deny in {an(noun)}" if noun else "explicit deny"
    if claim.through is not None:
        words += f", through {an(LAYER_NOUNS[claim.through])}"
    return words


def claim_block(explanation: Explanation) -> Block:
    """Give the comparison: one line, and what to make of a disagreement."""
    check, pasted = explanation.check, explanation.pasted
    if check is None or pasted is None:
        return Block("claim", ())
    decision = explanation.decision
    heading = Run(ROLES[check.agreement], HEADINGS[check.agreement])
    said = f"{pasted.kind.value}: {claim_words(check.claim)}"
    nodes: list[Node] = []
    if check.agreement is Agreement.AGREES_IF:
        nodes.append(line(Run("dim", said), indent=2))
        said = _condition(check, decision)
        nodes += [_cause(each, decision) for each in check.causes]
    elif check.agreement is Agreement.DISAGREES:
        nodes += [line(text, indent=2, hang=2) for text in _why_not(check, decision)]
    nodes += [line(Run("dim", text), indent=2) for text in _rests_on(check, decision)]
    return Block("claim", tuple(nodes), line(heading, f"  {said}"))


def _condition(check: ClaimCheck, decision: Decision) -> str:
    """On what an agreement hangs that is still open."""
    claim = check.claim
    if decision.denied:
        noun = f"the {LAYER_NOUNS[claim.layer]}" if claim.layer is not None else "another policy"
        if check.not_given:
            return f"{noun} blocks it too: none is in your input"
        return f"{noun} blocks it too: that hangs on facts that were not given"
    beyond = ", or one that no example shows" if decision.inexact else ""
    if len(check.causes) == 1:
        return f"this is the cause{beyond}"
    if check.causes:
        likely = ", the first more likely" if check.likely else ""
        return f"one of these is the cause{likely}{beyond}"
    if check.not_given and claim.layer is not None:
        named = f" ({claim.policy_arn})" if claim.policy_arn else ""
        return f"{an(LAYER_NOUNS[claim.layer])}{named} is the cause: none is in your input"
    return "the facts below are as it takes"


def _cause(alternative: Alternative, decision: Decision) -> Line:
    facts = joined(
        f"{fact_words(fact, decision.request)} is {sample_words(value)}"
        for fact, value in alternative.facts
    )
    by = ""
    if alternative.statements:
        first = alternative.statements[0]
        by = f": {statement_place(first)} {statement_name(first)}"
    return line(f"{facts}{by}", indent=2, hang=2)


def _why_not(check: ClaimCheck, decision: Decision) -> Iterator[str]:
    """What a disagreement means, the likeliest first."""
    claim = check.claim
    here = f"these policies: {verdict_word(decision)}"
    if check.denying:
        here += f" by {joined(layer.value for layer in check.denying)}"
    yield here
    if claim.allowed:
        yield (
            "most likely a policy was changed since, or one that allows is missing from your input"
        )
    elif check.unknown_arn:
        yield (
            f"most likely your copy is old or incomplete: AWS names {claim.policy_arn}, and no "
            "policy of your input has this ARN"
        )
    elif check.not_given and claim.layer is not None:
        yield f"most likely it is missing: no {LAYER_NOUNS[claim.layer]} is in your input"
    elif claim.layer is not None:
        yield f"most likely your copy of the {LAYER_NOUNS[claim.layer]} is not the one AWS asked"
    yield "or a fact differs that was not given; or it is a bug here: please report it"


def _rests_on(check: ClaimCheck, decision: Decision) -> Iterator[str]:
    """What the answer takes from AWS's word."""
    for fact, value in check.inferred:
        name = fact_words(fact, decision.request)
        yield f"Taken to be {sample_words(value)}, since AWS denied it: {name}."
    if check.silent:
        layers = joined((layer.value for layer in check.silent), "or")
        yield f"No {layers} policy was given: taken to hold nothing that decides."
