"""politest's scenarios to policy tests.

The format is that of github.com/reaandrew/politest, docs/wiki/API-Reference.md at 4d880b2, and the
older form with `actions` and a map `expect` of its README at 01e5ec8. politest hands SCPs and RCPs
to the simulator as one permissions boundary; here they are SCPs and RCPs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from policyeval.environment.yaml_tree import Node
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.source import Location
from policyeval.testing.file import LAYERS
from policyeval.testing.imports.caller import account_of, caller_for, note_one_sided
from policyeval.testing.imports.context import EntryError, key_and_value
from policyeval.testing.imports.draft import Draft, DraftTest
from policyeval.testing.imports.scenario import Scenario, read_scenario
from policyeval.testing.imports.scenario_policies import (
    POLICIES,
    RESOURCE_POLICIES,
    ScenarioPolicies,
    filled_or_none,
)
from policyeval.testing.imports.variables import fill

_SHARED = (*RESOURCE_POLICIES, "caller_arn", "resource_owner", "resource_handling_option")
_OLD = ("actions", "resources", "expect")
_KEYS = ("extends", "vars_file", "vars", *POLICIES, *_SHARED, "scp_paths", "context", "tests")
_TEST_KEYS = ("name", "action", "actions", "resource", "resources", "context", "expect", *_SHARED)
EXPECT = {
    "allowed": "allow",
    "implicitdeny": "implicit-deny",
    "explicitdeny": "explicit-deny",
    "denied": "deny",
}
"""politest compares decisions without regard to letter case; `denied` was its older word."""


class _LeftOutError(Exception):
    """A test cannot come over; the reason has been noted."""


def from_politest(path: Path, target: Path) -> Draft:
    """Give the policy tests of a scenario, to be written as `target`.

    Raises SuiteError where a scenario cannot be read; what does not fit is among the findings.
    """
    draft = Draft(target)
    _Import(read_scenario(path), draft).run()
    return draft


class _Import:
    def __init__(self, scenario: Scenario, draft: Draft) -> None:
        self._scenario = scenario
        self._top: dict[str, Node] = scenario.tree.value
        self._draft = draft
        self._policies = ScenarioPolicies(scenario, draft)
        self._expects: dict[str, Node] = {}

    def run(self) -> None:
        """Take over all tests."""
        draft, top = self._draft, self._top
        self._note_unknown(top, (*_KEYS, *(() if "tests" in top else _OLD)))
        shared = self._policies.shared()
        if shared is None:
            draft.left_out += max(1, len(list(self._entries())))
            return
        for entry in self._entries():
            with suppress(_LeftOutError):
                self._take(entry, shared)

    def _entries(self) -> Iterator[Node]:
        """Give the tests as maps; of the older form, one for each action."""
        if "tests" in self._top:
            tests = self._top["tests"]
            if isinstance(tests.value, list):
                yield from tests.value
            elif tests.value is not None:
                self._draft.refuse("PE2364", "`tests` is no list", tests.location)
            return
        actions = self._top.get("actions")
        if actions is None or not isinstance(actions.value, list):
            self._draft.refuse("PE2364", "there are no `tests`", self._scenario.tree.location)
            return
        expects = self._top.get("expect")
        if expects is not None and isinstance(expects.value, dict):
            self._expects = {self._plain(key): node for key, node in expects.value.items()}
        for action in actions.value:
            parts = {"action": action}
            if "resources" in self._top:
                parts["resources"] = self._top["resources"]
            expect = self._expects.get(self._plain(str(action.value)))
            if expect is not None:
                parts["expect"] = expect
            keys = dict.fromkeys(parts, action.location)
            yield Node(parts, action.source, action.span, keys)

    # ---- one test ---------------------------------------------------------------------------

    def _take(self, entry: Node, shared: Mapping[str, tuple[str, ...]]) -> None:
        draft, place = self._draft, entry.location
        if not isinstance(entry.value, dict):
            draft.leave_out("it is no map", place)
            raise _LeftOutError
        parts: dict[str, Node] = entry.value
        self._note_unknown(parts, _TEST_KEYS)
        actions = self._several(parts, "action", "actions")
        resources = self._several(parts, "resource", "resources") or ("*",)
        if not actions:
            self._leave_out("it has no `action`", place)
        context = self._context(parts)
        stack = dict(shared)
        resource_policy = self._resource_policy(parts)
        if resource_policy:
            stack["resource"] = resource_policy
        given = {**self._top, **parts}
        caller = self._one(given, "caller_arn") or ""
        owner = account_of(self._one(given, "resource_owner") or "")
        if resource_policy and not caller:
            self._leave_out("a resource policy needs `caller_arn`", place)
        option = given.get("resource_handling_option")
        if option is not None:
            draft.warn("PE2361", "`resource_handling_option` is left out", option.location)
        expect = self._expect(parts, len(resources))
        name = self._name(parts, actions, resources)
        for principal, account, some in caller_for(resources, caller, owner, bool(resource_policy)):
            note_one_sided(draft, principal, account, some, bool(resource_policy), place)
            draft.add(
                DraftTest(
                    name,
                    actions,
                    some,
                    self._name_place(entry),
                    principal,
                    account,
                    context,
                    expect,
                    base={"stack": {each: list(stack[each]) for each in LAYERS if each in stack}},
                )
            )

    def _several(self, parts: Mapping[str, Node], one: str, many: str) -> tuple[str, ...]:
        if one in parts and many in parts:
            self._leave_out(f"`{one}` and `{many}` exclude each other", parts[many].location)
        node = parts.get(one) or parts.get(many)
        if node is None or node.value is None:
            return ()
        nodes = node.value if isinstance(node.value, list) else [node]
        texts = [self._filled(each) for each in nodes]
        return tuple(dict.fromkeys(texts))

    def _expect(self, parts: Mapping[str, Node], resources: int) -> str:
        node = parts.get("expect")
        if node is None or node.value is None:
            return ""
        word = self._filled(node)
        expect = EXPECT.get(word.lower(), "")
        if not expect:
            words = ("allowed", "implicitDeny", "explicitDeny")
            help = did_you_mean(word, words) or f"expected one of {', '.join(words)}"
            self._leave_out(f"{quote(word)} is no decision", node.location, help)
        if resources > 1 and expect != "allow":
            self._draft.warn(
                "PE2365",
                "politest asks whether one of the resources is denied, the suite that all are",
                node.location,
                "look at the test: move resources that are allowed to a test of their own",
            )
        return expect

    def _name(
        self, parts: Mapping[str, Node], actions: Sequence[str], resources: Sequence[str]
    ) -> str:
        node = parts.get("name")
        if node is not None and isinstance(node.value, str) and node.value:
            return self._plain(node.value)
        return f"{', '.join(actions)} on {', '.join(resources)}"

    def _name_place(self, entry: Node) -> Location:
        name = entry.value.get("name")
        return name.location if name is not None else entry.location

    # ---- context ----------------------------------------------------------------------------

    def _context(self, parts: Mapping[str, Node]) -> dict[str, Any]:
        """Give the scenario's context keys, and over them those of the test."""
        context: dict[str, Any] = {}
        spelled: dict[str, str] = {}
        for node in (self._top.get("context"), parts.get("context")):
            for entry in self._items(node):
                for key, value in self._key_and_value(entry):
                    context.pop(spelled.get(key.lower(), key), None)
                    spelled[key.lower()] = key
                    context[key] = value
        return context

    def _items(self, node: Node | None) -> list[Node]:
        if node is None or node.value is None:
            return []
        if not isinstance(node.value, list):
            self._leave_out("`context` is no list", node.location)
        return list(node.value)

    def _key_and_value(self, entry: Node) -> Iterator[tuple[str, Any]]:
        if not isinstance(entry.value, dict):
            self._leave_out("a context entry is no map", entry.location)
        plain: dict[str, Any] = {}
        for part, node in entry.value.items():
            if isinstance(node.value, list):
                plain[part] = [self._filled(each) for each in node.value]
            else:
                plain[part] = self._filled(node)
        try:
            yield key_and_value(plain)
        except EntryError as error:
            _, place = entry.find((error.part,))
            self._leave_out(error.message, place, error.help)

    def _resource_policy(self, parts: Mapping[str, Node]) -> tuple[str, ...]:
        own = [key for key in RESOURCE_POLICIES if key in parts]
        given = own or [key for key in RESOURCE_POLICIES if key in self._top]
        if not given:
            return ()
        node = (parts if own else self._top)[given[0]]
        if len(given) > 1:
            self._leave_out(f"`{given[0]}` and `{given[1]}` exclude each other", node.location)
        file = self._policies.read(node, "resource", template=given[0] == RESOURCE_POLICIES[1])
        if file is None:
            self._draft.left_out += 1
            raise _LeftOutError
        return (file,)

    # ---- texts ------------------------------------------------------------------------------

    def _one(self, parts: Mapping[str, Node], key: str) -> str | None:
        node = parts.get(key)
        return self._filled(node) if node is not None and node.value is not None else None

    def _filled(self, node: Node) -> str:
        """Give a text with its variables filled in; leaves the test out where that fails."""
        text = filled_or_none(node, self._scenario, self._draft)
        if text is None:
            self._draft.left_out += 1
            raise _LeftOutError
        return text

    def _plain(self, text: str) -> str:
        """Fill in a name; what is no variable in it stays."""
        return fill(text, self._scenario.variables).text

    def _leave_out(self, why: str, place: Location, help: str = "") -> None:
        self._draft.leave_out(why, place, help)
        raise _LeftOutError

    def _note_unknown(self, parts: Mapping[str, Node], known: Sequence[str]) -> None:
        for key, node in parts.items():
            if key not in known:
                help = did_you_mean(key, known)
                self._draft.warn("PE2361", f"{quote(key)} is left out", node.location, help)
