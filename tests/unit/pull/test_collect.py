"""Answers of AWS: joined pages, kept fields, what follows; which layers are complete."""

import threading
from collections import Counter

import pytest

from policyeval.pull.assemble import complete_layers
from policyeval.pull.collect import (
    Ask,
    Collected,
    Collector,
    _asked,
    _items,
    _kept_fields,
    filled,
    given,
)
from policyeval.pull.plan import PLAN, STEPS
from policyeval.pull.problems import Gap, Why
from policyeval.pull.session import Caller
from policyeval.pull.store import Store


class Pages:
    """A client of an operation that boto3 has no paginator for."""

    def __init__(self, *pages):
        self.pages = list(pages)
        self.asked = []

    def can_paginate(self, _method):
        return False

    def list_event_buses(self, **parameters):
        self.asked.append(parameters)
        return self.pages.pop(0)


def bus(name):
    return {"Name": name, "Arn": f"arn:{name}", "Secret": "x"}


def test_pages_without_a_paginator_are_joined():
    client = Pages(
        {"EventBuses": [bus("a")], "NextToken": "1", "ResponseMetadata": {"RequestId": "r"}},
        {"EventBuses": [bus("b")], "NextToken": "2"},
        {"EventBuses": [bus("c")]},
    )
    answer = _asked(client, STEPS["events:ListEventBuses"], {"NamePrefix": "x"})
    assert [each["Name"] for each in answer["EventBuses"]] == ["a", "b", "c"]
    assert set(answer) == {"EventBuses"}
    assert client.asked == [
        {"NamePrefix": "x"},
        {"NamePrefix": "x", "NextToken": "1"},
        {"NamePrefix": "x", "NextToken": "2"},
    ]


def test_only_the_fields_that_are_needed_are_kept():
    step = STEPS["lambda:ListFunctions"]
    function = {"FunctionName": "f", "FunctionArn": "arn", "Environment": {"Variables": {"K": "s"}}}
    answer = _kept_fields({"Functions": [function], "NextMarker": "n"}, step)
    assert answer == {"Functions": [{"FunctionName": "f", "FunctionArn": "arn"}]}
    api = {"id": "a", "policy": "{}", "variables": {"K": "s"}}
    assert _kept_fields(api, STEPS["apigateway:GetRestApi"]) == {"id": "a", "policy": "{}"}


@pytest.mark.parametrize(
    ("step", "answer", "items"),
    [
        ("dynamodb:ListTables", {"TableNames": ["a"]}, [{"up": 1, "item": "a"}]),
        ("kms:ListKeys", {"Keys": [{"KeyId": "k"}]}, [{"up": 1, "KeyId": "k"}]),
        ("kms:ListKeys", {}, []),
        (
            "organizations:DescribeOrganization",
            {"Organization": {"Id": "o-1"}},
            [{"up": 1, "Id": "o-1"}],
        ),
    ],
)
def test_what_is_listed_is_asked_about_with_what_led_to_it(step, answer, items):
    assert list(_items(answer, Ask(STEPS[step], "eu-west-1", {"up": 1}))) == items


def test_templates_keep_the_type_of_a_single_field_and_leave_out_what_is_not_there():
    assert given("{Version}", {"Version": 3}) == 3
    assert given("v{Version}", {"Version": 3}) == "v3"
    assert given(("Policy",), {}) == ["Policy"]
    assert filled("{BucketRegion}", {}) == ""


# ---- which layers are complete ------------------------------------------------------------


def complete(*gaps, services=()):
    found = [Gap(why, STEPS[name], "global", "", "AccessDenied", "") for name, why in gaps]
    collected = Collected((), tuple(found), 1, 0, {})
    return {layer.value for layer in complete_layers(collected, services)}


def test_layers_that_were_read_whole_are_complete_and_others_never():
    assert complete() == {"rcp", "scp", "identity", "boundary"}
    assert complete(services=["iam"]) == {"identity", "boundary"}
    assert complete(services=["s3", "ec2"]) == set()


@pytest.mark.parametrize("step", PLAN, ids=lambda step: step.name)
@pytest.mark.parametrize("why", [Why.DENIED, Why.FAILED])
def test_a_layer_with_a_gap_is_not_complete(step, why):
    assert not complete((step.name, why)) & set(step.layers)


def test_an_account_without_an_organization_has_no_control_policies():
    found = complete(("organizations:DescribeOrganization", Why.UNUSED))
    assert {"rcp", "scp"} <= found


# ---- a run --------------------------------------------------------------------------------


class Cloud:
    """Clients of an organization whose units go in a circle, and of many topics."""

    def __init__(self):
        self.regions = ("eu-west-1",)
        self.stopping = threading.Event()
        self.asked = Counter()

    def get(self, service, _region=""):
        return self.Client(self, service)

    class Client:
        def __init__(self, cloud, service):
            self.cloud = cloud
            self.service = service

        def can_paginate(self, _method):
            return False

        def __getattr__(self, method):
            def ask(**parameters):
                self.cloud.asked[method] += 1
                return ANSWERS.get(method, lambda **_: {})(**parameters)

            return ask


ANSWERS = {
    "describe_organization": lambda: {"Organization": {"Id": "o-1"}},
    "list_roots": lambda: {"Roots": [{"Id": "r-1"}]},
    "list_organizational_units_for_parent": lambda ParentId: {
        "OrganizationalUnits": [{"Id": "ou-1" if ParentId == "r-1" else "r-1"}]
    },
    "list_topics": lambda: {"Topics": [{"TopicArn": f"arn:{number}"} for number in range(400)]},
}
CALLER = Caller("111122223333", "aws", "arn:aws:iam::111122223333:user/ana")


def run(folder, services, jobs=4):
    cloud = Cloud()
    collector = Collector(cloud, CALLER, Store(folder, CALLER.account), jobs=jobs)
    return cloud, collector.run(services)


def test_units_that_go_in_a_circle_are_asked_about_once(tmp_path):
    cloud, collected = run(tmp_path, ["organizations"])
    assert cloud.asked["list_organizational_units_for_parent"] == 2
    assert cloud.asked["list_accounts_for_parent"] == 2
    assert collected.gaps == ()


def test_many_items_are_asked_about_each_once_in_any_number_of_threads(tmp_path):
    one, first = run(tmp_path / "one", ["sns"], jobs=1)
    many, second = run(tmp_path / "many", ["sns"], jobs=16)
    assert one.asked["get_topic_attributes"] == many.asked["get_topic_attributes"] == 400
    assert [path.name for path in first.files] == [path.name for path in second.files]
    assert len(first.files) == 401
    assert (first.asked, first.kept, dict(first.counts)) == (401, 0, {"SNS topic": 400})


def test_a_run_that_was_stopped_asks_nothing_more(tmp_path):
    cloud = Cloud()
    collector = Collector(cloud, CALLER, Store(tmp_path, CALLER.account), jobs=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ANSWERS, "list_topics", lambda: {}["none"])
        with pytest.raises(KeyError):
            collector.run(["sns"])
    assert cloud.stopping.is_set()
