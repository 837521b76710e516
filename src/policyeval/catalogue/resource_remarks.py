"""Remarks on the resources of a statement: which ARNs and actions can never come together.

A pattern is only called useless where no resource type of no action could match it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from policyeval.catalogue.lookup import about, find_action, resources_of
from policyeval.catalogue.pattern_remarks import Covered, expected, list_of
from policyeval.catalogue.reach import Reach, container_of, reach_below, reach_of
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.policy import Policy, Statement, Template

_MOST_MENDED = 20  # Resources of a statement that are tried with another end


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
    arns = {arn for name in covered.names for arn in _arns(name)}
    reached = {arn for arn in arns if _matches_one(reaches, (arn,))}
    useless = [place for place, reach in enumerate(reaches) if not _matches_one((reach,), arns)]
    if arns and covered.whole and all(map(_is_known, covered.names)):
        alone = len(useless) == len(reaches)
        for place in useless:
            yield _useless_resource(policy, statement, place, covered, arns, alone=alone)
        if alone:
            return
    mends = _mends(templates)
    for place, names in covered.by_place.items():
        yield from _about_named(policy, statement, place, names, reached, mends)


def _arns(action: str) -> tuple[str, ...]:
    return tuple(arn for kind in resources_of(action) for arn in kind.arns)


def _is_known(action: str) -> bool:
    entry = find_action(action)
    return entry is not None and entry.resources_known


def _matches_one(reaches: Iterable[Reach], arns: Iterable[str]) -> bool:
    return any(reach.may_match(arn) for reach in reaches for arn in arns)


def _useless_resource(
    policy: Policy,
    statement: Statement,
    place: int,
    covered: Covered,
    arns: Set[str],
    *,
    alone: bool,
) -> Finding:
    """A useless pattern beside others does no harm; a statement with no other does nothing."""
    assert statement.resource is not None
    template = statement.resource.patterns[place]
    same = {arn for arn in arns if arn.split(":")[2] == template.text.split(":")[2]}
    return Finding(
        "PE1609",
        Severity.WARNING if alone else Severity.NOTE,
        f"{quote(template.text)} matches no resource of {list_of(covered.names)}",
        policy.location(statement.at("Resource", place)),
        _mend(_mends((template,)), arns) or expected(same or arns),
        "matches none of their resources",
    )


def _about_named(
    policy: Policy,
    statement: Statement,
    place: int,
    names: tuple[str, ...],
    reached: Set[str],
    mends: list[tuple[Reach, str]],
) -> Iterator[Finding]:
    if not all(map(_is_known, names)):
        return
    assert statement.resource is not None
    pattern = statement.action.patterns[place].text
    location = policy.location(statement.at("Action", place))
    arns = {arn for name in names for arn in _arns(name)}
    if arns and not arns & reached:
        mend = _mend(mends, arns)
        yield Finding(
            "PE1610",
            Severity.WARNING if mend else Severity.NOTE,
            f"no Resource of this statement matches a resource of {quote(pattern)}",
            location,
            mend or expected(arns),
            "never on these resources",
        )
    elif not arns and not any(map(_is_all_of_a_service, statement.resource.patterns)):
        yield Finding(
            "PE1611",
            Severity.NOTE,
            f"{quote(pattern)} has no resource-level permissions in the action catalogue of "
            f"{about().date}: AWS asks for it on `*`",
            location,
            'list it with `"Resource": "*"`; AWS may authorize some calls against an ARN',
            "asked for on `*`",
        )


def _mends(templates: tuple[Template, ...]) -> list[tuple[Reach, str]]:
    """What patterns would be with another end, and the help that says so.

    A bucket where objects are meant, or the other way round, is the mistake that is made most.
    """
    found = []
    for template in templates[:_MOST_MENDED]:
        for separator in "/:":
            text = quote(f"{template.text}{separator}*")
            found.append((reach_below(template, separator), f"write {text} for what is in it"))
        container = container_of(template)
        if container is not None:
            text = quote(container.text)
            found.append((reach_of(container), f"write {text} for what holds it"))
    return [(reach, help_) for reach, help_ in found if not reach.everything]


def _mend(mends: list[tuple[Reach, str]], arns: Set[str]) -> str:
    return next((help_ for reach, help_ in mends if _matches_one((reach,), arns)), "")


def _is_all_of_a_service(template: Template) -> bool:
    """Tell whether an ARN covers all there is: some services ask for such calls on one of these."""
    return template.text.split(":", 5)[5].startswith("*")
