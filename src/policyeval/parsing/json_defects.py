"""What is wrong with a text that is no JSON: the slow lane of `parsing.document` (R-LANG-10).

grammars/json.lark says where the text goes wrong and what was expected there; what stands there
instead tells which of the usual mistakes it is.
"""

from __future__ import annotations

from collections.abc import Callable

from policyeval.parsing.defect import Defect, quote
from policyeval.source import WHITESPACE, Span

# A larger text is not given to the grammar, which reads about 100 characters in 1 ms. The largest
# policy that AWS takes has half as many.
_MOST_FOR_GRAMMAR = 64 * 1024
_SMART_QUOTES = frozenset(
    "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2033\u00ab\u00bb"
)
_VALUE = frozenset(("STRING", "NUMBER", "LBRACE", "LSQB", "TRUE", "FALSE", "NULL"))
# What the json module expected, by the start of its message.
_EXPECTED = {
    "Expecting ','": frozenset(("COMMA",)),
    "Expecting ':'": frozenset(("COLON",)),
    "Expecting property name": frozenset(("STRING",)),
    "Expecting value": _VALUE,
    "Extra data": frozenset(("$END",)),
}
_WORDS_OF_OTHERS = {"True": "true", "False": "false", "None": "null", "undefined": "null"}


class Mistake:
    """Where a text goes wrong: what the diagnoses ask."""

    __slots__ = ("before", "char", "expected", "place", "text")

    def __init__(self, text: str, place: int, expected: frozenset[str]) -> None:
        """Note what stands at the place, and where the text before it ends."""
        self.text, self.place, self.expected = text, place, expected
        self.char = text[place : place + 1]
        end = place
        while end and text[end - 1] in WHITESPACE:
            end -= 1
        self.before = end  # after the last character that is no white space

    @property
    def word(self) -> str:
        """The letters and digits that stand there."""
        end = self.place
        while end < len(self.text) and (self.text[end].isalnum() or self.text[end] in "_-.$"):
            end += 1
        return self.text[self.place : end]

    @property
    def one(self) -> Span:
        """The one character that stands there."""
        return Span(self.place, min(self.place + 1, len(self.text)))


def diagnose_json(text: str, place: int, message: str = "") -> Defect:
    """Give the one defect of a text that is no JSON; `place` is where the json module stopped."""
    if not text.strip(WHITESPACE + "\ufeff"):
        return Defect("PE0005", "the document is empty", Span(0, 0), "expected `{`")
    mistake = _judge(text, place, message)
    for diagnose in _DIAGNOSES:
        defect = diagnose(mistake)
        if defect is not None:
            return defect
    return _unexpected(mistake)


def _judge(text: str, place: int, message: str) -> Mistake:
    """Ask the grammar; of a very large text take the word of the json module."""
    from policyeval.parsing.grammar import first_error

    skipped = 1 if text.startswith("\ufeff") else 0
    if len(text) <= _MOST_FOR_GRAMMAR:
        found = first_error("json", text[skipped:])
        if found is not None:
            return Mistake(text, found[0] + skipped, found[1])
    expected = next(
        (names for start, names in _EXPECTED.items() if message.startswith(start)), _VALUE
    )
    return Mistake(text, place, expected)


# ---- the diagnoses, in the order in which they are asked ----------------------------------


def _url_encoded(mistake: Mistake) -> Defect | None:
    if mistake.text.lstrip()[:3].upper() != "%7B":
        return None
    return Defect(
        "PE0021",
        "the document is URL-encoded",
        Span(mistake.place, mistake.place + 3),
        "`%7B` stands for `{`",
        "decode it first: the IAM API gives policies in this form",
    )


def _unfinished(mistake: Mistake) -> Defect | None:
    if mistake.place < len(mistake.text.rstrip(WHITESPACE)):
        return None
    return Defect(
        "PE0018",
        f"the document ends too early: expected {_words(mistake)}",
        Span(mistake.before, mistake.before),
        f"expected {_words(mistake)}",
        "is a closing bracket missing, or was the text cut off?",
    )


def _smart_quote(mistake: Mistake) -> Defect | None:
    if mistake.char not in _SMART_QUOTES or not mistake.char:
        return None
    return Defect(
        "PE0007",
        f"the quotation mark {quote(mistake.char)} is not JSON",
        mistake.one,
        'expected `"`',
        'write straight double quotes, `"`; word processors and chat programs replace them',
    )


def _single_quote(mistake: Mistake) -> Defect | None:
    if mistake.char not in ("'", "`"):
        return None
    return Defect(
        "PE0008",
        "single quotes are not JSON" if mistake.char == "'" else "backticks are not JSON",
        mistake.one,
        'expected `"`',
        'write double quotes, `"`',
    )


def _comment(mistake: Mistake) -> Defect | None:
    if mistake.char != "#" and mistake.text[mistake.place : mistake.place + 2] not in ("//", "/*"):
        return None
    end = mistake.text.find("\n", mistake.place)
    return Defect(
        "PE0010",
        "JSON has no comments",
        Span(mistake.place, len(mistake.text) if end < 0 else end),
        "a comment",
        "take the comment out; a `Sid` can say what a statement is for",
    )


def _trailing_comma(mistake: Mistake) -> Defect | None:
    if mistake.char not in ("}", "]") or mistake.text[mistake.before - 1 : mistake.before] != ",":
        return None
    return Defect(
        "PE0009",
        f"a comma stands before the closing `{mistake.char}`",
        Span(mistake.before - 1, mistake.before),
        "take this comma out",
        "JSON has commas between entries, none after the last",
    )


def _after_the_end(mistake: Mistake) -> Defect | None:
    if mistake.expected != {"$END"}:
        return None
    return Defect(
        "PE0017",
        "more text follows the end of the document",
        mistake.one,
        "expected the end of the text",
        "a file holds one document; is there a bracket too many before this place?",
    )


def _missing_comma(mistake: Mistake) -> Defect | None:
    starts_value = mistake.char in ('"', "{", "[", "-") or mistake.char.isalnum()
    if "COMMA" not in mistake.expected or not starts_value:
        return None
    return Defect(
        "PE0011",
        f"a comma is missing before {quote(_glimpse(mistake))}",
        Span(mistake.before, min(mistake.before + 1, len(mistake.text))),
        "expected `,`",
        "entries of a list or object are separated by commas",
    )


def _broken_string(mistake: Mistake) -> Defect | None:
    """Look for a string that began well, and find where it breaks."""
    if mistake.char != '"' or "STRING" not in mistake.expected:
        return None
    text, at = mistake.text, mistake.place + 1
    while at < len(text) and text[at] != '"':
        if text[at] < " ":
            return _control_character(text, mistake.place, at)
        if text[at] == "\\":
            if not _is_escape(text, at):
                return _bad_escape(text, at)
            at += 1
        at += 1
    return Defect(
        "PE0019",
        "a string is not closed before the document ends",
        Span(mistake.place, mistake.place + 1),
        "this string is not closed",
        'close it with `"`',
    )


def _control_character(text: str, start: int, at: int) -> Defect:
    name = {"\n": "a line break", "\r": "a line break", "\t": "a tab"}.get(text[at])
    escape = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(text[at], f"\\u{ord(text[at]):04x}")
    return Defect(
        "PE0019",
        f"a string has {name or 'a control character'} in it",
        Span(start, at) if name == "a line break" else Span(at, at + 1),
        "this string is not closed on its line" if name == "a line break" else "not in a string",
        f'close the string with `"`, or write `{escape}`',
    )


def _is_escape(text: str, at: int) -> bool:
    if text[at + 1 : at + 2] == "u":
        digits = text[at + 2 : at + 6]
        return len(digits) == 4 and all(char in "0123456789abcdefABCDEF" for char in digits)
    return text[at + 1 : at + 2] in tuple('"\\/bfnrt')


def _bad_escape(text: str, at: int) -> Defect:
    end = min(at + (6 if text[at + 1 : at + 2] == "u" else 2), len(text))
    return Defect(
        "PE0020",
        f"{quote(text[at:end])} is no escape that JSON knows",
        Span(at, end),
        "not an escape",
        "a backslash itself is written `\\\\`",
    )


def _bare_word(mistake: Mistake) -> Defect | None:
    word = mistake.word
    if not word or not (word[0].isalpha() or word[0] in "_$"):
        return None
    span = Span(mistake.place, mistake.place + len(word))
    if word in _WORDS_OF_OTHERS and "TRUE" in mistake.expected:
        help_ = f"write `{_WORDS_OF_OTHERS[word]}`"
    elif mistake.text[span.end :].lstrip(WHITESPACE).startswith(":") and mistake.place == 0:
        help_ = "this looks like YAML; policies are JSON"
    else:
        quoted = f'"{word}"'
        help_ = f"put it in double quotes: {quote(quoted)}"
    return Defect(
        "PE0006",
        f"expected {_words(mistake)}, found {quote(word)}",
        span,
        f"expected {_words(mistake)}",
        help_,
    )


_DIAGNOSES: tuple[Callable[[Mistake], Defect | None], ...] = (
    _url_encoded,
    _unfinished,
    _smart_quote,
    _single_quote,
    _comment,
    _trailing_comma,
    _after_the_end,
    _missing_comma,
    _broken_string,
    _bare_word,
)


def _unexpected(mistake: Mistake) -> Defect:
    return Defect(
        "PE0006",
        f"expected {_words(mistake)}, found {quote(mistake.char)}",
        mistake.one,
        f"expected {_words(mistake)}",
    )


def _words(mistake: Mistake) -> str:
    from policyeval.parsing.grammar import expected_words

    if mistake.expected >= _VALUE:
        return "a value" + (" or `]`" if "RSQB" in mistake.expected else "")
    return expected_words(mistake.expected - {"WHITE_SPACE"})


def _glimpse(mistake: Mistake) -> str:
    """Give the start of what stands there: a whole short string, or a character."""
    if mistake.char != '"':
        return mistake.word or mistake.char
    end = mistake.text.find('"', mistake.place + 1, mistake.place + 60)
    return mistake.text[mistake.place : end + 1] if end > 0 else mistake.char
