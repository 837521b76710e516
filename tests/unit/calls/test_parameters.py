"""Parameters are found by name, however they are spelled and nested."""

import pytest

from policyeval.calls.keys import read_tags, tags_of
from policyeval.calls.parameters import DEEPEST, Parameters
from policyeval.errors import InvalidRequestError


def test_a_path_goes_through_maps_and_lists():
    found = Parameters({"Delete": {"Objects": [{"Key": "a"}, {"key": "b"}, {"VersionId": "1"}]}})
    assert found.texts("Delete.Objects[].Key") == ("a", "b")
    assert found.text("delete.objects[].version-id") == "1"
    assert "Delete.Quiet" not in found


def test_a_list_of_an_ec2_event_is_a_list():
    found = Parameters({"instancesSet": {"items": [{"instanceId": "i-1"}]}})
    assert found.texts("InstancesSet[].InstanceId") == ("i-1",)
    assert list(found.named("instanceid")) == ["i-1"]


def test_null_is_no_value_and_booleans_are_words():
    found = Parameters({"a": None, "b": True, "c": 0, "d": ""})
    assert ("a" in found, found.text("b"), found.text("c"), found.texts("d")) == (
        False,
        "true",
        "0",
        (),
    )


def test_two_spellings_of_one_parameter_are_refused():
    with pytest.raises(InvalidRequestError, match="same parameter"):
        Parameters({"Bucket": "a", "--bucket": "b"})


def test_an_empty_twin_as_in_events_of_s3_does_not_hide_the_other():
    assert Parameters({"tagging": "", "Tagging": {"a": "b"}}).get("Tagging.a") == "b"
    assert Parameters({"Tagging": {"a": "b"}, "tagging": ""}).get("Tagging.a") == "b"


def test_parameters_that_nest_without_end_are_refused():
    tree = {}
    for _ in range(DEEPEST + 2):
        tree = {"a": tree}
    with pytest.raises(InvalidRequestError, match="deep"):
        Parameters(tree)


def test_what_the_caller_gave_wins_over_what_was_derived():
    found = Parameters({"Cluster": "c"}).with_facts({"Cluster": "default", "Task": "t"})
    assert (found.text("Cluster"), found.text("Task")) == ("c", "t")


@pytest.mark.parametrize(
    "tags",
    [
        [{"Key": "Team", "Value": "Pets"}],
        [{"TagKey": "Team", "TagValue": "Pets"}],
        {"Team": "Pets"},
        "Team=Pets",
        {"TagSet": [{"Key": "Team", "Value": "Pets"}]},
    ],
)
def test_tags_keep_their_letter_case_in_every_form(tags):
    assert tags_of(Parameters({"Tagging" if isinstance(tags, str) else "Tags": tags})) == {
        "Team": "Pets"
    }


def test_what_are_no_tags_gives_none():
    assert read_tags([{"Name": "x"}]) == {}
    assert read_tags(7) == {}
    assert tags_of(Parameters({"Tags": {"a": {"b": "c"}}})) == {}
