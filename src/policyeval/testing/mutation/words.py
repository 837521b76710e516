"""What mutants change and why some change nothing, in words."""

from __future__ import annotations

from policyeval.rendering.words import LAYER_NOUNS, position
from policyeval.testing.mutation.model import Mutant, MutantResult, Proof, Reason
from policyeval.testing.mutation.operators import NAMES

_PROOFS = {
    Reason.SAME_MEANING: "both forms match the same requests",
    Reason.SAME_OPERATOR: "both operators mean the same for these values",
    Reason.ABSENT_KEY: "both are true when the key is absent",
    Reason.SET_OPERATOR: "IfExists has no effect after a set operator",
    Reason.ALWAYS_PRESENT: "every request carries {by}",
    Reason.NEVER_MATCHES: "the statement matches no request",
    Reason.SHADOWED: "statement {by} says the same about all that this one matches",
    Reason.OVERRIDDEN: "statement {by} denies all that this one matches",
    Reason.IMPLIED_IN_RCPS: "RCPFullAWSAccess allows everything beside it",
    Reason.OWN_RESOURCE: "the policy meets no request but those for {by}",
}


def proof_words(proof: Proof) -> str:
    """Say why a mutant decides every request alike."""
    return _PROOFS[proof.reason].format(by=proof.by)


def change_words(mutant: Mutant) -> str:
    """Say in short what a mutant changes: `Action s3:ListBucket becomes s3:*`."""
    change = mutant.change
    if mutant.attachment is not None:
        layer = LAYER_NOUNS[mutant.attachment.layer]
        where = f" at {change.new}" if change.new else ""
        return f"{layer} {change.old} detached{where}"
    if change.element == "Statement":
        return f"statement {change.old} dropped"
    if change.verb == "drop":
        if change.element == "Condition" and change.key and not change.old.endswith(change.key):
            return f"{change.key} value {change.old} dropped"
        return f"{change.element} {change.old} dropped".replace("  ", " ")
    what = f"{change.key} " if change.key else f"{change.element} "
    return f"{what}{change.old} becomes {change.new}"


def effect_words(mutant: Mutant) -> str:
    """Say in what a condition stands: (`in a Deny`); empty for what tells it itself."""
    old = mutant.original
    if old is None or mutant.change.element != "Condition":
        return ""
    return f"in {'an' if old.effect.value == 'Allow' else 'a'} {old.effect.value}"


def place_words(mutant: Mutant) -> str:
    """Name the file and the line of a change."""
    found = position(mutant.location)
    if mutant.attachment is not None or found is None:
        return mutant.name
    return f"{mutant.location.source.name}:{found[0]}"


def met_words(result: MutantResult) -> str:
    """Say how many tests could have noticed."""
    what = "statement" if result.mutant.attachment is None else "attachment"
    if not result.met:
        return f"no test meets the policy of this {what}"
    if result.met == 1:
        return "the one test that meets the policy passes all the same"
    return f"all {result.met} tests that meet the policy pass all the same"


def operator_words(mutant: Mutant) -> str:
    """Give the operator's name: `drop-statement`."""
    return NAMES[mutant.operator]
