"""Short names: what a person calls the things of an environment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policyeval.arn import is_account_id
from policyeval.environment.model import (
    Endpoint,
    Environment,
    Identity,
    OwnedResource,
    PolicyDocument,
)
from policyeval.errors import InvalidRequestError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import nearest
from policyeval.source import Location, Source, Span

GROUP = "@group-"
MOST_LISTED = 6

_SERVICES = (".amazonaws.com", ".amazonaws.com.cn", ".aws.internal")


def principal_arn(environment: Environment, text: str) -> str:
    """Give the ARN of a principal's short name; see `Environment.principal_arn`."""
    if text == "*" or text.startswith("arn:") or is_account_id(text) or not text:
        return text
    if any(service in text for service in _SERVICES):
        return text
    found = _identities(environment, text)
    if len(found) == 1:
        return _arn_of(found[0], text)
    sessions = _sessions(environment, text)
    if not found and len(sessions) == 1:
        return _session_arn(sessions[0], text)
    if found or sessions:
        names = [entry.arn or entry.name for entry in found or sessions]
        raise _error(
            "PE0742",
            f"{quote(text)} is the name of several principals",
            text,
            "say which: " + _listed(names, "or"),
        )
    if "." in text or ":" in text:
        return text  # a provider, or nothing: reading the request tells
    raise no_such("principal", text, _identity_names(environment))


def resource_arn(environment: Environment, text: str) -> str:
    """Give the ARN of a resource's short name; see `Environment.resource_arn`."""
    if text == "*" or text.startswith("arn:") or not text:
        return text
    if text.startswith("s3://"):
        return f"arn:{environment.partition}:s3:::{text[5:].rstrip('/')}"
    found = _resources(environment, text)
    if len(found) == 1:
        return found[0].arn
    if found:
        raise _error(
            "PE0742",
            f"{quote(text)} is the name of several resources",
            text,
            "say which: " + _listed([entry.arn for entry in found], "or"),
        )
    bucket, slash, key = text.partition("/")
    holders = [entry for entry in _resources(environment, bucket) if _is_bucket(entry)]
    if slash and key and len(holders) == 1:
        return f"{holders[0].arn}/{key}"
    roles = [entry for entry in _identities(environment, text) if entry.arn]
    if len(roles) == 1:
        return roles[0].arn
    if ":" in text:
        return text  # no name: reading the request tells what is wrong with it
    raise no_such("resource", text, [*environment.resources, *environment.identities])


def named_context(environment: Environment, name: str) -> dict[str, Any]:
    """Give a named set of condition keys, for `Request.of`."""
    found = environment.contexts.get(name)
    if found is None:
        raise no_such("context", name, environment.contexts)
    return dict(found)


def session_policy(environment: Environment, name: str) -> PolicyDocument:
    """Give a session policy by its name."""
    found = environment.sessions.get(name)
    if found is None:
        raise no_such("session policy", name, environment.sessions)
    return found


def find_identity(environment: Environment, text: str) -> Identity | None:
    """Find a user or role by its ARN or short name; raises where several have that name."""
    if text.startswith("arn:"):
        return environment.index.by_arn(text)
    found = _identities(environment, text)
    if len(found) > 1:
        principal_arn(environment, text)
    return found[0] if found else None


def find_resource(environment: Environment, text: str) -> OwnedResource | None:
    """Find a resource by its ARN or short name."""
    if text.startswith("arn:"):
        return next((each for each in environment.resources.values() if each.arn == text), None)
    found = _resources(environment, text)
    return found[0] if len(found) == 1 else None


def find_endpoint(environment: Environment, text: str) -> Endpoint:
    """Find a VPC endpoint by its id or short name."""
    found = environment.endpoints.get(text) or environment.index.endpoints.get(text)
    if found is None:
        names = [*environment.endpoints, *environment.index.endpoints]
        raise no_such("VPC endpoint", text, dict.fromkeys(names))
    return found


def account_id(environment: Environment, text: str) -> str:
    """Give the id of an account; empty for a name that no account has."""
    if is_account_id(text):
        return text
    found = environment.accounts.get(text)
    return found.id if found else ""


def no_such(what: str, name: str, known: Iterable[str]) -> InvalidRequestError:
    """Give the error for a name that nothing has, with the name that was perhaps meant."""
    return _error(
        "PE0743", f"the environment has no {what} {quote(name)}", name, closest(name, known)
    )


def closest(name: str, known: Iterable[str]) -> str:
    """Give the help line for an unknown name: the nearest one, else what there is."""
    names = list(dict.fromkeys(known))
    near = nearest(name, names)
    if near:
        return f"did you mean `{near}`?"
    return f"it has {_listed(names, 'and')}" if names else "it has none"


def _identities(environment: Environment, text: str) -> list[Identity]:
    """Find users and roles by entry name, by their own name, or by the end of their ARN."""
    if text in environment.identities:
        return [environment.identities[text]]
    entries = list(environment.identities.values())
    found = [entry for entry in entries if entry.bare_name == text and not entry.permission_set]
    if found or "/" not in text:
        return found
    found = [entry for entry in entries if entry.arn.endswith((f":{text}", f"/{text}"))]
    if found:
        return found
    head, _, name = text.partition("/")
    account = account_id(environment, head)
    of_account = [entry for entry in entries if account and entry.account == account]
    return [entry for entry in of_account if name in (entry.name, entry.bare_name)]


def _sessions(environment: Environment, text: str) -> list[Identity]:
    """Find the roles that `role/session` may mean."""
    role, slash, session = text.rpartition("/")
    if not (slash and role and session):
        return []
    return [entry for entry in _identities(environment, role) if entry.kind != "user"]


def _arn_of(entry: Identity, text: str) -> str:
    if entry.arn:
        return entry.arn
    raise _error(
        "PE0744",
        f"nothing tells the account of {quote(text)}, and whether it is a user or a role",
        text,
        f"give its ARN, such as `arn:aws:iam::{entry.account or '111122223333'}:role/{entry.name}`",
    )


def _session_arn(entry: Identity, text: str) -> str:
    arn = _arn_of(entry, text)
    partition, account = arn.split(":")[1], arn.split(":")[4]
    session = text.rpartition("/")[2]
    return f"arn:{partition}:sts::{account}:assumed-role/{entry.bare_name}/{session}"


def _resources(environment: Environment, text: str) -> list[OwnedResource]:
    """Find resources by entry name, by the end of their ARN, or by an alias."""
    if text in environment.resources:
        return [environment.resources[text]]
    return [
        entry
        for entry in environment.resources.values()
        if entry.arn.endswith((f":{text}", f"/{text}")) or text in entry.aliases
    ]


def _is_bucket(entry: OwnedResource) -> bool:
    parts = entry.arn.split(":", 5)
    return parts[2] == "s3" and not parts[4] and "/" not in parts[5]


def _identity_names(environment: Environment) -> list[str]:
    entries = environment.identities.values()
    return [*environment.identities, *(entry.bare_name for entry in entries if entry.arn)]


def _listed(names: list[str], word: str) -> str:
    shown = [f"`{name}`" for name in names[:MOST_LISTED]]
    if len(names) > MOST_LISTED:
        return f"{', '.join(shown)} {word} {len(names) - MOST_LISTED} more"
    return f" {word} ".join(", ".join(shown).rsplit(", ", 1))


def _error(code: str, message: str, text: str, help: str) -> InvalidRequestError:
    location = Location(Source("argument", text), span=Span(0, len(text)))
    finding = Finding(code, Severity.ERROR, message, location, help)
    return InvalidRequestError(f"{message}; {help}" if help else message, (finding,))
