"""One statement (R-LANG-03).

    statement : "{" ["Sid"] "Effect" ["Principal" | "NotPrincipal"] ("Action" | "NotAction")
                ["Resource" | "NotResource"] ["Condition"] "}"

Elements stand in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.parsing.action import read_action_pattern
from policyeval.parsing.arn import arn_pattern_defect
from policyeval.parsing.condition import read_condition
from policyeval.parsing.defect import Defect, quote, warning
from policyeval.parsing.legality import check_legality
from policyeval.parsing.nearest import did_you_mean
from policyeval.parsing.placeholder import has_placeholder, placeholder_defect
from policyeval.parsing.principal import EVERYONE, KINDS, read_principal
from policyeval.parsing.reading import Reading, kind_of
from policyeval.parsing.variable import literal_variable, parse_template
from policyeval.policy import (
    ActionElement,
    ActionPattern,
    Effect,
    PolicyType,
    PrincipalElement,
    PrincipalPattern,
    ResourceElement,
    Statement,
    Template,
    escape_pointer,
)
from policyeval.source import Span

ELEMENTS = (
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
    *("Resource", "NotResource", "Condition"),
)
_ELEMENTS = frozenset(ELEMENTS)
_EFFECTS = {"Allow": Effect.ALLOW, "Deny": Effect.DENY}
_NO_ACTION = ActionElement(False, ())


def read_statement(raw: object, index: int, pointer: str, reading: Reading) -> Statement | None:
    """Give the statement; None, and something in the report, where it cannot be built."""
    if not isinstance(raw, Mapping):
        reading.add_wrong_kind("a statement", "an object", raw, pointer)
        return None
    if not raw.keys() <= _ELEMENTS:
        reading.check_names(raw, ELEMENTS, pointer, "statement")
    statement = Statement(
        index,
        pointer,
        _read_sid(raw, pointer, reading),
        _read_effect(raw, pointer, reading),
        _read_principal_element(raw, pointer, reading),
        _read_action_element(raw, pointer, reading),
        _read_resource_element(raw, pointer, reading),
        read_condition(raw["Condition"], f"{pointer}/Condition", reading)
        if "Condition" in raw
        else (),
    )
    check_legality(statement, reading)
    return statement


# ---- Sid, Effect --------------------------------------------------------------------------


def _read_sid(raw: Mapping[str, Any], pointer: str, reading: Reading) -> str | None:
    if "Sid" not in raw:
        return None
    sid = raw["Sid"]
    if kind_of(sid) != "string":
        reading.add_wrong_kind("`Sid`", "a string", sid, f"{pointer}/Sid")
        return None
    # Resource policies of some services allow more characters (R-LANG-09).
    if sid and not (sid.isascii() and sid.isalnum()) and reading.type in _STRICT_SIDS:
        place = next(i for i, char in enumerate(sid) if not (char.isascii() and char.isalnum()))
        reading.add(
            warning(
                "PE0109",
                f"the Sid {quote(sid)} has the character {quote(sid[place])} in it",
                Span(place, place + 1),
                label="AWS takes letters and digits",
                help="write `" + "".join(c for c in sid if c.isascii() and c.isalnum()) + "`",
            ),
            f"{pointer}/Sid",
        )
    return str(sid)


_STRICT_SIDS = frozenset(
    (PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION, PolicyType.TRUST)
)


def _read_effect(raw: Mapping[str, Any], pointer: str, reading: Reading) -> Effect:
    effect = raw.get("Effect", "")
    if type(effect) is str and effect in _EFFECTS:
        return _EFFECTS[effect]
    if "Effect" not in raw:
        reading.add(_missing("`Effect`", '`"Effect": "Allow"` or `"Effect": "Deny"`'), pointer)
    elif kind_of(effect) != "string":
        reading.add_wrong_kind("`Effect`", "a string", effect, f"{pointer}/Effect")
    elif str(effect) in _EFFECTS:
        return _EFFECTS[str(effect)]
    else:
        reading.add(
            Defect(
                "PE0107",
                f"the Effect {quote(effect)} is neither `Allow` nor `Deny`",
                label="expected `Allow` or `Deny`",
                help=did_you_mean(effect, _EFFECTS),
            ),
            f"{pointer}/Effect",
        )
    return Effect.DENY  # the document is not evaluated


# ---- Action, Resource ---------------------------------------------------------------------


def _choose(raw: Mapping[str, Any], name: str, pointer: str, reading: Reading) -> str:
    """Give which of an element and its `Not…` form stands there; empty for neither."""
    negated = "Not" + name
    if name in raw:
        if negated in raw:
            reading.add(
                Defect(
                    "PE0104",
                    f"the statement has both `{name}` and `{negated}`",
                    label="only one of them may stand",
                    help="make two statements of it",
                ),
                f"{pointer}/{negated}",
                key=True,
            )
        return name
    return negated if negated in raw else ""


def _missing(what: str, example: str) -> Defect:
    return Defect(
        "PE0103", f"the statement has no {what}", label=f"{what} is missing", help=f"add {example}"
    )


def _read_action_element(raw: Mapping[str, Any], pointer: str, reading: Reading) -> ActionElement:
    element = _choose(raw, "Action", pointer, reading)
    if not element:
        reading.add(_missing("`Action` or `NotAction`", '`"Action": "service:Name"`'), pointer)
        return _NO_ACTION
    place = f"{pointer}/{element}"
    patterns: list[ActionPattern] = []
    for i, text in enumerate(reading.strings(f"`{element}`", raw[element], place) or ()):
        pattern, defect = read_action_pattern(text)
        if defect is not None:
            if has_placeholder(text):
                defect = placeholder_defect(text)
                pattern = ActionPattern(text, text.lower(), "")
            reading.add(defect, f"{place}/{i}")
        if pattern is not None:
            patterns.append(pattern)
    return ActionElement(element == "NotAction", tuple(patterns))


def _read_resource_element(
    raw: Mapping[str, Any], pointer: str, reading: Reading
) -> ResourceElement | None:
    element = _choose(raw, "Resource", pointer, reading)
    if not element:
        return None  # whether it may be missing, `check_legality` knows
    place = f"{pointer}/{element}"
    patterns: list[Template] = []
    for i, text in enumerate(reading.strings(f"`{element}`", raw[element], place) or ()):
        template, defects = parse_template(text, variables=reading.variables)
        patterns.append(template)
        wrong = arn_pattern_defect(text)
        if wrong is None and not defects and not has_placeholder(text):
            if not reading.variables and "${" in text:
                reading.add(literal_variable(text), f"{place}/{i}")
            continue
        for defect in _resource_defects(text, wrong, defects):
            reading.add(defect, f"{place}/{i}")
    return ResourceElement(element == "NotResource", tuple(patterns))


def _resource_defects(
    text: str, wrong: Defect | None, defects: tuple[Defect, ...]
) -> tuple[Defect, ...]:
    """Choose what to say of a Resource: where a placeholder stands, the rest means nothing."""
    if has_placeholder(text):
        return (placeholder_defect(text),)
    if any(defect.code == "PE0114" for defect in defects):
        return defects
    return defects if wrong is None else (wrong, *defects)


# ---- Principal ----------------------------------------------------------------------------


def _read_principal_element(
    raw: Mapping[str, Any], pointer: str, reading: Reading
) -> PrincipalElement | None:
    element = _choose(raw, "Principal", pointer, reading)
    if not element:
        return None
    given, place = raw[element], f"{pointer}/{element}"
    patterns: list[PrincipalPattern] = []
    if kind_of(given) == "string":
        if given == "*":
            patterns.append(EVERYONE)
        else:
            reading.add(_bare_principal(element, given), place)
    elif isinstance(given, Mapping):
        for kind, texts in given.items():
            patterns += _read_principals(kind, texts, place, reading)
        if not given:
            reading.add(empty_principal(element), place)
    else:
        reading.add_wrong_kind(f"`{element}`", '`"*"` or an object', given, place)
    return PrincipalElement(element == "NotPrincipal", tuple(patterns))


def _read_principals(
    kind: object, texts: object, place: str, reading: Reading
) -> list[PrincipalPattern]:
    inner = f"{place}/{escape_pointer(str(kind))}"
    if not isinstance(kind, str) or kind not in KINDS:
        reading.add(
            Defect(
                "PE0401",
                f"unknown kind of principal {quote(str(kind))}",
                label="expected one of " + ", ".join(f"`{name}`" for name in KINDS),
                help=did_you_mean(str(kind), KINDS),
            ),
            inner,
            key=True,
        )
        return []
    patterns = []
    for i, text in enumerate(reading.strings(f"`{kind}`", texts, inner) or ()):
        pattern, defect = read_principal(kind, text)
        patterns.append(pattern)
        if has_placeholder(text):
            defect = placeholder_defect(text)
        if defect is not None:
            reading.add(defect, f"{inner}/{i}")
    return patterns


def empty_principal(element: str) -> Defect:
    """Say that a principal element names nobody."""
    return warning(
        "PE0108",
        f"`{element}` is empty, so it names nobody",
        label="empty",
        help='name somebody, as in `{"AWS": "arn:aws:iam::ACCOUNT:root"}`',
    )


def _bare_principal(element: str, text: str) -> Defect:
    kind = "Service" if ".amazonaws.com" in text else "AWS"
    return Defect(
        "PE0409",
        f"`{element}` must be `*` or an object, not the text {quote(text)}",
        label="expected `*` or an object",
        help=f'write `{{"{kind}": "{text}"}}`',
    )
