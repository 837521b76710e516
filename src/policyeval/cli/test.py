"""`policyeval test`: policy tests, run and reported."""

from __future__ import annotations

from typing import Annotated

import typer

from policyeval.cli import options
from policyeval.cli.guard import guarded
from policyeval.cli.output import check_colour
from policyeval.cli.suite_options import (
    Asked,
    coverage_of,
    mutation_of,
    refuse_options_of_a_run,
    targets,
)
from policyeval.cli.verb import verb_app
from policyeval.errors import ConfigError
from policyeval.testing.reports import FORMS

app = verb_app()

EXAMPLES = """\
Examples:

  policyeval test

  policyeval test tests/s3.policytest.yaml -k "deploy and not logs" -x

  policyeval test --format junit:report.xml --format sarif:report.sarif -j 4

  policyeval test --init policies/ -o first.policytest.yaml

Exit codes: 0 all passed, 1 a test failed, 2 a test or its policies cannot be read.
"""


@app.command(epilog=EXAMPLES)
@guarded
def run_policy_tests(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Files and folders; `file::name` is one test. Default: all from here."),
    ] = None,
    select: Annotated[
        str | None,
        typer.Option("-k", metavar="EXPR", help="Tests whose ids contain: 'deploy and not logs'."),
    ] = None,
    stop: Annotated[
        bool, typer.Option("-x", "--exitfirst", help="Stop at the first failure.")
    ] = False,
    last_failed: Annotated[
        bool,
        typer.Option("--lf", "--last-failed", help="Only what failed last; all if nothing did."),
    ] = False,
    jobs: Annotated[
        int, typer.Option("-j", "--jobs", min=0, metavar="N", help="Processes; 0: one a core.")
    ] = 1,
    watch: Annotated[
        bool, typer.Option("--watch", help="Run again whenever a file changes.")
    ] = False,
    env: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Ask all tests in this environment, not in their own."),
    ] = None,
    require_reason: Annotated[
        bool, typer.Option("--require-reason", help="A denial must be expected with its reason.")
    ] = False,
    cov: Annotated[
        bool, typer.Option("--cov", help="Measure which statements the tests depend on.")
    ] = False,
    cov_report: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FORM[:FILE]",
            help="term, term-missing, html, json, lcov, cobertura; may be repeated.",
        ),
    ] = None,
    cov_fail_under: Annotated[
        str | None, typer.Option(metavar="PERCENT", help="Exit 1 where less is covered.")
    ] = None,
    cov_context: Annotated[
        bool, typer.Option("--cov-context", help="Tell which tests hit which statement.")
    ] = False,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Change the policies, and see which tests notice.")
    ] = False,
    mutate_only: Annotated[
        str | None, typer.Option(metavar="OPERATORS", help="M1,M6 or drop-statement,widen.")
    ] = None,
    mutate_paths: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Of the policies to change; may be repeated."),
    ] = None,
    mutate_budget: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="Ask no more after this time.")
    ] = None,
    mutate_report: Annotated[
        list[str] | None,
        typer.Option(metavar="FORM[:FILE]", help="term or json; may be repeated."),
    ] = None,
    mutate_fail_under: Annotated[
        str | None, typer.Option(metavar="PERCENT", help="Exit 1 where fewer are killed.")
    ] = None,
    write_tests: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the requests that --mutate finds missing."),
    ] = None,
    init: Annotated[
        bool,
        typer.Option(
            "--init", help="Write first tests for PATHS: an environment, an export, a policy."
        ),
    ] = False,
    layer: Annotated[
        str, typer.Option(metavar="LAYER", help="How --init reads a single policy.")
    ] = "",
    from_trail: Annotated[
        list[str] | None,
        typer.Option(metavar="LOG", help="Write tests of what CloudTrail saw; may be repeated."),
    ] = None,
    forms: Annotated[
        list[str] | None,
        typer.Option(
            "--format", metavar="FORM[:FILE]", help=f"{', '.join(FORMS)}; may be repeated."
        ),
    ] = None,
    as_json: options.AsJson = False,
    output: options.Output = None,
    color: options.Color = "auto",
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="One line a test, passed ones too.")
    ] = False,
    quiet: options.Quiet = False,
) -> None:
    """Run policy tests: files named *.policytest.yaml."""
    from policyeval.cli.suite_run import run_once

    check_colour(color)
    if layer and not init:
        raise ConfigError("--layer says how --init reads a policy: give both")
    if init or from_trail:
        from policyeval.cli.suite_writing import write_suite

        refuse_options_of_a_run(context.params)
        raise typer.Exit(write_suite(paths, from_trail, env, output, init=init, layer=layer))
    asked = Asked(
        tuple(paths or ["."]),
        select,
        stop,
        last_failed,
        jobs,
        env,
        require_reason,
        targets(forms or (), output, as_json=as_json),
        color,
        verbose,
        quiet,
        coverage_of(cov_report or (), cov_fail_under, wanted=cov, contexts=cov_context),
        mutation_of(
            mutate,
            operators=mutate_only,
            paths=mutate_paths,
            budget=mutate_budget,
            reports=mutate_report,
            limit=mutate_fail_under,
            tests=write_tests,
        ),
    )
    if watch:
        from policyeval.cli.watch import run_again

        run_again(lambda: run_once(asked), asked.paths, asked.environment)
    raise typer.Exit(run_once(asked))
