"""THE PROVER: does a mutant decide every request as the policy does?

A proof speaks of all requests of which the facts are known, whatever else is attached. It is
sound, and gives up soon: no answer means that nobody knows. Each reason is a rule of the language
(R-COND, R-MATCH) or of how the statements of one policy meet:

- what lies within another statement of the same effect adds nothing (*shadowed*);
- what lies within a Deny of the policy decides nothing: the Deny does (R-FLOW-02, *overridden*);
- a union of lists is the union of statements, so an item alone may be shadowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyeval.evaluation.compile import USES
from policyeval.glob import ANY_RUN
from policyeval.matching.operators import OPERATORS
from policyeval.matching.variables import Tokens
from policyeval.policy import (
    ActionElement,
    ConditionClause,
    Effect,
    PolicyType,
    PrincipalElement,
    ResourceElement,
    Statement,
)
from policyeval.stack import Layer
from policyeval.testing.mutation.contain import covers_region, matches_nothing, within
from policyeval.testing.mutation.implied import ALWAYS_PRESENT
from policyeval.testing.mutation.model import Mutant, Operator, Proof, Reason
from policyeval.value import replace


def proof_of(mutant: Mutant, layers: Sequence[Layer], owners: Sequence[str] = ()) -> Proof | None:
    """Give why a mutant decides every request alike; None where that is not proved.

    `layers` are those in which the policy hangs: patterns are read by them (R-MATCH-03). `owners`
    are the ARNs of all resources whose policy it is: no request for another meets it.
    """
    old, new = mutant.original, mutant.statement
    if old is None or not layers:
        return None
    if set(layers) == {Layer.RESOURCE_CONTROL_POLICY} and _only_allow(old, new):
        return Proof(Reason.IMPLIED_IN_RCPS)
    present = _always_present(mutant, old, new)
    if present is not None:
        return present
    others = [each for each in mutant.policy.statements if each is not old]
    proofs = [_proof(mutant, old, new, others, USES[layer]) for layer in layers]
    if all(proofs):
        return proofs[0]
    if owners and set(layers) == {Layer.RESOURCE_POLICY}:
        region = [tokens for arn in owners for tokens in _region(arn)]
        old, *others = (_at(each, region) for each in (old, *others))
        if _proof(mutant, old, _at(new, region) if new else None, others, PolicyType.RESOURCE):
            return Proof(Reason.OWN_RESOURCE, ", ".join(owners))
    return None


_INSIDE = {
    "s3": ("/",),
    "dynamodb": ("/index/",),
    "logs": (":",),
    "execute-api": ("/",),
    "es": ("/",),
}
"""By service: what begins the part of an ARN that follows the holder of the policy."""


def _region(arn: str) -> Iterator[Tokens]:
    """Give the requests' resources that a resource's policy speaks for (an object's bucket)."""
    yield (arn,)
    for beginning in _INSIDE.get(arn.split(":")[2], ()):
        yield (f"{arn}{beginning}", ANY_RUN)


def _at(statement: Statement, region: Sequence[Tokens]) -> Statement:
    """Give a statement as it is for a region: what covers all of it needs no Resource."""
    resource = statement.resource
    if resource is None or not covers_region(resource, region, PolicyType.RESOURCE):
        return statement
    return replace(statement, resource=None)


def _only_allow(old: Statement, new: Statement | None) -> bool:
    """R-FLOW-04: RCPFullAWSAccess is implied at each level, so an Allow adds nothing."""
    return old.effect is Effect.ALLOW and (new is None or new.effect is Effect.ALLOW)


def _proof(
    mutant: Mutant,
    old: Statement,
    new: Statement | None,
    others: Sequence[Statement],
    use: PolicyType,
) -> Proof | None:
    alike = new is not None and new.effect is old.effect
    if new is not None and alike and within(old, new, use) and within(new, old, use):
        return _same(mutant, old, new)
    forms = [form for form in (old, new) if form is not None]
    if all(matches_nothing(form, use) for form in forms):
        return Proof(Reason.NEVER_MATCHES)
    found = [_idle(form, others, use) for form in forms]
    if all(found):
        return next((p for p in found if p and p.reason is not Reason.NEVER_MATCHES), found[0])
    if new is not None and alike and mutant.operator is Operator.NARROW:
        parts = list(_parts(old, new))
        found = [_idle(part, [new, *others], use) for part in parts]
        if parts and all(found):
            return found[0]
    return None


def _idle(statement: Statement, others: Sequence[Statement], use: PolicyType) -> Proof | None:
    """Tell why a statement makes no difference beside others."""
    if matches_nothing(statement, use):
        return Proof(Reason.NEVER_MATCHES)
    for other in others:
        same = other.effect is statement.effect
        if (same or other.effect is Effect.DENY) and within(statement, other, use):
            reason = Reason.SHADOWED if same else Reason.OVERRIDDEN
            return Proof(reason, other.sid or f"#{other.index}")
    return None


def _same(mutant: Mutant, old: Statement, new: Statement) -> Proof:
    """Name the rule by which two forms of a statement mean the same."""
    clause = _changed_clause(old, new)
    if clause is None:
        return Proof(Reason.SAME_MEANING)
    if mutant.operator is Operator.SWAP_OPERATOR:
        return Proof(Reason.SAME_OPERATOR)
    if mutant.operator is Operator.IF_EXISTS:
        if clause.operator.quantifier:
            return Proof(Reason.SET_OPERATOR)
        if OPERATORS[clause.operator.name].negated:
            return Proof(Reason.ABSENT_KEY)
    return Proof(Reason.SAME_MEANING)


def _always_present(mutant: Mutant, old: Statement, new: Statement | None) -> Proof | None:
    """R-CTX: `IfExists` makes no difference for a key that is in every request."""
    if new is None or mutant.operator is not Operator.IF_EXISTS:
        return None
    clause = _changed_clause(old, new)
    if clause is None or clause.operator.quantifier or clause.key.lower() not in ALWAYS_PRESENT:
        return None
    return Proof(Reason.ALWAYS_PRESENT, clause.key)


def _changed_clause(old: Statement, new: Statement) -> ConditionClause | None:
    return next((clause for clause in old.condition if clause not in new.condition), None)


# ---- what a dropped item covered ----------------------------------------------------------


def _parts(old: Statement, new: Statement) -> Iterator[Statement]:
    """Give the statement that, beside the narrower one, is the old one; none where none is."""
    if old.action != new.action and not old.action.negated:
        gone = tuple(each for each in old.action.patterns if each not in new.action.patterns)
        yield replace(old, action=ActionElement(False, gone))
    elif old.resource is not None and old.resource != new.resource:
        kept = new.resource.patterns if new.resource is not None else ()
        dropped = tuple(each for each in old.resource.patterns if each not in kept)
        if not old.resource.negated and len(dropped) + len(kept) == len(old.resource.patterns):
            yield replace(old, resource=ResourceElement(False, dropped))
    elif old.principal is not None and old.principal != new.principal:
        named = new.principal.patterns if new.principal is not None else ()
        unnamed = tuple(each for each in old.principal.patterns if each not in named)
        if not old.principal.negated:
            yield replace(old, principal=PrincipalElement(False, unnamed))
    elif old.condition != new.condition:
        yield from _of_values(old, new)


def _of_values(old: Statement, new: Statement) -> Iterator[Statement]:
    """Values of one clause are alternatives, but for negated ones and for ForAllValues."""
    for clause, changed in zip(old.condition, new.condition, strict=False):
        if clause == changed:
            continue
        operator = clause.operator
        alike = (operator, clause.key) == (changed.operator, changed.key)
        if operator.name == "Null" or OPERATORS[operator.name].negated or not alike:
            return
        if operator.quantifier == "ForAllValues":
            return
        gone = tuple(value for value in clause.values if value not in changed.values)
        part = replace(clause, values=gone)
        yield replace(
            old, condition=tuple(part if each is clause else each for each in old.condition)
        )
