"""Where answers go: format, colour, encoding, file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import IO, Any

from policyeval.cli.files import writing
from policyeval.errors import ConfigError
from policyeval.explanation.tree import Explanation

Style = Callable[[str, str], str]

FORMATS = ("text", "json", "markdown", "html")

_STYLES = {
    "verdict.allowed": "bold green",
    "verdict.denied": "bold red",
    "verdict.unknown": "bold yellow",
    "severity.error": "bold red",
    "severity.warning": "bold yellow",
    "severity.note": "bold cyan",
    "allow": "green",
    "deny": "bold red",
    "no_allow": "red",
    "unknown": "yellow",
    "none": "dim",
    "skip": "dim",
    "heading": "bold",
    "path": "cyan",
    "gutter": "blue",
    "caret": "bold red",
    "label": "red",
    "fix": "green",
    "cost": "dim",
    "mark": "bold",
    "strong": "bold",
    "dim": "dim",
}
"""How a terminal shows each role of `rendering.document`; the others are plain."""


def only_ascii(stream: IO[str]) -> bool:
    """Tell whether a stream takes nothing but ASCII for certain."""
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    return not encoding.startswith("utf")


def check_form(form: str, as_json: bool, query: str | None) -> str:
    """Give the format asked for; raises ConfigError where the options contradict each other."""
    if form not in FORMATS:
        raise ConfigError(f"`{form}` is no format: use {', '.join(FORMATS)}")
    if as_json and form not in ("text", "json"):
        raise ConfigError(f"--json and --format {form} contradict each other")
    if query is not None and form in ("markdown", "html"):
        raise ConfigError(f"--query picks from JSON: it does not go with --format {form}")
    return "json" if as_json or query is not None else form


def check_colour(colour: str) -> str:
    """Give the colour rule; raises ConfigError where there is no such rule."""
    if colour not in ("auto", "always", "never"):
        raise ConfigError(f"`--color {colour}`: expected auto, always or never")
    return colour


def style_for(stream: IO[str], colour: str = "auto") -> Style | None:
    """Give the function that colours text by role; None where the output is plain."""
    if colour == "never" or (colour == "auto" and not _wants_colour(stream)):
        return None
    from rich.color import ColorSystem
    from rich.style import Style as RichStyle

    styles = {role: RichStyle.parse(style) for role, style in _STYLES.items()}

    def style(role: str, text: str) -> str:
        known = styles.get(role)
        if known is None:
            return text
        return known.render(text, color_system=ColorSystem.STANDARD)

    return style


def stderr_style() -> Style | None:
    """The style for diagnostics."""
    return style_for(sys.stderr)


def _wants_colour(stream: IO[str]) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width_of(stream: IO[str]) -> int:
    """The terminal's width; 80 when piped."""
    if not stream.isatty():
        return 80
    from shutil import get_terminal_size

    return get_terminal_size((80, 24)).columns


def render(
    explanation: Explanation,
    form: str,
    *,
    verbose: int,
    colour: str,
    query: str | None,
    only_fixes: bool,
    target: str | None = None,
    one_line: bool = False,
) -> str:
    """Give the explanation in a format; JSON on one line where there are several."""
    ascii_only = target in (None, "-") and only_ascii(sys.stdout)
    if form == "json":
        from policyeval.rendering.json import explanation_to_json

        text = to_json(
            explanation_to_json(explanation), query, ascii_only=ascii_only, one_line=one_line
        )
    elif form == "markdown":
        from policyeval.rendering.markdown import render_markdown

        text = render_markdown(explanation)
    elif form == "html":
        from policyeval.rendering.html import render_html

        text = render_html(explanation)
        if ascii_only:
            text = text.encode("ascii", "xmlcharrefreplace").decode("ascii")
    else:
        from policyeval.rendering.text import render_fixes, render_text

        to_stdout = target in (None, "-")
        style = style_for(sys.stdout, colour) if to_stdout or colour == "always" else None
        width = width_of(sys.stdout) if to_stdout else 80
        if only_fixes:
            text = render_fixes(explanation, width=width, style=style, ascii_only=ascii_only)
        else:
            text = render_text(
                explanation, width=width, verbose=verbose, style=style, ascii_only=ascii_only
            )
    return text


def together(texts: Sequence[str], form: str, *, redact: bool) -> str:
    """Give several answers as one text; with `redact` the same id is hidden alike in all."""
    between = "\n" if form == "json" else "\n\n"
    text = between.join(text.rstrip("\n") for text in texts)
    if redact:
        from policyeval.rendering.redact import redact as hide

        text = hide(text)
    return text


def to_json(
    data: dict[str, Any], query: str | None, *, ascii_only: bool = False, one_line: bool = False
) -> str:
    """Write JSON, or the part of it that a JMESPath expression picks, as the AWS CLI does."""
    indent = None if one_line else 2
    if query is None:
        return json.dumps(data, indent=indent, ensure_ascii=ascii_only)
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        found = jmespath.search(query, data)
    except (JMESPathError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"`--query {query}` is no JMESPath expression: {reason}") from None
    return json.dumps(found, indent=indent, ensure_ascii=ascii_only)


def write(text: str, target: str | None) -> None:
    """Write to a file, or to standard output where none is named."""
    with writing(target) as stream:
        stream.write(text if text.endswith("\n") else text + "\n")
