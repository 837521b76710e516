"""Texts with wildcards and policy variables (R-MATCH-07); normative form: grammars/variable.lark.

    template : (literal | wildcard | escape | variable)*
    wildcard : "*" | "?"
    escape   : "${*}" | "${?}" | "${$}"
    variable : "${" key [ "," default ] "}"
    default  : "'" characters "'"

A text without `$`, `*` and `?` is one literal.
"""

from __future__ import annotations

from policyeval.finding import Severity
from policyeval.parsing.defect import Defect, quote, warning
from policyeval.policy import Template, Variable, Wildcard
from policyeval.source import Span

Piece = str | Wildcard | Variable

_RUN, _ONE = Wildcard.ANY_RUN, Wildcard.ANY_ONE
_NOT_IN_KEY = frozenset("'{}$*?, \x7f\xa0").union(map(chr, range(32)))
PLACEHOLDER = "PE0114"


def parse_template(
    text: str, *, variables: bool, wildcards: bool = True
) -> tuple[Template, tuple[Defect, ...]]:
    """Give the template of a text.

    Without `variables` (a document of 2008, an operator that resolves none) `${…}` is literal;
    without `wildcards` so are `*` and `?`. A malformed variable has the empty key, which never
    has a value: so it matches nothing.
    """
    if variables and "${" in text:
        return _parse_variables(text, wildcards)
    if wildcards and ("*" in text or "?" in text):
        return Template(text, tuple(_split_wildcards(text))), ()
    return Template(text, (text,)), ()


def _split_wildcards(text: str) -> list[Piece]:
    pieces: list[Piece] = []
    for i, run in enumerate(text.split("*")):
        if i:
            pieces.append(_RUN)
        if "?" not in run:
            if run:
                pieces.append(run)
            continue
        for j, part in enumerate(run.split("?")):
            if j:
                pieces.append(_ONE)
            if part:
                pieces.append(part)
    return pieces


def _parse_variables(text: str, wildcards: bool) -> tuple[Template, tuple[Defect, ...]]:
    pieces: list[Piece] = []
    defects: list[Defect] = []
    position = 0
    while (start := text.find("${", position)) >= 0:
        end = text.find("}", start)
        if end < 0:
            defects.append(_unclosed(text, start))
            break
        _append_literal(pieces, text[position:start], wildcards)
        position = end + 1
        body = text[start + 2 : end]
        if body in ("*", "?", "$"):
            _append(pieces, body)
            continue
        variable, defect = _read_variable(body, Span(start, position))
        pieces.append(variable)
        if defect is not None:
            defects.append(defect)
    _append_literal(pieces, text[position:], wildcards)
    return Template(text, tuple(pieces) or ("",)), tuple(defects)


def _append_literal(pieces: list[Piece], text: str, wildcards: bool) -> None:
    for piece in _split_wildcards(text) if wildcards else [text]:
        _append(pieces, piece)


def _append(pieces: list[Piece], piece: Piece) -> None:
    """Add a piece; two literal pieces never stand side by side."""
    if piece == "":
        return
    if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
        pieces[-1] += piece
    else:
        pieces.append(piece)


def _read_variable(body: str, span: Span) -> tuple[Variable, Defect | None]:
    """Read `key [ "," default ]`, the braces taken away."""
    key, comma, rest = body.partition(",")
    default = None
    if comma:
        rest = rest.strip(" ")
        if len(rest) < 2 or rest[0] != "'" or rest[-1] != "'" or "'" in rest[1:-1]:
            return Variable(""), _bad_default(body, span)
        default = rest[1:-1]
    if not is_key(key):
        return Variable(""), _bad_key(body, key, span)
    if ":" not in key or "::" in key:
        return Variable(key, default), _placeholder(body, span)
    return Variable(key, default), None


def literal_variable(text: str) -> Defect:
    """Say that policy variables are literal text in a document of 2008 (R-MATCH-07)."""
    start = text.find("${")
    end = text.find("}", start) + 1 or len(text)
    return warning(
        "PE0307",
        f"{quote(text[start:end])} is literal text in a document of version 2008-10-17",
        Span(start, end),
        label="no variable in this version",
        help='write `"Version": "2012-10-17"`, in which it is a policy variable',
    )


def is_key(key: str) -> bool:
    """Tell whether the text can be the name of a condition key inside a variable."""
    return key != "" and _NOT_IN_KEY.isdisjoint(key)


def _unclosed(text: str, start: int) -> Defect:
    return warning(
        "PE0306",
        f"the policy variable {quote(text[start:])} is not closed, so it is literal text",
        Span(start, len(text)),
        label="no `}` follows",
        help="close it with `}`; a dollar sign that is meant literally is written `${$}`",
    )


def _bad_default(body: str, span: Span) -> Defect:
    key = body.partition(",")[0]
    return warning(
        "PE0309",
        f"the default of the policy variable {quote('${' + body + '}')} is not in single quotes, "
        "so the value matches nothing",
        span,
        label="expected `'default'` after the comma",
        help=f"write `${{{key}, 'default'}}`",
    )


def _bad_key(body: str, key: str, span: Span) -> Defect:
    if any(char.isspace() for char in key):
        rest = body[len(key) :]
        mended = "".join(key.split())
        why = "has white space in its name"
        help_ = f"write `${{{mended}{rest}}}`" if is_key(mended) else ""
    else:
        why, help_ = "names no condition key", "write `${aws:username}` with the key you mean"
    return warning(
        "PE0305",
        f"the policy variable {quote('${' + body + '}')} {why}, so the value matches nothing",
        span,
        label="no condition key",
        help=help_,
    )


def _placeholder(body: str, span: Span) -> Defect:
    return Defect(
        PLACEHOLDER,
        f"{quote('${' + body + '}')} looks like a placeholder: condition keys have a prefix, "
        "as in `aws:username`",
        span,
        "never has a value",
        "put the real value here before the policy is used",
        Severity.NOTE,
    )
