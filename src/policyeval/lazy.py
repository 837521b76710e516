"""Public names that are loaded when they are first used, so that importing costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(
    package: dict[str, Any], homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Give `__getattr__` and `__dir__` of a package.

    `package` is its `globals()`; `homes` tells of each name the module in it that defines the name.
    """
    name_of_package = package["__name__"]

    def load(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {name_of_package!r} has no attribute {name!r}")
        found = getattr(import_module(f"{name_of_package}.{home}"), name)
        package[name] = found
        return found

    return load, lambda: sorted(homes)
