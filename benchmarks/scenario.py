"""Scenarios as the engine takes them."""

import json
from pathlib import Path

from policyeval import AttachedPolicy, Facts, Layer, PolicyStack, Request, parse_policy

FOLDER = Path(__file__).parent / "scenarios"
EXPECTED = {
    "Allowed": "allowed",
    "ImplicitlyDenied": "implicit_deny",
    "ExplicitlyDenied": "explicit_deny",
}


def load(name):
    """Give the scenario's JSON and its policies as a stack."""
    data = json.loads((FOLDER / f"{name}.json").read_text())
    given = data["policies"]
    stack = PolicyStack.of(
        {
            Layer.IDENTITY_POLICY: [_attach(item) for item in given["identity"]],
            Layer.SERVICE_CONTROL_POLICY: [
                [_attach(item) for item in level["policies"]] for level in given["scps"]
            ],
            Layer.SESSION_POLICY: [parse_policy(given["session"], name="session")],
            Layer.VPC_ENDPOINT_POLICY: [_attach(item) for item in given["vpcEndpoint"]],
        }
    )
    return data, stack


def _attach(item):
    return AttachedPolicy(parse_policy(item["policy"], name=item["name"]), item["name"])


def request_of(item):
    """Give a scenario's request, made from its texts."""
    return Request.of(
        item["principal"],
        item["action"],
        item["resource"],
        item["context"],
        resource_account=item["resourceAccount"],
        facts=Facts.COMPLETE,
    )
