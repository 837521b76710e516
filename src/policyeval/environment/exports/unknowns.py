"""Policies of plans and templates that nobody can tell before they are deployed."""

from __future__ import annotations

from policyeval.environment.exports.stream import Where
from policyeval.environment.model import PolicyDocument
from policyeval.environment.project_files import Missing
from policyeval.finding import Finding, Severity


def unknown_policy(name: str, why: str, where: Where, help: str) -> PolicyDocument:
    """Give the stand-in for a policy that is not known yet: its layer is unknown."""
    message = f"the policy cannot be read: {why}"
    location = where.location
    return PolicyDocument(
        name, Missing(Finding("PE1812", Severity.WARNING, message, location, help))
    )
