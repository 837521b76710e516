"""Raw answers on disk: whole, found again, under names that no two subjects share."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval.pull.store import (
    COLLECTED,
    FINISHED,
    RUNNING,
    Manifest,
    Store,
    file_name,
)
from policyeval.value import replace

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ACCOUNT = "111122223333"
MANIFEST = Manifest(ACCOUNT, "aws", "arn:aws:iam::111122223333:user/ana", NOW.isoformat(), RUNNING)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "out", ACCOUNT)


def test_an_answer_is_read_back_with_times_and_bytes_as_the_aws_cli_writes_them(store):
    path = store.path("eu-west-1", "kms", "list-keys")
    store.write(path, {"At": NOW, "Data": b"\x00\xff", "Name": "Zoë"})
    assert store.read(path) == {"At": "2026-11-24T08:00:00+00:00", "Data": "AP8=", "Name": "Zoë"}
    assert path.relative_to(store.folder).as_posix() == "eu-west-1/kms/list-keys.json"


def test_an_answer_that_cannot_be_written_leaves_what_was_there(store):
    path = store.path("global", "iam", "get-account-authorization-details")
    store.write(path, {"Whole": True})

    class Broken:
        def __str__(self):
            raise RuntimeError("no text")

    with pytest.raises(RuntimeError):
        store.write(path, {"Half": [1, Broken()]})
    assert store.read(path) == {"Whole": True}
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("text", ["", "{", '{"a": 1', "[1]", "null", "\x00", "[" * 100_000])
def test_an_answer_that_is_not_whole_counts_as_none(store, text):
    path = store.path("global", "s3", "list-buckets")
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert store.read(path) is None


def test_an_answer_that_is_no_text_counts_as_none(store):
    path = store.path("global", "s3", "list-buckets")
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{"a": "\xff"}')
    assert store.read(path) is None


# ---- names --------------------------------------------------------------------------------


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_of_other_subjects_differ_even_where_case_does_not_count(one, other):
    if one != other:
        assert file_name(one).casefold() != file_name(other).casefold()


@given(st.text(min_size=1))
def test_names_are_good_on_every_file_system(subject):
    name = file_name(subject)
    assert len(name) <= 120
    assert name.isascii()
    assert not set(name) & set('<>:"/\\|?*% ')
    assert not name.startswith(".")


def test_long_names_stay_short_and_apart():
    one, other = "a" * 600, "a" * 601
    assert file_name(one) != file_name(other)
    assert len(file_name(one)) < 120


def test_names_of_buckets_and_ids_of_aws_stay_as_they_are(store):
    assert file_name("my.bucket-1") == "my.bucket-1"
    path = store.path("global", "organizations", "describe-policy", "p-FullAWSAccess")
    assert path.name == "describe-policy.p-FullAWSAccess.json"
    assert store.path("eu-west-1", "sqs", "get-queue-attributes", "Orders").name.startswith(
        "get-queue-attributes.Orders~"
    )


# ---- the manifest -------------------------------------------------------------------------


def test_manifest_is_read_back(store):
    manifest = replace(MANIFEST, regions=("eu-west-1", "us-east-1"))
    store.begin(manifest, keep=False)
    assert store.manifest() == manifest
    data = json.loads((store.folder / "manifest.json").read_text(encoding="utf-8"))
    assert data["version"] == 1


@pytest.mark.parametrize(
    "text",
    ["{}", '{"version": 2}', '{"version": 1, "account": "1"}', '{"version": 1, "regions": 7}'],
)
def test_manifest_that_does_not_fit_counts_as_none(store, text):
    store.folder.mkdir(parents=True)
    (store.folder / "manifest.json").write_text(text, encoding="utf-8")
    assert store.manifest() is None


@pytest.mark.parametrize(
    ("state", "age", "good"),
    [
        (RUNNING, timedelta(0), True),
        (RUNNING, timedelta(hours=12), True),
        (RUNNING, timedelta(hours=12, seconds=1), False),
        (RUNNING, timedelta(seconds=-1), False),
        (COLLECTED, timedelta(hours=1), True),
        (COLLECTED, timedelta(hours=2), False),
        (FINISHED, timedelta(0), False),
        ("other", timedelta(0), False),
    ],
)
def test_only_young_runs_that_did_not_end_are_taken_up(state, age, good):
    assert replace(MANIFEST, state=state).is_good(NOW + age) is good


@pytest.mark.parametrize("started", ["", "yesterday", "2026-11-24T08:00:00"])
def test_a_run_that_does_not_tell_when_it_began_is_not_taken_up(started):
    assert not replace(MANIFEST, started=started).is_good(NOW)


def test_a_new_run_clears_away_old_answers_and_keeps_them_if_told(store):
    store.begin(MANIFEST, keep=False)
    path = store.path("global", "s3", "list-buckets")
    store.write(path, {})
    store.begin(MANIFEST, keep=True)
    assert path.exists()
    store.begin(MANIFEST, keep=False)
    assert not path.exists()
    assert store.manifest() == MANIFEST


def test_raw_answers_are_hidden_from_version_control_and_from_others(store):
    store.begin(MANIFEST, keep=False)
    assert (store.base / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert store.base.stat().st_mode & 0o077 == 0


def test_other_accounts_in_the_folder_are_seen(store, tmp_path):
    assert store.other_accounts() == ()
    store.begin(MANIFEST, keep=False)
    assert store.other_accounts() == ()
    assert Store(tmp_path / "out", "444455556666").other_accounts() == (ACCOUNT,)
