"""Which IAM requests a call makes."""

import pytest

from policyeval.calls.call import ApiCall
from policyeval.calls.requests import requests_of
from policyeval.errors import InvalidRequestError

HERE = {"region": "eu-west-1", "account": "123456789012"}


def asked(service, operation, **parameters):
    """(action, resource) of the requests that are certain."""
    call = ApiCall(service, operation, parameters, **HERE)
    return [(each.action, each.resource) for each in requests_of(call) if each.certain]


def test_an_operation_may_need_an_action_of_another_name():
    assert asked("s3", "HeadBucket", Bucket="pets") == [("s3:ListBucket", "arn:aws:s3:::pets")]


@pytest.mark.parametrize("name", ["Bucket", "bucket", "--bucket", "BUCKET"])
def test_parameters_are_found_however_they_are_spelled(name):
    assert asked("s3", "HeadBucket", **{name: "pets"}) == [("s3:ListBucket", "arn:aws:s3:::pets")]


def test_a_missing_parameter_leaves_the_resource_open_and_is_named():
    [request, *_] = requests_of(ApiCall("s3", "PutObject", {"Bucket": "pets"}))
    assert (request.resource, request.missing) == ("", ("Key",))
    assert request.pattern == "arn:aws:s3:::pets/*"


def test_an_unknown_operation_is_refused_with_the_nearest_name():
    with pytest.raises(InvalidRequestError) as caught:
        requests_of(ApiCall("s3", "PutObjekt"))
    [finding] = caught.value.findings
    assert (finding.code, finding.help) == ("PE2002", "did you mean `PutObject`?")


def test_an_action_that_is_no_operation_names_those_that_need_it():
    with pytest.raises(InvalidRequestError) as caught:
        requests_of(ApiCall("s3", "ListBucket"))
    assert "ListObjectsV2" in caught.value.findings[0].help


def test_an_unknown_service_is_refused():
    with pytest.raises(InvalidRequestError) as caught:
        requests_of(ApiCall("dinamodb", "GetItem"))
    assert caught.value.findings[0].code == "PE2001"
    assert "dynamodb" in caught.value.findings[0].help
