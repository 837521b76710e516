"""`policyeval pull`: collect an account through boto3, read-only; the one verb that calls AWS."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyeval.cli.guard import guarded, show_findings
from policyeval.cli.meter import meter_of
from policyeval.cli.verb import verb_app
from policyeval.errors import ConfigError
from policyeval.rendering.document import visible

if TYPE_CHECKING:
    from policyeval.environment.model import Environment
    from policyeval.environment.write import Written
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
    from policyeval.pull.assemble import assemble
    from policyeval.pull.problems import gap_findings
    from policyeval.pull.run import Pull, check_services, is_complete
    from policyeval.pull.session import open_clients

    if not output:
        raise ConfigError("--output needs the name of a folder")
    services = check_services(service or ())
    clients, caller = open_clients(profile, region or (), all_regions=all_regions, jobs=jobs)
    meter = meter_of("calls", wanted=progress)
    try:
        going = Pull(clients, caller, Path(output), fresh=fresh)
        if going.resumed:
            sys.stderr.write(f"going on with the pull of {going.resumed}; --fresh asks all anew\n")
        collected = going.collect(services, jobs=jobs, profile=profile or "", progress=meter.show)
    finally:
        meter.finish()
        clients.close()
    environment = assemble(collected, going.store, caller, services)
    written = _write(environment, output, force=force)
    going.finish()
    rows = summary(going, collected, environment, written, services)
    sys.stdout.write(
        f"{visible(output)}\n" + "".join(f"  {name:14}{told}\n" for name, told in rows)
    )
    show_findings((*environment.load_findings, *gap_findings(collected.gaps)))
    if strict and not is_complete(collected):
        raise typer.Exit(NOT_COMPLETE)


def _write(environment: Environment, output: str, *, force: bool) -> Written:
    """Write the environment; what is there and differs only if the user wants it."""
    from policyeval.environment.write import compare, files_of, write_environment
    from policyeval.pull.problems import would_overwrite

    folder = Path(output)
    changed = compare(files_of(environment), folder).changed
    if changed and not (force or _may_overwrite(changed, output)):
        raise would_overwrite(changed, output)
    return write_environment(environment, folder, force=True)


def _may_overwrite(names: tuple[str, ...], output: str) -> bool:
    """Ask once, on a terminal; elsewhere nobody can say yes."""
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    for name in names:
        typer.echo(f"differs  {visible(name)}", err=True)
    return typer.confirm(f"overwrite {len(names)} file(s) in {visible(output)}?", err=True)


def summary(
    going: Pull,
    collected: Collected,
    environment: Environment,
    written: Written,
    services: tuple[str, ...],
) -> list[tuple[str, str]]:
    """Give the lines that say what a pull found: a heading and the rest of each."""
    identities = environment.identities.values()
    kinds = {
        "user": sum(each.kind == "user" for each in identities),
        "group": len(environment.groups),
        "role": sum(each.kind == "role" for each in identities),
    }
    counts = {kind: count for kind, count in collected.counts.items() if kind not in _TREE}
    files = (f"{len(written.created)} created", f"{len(written.changed)} changed")
    rows = [
        ("account", f"{going.caller.account}, as {going.caller.arn}"),
        ("regions", ", ".join(going.clients.regions)),
        ("organization", _organization(environment, collected, services)),
        ("identities", _counted(kinds)),
        ("resources", _counted(counts)),
        ("complete", ", ".join(sorted(each.value for each in environment.complete)) or "no layer"),
        ("calls", f"{collected.asked}" + (f", {collected.kept} kept" if collected.kept else "")),
        ("files", ", ".join((*files, f"{len(written.unchanged)} unchanged"))),
    ]
    if written.left_over:
        rows.append(("not used", f"{len(written.left_over)} file(s) that no entry names any more"))
    return rows


_TREE = (
    "account",
    "organizational unit",
    "service control policy",
    "resource control policy",
)


def _organization(environment: Environment, collected: Collected, services: tuple[str, ...]) -> str:
    from policyeval.pull.problems import Why

    tree = environment.organization
    if tree is None:
        unused = any(gap.why is Why.UNUSED for gap in collected.gaps)
        asked = not services or "organizations" in services
        return "none" if unused else "not read" if asked else "not asked"
    counts = {kind: collected.counts[kind] for kind in _TREE if kind in collected.counts}
    return ", ".join(filter(None, (tree.id, _counted(counts) if counts else "tree not read")))


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(_plural(kind, count) for kind, count in counts.items() if count) or "none"


def _plural(kind: str, count: int) -> str:
    if count != 1:
        kind = f"{kind[:-1]}ies" if kind.endswith(("cy", "ry")) else kind
        kind += "" if kind.endswith("ies") else "es" if kind.endswith("s") else "s"
    return f"{count} {kind}"
