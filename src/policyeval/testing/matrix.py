"""What the marker `iam_matrix` multiplies: lists by name to cases with ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from policyeval.testing.errors import AssertArgumentError
from policyeval.testing.texts import context_label

AXES = ("principal", "action", "resource", "context")
Axes = dict[str, Sequence[Any]]


def axes_of(names: Mapping[str, Any], others: Sequence[Any]) -> Axes:
    """Give the lists of one marker, by its arguments; one item may stand without a list.

    Raises AssertArgumentError for arguments that mean nothing, or no test at all.
    """
    if others or not names:
        raise AssertArgumentError("iam_matrix takes lists by name: " + ", ".join(AXES))
    axes: Axes = {}
    for name, listed in names.items():
        if name not in AXES:
            raise AssertArgumentError(f"iam_matrix has no `{name}`, only {', '.join(AXES)}")
        alone = isinstance(listed, (str, Mapping)) or listed is None
        axes[name] = [listed] if alone else list(listed)
        if not axes[name]:
            raise AssertArgumentError(f"the list of `{name}` is empty: nothing would be tested")
    return axes


def cases_of(axes: Axes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every combination, with an id of what tells it from the others."""
    longest = max(map(len, axes.values()))
    told = [name for name in AXES if name in axes and (len(axes[name]) > 1 or longest == 1)]
    for values in product(*axes.values()):
        case = dict(zip(axes, values, strict=True))
        yield "-".join(_label(name, case[name]) for name in told), case


def _label(name: str, value: Any) -> str:
    if name != "context":
        return str(value)
    return context_label([value] if isinstance(value, (str, Mapping)) else value or [])
