"""Policies to mutate, and what their mutants are."""

import json

from policyeval.parsing.policy import parse_policy
from policyeval.policy import PolicyType
from policyeval.testing.mutation.equivalent import proof_of
from policyeval.testing.mutation.operators import mutants_of
from policyeval.testing.mutation.words import change_words


def statement(effect="Allow", **elements):
    raw = {"Effect": effect, **elements}
    if "Action" not in raw and "NotAction" not in raw:
        raw["Action"] = "s3:GetObject"
    if "Resource" not in raw and "NotResource" not in raw:
        raw["Resource"] = "arn:aws:s3:::logs/*"
    return raw


def text_of(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=2)


def policy_of(*statements, type=PolicyType.IDENTITY):
    return parse_policy(text_of(*statements), name="p.json", type=type)


def mutants(*statements, type=PolicyType.IDENTITY):
    made, _ = mutants_of(policy_of(*statements, type=type))
    return made


def changes(*statements, type=PolicyType.IDENTITY):
    """What the mutants change, in words, by operator."""
    found = {}
    for mutant in mutants(*statements, type=type):
        found.setdefault(mutant.operator.value, []).append(change_words(mutant))
    return found


def proof(layer, words, *statements, type=PolicyType.IDENTITY, owners=()):
    """Why the mutant of the first statement that is called so changes nothing."""
    made = [each for each in mutants(*statements, type=type) if change_words(each) == words]
    assert made, changes(*statements, type=type)
    found = proof_of(made[0], (layer,), owners)
    return found and (found.reason.value, found.by)
