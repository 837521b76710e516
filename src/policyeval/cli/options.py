"""The options that ask a question, shared by the verbs that answer one."""

from __future__ import annotations

from typing import Annotated

import typer

Principal = Annotated[
    str | None,
    typer.Argument(help="Who asks: an ARN, a service principal, `*`, or a short name."),
]
Action = Annotated[str | None, typer.Argument(help="What: `service:Action`.")]
Resource = Annotated[str | None, typer.Argument(help="On what: an ARN, or `*`.")]
PrincipalFlag = Annotated[str | None, typer.Option("--principal", help="PRINCIPAL as a flag.")]
ActionFlag = Annotated[str | None, typer.Option("--action", help="ACTION as a flag.")]
ResourceFlag = Annotated[str | None, typer.Option("--resource", help="RESOURCE as a flag.")]
ResourceAccount = Annotated[
    str | None, typer.Option(help="The account that owns the resource, where its ARN has none.")
]
Context = Annotated[
    list[str] | None,
    typer.Option(metavar="KEY=VALUE", help="A context key; twice the same key makes a list."),
]
NoContext = Annotated[
    list[str] | None, typer.Option(metavar="KEY", help="This context key is absent.")
]
ContextFile = Annotated[
    str | None, typer.Option(metavar="FILE", help="Context keys from a JSON or YAML map.")
]
ContextSet = Annotated[
    str | None, typer.Option(metavar="NAME", help="A named context of the environment.")
]
At = Annotated[str | None, typer.Option(metavar="TIME", help="When: an ISO 8601 time, or `now`.")]
PolicyFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        metavar="LAYER=FILE",
        help="A policy of a layer: scp, rcp, vpc_endpoint, resource, identity, boundary, session.",
    ),
]
PolicyFolder = Annotated[
    str | None,
    typer.Option("--policies", metavar="DIR", help="A folder: identity/, scp/, resource/ ..."),
]
Env = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="environment.yaml, or exports of AWS tools; else the nearest one upward.",
    ),
]
SessionPolicy = Annotated[
    list[str] | None, typer.Option(metavar="FILE", help="A session policy; may be repeated.")
]
VpcEndpoint = Annotated[
    str | None,
    typer.Option(metavar="ID", help="The VPC endpoint that the request comes through."),
]
CaseFile = Annotated[
    str | None, typer.Option("--case", metavar="FILE", help="One case, as `decide` reads them.")
]
CaseId = Annotated[
    str | None, typer.Option("--id", metavar="ID", help="Which case of a file with several.")
]
Exact = Annotated[bool, typer.Option("--exact", help="Do not resolve short names.")]
Partial = Annotated[
    bool, typer.Option("--partial", help="Every key and layer not given is unknown.")
]
AssumeAbsent = Annotated[
    bool, typer.Option("--assume-absent", help="Every key not given is absent, policies are none.")
]
TreatUnknownAs = Annotated[
    str | None,
    typer.Option(metavar="deny|allow|error", help="What an undetermined answer counts as."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No output, exit code only.")]
Output = Annotated[
    str | None, typer.Option("-o", "--output", metavar="FILE", help="Write to a file.")
]
Color = Annotated[str, typer.Option(help="auto, always or never.")]
AsJson = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
Redact = Annotated[
    bool, typer.Option("--redact", help="Replace account, organization and unique ids.")
]
Query = Annotated[str | None, typer.Option(help="A JMESPath expression over the JSON answer.")]
