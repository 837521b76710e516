"""Resource and NotResource: fields, short ARNs by type of policy, the request's `*`."""

import pytest
from tests.unit.asking import ACCOUNT, OBJECT, QUEUE, USER, allow, ask, ask_user, deny, policy

from policyeval.decision import LayerVerdict
from policyeval.stack import Layer

LOGS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group"


@pytest.mark.parametrize(
    ("pattern", "resource", "covered"),
    [
        # R-MATCH-02
        ("*", OBJECT, True),
        ("**", OBJECT, False),
        ("arn:aws:s3:::shop", "arn:aws:s3:::shop/list", False),
        ("arn:aws:s3:::shop*", "arn:aws:s3:::shop/a/b:c", True),
        ("arn:aws:s3:::shop/*", "arn:aws:s3:::shop/", True),
        ("arn:aws:s3:::shop/?", "arn:aws:s3:::shop/:", True),
        ("arn:aws:s3:::shop/?", "arn:aws:s3:::shop/", False),
        ("arn:aws:s3:::Shop", "arn:aws:s3:::shop", False),
        ("arn:aws:s3:*:*:shop", "arn:aws:s3:::shop", True),
        ("arn:aws:s3:?::shop", "arn:aws:s3:::shop", False),
        ("arn:aws:sqs:eu-*-1:*:orders", QUEUE, True),
        ("arn:aws:sqs:eu?west?1:*:orders", QUEUE, True),
        ("arn:aws:sqs:eu*:orders", QUEUE, True),  # a `*` that ends its field runs on
        ("arn:aws:sqs:e*1:orders", QUEUE, False),  # one that does not stays inside
        ("arn:*:orders", QUEUE, True),
        ("arn:aws:sqs:?u-west-1:*:orders", QUEUE, True),
        (f"arn:aws:sqs:eu-west-1?{ACCOUNT}:orders", QUEUE, False),
        # observed on AWS
        ("arn:aws:logs:*", f"{LOGS}:app:log-stream:one", True),
        (f"{LOGS}*", f"{LOGS}:app:log-stream:one", True),
        (f"{LOGS}:app:*", f"{LOGS}:app:*", True),
        (f"{LOGS}:app:log-stream:one", f"{LOGS}:app:*", False),
        # literal text in the request
        ("arn:aws:s3:::shop/${*}", "arn:aws:s3:::shop/*", True),
        ("arn:aws:s3:::shop/a", "arn:aws:s3:::shop/*", False),
    ],
)
def test_resource_pattern_covers_a_resource_as_the_rules_say(pattern, resource, covered):
    action = f"{resource.split(':')[2]}:SomeAction"
    assert ask_user(allow(resource=pattern), action=action, resource=resource).allowed is covered
    statement = allow(NotResource=pattern)
    assert ask_user(statement, action=action, resource=resource).allowed is not covered


# ---- R-MATCH-03 ---------------------------------------------------------------------------


def layer_says(layer, pattern, resource=QUEUE):
    """What a layer answers whose only statement has this Resource."""
    more = {}
    if layer in (Layer.RESOURCE_POLICY, Layer.VPC_ENDPOINT_POLICY):
        more["Principal"] = "*"
    decision = ask(
        {layer: [policy(allow(resource=pattern, **more))]},
        action="sqs:SendMessage",
        resource=resource,
        context={"aws:SourceVpce": "vpce-1"},
    )
    return decision.layer(layer).verdict is LayerVerdict.ALLOWED


COMPLETED_ALWAYS = (Layer.IDENTITY_POLICY, Layer.PERMISSIONS_BOUNDARY)
COMPLETED_WITH_STAR = (Layer.RESOURCE_POLICY, Layer.VPC_ENDPOINT_POLICY)


@pytest.mark.parametrize(
    ("pattern", "layers"),
    [
        ("arn:aws:sqs", COMPLETED_ALWAYS),
        ("arn:aws:sqs:eu-west-1", COMPLETED_ALWAYS),
        ("arn:aws:sqs:eu-*-1", (*COMPLETED_ALWAYS, *COMPLETED_WITH_STAR)),
        (
            "arn:aws:sqs:*",
            (*COMPLETED_ALWAYS, *COMPLETED_WITH_STAR, Layer.SERVICE_CONTROL_POLICY),
        ),
        (f"arn:aws:sqs:eu-west-1:{ACCOUNT}", COMPLETED_ALWAYS),
        (f"arn:aws:sqs:*:{ACCOUNT}", (*COMPLETED_ALWAYS, *COMPLETED_WITH_STAR)),
        ("arn:aws", COMPLETED_ALWAYS),
        ("arn:aws:sns", ()),
        ("sqs", ()),
        ("sqs:*", ()),
        ("orders", ()),
        ("", ()),
    ],
)
@pytest.mark.parametrize("layer", [*COMPLETED_ALWAYS, *COMPLETED_WITH_STAR])
def test_short_pattern_is_completed_by_the_type_of_its_policy(layer, pattern, layers):
    assert layer_says(layer, pattern) is (layer in layers)


def test_short_pattern_of_an_scp_is_completed_where_it_ends_in_a_star():
    assert layer_says(Layer.SERVICE_CONTROL_POLICY, "arn:aws:sqs:*")
    assert layer_says(Layer.SERVICE_CONTROL_POLICY, "arn:aws:*")
    assert not layer_says(Layer.SERVICE_CONTROL_POLICY, "arn:aws:sns:*")


def test_malformed_iam_pattern_is_completed_and_still_matches_no_user():
    statement = allow(resource=f"arn:aws:iam:{ACCOUNT}:user/ana")
    assert ask_user(statement, action="iam:GetUser", resource=USER).denied


def test_pattern_that_needs_no_completion_matches_as_written():
    # A resource that has few fields of its own does not exist; `arn:*` covers all of it as written.
    assert layer_says(Layer.RESOURCE_POLICY, "arn:*")
    assert layer_says(Layer.VPC_ENDPOINT_POLICY, "arn:aws:s*")


# ---- R-MATCH-04 ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        (allow(resource="*"), True),
        (allow(resource=["arn:aws:s3:::x", "*"]), True),
        (allow(resource="arn:aws:s3:::*"), False),
        (allow(resource="arn:*"), False),
        (allow(resource="?"), False),
        (allow(NotResource="arn:aws:s3:::*"), True),
        (allow(NotResource="*"), False),
        (allow(resource=[]), False),
        (allow(NotResource=[]), True),
    ],
)
def test_request_without_a_resource_is_matched_by_what_matches_everything(statement, allowed):
    decision = ask_user(statement, action="s3:ListAllMyBuckets", resource="*")
    assert decision.allowed is allowed


def test_many_resources_match_where_one_of_them_does():
    listed = [f"arn:aws:s3:::other{number}/*" for number in range(50)]
    assert ask_user(allow(resource=[*listed, OBJECT])).allowed
    assert ask_user(allow(resource=listed)).denied
    assert ask_user(allow(), deny(NotResource=[*listed, OBJECT])).allowed
    assert ask_user(allow(), deny(NotResource=listed)).denied
