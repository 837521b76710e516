"""Reports of a run of policy tests: one module for each format, from a `Run` to a text.

None of them does any I/O or looks at a clock. What a test or a policy says goes out through one
door for each format, which makes it harmless there.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policyeval.testing.model import Run

FORMS = ("text", "json", "junit", "sarif", "github", "markdown", "html")
_WITH_ROOT = ("junit", "sarif", "github")


def report(run: Run, form: str, *, root: str = "", exit_code: int | None = None) -> str:
    """Give a run in one of `FORMS`, as a text that ends with a newline; ValueError for another.

    Paths are relative to `root`, the top of the checkout, where they are below it.
    """
    if form not in FORMS:
        raise ValueError(form)
    options: dict[str, Any] = {"root": root} if form in _WITH_ROOT else {}
    if form == "sarif":
        options["exit_code"] = exit_code
    module = import_module(f"policyeval.testing.reports.{form}")
    text: str = getattr(module, f"{form}_report")(run, **options)
    return text
