"""The ARNs that resources of a type have, as patterns: first as the caller would meet them."""

from __future__ import annotations

from functools import lru_cache

from policyeval.glob import ANY_RUN, FIELD_RUN, Token, wildcard_tokens
from policyeval.query.patterns import Pattern
from policyeval.query.reach import ANYTHING

Shapes = tuple[Pattern, ...]


@lru_cache(maxsize=1024)
def shapes_of(types: tuple[str, ...], service: str, partition: str, account: str) -> list[Shapes]:
    """Give for each type its patterns, the likeliest first, the widest last.

    The likeliest has the caller's own account and leaves the region open, which a request then does
    not tell. `types` are ARN patterns of the catalogue; where it has none, any ARN of the service.
    """
    place = f"arn:${{Partition}}:{service}"
    listed = types or (f"{place}:::${{Name}}", f"{place}:${{Region}}:${{Account}}:${{Name}}")
    found: list[Shapes] = []
    for text in listed:
        if text == "*":
            found.append((ANYTHING,))
            continue
        shapes = [
            _pattern(text, partition, region, owner)
            for owner in dict.fromkeys((account or "*", "*"))
            for region in ("", "*")
        ]
        found.append(tuple(dict.fromkeys([*shapes, _pattern(text, "*", "*", "*")])))
    return found


def fits(shapes: Shapes, resource: str) -> bool:
    """Tell whether a resource is of the type; an action without any is asked on `*` alone."""
    widest = shapes[-1]
    return resource == "*" if widest.text == "*" else widest.matches(resource)


def _pattern(text: str, partition: str, region: str, account: str) -> Pattern:
    """Put values into a pattern of the catalogue; what else varies may be anything."""
    values = {"Partition": partition, "Region": region, "Account": account}
    parts = text.split("${")
    filled = parts[0]
    for part in parts[1:]:
        name, _, rest = part.partition("}")
        filled += values.get(name, "*") + rest
    return Pattern(filled, _within_fields(filled), flat=text.endswith("${BucketName}"))


def _within_fields(text: str) -> tuple[Token, ...]:
    """Split a text at its wildcards; those of the first five fields stay in their field."""
    tokens: list[Token] = []
    colons = 0
    for token in wildcard_tokens(text):
        if isinstance(token, str):
            colons += token.count(":")
        tokens.append(FIELD_RUN if token is ANY_RUN and colons < 5 else token)
    return tuple(tokens)
