import json

from tests.unit.parsing.helpers import document, statement

from policyeval.parsing.policy import parse_policy
from policyeval.parsing.write import policy_to_dict, write_policy


def test_elements_are_written_in_canonical_order():
    data = {
        "Statement": {
            "Condition": {"Bool": {"aws:SecureTransport": [True]}},
            "Resource": ["*"],
            "NotAction": ["s3:*", "sqs:*"],
            "NotPrincipal": {"AWS": ["123456789012"]},
            "Effect": "Deny",
            "Sid": "",
        },
        "Id": "p",
        "Version": "2012-10-17",
    }
    written = policy_to_dict(parse_policy(data))
    assert json.dumps(written) == json.dumps(
        {
            "Version": "2012-10-17",
            "Id": "p",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Deny",
                    "NotPrincipal": {"AWS": "123456789012"},
                    "NotAction": ["s3:*", "sqs:*"],
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:SecureTransport": "true"}},
                }
            ],
        }
    )


def test_written_text_is_ascii_and_ends_with_a_line_break():
    text = write_policy(parse_policy(document(statement(Sid="\u00e9"))))
    assert text.isascii()
    assert text.endswith("}\n")
    assert text.startswith('{\n  "Version"')


def test_everyone_and_empty_lists_survive():
    data = document(statement(Principal="*", Action=[]), statement(Principal={}, Resource=[]))
    policy = parse_policy(data)
    assert parse_policy(write_policy(policy)).same_language == policy.same_language
