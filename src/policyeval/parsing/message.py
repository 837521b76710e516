"""AWS's denials in words; normative form: grammars/message.lark (R-MSG-01 to R-MSG-03).

The sentence may stand anywhere: in the output of the AWS CLI, a stack trace, Terraform's boxes, an
XML answer, a log line. `find_denials` looks for its fixed words, and hands what stands around them
to the grammar.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from policyeval.parsing.grammar import load_grammar
from policyeval.value import Value, replace

if TYPE_CHECKING:
    from lark import Token, Tree

LONGEST_MESSAGE = 16_384
"""Characters of one sentence that are read: the longest are the encoded messages of EC2."""

_LONGEST_SUBJECT = 2_100  # an ARN has at most 2,048 characters
_COLOURS = re.compile(r"\x1b\[[0-9;:]*[A-Za-z]")
_BOXES = dict.fromkeys(map(ord, "\u2502\u2577\u2575\u250c\u2514\u2551"), " ")
# JSON in JSON escapes a quote twice over.
_ESCAPES = (('\\\\\\"', '"'), ('\\"', '"'), ("\\n", " "), ("\\t", " "), ("\\r", " "))
_ANCHOR = re.compile(r"(?:(?:is|are) )?not authorized to perform:? (?=[A-Za-z0-9-]+:)", re.I)
_PLAIN = re.compile(
    r"not authorized to perform this operation|denied due to a vpc endpoint policy"
    r"|access denied|accessdenied\b|unauthorizedoperation\b|\bforbidden\b",
    re.I,
)
_CALL = re.compile(r"an error occurred \(|operation error ", re.I)
# What follows is pasted into commands that output suggests: no character but these may.
_AUTHORIZATION_ID = re.compile(r"following authorization id: ([A-Za-z0-9]+)", re.I)
_ENCODED = re.compile(r"encoded authorization failure message: ([A-Za-z0-9_=+/-]+)", re.I)
_LONGEST_CALL = 600  # from "An error occurred" to the sentence: ids of the request stand between


class Denial(Value):
    """What one sentence says; each text is empty where it does not.

    `types` are the policy types named, in the words of the grammar's terminals (`IDENTITY`,
    `SCP`, …), the second one after "transitively through". `kind` is "role", "user" … where the
    resource is a bare name of that kind. `rest` is what follows and was not understood.
    """

    principal: str = ""
    action: str = ""
    resource: str = ""
    kind: str = ""
    explicit: bool | None = None
    types: tuple[str, ...] = ()
    policy_arn: str = ""
    operation: str = ""
    service: str = ""
    code: str = ""
    authorization_id: str = ""
    encoded: str = ""
    rest: str = ""
    text: str = ""


def plain_line(text: str) -> str:
    """Give the text on one line: colours, boxes, escapes and entities taken away."""
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    text = text.translate(_BOXES)
    if "&" in text:
        text = unescape(text)
    for escaped, meant in _ESCAPES:
        text = text.replace(escaped, meant)
    return " ".join(text.split())


def find_denials(text: str) -> tuple[Denial, ...]:
    """Give the denials that a text holds, in order, each once; none where it holds no such words.

    >>> [found] = find_denials("User: anonymous is not authorized to perform: sns:Publish")
    >>> found.action
    'sns:Publish'
    """
    line = plain_line(text)
    found = [_read(line, start, end) for start, end in _sentences(line)]
    if not found:
        at = _PLAIN.search(line)
        if at is None:
            return ()
        found = [_plain(line, at.start())]
    return tuple(dict.fromkeys(found))


def _sentences(line: str) -> list[tuple[int, int]]:
    """Cut the line where sentences begin; each goes on to the beginning of the next."""
    starts = [_start(line, match.start()) for match in _ANCHOR.finditer(line)]
    ends = [*starts[1:], len(line)][: len(starts)]
    return [
        (start, min(end, start + LONGEST_MESSAGE)) for start, end in zip(starts, ends, strict=True)
    ]


def _start(line: str, anchor: int) -> int:
    """Find where the sentence begins: at "User: …" before its fixed words, else at these."""
    base = max(0, anchor - _LONGEST_SUBJECT)
    before = line[base:anchor].rstrip(" ").lower()
    if before.endswith("user"):
        return base + len(before) - len("user")
    subject = before.rpartition(" ")[0]
    for word in ("user:", "principal:"):
        if subject.endswith(word):
            return base + len(subject) - len(word)
    return anchor


def _read(line: str, start: int, end: int) -> Denial:
    """Read one sentence; an ending that the grammar does not know becomes `rest`."""
    sentence = line[start:end]
    tree = _parse(sentence, "denial") or _parse(sentence, "head")
    found = Denial(rest=sentence) if tree is None else _of_tree(tree)
    return _completed(found, line, start, end)


def _plain(line: str, start: int) -> Denial:
    """Read a denial that names neither caller nor action: "Access Denied" and its like."""
    end = min(len(line), start + LONGEST_MESSAGE)
    by_endpoint = "denied due to a vpc endpoint policy" in line[start:end].lower()
    found = Denial(types=("ENDPOINT",)) if by_endpoint else Denial()
    return _completed(found, line, start, end)


def _completed(found: Denial, line: str, start: int, end: int) -> Denial:
    """Add what stands before the sentence, the call, and what follows it, ids and blobs."""
    before = line[max(0, start - _LONGEST_CALL) : start]
    called = None
    for match in _CALL.finditer(line[max(0, start - _LONGEST_CALL) : end]):
        if match.start() <= len(before):
            called = _parse(line[max(0, start - _LONGEST_CALL) + match.start() : end], "called")
    told = _tokens(called) if called is not None else {}
    sentence = line[start:end].strip()
    encoded, authorization_id = _after(sentence, _ENCODED), _after(sentence, _AUTHORIZATION_ID)
    shown = sentence.replace(encoded, "\u2026") if encoded else sentence
    return replace(
        found,
        operation=told.get("OPERATION", ""),
        service=told.get("SERVICE", "").strip(),
        code=told.get("CODE", ""),
        authorization_id=authorization_id,
        encoded=encoded,
        rest="" if encoded or authorization_id else found.rest,
        text=shown,
    )


def _after(sentence: str, words: re.Pattern[str]) -> str:
    """Give the word that follows some fixed words."""
    found = words.search(sentence)
    return found[1] if found is not None else ""


def _parse(text: str, start: str) -> Tree[Token] | None:
    from lark.exceptions import UnexpectedInput

    try:
        return load_grammar("message", start=start).parse(text)
    except UnexpectedInput:
        return None


def _tokens(tree: Tree[Token]) -> dict[str, str]:
    return {token.type: str(token) for token in tree.children if hasattr(token, "type")}


def _of_tree(tree: Tree[Token]) -> Denial:
    told: dict[str, str] = {}
    types: list[str] = []
    explicit = None
    for node in tree.iter_subtrees_topdown():  # type: ignore[no-untyped-call]
        tokens = _tokens(node)
        types += [name for name in tokens if name in POLICY_TYPES]
        if node.data == "implicit":  # its NAME repeats the action
            explicit = False
        else:
            explicit = True if node.data == "explicit" else explicit
            told |= tokens
    return Denial(
        _trimmed(told.get("PRINCIPAL", "")),
        told.get("ACTION", ""),
        told.get("QUOTED", "")[1:-1] or _trimmed(told.get("NAME", "")),
        told.get("KIND", "").strip().lower(),
        explicit,
        tuple(types),
        _trimmed(told.get("POLICY_ARN", "")),
        rest=told.get("REST", "").strip(" ."),
    )


POLICY_TYPES = frozenset(
    {"IDENTITY", "RESOURCE", "SESSION", "SCP", "RCP", "ENDPOINT", "BOUNDARY", "TRUST"}
)


def _trimmed(word: str) -> str:
    """A word without the punctuation of the sentence it stands in."""
    # Behind a last word, a tag or the end of a JSON string is of what stands around the sentence.
    for around in ("</", '"}', '",', "'}", "',"):
        word = word.partition(around)[0]
    for opening, closing in ("[]", "{}", "()"):
        if word.endswith(closing) and opening not in word:
            word = word.rstrip(closing)
    return word.strip("\"'`,;)").rstrip(".:")
