"""Laws: a suite that goes out to the simulator or to politest comes back as the same tests."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyeval.evaluation.engine import evaluate
from policyeval.parsing.write import policy_to_dict
from policyeval.stack import Layer
from policyeval.testing.imports.export import to_politest, to_simulator
from policyeval.testing.imports.politest import from_politest
from policyeval.testing.imports.simulator import from_simulator
from policyeval.testing.load import load_suite
from policyeval.testing.write import suite_text

ACCOUNTS = ("111122223333", "444455556666")
actions = st.sampled_from(["s3:GetObject", "s3:PutObject", "sqs:SendMessage"])
resources = st.sampled_from(
    [
        "arn:aws:s3:::b/x",
        "arn:aws:s3:::b/<x>",
        "arn:aws:s3:::b/$x{{y",
        *(f"arn:aws:sqs:eu-west-1:{account}:q" for account in ACCOUNTS),
    ]
)
principals = st.sampled_from(
    [f"arn:aws:iam::{ACCOUNTS[0]}:user/ada", f"arn:aws:iam::{ACCOUNTS[1]}:role/team/vet"]
)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6)
contexts = st.dictionaries(
    st.sampled_from(["aws:SourceIp", "aws:SecureTransport", "aws:RequestTag/a", "aws:TagKeys"]),
    words | st.booleans() | st.lists(words, max_size=2),
    max_size=3,
)
conditions = st.sampled_from(
    [
        {},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {"StringLike": {"aws:RequestTag/a": "a*"}}},
    ]
)


@st.composite
def policies(draw, **more):
    statements = [
        {
            "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
            "Action": draw(st.sampled_from(["*", "s3:*", "s3:GetObject"])),
            "Resource": "*",
            **draw(conditions),
            **more,
        }
        for _ in range(draw(st.integers(1, 2)))
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


@st.composite
def suites(draw, layers):
    """A suite with a stack: texts by file name."""
    files = {"identity.json": draw(policies())}
    for layer, own in layers.items():
        if draw(st.booleans()):
            files[f"{layer}.json"] = draw(policies(**own))
    names = draw(st.lists(words.map(str.strip).filter(bool), min_size=1, max_size=4, unique=True))
    tests = [
        {
            "name": name,
            "principal": draw(principals),
            "action": draw(actions),
            "resource": draw(resources),
            "context": draw(contexts),
            "expect": draw(st.sampled_from(["allow", "explicit-deny", "implicit-deny"])),
        }
        for name in names
    ]
    suite = {
        "version": 1,
        "stack": {name.removesuffix(".json"): name for name in files},
        "defaults": {"facts": draw(st.sampled_from(["complete", "typed"]))},
        "tests": tests,
    }
    return {**files, "a.policytest.yaml": suite_text(suite)}


def write(files, folder):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def loaded(draft):
    write(draft.files(), draft.target.parent)
    return [t for name in draft.suites() for t in load_suite(draft.target.parent / name).tests]


def told(test, *, context=True):
    """What makes two tests the same, whatever file they are in and however it is spelled."""
    request = test.request()
    _, stack = test.world.policies.resolve(request)
    return (
        test.principal,
        test.action,
        test.resource,
        request.resource.account,
        dict(request.context.entries) if context else None,
        test.expect,
        {
            layer: [policy_to_dict(each.policy) for each in stack.policies(layer)]
            for layer in Layer
            if stack.policies(layer)
        },
        evaluate(request, test.world.policies).verdict,
    )


def as_set(tests, **how):
    return sorted((told(test, **how) for test in tests), key=repr)


OF_SIMULATOR = {"scp": {}, "boundary": {}, "resource": {"Principal": "*"}}
OF_POLITEST = {"scp": {}, "resource": {"Principal": "*"}}
FORMATS = {
    "simulator": (OF_SIMULATOR, to_simulator, "a.json"),
    "politest": (OF_POLITEST, to_politest, "a.yml"),
}


def back(form, folder):
    target = folder / "back/a.policytest.yaml"
    target.parent.mkdir()
    path = folder / FORMATS[form][2]
    if form == "simulator":
        results = folder / "a.results.json"
        return from_simulator(path, target, results=results if results.exists() else None)
    # politest's scenarios beside the first one are files of their own
    return from_politest(path, target)


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=30)
@given(data=st.data())
def test_a_suite_goes_out_and_comes_back_as_the_same_tests(form, data):
    layers, export, name = FORMATS[form]
    files = data.draw(suites(layers))
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "pyproject.toml").write_text("")  # it is a project
        write(files, folder)
        suite = load_suite(folder / "a.policytest.yaml")
        went = export(suite, folder / name)
        assert went.left_out == 0, went.findings
        write(went.files, folder)
        draft = back(form, folder)
        assert draft.left_out == 0, draft.findings
        tests = loaded(draft)
        typed = any(test.facts.value == "typed" for test in suite.tests)
        assert as_set(tests, context=not typed) == as_set(suite.tests, context=not typed)
        if form == "politest":
            assert sorted(t.name for t in tests) == sorted(t.name for t in suite.tests)


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=15)
@given(data=st.data())
def test_what_came_in_goes_out_and_comes_in_as_the_same_files(form, data):
    layers, export, name = FORMATS[form]
    files = data.draw(suites(layers))
    with TemporaryDirectory() as place:
        first, second = Path(place) / "1", Path(place) / "2"
        for folder in (first, second):
            folder.mkdir()
            (folder / "pyproject.toml").write_text("")
        write(files, first)
        write(export(load_suite(first / "a.policytest.yaml"), first / name).files, first)
        draft = back(form, first)
        loaded(draft)
        again = export(load_suite(draft.target), second / name)
        write(again.files, second)
        assert set(back(form, second).files().items()) <= set(draft.files().items())
