"""Does a condition hold? Absent keys, sets of values, IfExists, unknown facts (R-COND-03 to -07).

Each clause (operator, key, values) is compiled into one function of the request's context
entries. Clauses combine with AND, so the statement just asks them in turn.
"""

from __future__ import annotations

from collections.abc import Callable

from policyeval.context import ABSENT, PRESENT, ContextValue, Presence, RoleOfUnknownPath
from policyeval.glob import Matcher, Token, compile_glob
from policyeval.matching.operators import OPERATORS, Operator, never
from policyeval.matching.result import NO, UNKNOWN, YES, Match, negate
from policyeval.matching.variables import Entries, has_variables, resolve
from policyeval.policy import ConditionClause, Template

ClauseTest = Callable[[Entries, Presence], Match]
ValueTest = Callable[[str, Entries, Presence], Match]

MULTIVALUED_KEYS = frozenset(
    {
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:vpceorgpaths",
        "aws:calledvia",
        "aws:tagkeys",
    }
)
"""Keys that carry several values (R-COND-05), lower case."""

CACHE_LIMIT = 256


def compile_clause(clause: ConditionClause) -> ClauseTest:
    """Give a function of (context entries, default for other keys)."""
    if clause.operator.name == "Null":
        return _null(clause)
    row = OPERATORS[clause.operator.name]
    test = _values_test(row, clause.values)
    if clause.operator.quantifier == "ForAllValues":
        return _for_all_values(clause, row, test)
    if clause.operator.quantifier == "ForAnyValue":
        return _for_any_value(clause, row, test)
    if any(template.variables for template in clause.values):
        return _plain(clause, row, test)
    return _static(clause, row)


def _static(clause: ConditionClause, row: Operator) -> ClauseTest:
    """The common clause: no set operator, no variable. One look-up, one comparison."""
    key = clause.key.lower()
    match = row.compile([_tokens(template) for template in clause.values])
    if_match, if_not = (NO, YES) if row.negated else (YES, NO)
    if_absent = YES if clause.operator.if_exists or row.negated else NO
    impossible = match is never

    def test(entries: Entries, default: Presence) -> Match:
        values = entries.get(key, default)
        if values.__class__ is tuple:
            if len(values) == 1:
                return if_match if match(values[0]) else if_not
            # AWS: a plain operator on several values is false, negated or not (R-COND-05).
            return NO if values else if_absent
        if values is ABSENT:
            return if_absent
        return of_unusual(values)

    def of_unusual(values: ContextValue) -> Match:
        if isinstance(values, RoleOfUnknownPath):
            return _whatever_path(clause, values, test)
        if impossible and (values is PRESENT or if_absent == if_not):
            return if_not
        return UNKNOWN

    return test


def _whatever_path(clause: ConditionClause, role: RoleOfUnknownPath, test: ClauseTest) -> Match:
    """The answer for the role's ARN, unknown where a path that the values name would change it."""
    key = clause.key.lower()
    answer = test({key: (role[0],)}, ABSENT)
    others = [test({key: (arn,)}, ABSENT) for arn in with_paths(clause, role[0])]
    return answer if all(other == answer for other in others) else UNKNOWN


def with_paths(clause: ConditionClause, role: str) -> list[str]:
    """The ARNs that a role would have with the paths that a clause's values name."""
    head, _, name = role.partition(":role/")
    arns = []
    for template in clause.values:
        text = "".join(piece if isinstance(piece, str) else "x" for piece in template.pieces)
        before, is_role, after = text.partition(":role/")
        path, slash, _ = (after if is_role else before.partition("/")[2]).rpartition("/")
        if slash and path:
            arns.append(f"{head}:role/{path}/{name}")
    return arns


def _plain(clause: ConditionClause, row: Operator, test: ValueTest) -> ClauseTest:
    key = clause.key.lower()
    if_absent = YES if clause.operator.if_exists or row.negated else NO

    def holds(entries: Entries, default: Presence) -> Match:
        values = entries.get(key, default)
        if values is ABSENT or values == ():
            return if_absent
        if not isinstance(values, tuple):
            return UNKNOWN
        if len(values) > 1:
            return NO  # R-COND-05
        answer = test(values[0], entries, default)
        return negate(answer) if row.negated else answer

    return holds


def _for_all_values(clause: ConditionClause, row: Operator, test: ValueTest) -> ClauseTest:
    """Every request value must match; none there is enough (R-COND-06)."""
    key = clause.key.lower()

    def holds(entries: Entries, default: Presence) -> Match:
        given = entries.get(key, default)
        if isinstance(given, RoleOfUnknownPath):
            return _whatever_path(clause, given, holds)
        values = _members(given, key)
        if values is None:
            return UNKNOWN
        answer = YES
        for value in values:
            if not clause.values:
                return NO  # R-COND-16
            one = test(value, entries, default)
            answer = min(answer, negate(one) if row.negated else one)
        return answer

    return holds


def _for_any_value(clause: ConditionClause, row: Operator, test: ValueTest) -> ClauseTest:
    """One request value must match; a negated operator asks for one that matches no value."""
    key = clause.key.lower()

    def holds(entries: Entries, default: Presence) -> Match:
        given = entries.get(key, default)
        if isinstance(given, RoleOfUnknownPath):
            return _whatever_path(clause, given, holds)
        values = _members(given, key)
        if not clause.values:
            return NO  # R-COND-16
        if values is None:
            return UNKNOWN
        answer = NO
        for value in values:
            one = test(value, entries, default)
            answer = max(answer, negate(one) if row.negated else one)
        return answer

    return holds


def _members(values: ContextValue, key: str) -> tuple[str, ...] | None:
    """The set a set operator sees: () where absent, None where unknown.

    AWS: a multi-valued key that holds only empty strings is the empty set.
    """
    if not isinstance(values, tuple):
        return () if values is ABSENT else None
    if not any(values) and (len(values) > 1 or key in MULTIVALUED_KEYS):
        return ()
    return values


def _null(clause: ConditionClause) -> ClauseTest:
    """`Null` asks whether the key is there (R-COND-07)."""
    if clause.operator.quantifier:
        constant = YES if clause.operator.quantifier == "ForAllValues" else NO
        return lambda _entries, _default: constant
    key = clause.key.lower()
    wanted = {template.text.lower() for template in clause.values}
    if_absent = YES if "true" in wanted else NO
    if_present = YES if "false" in wanted else NO

    def holds(entries: Entries, default: Presence) -> Match:
        values = entries.get(key, default)
        if values is ABSENT or values == ():
            return if_absent
        if isinstance(values, tuple) or values is PRESENT or if_absent == if_present:
            return if_present
        return UNKNOWN

    return holds


def _values_test(row: Operator, values: tuple[Template, ...]) -> ValueTest:
    """Test one request value against the policy values: any may match."""
    static = row.compile([_tokens(value) for value in values if not value.variables])
    dynamic = [_dynamic(row, value) for value in values if value.variables]

    def test(value: str, entries: Entries, default: Presence) -> Match:
        if static(value):
            return YES
        answer = NO
        for one in dynamic:
            answer = max(answer, one(value, entries, default))
        return answer

    return test


def _tokens(template: Template) -> tuple[Token, ...]:
    assert not has_variables(template.pieces)
    return template.pieces  # type: ignore[return-value]


def _dynamic(row: Operator, template: Template) -> ValueTest:
    """A value with variables: compiled anew for each text that it becomes."""
    compiled: dict[tuple[Token, ...], Matcher] = {}

    def test(value: str, entries: Entries, default: Presence) -> Match:
        resolved, unknown = resolve(template.pieces, entries, default)
        if resolved is None:
            return NO  # the value drops out, so that a negated operator holds for it
        if unknown:
            ruled_out = row.by_pattern and not compile_glob(
                tuple(t.lower() if isinstance(t, str) else t for t in resolved)
            )(value.lower())
            return NO if ruled_out else UNKNOWN
        match = compiled.get(resolved)
        if match is None:
            if len(compiled) >= CACHE_LIMIT:
                compiled.clear()
            match = compiled[resolved] = row.compile([resolved])
        return YES if match(value) else NO

    return test
