"""What there is to cover in a policy, and where it stands."""

import json
from pathlib import Path

import pytest

from policyeval.parsing.policy import parse_policy
from policyeval.testing.coverage.shape import shape_of, shape_of_data, shape_to_data, shown_name

TEXT = """{
  "Statement": [
    {
      "Sid": "A", "Effect": "Allow",
      "Action": [
        "s3:GetObject",
        "s3:PutObject"
      ],
      "Resource": "*",
      "Condition": {
        "StringNotEquals": {
          "aws:SourceVpce": "vpce-1",
          "aws:PrincipalArn": "arn:aws:iam::222233334444:role/x"
        }
      }
    },
    { "Effect": "Deny", "Action": "*", "Resource": "*" }
  ]
}
"""


def test_statements_conditions_and_patterns_have_their_lines():
    shape = shape_of(parse_policy(TEXT, name="p.json"))
    first, second = shape.statements
    assert (first.line, first.end_line, second.line, second.end_line) == (3, 16, 17, 17)
    assert [(each.text, each.line) for each in first.patterns] == [
        ("s3:GetObject", 6),
        ("s3:PutObject", 7),
        ("*", 9),
    ]
    assert [(each.key, each.line) for each in first.clauses] == [
        ("aws:SourceVpce", 12),
        ("aws:PrincipalArn", 13),
    ]
    assert (first.name, second.name) == ('"A"', "#1")
    assert shape.text == TEXT.strip()


def clause(operator, key, **more):
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", **more}
    statement["Condition"] = {operator: {key: "true"}}
    return shape_of(parse_policy({"Statement": [statement]})).statements[0].clauses[0]


@pytest.mark.parametrize(
    ("operator", "is_open"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("Null", False),
    ],
)
def test_a_condition_is_open_where_it_holds_without_its_key(operator, is_open):
    assert clause(operator, "aws:SourceVpce").open_without is is_open


def test_a_key_of_every_request_cannot_be_absent():
    assert not clause("StringNotEquals", "aws:SecureTransport").open_without
    assert not clause("StringNotEquals", "aws:PrincipalArn").open_without
    # Services and anonymous callers have no ARN: a policy with principals meets them.
    assert clause("StringNotEquals", "aws:PrincipalArn", Principal="*").open_without


def test_a_shape_goes_through_json():
    shape = shape_of(parse_policy(TEXT, name="p.json"))
    assert shape_of_data(json.loads(json.dumps(shape_to_data(shape)))) == shape


def test_files_below_the_working_directory_are_called_relative_to_it():
    here = Path.cwd()
    assert shown_name(str(here / "policies" / "a.json")) == "policies/a.json"
    assert shown_name(str(here.parent / "a.json")) == (here.parent / "a.json").as_posix()
    assert shown_name("policies/a.json") == "policies/a.json"
