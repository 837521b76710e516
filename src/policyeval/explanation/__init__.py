"""From a decision to its reasons: replay the statements that matter, and try what would help."""

from policyeval.explanation.explain import explain

__all__ = ["explain"]
