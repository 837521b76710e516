"""Hypothesis strategies for policies, and for the requests that are worth asking them.

What they draw is valid by construction: every policy can be parsed, every request can be asked.
They need Hypothesis: `pip install "policyeval[hypothesis]"`. A tour is in docs/pytest.md.
"""

from __future__ import annotations

try:
    import hypothesis  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "policyeval.testing.strategies needs Hypothesis: pip install 'policyeval[hypothesis]'",
        name=error.name,
    ) from None

from policyeval.testing.strategies.policies import (
    actions,
    arns,
    conditions,
    policies,
    stacks,
    statements,
)
from policyeval.testing.strategies.questions import contexts, requests

__all__ = [
    "actions",
    "arns",
    "conditions",
    "contexts",
    "policies",
    "requests",
    "stacks",
    "statements",
]
