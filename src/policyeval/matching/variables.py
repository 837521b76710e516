"""Policy variables: put the request's values into a template (R-MATCH-07)."""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.context import ABSENT, ContextValue, Presence
from policyeval.glob import ANY_RUN, Token
from policyeval.policy import Template, Variable

Entries = Mapping[str, ContextValue]
Tokens = tuple[Token | Variable, ...]


def has_variables(tokens: Tokens) -> bool:
    """Tell whether a token is a variable."""
    return any(isinstance(token, Variable) for token in tokens)


def resolve(
    tokens: Tokens, entries: Entries, default: Presence
) -> tuple[tuple[Token, ...] | None, bool]:
    """Replace variables by their values; tell also whether one of them is unknown.

    None: a variable is absent or multi-valued, so the value matches nothing. The text of an
    unknown variable is stood in for by a run of any characters.
    """
    resolved: list[Token] = []
    unknown = False
    for token in tokens:
        if not isinstance(token, Variable):
            resolved.append(token)
            continue
        value = entries.get(token.key.lower(), default) if token.key else ABSENT
        if isinstance(value, tuple) and len(value) == 1:
            resolved.append(value[0])
        elif value is ABSENT or value == ():
            if token.default is None:
                return None, False
            resolved.append(token.default)
        elif isinstance(value, tuple):
            return None, False  # multi-valued keys cannot be variables
        else:
            unknown = True
            resolved.append(ANY_RUN)
    return tuple(resolved), unknown


def variable_keys(template: Template) -> frozenset[str]:
    """The lower-case context keys that a template asks for."""
    return frozenset(variable.key.lower() for variable in template.variables if variable.key)
