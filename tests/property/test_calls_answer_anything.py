"""Any words and any parameters give requests or an error of ours, in time that grows with them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyeval.calls.call import ApiCall
from policyeval.calls.command_line import read_typed, requests_of_typed
from policyeval.calls.grant import grant
from policyeval.calls.names import find
from policyeval.calls.operations import clients, load
from policyeval.calls.requests import no_policy_reason, requests_of
from policyeval.errors import PolicyEvalError
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.arn import parse_arn
from policyeval.parsing.policy import parse_policy
from policyeval.request import Request
from policyeval.stack import AttachedPolicy, Layer, PolicyStack

WORDS = st.one_of(
    st.sampled_from(
        [
            *(
                "aws",
                "s3",
                "s3api",
                "ec2",
                "lambda",
                "cp",
                "mv",
                "sync",
                "rm",
                "ls",
                "rb",
                "--force",
            ),
            *(
                "s3://b/k",
                "s3://",
                "s3://b",
                "a.json",
                "-",
                "--",
                "--recursive",
                "--sse",
                "aws:kms",
            ),
            *(
                "--acl",
                "--bucket",
                "--key",
                "--delete",
                "Objects=[{Key=a}]",
                "{",
                "[",
                "'",
                '"',
                "\\",
            ),
            *("put-object", "run-instances", "--tags", "Key=a,Value=b", "--no-dry-run", "--region"),
            *("s3.put_object", "dynamodb.get_item", "sqs:SendMessage", "--queue-url", "x=y=z", "="),
        ]
    ),
    st.text(max_size=12),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
SERVICES = ("s3", "ec2", "lambda", "dynamodb", "iam", "sqs", "sns", "events", "logs", "rds", "ecs")
OPERATIONS = [(client, name) for client in SERVICES for name in load(client).operations]


def no_file(name):
    return f"content of {name}"


def answered(words):
    """The words as typed with their requests, or the error of ours that refuses them."""
    try:
        typed = read_typed(words, no_file, {})
        return typed, requests_of_typed(
            typed, ApiCall("", "", region="eu-west-1", account="1" * 12)
        )
    except PolicyEvalError as error:
        return error, ()


def requests_or_error(call):
    try:
        return requests_of(call), ""
    except PolicyEvalError as error:
        return (), error.message


@settings(deadline=None, max_examples=300)
@given(st.lists(WORDS, max_size=8))
def test_any_command_line_gives_requests_or_an_error_of_ours(words):
    typed, made = answered(words)
    assert made or getattr(typed, "free", "") or getattr(typed, "message", "")


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(OPERATIONS), st.data())
def test_any_parameters_give_well_formed_requests(operation, data):
    client, name = operation
    model = load(client).operations[name]
    names = st.sampled_from(model.parameters) if model.parameters else st.text(max_size=5)
    parameters = data.draw(st.dictionaries(names, VALUES, max_size=4))
    call = ApiCall(client, model.name, parameters, region="eu-west-1", account="1" * 12)
    made, error = requests_or_error(call)
    assert made or error or no_policy_reason(find(client, model.name))
    for each in made:
        assert each.certain or each.when
        assert each.resource or each.missing or not each.certain
        if each.resource.startswith("arn:aws:") and "\x00" not in each.resource:
            assert each.resource.count(":") >= 5


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(OPERATIONS))
def test_the_policy_that_grants_a_call_allows_each_of_its_requests(operation):
    """For resources that are known; PassRole and KMS ask for more than an identity policy."""
    client, name = operation
    model = load(client).operations[name]
    parameters = dict.fromkeys(model.parameters, "x")
    made = requests_of(
        ApiCall(client, model.name, parameters, region="eu-west-1", account="123456789012")
    )
    asked = [
        each
        for each in made
        if each.certain and each.resource and not each.action.startswith(("kms:", "sts:"))
    ]
    if not asked:
        return
    policy = parse_policy(grant(asked), name="granted")
    stack = PolicyStack.of({Layer.IDENTITY_POLICY: [AttachedPolicy(policy, "granted")]})
    for each in asked:
        if each.resource != "*":
            parse_arn(each.resource)
        request = Request.of(
            "arn:aws:iam::123456789012:user/ana", each.action, each.resource, each.context
        )
        assert evaluate(request, stack).allowed, each


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(clients()), st.data())
def test_every_spelling_of_an_operation_leads_to_it(client, data):
    operations = load(client).operations
    name = data.draw(st.sampled_from(sorted(operations)))
    spelled = operations[name].name
    dashed = "".join(f"-{char.lower()}" if char.isupper() else char for char in spelled).strip("-")
    for text in (spelled, spelled.lower(), dashed, dashed.replace("-", "_")):
        assert find(client, text).operation.name == spelled


@pytest.mark.parametrize(
    "words",
    [
        ["aws", "s3", "cp", *["a"] * 20_000],
        ["s3.put_object", *["--key", "k"] * 10_000],
        ["s3.delete_objects", "--delete", "Objects=[" + "{Key=a}," * 3_000 + "]"],
        ["s3.delete_objects", "--delete", "Objects=" + "[" * 50_000],
        ["aws " + "'" * 60_001],
        ["dynamodb.execute_statement", "--statement", "SELECT " * 30_000],
        ["s3." + "x" * 100_000],
        ["x" * 100_000],
        ["ec2.create_tags", "--tags", "Key=a" * 30_000],
        ["s3.put_object", "--parameters", "=" * 50_000],
    ],
    ids=range(10),
)
def test_long_command_lines_are_answered_in_full(words):
    typed, _ = answered(words)
    assert len(json.dumps(getattr(typed, "message", ""))) < 1_000
