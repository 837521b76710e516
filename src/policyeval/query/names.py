"""Which principals, actions and resources a list with wildcards means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from policyeval.catalogue.lookup import expand
from policyeval.environment.model import Environment
from policyeval.environment.names import closest
from policyeval.errors import InvalidRequestError
from policyeval.finding import Finding, Severity
from policyeval.glob import compile_glob, wildcard_tokens
from policyeval.parsing.defect import quote

Names = list[tuple[str, tuple[str, ...]]]
"""What there is: the ARN of each, and the names that mean it."""


def principals_named(
    environment: Environment, listed: Iterable[str], *, exact: bool = False
) -> list[str]:
    """Give the ARNs of the principals that names and patterns mean, each once, in order.

    A pattern is compared with the entry's name, the ARN, and its end (`role/ci/deploy`); `*` means
    every user and role. With `exact`, texts are what they are. Raises InvalidRequestError for what
    means nobody.
    """
    known: Names = [
        (entry.arn, (entry.name, entry.arn, _end(entry.arn), entry.bare_name))
        for entry in environment.identities.values()
        if entry.arn
    ]
    return _named("principal", listed, known, environment.principal_arn, exact=exact)


def resources_named(
    environment: Environment, listed: Iterable[str], *, exact: bool = False
) -> list[str]:
    """Give the ARNs of the resources that names and patterns mean; `*` means every resource.

    With `exact`, texts are what they are: `*` is a call on no resource.
    """
    known: Names = [
        (entry.arn, (entry.name, entry.arn, _end(entry.arn), *entry.aliases))
        for entry in environment.resources.values()
    ]
    return _named("resource", listed, known, environment.resource_arn, exact=exact)


def actions_named(listed: Iterable[str]) -> list[str]:
    """Give the actions that names and patterns mean; patterns after the action catalogue.

    Raises InvalidRequestError for a pattern that covers no known action.
    """
    found: dict[str, None] = {}
    for text in _split(listed):
        if not _is_pattern(text):
            found[text] = None
            continue
        covered = expand(text)
        if not covered:
            raise _nothing("action", text, "the catalogue has none; write the name in full")
        found.update(dict.fromkeys(covered))
    return list(found)


def _named(
    what: str,
    listed: Iterable[str],
    known: Names,
    resolve: Callable[[str], str],
    *,
    exact: bool,
) -> list[str]:
    found: dict[str, None] = {}
    names = {name for _, all_names in known for name in all_names}
    for text in _split_names(listed, names):
        if exact or not _is_pattern(text):
            found[text if exact else resolve(text)] = None
            continue
        matches = compile_glob(wildcard_tokens(text))
        covered = [arn for arn, names in known if any(map(matches, names))]
        if not covered:
            raise _nothing(what, text, closest(text, [names[0] for _, names in known]))
        found.update(dict.fromkeys(covered))
    return list(found)


def _split(listed: Iterable[str]) -> Iterator[str]:
    """Texts may be lists with commas."""
    for item in listed:
        for text in item.split(","):
            if text.strip():
                yield text.strip()


def _split_names(listed: Iterable[str], known: set[str]) -> Iterator[str]:
    """Lists with commas too; but the names of users, roles and objects may have commas."""
    for item in listed:
        if item in known:
            yield item
        elif item.startswith("arn:"):
            first, *others = item.split(",arn:")
            yield from (first, *(f"arn:{text}" for text in others))
        else:
            yield from _split([item])


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text


def _end(arn: str) -> str:
    return arn.split(":", 5)[-1]


def _nothing(what: str, text: str, help: str) -> InvalidRequestError:
    message = f"{quote(text)} means no {what}"
    return InvalidRequestError(message, (Finding("PE1907", Severity.ERROR, message, help=help),))
