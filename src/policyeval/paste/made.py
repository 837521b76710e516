"""One request that a call makes, on its way to a `Pasted`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.value import Value, replace


class Made(Value):
    """One request of a call. `resource` is empty where the event does not tell it.

    `origin` is the field that told the resource, `lacking` what would complete it, in words.
    `also` says why it is one of several; `certain`: it is made whatever else is the case.
    """

    action: str
    resource: str = ""
    origin: str = ""
    rebuilt: bool = False
    context: Mapping[str, Any] = {}
    also: str = ""
    certain: bool = True
    lacking: str = ""

    def with_resource(self, resource: str, origin: str, rebuilt: bool) -> Made:
        """Give the same request about another resource."""
        return replace(self, resource=resource, origin=origin, rebuilt=rebuilt, lacking="")

    def with_keys(self, keys: Mapping[str, Any]) -> Made:
        """Give the same request with more condition keys."""
        return replace(self, context={**self.context, **keys})
