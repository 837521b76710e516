"""First tests for policies that have none: one request inside each statement and one outside.

What they expect is today's answer. It may be wrong: the head of the file asks a person to read it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policyeval.environment.model import Environment
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.policy import Statement
from policyeval.testing.generate.entries import Names, entry_of, expectation
from policyeval.testing.generate.places import Place, arn_of, is_by_aws
from policyeval.testing.generate.probe import BEST_SCORE, Probe, score
from policyeval.testing.generate.probes import Prober, best_outside
from policyeval.testing.generate.setting import Setting, setting_of, unread
from policyeval.testing.generate.written import Written, listed, wrapped, writable
from policyeval.testing.write import suite_text
from policyeval.value import Value

MOST_PLACES = 6

HEAD = (
    "First tests, written by `policyeval test --init`: for each statement one request inside it, "
    "and one that is outside by a single thing. What they expect is TODAY'S ANSWER, which nobody "
    "has decided yet: read every line, and change what is not as it should be."
)


class Group(Value):
    """One policy with all the places at which it hangs in one role."""

    places: tuple[Place, ...]

    @property
    def name(self) -> str:
        """What output calls the policy."""
        return self.places[0].document.name


def first_tests(
    policies: str | os.PathLike[str] | Environment,
    *,
    beside: str | os.PathLike[str] = ".",
    layer: str = "",
) -> Written:
    """Give a first suite for policies that exist: an environment, or the path of one.

    The path may be an `environment.yaml`, a folder of policies, an export, or one policy document,
    which is then tested on its own; `layer` says how that is read, where its folder does not.
    `beside` is the folder in which the suite will lie: paths in it are relative to that. Counts are
    `tests`, `policies`, `statements`, `inside`, `outside`, `unknown`, `left_out`. Raises
    SuiteError or EnvironmentLoadError where the policies cannot be read.
    """
    setting = setting_of(policies, Path(beside), layer)
    return _Writing(setting).written()


class _Writing:
    """The suite while it is put together."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._prober = Prober(setting.policies, setting.environment)
        self._names = Names(setting.environment, alone=setting.is_alone)
        self._tests: list[dict[str, Any]] = []
        self._comments: dict[tuple[str | int, ...], str] = {}
        self._findings: list[Finding] = []
        self._taken: set[str] = set()
        self._counts = dict.fromkeys(
            ("tests", "policies", "statements", "inside", "outside", "unknown", "left_out"), 0
        )

    def written(self) -> Written:
        self._note_names_alone()
        for document, reason in unread(self._setting.places):
            self._left_out(
                f"{quote(document.name)} cannot be read",
                reason.message if reason is not None else "",
                reason,
            )
        groups = list(_groups(self._setting.places))
        for group in groups:
            self._add(group)
        self._note_by_aws()
        for document in self._setting.environment.unplaced:
            self._left_out(f"nothing tells what {quote(document.name)} hangs at", "")
        self._counts["tests"] = len(self._tests)
        remarks = [wrapped(f"- {each.message}", "  ") for each in self._findings]
        text = suite_text(
            {**self._setting.head, "tests": self._tests},
            head="\n".join([wrapped(HEAD), *remarks]),
            comments=self._comments,
            packed=True,
        )
        return Written(text, self._counts, tuple(self._findings))

    # ---- one policy -------------------------------------------------------------------------

    def _add(self, group: Group) -> None:
        policy = group.places[0].document.policy
        assert policy is not None
        self._counts["policies"] += 1
        first = len(self._tests)
        for statement in policy.statements:
            self._counts["statements"] += 1
            self._add_statement(group, statement)
        if len(self._tests) > first:
            self._comments["tests", first] = wrapped(self._title(group), "  ")

    def _title(self, group: Group) -> str:
        layer = group.places[0].use.value
        at = listed(list(dict.fromkeys(place.at for place in group.places)))
        return f"{group.name} ({layer}) {at}"

    def _add_statement(self, group: Group, statement: Statement) -> None:
        inside = self._inside(group, statement)
        called = _called(statement, group.name)
        policy = group.places[0].document.policy
        assert policy is not None
        place = policy.location(statement.pointer)
        if inside is None:
            self._findings.append(
                Finding(
                    "PE2340",
                    Severity.WARNING,
                    f"no request was found inside {called}, so it has no tests",
                    place,
                    "write one by hand; perhaps no request can ever match the statement",
                )
            )
            return
        self._add_test(inside, f"inside {called}")
        outside = best_outside(inside, self._prober.outside(inside))
        if outside is None or outside.varies is None:
            self._findings.append(
                Finding(
                    "PE2341",
                    Severity.NOTE,
                    f"no request was found outside {called}: it matches whatever is asked there",
                    place,
                )
            )
            return
        self._add_test(outside, f"outside {called} by its {outside.varies.value}")

    def _inside(self, group: Group, statement: Statement) -> Probe | None:
        """Give the request inside that shows most of a statement, at one of its places."""
        best: Probe | None = None
        for place in group.places[:MOST_PLACES]:
            found = self._prober.inside(place, statement)
            if found is not None and (best is None or score(found) > score(best)):
                best = found
            if best is not None and score(best) == BEST_SCORE:
                break
        return best

    def _add_test(self, probe: Probe, name: str) -> None:
        asked = probe.asked
        self._counts["inside" if probe.inside else "outside"] += 1
        self._counts["unknown"] += probe.decision.unknown
        self._tests.append(
            entry_of(
                self._unique(writable(name)),
                (asked.principal, asked.action, asked.resource),
                asked.context,
                self._names,
                resource_account=asked.resource_account,
                session_policy=[asked.session] if asked.session else None,
                expect=expectation(probe.decision, probe.statement),
            )
        )

    def _unique(self, name: str) -> str:
        """Give a name that no other test has."""
        taken, number = name, 1
        while taken in self._taken:
            number += 1
            taken = f"{name}, {number}"
        self._taken.add(taken)
        return taken

    # ---- remarks ----------------------------------------------------------------------------

    def _note_names_alone(self) -> None:
        environment = self._setting.environment
        nameless = [each for each in environment.identities.values() if not each.arn]
        if not nameless:
            return
        example = arn_of(nameless[0], environment)
        self._findings.append(
            Finding(
                "PE2342",
                Severity.WARNING,
                f"nothing tells the ARN of {listed([quote(each.name) for each in nameless])}: "
                f"asked as a role in an account that is made up, such as {quote(example)}",
                help="give the ARN in NAME.meta.yaml beside the policy, or write environment.yaml",
            )
        )

    def _note_by_aws(self) -> None:
        documents = dict.fromkeys(
            place.document.name for place in self._setting.places if _is_left_out(place)
        )
        if documents:
            self._counts["left_out"] += len(documents)
            self._findings.append(
                Finding(
                    "PE2343",
                    Severity.NOTE,
                    f"not tested, since AWS writes it: {listed(list(documents))}",
                )
            )

    def _left_out(self, message: str, help: str, reason: Finding | None = None) -> None:
        self._counts["left_out"] += 1
        location = reason.location if reason is not None else None
        message = f"{message}, so it has no tests"
        self._findings.append(Finding("PE2344", Severity.WARNING, message, location, help))


def _groups(places: tuple[Place, ...]) -> Iterator[Group]:
    """Put the places of one policy in one role together, in the order of the first of them."""
    found: dict[tuple[Any, ...], list[Place]] = {}
    for place in places:
        if place.document.policy is not None and not _is_left_out(place):
            key = (place.use, place.document.name, id(place.document.policy))
            found.setdefault(key, []).append(place)
    for group in found.values():
        yield Group(tuple(group))


def _is_left_out(place: Place) -> bool:
    return is_by_aws(place.document)


def _called(statement: Statement, name: str) -> str:
    """Name a statement in a test's name: `Sid of file.json`, or `file.json#index`."""
    sid = statement.sid or ""
    if not sid:
        return f"{name}#{statement.index}"
    is_word = sid.isascii() and sid.isalnum()
    return f"{sid if is_word else quote(sid)} of {name}"
