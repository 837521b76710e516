"""How every verb is set up."""

from __future__ import annotations

from typing import Any

import typer

SETTINGS: dict[str, Any] = {
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
"""Plain help, `-h`, and no tracebacks of typer's own."""


def verb_app() -> typer.Typer:
    """Give the app of one verb; its module adds the command."""
    return typer.Typer(add_completion=False, **SETTINGS)
