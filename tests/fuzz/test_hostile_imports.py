"""Any bytes as a scenario or a request give a draft or an error of ours, never another."""

import json
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policyeval.errors import PolicyEvalError
from policyeval.testing.imports.politest import from_politest
from policyeval.testing.imports.simulator import KEYS, from_simulator
from policyeval.testing.load import load_suite

STATEMENT = {"Effect": "Allow", "Action": "*", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": STATEMENT})
TEXTS = (
    *("", "p.json", "s3:GetObject", "*", "allowed", "$a", "{{.a}}", "<a>", "{{", "a:b", "../x"),
    *("arn:aws:s3:::b/x", "arn:aws:iam::111122223333:user/a", "\x00", "[", POLICY, "boolean"),
    *("x\n: y", "\ud800", "aws:SourceIp", "aws:PrincipalAccount"),
)
texts = st.sampled_from(TEXTS) | st.text(max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=5,
)
entry = st.fixed_dictionaries(
    {},
    optional={
        "ContextKeyName": values,
        "ContextKeyValues": values | st.lists(texts, max_size=2),
        "ContextKeyType": values,
    },
)
test_keys = {
    "name": values,
    "action": texts | values,
    "actions": st.lists(texts, max_size=2) | values,
    "resource": texts | values,
    "resources": st.lists(texts, max_size=2) | values,
    "context": st.lists(entry, max_size=2) | values,
    "expect": st.sampled_from(["allowed", "explicitDeny"]) | values,
    "caller_arn": texts | values,
    "resource_owner": texts | values,
    "resource_policy_json": texts | values,
}
scenarios = st.fixed_dictionaries(
    {"tests": st.lists(st.fixed_dictionaries({}, optional=test_keys), max_size=3) | values},
    optional={
        "extends": values,
        "vars_file": values,
        "vars": st.dictionaries(texts, values, max_size=2),
        "policy_json": st.just("p.json") | values,
        "policy_template": values,
        "scp_paths": st.lists(texts, max_size=2) | values,
        "context": st.lists(entry, max_size=2) | values,
    },
)
results = st.fixed_dictionaries(
    {},
    optional={
        "EvalActionName": texts | values,
        "EvalDecision": st.sampled_from(["allowed", "implicitDeny"]) | values,
        "ResourceSpecificResults": values,
        "MissingContextValues": values,
    },
)
requests = st.fixed_dictionaries(
    {},
    optional={
        **{key: values | st.lists(texts, max_size=2) for key in KEYS},
        "PolicyInputList": st.just([POLICY]) | values,
        "ActionNames": st.just(["s3:GetObject"]) | values,
        "ContextEntries": st.lists(entry, max_size=2) | values,
        "EvaluationResults": st.lists(results, max_size=2) | values,
    },
)


def survives(read, data):
    """Read the bytes; what comes of them can be written, and is read again."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "p.json").write_text(POLICY)
        (folder / "in").write_bytes(data)
        draft = None
        with suppress(PolicyEvalError):
            draft = read(folder / "in", folder / "out.policytest.yaml")
        if draft is None:
            return
        for name, text in draft.files().items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        tests = [test for name in draft.suites() for test in load_suite(folder / name).tests]
        assert len(tests) >= len(draft.tests)
        assert all(finding.location is not None for finding in draft.findings)


@settings(max_examples=150)
@given(st.binary(max_size=60) | scenarios.map(lambda tree: yaml.safe_dump(tree).encode()))
@example(b'extends: "\\0"')
def test_any_scenario_is_read_or_refused(data):
    survives(from_politest, data)


@settings(max_examples=150)
@given(
    st.binary(max_size=60) | (requests | st.lists(requests)).map(lambda t: json.dumps(t).encode())
)
def test_any_request_is_read_or_refused(data):
    survives(from_simulator, data)
