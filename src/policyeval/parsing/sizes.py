"""How large a document of a kind may be (R-LANG-08)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.parsing.reading import Reading
from policyeval.policy import Policy


def check_size(
    data: str | bytes | Mapping[str, Any], policy: Policy, reading: Reading, pointer: str
) -> None:
    """Report a document past its limit: a finding, not a refusal."""
