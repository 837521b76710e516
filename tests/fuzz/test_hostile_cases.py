"""Whatever JSON comes as a case: an answer or a PolicyEvalError, never a traceback (R-LANG-10)."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.fuzz import whole_path
from tests.property import strategies

NAMES = st.sampled_from(
    [
        *("request", "policies", "organization", "canonical_users", "partial", "expect", "id"),
        *("principal", "action", "resource", "resource_account", "issuer", "context"),
        *("identity", "boundary", "session", "scp", "rcp", "resource", "vpc_endpoint"),
        *("document", "name", "arn", "type", "Version", "Id", "Statement", "Effect", "Action"),
        *("NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition", "AWS"),
        *("StringLike", "Null", "ForAnyValue:Bool", "aws:SourceIp", "aws:username"),
    ]
)
TEXTS = st.one_of(
    st.sampled_from(
        [
            *("*", "", "Allow", "Deny", "2012-10-17", "2008-10-17", "gateway", "allowed", "true"),
            *("111122223333", strategies.USER, strategies.SESSION, strategies.ROOT),
            *("lambda.amazonaws.com", "s3:GetObject", "sts:AssumeRole", strategies.OBJECT),
            *("arn:aws:iam:111122223333:user/ana", "\ud800", "${aws:username}", "٣", "9" * 30),
        ]
    ),
    st.text(max_size=6),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | TEXTS, inner, max_size=4),
    max_leaves=15,
)


@given(JSON_VALUES)
@example({"request": {"principal": "\ud800", "action": "s3:GetObject", "resource": "*"}})
@example(
    {"request": {"principal": "*", "action": "s3:GetObject", "resource": "arn:aws:s3:::\ud800"}}
)
def test_any_json_value_is_answered_as_a_case(value):
    whole_path.from_value(value)


@st.composite
def damaged_cases(draw):
    """A good case in which one value is another, or is gone."""
    scenario = draw(strategies.scenarios())
    case = {
        "request": {
            "principal": scenario.principal,
            "action": scenario.action,
            "resource": scenario.resource,
            "context": dict(scenario.context),
        },
        "policies": {
            layer.value: [list(level) for level in levels]
            if layer.value in ("scp", "rcp")
            else [document for level in levels for document in level]
            for layer, levels in scenario.layers.items()
        },
        "partial": draw(st.booleans()),
    }
    case = json.loads(json.dumps(case))
    spots = [
        (container, key)
        for container in containers(case)
        for key in (container if isinstance(container, dict) else range(len(container)))
    ]
    container, key = draw(st.sampled_from(spots))
    if draw(st.booleans()):
        container[key] = draw(JSON_VALUES)
    else:
        del container[key]
    return case


def containers(value):
    if isinstance(value, (dict, list)):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


@settings(max_examples=settings().max_examples // 2)
@given(damaged_cases())
def test_damaged_case_is_answered(case):
    whole_path.from_value(case)


@given(st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=3), max_leaves=8))
def test_any_context_value_is_answered(value):
    whole_path.from_value(
        {
            "request": {
                "principal": strategies.USER,
                "action": "s3:GetObject",
                "resource": strategies.OBJECT,
                "context": {"aws:PrincipalTag/team": value, "aws:TagKeys": value},
            },
            "policies": {
                "identity": {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Effect": "Allow",
                        "Action": "*",
                        "Resource": "arn:aws:s3:::${aws:PrincipalTag/team}",
                        "Condition": {"ForAnyValue:StringLike": {"aws:TagKeys": "*"}},
                    },
                }
            },
        }
    )
