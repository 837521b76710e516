"""Finds a grammar and builds its parser once, when it is first needed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Lark

_PACKAGE = Path(__file__).resolve().parent.parent
# A wheel has the grammars inside the package, a checkout at its top.
_PLACES = (_PACKAGE / "grammars", _PACKAGE.parent.parent / "grammars")


def grammar_text(name: str) -> str:
    """Give the text of `grammars/NAME.lark`."""
    for place in _PLACES:
        path = place / f"{name}.lark"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise FileNotFoundError(f"{name}.lark is neither in {_PLACES[0]} nor in {_PLACES[1]}")


@lru_cache(maxsize=32)
def load_grammar(name: str, **options: object) -> Lark:
    """Give the parser of a grammar; its errors know what was expected at which character."""
    from lark import Lark  # costs 0.1 s, so nothing but an unusual input pays for it

    settings: dict[str, object] = {"parser": "lalr", "start": "start", "maybe_placeholders": False}
    return Lark(grammar_text(name), **{**settings, **options})


# How terminals are called in a message; the others are called by their text.
_WORDS = {
    "$END": "the end of the text",
    "STRING": "a string",
    "NUMBER": "a number",
    "COMMA": "`,`",
    "COLON": "`:`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "TRUE": "`true`",
    "FALSE": "`false`",
    "NULL": "`null`",
}


def first_error(name: str, text: str, **options: object) -> tuple[int, frozenset[str]] | None:
    """Ask a grammar where a text goes wrong and which terminals it expected; None if it does not.

    The place of a text that ends too early is its length.
    """
    from lark.exceptions import UnexpectedInput, UnexpectedToken

    reading: Any = load_grammar(name, **options).parse_interactive(text)
    try:
        reading.exhaust_lexer()
        reading.feed_eof()
    except UnexpectedInput as error:
        ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        place: int = len(text) if ended else error.pos_in_stream  # type: ignore[assignment]
        return place, frozenset(reading.accepts())
    return None


def expected_words(terminals: frozenset[str]) -> str:
    """Give the terminals in words: `a string or `}``."""
    words = sorted(_WORDS.get(name, name) for name in terminals)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"
