"""The AST of a policy document: frozen, with addresses instead of positions.

A node does not store where it stands in a text. A statement knows its JSON Pointer, everything
smaller is addressed by structure (`Statement.at("Action", 0)`), and `policyeval.source` finds the
span when somebody asks. So equal policies compare equal, and a policy given as a dict has
addresses too.
"""

from __future__ import annotations

from typing import Any

from policyeval.finding import Finding
from policyeval.source import Location, Source
from policyeval.value import Value, Word

VERSION_2008 = "2008-10-17"
VERSION_2012 = "2012-10-17"


class Effect(Word):
    """What a statement does to the requests it speaks about."""

    ALLOW = "Allow"
    DENY = "Deny"


class PolicyType(Word):
    """What a document is used as: decides which elements are legal (R-LANG-04, R-LANG-05)."""

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    SCP = "scp"
    RCP = "rcp"
    RESOURCE = "resource"
    TRUST = "trust"
    VPC_ENDPOINT = "vpc_endpoint"


class Variable(Value):
    """A policy variable `${key}` or `${key, 'default'}` (R-MATCH-07)."""

    key: str
    default: str | None = None


class Wildcard(Word):
    """A wildcard inside a template."""

    ANY_RUN = "*"
    ANY_ONE = "?"


class Template(Value):
    """A text with wildcards and variables, parsed once.

    `pieces` alternates freely between literal strings, `Wildcard`s and `Variable`s; two strings
    never stand side by side. `${*}`, `${?}` and `${$}` are literal pieces.
    """

    text: str
    pieces: tuple[str | Wildcard | Variable, ...]

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables in order of appearance."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Variable))


class ActionPattern(Value):
    """`service:name` with wildcards in the name, or `*` (R-MATCH-01).

    `service` and `name` are lower case, `text` is as written. `*` and `*:*` have both as `*`.
    """

    text: str
    service: str
    name: str


class PrincipalPattern(Value):
    """One listed principal: `kind` is `*`, `AWS`, `Service`, `Federated` or `CanonicalUser`.

    The bare `"*"` has kind and text `*`; `{"AWS": "*"}` has kind `AWS`.
    """

    kind: str
    text: str


class ActionElement(Value):
    """Action, or NotAction where `negated`."""

    negated: bool
    patterns: tuple[ActionPattern, ...]


class ResourceElement(Value):
    """Resource, or NotResource where `negated`."""

    negated: bool
    patterns: tuple[Template, ...]


class PrincipalElement(Value):
    """Principal, or NotPrincipal where `negated`."""

    negated: bool
    patterns: tuple[PrincipalPattern, ...]


class ConditionOperator(Value):
    """`[ForAllValues:|ForAnyValue:]Name[IfExists]`, `name` in its canonical spelling.

    `quantifier` is `ForAllValues`, `ForAnyValue` or empty; `text` is as written.
    """

    name: str
    quantifier: str = ""
    if_exists: bool = False
    text: str = ""


class ConditionClause(Value):
    """One operator, one key, its values: the smallest thing that holds or fails (R-LANG-07)."""

    operator: ConditionOperator
    key: str
    values: tuple[Template, ...]


class Statement(Value):
    """One statement; `index` counts from 0, `pointer` is its JSON Pointer in the source.

    `_compiled` is filled by `evaluation.compile`, by use.
    """

    index: int
    pointer: str
    sid: str | None
    effect: Effect
    principal: PrincipalElement | None
    action: ActionElement
    resource: ResourceElement | None
    condition: tuple[ConditionClause, ...]
    _compiled: dict[Any, Any] | None = None

    def at(self, *steps: str | int) -> str:
        """Give the JSON Pointer of something inside the statement: `at("Action", 0)`."""
        return self.pointer + "".join(f"/{escape_pointer(str(step))}" for step in steps)

    def at_clause(self, clause: ConditionClause, *steps: int) -> str:
        """Give the JSON Pointer of a condition key, or of one of its values."""
        return self.at("Condition", clause.operator.text, clause.key, *steps)


class Policy(Value):
    """A parsed policy document.

    `version` is None where the document has none (AWS then takes 2008-10-17, R-LANG-01).
    `source` tells where the text came from, `pointer` where inside it the document stands.
    `findings` are the remarks that do not stop evaluation.
    """

    version: str | None
    id: str | None
    statements: tuple[Statement, ...]
    source: Source
    pointer: str = ""
    type: PolicyType | None = None
    findings: tuple[Finding, ...] = ()
    _compiled: dict[Any, Any] | None = None

    def location(self, pointer: str) -> Location:
        """Give the place of a pointer in this policy's source."""
        return Location(self.source, pointer)

    @property
    def same_language(self) -> tuple[str | None, str | None, tuple[Statement, ...]]:
        """What the document says, without where it came from: equal after a round trip."""
        return self.version, self.id, self.statements


def escape_pointer(step: str) -> str:
    """Escape one step of a JSON Pointer (RFC 6901)."""
    return step.replace("~", "~0").replace("/", "~1")
