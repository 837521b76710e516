"""Requests and answers as entries of a suite: short names, only what has to be said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from policyeval.decision import Decision, Verdict
from policyeval.environment.model import Environment
from policyeval.errors import PolicyEvalError
from policyeval.policy import Statement
from policyeval.testing.expand import POLICY_TESTER
from policyeval.testing.generate.written import is_writable
from policyeval.testing.judge import WANTS, deciding_statements
from policyeval.testing.model import Want

ENDPOINT_KEY = "aws:sourcevpce"


class Names:
    """Short names of an environment that mean the same as the full texts."""

    def __init__(self, environment: Environment, *, alone: bool = False) -> None:
        self._environment = environment
        self._alone = alone
        self._principals: dict[str, str] = {}
        self._resources: dict[str, str] = {}
        for name, identity in environment.identities.items():
            self._principals.setdefault(identity.arn, name)
        for name, resource in environment.resources.items():
            self._resources.setdefault(resource.arn, name)
        self._endpoints = {entry.id: name for name, entry in environment.endpoints.items()}
        self._known: dict[tuple[str, str], str] = {}

    def principal(self, text: str) -> str:
        """Give what a test calls a principal; empty where it need not be named."""
        if self._alone:
            return "" if text == POLICY_TESTER else text
        return self._shorter("principal", text, self._short_principal)

    def resource(self, text: str) -> str:
        """Give what a test calls a resource."""
        return self._shorter("resource", text, self._short_resource)

    def _short_resource(self, text: str) -> str:
        short = self._resources.get(text, "")
        head, slash, rest = text.partition("/")
        if not short and slash and head in self._resources:
            short = f"{self._resources[head]}/{rest}"
        return short

    def endpoint(self, identifier: str) -> str:
        """Give the name of a VPC endpoint; empty for one that the environment does not have."""
        return self._endpoints.get(identifier, "")

    def _short_principal(self, text: str) -> str:
        if text in self._principals:
            return self._principals[text]
        head, mark, session = text.partition(":assumed-role/")
        if not mark:
            return ""
        role, _, name = session.partition("/")
        found = self._environment.index.named("role", head.rpartition(":")[2], role)
        return f"{self._principals[found.arn]}/{name}" if found and found.arn else ""

    def _shorter(self, kind: str, text: str, shorten: Callable[[str], str]) -> str:
        """Give the short name where it is read as the very same text."""
        key = (kind, text)
        if key not in self._known:
            self._known[key], short = text, shorten(text)
            if short and not set(short) & set("*?") and self._means(kind, short) == text:
                self._known[key] = short
        return self._known[key]

    def _means(self, kind: str, short: str) -> str:
        environment = self._environment
        try:
            if kind == "principal":
                return environment.principal_arn(short)
            return environment.resource_arn(short)
        except PolicyEvalError:
            return ""


def entry_of(
    name: str,
    texts: tuple[str, str, str],
    context: Mapping[str, Any],
    names: Names,
    **more: Any,
) -> dict[str, Any]:
    """Give an entry of `tests`; `more` are further keys, empty ones are left out."""
    principal, action, resource = texts
    entry: dict[str, Any] = {
        "name": name,
        "principal": names.principal(principal),
        "action": action,
        "resource": names.resource(resource),
        "resource-account": more.get("resource_account"),
    }
    kept = dict(context)
    for key, value in context.items():
        endpoint = names.endpoint(value) if isinstance(value, str) else ""
        if key.lower() == ENDPOINT_KEY and endpoint:
            entry["vpc-endpoint"] = endpoint
            del kept[key]
    entry["context"] = kept
    entry["session-policy"] = more.get("session_policy")
    entry = {key: value for key, value in entry.items() if value}
    entry["expect"] = more["expect"]
    return entry


def expectation(decision: Decision, about: Statement | None = None) -> Any:
    """Give what a test expects that is to get this very answer.

    A denial has its layer, and the Sid of a statement that decided: that of `about`, if it did.
    """
    want = WANTS[decision.verdict]
    if want is Want.ALLOW:
        return want.value
    if want is Want.UNKNOWN:
        missing = list(decision.missing)
        return {"decision": want.value, "missing": missing} if missing else want.value
    layer = decision.decided_by
    if layer is None:
        return want.value
    if decision.verdict is Verdict.EXPLICIT_DENY:
        refs = [ref for ref in deciding_statements(decision) if ref.statement.sid]
        refs.sort(key=lambda ref: ref.statement is not about)  # stable
        if refs and is_writable(refs[0].statement.sid or ""):
            sid = refs[0].statement.sid
            return {"decision": want.value, "layer": layer.value, "statement": sid}
    return f"{want.value} {layer.value}"
