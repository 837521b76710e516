"""From an AccessDenied message to the facts of a request (R-MSG-01, R-MSG-02)."""

import pytest

from policyeval.context import Facts
from policyeval.errors import InvalidRequestError
from policyeval.paste.message import read_message, read_messages
from policyeval.paste.pasted import PasteKind
from policyeval.stack import Layer

ANA = "arn:aws:iam::111122223333:user/ana"
HEAD = f"User: {ANA} is not authorized to perform: "


def codes(pasted):
    return [finding.code for finding in pasted.findings]


def test_facts_and_claim():
    pasted = read_message(
        HEAD + "s3:GetObject on resource: arn:aws:s3:::logs/a with an explicit deny in a resource "
        "control policy: arn:aws:organizations::1:policy/o-a/resource_control_policy/p-1"
    )
    assert pasted.kind is PasteKind.MESSAGE
    assert (pasted.principal, pasted.action) == (ANA, "s3:GetObject")
    assert pasted.resource == "arn:aws:s3:::logs/a"
    claim = pasted.claim
    assert (claim.explicit, claim.layer) == (True, Layer.RESOURCE_CONTROL_POLICY)
    assert claim.policy_arn.endswith("p-1")
    assert pasted.origins["principal"] == "the message"


def test_a_trust_policy_is_a_resource_policy_and_remembers_its_name():
    claim = read_message(
        HEAD + "sts:AssumeRole because no role trust policy allows the sts:AssumeRole action"
    ).claim
    assert (claim.layer, claim.trust, claim.explicit) == (Layer.RESOURCE_POLICY, True, False)


def test_an_anonymous_caller():
    assert (
        read_message("User: anonymous is not authorized to perform: sns:Publish").principal == "*"
    )


@pytest.mark.parametrize(
    ("words", "arn"),
    [
        ("role second-role", "arn:aws:iam::111122223333:role/second-role"),
        ("user bob", "arn:aws:iam::111122223333:user/bob"),
        ("instance profile web", "arn:aws:iam::111122223333:instance-profile/web"),
    ],
)
def test_a_bare_name_is_rebuilt_and_marked(words, arn):
    pasted = read_message(f"{HEAD}iam:PassRole on resource: {words}")
    assert (pasted.resource, pasted.rebuilt) == (arn, {"resource"})


def test_a_name_of_no_known_kind_is_not_guessed():
    pasted = read_message(f"{HEAD}iam:PassRole on resource: second-role")
    assert (pasted.resource, codes(pasted)) == ("", ["PE1703"])
    assert pasted.missing == ("resource",)


@pytest.mark.parametrize("account", ["********1234", "***", "<REMOVED>", "xxxxxxxxxxxx"])
def test_a_masked_account_is_said_to_be_one(account):
    arn = f"arn:aws:execute-api:eu-west-1:{account}:abc/prod/GET/"
    pasted = read_message(f"{HEAD}execute-api:Invoke on resource: {arn}")
    assert (pasted.resource, codes(pasted)) == ("", ["PE1702"])
    assert account in pasted.findings[0].message


def test_an_unknown_ending_is_shown():
    pasted = read_message(f"{HEAD}s3:GetObject on resource: * because the moon is full")
    assert codes(pasted) == ["PE1704"]
    assert pasted.claim.explicit is None


def test_commands_for_what_aws_keeps():
    pasted = read_message(
        "You are not authorized to perform this operation. Encoded authorization failure message: "
        "abc-_1"
    )
    assert codes(pasted) == ["PE1705"]
    assert "decode-authorization-message --encoded-message abc-_1 " in pasted.findings[0].command
    kept = read_message(
        HEAD + "s3:GetObject with an explicit deny, with the following authorization id: x9"
    )
    assert "--authorization-id x9 " in kept.findings[0].command


def test_a_request_is_partial_unless_asked_for_otherwise():
    pasted = read_message(f"{HEAD}s3:GetObject on resource: arn:aws:s3:::logs/a")
    assert pasted.to_request().facts is Facts.PARTIAL
    assert pasted.to_request(Facts.TYPED).facts is Facts.TYPED


def test_a_request_of_which_a_part_is_missing_is_refused():
    with pytest.raises(InvalidRequestError, match="does not tell the resource"):
        read_message(f"{HEAD}s3:GetObject").to_request()


def test_several_messages():
    text = f"{HEAD}s3:GetObject\n{HEAD}s3:PutObject"
    assert [pasted.action for pasted in read_messages(text)] == ["s3:GetObject", "s3:PutObject"]
    assert read_messages("nothing here") == ()


# ---- what the tables complete -------------------------------------------------------------


def test_an_operation_of_s3_tells_the_action():
    pasted = read_message(
        "An error occurred (AccessDenied) when calling the ListObjectsV2 operation: Access Denied"
    )
    assert (pasted.action, pasted.rebuilt) == ("s3:ListBucket", {"action"})
    assert pasted.missing == ("principal", "resource")


def test_a_service_beside_the_operation_is_believed():
    pasted = read_message("operation error SQS: CreateQueue, https response error: AccessDenied")
    assert pasted.action == "sqs:CreateQueue"


def test_an_operation_that_no_service_has_tells_nothing():
    pasted = read_message(
        "An error occurred (AccessDenied) when calling the Frobnicate operation: Access Denied"
    )
    assert pasted.action == ""


def test_an_action_without_resources_is_asked_on_everything():
    pasted = read_message(
        "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: s3:ListAllMyBuckets"
    )
    assert (pasted.resource, pasted.rebuilt) == ("*", set())
    assert read_message("User is not authorized to perform: s3:GetObject").resource == ""


@pytest.mark.parametrize(
    "around",
    [
        '{{"message":"{}"}}',
        '{{"message":"{}","requestId":"1"}}',
        "<Error><Message>{}</Message><RequestId>1</RequestId></Error>",
        "[Error: {}]",
        "{{ name: '{}' }}",
        'level=error msg="{}"',
    ],
)
def test_what_stands_behind_a_sentence_without_reason_is_no_part_of_its_resource(around):
    queue = "arn:aws:sqs:us-east-1:111122223333:jobs"
    said = f"User: {ANA} is not authorized to perform: sqs:SendMessage on resource: {queue}"
    told = read_message(around.format(said))
    assert (told.resource, told.findings) == (queue, ())


def test_a_resource_with_spaces_and_no_quotes_is_not_cut():
    told = read_message(
        f"User: {ANA} is not authorized to perform: s3:GetObject on resource: "
        "arn:aws:s3:::b/my file.txt with an explicit deny in a resource-based policy"
    )
    assert told.resource == ""
    assert [finding.code for finding in told.findings] == ["PE1703"]
