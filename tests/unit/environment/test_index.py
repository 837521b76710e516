"""Whose policy decides about a resource that has none of its own."""

import pytest

from policyeval.environment.index import policy_holder

HERE = "eu-west-1:111122223333"


@pytest.mark.parametrize(
    ("arn", "holder"),
    [
        ("arn:aws:s3:::logs/a/b.log", "arn:aws:s3:::logs"),
        (f"arn:aws:s3:{HERE}:accesspoint/ours/object/a", f"arn:aws:s3:{HERE}:accesspoint/ours"),
        (f"arn:aws:dynamodb:{HERE}:table/pets/index/age", f"arn:aws:dynamodb:{HERE}:table/pets"),
        (f"arn:aws:logs:{HERE}:log-group:a:*", f"arn:aws:logs:{HERE}:log-group:a"),
        (f"arn:aws:execute-api:{HERE}:abc123/prod/GET/pets", f"arn:aws:execute-api:{HERE}:abc123"),
        (f"arn:aws:es:{HERE}:domain/pets/index/_search", f"arn:aws:es:{HERE}:domain/pets"),
        # These are resources of their own, whatever stands after the slash.
        (f"arn:aws:ecr:{HERE}:repository/a/b", f"arn:aws:ecr:{HERE}:repository/a/b"),
        (f"arn:aws:lambda:{HERE}:function:f:prod", f"arn:aws:lambda:{HERE}:function:f:prod"),
        (f"arn:aws:secretsmanager:{HERE}:secret:a/b", f"arn:aws:secretsmanager:{HERE}:secret:a/b"),
        ("*", "*"),
    ],
)
def test_policy_of_a_part_is_that_of_the_whole(arn, holder):
    assert policy_holder(arn) == holder
