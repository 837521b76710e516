"""Strategies for ARNs, actions, conditions, statements, policies and stacks."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from policyeval.parsing.policy import parse_policy
from policyeval.policy import PolicyType
from policyeval.stack import AttachedPolicy, EndpointType, Layer, Organization, PolicyStack
from policyeval.testing.strategies.alphabet import (
    ACCOUNT,
    ACTION_PATTERNS,
    CANONICAL_ID,
    ORGANIZATIONS,
    REQUESTS,
    RESOURCE_PATTERNS,
    TYPES,
    Document,
    Levels,
)
from policyeval.testing.strategies.drawing import (
    draw_condition,
    draw_document,
    draw_levels,
    draw_statement,
    once_in,
    pick,
)

_ACTIONS = tuple(action for action, _ in REQUESTS)
_ARNS = tuple(dict.fromkeys(arn for _, arn in REQUESTS if arn != "*"))
_ARN_PATTERNS = tuple(pattern for pattern in RESOURCE_PATTERNS if "${" not in pattern)
_NAMES = st.text("abcXYZ019-_./", min_size=1, max_size=12)
_HEADS = (
    "arn:aws:s3:::",
    f"arn:aws-cn:sqs:cn-north-1:{ACCOUNT}:",
    f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/",
    f"arn:aws:iam::{ACCOUNT}:role/",
    f"arn:aws-us-gov:kms:us-gov-west-1:{ACCOUNT}:key/",
    "arn:aws:apigateway:us-east-1::/restapis/",
)


def arns(*, wildcards: bool = False) -> st.SearchStrategy[str]:
    """Draw ARNs of resources; with `wildcards` patterns of them too.

    Half are of the small world that policies and requests are drawn from.

    >>> from hypothesis import given
    >>> from policyeval import parse_arn
    >>> @given(arns())
    ... def test_an_arn_is_written_as_it_was_read(text):
    ...     assert str(parse_arn(text)) == text
    >>> test_an_arn_is_written_as_it_was_read()
    """
    made = st.builds(str.__add__, st.sampled_from(_HEADS), _NAMES)
    known = st.sampled_from(_ARNS)
    if not wildcards:
        return known | made
    ends = st.sampled_from(("*", "?", "/*", ""))
    return known | st.sampled_from(_ARN_PATTERNS) | st.builds(str.__add__, made, ends)


def actions(*, wildcards: bool = False) -> st.SearchStrategy[str]:
    """Draw actions, as requests have them; with `wildcards` as policies have them.

    >>> from hypothesis import given
    >>> @given(actions())
    ... def test_an_action_has_a_service(action):
    ...     assert action.count(":") == 1
    >>> test_an_action_has_a_service()
    """
    return st.sampled_from((*_ACTIONS, *ACTION_PATTERNS) if wildcards else _ACTIONS)


@st.composite
def _conditions(draw: st.DrawFn) -> Document:
    return draw_condition(draw)


def conditions() -> st.SearchStrategy[Document]:
    """Draw Condition elements: by operator and key, with one value or several; empty too.

    >>> from hypothesis import given
    >>> @given(conditions())
    ... def test_a_condition_is_by_operator_and_key(condition):
    ...     assert all(isinstance(keys, dict) for keys in condition.values())
    >>> test_a_condition_is_by_operator_and_key()
    """
    return _conditions()


@st.composite
def _statements(draw: st.DrawFn, kind: PolicyType, effect: str) -> Document:
    return draw_statement(draw, kind, effect)


def statements(
    type: PolicyType | str = PolicyType.IDENTITY, *, effect: str = ""
) -> st.SearchStrategy[Document]:
    """Draw statements that are legal in a type of policy; RCPs have no other than Deny.

    >>> from hypothesis import given
    >>> @given(statements("identity", effect="Deny"))
    ... def test_a_statement_has_the_effect_asked_for(statement):
    ...     assert statement["Effect"] == "Deny"
    ...     assert "Principal" not in statement
    >>> test_a_statement_has_the_effect_asked_for()
    """
    return _statements(PolicyType(type), effect)


@st.composite
def _policies(draw: st.DrawFn, kind: PolicyType) -> Document:
    return draw_document(draw, kind)


def policies(type: PolicyType | str = PolicyType.IDENTITY) -> st.SearchStrategy[Document]:
    """Draw policy documents that are legal as this type.

    >>> from hypothesis import given
    >>> from policyeval import PolicyType, parse_policy
    >>> @given(policies("scp"))
    ... def test_every_policy_can_be_read(document):
    ...     parse_policy(document, type=PolicyType.SCP)
    >>> test_every_policy_can_be_read()
    """
    return _policies(PolicyType(type))


@st.composite
def _stacks(draw: st.DrawFn, complete: bool) -> PolicyStack:
    layers = {
        layer: draw_levels(draw, layer) for layer in Layer if complete or not once_in(draw, 3)
    }
    return stack_of(
        layers,
        organization=pick(draw, ORGANIZATIONS),
        endpoint_type=pick(draw, (None, *EndpointType)),
    )


def stacks(*, complete: bool = False) -> st.SearchStrategy[PolicyStack]:
    """Draw the policies of all layers; unless `complete`, some layers are not given.

    >>> from hypothesis import given
    >>> from policyeval import evaluate
    >>> from policyeval.testing.strategies import requests
    >>> @given(stacks(), requests())
    ... def test_every_question_has_an_answer(stack, request):
    ...     decision = evaluate(request, stack)
    ...     assert decision.allowed + decision.denied + decision.unknown == 1
    >>> test_every_question_has_an_answer()
    """
    return _stacks(complete)


def stack_of(
    layers: Mapping[Layer, Levels],
    *,
    organization: Organization | None = None,
    endpoint_type: EndpointType | None = None,
) -> PolicyStack:
    """Give the stack of some documents; each is called by its Id."""

    def attach(layer: Layer, document: Document) -> AttachedPolicy:
        policy = parse_policy(document, type=TYPES[layer])
        endpoint = endpoint_type if layer is Layer.VPC_ENDPOINT_POLICY else None
        return AttachedPolicy(policy, document["Id"], endpoint_type=endpoint)

    return PolicyStack(
        {
            layer: tuple(tuple(attach(layer, each) for each in level) for level in levels)
            for layer, levels in layers.items()
        },
        organization=organization,
        canonical_users={CANONICAL_ID: ACCOUNT},
    )
