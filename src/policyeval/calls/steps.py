"""One API call among those that a command makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.value import Value


class Step(Value):
    """An operation with its parameters; `when` says for what it stands where it is one of many."""

    operation: str
    parameters: Mapping[str, Any] = {}
    when: str = ""
    why: str = ""
    service: str = "s3"
