"""What short texts mean in an environment, and how contexts are named in ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyeval.context import Presence
from policyeval.environment.model import Environment
from policyeval.environment.names import find_endpoint
from policyeval.query.names import actions_named, principals_named

Context = str | Mapping[str, Any]
"""A context by its name, or condition keys with their values (None: absent)."""


def full_texts(word: str, text: str, environment: Environment | None) -> list[str]:
    """Give what a text means as `principal`, `action` or `resource`: patterns mean several.

    Raises InvalidRequestError for what means nothing.
    """
    if word == "action":
        return actions_named([text])
    if environment is None:
        return [text]
    if word == "resource":
        return [environment.resource_arn(text)]
    if text != "*" and ("*" in text or "?" in text):
        return principals_named(environment, [text])
    return [environment.principal_arn(text)]


def endpoint_id(name: str, environment: Environment | None) -> str:
    """Give the id of a VPC endpoint; raises InvalidRequestError for a name that none has."""
    if environment is None or name.startswith("vpce-"):
        return name
    return find_endpoint(environment, name).id


def put(context: dict[str, Any], key: str, value: Any) -> None:
    """Set a context key; the letter case does not tell keys apart."""
    for former in [each for each in context if each.lower() == key.lower()]:
        del context[former]
    context[key] = value


def context_label(contexts: Iterable[Context]) -> str:
    """Name a context in an id: `via-vpc`, `aws:MultiFactorAuthPresent=true`."""
    parts = []
    for each in contexts:
        if isinstance(each, str):
            parts.append(each)
            continue
        for key, value in each.items():
            values = value if isinstance(value, (tuple, list)) else [value]
            parts.append(f"{key}={','.join(map(_shown, values))}")
    return "+".join(parts) or "no-context"


def _shown(value: Any) -> str:
    if value is None:
        return "absent"
    if isinstance(value, Presence):
        return value.value
    return str(value).lower() if isinstance(value, bool) else str(value)
