"""The JSON Schema of suites knows what the loader takes."""

import jsonschema
import pytest

from policyeval.environment.yaml_tree import read_tree
from policyeval.testing.file import SuiteFile, suite_schema

SCHEMA = jsonschema.Draft202012Validator(suite_schema())


@pytest.mark.parametrize(
    "text",
    [
        "skip: { tests: a, reason: waits, until: 2027-01-31 }",
        "skip: [{ tests: [a, b] }]",
        "attach: { scp: { '@Workloads': scp/closed.json } }",
        "detach: { boundary: { anna: ['*'] } }",
        "stack: { scp: a.json, rcp: [a.json], identity: [[a.json], [b.json, c.json]] }",
        "tests: [{ name: a, unknown: aws:SourceIp, session-policy: a.json }]",
        "tests: [{ name: a, matrix: { action: s3:GetObject, context: [a, [a, { aws:a: 1 }]] } }]",
        "tests: [{ name: a, expect: { missing: aws:SourceIp } }]",
    ],
)
def test_every_form_fits_the_schema(text):
    tree, findings = read_tree(f"version: 1\n{text}", "a.policytest.yaml")
    assert not findings
    SuiteFile.model_validate(tree.plain())
    SCHEMA.validate({**tree.plain(), "version": 1})


@pytest.mark.parametrize(
    "wrong",
    [
        {"skip": "a"},
        {"skip": {"test": "a"}},
        {"tests": [{"name": "a", "princpal": "deploy"}]},
        {"tests": [{"name": "a", "expect": "denied"}]},
        {"tests": [{"name": "a", "unknown": 5}]},
    ],
)
def test_what_the_loader_refuses_does_not_fit(wrong):
    assert not SCHEMA.is_valid({"version": 1, **wrong})
