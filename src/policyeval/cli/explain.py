"""`policyeval explain CODE`: the long text of a diagnostic, offline."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from policyeval.cli.guard import guarded
from policyeval.cli.verb import verb_app
from policyeval.diagnostics import DIAGNOSTICS, render_diagnostic
from policyeval.errors import ConfigError
from policyeval.parsing.defect import quote

app = verb_app()

EXAMPLES = """\
Examples:

  policyeval explain PE0201

  policyeval explain pe1204

  policyeval explain --list
"""


@app.command(epilog=EXAMPLES)
@guarded
def explain(
    code: Annotated[str | None, typer.Argument(help="A code such as PE0201.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="List all codes.")] = False,
) -> None:
    """Explain a diagnostic code: what it means, why it matters on AWS, how to mend it."""
    if listing:
        width = max(len(known) for known in DIAGNOSTICS)
        for known, diagnostic in sorted(DIAGNOSTICS.items()):
            sys.stdout.write(f"{known:{width}}  {diagnostic.title}\n")
        return
    wanted = DIAGNOSTICS.get((code or "").upper())
    if wanted is None:
        from difflib import get_close_matches

        near = get_close_matches((code or "").upper(), DIAGNOSTICS, 1)
        hint = f"; did you mean {near[0]}" if near else ""
        raise ConfigError(f"{quote(code or '')} is no diagnostic code{hint}")
    sys.stdout.write(render_diagnostic(wanted) + "\n")
