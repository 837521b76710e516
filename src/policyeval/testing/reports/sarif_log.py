"""The building blocks of SARIF 2.1.0: a log of one run, places, messages, fingerprints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from policyeval.rendering.document import visible
from policyeval.testing.reports.place import Place, uri_of
from policyeval.value import Value

SCHEMA_URI = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT = "%SRCROOT%"
FINGERPRINT = "policyeval/v1"
GITHUB_FINGERPRINT = "primaryLocationLineHash"
"""The one that GitHub tells alerts apart by; made from lines of the file where a log lacks it."""

Json = dict[str, Any]


class Rule(Value):
    """What a kind of result means. `level` is error, warning or note; `help` is plain text."""

    id: str
    name: str
    title: str
    help: str
    level: str = "error"


def log_of(rules: Sequence[Rule], results: Iterable[Json], *, category: str, exit_code: int) -> str:
    """Give a log of one run that ends with a newline.

    `category` tells the runs of one commit apart, `policyeval/test` say. Paths in results are
    relative to the top of the checkout, whose place nobody needs to know.
    """
    from policyeval import __version__

    driver = {
        "name": "policyeval",
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{category}/"},
        "invocations": [{"executionSuccessful": exit_code in (0, 1), "exitCode": exit_code}],
        "originalUriBaseIds": {ROOT: {"description": message("the top of the checkout")}},
        "columnKind": "unicodeCodePoints",
        "results": list(results),
    }
    return json.dumps({"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": message(rule.title),
        "fullDescription": message(rule.help),
        "help": message(rule.help),
        "defaultConfiguration": {"level": rule.level},
    }


def message(text: str) -> Json:
    r"""Give a message that says just this: no placeholders, no links, no control characters.

    Braces are doubled, as SARIF asks for; what would read as a link is shown with an escape.

    >>> message("${aws:username} [x](y)")
    {'text': '${{aws:username}} [x]\\x28y)'}
    """
    shown = "\n".join(visible(line) for line in text.split("\n"))
    shown = shown.replace("](", "]\\x28").replace("{", "{{").replace("}", "}}")
    return {"text": shown}


def location(place: Place, told: str = "", identity: int | None = None) -> Json:
    """Give a location: a place, perhaps with what to say there and an id inside its result."""
    uri = uri_of(place.path)
    artifact: Json = {"uri": uri}
    if not uri.startswith("file:"):
        artifact["uriBaseId"] = ROOT
    physical: Json = {"artifactLocation": artifact}
    if place.line:
        physical["region"] = {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
    shown: Json = {} if identity is None else {"id": identity}
    shown["physicalLocation"] = physical
    if told:
        shown["message"] = message(told)
    return shown


def code_flow(steps: Iterable[Json]) -> Json:
    """Give a code flow of one thread through some locations."""
    return {"threadFlows": [{"locations": [{"location": step} for step in steps]}]}


def fingerprints(*parts: str) -> Json:
    """Give the fingerprints of a result from what makes it the one it is; no line numbers."""
    told = "\0".join(parts).encode("utf-8", "surrogatepass")
    digest = sha256(told).hexdigest()
    return {FINGERPRINT: digest, GITHUB_FINGERPRINT: f"{digest[:16]}:1"}
