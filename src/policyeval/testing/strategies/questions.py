"""Strategies for requests and their contexts."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from policyeval.context import UNKNOWN, Facts, Presence
from policyeval.matching.condition import MULTIVALUED_KEYS
from policyeval.request import Request
from policyeval.stack import PolicySource
from policyeval.testing.handle import Iam
from policyeval.testing.strategies.alphabet import (
    ACCOUNT,
    FEDERATED_USER,
    OTHER_ACCOUNT,
    PRINCIPALS,
    REQUESTS,
    USER,
)
from policyeval.testing.strategies.drawing import draw_context, once_in, pick
from policyeval.testing.strategies.vocabulary import Vocabulary


@st.composite
def _contexts(draw: st.DrawFn, states: tuple[Presence, ...]) -> dict[str, Any]:
    return draw_context(draw, states)


def contexts(*, unknown: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Draw contexts, as `Request.of` takes them; with `unknown` some keys are unknown.

    >>> from hypothesis import given
    >>> from policyeval import Request
    >>> @given(contexts())
    ... def test_every_context_can_be_given(context):
    ...     Request.of("*", "s3:ListBucket", "arn:aws:s3:::shop", context)
    >>> test_every_context_can_be_given()
    """
    return _contexts((UNKNOWN,) if unknown else ())


def requests(
    policies: PolicySource | Iam | None = None, *, facts: Facts = Facts.TYPED
) -> st.SearchStrategy[Request]:
    """Draw requests: of whom, what and which values the policies of a source speak.

    Principals are its users and roles, their sessions, root users, those that policies name, and a
    stranger; actions and resources those that policies name or cover; a context key has a value
    that makes a difference to some condition, unless the environment tells it. Without a source
    requests are of the small world that `policies` and `stacks` are drawn from.

    >>> from hypothesis import given
    >>> from policyeval import evaluate, load_environment
    >>> house = load_environment("fixtures/environments/tamagotchi/environment.yaml")
    >>> @given(requests(house))
    ... def test_nobody_deletes_the_bucket(request):
    ...     if request.action.text == "s3:DeleteBucket":
    ...         assert evaluate(request, house).denied
    >>> test_nobody_deletes_the_bucket()
    """
    if policies is None:
        return _small_requests(facts)
    source = Iam.of(policies).policies
    return st.deferred(lambda: _requests_of(source, Vocabulary.of(source), facts))


@st.composite
def _small_requests(draw: st.DrawFn, facts: Facts) -> Request:
    action, resource = pick(draw, REQUESTS)
    principal = pick(draw, PRINCIPALS)
    in_account = resource == "*" or resource.split(":")[4] != ""
    return Request.of(
        principal,
        action,
        resource,
        draw_context(draw, ()),
        resource_account=None if in_account else pick(draw, (ACCOUNT, ACCOUNT, OTHER_ACCOUNT)),
        issuer=USER if principal == FEDERATED_USER and once_in(draw, 2) else "",
        facts=facts,
    )


@st.composite
def _requests_of(
    draw: st.DrawFn, source: PolicySource, vocabulary: Vocabulary, facts: Facts
) -> Request:
    principal = pick(draw, vocabulary.principals)
    action = pick(draw, vocabulary.actions)
    resource = pick(draw, vocabulary.resources_for(action))
    request = Request.of(principal, action, resource, facts=facts)
    told, _ = source.resolve(request)
    context: dict[str, Any] = {}
    for key, values in vocabulary.values.items():
        if key in told.context.derived and isinstance(told.context[key], tuple):
            continue  # the caller, the resource or the organization tells it
        value = pick(draw, (None, *values))
        if value is not None:
            context[vocabulary.spelled[key]] = [value] if key in MULTIVALUED_KEYS else value
    return Request.of(principal, action, resource, context, facts=facts)
