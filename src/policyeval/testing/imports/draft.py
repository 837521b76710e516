"""Suites that were read from elsewhere and are not written yet."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from json import dumps
from pathlib import Path
from typing import Any

from policyeval.environment.project_files import project_root
from policyeval.errors import PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.parsing.document import NumberText, read_document
from policyeval.parsing.policy import read_policy
from policyeval.policy import PolicyType
from policyeval.request import Request
from policyeval.source import Location
from policyeval.testing.load import ENDINGS
from policyeval.testing.write import suite_text
from policyeval.value import Value, replace

ANYBODY = "role/policy-test"
"""The caller of tests that name nobody: the name of `expand.POLICY_TESTER`, in any account."""

TO_DECIDE = "nobody has said yet what is expected"

_ANYBODY_ASKED = "arn:aws:iam::123456789012:" + ANYBODY


class DraftTest(Value):
    """One entry of a suite: the product of its actions and resources.

    `expect` is a short form (`deny`), empty where nobody said one; then the test is skipped.
    `base` is the start of its suite: what its policies are.
    """

    name: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    location: Location
    principal: str = ""
    account: str = ""
    context: Mapping[str, Any] = {}
    expect: str = ""
    remark: str = ""
    base: Mapping[str, Any] = {}


class PolicyFiles:
    """The files of policies beside tests, `policies/STEM/LAYER-1.json`; `texts` by name."""

    def __init__(self, stem: str) -> None:
        self.texts: dict[str, str] = {}
        self._stem = stem
        self._names: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    def name(self, layer: str, text: str) -> str:
        """Give the file that holds a policy: a text once."""
        key = (layer, laid_out(text))
        if key not in self._names:
            number = self._counts[layer] = self._counts.get(layer, 0) + 1
            name = self._names[key] = f"policies/{self._stem}/{layer}-{number}.json"
            self.texts[name] = key[1]
        return self._names[key]


class Draft:
    """Collects tests and policies for suites in one folder; `findings` say what did not fit.

    `target` is the first suite: tests with other policies go into others beside it.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.findings: list[Finding] = []
        self.tests: list[DraftTest] = []
        self.left_out = 0
        self.undecided = 0
        self._policies = PolicyFiles(self.stem)
        self._names_used: dict[str, dict[str, int]] = {}

    # ---- findings ---------------------------------------------------------------------------

    def warn(self, code: str, message: str, place: Location | None, help: str = "") -> None:
        """Note what comes over otherwise than it was."""
        self.findings.append(Finding(code, Severity.WARNING, message, place, help))

    def refuse(self, code: str, message: str, place: Location | None, help: str = "") -> None:
        """Note what does not come over."""
        self.findings.append(Finding(code, Severity.ERROR, message, place, help))

    # ---- policies ---------------------------------------------------------------------------

    def policy(self, layer: str, text: str, name: str, place: Location) -> str | None:
        """Give the file, new or of before, for the text of a policy; None where it is none."""
        policy, findings = read_policy(text, name=name, type=_kind(layer))
        if policy is None:
            self.refuse("PE2366", f"the {layer} policy is not whole", place)
            self.findings.extend(finding for finding in findings if finding.is_error)
            return None
        return self._policies.name(layer, text)

    def file(self, path: Path) -> str | None:
        """Name a policy's own file as suites would; None where they may not: it is outside."""
        root = project_root(self.target.parent)
        if not path.resolve().is_relative_to(root):
            return None
        return os.path.relpath(path.resolve(), self.target.parent.resolve()).replace(os.sep, "/")

    @property
    def stem(self) -> str:
        """The name of the first suite without its ending."""
        name = self.target.name
        for ending in (*ENDINGS, ".yaml", ".yml"):
            name = name.removesuffix(ending)
        return name

    # ---- tests ------------------------------------------------------------------------------

    def add(self, test: DraftTest) -> None:
        """Take a test, unless its request cannot be asked."""
        for action in test.actions:
            for resource in test.resources:
                try:
                    Request.of(
                        test.principal or _ANYBODY_ASKED,
                        action,
                        resource,
                        test.context,
                        resource_account=test.account or None,
                    )
                except PolicyEvalError as error:
                    self.leave_out(error.message, test.location)
                    return
        if not test.expect:
            self._note_undecided(test.location)
            test = replace(test, remark=f"to do: {TO_DECIDE}; write `expect`, remove `skip`")
        if test.expect or len(test.actions) == len(test.resources) == 1:
            self.tests.append(self._with_own_name(test))
            return
        for action in test.actions:  # so that each can be decided
            for resource in test.resources:
                single = replace(test, actions=(action,), resources=(resource,))
                self.tests.append(self._with_own_name(single))

    def _with_own_name(self, test: DraftTest) -> DraftTest:
        """Number the second test of a name in its suite, and those after it."""
        names = self._names_used.setdefault(dumps(test.base, sort_keys=True), {})
        name, count = test.name, names.get(test.name, 0)
        while name in names:
            count += 1
            name = f"{test.name} ({count})"
        names[test.name] = max(count, 1)
        names.setdefault(name, 1)
        return replace(test, name=name)

    def leave_out(self, why: str, place: Location | None, help: str = "") -> None:
        """Note that a test does not come over."""
        self.left_out += 1
        self.refuse("PE2364", f"the test is left out: {why}", place, help)

    def _note_undecided(self, place: Location) -> None:
        self.undecided += 1
        if self.undecided == 1:
            help = "`--answers` takes today's answers; `--results` those of the simulator"
            self.warn("PE2367", "what is expected is not told: the test is skipped", place, help)

    # ---- files ------------------------------------------------------------------------------

    def files(self) -> dict[str, str]:
        """Give the texts of all files by name, relative to the target's folder; suites last."""
        return self.policy_files() | {name: text_of(tests) for name, tests in self.suites().items()}

    def policy_files(self) -> dict[str, str]:
        """Give the texts of the policies that tests ask, by name."""
        used = {text for tests in self.suites().values() for text in _texts(tests[0].base)}
        return {name: text for name, text in self._policies.texts.items() if name in used}

    def suites(self) -> dict[str, list[DraftTest]]:
        """Give the tests of each suite by its file."""
        bases: dict[str, list[DraftTest]] = {}
        for test in self.tests:
            bases.setdefault(dumps(test.base, sort_keys=True), []).append(test)
        return dict(zip(self._names(), bases.values(), strict=False))

    def _names(self) -> Iterator[str]:
        name = self.target.name
        yield name
        number = 1
        while True:
            number += 1
            yield f"{self.stem}-{number}{name[len(self.stem) :]}"


def _texts(tree: Any) -> Iterator[str]:
    """Give all texts in a map of maps and lists."""
    if isinstance(tree, str):
        yield tree
    for each in tree.values() if isinstance(tree, Mapping) else ():
        yield from _texts(each)
    for each in tree if isinstance(tree, list) else ():
        yield from _texts(each)


def text_of(tests: Sequence[DraftTest]) -> str:
    """Give the text of a suite of tests that ask the same policies."""
    defaults: dict[str, Any] = {"facts": "complete"}
    principals = {test.principal for test in tests}
    if len(principals) == 1 and "" not in principals:
        defaults["principal"] = principals.pop()
        tests = [replace(test, principal="") for test in tests]
    shared = _shared(tests) if len(tests) > 1 else {}
    if shared:
        defaults["context"] = shared
    entries = []
    comments: dict[tuple[str | int, ...], str] = {}
    for number, test in enumerate(tests):
        entries.append({"name": test.name, **_entry(test, shared)})
        if test.remark:
            comments["tests", number] = test.remark
    suite = {"version": 1, **tests[0].base, "defaults": defaults, "tests": entries}
    return suite_text(suite, comments=comments)


def _entry(test: DraftTest, shared: Mapping[str, Any]) -> dict[str, Any]:
    """Give an entry of a suite without its name."""
    entry: dict[str, Any] = {"principal": test.principal} if test.principal else {}
    if len(test.actions) == len(test.resources) == 1:
        entry |= {"action": test.actions[0], "resource": test.resources[0]}
    else:
        entry["matrix"] = {"action": list(test.actions), "resource": list(test.resources)}
    if test.account:
        entry["resource-account"] = test.account
    own = {key: value for key, value in test.context.items() if key not in shared}
    if own:
        entry["context"] = own
    return {**entry, "expect": test.expect} if test.expect else {**entry, "skip": TO_DECIDE}


def _shared(tests: Sequence[DraftTest]) -> dict[str, Any]:
    """Give what the contexts of all tests have in common."""
    first, *others = tests
    return {
        key: value
        for key, value in first.context.items()
        if all(key in test.context and test.context[key] == value for test in others)
    }


def laid_out(text: str) -> str:
    """Give the text of a policy on lines of its own; as it is where that could change it."""
    if "\n" in text.strip():
        return text if text.endswith("\n") else text + "\n"
    tree, _, findings = read_document(text)
    if tree is None or findings or _has_number(tree):
        return text + "\n"
    return dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _has_number(tree: Any) -> bool:
    if isinstance(tree, dict):
        return any(map(_has_number, tree.values()))
    if isinstance(tree, list):
        return any(map(_has_number, tree))
    return isinstance(tree, NumberText)


def _kind(layer: str) -> PolicyType:
    return PolicyType(layer)
