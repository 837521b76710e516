"""The operations of every service, from botocore's models; read service by service."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from policyeval.value import Value

DATA = Path(__file__).parent / "_data" / "operations.z"

_LONGEST_NAME = 64  # names recur; longer texts are not kept: input is untrusted
_DROPPED = str.maketrans("", "", "-_ ")


def fold(name: str) -> str:
    """Give what is compared of a name: `bucket-name`, `bucket_name` and `BucketName` are one."""
    return _fold_known(name) if len(name) <= _LONGEST_NAME else name.translate(_DROPPED).lower()


@lru_cache(maxsize=8192)
def _fold_known(name: str) -> str:
    return name.translate(_DROPPED).lower()


class Operation(Value):
    """An operation and its parameters; `required` are those the API insists on.

    `kinds` tells of parameters that are no scalars: `{` a structure or map, `[` a list of scalars,
    `<` a list of structures, `?` a boolean.

    `method`, `path` and `places` (name in the path to parameter) are filled for the services whose
    IAM actions are named after HTTP methods, and empty elsewhere.
    """

    name: str
    parameters: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = {}
    method: str = ""
    path: str = ""
    places: Mapping[str, str] = {}


class ServiceModel(Value):
    """What botocore tells of a service: `client` is boto3's name, `prefix` that of IAM actions.

    `prefix` is empty where the action catalogue does not know the service. `headers` gives the
    header or query name that a parameter travels in. `operations` is keyed by the folded name.
    """

    client: str
    prefix: str
    operations: Mapping[str, Operation]
    headers: Mapping[str, str] = {}


class Origin(Value):
    """Where the data comes from."""

    source: str
    licence: str
    sha256: str


def origin() -> Origin:
    """Give source, licence and hash of the data."""
    head, _ = _archive()
    return Origin(head["source"], head["licence"], head["sha256"])


def clients() -> tuple[str, ...]:
    """Give the boto3 names of all services, sorted."""
    return tuple(_archive()[0]["services"])


@lru_cache(maxsize=1)
def by_name() -> dict[str, tuple[str, ...]]:
    """Give the clients that go by a folded name: boto3 name, signing, endpoint, prefix."""
    found: dict[str, list[str]] = {}
    services = _archive()[0]["services"]
    for client in services:
        found.setdefault(fold(client), []).append(client)
    for client, (_, _, prefix, *names) in services.items():
        for name in (*names, prefix):
            known = found.setdefault(fold(name), []) if name else []
            if name and client not in known:
                known.append(client)
    return {name: tuple(some) for name, some in found.items()}


@lru_cache(maxsize=64)
def load(client: str) -> ServiceModel:
    """Give the model of a service by its boto3 name; raises KeyError where there is none."""
    head, body = _archive()
    place, size, prefix, *_ = head["services"][client]
    model = json.loads(zlib.decompress(body[place : place + size]))
    operations = {fold(name): _operation(name, data) for name, data in model["operations"].items()}
    return ServiceModel(client, prefix, operations, model.get("headers", {}))


def _operation(name: str, data: str | list[str]) -> Operation:
    text, method, path, places = (data, "", "", "") if isinstance(data, str) else data
    words = [(word.rstrip("!{[<?"), word.rstrip("!")[-1], word[-1] == "!") for word in text.split()]
    pairs = (pair.partition("=") for pair in places.split())
    return Operation(
        name,
        tuple(parameter for parameter, _, _ in words),
        frozenset(parameter for parameter, _, required in words if required),
        {parameter: kind for parameter, kind, _ in words if kind in "{[<?"},
        method,
        path,
        {place: parameter for parameter, _, place in pairs},
    )


@lru_cache(maxsize=1)
def _archive() -> tuple[dict[str, Any], bytes]:
    head, _, body = DATA.read_bytes().partition(b"\n")
    return json.loads(head), body
