"""The command that asks again what a test asks."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator

from policyeval.context import ABSENT, UNKNOWN, Facts
from policyeval.environment.model import Environment
from policyeval.errors import PolicyEvalError
from policyeval.request import Request
from policyeval.testing.model import PolicyTest, World

_FACTS = {
    Facts.TYPED: (),
    Facts.PARTIAL: ("--partial",),
    Facts.COMPLETE: ("--assume-absent",),
}


class _ImpossibleError(Exception):
    """No options of `why` say what the test says."""


def rerun_command(test: PolicyTest) -> str:
    """Give a `policyeval why …` that asks the same, quoted for a POSIX shell.

    Empty where no command does: policies come from a stack or an overlay, or a value cannot be
    written on a command line.
    """
    environment = test.world.environment
    if environment is None or environment.name == Environment().name:
        return ""  # of no file
    try:
        words = tuple(_words(test, environment))
    except (_ImpossibleError, PolicyEvalError):
        return ""
    command = shlex.join(words)
    return command if command.isprintable() else ""


def _words(test: PolicyTest, environment: Environment) -> Iterator[str]:
    yield from ("policyeval", "why")
    principal, _, resource = test.asked
    named = (
        _shortest(principal, test.principal, environment.principal_arn),
        test.action,
        _shortest(resource, test.resource, environment.resource_arn),
    )
    if any(text.startswith("-") for text in named):
        for word, text in zip(("principal", "action", "resource"), named, strict=True):
            yield f"--{word}={text}"
    else:
        yield from named
    yield from _context(test)
    if test.resource_account is not None:
        yield from ("--resource-account", test.resource_account)
    yield from _FACTS[test.facts]
    for file in _session_files(test.world, environment):
        yield from ("--session-policy", file)
    yield from ("--env", environment.name)


def _shortest(written: str, full: str, meant: Callable[[str], str]) -> str:
    """Give the text that the file has, where it means one thing alone, else the full one."""
    for text in (written, full):
        try:
            if text and meant(text) == full:
                return text
        except PolicyEvalError:
            continue
    raise _ImpossibleError


def _context(test: PolicyTest) -> Iterator[str]:
    request = test.request()
    unknown = []
    for key in test.context:
        value = request.context[key]
        if value is UNKNOWN:
            unknown.append(key)
        elif value is ABSENT:
            yield from ("--no-context", key)
        elif not isinstance(value, tuple) or not value or "=" in key:
            raise _ImpossibleError
        else:
            for each in value:
                yield from ("--context", f"{key}={each}")
    if unknown and not _stay_unknown(unknown, test):
        raise _ImpossibleError


def _stay_unknown(keys: list[str], test: PolicyTest) -> bool:
    """Tell whether keys are unknown too where nobody names them."""
    named = {key: value for key, value in test.context.items() if key not in keys}
    request = Request.of(
        test.principal,
        test.action,
        test.resource,
        named,
        resource_account=test.resource_account,
        facts=test.facts,
    )
    known, _ = test.world.policies.resolve(request)
    return all(known.context[key] is UNKNOWN for key in keys)


def _session_files(world: World, environment: Environment) -> Iterator[str]:
    """Give the files of the session policies, where they are all that the test changes."""
    if world.name == environment.name:
        return
    documents = environment.session or ()
    names = ", ".join(document.name for document in documents)
    if not documents or world.name != f"{environment.name}, session {names}":
        raise _ImpossibleError
    for document in documents:
        source = document.policy.source if document.policy is not None else None
        if source is None or source.text is None or source.pointer:
            raise _ImpossibleError
        yield source.name
