"""Results as plain data: how they are remembered, and how they come from another process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.context import Facts, Presence
from policyeval.decision import Verdict
from policyeval.testing.model import PolicyTest
from policyeval.testing.mutation.model import (
    Fate,
    Mutant,
    MutantResult,
    Proof,
    Reason,
    Witness,
)
from policyeval.value import replace

_PRESENCE = "presence"


def to_plain(result: MutantResult) -> dict[str, Any]:
    """Give a result without its mutant, as JSON values."""
    plain: dict[str, Any] = {"fate": result.fate.value, "met": result.met}
    if result.killer:
        plain["killer"] = result.killer
    if result.proof is not None:
        plain["proof"] = [result.proof.reason.value, result.proof.by]
    if result.witness is not None:
        test = result.witness.test
        plain["witness"] = {
            "base": test.id,
            "asked": list(test.asked),
            "principal": test.principal,
            "action": test.action,
            "resource": test.resource,
            "resource-account": test.resource_account,
            "facts": test.facts.value,
            "context": {key: _plain(value) for key, value in test.context.items()},
            "today": result.witness.today.value,
            "mutated": result.witness.mutated.value,
        }
    return plain


def from_plain(
    plain: Mapping[str, Any], mutant: Mutant, tests: Mapping[str, PolicyTest]
) -> MutantResult | None:
    """Give the result; None where a test that it rests on is no longer there.

    Raises KeyError, TypeError, ValueError or AttributeError for what is no result.
    """
    proof = None
    if "proof" in plain:
        reason, by = plain["proof"]
        proof = Proof(Reason(reason), _text(by))
    witness = None
    if "witness" in plain:
        found = plain["witness"]
        base = tests.get(_text(found["base"]))
        if base is None:
            return None
        principal, action, resource = map(_text, found["asked"])
        account = found["resource-account"]
        test = replace(
            base,
            principal=_text(found["principal"]),
            action=_text(found["action"]),
            resource=_text(found["resource"]),
            context={_text(key): _value(value) for key, value in found["context"].items()},
            resource_account=_text(account) if account is not None else None,
            facts=Facts(found["facts"]),
            asked=(principal, action, resource),
        )
        witness = Witness(test, Verdict(found["today"]), Verdict(found["mutated"]))
    fate, met = Fate(plain["fate"]), plain["met"]
    if type(met) is not int or (fate is Fate.SURVIVED) is not (witness is not None):
        raise ValueError(met)
    if (fate is Fate.EQUIVALENT) is not (proof is not None):
        raise ValueError(fate)
    return MutantResult(mutant, fate, _text(plain.get("killer", "")), proof, witness, met)


def _plain(value: Any) -> Any:
    if isinstance(value, Presence):
        return {_PRESENCE: value.value}
    return list(value) if isinstance(value, tuple) else value


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return Presence(value[_PRESENCE])
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value
