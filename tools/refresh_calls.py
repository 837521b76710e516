"""Make `src/policyeval/calls/_data/operations.z` from botocore's service models.

    python tools/refresh_calls.py             read the installed botocore, write, print the changes
    python tools/refresh_calls.py --check     the same without writing; exit 1 if there are changes

botocore (Apache-2.0) describes every operation of every service: its name, its parameters, which
of them are required, and for the API Gateway services the method and path that IAM actions are
named after. Which IAM action an operation needs is no part of it: that is told by the action
catalogue, where an action is called like the operation, and by `calls/exceptions/*.toml`
elsewhere. Needs botocore (`pip install boto3`); everything else is the standard library.

The file: one line of JSON (source, date, hash and an index), then a zlib stream for each service.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tomllib
import zlib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "src"))

CALLS = ROOT / "src/policyeval/calls"
TARGET = CALLS / "_data/operations.z"
BY_PATH = ("apigateway", "apigatewayv2")  # their IAM actions are HTTP methods on paths
WITH_HEADERS = ("s3", "s3control")  # their condition keys are named after headers


def main() -> int:
    """Write the data, or compare; give the exit code."""
    words = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    words.add_argument("--check", action="store_true", help="write nothing; exit 1 on changes")
    check = words.parse_args().check
    models, source = read_botocore()
    changes = list(differences(read_written(), models))
    print(*changes, sep="\n")
    print(
        f"{len(models)} services, {sum(len(m['operations']) for m in models.values())} operations"
    )
    if check:
        return 1 if changes else 0
    size = write(models, source)
    print(f"{TARGET.relative_to(ROOT)}: {size} bytes, {source}")
    return 0


def read_botocore() -> tuple[dict[str, Any], str]:
    """Give the models of all services by client name, and which botocore they are from."""
    import botocore
    from botocore.session import get_session

    session = get_session()
    prefixes = Prefixes()
    models = {
        name: model_of(name, session.get_service_model(name), prefixes)
        for name in session.get_available_services()
    }
    return models, f"botocore {botocore.__version__}"


class Prefixes:
    """The IAM prefix of a service: an exception, or the name that the catalogue knows."""

    def __init__(self) -> None:
        """Read the exceptions and the catalogue's prefixes."""
        from policyeval.catalogue.lookup import services

        table = tomllib.loads((CALLS / "exceptions/_services.toml").read_text("utf-8"))
        self.exceptions: dict[str, str] = table["prefixes"]
        self.known = frozenset(services())

    def of(self, client: str, signing: str, endpoint: str) -> str:
        """Give the prefix; empty where the catalogue has none of the names."""
        names = (self.exceptions.get(client, ""), client, signing, endpoint)
        return next((name for name in names if name in self.known), "")


def model_of(client: str, service: Any, prefixes: Prefixes) -> dict[str, Any]:
    """Give what is kept of a service."""
    signing = (service.signing_name or "").lower()
    endpoint = service.endpoint_prefix.lower()
    operations = {
        name: operation_of(client, service.operation_model(name))
        for name in sorted(service.operation_names)
    }
    model: dict[str, Any] = {
        "names": sorted({signing, endpoint, str(service.service_id).lower()} - {client, ""}),
        "prefix": prefixes.of(client, signing, endpoint),
        "version": service.api_version,
        "operations": operations,
    }
    if client in WITH_HEADERS:
        model["headers"] = headers_of(service)
    return model


def operation_of(client: str, operation: Any) -> str | list[str]:
    """Give the parameters as words with kind and `!` for required; for some method and path."""
    shape = operation.input_shape
    members = shape.members if shape is not None else {}
    required = set(shape.required_members) if shape is not None else set()
    text = " ".join(
        name + kind_of(member) + ("!" if name in required else "")
        for name, member in members.items()
    )
    if client not in BY_PATH:
        return text
    places = [
        f"{name}={member.serialization.get('name', name)}"
        for name, member in members.items()
        if member.serialization.get("location") == "uri"
    ]
    return [
        text,
        operation.http["method"],
        operation.http["requestUri"].split("?")[0],
        " ".join(places),
    ]


def kind_of(member: Any) -> str:
    """`{` for a structure or map, `[` a list of scalars, `<` a list of others, `?` a boolean."""
    if member.type_name == "boolean":
        return "?"
    if member.type_name in ("structure", "map"):
        return "{"
    if member.type_name != "list":
        return ""
    return "<" if member.member.type_name in ("structure", "map", "list") else "["


def headers_of(service: Any) -> dict[str, str]:
    """Give the parameters that travel in a header or in the query, with its name."""
    found: dict[str, str] = {}
    for name in service.operation_names:
        shape = service.operation_model(name).input_shape
        for member, kind in (shape.members if shape is not None else {}).items():
            if kind.serialization.get("location") in ("header", "querystring"):
                header = kind.serialization["name"]
                # WriteGetObjectResponse sends headers for another answer, with a prefix.
                found[member] = min(found.get(member, header), header, key=len)
    return dict(sorted(found.items()))


def write(models: dict[str, Any], source: str) -> int:
    """Write the archive; give its size."""
    blocks, index, place = [], {}, 0
    for client, model in sorted(models.items()):
        block = zlib.compress(json.dumps(model, separators=(",", ":")).encode(), 9)
        index[client] = [place, len(block), model["prefix"], *model["names"]]
        blocks.append(block)
        place += len(block)
    body = b"".join(blocks)
    head = {
        "source": source,
        "licence": "Apache-2.0",
        "sha256": hashlib.sha256(body).hexdigest(),
        "services": index,
    }
    TARGET.parent.mkdir(exist_ok=True)
    data = json.dumps(head, separators=(",", ":")).encode() + b"\n" + body
    TARGET.write_bytes(data)
    return len(data)


def read_written() -> dict[str, Any]:
    """Give the models in the archive that is there; empty where there is none."""
    if not TARGET.exists():
        return {}
    head, _, body = TARGET.read_bytes().partition(b"\n")
    index = json.loads(head)["services"]
    return {
        client: json.loads(zlib.decompress(body[place : place + size]))
        for client, (place, size, *_) in index.items()
    }


def differences(old: dict[str, Any], new: dict[str, Any]) -> Any:
    """Give the lines that tell what a refresh changes: services, operations, parameters."""
    for client in sorted(old.keys() | new.keys()):
        if client not in old or client not in new:
            yield f"{'+' if client in new else '-'} {client}"
            continue
        if old[client]["prefix"] != new[client]["prefix"]:
            yield f"! {client}: prefix {old[client]['prefix']} -> {new[client]['prefix']}"
        before, after = old[client]["operations"], new[client]["operations"]
        for name in sorted(before.keys() | after.keys()):
            if name not in before or name not in after:
                yield f"{'+' if name in after else '-'} {client}.{name}"
            elif before[name] != after[name]:
                yield f"! {client}.{name}: {before[name]} -> {after[name]}"


if __name__ == "__main__":
    sys.exit(main())
