"""Lambda permissions: each adds a statement to the policy of its function."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_CONDITIONS = {
    "SourceArn": ("ArnLike", "AWS:SourceArn"),
    "SourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
}


def permission_text(sid: str, given: Mapping[str, str]) -> str:
    """Give the policy that a permission amounts to; `given` has the names of Lambda's API."""
    principal = given.get("Principal", "")
    is_service = "." in principal and not principal.startswith("arn:")
    kind = "Service" if is_service else "AWS"
    statement: dict[str, Any] = {
        "Sid": "".join(char for char in sid if char.isascii() and char.isalnum()),
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else {kind: principal},
        "Action": given.get("Action", ""),
        "Resource": "*",  # the function that it belongs to, and nothing else meets it
    }
    for name, (operator, key) in _CONDITIONS.items():
        if name in given:
            statement.setdefault("Condition", {}).setdefault(operator, {})[key] = given[name]
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
