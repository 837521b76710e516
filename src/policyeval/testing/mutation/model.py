"""What a mutant is, and what came of it: values, no words."""

from __future__ import annotations

from typing import Any

from policyeval.decision import Verdict
from policyeval.finding import Finding
from policyeval.policy import Policy, PolicyType, Statement
from policyeval.source import Location
from policyeval.stack import Layer
from policyeval.testing.model import PolicyTest
from policyeval.value import Value, Word


class Operator(Word):
    """The ways in which a policy is changed. The value is what the command line calls it."""

    DROP_STATEMENT = "M1"
    FLIP_EFFECT = "M2"
    DROP_CLAUSE = "M3"
    DROP_CONDITION = "M4"
    SWAP_OPERATOR = "M5"
    IF_EXISTS = "M6"
    QUANTIFIER = "M7"
    WIDEN = "M8"
    NARROW = "M9"
    PRINCIPAL = "M10"
    DETACH = "M11"


class Change(Value):
    """What a mutant changes: `verb` is drop, replace or detach.

    `element` is that of the statement (`NotAction`, `Condition`), `Statement` for all of it, or
    empty for an attachment. `old` and `new` are texts of the policy; `key` is the condition key.
    """

    verb: str
    element: str
    old: str = ""
    new: str = ""
    key: str = ""


class Attachment(Value):
    """A policy where it hangs: what a mutant of the attachment takes away."""

    layer: Layer
    name: str
    attached_to: str = ""


class Written(Value):
    """The JSON of a statement before and after the change, None where it is dropped.

    `in_text` tells that the old one is that of the policy's source: else it is a written form.
    """

    old: dict[str, Any]
    new: dict[str, Any] | None
    in_text: bool


class Mutant(Value):
    """A policy with one change.

    `index` is the statement's; -1 for an attachment. `statement` is the changed statement, None
    where it is dropped. `types` are the uses of the policy. `location` is what was changed.
    """

    operator: Operator
    change: Change
    policy: Policy
    name: str
    types: tuple[PolicyType, ...]
    location: Location
    index: int = -1
    statement: Statement | None = None
    attachment: Attachment | None = None
    written: Written | None = None

    @property
    def original(self) -> Statement | None:
        """The statement before the change; None for an attachment."""
        if self.index < 0:
            return None
        return self.policy.statements[self.index]


class Fate(Word):
    """What came of a mutant. `UNDECIDED`: no test fails, no proof and no witness was found."""

    KILLED = "killed"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"
    NOT_ASKED = "not-asked"


class Reason(Word):
    """Why a mutant decides every request as the policy does."""

    SAME_MEANING = "same-meaning"
    SAME_OPERATOR = "same-operator"
    ABSENT_KEY = "absent-key"
    SET_OPERATOR = "set-operator"
    ALWAYS_PRESENT = "always-present"
    NEVER_MATCHES = "never-matches"
    SHADOWED = "shadowed"
    OVERRIDDEN = "overridden"
    IMPLIED_IN_RCPS = "implied-in-rcps"
    OWN_RESOURCE = "own-resource"


class Proof(Value):
    """A reason, with the other statement or the key that it rests on."""

    reason: Reason
    by: str = ""


class Witness(Value):
    """A request that tells a mutant from the policy.

    `test` holds the request; its expectation means nothing, and its name is that of the test from
    which it was made. `today` and `mutated` are the two answers.
    """

    test: PolicyTest
    today: Verdict
    mutated: Verdict


class MutantResult(Value):
    """What came of one mutant.

    `killer` is the id of the first test that fails. `met` counts the tests that ask the policy.
    """

    mutant: Mutant
    fate: Fate
    killer: str = ""
    proof: Proof | None = None
    witness: Witness | None = None
    met: int = 0


class MutationRun(Value):
    """What came of all mutants.

    `left_out` are tests that fail without any mutant: they could kill nothing. `asked` counts the
    tests that could. `remembered` counts the results taken from an earlier run.
    """

    results: tuple[MutantResult, ...]
    asked: int = 0
    left_out: tuple[PolicyTest, ...] = ()
    findings: tuple[Finding, ...] = ()
    remembered: int = 0
    seconds: float = 0.0

    def count(self, fate: Fate) -> int:
        """Count the mutants of a fate."""
        return sum(result.fate is fate for result in self.results)

    def of(self, fate: Fate) -> tuple[MutantResult, ...]:
        """Give the results of a fate."""
        return tuple(result for result in self.results if result.fate is fate)
