"""What the catalogue has to say about a request and about a policy.

Remarks never change a decision. AWS adds actions and keys every week and the catalogue is of one
day, so each remark says which; where the catalogue cannot know, there is none. Without a catalogue
the one remark is that there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from policyeval.catalogue.condition_remarks import about_global_key, remarks_on_condition
from policyeval.catalogue.lookup import GLOBAL, find_action, resources_of, services
from policyeval.catalogue.pattern_remarks import (
    Covered,
    covered_by,
    expected,
    joined,
    remark_on_pattern,
)
from policyeval.catalogue.reach import reach_of_text
from policyeval.catalogue.resource_remarks import remarks_on_resources
from policyeval.errors import CatalogueError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import nearest
from policyeval.policy import ActionPattern, Policy, Statement

_MOST_SERVICES = 8  # a statement with more of them is not looked into beside a decision
_MOST_ACTIONS = 10_000  # in one statement; the largest of AWS's own has 2,000
_MOST_OTHERS = 1000  # Resources, and conditions
_MOST_STATEMENTS = 1000
_MOST_REMARKS = 500


def remarks_on_action(action: str) -> tuple[Finding, ...]:
    """Give what there is to say about the action of a request: that AWS has none of the name."""
    try:
        return tuple(_about_action(action))
    except CatalogueError as error:
        return (_without_catalogue(error),)


def remarks_on_key(key: str) -> tuple[Finding, ...]:
    """Give what there is to say about a context key of a request: that AWS has no such global one.

    Keys of services are not looked at: AWS lists them by what policies may ask, not completely.
    """
    try:
        found = about_global_key(key) if key.lower().startswith(f"{GLOBAL}:") else None
        return (found,) if found is not None else ()
    except CatalogueError as error:
        return (_without_catalogue(error),)


def remarks_on_request(action: str, resource: str) -> tuple[Finding, ...]:
    """Give what there is to say about an action and the resource it is asked for (R-MATCH-04)."""
    try:
        return (*_about_action(action), *_about_resource(action, resource))
    except CatalogueError as error:
        return (_without_catalogue(error),)


def remarks_on_policy(policy: Policy, only_service: str = "") -> tuple[Finding, ...]:
    """Give what there is to say about the names in a policy, each at its place.

    `only_service` leaves out what has nothing to do with a service or a misspelling of it, and
    loads little else: for remarks beside a decision.
    """
    found: dict[Finding, None] = {}
    try:
        for remark in _about_policy(policy, only_service):
            found[remark] = None
            if len(found) == _MOST_REMARKS:
                found[_too_many(policy)] = None
                break
    except CatalogueError as error:
        return (_without_catalogue(error),)
    return tuple(found)


def _too_many(policy: Policy) -> Finding:
    return Finding(
        "PE1615",
        Severity.NOTE,
        f"these are the first {_MOST_REMARKS} remarks of the action catalogue; the others are left "
        "out",
        policy.location(policy.pointer),
    )


def _without_catalogue(error: CatalogueError) -> Finding:
    severity = Severity.NOTE if error.absent else Severity.WARNING
    message = f"{error.message}, so actions and condition keys are not checked"
    return Finding(error.code, severity, message, help="install policyeval again")


# ---- requests ---------------------------------------------------------------------------------


def _about_action(action: str) -> Iterator[Finding]:
    prefix, _, name = action.partition(":")
    if find_action(action) is None:
        yield from remark_on_pattern(ActionPattern(action, prefix.lower(), name.lower()), None)


def _about_resource(action: str, resource: str) -> Iterator[Finding]:
    entry = find_action(action)
    if entry is None or not entry.resources_known:
        return
    kinds = resources_of(action)
    if not kinds:
        if resource != "*":
            yield Finding(
                "PE1612",
                Severity.NOTE,
                f"`{entry.name}` has no resource-level permissions: AWS asks for it on `*`",
                help="ask with the resource `*`; AWS may authorize some calls against an ARN",
            )
        return
    types = joined([f"`{kind.name}`" for kind in kinds])
    arns = [arn for kind in kinds for arn in kind.arns]
    if resource == "*":
        if any(each.required for each in entry.resources):
            yield Finding(
                "PE1613",
                Severity.NOTE,
                f"AWS asks for `{entry.name}` on a resource of the type {types}, and this request "
                "has none",
                help=expected(arns),
            )
    elif not any(reach_of_text(resource).may_match(arn) for arn in arns):
        yield Finding(
            "PE1614",
            Severity.NOTE,
            f"AWS asks for `{entry.name}` on a resource of the type {types}, which "
            f"{quote(resource)} is not",
            help=expected(arns),
        )


# ---- policies ---------------------------------------------------------------------------------


def _about_policy(policy: Policy, only_service: str) -> Iterator[Finding]:
    if len(policy.statements) > _MOST_STATEMENTS:
        yield _left_out(policy, policy.pointer, "policy")
        return
    for statement in policy.statements:
        if _is_large(statement):
            yield _left_out(policy, statement.pointer, "statement")
        elif only_service:
            yield from _about_part(policy, statement, only_service)
        else:
            yield from _about_statement(policy, statement)


def _is_large(statement: Statement) -> bool:
    resources = statement.resource.patterns if statement.resource else ()
    return (
        len(statement.action.patterns) > _MOST_ACTIONS
        or max(len(resources), len(statement.condition)) > _MOST_OTHERS
    )


def _left_out(policy: Policy, pointer: str, what: str) -> Finding:
    return Finding(
        "PE1615",
        Severity.NOTE,
        f"the {what} is too large to be checked against the action catalogue",
        policy.location(pointer),
        f"AWS takes no {what} of this size",
    )


def _about_statement(policy: Policy, statement: Statement) -> Iterator[Finding]:
    yield from _about_patterns(policy, statement, lambda _pattern: True)
    covered = covered_by(statement)
    yield from remarks_on_condition(policy, statement, covered)
    yield from remarks_on_resources(policy, statement, covered)


def _about_part(policy: Policy, statement: Statement, only_service: str) -> Iterator[Finding]:
    def concerns(pattern: ActionPattern) -> bool:
        return pattern.service == only_service or bool(
            pattern.service not in services() and nearest(pattern.service, (only_service,))
        )

    yield from _about_patterns(policy, statement, concerns)
    prefixes = {pattern.service for pattern in statement.action.patterns}
    if only_service in prefixes and len(prefixes) <= _MOST_SERVICES:
        covered = covered_by(statement)
        yield from remarks_on_condition(policy, statement, covered)
        yield from remarks_on_resources(policy, statement, covered)
    elif statement.action.negated or "*" in prefixes:
        yield from remarks_on_condition(policy, statement, Covered((), {}, whole=False))


def _about_patterns(
    policy: Policy, statement: Statement, concerns: Callable[[ActionPattern], bool]
) -> Iterator[Finding]:
    element = "NotAction" if statement.action.negated else "Action"
    for place, pattern in enumerate(statement.action.patterns):
        if concerns(pattern):
            location = policy.location(statement.at(element, place))
            yield from remark_on_pattern(pattern, location)
