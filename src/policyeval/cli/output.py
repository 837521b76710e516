"""Where answers go: format, colour, encoding, file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import IO, Any

from policyeval.errors import ConfigError
from policyeval.explanation.tree import Explanation

Style = Callable[[str, str], str]

FORMATS = ("text", "json", "markdown", "html")

_STYLES = {
    "verdict.allowed": "bold green",
    "verdict.denied": "bold red",
    "verdict.unknown": "bold yellow",
    "error": "bold red",
    "warning": "bold yellow",
    "note": "bold cyan",
    "caret": "red",
    "path": "cyan",
    "code": "bold",
    "dim": "dim",
    "fix": "green",
    "heading": "bold",
}


def prepare_stdout() -> bool:
    """Make any text printable; tell whether only ASCII is safe."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    return not encoding.startswith("utf")


def style_for(stream: IO[str], colour: str = "auto") -> Style | None:
    """Give the function that colours text by role; None where the output is plain."""
    if colour == "never" or (colour == "auto" and not _wants_colour(stream)):
        return None
    from rich.color import ColorSystem
    from rich.style import Style as RichStyle

    styles = {role: RichStyle.parse(style) for role, style in _STYLES.items()}

    def style(role: str, text: str) -> str:
        known = styles.get(role) or styles.get(role.partition(".")[0])
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
    redact: bool,
) -> str:
    """Give the explanation in a format."""
    if form not in FORMATS:
        raise ConfigError(f"`{form}` is no format: use {', '.join(FORMATS)}")
    ascii_only = prepare_stdout()
    if form == "json" or query is not None:
        from policyeval.rendering.json import explanation_to_json

        text = to_json(explanation_to_json(explanation), query)
    elif form == "markdown":
        from policyeval.rendering.markdown import render_markdown

        text = render_markdown(explanation)
    elif form == "html":
        from policyeval.rendering.html import render_html

        text = render_html(explanation)
    else:
        from policyeval.rendering.text import render_fixes, render_text

        style = style_for(sys.stdout, colour)
        width = width_of(sys.stdout)
        if only_fixes:
            text = render_fixes(explanation, width=width, style=style, ascii_only=ascii_only)
        else:
            text = render_text(
                explanation, width=width, verbose=verbose, style=style, ascii_only=ascii_only
            )
    if redact:
        from policyeval.rendering.redact import redact as hide

        text = hide(text)
    return text


def to_json(data: dict[str, Any], query: str | None) -> str:
    """Write JSON, or the part of it that a JMESPath expression picks, as the AWS CLI does."""
    if query is None:
        return json.dumps(data, indent=2, ensure_ascii=False)
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        found = jmespath.search(query, data)
    except JMESPathError as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"`--query {query}` is no JMESPath expression: {reason}") from None
    return json.dumps(found, indent=2, ensure_ascii=False)


def write(text: str, target: str | None) -> None:
    """Write to a file, or to standard output where none is named."""
    whole = text if text.endswith("\n") else text + "\n"
    if target in (None, "-"):
        sys.stdout.write(whole)
        return
    replace_file(str(target), whole)


def replace_file(target: str, text: str) -> None:
    """Write a file whole or not at all: what was there stays until the new text is complete."""
    from pathlib import Path
    from tempfile import NamedTemporaryFile

    path = Path(target)
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")  # a device or a pipe
        return
    with NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as stream:
        stream.write(text)
    Path(stream.name).replace(path)
