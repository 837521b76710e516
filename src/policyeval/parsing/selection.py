"""Which tests a `-k` expression means; normative form: grammars/selection.lark."""

from __future__ import annotations

from collections.abc import Callable

from policyeval.errors import ConfigError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.grammar import load_grammar
from policyeval.source import Location, Source, Span

Chooses = Callable[[str], bool]

OPERATORS = frozenset({"and", "or", "not"})
_SPECIAL = frozenset(" \t\r\n()\"'")
MOST_CHARACTERS = 4096
MOST_BRACKETS = 50


def read_selection(text: str) -> Chooses:
    """Give the function that tells of an id whether it is chosen.

    Raises ConfigError for a text that is no expression.
    """
    if text and not _SPECIAL.intersection(text) and text not in OPERATORS:
        return _contains(text)
    from lark.exceptions import UnexpectedInput

    if len(text) > MOST_CHARACTERS:
        raise ConfigError(f"the selection has {len(text)} characters, at most {MOST_CHARACTERS}")
    try:
        tree = load_grammar("selection", lexer="basic").parse(text)
        return _chooses(tree.children[0])
    except UnexpectedInput as error:
        place = len(text) if _ended(error) else _place(error, text)
        raise _no_selection(text, place) from None
    except RecursionError:
        raise _no_selection(text, 0) from None


def _ended(error: object) -> bool:
    return getattr(getattr(error, "token", None), "type", "") == "$END"


def _place(error: object, text: str) -> int:
    return min(getattr(error, "pos_in_stream", None) or 0, len(text))


def _no_selection(text: str, place: int) -> ConfigError:
    message = f"{quote(text)} selects nothing that can be understood"
    finding = Finding(
        "PE2211",
        Severity.ERROR,
        message,
        Location(Source("-k", text), span=Span(place, min(place + 1, len(text)))),
        "write parts of ids with `and`, `or`, `not` and brackets; texts with blanks in quotes",
    )
    return ConfigError(message, (finding,))


def _chooses(tree: object, depth: int = 0) -> Chooses:
    if depth > MOST_BRACKETS:
        raise RecursionError
    kind = str(getattr(tree, "data", ""))
    parts = getattr(tree, "children", [])
    if kind in ("word", "quoted"):
        written = str(parts[0])
        return _contains(written if kind == "word" else written[1:-1])
    choices = [_chooses(part, depth + 1) for part in parts]
    if kind == "without":
        return lambda id: not choices[0](id)
    if kind == "both":
        return lambda id: all(choice(id) for choice in choices)
    return lambda id: any(choice(id) for choice in choices)


def _contains(text: str) -> Chooses:
    folded = text.lower()
    return lambda id: folded in id.lower()
