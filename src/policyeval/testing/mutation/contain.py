"""Does one statement match all that another matches? Yes only where that is proved.

Everything here errs on one side: what is called within another is within it, for every request of
which all facts are known. What cannot be compared is not.
"""

from __future__ import annotations

from collections.abc import Sequence

from policyeval.glob import wildcard_tokens
from policyeval.matching.principal import EVERYONE, listed_text
from policyeval.matching.resource import readings
from policyeval.matching.variables import Tokens
from policyeval.policy import (
    ActionElement,
    ActionPattern,
    PolicyType,
    PrincipalElement,
    ResourceElement,
    Statement,
)
from policyeval.testing.mutation.covering import EVERYTHING, lists_within
from policyeval.testing.mutation.implied import follows, is_always, is_never, requires


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
    return lists_within(region, False, listed, element.negated)


# ---- Action -------------------------------------------------------------------------------


def _actions_within(narrow: ActionElement, wide: ActionElement) -> bool:
    return lists_within(
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
    return lists_within(_listed(narrow, use), narrow.negated, _listed(wide, use), wide.negated)


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
