"""The parser reads what AWS itself writes: fixtures/policies, see its SOURCES.md."""

from pathlib import Path

import pytest
from tests.unit.parsing.helpers import codes, underlined

from policyeval.parsing.policy import read_policy
from policyeval.parsing.write import write_policy
from policyeval.policy import PolicyType

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "policies"
TYPES = {
    "managed": PolicyType.IDENTITY,
    "scp": PolicyType.SCP,
    "rcp": PolicyType.RCP,
    "vpc_endpoint": PolicyType.VPC_ENDPOINT,
}
FILES = sorted(path for path in FIXTURES.glob("*/*.json"))
NOT_JSON = "deny_service_specific_credential_by_type"
NO_RCP = "shared_issuers"
# The remarks that are made, and why each is true.
REMARKS = {
    "AmazonDataZoneGlueManageAccessRolePolicy": ["PE0303"],  # ForAnyValue:StringLikeIfExists
    "ServerMigrationServiceRole": ["PE0303"],  # ForAllValues:StringLikeIfExists
    "AmazonDevOpsGuruOrganizationsAccess": ["PE0209"],  # arn:aws:organizations::*:
    "AmazonTimestreamInfluxDBServiceRolePolicy": ["PE0213"],  # a variable as account
    "deny_access_to_resources_in_an_organizational_unit_except_fo": ["PE0303", "PE0303"],
}


def read(path):
    return read_policy(
        path.read_bytes(), name=path.name, type=TYPES[path.parent.name], exempt_from_size=True
    )


GOOD = [path for path in FILES if path.stem not in (NOT_JSON, NO_RCP)]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_real_policy_is_read_without_false_remarks(path):
    policy, findings = read(path)
    assert policy is not None
    remarks = [finding.code for finding in findings if finding.severity.value != "note"]
    assert remarks == REMARKS.get(path.stem, [])
    assert {finding.code for finding in findings if finding.severity.value == "note"} <= {"PE0114"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_real_policy_survives_a_round_trip(path):
    policy, _ = read_policy(path.read_bytes())
    if path.stem == NOT_JSON:
        assert policy is None
        return
    again, _ = read_policy(write_policy(policy))
    assert again.same_language == policy.same_language


def test_the_sample_with_a_comment_is_located():
    policy, (finding,) = read(FIXTURES / "scp" / f"{NOT_JSON}.json")
    assert policy is None
    assert finding.code == "PE0010"
    assert underlined(finding).startswith("//add or remove the list of service")
    source = finding.location.source
    assert source.map.line_and_column(finding.location.resolve().start) == (15, 13)


def test_the_sample_rcp_with_a_statement_of_a_trust_policy_is_refused():
    policy, findings = read(FIXTURES / "rcp" / f"{NO_RCP}.json")
    assert policy is None
    assert [
        (finding.code, finding.location.pointer) for finding in findings if finding.is_error
    ] == [("PE0103", "/Statement/19"), ("PE0606", "/Statement/19/Effect")]
    assert "PE0310" in codes(findings)  # `accounts.google.com` is no key


def test_fixtures_are_listed_with_their_sources():
    listed = (FIXTURES / "SOURCES.md").read_text(encoding="utf-8")
    for path in FILES:
        assert f"| {path.parent.name}/{path.name} |" in listed
