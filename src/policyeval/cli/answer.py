"""What a decision is for a script: one word and an exit code."""

from __future__ import annotations

from policyeval.cli.guard import CANNOT_RUN
from policyeval.decision import Decision
from policyeval.errors import ConfigError

ALLOWED, DENIED, UNDETERMINED = 0, 1, 3
_UNKNOWN_AS = {None: UNDETERMINED, "deny": DENIED, "allow": ALLOWED, "error": CANNOT_RUN}


def word(decision: Decision) -> str:
    """`allowed`, `denied` or `unknown`."""
    if decision.unknown:
        return "unknown"
    return "allowed" if decision.allowed else "denied"


def check_unknown_as(treat_unknown_as: str | None) -> None:
    """Raise ConfigError where there is no such way to treat an undetermined answer."""
    if treat_unknown_as not in _UNKNOWN_AS:
        raise ConfigError(f"`--treat-unknown-as {treat_unknown_as}`: expected deny, allow or error")


def exit_code(decision: Decision, treat_unknown_as: str | None) -> int:
    """0 allowed, 1 denied, 3 undetermined; the last as the user wants it."""
    if decision.unknown:
        return undetermined(treat_unknown_as)
    return ALLOWED if decision.allowed else DENIED


def undetermined(treat_unknown_as: str | None) -> int:
    """3, or what the user wants an undetermined answer to be."""
    return _UNKNOWN_AS[treat_unknown_as]
