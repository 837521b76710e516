"""Context keys that make the conditions of a statement hold, or one of them fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policyeval.context import ABSENT, ContextValue, RequestContext, RoleOfUnknownPath
from policyeval.environment.file import ProblemError, context_key
from policyeval.evaluation.samples import OTHER, Samples
from policyeval.literals import read_address
from policyeval.matching.condition import ClauseTest
from policyeval.matching.result import NO, YES
from policyeval.matching.statement import CompiledStatement
from policyeval.policy import ConditionClause, PolicyType, Template
from policyeval.testing.generate.texts import Whereabouts, filled, filled_variables
from policyeval.value import replace

MOST_TEMPLATES = 200
Facts = dict[str, str | None]
"""Condition keys by the spelling of the policy; None: the key is absent."""

PLAIN: Mapping[str, tuple[str, ...]] = {
    "aws:sourceip": ("203.0.113.10", "198.51.100.7"),
    "aws:vpcsourceip": ("10.1.2.3",),
    "aws:sourcevpce": ("vpce-0123456789abcdef0",),
    "aws:sourcevpc": ("vpc-0123456789abcdef0",),
    "aws:requestedregion": ("us-east-1", "eu-west-1", "ap-southeast-2"),
    "aws:multifactorauthage": ("60",),
    "aws:currenttime": ("2026-01-15T12:00:00Z",),
    "aws:tokenissuetime": ("2026-01-15T12:00:00Z",),
    "aws:useragent": ("example/1.0",),
    "aws:userid": ("AROAEXAMPLE:example",),
}
"""Values that look like what AWS puts there, for keys of which any value will do."""

_ALWAYS_THERE = frozenset(
    {
        *("aws:currenttime", "aws:epochtime", "aws:useragent", "aws:requestedregion"),
        *("aws:securetransport", "aws:sourceip", "aws:viaawsservice"),
    }
)
"""Keys that most requests carry: another value is likelier than none."""

_OF_THE_WORLD = ("aws:principal", "aws:resource", "aws:username", "s3:resourceaccount")
"""Beginnings of keys that tell who asks and what for: better another caller than another value."""


def may_be_given(key: str, context: RequestContext, where: Whereabouts, *, loose: bool) -> bool:
    """Tell whether a test may say what a key is; with `loose` also tags that the world tells."""
    folded = key.lower()
    if not is_key(key):
        return False
    if folded.startswith(_OF_THE_WORLD):
        if "orgid" in folded or "orgpaths" in folded:
            return not where.has_organization and not isinstance(context[key], tuple)
        return loose and ("tag/" in folded or folded not in context.derived)
    if folded not in context.derived:
        return True
    value = context[key]
    is_known = isinstance(value, tuple) and not isinstance(value, RoleOfUnknownPath)
    return not is_known or (loose and folded == "aws:requestedregion")


def is_key(key: str) -> bool:
    """Tell whether a suite takes a text for a condition key."""
    try:
        return context_key(key) == key
    except ProblemError:
        return False


def variables_of(
    compiled: CompiledStatement, context: RequestContext, where: Whereabouts, *, loose: bool
) -> Facts | None:
    """Give texts for the variables of a statement that nothing tells; None where none fits.

    They are such that the conditions on the very same keys hold.
    """
    facts: Facts = {}
    entries = dict(context.entries)
    for folded, key in _variables(compiled).items():
        value = entries.get(folded, context.default)
        if isinstance(value, tuple) and value:
            continue
        if not may_be_given(key, context, where, loose=loose):
            continue  # then its value matches nothing, which may be what a condition wants
        tests = _tests_of(folded, compiled)
        told = [_told_beside(folded, compiled, entries), PLAIN.get(folded, ("example",))[0]]
        for text in (*told, *values_of(folded, compiled, context, entries, where)):
            if text and _all_hold(tests, _with(entries, folded, text), context):
                facts[key] = text
                entries[folded] = (text,)
                break
        else:
            return None
    return facts


def _variables(compiled: CompiledStatement) -> dict[str, str]:
    """Give the keys of variables without a default: lower case, as spelled."""
    statement = compiled.statement
    templates = [value for clause in statement.condition for value in clause.values]
    if statement.resource is not None:
        templates += statement.resource.patterns[:MOST_TEMPLATES]
    return {
        variable.key.lower(): variable.key
        for template in templates
        for variable in template.variables
        if variable.key and variable.default is None
    }


def _told_beside(
    folded: str, compiled: CompiledStatement, entries: Mapping[str, ContextValue]
) -> str | None:
    """Give the known value of a key that is compared with nothing but the variable."""
    for clause in compiled.statement.condition:
        known = entries.get(clause.key.lower())
        if not (isinstance(known, tuple) and len(known) == 1) or "Not" in clause.operator.name:
            continue
        for template in clause.values:
            variables = template.variables
            if len(template.pieces) == 1 and variables and variables[0].key.lower() == folded:
                return known[0]
    return None


def satisfying(
    compiled: CompiledStatement, context: RequestContext, where: Whereabouts, *, loose: bool
) -> Facts | None:
    """Give the fewest keys that make all conditions hold; None where none were found."""
    facts: Facts = {}
    entries = dict(context.entries)
    for folded, key in compiled.keys.items():
        tests = _tests_of(folded, compiled)
        if not tests or _all_hold(tests, entries, context):
            continue
        if not may_be_given(key, context, where, loose=loose):
            return None
        for value in values_of(folded, compiled, context, entries, where):
            changed = _with(entries, folded, value)
            if _all_hold(tests, changed, context):
                facts[key], entries = value, changed
                break
        else:
            return None
    for folded in compiled.keys:  # a later key may be a variable of an earlier one
        if not _all_hold(_tests_of(folded, compiled), entries, context):
            return None
    return facts


def failing(
    compiled: CompiledStatement, context: RequestContext, where: Whereabouts
) -> Iterator[tuple[str, str | None]]:
    """Give single keys, with a value or None for absent, by which a condition fails."""
    for folded, key in compiled.keys.items():
        tests = _tests_of(folded, compiled)
        if not tests or not may_be_given(key, context, where, loose=True):
            continue
        values = list(values_of(folded, compiled, context, context.entries, where))
        if folded not in _ALWAYS_THERE:
            values.sort(key=lambda value: value is not None)  # stable: absence is the plainest
        for value in values:
            changed = _with(context.entries, folded, value)
            if any(test(changed, context.default) == NO for test in tests):
                yield key, value


def values_of(
    folded: str,
    compiled: CompiledStatement,
    context: RequestContext,
    entries: Mapping[str, ContextValue],
    where: Whereabouts,
) -> Iterator[str | None]:
    """Give values of a key to try: those the conditions name, plain ones, others, absence."""
    clauses = [each for each in compiled.statement.condition if each.key.lower() == folded]
    listed: dict[str | None, None] = {}
    for clause in clauses:
        if clause.operator.name == "Null":
            continue
        for template in clause.values[:20]:
            pieces = filled_variables(template, entries)
            if pieces is not None:
                listed[filled(pieces, where, where.regions[0], "any")] = None
    resolved = _resolved(compiled, clauses, entries)
    samples = Samples.of(folded, [resolved], replace(context, entries=entries)).values
    literal = [value for value in samples if value not in (None, OTHER)]
    listed.update(dict.fromkeys(value for value in literal if value and value.isprintable()))
    listed.update(dict.fromkeys(PLAIN.get(folded, ())))
    listed[OTHER] = None
    listed[None] = None
    if any("IpAddress" in clause.operator.name for clause in clauses):
        # Policies name blocks of addresses, requests come from one.
        yield from (value for value in listed if value is None or read_address(value) is not None)
    else:
        yield from listed


def _resolved(
    compiled: CompiledStatement,
    clauses: list[ConditionClause],
    entries: Mapping[str, ContextValue],
) -> CompiledStatement:
    """Give the statement with the values of its variables in their places."""
    if not any(template.variables for clause in clauses for template in clause.values):
        return compiled
    changed = []
    for clause in clauses:
        pieces = [filled_variables(template, entries) for template in clause.values]
        values = tuple(
            Template("".join(piece if isinstance(piece, str) else piece.value for piece in each),
                     each)
            for each in pieces
            if each is not None
        )  # fmt: skip
        changed.append(replace(clause, values=values))
    statement = replace(compiled.statement, condition=tuple(changed), resource=None, principal=None)
    return CompiledStatement(statement, PolicyType.IDENTITY)


def _tests_of(folded: str, compiled: CompiledStatement) -> list[ClauseTest]:
    return [
        test
        for clause, test in zip(compiled.statement.condition, compiled.clauses, strict=True)
        if clause.key.lower() == folded
    ]


def _all_hold(
    tests: list[ClauseTest], entries: Mapping[str, ContextValue], context: RequestContext
) -> bool:
    return all(test(entries, context.default) == YES for test in tests)


def _with(
    entries: Mapping[str, ContextValue], folded: str, value: str | None
) -> dict[str, ContextValue]:
    return {**entries, folded: ABSENT if value is None else (value,)}
