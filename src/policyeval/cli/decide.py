"""`policyeval decide`: many self-contained cases, one JSON line each."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from policyeval.cli import options
from policyeval.cli.files import shown_name, standard_input, writing
from policyeval.cli.guard import CANNOT_RUN, INTERNAL_ERROR, describe_bug, guarded
from policyeval.cli.meter import meter_of
from policyeval.cli.output import only_ascii
from policyeval.cli.verb import verb_app
from policyeval.errors import PolicyEvalError
from policyeval.finding import Finding
from policyeval.parsing.document import read_document

if TYPE_CHECKING:
    from policyeval.case import Case

app = verb_app()

BUG = "PE0999"

EXAMPLES = """\
Examples:

  policyeval decide cases.jsonl -o decisions.jsonl

  generate-cases | policyeval decide - | jq .decision

  policyeval schema case
"""


@app.command(epilog=EXAMPLES)
@guarded
def decide(
    cases: Annotated[str, typer.Argument(help="A JSON Lines file of cases, or `-`.")],
    output: options.Output = None,
    progress: Annotated[bool, typer.Option(help="Count on stderr, on a terminal.")] = True,
) -> None:
    """Decide self-contained cases: one JSON object a line in, one decision a line out, in order.

    A line that cannot be decided gives {"line", "error"} in its place; the rest is still
    decided, and the exit code is 2.
    """
    gc.enable()  # bulk work: see entry.py
    broken = bugs = 0
    meter = meter_of("cases", wanted=progress)
    with _reading(cases) as source, writing(output) as target:
        ascii_only = target is sys.stdout and only_ascii(target)
        for answer in answers(source, shown_name(cases)):
            broken += "error" in answer
            bugs += answer.get("error", {}).get("code") == BUG
            target.write(json.dumps(answer, ensure_ascii=ascii_only) + "\n")
            if target is sys.stdout:
                target.flush()  # whoever reads along gets each answer as it is found
            meter.step()
    meter.finish()
    if broken:
        sys.stderr.write(f"{broken} line(s) could not be decided\n")
        raise typer.Exit(INTERNAL_ERROR if bugs else CANNOT_RUN)


def answers(source: IO[bytes], name: str) -> Iterator[dict[str, Any]]:
    """Give the answer to each line that is not blank."""
    for number, line in enumerate(source, start=1):
        if line.strip():
            yield _answer(line, number, f"{name}:{number}")


def _answer(line: bytes, number: int, name: str) -> dict[str, Any]:
    from policyeval.case import decide as decide_case
    from policyeval.case import decision_to_json

    tree, source, findings = read_document(line.rstrip(b"\r\n"), name)
    try:
        case = _read_case(tree, findings)
        return decision_to_json(case, decide_case(case, source))
    except PolicyEvalError as error:
        return _refusal(error, tree, number)
    except Exception as error:
        return {"line": number, "error": {"code": BUG, "message": describe_bug(error)}}


def _refusal(error: PolicyEvalError, tree: Any, number: int) -> dict[str, Any]:
    first = next(iter(error.findings), None)
    shown: dict[str, Any] = {
        "code": first.code if first else error.code,
        "message": first.message if first else error.message,
    }
    if first is not None and first.location is not None and first.location.pointer:
        shown["at"] = first.location.pointer
    if first is not None and first.help:
        shown["help"] = first.help
    answer: dict[str, Any] = {"line": number, "error": shown}
    if isinstance(tree, dict) and isinstance(tree.get("id"), str):
        answer["id"] = tree["id"]
    return answer


def _read_case(tree: Any, findings: tuple[Finding, ...]) -> Case:
    if tree is None or any(finding.is_error for finding in findings):
        raise PolicyEvalError("the line is not JSON", findings)
    from policyeval.case import Case

    return Case.of(tree)


@contextmanager
def _reading(cases: str) -> Iterator[IO[bytes]]:
    if cases == "-":
        yield standard_input()
        return
    with Path(cases).open("rb") as stream:
        yield stream
