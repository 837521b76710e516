"""What is remembered from one run to the next.

A result is known again by digests of all that it rests on: the mutant, its policy, the test that
killed it, or all tests that meet it, and every policy of their stacks. So nothing is ever out of
date, and a second run asks only about what changed. The file can be deleted at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policyeval.environment.model import Environment, PolicyDocument
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.write import policy_to_dict
from policyeval.policy import Policy, Statement
from policyeval.source import Source
from policyeval.stack import PolicyStack
from policyeval.testing.last_failed import write_cache
from policyeval.testing.model import PolicyTest
from policyeval.testing.mutation.model import Fate, Mutant, MutantResult
from policyeval.testing.mutation.plain import from_plain, to_plain
from policyeval.testing.mutation.plan import Asked
from policyeval.value import Value, replace

if TYPE_CHECKING:
    from policyeval.testing.mutation.run import Mutating

SCHEMA = "policyeval/mutation-cache/1"
LARGEST = 64 * 1024 * 1024
MOST_OTHERS = 20_000
"""Results of mutants that this run did not make (other policies, other operators) are kept."""


class Cache:
    """Results of an earlier run, and where to remember those of this one."""

    def __init__(self, path: Path, mutating: Mutating) -> None:
        self.path = path
        self.findings: list[Finding] = []
        self.results: dict[int, MutantResult] = {}
        self._others: Mapping[str, Any] = {}
        self._digests = Digests(mutating)
        self._mutating = mutating
        self._keys = [self._digests.of_mutant(mutant) for mutant in mutating.mutants]

    @staticmethod
    def read(path: Path, mutating: Mutating) -> Cache:
        """Give what a file remembers of these mutants; a damaged one remembers nothing."""
        cache = Cache(path, mutating)
        try:
            cache._take(_entries(path))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            cache.results.clear()
            cache._others = {}
            cache.findings.append(
                Finding(
                    "PE2321",
                    Severity.WARNING,
                    f"{quote(str(path))} cannot be used, so every mutant is asked about anew",
                    help="it is written again; delete it if this comes back",
                )
            )
        return cache

    def _take(self, entries: Mapping[str, Any]) -> None:
        tests = {test.id: test for test in self._mutating.tests}
        current = set(self._keys)
        others = {key: plain for key, plain in entries.items() if key not in current}
        if len(others) <= MOST_OTHERS:
            self._others = others
        for number, key in enumerate(self._keys):
            plain = entries.get(key)
            if plain is None:
                continue
            mutant = self._mutating.mutants[number]
            result = from_plain(plain, mutant, tests)
            if result is not None and self._still_holds(result, plain):
                self.results[number] = replace(result, met=self._mutating.asking.met(mutant))

    def _still_holds(self, result: MutantResult, plain: Mapping[str, Any]) -> bool:
        """Tell whether the tests that a result rests on are what they were.

        A witness asks what no test asks, so it is asked again; a search that failed is only
        remembered where nothing new could be found.
        """
        if plain["rests"] != self._digests.of_result(result):
            return False
        if result.fate is Fate.SURVIVED:
            return self._mutating.searching.confirms(result)
        if result.fate is Fate.UNDECIDED:
            return bool(plain["worlds"] == self._digests.worlds)
        return result.fate is not Fate.NOT_ASKED

    def write(self, results: Mapping[int, MutantResult]) -> list[Finding]:
        """Remember results; gives a finding where the file cannot be written."""
        entries: dict[str, Any] = dict(self._others)
        for number, result in sorted(results.items()):
            plain = to_plain(result)
            plain["rests"] = self._digests.of_result(result)
            if result.fate is Fate.UNDECIDED:
                plain["worlds"] = self._digests.worlds
            entries[self._keys[number]] = plain
        text = json.dumps({"schema": SCHEMA, "entries": entries}, separators=(",", ":"))
        try:
            write_cache(self.path.parent, self.path.name, text)
        except OSError as error:
            return [
                Finding(
                    "PE2321",
                    Severity.WARNING,
                    f"{quote(str(self.path))} cannot be written: {error.strerror or error}",
                    help="the next run asks about every mutant again",
                )
            ]
        return []


def _entries(path: Path) -> Mapping[str, Any]:
    if path.stat().st_size > LARGEST:
        raise ValueError(path)
    tree = json.loads(path.read_text(encoding="utf-8"))
    if tree["schema"] != SCHEMA:
        raise ValueError(tree["schema"])
    entries: Mapping[str, Any] = tree["entries"]
    if not isinstance(entries, dict):
        raise TypeError(entries)
    return entries


class Digests:
    """Digests of mutants, policies, stacks and tests; each policy and stack is read once."""

    def __init__(self, mutating: Mutating) -> None:
        from policyeval import __version__

        self._plan = mutating.plan
        self._by_id = {each.test.id: each for each in mutating.plan.asked}
        self._version = __version__
        self._policies: dict[int, tuple[Policy, str]] = {}
        self._stacks: dict[int, tuple[PolicyStack, str]] = {}
        self._asked: dict[int, str] = {}
        self._met: dict[Any, str] = {}
        self.worlds = self._of_worlds()

    def of_mutant(self, mutant: Mutant) -> str:
        """Give the digest of a mutant, its policy and where that hangs."""
        plan = self._plan
        unit = plan.unit_of(mutant.policy)
        changed = _written(mutant.statement) if mutant.statement is not None else None
        detached = mutant.attachment
        return _digest(
            self._version,
            mutant.operator.value,
            mutant.name,
            [kind.value for kind in mutant.types],
            [layer.value for layer in unit.layers] if unit is not None else [],
            self._plan.owners(unit) if unit is not None else [],
            self._policy(mutant.policy),
            mutant.index,
            changed,
            [detached.layer.value, detached.name, detached.attached_to] if detached else None,
        )

    def of_result(self, result: MutantResult) -> str:
        """Give the digest of the tests that a result rests on.

        One test kills a mutant, whatever the others say; that none does, all have to say.
        """
        if result.fate is Fate.KILLED:
            asked = self._by_id.get(result.killer)
            return self._test(asked) if asked is not None else ""
        return self._of_met(result.mutant)

    def _of_met(self, mutant: Mutant) -> str:
        unit = self._plan.unit_of(mutant.policy)
        key = mutant.attachment or (unit.number if unit is not None else -1)
        if key not in self._met:
            if mutant.attachment is not None:
                numbers: Any = range(len(self._plan.asked))
            else:
                numbers = unit.tests if unit is not None else ()
            self._met[key] = _digest([self._test(self._plan.asked[each]) for each in numbers])
        return self._met[key]

    def _test(self, asked: Asked) -> str:
        if asked.number not in self._asked:
            test, request = asked.test, asked.request
            entries = request.context.entries
            self._asked[asked.number] = _digest(
                _of_test(test),
                request.facts.value,
                sorted((key, repr(value)) for key, value in entries.items()),
                repr(request.principal),
                repr(request.resource),
                self._stack(asked.stack),
            )
        return self._asked[asked.number]

    def _stack(self, stack: PolicyStack) -> str:
        known = self._stacks.get(id(stack))
        if known is None:
            organization = stack.organization
            layers = [
                [
                    layer.value,
                    [
                        [
                            [
                                each.name,
                                each.arn,
                                each.attached_to,
                                str(each.endpoint_type),
                                self._policy(each.policy),
                            ]
                            for each in level
                        ]
                        for level in levels
                    ],
                ]
                for layer, levels in stack.layers.items()
            ]
            digest = _digest(
                layers,
                sorted(layer.value for layer in stack.complete),
                sorted(layer.value for layer in stack.assumed),
                sorted(stack.canonical_users.items()),
                [
                    organization.id,
                    organization.management_account,
                    sorted(organization.accounts),
                    sorted(organization.delegated_administrators),
                ]
                if organization is not None
                else None,
            )
            known = self._stacks[id(stack)] = (stack, digest)
        return known[1]

    def _policy(self, policy: Policy) -> str:
        known = self._policies.get(id(policy))
        if known is None:
            digest = _digest(policy.source.name, policy_to_dict(policy), str(policy.type))
            known = self._policies[id(policy)] = (policy, digest)
        return known[1]

    def _of_worlds(self) -> str:
        """Give a digest of everything that a search could come upon: policies, and all facts."""
        parts: list[Any] = [self._told(environment) for environment in self._plan.environments]
        parts += sorted(self._stack(stack) for stack in self._plan.stacks)
        return _digest(parts)

    def _told(self, value: Any) -> Any:
        """Give a part of an environment as plain data: its facts, and its policies' digests."""
        if isinstance(value, PolicyDocument):
            policy = value.policy
            return [value.name, value.arn, self._policy(policy) if policy is not None else ""]
        if isinstance(value, Environment):
            fields = [name for name in value._fields if name != "load_findings"]
            return [self._told(getattr(value, name)) for name in fields]
        if isinstance(value, Value):
            return [self._told(getattr(value, name)) for name in value._fields]
        if isinstance(value, Mapping):
            return sorted([repr(key), self._told(each)] for key, each in value.items())
        if isinstance(value, (set, frozenset)):
            return sorted(map(repr, value))
        return [self._told(each) for each in value] if isinstance(value, tuple) else repr(value)


def _of_test(test: PolicyTest) -> list[Any]:
    expect = test.expect
    return [
        test.id,
        test.principal,
        test.action,
        test.resource,
        sorted((key, repr(value)) for key, value in test.context.items()),
        test.resource_account,
        test.facts.value,
        repr(expect),
    ]


def _written(statement: Statement) -> Any:
    return policy_to_dict(Policy("2012-10-17", None, (statement,), Source("")))["Statement"][0]


def _digest(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=repr)
    return sha256(text.encode()).hexdigest()[:32]
