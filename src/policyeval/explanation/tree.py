"""What an explanation is made of: values, no words. `rendering` turns them into text."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from policyeval.context import ContextValue
from policyeval.decision import Decision, LayerDecision, Outcome, StatementRef
from policyeval.finding import Finding
from policyeval.policy import Policy, Statement
from policyeval.source import Location
from policyeval.stack import AttachedPolicy, Layer
from policyeval.value import Value

if TYPE_CHECKING:  # a typed request needs neither
    from policyeval.explanation.claimed import ClaimCheck
    from policyeval.paste.pasted import Pasted


class Reason(Enum):
    """Why a layer, or the request as a whole, is answered as it is; stable codes."""

    ALLOWED = "PE1000"
    EXPLICIT_DENY = "PE1001"
    NO_ALLOW = "PE1101"  # policies are there, none of their statements allows
    NO_POLICY = "PE1102"  # an allow is needed and the layer holds no policy at all
    EMPTY_LEVEL = "PE1103"  # an organization level without any SCP allows nothing
    ONLY_DENIES = "PE1105"  # the layer's policies hold nothing but Deny statements
    CROSS_ACCOUNT = "PE1201"  # both sides must allow, the resource's does not
    TRUST_MISSING = "PE1203"  # a role's trust policy must allow
    KEY_POLICY_SILENT = "PE1204"  # a key policy neither names the caller nor its account
    NO_SESSION_POLICY = "PE1205"  # a federated session without session policy gets nothing
    CLOSED_TO_CALLER = "PE1301"  # this kind of caller may not call this action, ever
    OWNER_ONLY = "PE1302"  # the owner's account alone may call it
    OTHER_PARTITION = "PE1303"  # principal and resource are in different partitions
    UNKNOWN = "PE1500"  # a missing fact decides


class Part(Value):
    """One thing that a statement asks for, and how the request answers.

    `element` is the policy element (`Action`, `NotResource`, `Condition` …). `wanted` are the
    listed texts, `got` the request's value: a tuple of strings, or a `Presence`. `operator` and
    `key` are for conditions. `resolved` are the listed texts with the request's values in the
    place of variables, empty where there are none. `holds` is None where a missing fact decides.
    `location` points at the listed text that speaks: the one that matched, or the only one, else
    the element or condition key.
    """

    element: str
    holds: bool | None
    wanted: tuple[str, ...]
    got: ContextValue
    location: Location
    operator: str = ""
    key: str = ""
    resolved: tuple[str, ...] = ()


class StatementView(Value):
    """A statement of the policies taken apart: every part with its answer."""

    ref: StatementRef
    outcome: Outcome
    parts: tuple[Part, ...]
    location: Location

    @property
    def failing(self) -> tuple[Part, ...]:
        """The parts that do not hold, or of which nobody knows."""
        return tuple(part for part in self.parts if part.holds is not True)


class Cause(Value):
    """Why one layer stands in the way.

    `statements` are the matching Deny statements of an explicit deny, else the near misses of the
    layer, nearest first. `level` is the organization level that lacks an allow, where one does.
    """

    layer: Layer | None
    reason: Reason
    statements: tuple[StatementView, ...] = ()
    level: int | None = None


class ContextChange(Value):
    """Ask with another value of a context key; `value` may be `ABSENT`.

    `also` are other values that do the same, each evaluated too. `range` is the listed block of
    addresses that the value stands for, `-` for any address outside the listed blocks.
    """

    key: str
    value: ContextValue
    was: ContextValue
    also: tuple[str, ...] = ()
    range: str = ""


class StatementEdit(Value):
    """Change one statement of a policy.

    `verb` is `add` (a listed text), `remove` (a listed text), `drop` (a condition key) or
    `exempt` (the caller, by a condition on aws:PrincipalArn). `element` names what is edited,
    `text` is what is added, removed or dropped.
    """

    ref: StatementRef
    verb: str
    element: str
    text: str
    location: Location
    edited: Statement
    operator: str = ""
    key: str = ""


class NewStatement(Value):
    """Add an Allow statement: to `policy`, or in a new policy where that is None.

    `document` is the statement as a JSON object; `level` is the organization level for SCPs.
    """

    layer: Layer
    policy: AttachedPolicy | None
    document: Mapping[str, Any]
    parsed: Policy
    level: int | None = None

    def __hash__(self) -> int:
        return hash((self.layer, self.policy and self.policy.name, repr(self.document)))


Change = ContextChange | StatementEdit | NewStatement


class Opening(Enum):
    """What a change lets through beside the request."""

    NOTHING = "nothing"
    TAG = "tag"  # what policies grant by that tag, to its carrier
    ACTION = "action"  # the added action, on the statement's resources
    RESOURCE = "resource"  # the statement's actions, on the added resource
    PRINCIPAL = "principal"  # the statement, for the added principal
    CONDITION_VALUE = "condition_value"  # the statement, for requests with the added value
    CONDITION_DROPPED = "condition_dropped"  # the statement, whatever the key's value
    EXEMPTION = "exemption"  # everything the Deny guards, for the exempted
    STATEMENT = "statement"  # what the new statement says, and no more


class Opens(Value):
    """What a change opens, with the numbers that words need.

    `actions`, `resources`: the listed texts that the opening covers; `subject` is the added text.
    `layer` tells how wide it reaches: an SCP reaches accounts, an identity policy its principals.
    """

    kind: Opening
    subject: str = ""
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    layer: Layer | None = None


class Fix(Value):
    """Changes that together turn the denial into an allow: proven by one more evaluation."""

    changes: tuple[Change, ...]
    opens: tuple[Opens, ...]


class Explanation(Value):
    """Why a request is decided as it is.

    `causes` has one entry for each blocking layer, the deciding one first; for an allowed request
    it is empty and `granting` holds the statements that granted. `not_evaluated` names facts
    outside policies that could matter (R-FLOW-19), as stable words. `taken_absent` names the
    condition keys that statements asked for and nobody told. `pasted` is the text that the
    request was read from and `check` AWS's own word in it, laid beside the decision; None for a
    request that was typed.
    """

    decision: Decision
    reason: Reason
    causes: tuple[Cause, ...]
    granting: tuple[StatementView, ...]
    fixes: tuple[Fix, ...]
    findings: tuple[Finding, ...]
    not_evaluated: tuple[str, ...] = ()
    taken_absent: tuple[str, ...] = ()
    pasted: Pasted | None = None
    check: ClaimCheck | None = None
    fixes_sought: bool = True

    @property
    def layers(self) -> tuple[LayerDecision, ...]:
        """All seven layers in the order of evaluation."""
        return self.decision.layers
