"""Does the Resource or NotResource element cover this resource?"""

from __future__ import annotations

from collections.abc import Callable

from policyeval.context import Presence
from policyeval.glob import (
    ANY_ONE,
    ANY_RUN,
    FIELD_ONE,
    FIELD_RUN,
    Matcher,
    Token,
    compile_glob,
)
from policyeval.matching.result import NO, UNKNOWN, YES, Match, negate
from policyeval.matching.variables import Entries, Tokens, has_variables, resolve
from policyeval.policy import PolicyType, ResourceElement, Template, Variable

ResourceTest = Callable[[str, Entries, Presence], Match]

CACHE_LIMIT = 256


def compile_resource(element: ResourceElement, use: PolicyType) -> ResourceTest | None:
    """Give a function of (resource, context entries, default); None where everything matches."""
    everything = any(template.pieces == (ANY_RUN,) for template in element.patterns)
    if everything and not element.negated:
        return None
    covers = _covers([tokens for item in element.patterns for tokens in readings(item, use)])
    if not element.negated:
        return covers
    return lambda resource, entries, default: negate(covers(resource, entries, default))


def _covers(listed: list[Tokens]) -> ResourceTest:
    """Tell whether one of the patterns covers a resource: the cheap ones are asked first."""
    exact = frozenset(
        tokens[0] for tokens in listed if len(tokens) == 1 and isinstance(tokens[0], str)
    )
    dynamic = [_dynamic(tokens) for tokens in listed if has_variables(tokens)]
    static = [
        compile_glob(_plain(tokens))
        for tokens in listed
        if not has_variables(tokens) and (tokens[0] not in exact or len(tokens) > 1)
    ]

    def covers(resource: str, entries: Entries, default: Presence) -> Match:
        if resource in exact:
            return YES
        for match in static:
            if match(resource):
                return YES
        answer = NO
        for test in dynamic:
            answer = max(answer, test(resource, entries, default))
            if answer == YES:
                break
        return answer

    return covers


def literal_prefixes(element: ResourceElement, use: PolicyType) -> tuple[str, ...]:
    """Texts of which a resource must begin with one; ("",) where nothing can be ruled out."""
    if element.negated:
        return ("",)
    found = [
        tokens[0] if isinstance(tokens[0], str) else ""
        for template in element.patterns
        for tokens in readings(template, use)
    ]
    return ("",) if "" in found else tuple(dict.fromkeys(found))


def readings(template: Template, use: PolicyType) -> list[Tokens]:
    """The patterns that a listed text stands for: as written and, if it is short, completed.

    No reading at all: the text matches nothing (R-MATCH-03, and R-MATCH-07 on variables before
    the fifth colon).
    """
    pieces = template.pieces
    if pieces == (ANY_RUN,):
        return [(ANY_RUN,)]
    if not template.text.startswith("arn:"):
        return []
    colons = sum(piece.count(":") for piece in pieces if isinstance(piece, str))
    before = 0
    for piece in pieces:
        if isinstance(piece, str):
            before += piece.count(":")
        elif isinstance(piece, Variable) and before < 5:
            return []
    written = limit_to_fields(pieces)
    if colons >= 5:
        return [written]
    # AWS: a pattern with too few fields is completed with `*`, by policy type.
    holds_star = any(piece is ANY_RUN for piece in pieces)
    completed = {
        PolicyType.IDENTITY: True,
        PolicyType.BOUNDARY: True,
        PolicyType.RESOURCE: holds_star,
        PolicyType.VPC_ENDPOINT: holds_star,
        PolicyType.SCP: pieces[-1] is ANY_RUN,
    }.get(use, False)
    if not completed:
        return [written] if holds_star else []
    rest: list[Token] = []
    for _ in range(5 - colons):
        rest += [":", ANY_RUN]
    return [written, limit_to_fields((*pieces, *rest))]


def limit_to_fields(pieces: Tokens) -> Tokens:
    """Keep wildcards of the first five fields inside their field (R-MATCH-02).

    A `*` that ends its field may run on past colons, as AWS lets it.
    """
    limited: list[Token | Variable] = []
    colons = 0
    for place, piece in enumerate(pieces):
        if isinstance(piece, str):
            colons += piece.count(":")
        elif colons < 5 and piece is ANY_ONE:
            limited.append(FIELD_ONE)
            continue
        elif colons < 5 and piece is ANY_RUN:
            following = pieces[place + 1] if place + 1 < len(pieces) else ":"
            ends_field = isinstance(following, str) and following.startswith(":")
            limited.append(ANY_RUN if ends_field or following is ANY_RUN else FIELD_RUN)
            continue
        limited.append(piece)
    return tuple(limited)


def _plain(tokens: Tokens) -> tuple[Token, ...]:
    return tuple(token for token in tokens if not isinstance(token, Variable))


def _dynamic(tokens: Tokens) -> ResourceTest:
    """A pattern with variables: resolved for each request, compiled once for each result."""
    prefix = tokens[0] if isinstance(tokens[0], str) else ""
    compiled: dict[tuple[Token, ...], Matcher] = {}

    def test(resource: str, entries: Entries, default: Presence) -> Match:
        if not resource.startswith(prefix):
            return NO
        resolved, unknown = resolve(tokens, entries, default)
        if resolved is None:
            return NO
        match = compiled.get(resolved)
        if match is None:
            if len(compiled) >= CACHE_LIMIT:
                compiled.clear()
            match = compiled[resolved] = compile_glob(resolved)
        if not match(resource):
            return NO
        return UNKNOWN if unknown else YES

    return test
