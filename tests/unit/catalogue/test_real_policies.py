"""Policies that AWS has published are the judge of false alarms."""

from pathlib import Path

import pytest

from policyeval import parse_policy
from policyeval.catalogue.remarks import remarks_on_policy
from policyeval.finding import Severity

FOLDER = Path(__file__).parents[3] / "fixtures" / "policies"
NOT_JSON = "deny_service_specific_credential_by_type"  # published with a comment
POLICIES = sorted(path for path in FOLDER.glob("*/*.json") if path.stem != NOT_JSON)

# What AWS's own documents say wrongly, or of things that are gone or in no table.
TRUE = {
    ("AmazonDevOpsGuruOrganizationsAccess", "PE1609"): "arn:aws:organizations::*: ends too early",
    ("SecurityAudit", "PE1603"): "deepracer is retired",
}


def told(path):
    found = remarks_on_policy(parse_policy(path.read_text(encoding="utf-8"), name=path.name))
    return {(path.stem, each.code) for each in found if each.severity is not Severity.NOTE}


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_a_published_policy_gets_no_warning_unless_it_is_true(path):
    assert told(path) <= set(TRUE)


def test_the_true_warnings_are_given():
    assert set.union(*map(told, POLICIES)) == set(TRUE)
