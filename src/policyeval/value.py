"""Frozen, slotted values that cost next to nothing to define.

`dataclasses` compiles three or four methods for each class when the module is imported, about a
millisecond a class; a command-line tool that must start in a blink cannot afford thirty of them.
A `Value` compiles one method, its constructor, and only when the first instance is made.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar, dataclass_transform

V = TypeVar("V", bound="Value")


class Word(Enum):
    """Base of closed vocabularies. Members are singletons, so their identity is their hash."""

    __hash__ = object.__hash__


class FrozenMap(dict[Any, Any]):
    """A dict that cannot be changed once it is made."""

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("this map is immutable: make a new one")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenMap, (dict(self),)


@dataclass_transform(frozen_default=True)
class ValueMeta(type):
    """Turns the annotations of a class into slots and positional constructor arguments."""

    def __new__(  # noqa: D102
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]
    ) -> ValueMeta:
        annotations = namespace.get("__annotations__", {})
        own = [field for field, kind in annotations.items() if not str(kind).startswith("ClassVar")]
        inherited: tuple[str, ...] = ()
        defaults: dict[str, Any] = {}
        for base in bases:
            inherited += getattr(base, "_all_fields", ())
            defaults.update(getattr(base, "_defaults", {}))
        for field in own:
            if field in namespace:
                defaults[field] = namespace.pop(field)
        every = inherited + tuple(own)
        # A map is copied into one that cannot change, whatever the caller does with its own.
        maps = {field for field in own if str(annotations[field]).startswith("Mapping[")}
        namespace["__slots__"] = tuple(own)
        namespace["_all_fields"] = every
        namespace["_defaults"] = defaults
        namespace["_maps"] = maps.union(*(getattr(base, "_maps", ()) for base in bases))
        # A name with a leading underscore is a lazily filled cache: no part of the value.
        namespace["_fields"] = tuple(field for field in every if not field.startswith("_"))
        namespace["__match_args__"] = namespace["_fields"]
        cls = super().__new__(mcs, name, bases, namespace)
        cls.__init__ = _first_constructor(cls)  # type: ignore[misc]
        return cls


def _first_constructor(cls: Any) -> Callable[..., None]:
    """Stands in for `__init__` until the first call, then compiles the real one."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        constructor = _compile_constructor(cls)
        cls.__init__ = constructor
        constructor(self, *args, **kwargs)

    return __init__


def _compile_constructor(cls: Any) -> Callable[..., None]:
    names: dict[str, Any] = {"FrozenMap": FrozenMap}
    parameters = ["self"]
    body = []
    for field in cls._all_fields:
        names[f"_set_{field}"] = getattr(cls, field).__set__
        cached = field.startswith("_")
        if field in cls._defaults:
            names[f"_default_{field}"] = cls._defaults[field]
        if not cached:
            suffix = f"=_default_{field}" if field in cls._defaults else ""
            parameters.append(field + suffix)
        given = f"_default_{field}" if cached else field
        if field in cls._maps:
            given += (
                f" if {field}.__class__ is FrozenMap or {field} is None else FrozenMap({field})"
            )
        body.append(f"_set_{field}(self, {given})")
    lines = "\n    ".join(body) or "pass"
    # The text holds field names of our own classes alone, never input.
    exec(f"def __init__({', '.join(parameters)}):\n    {lines}", names)
    return names["__init__"]  # type: ignore[no-any-return]


class Value(metaclass=ValueMeta):
    """Base of all nouns: immutable, equal by content, hashable where its fields are."""

    if TYPE_CHECKING:
        _fields: ClassVar[tuple[str, ...]]

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot set {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot delete {name}")

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, field) == getattr(other, field) for field in self._fields)

    def __hash__(self) -> int:
        return hash((type(self).__name__, *(getattr(self, field) for field in self._fields)))

    def __repr__(self) -> str:
        shown = ", ".join(f"{field}={getattr(self, field)!r}" for field in self._fields)
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, field) for field in self._fields)


def replace(value: V, **changes: Any) -> V:
    """Give a copy of the value with the named fields changed."""
    fields = {field: getattr(value, field) for field in value._fields}
    return type(value)(**(fields | changes))


def fill_cache(value: Value, field: str, content: Any) -> None:
    """Set a cache field (leading underscore) of an otherwise frozen value."""
    object.__setattr__(value, field, content)
