"""The parameters of a call, found by name however they are spelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.calls.operations import fold
from policyeval.errors import InvalidRequestError
from policyeval.parsing.defect import quote

DEEPEST = 40  # far more than any API nests


class Parameters:
    """The parameters by folded name; values are texts, numbers, lists and maps of the same.

    `given` keeps the names as they were spelled. Derived facts may be added (`with_facts`); what
    the caller gave wins over them.
    """

    __slots__ = ("_deep", "_tree", "given")

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        """Fold the names; raises InvalidRequestError where they nest too deeply."""
        self.given = tuple(parameters)
        filled: dict[str, Any] = {}
        for name, value in parameters.items():
            if value in ("", None):
                continue  # AWS: events of S3 hold `tagging: ""`, from the query, beside `Tagging`
            other = filled.setdefault(fold(name), name)
            if other != name and parameters[other] != value:
                raise InvalidRequestError(
                    f"{quote(other)} and {quote(name)} are the same parameter"
                )
        empty = {name: value for name, value in parameters.items() if fold(name) not in filled}
        parameters = {**empty, **{name: parameters[name] for name in filled.values()}}
        tree = _folded(parameters, 0)
        self._tree: dict[str, Any] = tree if isinstance(tree, dict) else {"items": tree}
        self._deep = self._tree

    def with_facts(self, facts: Mapping[str, Any]) -> Parameters:
        """Give these parameters and some facts beside them."""
        return self._made_of({**{fold(name): value for name, value in facts.items()}, **self._tree})

    def within(self, element: object) -> Parameters:
        """Give the parameters of one element of a list, over those around it.

        What stands deeper is looked for in the element alone: its neighbours are other requests.
        """
        inner = element if isinstance(element, dict) else {"item": element}
        made = self._made_of({**self._tree, **inner})
        plain = {
            name: value for name, value in self._tree.items() if not isinstance(value, (dict, list))
        }
        made._deep = {**plain, **inner}
        return made

    def _made_of(self, tree: dict[str, Any]) -> Parameters:
        made = object.__new__(Parameters)
        made.given = self.given
        made._tree = tree
        made._deep = tree
        return made

    def __contains__(self, path: str) -> bool:
        return bool(self.all(path))

    def get(self, path: str) -> Any:
        """Give the first value at a path such as `Tagging.TagSet`; None where there is none."""
        found = self.all(path)
        return found[0] if found else None

    def text(self, path: str) -> str:
        """Give the first scalar at a path as a text; empty where there is none."""
        texts = self.texts(path)
        return texts[0] if texts else ""

    def texts(self, path: str) -> tuple[str, ...]:
        """Give all scalars at a path as texts, those of a list one by one."""
        flat: list[str] = []
        for value in self.all(path):
            for item in value if isinstance(value, list) else [value]:
                text = as_text(item)
                if text:
                    flat.append(text)
        return tuple(flat)

    def all(self, path: str) -> list[Any]:
        """Give every value at a path; a step with `[]` goes through the elements of a list."""
        found: list[Any] = [self._tree]
        for step in path.split("."):
            name = fold(step.removesuffix("[]"))
            inner = [item[name] for item in found if isinstance(item, dict) and name in item]
            if step.endswith("[]"):
                inner = [
                    element
                    for item in inner
                    for element in (item if isinstance(item, list) else [item])
                ]
            found = [item for item in inner if item is not None]
        return found

    def named(self, name: str) -> Iterator[Any]:
        """Give the values below the top whose own name is this one, wherever they stand."""
        stack: list[Any] = [
            value for value in self._deep.values() if isinstance(value, (dict, list))
        ]
        stack.reverse()
        while stack:
            item = stack.pop()
            inner = list(item.values()) if isinstance(item, dict) else item
            if isinstance(item, dict) and name in item:
                yield item[name]
            stack.extend(value for value in reversed(inner) if isinstance(value, (dict, list)))

    def leaves(self) -> Iterator[tuple[str, str]]:
        """Give (name, text) of every scalar, wherever it stands, in the order given."""
        stack: list[tuple[str, Any]] = list(reversed(self._deep.items()))
        while stack:
            name, item = stack.pop()
            if isinstance(item, dict):
                stack.extend(reversed(item.items()))
            elif isinstance(item, list):
                stack.extend((name, element) for element in reversed(item))
            else:
                text = as_text(item)
                if text:
                    yield name, text


def as_text(value: object) -> str:
    """Give a scalar as IAM compares it; empty for what is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    return ""


class Tree(dict[str, Any]):
    """A map by folded names that remembers how they were spelled: names of tags are names too."""

    __slots__ = ("spelled",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        """Fold the names."""
        super().__init__((fold(name), value) for name, value in pairs)
        self.spelled = pairs


def _folded(value: Any, depth: int) -> Any:
    """Fold the names of a tree; EC2 events write lists as `instancesSet: {items: [...]}`."""
    if depth > DEEPEST:
        raise InvalidRequestError(f"the parameters of the call nest more than {DEEPEST} deep")
    if isinstance(value, Mapping):
        tree = Tree([(str(name), _folded(item, depth + 1)) for name, item in value.items()])
        return tree["items"] if len(tree) == 1 and isinstance(tree.get("items"), list) else tree
    if isinstance(value, (list, tuple)):
        return [_folded(item, depth + 1) for item in value]
    return value
