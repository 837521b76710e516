"""Survivors' requests as YAML: tests to paste, and a file of them.

A test never comes with an expectation that nobody decided: in a file it is skipped, and today's
answer stands in a comment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from policyeval.context import ABSENT, UNKNOWN, Facts, Presence
from policyeval.decision import Verdict
from policyeval.rendering.document import visible
from policyeval.testing.judge import WANTS
from policyeval.testing.model import PolicyTest
from policyeval.testing.mutation.model import Fate, MutantResult, MutationRun, Witness
from policyeval.testing.mutation.witness import is_overlaid
from policyeval.testing.mutation.words import change_words, place_words

SKIP = "nobody has decided yet what is right"
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@+*$")
_FIRST = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))


def want_words(verdict: Verdict) -> str:
    """Give an answer as a test expects it: `explicit-deny`."""
    return WANTS[verdict].value


def entry_lines(witness: Witness, name: str = "") -> list[str]:
    """Give the entry of a witness, with today's answer as what is expected."""
    today, mutated = want_words(witness.today), want_words(witness.mutated)
    return [
        *_entry(witness, name or name_of(witness)),
        f"  expect: {today}  # today's answer; the mutant answers {mutated}",
    ]


def name_of(witness: Witness) -> str:
    """Give a test a name that says what is asked."""
    principal, action, resource = witness.test.asked
    return f"{principal} {action} {resource}"


def _entry(witness: Witness, name: str) -> Iterator[str]:
    test = witness.test
    principal, action, resource = test.asked
    yield f"- name: {scalar(name)}"
    if is_overlaid(test):
        yield f"  # asked beside {visible(test.name)}: policies hang otherwise there"
    yield f"  principal: {scalar(principal or test.principal)}"
    yield f"  action: {scalar(action or test.action)}"
    yield f"  resource: {scalar(resource or test.resource)}"
    if test.resource_account:
        yield f"  resource-account: {quoted(test.resource_account)}"
    if test.facts is not Facts.TYPED:
        yield f"  facts: {test.facts.value}"
    unknown = [key for key, value in test.context.items() if value is UNKNOWN]
    known = {key: value for key, value in test.context.items() if value is not UNKNOWN}
    if known:
        listed = ", ".join(f"{scalar(key)}: {_value(value)}" for key, value in known.items())
        yield f"  context: {{ {listed} }}"
    if unknown:
        yield f"  unknown: [{', '.join(map(scalar, unknown))}]"


def _value(value: Any) -> str:
    if value is None or value is ABSENT or isinstance(value, Presence):
        return "null"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return scalar(value) if isinstance(value, str) else str(value)


def scalar(text: str) -> str:
    """Write a text as YAML: bare where nobody could read it as anything else."""
    bare = text[:1] in _FIRST and _PLAIN.issuperset(text) and not text.endswith(":")
    return text if bare and text.lower() not in _WORDS else quoted(text)


def quoted(text: str) -> str:
    """Write a text in double quotes, everything escaped that is not printable."""
    written = []
    for char in text:
        if char in '"\\':
            written.append(f"\\{char}")
        elif char.isprintable():
            written.append(char)
        elif ord(char) < 0x100:
            written.append(f"\\x{ord(char):02x}")
        else:
            written.append(f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}")
    return f'"{"".join(written)}"'


# ---- a file of skipped tests --------------------------------------------------------------


def survivors_yaml(run: MutationRun, file: Path) -> str:
    """Give a suite of the survivors' requests, each once and skipped; empty where there is none.

    `file` is where it will stand: the environment is named from there. Requests of other
    environments than the one that most are asked in are counted in a comment.
    """
    groups = _by_request(run.of(Fate.SURVIVED))
    if not groups:
        return ""
    environments: dict[str, int] = {}
    for results in groups:
        name = _environment(results[0])
        environments[name] = environments.get(name, 0) + 1
    main = max((name for name in environments if name), key=environments.__getitem__, default="")
    kept = [results for results in groups if _environment(results[0]) == main]
    lines = [
        "# Requests that no test asks about, and that a changed policy would answer otherwise.",
        "# Decide what is right, write it as `expect`, and take `skip` out.",
        "version: 1",
    ]
    if main:
        lines.append(f"environment: {scalar(_relative(main, file))}")
    if len(kept) < len(groups):
        lines.append(f"# {len(groups) - len(kept)} more are asked in other worlds")
    lines += ["", "tests:"]
    names: dict[str, int] = {}
    for results in kept:
        lines += (f"  {line}".rstrip() for line in _skipped(results, names))
    return "\n".join(lines) + "\n"


def _skipped(results: Sequence[MutantResult], names: dict[str, int]) -> Iterator[str]:
    witness = results[0].witness
    assert witness is not None
    name = name_of(witness)
    count = names[name] = names.get(name, 0) + 1
    for result in results:
        assert result.witness is not None
        mutant = result.mutant
        change = f"{place_words(mutant)}: {change_words(mutant)}"
        yield f"# {visible(change)}: then {want_words(result.witness.mutated)}"
    yield from _entry(witness, name if count == 1 else f"{name} ({count})")
    yield f"  skip: {SKIP}"
    # What is not unknown fails this, so nobody takes `skip` out and forgets to decide.
    yield f"  expect: unknown  # write what is right; today's answer is {want_words(witness.today)}"
    yield ""


def _by_request(results: Sequence[MutantResult]) -> list[list[MutantResult]]:
    found: dict[tuple[Any, ...], list[MutantResult]] = {}
    for result in results:
        if result.witness is not None:
            found.setdefault(_request(result.witness.test), []).append(result)
    return list(found.values())


def _request(test: PolicyTest) -> tuple[Any, ...]:
    context: Mapping[str, Any] = test.context
    told = tuple(sorted((key.lower(), repr(value)) for key, value in context.items()))
    asked = (test.principal, test.action, test.resource, test.resource_account, test.facts)
    return *asked, test.world.name, told


def _environment(result: MutantResult) -> str:
    assert result.witness is not None
    environment = result.witness.test.world.environment
    return environment.name if environment is not None else ""


def _relative(name: str, file: Path) -> str:
    try:
        return os.path.relpath(name, file.parent).replace(os.sep, "/")
    except ValueError:  # another drive
        return name
