"""Does the Action or NotAction element cover this action? Always a plain yes or no."""

from __future__ import annotations

from collections.abc import Callable

from policyeval.glob import Matcher, compile_glob, wildcard_tokens
from policyeval.policy import ActionElement, ActionPattern


def compile_action(element: ActionElement) -> Callable[[str], bool]:
    """Give a function of the lower-case `service:name` (R-MATCH-01, R-MATCH-05)."""
    exact = set()
    globs: list[Matcher] = []
    for pattern in element.patterns:
        whole = f"{pattern.service}:{pattern.name}"
        if pattern.service == "*":
            globs.append(lambda _action: True)
        elif "*" in pattern.name or "?" in pattern.name:
            globs.append(compile_glob(wildcard_tokens(whole)))
        else:
            exact.add(whole)
    named = frozenset(exact)
    negated = element.negated

    def covers(action: str) -> bool:
        listed = action in named or any(match(action) for match in globs)
        return listed is not negated

    return covers


def services_of(element: ActionElement) -> frozenset[str] | None:
    """The services whose actions the element may cover; None for any."""
    if element.negated or any(pattern.service == "*" for pattern in element.patterns):
        return None
    return frozenset(pattern.service for pattern in element.patterns)


def pattern_covers(pattern: ActionPattern, action: str) -> bool:
    """Tell whether one listed pattern covers an action (lower case)."""
    return compile_action(ActionElement(False, (pattern,)))(action)
