"""What keeps policies from being mutated."""

from __future__ import annotations

from policyeval.errors import PolicyEvalError


class MutationError(PolicyEvalError):
    """Mutants cannot be made with these options."""

    code = "PE2320"
