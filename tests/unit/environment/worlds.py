"""Small environments for tests, written to a folder of their own."""

import json
import textwrap

import pytest

from policyeval.context import Facts
from policyeval.environment.file import load_environment
from policyeval.errors import EnvironmentLoadError
from policyeval.evaluation.engine import evaluate
from policyeval.request import Request

ACCOUNT, OTHER, STRANGER, BOSS = "222233334444", "111122223333", "555566667777", "999900001111"
DEPLOY = f"arn:aws:iam::{ACCOUNT}:role/ci/deploy"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/build"
ANNA = f"arn:aws:iam::{ACCOUNT}:user/anna"


def document(effect="Allow", action="*", resource="*", **more):
    statement = {"Effect": effect, "Action": action, "Resource": resource} | more
    if "trust" in more:
        del statement["Resource"], statement["trust"]
    return {"Version": "2012-10-17", "Statement": [statement]}


def write_policies(folder, policies):
    """Write documents, or texts that are none, below a folder."""
    for name, content in policies.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            content if isinstance(content, str) else json.dumps(content), encoding="utf-8"
        )


def load(folder, text, policies=()):
    write_policies(folder / "policies", dict(policies))
    (folder / "pyproject.toml").touch()
    path = folder / "environment.yaml"
    if isinstance(text, bytes):
        path.write_bytes(text)
    else:
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return load_environment(path)


def refused(folder, text, policies=()):
    """Give the findings of an environment that cannot be loaded."""
    with pytest.raises(EnvironmentLoadError) as caught:
        load(folder, text, policies)
    assert caught.value.findings, caught.value.message
    return caught.value.findings


def codes(findings):
    return [finding.code for finding in findings]


def shown(finding):
    """Give the text that a finding points at, with its line."""
    span = finding.location.resolve()
    source = finding.location.source
    return source.map.line_and_column(span.start)[0], source.text[span.start : span.end]


def ask(environment, principal, action, resource="*", context=None, facts=Facts.TYPED, **more):
    request = Request.of(principal, action, resource, context, facts=facts, **more)
    return evaluate(request, environment)


def told(decision):
    """The codes of what an answer remarks on the environment."""
    return codes(decision.request.findings)
