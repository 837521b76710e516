"""Does one statement match all that another matches? Yes only where that is proved.

Everything here errs on one side: what is called within another is within it, for every request of
which all facts are known. What cannot be compared is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from policyeval.glob import ANY_RUN, Token, wildcard_tokens
from policyeval.matching.principal import EVERYONE, listed_text
from policyeval.matching.resource import readings
from policyeval.matching.variables import Tokens, has_variables
from policyeval.policy import (
    ActionElement,
    ActionPattern,
    PolicyType,
    PrincipalElement,
    ResourceElement,
    Statement,
    Variable,
)
from policyeval.query.patterns import Pattern, covers, overlap
from policyeval.testing.mutation.implied import follows, is_always, is_never, requires

EVERYTHING: Tokens = (ANY_RUN,)


def within(narrow: Statement, wide: Statement, use: PolicyType) -> bool:
    """Tell whether the second statement matches whatever the first does.

    In a resource policy it then names the caller as well or better (R-FLOW-08). Effects are not
    looked at, but for NotPrincipal, which depends on them (R-MATCH-09).
    """
    return (
        _actions_within(narrow.action, wide.action)
        and _resources_within(narrow.resource, wide.resource, use)
        and _principals_within(narrow, wide)
        and all(
            is_always(clause) or any(follows(clause, given) for given in narrow.condition)
            for clause in wide.condition
        )
    )


def matches_nothing(statement: Statement, use: PolicyType) -> bool:
    """Tell whether no request can match a statement."""
    if not statement.action.negated and not statement.action.patterns:
        return True
    resource = statement.resource
    if resource is not None and not resource.negated and not _listed(resource, use):
        return True
    principal = statement.principal
    if principal is not None and not principal.negated and not principal.patterns:
        return True
    if any(is_never(clause) for clause in statement.condition):
        return True
    wanted = [
        (clause.key.lower(), requires(clause))
        for clause in statement.condition
        if requires(clause) is not None
    ]
    return any((key, not presence) in wanted for key, presence in wanted)


def covers_region(element: ResourceElement, region: Sequence[Tokens], use: PolicyType) -> bool:
    """Tell whether a Resource or NotResource covers all of a region."""
    listed = _listed(element, use)
    return _lists_within(region, False, listed, element.negated)


# ---- Action -------------------------------------------------------------------------------


def _actions_within(narrow: ActionElement, wide: ActionElement) -> bool:
    return _lists_within(
        [_action_tokens(pattern) for pattern in narrow.patterns],
        narrow.negated,
        [_action_tokens(pattern) for pattern in wide.patterns],
        wide.negated,
    )


def _action_tokens(pattern: ActionPattern) -> Tokens:
    if pattern.service == "*":
        return EVERYTHING
    return wildcard_tokens(f"{pattern.service}:{pattern.name}")


# ---- Resource -----------------------------------------------------------------------------


def _resources_within(
    narrow: ResourceElement | None, wide: ResourceElement | None, use: PolicyType
) -> bool:
    if wide is None:
        return True  # no Resource: the one that carries the policy, whatever the request names
    if narrow is None:
        return not wide.negated and EVERYTHING in _listed(wide, use)
    return _lists_within(_listed(narrow, use), narrow.negated, _listed(wide, use), wide.negated)


def _listed(element: ResourceElement, use: PolicyType) -> list[Tokens]:
    return [tokens for template in element.patterns for tokens in readings(template, use)]


# ---- Principal ----------------------------------------------------------------------------


def _principals_within(narrow: Statement, wide: Statement) -> bool:
    one, other = narrow.principal, wide.principal
    if one is None or other is None:
        return one is other
    if not other.negated and EVERYONE in _names(other):
        return True
    if one.negated or other.negated:
        return one == other and narrow.effect is wide.effect
    return _names(one) <= _names(other)


def _names(element: PrincipalElement) -> frozenset[str]:
    return frozenset(listed_text(pattern) for pattern in element.patterns)


# ---- lists of patterns --------------------------------------------------------------------


def _lists_within(
    narrow: Sequence[Tokens], narrow_negated: bool, wide: Sequence[Tokens], wide_negated: bool
) -> bool:
    if not wide_negated and EVERYTHING in wide:
        return True
    if narrow_negated and wide_negated:
        return all_covered(wide, narrow)
    if narrow_negated:
        return False
    if wide_negated:
        return _are_apart(narrow, wide)
    return all_covered(narrow, wide)


def all_covered(
    narrow: Iterable[Tokens],
    wide: Sequence[Tokens],
    covering: Callable[[Tokens, Tokens], bool] | None = None,
) -> bool:
    """Tell whether each pattern lies within one of the others."""
    test = covering or tokens_cover
    exact = set(wide)
    return all(tokens in exact or any(test(other, tokens) for other in wide) for tokens in narrow)


def tokens_cover(wide: Tokens, narrow: Tokens) -> bool:
    """Tell whether a pattern matches every text that another does.

    A variable may be any text; so one is covered by a wildcard, and covers only itself.
    """
    if wide == narrow:
        return True
    if has_variables(wide):
        return False
    return covers(_pattern(wide), _pattern(narrow))


def _are_apart(one: Sequence[Tokens], other: Sequence[Tokens]) -> bool:
    return not any(overlap((_pattern(a), _pattern(b))) for a in one for b in other)


def _pattern(tokens: Tokens) -> Pattern:
    plain: list[Token] = [ANY_RUN if isinstance(t, Variable) else t for t in tokens]
    return Pattern("", tuple(plain))
