"""`policyeval schema`: the JSON Schema of a file format."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from policyeval.cli.guard import guarded
from policyeval.cli.verb import verb_app
from policyeval.errors import ConfigError

app = verb_app()

EXAMPLES = """\
Examples:

  policyeval schema case

  policyeval schema environment > environment.schema.json

  policyeval schema decision
"""

NAMES = ("case", "environment", "policytest", "decision", "test-report")


@app.command(epilog=EXAMPLES)
@guarded
def schema(
    name: Annotated[
        str, typer.Argument(help="case, environment, policytest, decision or test-report.")
    ],
) -> None:
    """Print the JSON Schema of a file format."""
    sys.stdout.write(json.dumps(schema_of(name), indent=2) + "\n")


def schema_of(name: str) -> dict[str, Any]:
    """Give a JSON Schema by the name of its format."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_model_schema(name)}


def _model_schema(name: str) -> dict[str, Any]:
    if name == "case":
        from policyeval.case import Case

        return Case.model_json_schema()
    if name == "decision":
        from policyeval.case import DecisionLine

        return DecisionLine.model_json_schema()
    if name == "environment":
        from policyeval.environment.file import environment_schema

        return environment_schema()
    if name == "policytest":
        from policyeval.testing.file import suite_schema

        return suite_schema()
    if name == "test-report":
        from policyeval.testing.reports.json import report_schema

        return report_schema()
    raise ConfigError(f"`{name}` is no format: use {', '.join(NAMES)}")
