"""The parameters of an event as the API spells them."""

from __future__ import annotations

from typing import Any

from policyeval.paste.fields import HIDDEN, Fields


def api_parameters(fields: Fields, service: str, event_name: str) -> dict[str, Any]:
    """Give the parameters of an event's call."""
    given = fields.mapping("requestParameters")
    return {name: value for name, value in given.items() if value not in (None, "", HIDDEN)}
