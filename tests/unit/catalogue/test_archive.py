"""The file of the catalogue: whatever its bytes are, it is read or refused."""

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.catalogue.forgetting import catalogue_at

from policyeval.catalogue.archive import MAGIC, PATH, open_archive, read_archive
from policyeval.catalogue.lookup import find_action, service, services
from policyeval.errors import CatalogueError

WHOLE = PATH.read_bytes()


@pytest.fixture
def elsewhere(tmp_path):
    """A catalogue whose file the test writes."""
    with catalogue_at(tmp_path / "catalogue.bin") as path:
        yield path


def header_and_body():
    end = WHOLE.index(b"\n", len(MAGIC))
    return json.loads(WHOLE[len(MAGIC) : end]), WHOLE[end + 1 :]


def written(header, body):
    return MAGIC + json.dumps(header).encode() + b"\n" + body


def test_a_missing_file_is_told_apart_from_a_damaged_one(elsewhere):
    with pytest.raises(CatalogueError) as missing:
        find_action("s3:GetObject")
    assert (missing.value.absent, missing.value.code) == (True, "PE1601")
    elsewhere.write_bytes(b"no catalogue")
    with pytest.raises(CatalogueError) as damaged:
        find_action("s3:GetObject")
    assert (damaged.value.absent, damaged.value.code) == (False, "PE1602")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        MAGIC,
        MAGIC + b"\n",
        MAGIC + b"{}\n",
        MAGIC + b"[]\n",
        MAGIC + b'{"about": [], "members": {}}\n',
        MAGIC + b"[" * 100_000 + b"\n",
        WHOLE[1:],
        WHOLE[:100],
    ],
)
def test_what_is_no_catalogue_is_refused(content):
    with pytest.raises(CatalogueError):
        read_archive(content)


def refused(content):
    try:
        read_archive(content)
    except CatalogueError as error:
        return error.code == "PE1602"
    return False


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(content):
    assert refused(content)
    assert refused(MAGIC + content)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_byte_never_gives_other_data(place, change):
    """Each member has a checksum; the header has none, but what it says must fit the members."""
    content = WHOLE[:place] + bytes([WHOLE[place] ^ change]) + WHOLE[place + 1 :]
    try:
        member = read_archive(content).member("s3")
    except CatalogueError:
        return
    assert member in (None, open_archive().member("s3"))


@pytest.mark.parametrize(
    "member",
    [
        None,
        7,
        [],
        {},
        {"name": "S3"},
        {"name": "S3", "keys": [], "resources": {}, "actions": []},
        {"name": "S3", "keys": [], "resources": {}, "actions": {"GetObject": [9, [], [], []]}},
        {"name": "S3", "keys": [], "resources": {}, "actions": {"GetObject": [0, [5], [], []]}},
        {"name": "S3", "keys": [], "resources": {}, "actions": {"GetObject": None}},
    ],
)
def test_a_member_of_another_shape_is_damage(elsewhere, member):
    header, body = header_and_body()
    packer = zlib.compressobj(zdict=zlib.decompress(body[: header["dictionary"]]))
    stream = packer.compress(json.dumps(member).encode()) + packer.flush()
    header["members"]["s3"] = [len(body), len(stream)]
    elsewhere.write_bytes(written(header, body + stream))
    with pytest.raises(CatalogueError):
        service("s3")
    with pytest.raises(CatalogueError):
        find_action("s3:GetObject")


@pytest.mark.parametrize("place", [None, 7, [], [1], ["a", "b"], [0, 5], [1 << 40, 5], [-9, 4]])
def test_a_member_in_a_wrong_place_is_damage_or_not_there(elsewhere, place):
    header, body = header_and_body()
    header["members"]["s3"] = place
    elsewhere.write_bytes(written(header, body))
    if place is None:
        assert service("s3") is None
        return
    with pytest.raises(CatalogueError):
        service("s3")


def test_a_damaged_service_leaves_the_others_alone(elsewhere):
    header, body = header_and_body()
    start, length = header["members"]["ec2"]
    elsewhere.write_bytes(written(header, body[:start] + bytes(length) + body[start + length :]))
    assert find_action("s3:GetObject").access_level == "Read"
    assert "ec2" in services()
    with pytest.raises(CatalogueError):
        find_action("ec2:RunInstances")


def test_a_large_member_that_unpacks_from_little_is_still_only_what_was_shipped():
    """The file is part of the package; its members stay small enough to unpack at once."""
    sizes = [len(json.dumps(open_archive().member(each))) for each in services()]
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 8_000_000


def test_the_file_stays_small():
    assert len(WHOLE) < 400_000
