"""Remarks on the resources of a statement: which ARNs and actions can never come together.

A pattern is only called useless where no resource type of no action could match it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from policyeval.catalogue.lookup import about, find_action, resources_of
from policyeval.catalogue.pattern_remarks import Covered, expected, list_of
from policyeval.catalogue.reach import Reach, container_of, reach_below, reach_of
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.policy import Policy, Statement, Template


def remarks_on_resources(
    policy: Policy, statement: Statement, covered: Covered
) -> Iterator[Finding]:
    """Say which Resources fit no action, and which actions no Resource fits (R-MATCH-04)."""
    element = statement.resource
    if element is None or element.negated or statement.action.negated:
        return
    templates = element.patterns
    reaches = tuple(reach_of(template) for template in templates)
    if not reaches or any(reach.everything for reach in reaches):
        return
    entries = [entry for entry in map(find_action, covered.all) if entry is not None]
    arns = {entry.name: _arns(entry.name) for entry in entries}
    some = {arn for each in arns.values() for arn in each}
    useless = [
        place
        for place, reach in enumerate(reaches)
        if not any(reach.may_match(arn) for arn in some)
    ]
    if covered.whole and some and all(entry.resources_known for entry in entries):
        all_useless = len(useless) == len(reaches)
        for place in useless:
            yield _useless_resource(policy, statement, place, arns, alone=all_useless)
        if all_useless:
            return
    for place, names in covered.actions.items():
        yield from _about_named(policy, statement, place, names, reaches)


def _arns(action: str) -> tuple[str, ...]:
    return tuple(arn for kind in resources_of(action) for arn in kind.arns)


def _useless_resource(
    policy: Policy,
    statement: Statement,
    place: int,
    arns: Mapping[str, tuple[str, ...]],
    *,
    alone: bool,
) -> Finding:
    """A useless pattern beside others does no harm; a statement with no other does nothing."""
    assert statement.resource is not None
    template = statement.resource.patterns[place]
    service_field = template.text.split(":")[2]
    wanted = {arn for each in arns.values() for arn in each}
    same = {arn for arn in wanted if arn.split(":")[2] == service_field}
    return Finding(
        "PE1609",
        Severity.WARNING if alone else Severity.NOTE,
        f"{quote(template.text)} matches no resource of {list_of(tuple(arns))}",
        policy.location(statement.at("Resource", place)),
        _mended((template,), wanted) or expected(same or wanted),
        "matches none of their resources",
    )


def _about_named(
    policy: Policy,
    statement: Statement,
    place: int,
    names: tuple[str, ...],
    reaches: tuple[Reach, ...],
) -> Iterator[Finding]:
    assert statement.resource is not None
    templates = statement.resource.patterns
    pattern = statement.action.patterns[place].text
    location = policy.location(statement.at("Action", place))
    entries = [entry for entry in map(find_action, names) if entry is not None]
    if not all(entry.resources_known for entry in entries):
        return
    arns = {arn for name in names for arn in _arns(name)}
    if arns and not any(reach.may_match(arn) for reach in reaches for arn in arns):
        mended = _mended(templates, arns)
        yield Finding(
            "PE1610",
            Severity.WARNING if mended else Severity.NOTE,
            f"no Resource of this statement matches a resource of {quote(pattern)}",
            location,
            mended or expected(arns),
            "never on these resources",
        )
    elif not arns and not any(_is_all_of_a_service(template.text) for template in templates):
        yield Finding(
            "PE1611",
            Severity.NOTE,
            f"{quote(pattern)} has no resource-level permissions in the action catalogue of "
            f"{about().date}: AWS asks for it on `*`",
            location,
            'list it with `"Resource": "*"`; AWS may authorize some calls against an ARN',
            "asked for on `*`",
        )


def _mended(templates: tuple[Template, ...], arns: Iterable[str]) -> str:
    """Give the help for a pattern that is off by `/*`: a bucket where objects are meant, or so."""
    arns = tuple(arns)
    for template in templates:
        for separator in "/:":
            if _matches_one(reach_below(template, separator), arns):
                return f"write {quote(f'{template.text}{separator}*')} for what is in it"
        container = container_of(template)
        if container is not None and _matches_one(reach_of(container), arns):
            return f"write {quote(container.text)} for what holds it"
    return ""


def _matches_one(reach: Reach, arns: Iterable[str]) -> bool:
    return not reach.everything and any(reach.may_match(arn) for arn in arns)


def _is_all_of_a_service(arn: str) -> bool:
    """Tell whether an ARN covers all there is: some services ask for such calls on one of these."""
    return arn.split(":", 5)[5].startswith("*")
