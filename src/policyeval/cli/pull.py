"""`policyeval pull`: collect an account through boto3, read-only; the one verb that calls AWS."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyeval.cli.guard import guarded, show_warnings
from policyeval.cli.verb import verb_app

if TYPE_CHECKING:
    from policyeval.pull.collect import Collected
    from policyeval.pull.run import Pull

app = verb_app()

NOT_COMPLETE = 1

EXAMPLES = """\
Examples:

  policyeval pull --profile audit -o environment

  policyeval pull --region eu-west-1 --region us-east-1 --force

  policyeval pull --show-policy
"""


@app.command(epilog=EXAMPLES)
@guarded
def pull(
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="The AWS profile; else as the AWS CLI.")
    ] = None,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="DIR", help="Where the environment goes.")
    ] = "environment",
    region: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A region to read; may be repeated."),
    ] = None,
    all_regions: Annotated[
        bool, typer.Option("--all-regions", help="Read all regions of the account.")
    ] = False,
    service: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Ask this service alone; may be repeated."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", "--yes", "-y", help="Overwrite files without asking.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask all anew, do not take up an interrupted pull.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 where something could not be read.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=32, help="How many calls at a time.")] = 8,
    progress: Annotated[bool, typer.Option(help="Count on stderr, on a terminal.")] = True,
    show_policy: Annotated[
        bool, typer.Option("--show-policy", help="Print the IAM policy that a pull needs.")
    ] = False,
) -> None:
    """Collect an account's policies through boto3 into an environment; reads, never writes.

    Users, groups, roles, managed policies, the organization with its SCPs and RCPs, resource
    policies and VPC endpoints. What may not be read is reported and stays unknown. An
    interrupted pull goes on where it stopped.
    """
    if show_policy:
        from policyeval.pull.plan import needed_policy

        sys.stdout.write(json.dumps(needed_policy(), indent=2) + "\n")
        return
    gc.enable()  # long work: see entry.py
    from policyeval.pull.problems import gap_findings
    from policyeval.pull.progress import Meter
    from policyeval.pull.run import Pull, check_services, is_complete
    from policyeval.pull.session import open_clients

    services = check_services(service or ())
    clients, caller = open_clients(profile, region or (), all_regions=all_regions, jobs=jobs)
    try:
        going = Pull(clients, caller, Path(output), fresh=fresh)
        if going.resumed:
            sys.stderr.write(f"going on with the pull of {going.resumed}; --fresh asks all anew\n")
        meter = Meter(sys.stderr if progress and sys.stderr.isatty() else None)
        collected = going.collect(services, jobs=jobs, profile=profile or "", meter=meter)
    finally:
        clients.close()
    _write(going, collected, force=force)
    going.finish()
    _summarize(going, collected)
    show_warnings(gap_findings(collected.gaps))
    if strict and not is_complete(collected):
        raise typer.Exit(NOT_COMPLETE)


def _write(going: Pull, collected: Collected, *, force: bool) -> None:
    del going, collected, force


def _summarize(going: Pull, collected: Collected) -> None:
    lines = [f"account {going.caller.account}, as {going.caller.arn}"]
    lines += [f"{count} x {kind}" for kind, count in collected.counts.items()]
    sys.stdout.write("\n".join(lines) + "\n")
