"""The sentences about the parts of a statement: wanted, got, and what would make it hold."""

from __future__ import annotations

from collections.abc import Iterable

from policyeval.context import Presence
from policyeval.explanation.tree import Part, StatementView
from policyeval.rendering.document import ELLIPSIS
from policyeval.rendering.words import OTHER_VALUE, context_words, joined

LONGEST_VALUE = 200
MOST_VALUES = 4

# What a request's value must be to the listed ones, by operator without `…IfExists` and quantifier.
_RELATIONS = {
    "stringequals": "",
    "stringnotequals": "anything but ",
    "stringequalsignorecase": "in any case ",
    "stringnotequalsignorecase": "anything but, in any case, ",
    "stringlike": "like ",
    "stringnotlike": "not like ",
    "arnequals": "like ",
    "arnnotequals": "not like ",
    "arnlike": "like ",
    "arnnotlike": "not like ",
    "numericequals": "",
    "numericnotequals": "anything but ",
    "numericlessthan": "less than ",
    "numericlessthanequals": "at most ",
    "numericgreaterthan": "more than ",
    "numericgreaterthanequals": "at least ",
    "dateequals": "",
    "datenotequals": "anything but ",
    "datelessthan": "before ",
    "datelessthanequals": "no later than ",
    "dategreaterthan": "after ",
    "dategreaterthanequals": "no earlier than ",
    "bool": "",
    "binaryequals": "",
    "ipaddress": "in ",
    "notipaddress": "outside ",
}
_QUOTED = ("string", "arn", "binary")
_SETS = {"forallvalues": "every value ", "foranyvalue": "at least one value "}


def wanted_words(part: Part) -> str:
    """What the part asks for: `"eu-west-1" or "eu-central-1"`, `present`, `like "a*"`."""
    if part.element != "Condition":
        listed = _listed(part.wanted, "or", quoted=False)
        return f"anything but {listed}" if part.element.startswith("Not") else listed
    name, quantifier, if_exists = _operator(part)
    if name == "null":
        return joined(sorted({_null_word(value) for value in part.wanted}), "or")
    relation = _RELATIONS.get(name, f"{part.operator} ")
    wanted = _SETS.get(quantifier, "") + relation + _values(part)
    return f"{wanted}, or absent" if if_exists else wanted


def got_words(part: Part) -> str:
    """What the request has: `"eu-north-1"`, `absent`, `not given`."""
    if isinstance(part.got, Presence):
        return context_words(part.got)
    if part.element in ("Principal", "NotPrincipal") and part.got == ("*",):
        return "an anonymous caller"
    if part.element != "Condition":
        return _listed(part.got, "and", quoted=False)
    if _operator(part)[0] == "null":
        return "present"
    if not part.got:
        return "an empty list"
    return _listed(part.got, "and", quoted=_is_quoted(part))


def comparison(part: Part) -> str:
    """`wanted: present   got: absent`."""
    return f"wanted: {wanted_words(part)}   got: {got_words(part)}"


def failing_label(part: Part) -> str:
    """What stands beside the caret of a part that does not hold, or of which nobody knows."""
    if part.element in ("NotAction", "NotResource"):
        return f"lists {got_words(part)}"
    if part.element == "NotPrincipal":
        return f"exempts {got_words(part)}"
    if part.element == "Condition":
        return comparison(part)
    return f"does not {_VERBS[part.element]} {got_words(part)}"


_VERBS = {"Action": "cover", "Resource": "cover", "Principal": "name"}


def matching_label(part: Part) -> str:
    """What stands beside the caret of a part that holds, most of all in a Deny."""
    if part.element == "Condition":
        return _matching_condition(part)
    if part.element.startswith("Not"):
        return f"{got_words(part)} is not exempt"
    return f"{_VERBS[part.element]}s {got_words(part)}"


def _matching_condition(part: Part) -> str:
    name, quantifier, if_exists = _operator(part)
    got = got_words(part)
    if name == "null":
        return f"{got}, as this asks"
    if isinstance(part.got, Presence):
        return f"{got}: {_why_absent_holds(name, quantifier, if_exists)}"
    relation = _RELATIONS.get(name, "")
    several = len(part.wanted) > 1
    if name.startswith("notipaddress"):
        return f"got {got}, outside {'these blocks' if several else _values(part)}"
    if relation.startswith(("anything but", "not like")):
        return f"got {got}, not {'in this list' if several else _negated_value(name, part)}"
    if several or relation:
        return f"got {got}, as this asks"
    return f"got {got}"


def _negated_value(name: str, part: Part) -> str:
    return f"like {_values(part)}" if "like" in name or name.startswith("arn") else _values(part)


def _why_absent_holds(name: str, quantifier: str, if_exists: bool) -> str:
    if if_exists:
        return "IfExists holds for an absent key"
    if quantifier == "forallvalues":
        return "ForAllValues holds for an absent key"
    if "not" in name:
        return "a negated operator holds for an absent key"
    return "as this asks"


def would_hold_if(part: Part) -> str:
    """Complete `would allow it if …`: `aws:RequestTag/team was present`."""
    if part.element == "Condition":
        return _key_is(part, "was")
    if part.element.startswith("Not"):
        return f"its {part.element} did not list {got_words(part)}"
    return f"its {part.element} {_VERBS[part.element]}ed {got_words(part)}".replace("eed ", "ed ")


def holds_if(part: Part) -> str:
    """Complete `denies it if …` where nobody knows yet: `aws:SourceVpce is "vpce-1"`."""
    if part.element == "Condition":
        return _key_is(part, "is")
    if part.element.startswith("Not"):
        return f"its {part.element} does not list {got_words(part)}"
    return f"its {part.element} {_VERBS[part.element]}s {got_words(part)}"


def _key_is(part: Part, verb: str) -> str:
    wanted, quantifier = wanted_words(part), _operator(part)[1]
    if quantifier not in _SETS:
        return f"{part.key} {verb} {wanted}"
    words = _SETS[quantifier]
    return f"{words}of {part.key} {verb} {wanted.removeprefix(words)}"


def part_name(part: Part) -> str:
    """`Action`, and the key for a condition."""
    return part.key if part.element == "Condition" else part.element


def balance(view: StatementView) -> str:
    """`1 of 3 parts fails: Action and Resource hold, aws:RequestTag/team does not`."""
    failing = [part for part in view.parts if part.holds is False]
    open_ = [part for part in view.parts if part.holds is None]
    holding = [part for part in view.parts if part.holds]
    total = len(view.parts)
    head = f"{len(failing)} of {total} parts {'fails' if len(failing) == 1 else 'fail'}"
    if not failing:
        head = f"{len(open_)} of {total} parts {'is' if len(open_) == 1 else 'are'} open"
    told = [
        f"{_names(parts)} {one if len(parts) == 1 else many}"
        for parts, one, many in (
            (holding, "holds", "hold"),
            (failing, "does not", "do not"),
            (open_, "is not known", "are not known"),
        )
        if parts
    ]
    return f"{head}: {', '.join(told)}"


def _names(parts: list[Part]) -> str:
    return joined(part_name(part) for part in parts)


def _operator(part: Part) -> tuple[str, str, bool]:
    """Name, quantifier and IfExists of a condition's operator, in lower case."""
    quantifier, colon, name = part.operator.lower().rpartition(":")
    if_exists = name.endswith("ifexists")
    return name.removesuffix("ifexists"), quantifier if colon else "", if_exists


def _null_word(value: str) -> str:
    return {"true": "absent", "false": "present"}.get(value.lower(), value)


def _is_quoted(part: Part) -> bool:
    return _operator(part)[0].startswith(_QUOTED)


def _values(part: Part) -> str:
    shown = part.resolved or part.wanted  # with the request's own values in place of variables
    return _listed(shown, "or", quoted=_is_quoted(part)) if shown else "no value at all"


def _listed(values: Iterable[str], last: str, *, quoted: bool) -> str:
    every = list(values)
    shown = [shortened(value) for value in every[:MOST_VALUES]]
    if quoted:
        shown = [f'"{value}"' for value in shown]
    if len(every) > MOST_VALUES:
        shown.append(f"{len(every) - MOST_VALUES} more")
    return joined(shown, last)


def sample_words(value: str | None, *, exact: bool = True) -> str:
    """A value that was tried for a missing fact; not `exact`: it stands for itself alone."""
    if value is None:
        return "absent"
    if value == OTHER_VALUE:
        return "anything else" if exact else "some other value"
    return shortened(value)


def shortened(text: str) -> str:
    """The text, its end cut off where it is longer than anybody reads."""
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + ELLIPSIS
