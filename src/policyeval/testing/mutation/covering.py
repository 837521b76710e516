"""Lists of patterns as sets of texts: does one hold all of another? Yes only where it is proved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from policyeval.glob import ANY_RUN, Token
from policyeval.matching.variables import Tokens, has_variables
from policyeval.policy import Variable
from policyeval.query.patterns import Budget, Pattern, covers, overlap

EVERYTHING: Tokens = (ANY_RUN,)
MOST_STATES = 4_000
"""How long two lists are compared before nothing is said of them."""


def lists_within(
    narrow: Sequence[Tokens], narrow_negated: bool, wide: Sequence[Tokens], wide_negated: bool
) -> bool:
    """Tell whether what one list covers, or all but that, lies within what another does."""
    if not wide_negated and EVERYTHING in wide:
        return True
    if narrow_negated and wide_negated:
        return all_covered(wide, narrow)
    if narrow_negated:
        return False
    if wide_negated:
        return _are_apart(narrow, wide)
    return all_covered(narrow, wide)


def all_covered(narrow: Iterable[Tokens], wide: Sequence[Tokens]) -> bool:
    """Tell whether each pattern lies within one of the others."""
    exact = set(wide)
    return all(
        tokens in exact or any(tokens_cover(other, tokens) for other in wide) for tokens in narrow
    )


def tokens_cover(wide: Tokens, narrow: Tokens) -> bool:
    """Tell whether a pattern matches every text that another does.

    A variable may be any text; so one is covered by a wildcard, and covers only itself.
    """
    if wide == narrow:
        return True
    if has_variables(wide):
        return False
    begin, begins = (*wide, "")[0], (*narrow, "")[0]
    if isinstance(begin, str) and not (isinstance(begins, str) and begins.startswith(begin)):
        return False  # of hundreds of patterns most differ in their beginning
    return covers(_pattern(wide), _pattern(narrow))


def _are_apart(one: Sequence[Tokens], other: Sequence[Tokens]) -> bool:
    budget = Budget(MOST_STATES)
    return not any(overlap((_pattern(a), _pattern(b)), budget) for a in one for b in other)


def _pattern(tokens: Tokens) -> Pattern:
    plain: list[Token] = [ANY_RUN if isinstance(t, Variable) else t for t in tokens]
    return Pattern("", tuple(plain))
