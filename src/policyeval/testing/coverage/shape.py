"""What there is to cover in a policy: its statements, their conditions, their listed patterns.

A shape is plain: it needs neither the policy nor its file, so it can be written down in one process
and read in another.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from policyeval.context import ABSENT
from policyeval.explanation.replay import principal_pointer
from policyeval.matching.condition import compile_clause
from policyeval.matching.result import YES
from policyeval.policy import ConditionClause, Policy, Statement
from policyeval.rendering.words import lines_of
from policyeval.source import Location
from policyeval.value import Value

ALWAYS_THERE = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:principalisawsservice",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:userid",
        "aws:viaawsservice",
    }
)
"""Keys that AWS says are in every request's context, lower case: none can be tested as absent.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

OF_SIGNED_REQUESTS = frozenset({"aws:principalaccount", "aws:principalarn"})
"""Keys that only anonymous requests and services lack: a statement of a policy without principals
never meets those."""


class ClauseShape(Value):
    """One operator and key. `open_without`: a request may lack the key, and meets it (R-COND-03).

    `line` counts from 1, here and below; it is 0 where the policy has no text.
    """

    operator: str
    key: str
    line: int
    open_without: bool


class PatternShape(Value):
    """One listed text; `element` is `Action`, `NotAction`, `Resource` and so on."""

    element: str
    text: str
    line: int


class StatementShape(Value):
    """A statement. `patterns` are those of its action, its resource, its principal, in order."""

    index: int
    sid: str
    effect: str
    line: int
    end_line: int
    clauses: tuple[ClauseShape, ...]
    patterns: tuple[PatternShape, ...]

    @property
    def name(self) -> str:
        """The Sid in quotes, else `#index`."""
        return f'"{self.sid}"' if self.sid else f"#{self.index}"


Key = tuple[str, str, str]


class PolicyShape(Value):
    """A policy document: `name` is its file, `pointer` where in it the document stands.

    `text` begins on `line`; it is empty where the policy was given as an object. `digest` tells
    documents of one name apart.
    """

    name: str
    pointer: str
    digest: str
    line: int
    text: str
    statements: tuple[StatementShape, ...]

    @property
    def key(self) -> Key:
        """What makes two documents the same: they are counted as one."""
        return self.name, self.pointer, self.digest

    @property
    def in_file(self) -> bool:
        """True where lines are lines of the file `name`.

        A text that an export holds as a string, escaped, has lines of its own.
        """
        return bool(self.text) and "#" not in self.name


def shape_of(policy: Policy) -> PolicyShape:
    """Give what there is to cover in a policy."""
    line, text = _text(policy)
    said = text or repr(policy.same_language)
    return PolicyShape(
        shown_name(policy.source.name),
        policy.pointer,
        sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        line,
        text,
        tuple(_statement(policy, place, each) for place, each in enumerate(policy.statements)),
    )


def shown_name(name: str) -> str:
    """Give a file's name, relative where it is below the working directory."""
    path = Path(name)
    if path.is_absolute():
        with suppress(ValueError):  # elsewhere
            name = str(path.relative_to(Path.cwd()))
    return name.replace(os.sep, "/")


def _text(policy: Policy) -> tuple[int, str]:
    """Give the line on which the document begins, and its text."""
    source = policy.source
    span = policy.location(policy.pointer).resolve()
    if source.text is None or span is None:
        return 0, ""
    first, _ = source.map.line_and_column(span.start)
    return first, source.text[span.start : span.end]


def _statement(policy: Policy, place: int, statement: Statement) -> StatementShape:
    line, end_line = _lines(policy.location(statement.pointer))
    return StatementShape(
        place,
        statement.sid or "",
        statement.effect.value,
        line,
        end_line,
        tuple(_clause(policy, statement, clause) for clause in statement.condition),
        tuple(_patterns(policy, statement)),
    )


def _clause(policy: Policy, statement: Statement, clause: ConditionClause) -> ClauseShape:
    place = Location(policy.source, statement.at_clause(clause), key=True)
    open_without = compile_clause(clause)({}, ABSENT) == YES
    key = clause.key.lower()
    always_there = key in ALWAYS_THERE or (
        statement.principal is None and key in OF_SIGNED_REQUESTS
    )
    # `Null` is about nothing but absence: its answers say all there is to say.
    hidden = always_there or clause.operator.name == "Null"
    return ClauseShape(
        clause.operator.text, clause.key, _lines(place)[0], open_without and not hidden
    )


def _patterns(policy: Policy, statement: Statement) -> Iterator[PatternShape]:
    element = "NotAction" if statement.action.negated else "Action"
    for place, action in enumerate(statement.action.patterns):
        line, _ = _lines(policy.location(statement.at(element, place)))
        yield PatternShape(element, action.text, line)
    if statement.resource is not None:
        element = "NotResource" if statement.resource.negated else "Resource"
        for place, resource in enumerate(statement.resource.patterns):
            line, _ = _lines(policy.location(statement.at(element, place)))
            yield PatternShape(element, resource.text, line)
    if statement.principal is not None:
        element = "NotPrincipal" if statement.principal.negated else "Principal"
        for place, principal in enumerate(statement.principal.patterns):
            line, _ = _lines(policy.location(principal_pointer(statement, place)))
            yield PatternShape(element, principal.text, line)


def _lines(place: Location) -> tuple[int, int]:
    """Give the first and the last line of a place; 0 where it has no text."""
    return lines_of(place) or (0, 0)


# ---- as plain data ------------------------------------------------------------------------------


def shape_to_data(shape: PolicyShape) -> dict[str, Any]:
    """Give a shape as JSON-able data."""
    return {
        "name": shape.name,
        "pointer": shape.pointer,
        "digest": shape.digest,
        "line": shape.line,
        "text": shape.text,
        "statements": [
            [
                each.sid,
                each.effect,
                each.line,
                each.end_line,
                [[one.operator, one.key, one.line, one.open_without] for one in each.clauses],
                [[one.element, one.text, one.line] for one in each.patterns],
            ]
            for each in shape.statements
        ],
    }


def shape_of_data(data: Mapping[str, Any]) -> PolicyShape:
    """Give the shape that was written down."""
    return PolicyShape(
        data["name"],
        data["pointer"],
        data["digest"],
        data["line"],
        data["text"],
        tuple(
            StatementShape(
                place,
                sid,
                effect,
                line,
                end_line,
                tuple(ClauseShape(*one) for one in clauses),
                tuple(PatternShape(*one) for one in patterns),
            )
            for place, (sid, effect, line, end_line, clauses, patterns) in enumerate(
                data["statements"]
            )
        ),
    )
