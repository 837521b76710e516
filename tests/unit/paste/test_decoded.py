"""The JSON of `aws sts decode-authorization-message` (R-MSG-03), in its several shapes."""

import json

import pytest

from policyeval.errors import PolicyEvalError
from policyeval.paste.read import read_paste

BOB = "arn:aws:iam::111122223333:user/bob"
INSTANCE = "arn:aws:ec2:us-east-1:111122223333:instance/i-dd01c9bd"


def items(*values):
    return {"items": [{"value": value} for value in values]}


def document(**more):
    conditions = [
        {"key": "aws:Region", "values": items("us-east-1")},
        {"key": "ec2:Tenancy", "values": items("default")},
        {"key": "aws:TagKeys", "values": items("a", "b")},
    ]
    whole = {
        "allowed": False,
        "explicitDeny": True,
        "matchedStatements": {"items": [{"statementId": "NoStops", "effect": "DENY"}]},
        "failures": {"items": []},
        "context": {
            "principal": {"id": "AIDACKCEVSQ6C2EXAMPLE", "name": "bob", "arn": BOB},
            "action": "ec2:StopInstances",
            "resource": INSTANCE,
            "conditions": {"items": conditions},
        },
    }
    return whole | more


def read(tree):
    [pasted] = read_paste(json.dumps(tree).encode(), "stdin")
    return pasted


def test_facts_of_a_decoded_message():
    pasted = read(document())
    assert (pasted.principal, pasted.action) == (BOB, "ec2:StopInstances")
    assert pasted.resource == INSTANCE
    assert pasted.context == {
        "ec2:Tenancy": "default",
        "aws:TagKeys": ["a", "b"],
        "aws:RequestedRegion": "us-east-1",
        "aws:userid": "AIDACKCEVSQ6C2EXAMPLE",
    }
    assert (pasted.claim.explicit, pasted.claim.layer) == (True, None)
    assert "`NoStops`" in pasted.findings[0].message


def test_the_cli_puts_it_into_a_string():
    assert read({"DecodedMessage": json.dumps(document())}) == read(document())


def test_the_older_shape_of_the_documentation():
    context = document()["context"] | {
        "conditions": [{"item": {"key": "ec2:Tenancy", "values": ["default"]}}]
    }
    pasted = read(document(allowed="false", explicitDeny="false", context=context))
    assert pasted.context["ec2:Tenancy"] == "default"
    assert pasted.claim.explicit is False
    assert not pasted.claim.allowed


@pytest.mark.parametrize(
    "tree",
    [
        {"DecodedMessage": "no json"},
        {"DecodedMessage": "[]"},
        {"DecodedMessage": "[" * 5000},
        document(context=None),
        document(context=[]),
    ],
)
def test_what_does_not_fit_is_refused_with_a_way_out(tree):
    with pytest.raises(PolicyEvalError) as refused:
        read(tree)
    [finding] = refused.value.findings
    assert (finding.code, finding.help[:5]) == ("PE1707", "paste")


@pytest.mark.parametrize("conditions", [None, 3, "x", [3], {"items": 3}, [{"key": 3}], [{}]])
def test_conditions_of_no_known_shape_leave_keys_unknown(conditions):
    context = document()["context"] | {"conditions": conditions}
    assert "ec2:Tenancy" not in read(document(context=context)).context


def test_a_document_that_does_not_tell_the_answer_claims_none():
    assert read(document(allowed="perhaps")).claim is None
