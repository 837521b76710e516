"""A policy's statements as the JSON values that they are written in.

Mutants are made of these and read again, so a mutant is always what AWS would read in the file.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from policyeval.parsing.policy import read_policy
from policyeval.parsing.write import policy_to_dict
from policyeval.policy import Policy, PolicyType, Statement
from policyeval.source import Source
from policyeval.value import Value

Raw = dict[str, Any]


class RawPolicy(Value):
    """The JSON values of a policy's statements.

    `in_text` tells that they are those of its source: else they are a written form of it.
    """

    statements: tuple[Raw, ...]
    in_text: bool


def raw_policy(policy: Policy) -> RawPolicy:
    """Give the statements as they stand in the source, or a written form where there is none."""
    found = _in_source(policy)
    if found is not None:
        return RawPolicy(tuple(found), True)
    return RawPolicy(tuple(policy_to_dict(policy)["Statement"]), False)


def _in_source(policy: Policy) -> list[Raw] | None:
    text = policy.source.text
    if text is None or not policy.pointer.startswith(policy.source.pointer):
        return None
    try:
        tree = _tree(text)
        for step in policy.pointer[len(policy.source.pointer) :].split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            tree = tree[int(step)] if isinstance(tree, list) else tree[step]
        if isinstance(tree, str):
            return None  # a document inside a string has no places of its own
        listed = tree["Statement"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    listed = [listed] if isinstance(listed, dict) else listed
    again, _ = read_policy(
        tree, type=policy.type, source=policy.source, pointer=policy.pointer, exempt_from_size=True
    )
    # The text must be the policy's own: of a template, it may be what the policy was made of.
    return listed if again is not None and again.statements == policy.statements else None


@lru_cache(maxsize=4)
def _tree(text: str) -> Any:
    """Give a text as JSON values, which nobody changes: a file may hold hundreds of policies."""
    return json.loads(text.removeprefix("\ufeff"))


def read_raw(
    raw: Raw, old: Statement, policy: Policy, types: tuple[PolicyType, ...]
) -> Statement | None:
    """Give the changed statement; None where it could not stand in such a policy (R-LANG)."""
    made: Statement | None = None
    document = {"Version": policy.version, "Statement": [raw]}
    if policy.version is None:
        del document["Version"]
    for type in (policy.type,) if policy.type is not None else types or (None,):
        read, _ = read_policy(
            document, type=type, source=Source(policy.source.name), exempt_from_size=True
        )
        if read is None:
            return None
        made = made or read.statements[0]
    assert made is not None
    return Statement(
        old.index,
        old.pointer,
        made.sid,
        made.effect,
        made.principal,
        made.action,
        made.resource,
        made.condition,
    )
