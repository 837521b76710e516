"""Which elements a kind of policy may have (R-LANG-04, R-LANG-05)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.parsing.reading import Reading
from policyeval.policy import Statement


def check_legality(statement: Statement, raw: Mapping[str, Any], reading: Reading) -> None:
    """Report elements that may not stand in this kind of policy, and missing ones."""
