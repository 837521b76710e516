"""What a policy test is, and what came of it: values, no words.

A suite is what one `*.policytest.yaml` says. Its entries (matrices, tables, cases) are multiplied
out: a `PolicyTest` is one request with the answer that it must get.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from policyeval.context import Facts
from policyeval.decision import Decision
from policyeval.environment.model import Environment
from policyeval.finding import Finding
from policyeval.request import Request
from policyeval.source import Location
from policyeval.stack import Layer, PolicySource
from policyeval.value import Value, Word


class Want(Word):
    """The decisions that a test can ask for; `DENY` is either kind of denial."""

    ALLOW = "allow"
    DENY = "deny"
    EXPLICIT_DENY = "explicit-deny"
    IMPLICIT_DENY = "implicit-deny"
    UNKNOWN = "unknown"


class Expectation(Value):
    """What a test expects of a decision; what is None or empty is not asked.

    `layer` is the deciding layer of a denial, or one that grants. `statement` is a Sid,
    `file.json#index` (from 0) or `file.json:line` of a determining statement. `message` is part of
    the sentence that `why` begins with. `near_miss` is the context key, or the Sid of the
    statement, that the request nearly met. `missing` are facts that an unknown answer waits for.
    `negated`: the decision must be another than all this, for certain.
    """

    decision: Want | None = None
    layer: Layer | None = None
    statement: str = ""
    message: str = ""
    near_miss: str = ""
    missing: tuple[str, ...] = ()
    negated: bool = False

    @property
    def gives_reason(self) -> bool:
        """True where the expectation says why, not only what."""
        return bool(self.layer or self.statement or self.message or self.near_miss)


class World(Value):
    """The policies that tests are asked in: an environment, or None and a stack.

    `name` is what output calls it: the file, with the overlays in force.
    """

    name: str
    policies: PolicySource
    environment: Environment | None = None


class Skip(Value):
    """Why a test is not run; after the day `until` it fails instead."""

    reason: str = ""
    until: date | None = None


class PolicyTest(Value):
    """One request with the answer that it must get.

    `principal`, `action` and `resource` are full texts, as `Request.of` takes them; `context` holds
    what it takes too (None: absent). `name` is the entry's, `parameters` tells its tests apart and
    is empty where there is one alone. `location` is where the test stands: an entry, a row, a
    case. `asked` are the three texts as the file has them, with the name of the context: what
    a person would type again.
    """

    file: str
    name: str
    parameters: str
    principal: str
    action: str
    resource: str
    context: Mapping[str, Any]
    expect: Expectation
    world: World
    location: Location
    resource_account: str | None = None
    facts: Facts = Facts.TYPED
    skip: Skip | None = None
    asked: tuple[str, str, str] = ("", "", "")

    @property
    def id(self) -> str:
        """The stable name: `file::name[parameters]`."""
        return f"{self.file}::{self.title}"

    @property
    def title(self) -> str:
        """The name inside the file: `name[parameters]`."""
        return f"{self.name}[{self.parameters}]" if self.parameters else self.name

    def request(self) -> Request:
        """Give the request; raises InvalidRequestError or InvalidArnError."""
        return Request.of(
            self.principal,
            self.action,
            self.resource,
            self.context,
            resource_account=self.resource_account,
            facts=self.facts,
        )


class Suite(Value):
    """The tests of one file. `findings` are remarks that do not keep it from running."""

    file: str
    tests: tuple[PolicyTest, ...]
    findings: tuple[Finding, ...] = ()


class Status(Word):
    """What came of a test. `ERROR`: its request cannot be asked."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


class Aspect(Word):
    """Of what an expectation speaks."""

    DECISION = "decision"
    LAYER = "layer"
    STATEMENT = "statement"
    MESSAGE = "message"
    NEAR_MISS = "near-miss"
    MISSING = "missing"
    NOT = "not"  # everything came as it must not
    REASON = "reason"  # a denial is expected and no reason for it, where that is required
    SKIP = "skip"  # the day came until which the test was to be skipped


class Mismatch(Value):
    """One thing that came otherwise than expected."""

    aspect: Aspect
    wanted: str
    got: str


class Result(Value):
    """What came of one test.

    `decision` is None where none was made (skipped, error, or made in another process).
    `mismatches` are empty unless it failed, `findings` unless it is an error. `seconds` is the
    time it took.
    """

    test: PolicyTest
    status: Status
    decision: Decision | None = None
    mismatches: tuple[Mismatch, ...] = ()
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0


class Run(Value):
    """What came of all tests that were run, in order. `deselected` counts those left out."""

    results: tuple[Result, ...]
    seconds: float = 0.0
    deselected: int = 0

    def count(self, status: Status) -> int:
        """Count the results of a status."""
        return sum(result.status is status for result in self.results)

    def of(self, *statuses: Status) -> tuple[Result, ...]:
        """Give the results of some statuses."""
        return tuple(result for result in self.results if result.status in statuses)

    @property
    def passed(self) -> bool:
        """True where nothing failed and nothing was an error."""
        return not self.of(Status.FAILED, Status.ERROR)

    @property
    def exit_code(self) -> int:
        """2 where something is an error, 1 where something failed, else 0."""
        return 2 if self.count(Status.ERROR) else int(not self.passed)
