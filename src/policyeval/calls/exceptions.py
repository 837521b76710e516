"""Where the IAM requests of an operation are not the action of its name: `exceptions/*.toml`.

`exceptions/FORMAT.md` describes the files. `_services.toml` is about services as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from policyeval.calls.operations import fold
from policyeval.value import Value

FOLDER = Path(__file__).parent / "exceptions"


class Row(Value):
    """One request of an operation.

    `resource` is a template of an ARN, names of the catalogue's resource types, `*`, or empty: by
    the types that the action has. `needs` and `lacks` are conditions on parameters (`Name`,
    `Name=value|value`), all of which must hold. Where `needs` does not hold and `when` has words,
    the request is still told, as one that may be made. `each` is the list whose elements make a
    request each. `whatever` marks a request that is certain though `when` has words.
    """

    action: str
    resource: str = ""
    needs: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    when: str = ""
    why: str = ""
    each: str = ""
    context: Mapping[str, str] = {}
    whatever: bool = False


class Exceptions(Value):
    """The rows of one service.

    `actions` gives the actions of an operation that is called otherwise; `requests` all requests
    of an operation; `also` those beside the action of its name; operations by folded names.
    `variables` gives the parameters for a variable of the catalogue's ARN patterns, `keys` the
    parameter for a condition key. `names` are the operations as spelled.
    """

    actions: Mapping[str, tuple[str, ...]] = {}
    requests: Mapping[str, tuple[Row, ...]] = {}
    also: Mapping[str, tuple[Row, ...]] = {}
    free: Mapping[str, str] = {}
    variables: Mapping[str, tuple[str, ...]] = {}
    keys: Mapping[str, str] = {}
    names: tuple[str, ...] = ()
    source: str = ""


class ServiceNames(Value):
    """What is told of whole services, by boto3 name.

    `none` are those IAM says nothing of, with the reason. `aliases` leads from other names to the
    client. `roles` is the service principal that roles are handed to, `passes` the operations that
    hand them on where the catalogue does not say so. `extras` are options of the AWS CLI alone.
    """

    none: Mapping[str, str]
    aliases: Mapping[str, str]
    roles: Mapping[str, str]
    passes: Mapping[str, frozenset[str]]
    extras: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=64)
def of_service(client: str) -> Exceptions:
    """Give the rows of a service by its boto3 name; none where it has no file."""
    path = FOLDER / f"{client}.toml"
    if not path.is_file():
        return Exceptions()
    table = _read(path)
    same = table.get("same", {})
    operations: dict[str, Any] = {
        **table.get("actions", {}),
        **table.get("requests", {}),
        **table.get("free", {}),
        **same,
    }
    requests = _rows(table.get("requests", {}))
    requests |= {fold(name): requests[fold(other)] for name, other in same.items()}
    return Exceptions(
        {fold(name): _several(actions) for name, actions in table.get("actions", {}).items()},
        requests,
        _rows(table.get("also", {})),
        {fold(name): why for name, why in table.get("free", {}).items()},
        {name: _several(given) for name, given in table.get("variables", {}).items()},
        table.get("keys", {}),
        tuple(operations),
        table.get("source", ""),
    )


@lru_cache(maxsize=1)
def service_names() -> ServiceNames:
    """Give what is told of services as a whole."""
    table = _read(FOLDER / "_services.toml")
    return ServiceNames(
        table["none"],
        {fold(name): client for name, client in table["aliases"].items()},
        table["roles"],
        {client: frozenset(map(fold, names)) for client, names in table["passes"].items()},
        {client: tuple(names) for client, names in table["extras"].items()},
    )


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(path.read_text("utf-8"))


def _rows(table: Mapping[str, list[dict[str, Any]]]) -> dict[str, tuple[Row, ...]]:
    return {fold(name): tuple(map(_row, rows)) for name, rows in table.items()}


def _row(given: dict[str, Any]) -> Row:
    return Row(
        given["action"],
        given.get("resource", ""),
        _several(given.get("if", ())),
        _several(given.get("unless", ())),
        given.get("when", ""),
        given.get("why", ""),
        given.get("each", ""),
        given.get("context", {}),
        given.get("certain", False),
    )


def _several(given: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
