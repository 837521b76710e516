"""Concrete texts out of patterns: the actions and resources that a statement speaks about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from policyeval.catalogue.lookup import expand, find_action, resources_of
from policyeval.catalogue.reach import arn_tokens, reach_of_text
from policyeval.context import ContextValue
from policyeval.glob import ANY_RUN, wildcard_tokens
from policyeval.matching.action import compile_action
from policyeval.parsing.arn import REGIONLESS
from policyeval.policy import ActionElement, Template, Variable, Wildcard
from policyeval.query.patterns import FILLER, Budget, Pattern, Undecided, witness
from policyeval.value import Value

EXAMPLE = "example"
OTHER_ACCOUNT = "999988887777"
MOST_EXPANDED = 12
MOST_PATTERNS = 30
MOST_STATES = 2000
MOST_REMEMBERED = 16_384

EVERYDAY = (
    *("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "sqs:SendMessage"),
    *("dynamodb:GetItem", "lambda:InvokeFunction", "ec2:DescribeInstances", "ec2:RunInstances"),
    *("kms:Decrypt", "secretsmanager:GetSecretValue", "sns:Publish", "iam:CreateUser"),
    *("sts:AssumeRole", "iam:ListUsers", "logs:PutLogEvents", "organizations:LeaveOrganization"),
)
"""Actions that people know: asked where a pattern leaves the choice."""

_PARTITION, _SERVICE, _REGION, _ACCOUNT, _NAME = range(1, 6)


def actions_inside(element: ActionElement, used: Iterable[str]) -> Iterator[str]:
    """Give actions that Action or NotAction covers: those listed, in use, known, then others."""
    covers = compile_action(element)
    seen: set[str] = set()
    for action in _likely(element, used):
        folded = action.lower()
        if folded not in seen and covers(folded):
            seen.add(folded)
            yield action


def actions_outside(element: ActionElement, service: str, used: Iterable[str]) -> Iterator[str]:
    """Give actions that it does not cover: first of the same service."""
    covers = compile_action(element)
    known = (*used, *EVERYDAY)
    own = [action for action in known if action.lower().startswith(f"{service}:")]
    seen: set[str] = set()
    for action in (*own, *_expanded(f"{service}:*", all_of_it=True), *known):
        folded = action.lower()
        if folded not in seen and not covers(folded):
            seen.add(folded)
            yield action


def _likely(element: ActionElement, used: Iterable[str]) -> Iterator[str]:
    patterns = element.patterns
    used = tuple(used)
    plain = {action.lower() for action in used}
    known = (*(each for each in EVERYDAY if each.lower() in plain), *used, *EVERYDAY)
    if element.negated:
        yield from known
        for service in dict.fromkeys(pattern.service for pattern in patterns):
            if service != "*":
                yield from _expanded(f"{service}:*", all_of_it=True)
        return
    wild = [each for each in patterns if "*" in each.text or "?" in each.text]
    for pattern in patterns[:MOST_PATTERNS]:
        if pattern not in wild:
            yield _spelled(pattern.text)
    if wild:
        yield from known
    for pattern in wild[:MOST_PATTERNS]:
        yield from _expanded(pattern.text)
    for pattern in wild[:MOST_PATTERNS]:
        if pattern.service != "*":  # one that the catalogue does not know
            name = pattern.text.partition(":")[2].replace("*", "").replace("?", "x")
            yield f"{pattern.service}:{name or 'Any'}"


def _spelled(action: str) -> str:
    entry = find_action(action)
    return entry.name if entry is not None else action


@lru_cache(maxsize=512)
def _expanded(pattern: str, *, all_of_it: bool = False) -> tuple[str, ...]:
    """The actions of a pattern, short names first: they are the plain ones."""
    found = sorted(expand(pattern), key=lambda action: (len(action), action))
    return tuple(found if all_of_it else found[:MOST_EXPANDED])


# ---- resources --------------------------------------------------------------------------------


class Whereabouts(Value):
    """What stands for the wildcards of an ARN's first fields, and for variables.

    `resource_account` is given with resources whose ARN does not tell it. `has_organization`: the
    world knows the organization, and who belongs to it.
    """

    account: str
    regions: tuple[str, ...]
    entries: Mapping[str, ContextValue]
    partition: str = "aws"
    resource_account: str | None = None
    has_organization: bool = False


@lru_cache(maxsize=MOST_REMEMBERED)
def fits(action: str, resource: str) -> bool:
    """Tell whether a call of the action can be about the resource, by the catalogue."""
    entry = find_action(action)
    if entry is None:
        return True
    if not entry.resources:
        return resource == "*" or not entry.resources_known
    if resource == "*":
        return False
    reach = _reach(resource)
    arns = (arn for kind in resources_of(action) for arn in kind.arns)
    return any(reach.may_match(arn) and _is_as_deep(resource, arn) for arn in arns)


_reach = lru_cache(maxsize=MOST_REMEMBERED)(reach_of_text)


def _is_as_deep(resource: str, arn: str) -> bool:
    """A bucket's name has no slash, whatever a pattern of the catalogue leaves open."""
    return "/" in arn.split(":", 5)[-1] or "/" not in resource.split(":", 5)[-1]


def resources_of_action(action: str, where: Whereabouts) -> Iterator[str]:
    """Give made-up resources of the types that an action has; `*` where it has none."""
    kinds = resources_of(action)
    for kind in kinds:
        for region in where.regions:
            yield _example(kind.arn, where, region)
    if not kinds:
        yield "*"


def _example(arn: str, where: Whereabouts, region: str) -> str:
    """Put something for every variable of a catalogue's ARN pattern."""
    fields = arn.split(":", 5)
    if len(fields) < 6:
        return arn
    stand_ins = ("arn", where.partition, EXAMPLE, region, where.account)
    heads = [
        stand_in if _is_open(field) else field
        for field, stand_in in zip(fields, stand_ins, strict=False)
    ]
    return ":".join([*heads, _name_of(arn, EXAMPLE)])


def _name_of(arn: str, stand_in: str) -> str:
    """Give the last field of a catalogue's ARN pattern, with a text for every variable."""
    tokens = arn_tokens(f":::::{arn.split(':', 5)[5]}")
    name = "".join(token if isinstance(token, str) else stand_in for token in tokens)
    return name.removeprefix(":::::")


def resources_shared(template: Template, action: str, where: Whereabouts) -> Iterator[str]:
    """Give resources that a pattern matches and that are of a type of the action."""
    resolved = filled_variables(template, where.entries)
    if resolved is None:
        return
    # Both sides with what belongs into the first fields, so that only the name is left open.
    wanted = wildcard_tokens(filled(resolved, where, where.regions[0], "*"))
    for arn in dict.fromkeys(kind.arn for kind in resources_of(action)):
        fields = _example(arn, where, where.regions[0]).split(":", 5)
        if len(fields) < 6:
            continue
        kind = wildcard_tokens(":".join([*fields[:5], _name_of(arn, "*")]))
        try:
            found = witness((Pattern("", wanted), Pattern("", kind)), Budget(MOST_STATES))
        except Undecided:
            continue
        if found is not None:
            yield found.replace(FILLER, "any")


def _is_open(field: str) -> bool:
    return "$" in field or "*" in field


def resources_inside(template: Template, where: Whereabouts) -> Iterator[str]:
    """Give resources that a pattern matches, its variables filled by the caller's facts."""
    resolved = filled_variables(template, where.entries)
    if resolved is None:
        return
    for region in where.regions:
        for run in ("any", "any/any", "any:any", ""):
            yield filled(resolved, where, region, run)


def filled_variables(
    template: Template, entries: Mapping[str, ContextValue]
) -> tuple[str | Wildcard, ...] | None:
    """Give a template's pieces with texts for its variables; None where one has no text."""
    pieces: list[str | Wildcard] = []
    for piece in template.pieces:
        if not isinstance(piece, Variable):
            pieces.append(piece)
            continue
        value = entries.get(piece.key.lower())
        if isinstance(value, tuple) and len(value) == 1:
            pieces.append(value[0])
        elif piece.default is not None and not isinstance(value, tuple):
            pieces.append(piece.default)
        else:
            return None
    return tuple(pieces)


def filled(pieces: Iterable[str | Wildcard], where: Whereabouts, region: str, run: str) -> str:
    """Give a text that the pieces match; the first fields of an ARN get what belongs there."""
    fields = [""]
    for piece in pieces:
        if isinstance(piece, str):
            # A colon after the fifth one is a part of the resource's name.
            before = len(fields)
            parts = piece.split(":", max(0, 6 - before)) if before < 6 else [piece]
            fields[-1] += parts[0]
            fields += parts[1:]
        elif len(fields) == 6 or fields[0] != "arn":
            fields[-1] += run if piece is ANY_RUN else "x"
        else:
            fields[-1] += _MARK if piece is ANY_RUN else "x"
    stand_ins = {_PARTITION: where.partition, _REGION: region, _ACCOUNT: where.account}
    for place, field in enumerate(fields):
        if _MARK in field:
            is_whole = field == _MARK and place in stand_ins
            fields[place] = stand_ins[place] if is_whole else field.replace(_MARK, "")
    if fields[0] == "arn":
        fields += [run or EXAMPLE] * (6 - len(fields))  # AWS completes a short one
    if len(fields) == 6 and fields[_SERVICE] in REGIONLESS:
        fields[_REGION] = ""
    if (
        len(fields) == 6
        and fields[_SERVICE] == "s3"
        and not fields[_NAME].startswith("accesspoint")
    ):
        fields[_REGION] = fields[_ACCOUNT] = ""
    return ":".join(fields)


_MARK = "\0"


def neighbours(resource: str) -> Iterator[str]:
    """Give resources that differ from one in a part of its ARN: a name, the region, the account."""
    fields = resource.split(":", 5)
    if len(fields) < 6:
        return
    *head, name = fields
    first, slash, rest = name.partition("/")
    before, last_slash, last = name.rpartition("/")
    colon_before, colon, colon_last = name.rpartition(":")
    names = [f"{before}{last_slash}other-{last}"]
    if slash:
        names += [f"other-{first}/{rest}", f"{first}/other-{rest}"]
    if colon:
        names += [f"{colon_before}{colon}other-{colon_last}", f"other-{name}"]
    for other in names:
        yield ":".join([*head, other])
    if fields[_REGION]:
        for region in ("eu-north-1", "us-west-2"):
            yield ":".join([*fields[:_REGION], region, *fields[_ACCOUNT:]])
    if fields[_ACCOUNT].isdigit():
        yield ":".join([*fields[:_ACCOUNT], OTHER_ACCOUNT, name])
