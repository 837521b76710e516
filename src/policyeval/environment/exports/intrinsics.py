"""CloudFormation's intrinsic functions, as far as a template alone tells what they give.

What depends on a parameter that nobody gave, on a condition, on another stack or on what AWS makes
up when it deploys, is unknown: never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from policyeval.parsing.defect import quote
from policyeval.policy import escape_pointer
from policyeval.value import Value


class Unknown(Value):
    """A value that the template does not tell, with the pointer of what makes it so."""

    why: str
    pointer: str


ABSENT = object()
"""What `AWS::NoValue` gives: as if nothing stood there."""

Lookup = Callable[[str, str], str | None]
"""Gives what `Ref` (with an empty attribute) or `Fn::GetAtt` of a resource is; None: unknown."""


class Resolver:
    """Resolves the functions of one template. `known` are parameters, those of AWS among them.

    `asked` gathers the names that were asked for.
    """

    def __init__(self, known: Mapping[str, str], lookup: Lookup) -> None:
        """`lookup` tells the attributes of the template's own resources."""
        self.known = known
        self.lookup = lookup
        self.asked: set[str] = set()

    def resolve(self, value: Any, pointer: str) -> Any:
        """Give a value without functions, ABSENT, or the first thing in it that is Unknown."""
        if isinstance(value, Mapping):
            function = next((key for key in value if key == "Ref" or key.startswith("Fn::")), None)
            if function is not None:
                return self._call(function, value, pointer)
            return self._object(value, pointer)
        if isinstance(value, list):
            return self._list(value, pointer)
        return value

    def _object(self, value: Mapping[str, Any], pointer: str) -> Any:
        found = {}
        for key, inner in value.items():
            given = self.resolve(inner, f"{pointer}/{escape_pointer(key)}")
            if isinstance(given, Unknown):
                return given
            if given is not ABSENT:
                found[key] = given
        return found

    def _list(self, value: list[Any], pointer: str) -> Any:
        found = []
        for index, inner in enumerate(value):
            given = self.resolve(inner, f"{pointer}/{index}")
            if isinstance(given, Unknown):
                return given
            if given is not ABSENT:
                found.append(given)
        return found

    def _call(self, function: str, value: Mapping[str, Any], pointer: str) -> Any:
        argument = value[function]
        if len(value) == 1:
            if function == "Ref" and isinstance(argument, str):
                return self._ref(argument, pointer)
            if function == "Fn::GetAtt":
                return self._attribute(argument, pointer)
            if function == "Fn::Sub":
                return self._sub(argument, pointer)
            if function == "Fn::Join":
                return self._join(argument, pointer)
        return Unknown(f"{quote(function)} is not known before it is deployed", pointer)

    def _ref(self, name: str, pointer: str) -> Any:
        if name == "AWS::NoValue":
            return ABSENT
        self.asked.add(name)
        given = self.known.get(name)
        if given is None:
            given = self.lookup(name, "")
        if given is None:
            return Unknown(f"the value of {quote(name)} is not given", pointer)
        return given

    def _attribute(self, argument: Any, pointer: str) -> Any:
        if isinstance(argument, str):
            argument = argument.split(".", 1)
        if isinstance(argument, list) and len(argument) == 2:
            name, attribute = argument
            if isinstance(name, str) and isinstance(attribute, str):
                given = self.lookup(name, attribute)
                if given is not None:
                    return given
                shown = quote(f"{name}.{attribute}")
                return Unknown(f"{shown} is not known before it is deployed", pointer)
        return Unknown("`Fn::GetAtt` names no attribute", pointer)

    def _sub(self, argument: Any, pointer: str) -> Any:
        names: Any = {}
        if isinstance(argument, list) and len(argument) == 2:
            argument, names = argument
        if not isinstance(argument, str) or not isinstance(names, Mapping):
            return Unknown("`Fn::Sub` has no text", pointer)
        pieces: list[str] = []
        rest = argument
        while True:
            before, opening, rest = rest.partition("${")
            pieces.append(before)
            if not opening:
                return "".join(pieces)
            name, closing, rest = rest.partition("}")
            if not closing:
                return Unknown("`Fn::Sub` has a `${` without its `}`", pointer)
            if name.startswith("!"):
                pieces.append(f"${{{name[1:]}}}")  # a literal, such as a policy variable
                continue
            given = self._named(name.strip(), names, pointer)
            if not isinstance(given, str):
                why = given.why if isinstance(given, Unknown) else f"{quote(name)} is no text"
                return Unknown(why, pointer)
            pieces.append(given)

    def _named(self, name: str, names: Mapping[str, Any], pointer: str) -> Any:
        if name in names:
            return self.resolve(names[name], pointer)
        return self._attribute(name, pointer) if "." in name else self._ref(name, pointer)

    def _join(self, argument: Any, pointer: str) -> Any:
        if not (isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str)):
            return Unknown("`Fn::Join` has no separator and list", pointer)
        parts = self.resolve(argument[1], pointer)
        if isinstance(parts, Unknown):
            return parts
        if not isinstance(parts, list) or not all(isinstance(each, str) for each in parts):
            return Unknown("`Fn::Join` joins no list of texts", pointer)
        return argument[0].join(parts)
