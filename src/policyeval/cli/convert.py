"""`policyeval convert`: exports to an environment that can be read, compared and kept.

Tests of other tools, and requests of the policy simulator, go through `convert_tests`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyeval.arn import is_account_id
from policyeval.cli.convert_tests import FORMS as OF_TESTS
from policyeval.cli.convert_tests import Conversion, convert_tests, is_of_tests, say_files
from policyeval.cli.guard import guarded, show_findings
from policyeval.cli.verb import verb_app
from policyeval.errors import ConfigError
from policyeval.parsing.defect import quote

if TYPE_CHECKING:
    from policyeval.environment.exports.parts import Given
    from policyeval.environment.model import Environment
    from policyeval.environment.write import Written

app = verb_app()

UNRESOLVED = ("PE1810", "PE1811", "PE1812")
"""Findings on policies that exports name and do not hold: whoever asks gets `unknown`."""

EXAMPLES = """\
Examples:

  policyeval convert gaad.json organization/ -o environment

  policyeval convert plan.json --account 111122223333 -o environment

  policyeval convert template.yaml --parameter Stage=prod -o out --dry-run

  policyeval convert --from politest scenario.yml -o tests/s3.policytest.yaml

  policyeval convert --from simulator request.json --results answer.json -o a.policytest.yaml

  policyeval convert --to simulator tests/s3.policytest.yaml -o requests.json
"""


@app.command(epilog=EXAMPLES)
@guarded
def convert(
    inputs: Annotated[
        list[str], typer.Argument(metavar="IN...", help="Exports, or folders of exports.")
    ],
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="DIR", help="The folder, or file, to write to."),
    ],
    form: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FORM",
            help="gaad, org, endpoints, resource, config, tfplan or cfn; else told by content. "
            "Of tests: politest, simulator or policytest.",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="FORM", help="environment; policytest, politest, simulator."),
    ] = None,
    results: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="What the simulator answered: what tests expect."),
    ] = None,
    answers: Annotated[
        bool, typer.Option("--answers", help="Tests of which nobody said so expect today's answer.")
    ] = False,
    env: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The environment of simulated principals."),
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="The account of a plan or template that does not tell it.")
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="The region of a plan or template that does not tell it.")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A parameter of a template; may be repeated."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files that are there and differ.")
    ] = False,
) -> None:
    """Turn exports into environment.yaml and a folder of policies; tests into policy tests."""
    from policyeval.environment.write import compare, files_of, write_environment

    if not output:
        raise ConfigError("--output needs the name of a folder")
    if is_of_tests(form, to):
        convert_tests(
            Conversion(tuple(inputs), form, to, output, results, env, answers, dry_run, force)
        )
        return
    if to not in (None, "environment"):
        raise ConfigError(f"`--to {to}` is no form: use environment, {', '.join(OF_TESTS)}")
    if results is not None or env is not None or answers:
        raise ConfigError(
            "`--results`, `--answers` and `--env` are for tests: use `--from simulator`"
        )
    environment = _read(inputs, form, _given(account, region, parameter or []))
    unresolved = (each for each in environment.findings if each.code in UNRESOLVED)
    show_findings(tuple(dict.fromkeys((*environment.load_findings, *unresolved))))
    folder = Path(output)
    if dry_run:
        _say(compare(files_of(environment), folder), output, "would be ")
    else:
        _say(write_environment(environment, folder, force=force), output)


def _given(account: str | None, region: str | None, parameters: list[str]) -> Given:
    from policyeval.environment.exports.parts import given_of

    given: dict[str, str] = {}
    for pair in parameters:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ConfigError(f"{quote(pair)} is no NAME=VALUE for --parameter")
        given[name] = value
    if account is not None and not is_account_id(account):
        raise ConfigError(f"{quote(account)} is no account id: it has 12 digits")
    told = {"AWS::AccountId": account, "AWS::Region": region}
    return given_of(given | {name: value for name, value in told.items() if value})


def _read(inputs: list[str], form: str | None, given: Given) -> Environment:
    """Read exports; a single environment.yaml, or folder of policies, is taken as well."""
    from policyeval.environment.exports.forms import FORMS
    from policyeval.environment.exports.read import read_exports
    from policyeval.environment.load import is_environment, load

    if form is not None and form not in FORMS:
        raise ConfigError(f"`--from {form}` is no form: use {', '.join(FORMS)}")
    paths = [Path(each) for each in inputs]
    own = [path for path in paths if is_environment(path)]
    if own and (len(paths) > 1 or form is not None):
        raise ConfigError(
            f"{quote(str(own[0]))} is an environment, no export: name the others in its `exports`"
        )
    if own:
        return load(own[0])
    return read_exports(paths, given=given, form=form)


def _say(written: Written, folder: str, mood: str = "") -> None:
    say_files(written, mood)
    for name in written.left_over:
        sys.stdout.write(f"not used  {name}\n")
    sys.stdout.write(
        f"{quote(folder)}: {len(written.created)} {mood}created, {len(written.changed)} "
        f"{mood}changed, {len(written.unchanged)} unchanged\n"
    )
