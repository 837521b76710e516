"""Cases: the self-contained input of `decide`."""

import json

import pytest
from tests.unit.asking import ACCOUNT, OBJECT, USER, allow, deny

from policyeval.case import Case, decide, decision_to_json
from policyeval.errors import CaseError, InvalidRequestError, PolicySyntaxError
from policyeval.source import Source
from policyeval.stack import Layer

ALLOW_ALL = {"Version": "2012-10-17", "Statement": [allow()]}
REQUEST = {"principal": USER, "action": "s3:GetObject", "resource": OBJECT}


def case(**fields):
    return Case.of({"request": REQUEST, **fields})


@pytest.mark.parametrize(
    ("policies", "layers"),
    [
        ({}, {}),
        ({"identity": None, "scp": None}, {}),
        ({"identity": [], "scp": []}, {}),
        ({"identity": ALLOW_ALL}, {"identity": [1]}),
        ({"identity": [ALLOW_ALL, ALLOW_ALL]}, {"identity": [2]}),
        ({"identity": {"name": "a", "document": ALLOW_ALL}}, {"identity": [1]}),
        ({"scp": [[ALLOW_ALL], []]}, {"scp": [1, 0]}),
        ({"scp": [[ALLOW_ALL, ALLOW_ALL]]}, {"scp": [2]}),
        ({"rcp": [[]]}, {"rcp": [0]}),
    ],
)
def test_policies_may_be_written_short(policies, layers):
    stack = case(policies=policies).to_stack()
    got = {
        layer.value: [len(level) for level in levels]
        for layer, levels in stack.layers.items()
        if levels
    }
    assert got == layers
    assert set(stack.layers) == set(Layer)


def test_partial_case_leaves_out_the_layers_that_are_not_given():
    stack = case(partial=True, policies={"identity": ALLOW_ALL, "boundary": None}).to_stack()
    assert set(stack.layers) == {Layer.IDENTITY_POLICY, Layer.PERMISSIONS_BOUNDARY}


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (None, "case"),
        ([], "case"),
        ({}, "request"),
        ({"request": {}}, "request.principal"),
        ({"request": {**REQUEST, "action": 5}}, "request.action"),
        ({"request": {**REQUEST, "actions": "s3:*"}}, "request.actions"),
        ({"request": {**REQUEST, "context": {"a": {"b": 1}}}}, "request.context.a"),
        ({"request": REQUEST, "polices": {}}, "polices"),
        ({"request": REQUEST, "policies": {"identities": []}}, "policies.identities"),
        ({"request": REQUEST, "policies": {"identity": "x"}}, "policies.identity"),
        ({"request": REQUEST, "policies": {"identity": [[]]}}, "policies.identity.0"),
        ({"request": REQUEST, "expect": {"decision": "maybe"}}, "expect.decision"),
        ({"request": REQUEST, "partial": "perhaps"}, "partial"),
    ],
)
def test_case_that_does_not_fit_is_refused_with_its_place(data, place):
    with pytest.raises(CaseError, match=f"^`{place}"):
        Case.of(data)


def test_broken_policies_are_all_reported():
    broken = {"Statement": [{"Effect": "Alow", "Action": "s3:*", "Resource": "*"}]}
    with pytest.raises(PolicySyntaxError) as error:
        case(policies={"identity": broken, "boundary": [broken]}).to_stack()
    places = [finding.location.pointer for finding in error.value.findings]
    assert places == [
        "/policies/identity/0/Statement/0/Effect",
        "/policies/boundary/0/Statement/0/Effect",
    ]


def test_request_that_cannot_be_asked_is_refused():
    with pytest.raises(InvalidRequestError):
        decide(Case.of({"request": {**REQUEST, "action": "GetObject"}}))


def test_finding_points_into_the_text_of_the_case():
    text = json.dumps(
        {
            "request": REQUEST,
            "policies": {"identity": {"name": "n", "document": {"Statement": [{"Effect": "no"}]}}},
        }
    )
    with pytest.raises(PolicySyntaxError) as error:
        Case.of(json.loads(text)).to_stack(Source("case.json", text))
    span = error.value.findings[0].location.resolve()
    assert '"no"' in text[span.start : span.end]


def test_answer_in_json_says_what_decided():
    answer = case(
        id="one",
        policies={
            "identity": [{"name": "readers", "document": ALLOW_ALL}],
            "scp": [[ALLOW_ALL], [{"Statement": {**deny(), "Sid": "Stop"}}]],
        },
    )
    shown = decision_to_json(answer, decide(answer))
    assert json.loads(json.dumps(shown)) == shown
    assert shown["id"] == "one"
    assert shown["decision"] == "explicit_deny"
    assert shown["decided_by"] == "scp"
    assert shown["blocking"] == ["scp"]
    assert shown["statements"] == [
        {"layer": "scp", "policy": "scp[1][0]", "sid": "Stop", "index": 0, "level": 1}
    ]
    assert shown["missing"] == []


def test_answer_in_json_names_missing_facts():
    statement = allow(condition={"StringEquals": {"app:key": "a"}})
    asked = case(
        partial=True,
        policies={
            "identity": {"Statement": statement},
            **{layer.value: None for layer in Layer if layer is not Layer.IDENTITY_POLICY},
        },
    )
    shown = decision_to_json(asked, decide(asked))
    assert (shown["decision"], shown["missing"]) == ("unknown", ["app:key"])
    assert shown["decided_by"] is None


def test_canonical_users_and_organization_reach_the_stack():
    asked = case(
        canonical_users={"c": ACCOUNT},
        organization={"id": "o-1", "management_account": ACCOUNT, "accounts": [ACCOUNT]},
    )
    stack = asked.to_stack()
    assert stack.canonical_users == {"c": ACCOUNT}
    assert stack.organization.management_account == ACCOUNT
    assert stack.organization.accounts == {ACCOUNT}
