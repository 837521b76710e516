"""`aws organizations …`: roots, units, accounts, policies and where they hang.

Several of these commands print a list without saying whose it is. The name of the file tells:
`list-accounts-for-parent.ou-ab12-11111111.json`, `list-parents.222233334444.json`.
"""

from __future__ import annotations

from policyeval.arn import is_account_id
from policyeval.environment.exports.fields import Fields
from policyeval.environment.exports.organization_parts import RCP, SCP
from policyeval.environment.exports.parts import Parts
from policyeval.environment.exports.subject import Subject
from policyeval.parsing.defect import quote
from policyeval.policy import PolicyType

TYPES = {SCP: PolicyType.SCP, RCP: PolicyType.RCP}


def read_organization(entry: Fields, subject: Subject) -> None:
    """Take `Organization`, of describe-organization."""
    del subject
    organization = entry.parts.organization
    identifier = entry.text("Id", required=True)
    if identifier:
        organization.ids.setdefault(identifier, entry.location("Id"))
    management = entry.text("ManagementAccountId") or entry.text("MasterAccountId")
    if management and not is_account_id(management):
        entry.report("PE1803", f"{quote(management)} is no account id", key="ManagementAccountId")
    elif management:
        organization.managements.setdefault(management, entry.location("ManagementAccountId"))


def read_root(entry: Fields, subject: Subject) -> None:
    """Take a member of `Roots`."""
    del subject
    identifier = entry.text("Id", required=True)
    if identifier:
        organization = entry.parts.organization
        organization.roots.setdefault(identifier, entry.location("Id"))
        organization.names.setdefault(identifier, entry.text("Name"))
        organization.note_arn(entry.text("Arn"), entry.location("Arn"))
        if entry.has("PolicyTypes"):
            used = {each.text("Type") for each in entry.each("PolicyTypes")}
            organization.disabled |= TYPES.keys() - used
            organization.enabled |= TYPES.keys() & used


def read_unit(entry: Fields, subject: Subject) -> None:
    """Take a member of `OrganizationalUnits`: a unit below the parent that the name tells."""
    identifier = entry.text("Id", required=True)
    if identifier:
        organization = entry.parts.organization
        organization.units.setdefault(identifier, entry.location("Id"))
        organization.names.setdefault(identifier, entry.text("Name"))
        organization.note_arn(entry.text("Arn"), entry.location("Arn"))
        if subject.id:
            organization.place(identifier, subject.id, entry.location("Id"))


def read_described_unit(entry: Fields, subject: Subject) -> None:
    """Take `OrganizationalUnit`, of describe-organizational-unit."""
    del subject
    read_unit(entry, Subject())


def read_account(entry: Fields, subject: Subject) -> None:
    """Take a member of `Accounts`, or `Account`: below the parent that the name tells, if any."""
    identifier = entry.text("Id", required=True)
    if not identifier:
        return
    if not is_account_id(identifier):
        entry.report("PE1803", f"{quote(identifier)} is no account id", key="Id")
        return
    organization = entry.parts.organization
    organization.accounts.setdefault(identifier, entry.location("Id"))
    organization.note_arn(entry.text("Arn"), entry.location("Arn"))
    entry.parts.add_account(identifier, entry.text("Name"))
    if subject.command == "list-accounts-for-parent" and subject.id:
        organization.place(identifier, subject.id, entry.location("Id"))


def read_parent(entry: Fields, subject: Subject) -> None:
    """Take a member of `Parents`: of the unit or account that the name tells."""
    identifier = entry.text("Id", required=True)
    if identifier and subject.id:
        entry.parts.organization.place(subject.id, identifier, entry.location("Id"))


def read_policy_summary(entry: Fields, subject: Subject) -> None:
    """Take a member of `Policies`: of the catalogue, or of those that hang at one target."""
    identifier, kind = _note_policy(entry)
    organization = entry.parts.organization
    if identifier and subject.command == "list-policies-for-target" and subject.id:
        organization.attached.setdefault((subject.id, kind), set()).add(identifier)
        organization.reading.setdefault(kind, set()).add(identifier)
    elif subject.command == "list-policies":
        organization.listed.add(kind)


def read_policy(entry: Fields, subject: Subject) -> None:
    """Take `Policy`, of describe-policy: the document is a text."""
    del subject
    summary = entry.object("PolicySummary")
    if summary is None or not summary.tree:
        entry.report("PE1803", "`PolicySummary` is missing")
        return
    identifier, kind = _note_policy(summary)
    if identifier and kind in TYPES and entry.has("Content"):
        reader = entry.reader("Content", TYPES[kind])
        entry.parts.organization.contents.setdefault(identifier, []).append(reader)


def read_target(entry: Fields, subject: Subject) -> None:
    """Take a member of `Targets`: where the policy that the name tells hangs."""
    identifier = entry.text("TargetId", required=True)
    organization = entry.parts.organization
    if not identifier:
        return
    organization.note_arn(entry.text("Arn"), entry.location("Arn"))
    if subject.id:
        organization.targets.setdefault(subject.id, set()).add(identifier)


def _note_policy(entry: Fields) -> tuple[str, str]:
    """Take a policy's id, name and type."""
    identifier, kind = entry.text("Id", required=True), entry.text("Type", required=True)
    if not identifier or not kind:
        return "", ""
    organization = entry.parts.organization
    if kind not in TYPES:
        entry.parts.not_understood[f"organization policy {kind}"] += 1
        return identifier, kind
    organization.types[identifier] = kind
    arn = entry.text("Arn")
    organization.arns.setdefault(identifier, arn)
    organization.names.setdefault(identifier, entry.text("Name") or identifier)
    organization.note_arn(arn, entry.location("Arn"))
    return identifier, kind


def end_list(key: str, subject: Subject, parts: Parts) -> None:
    """Take what a list that is whole tells by what is not in it."""
    organization = parts.organization
    if key == "Accounts" and subject.command == "list-accounts":
        organization.all_accounts = True
    elif key in ("Accounts", "OrganizationalUnits") and subject.id:
        organization.children.add((key, subject.id))
    elif key == "Targets" and subject.id:
        organization.targets.setdefault(subject.id, set())
        organization.targets_whole.add(subject.id)
    elif key == "Policies" and subject.command == "list-policies-for-target" and subject.id:
        for kind in _named(subject) or set(organization.reading):
            organization.attached.setdefault((subject.id, kind), set())
            listed = frozenset(organization.reading.get(kind, ()))
            organization.lists.setdefault((subject.id, kind), set()).add(listed)
            organization.attached_whole.add((subject.id, kind))
    elif key == "Policies" and subject.command == "list-policies":
        organization.catalogues |= _named(subject) or organization.listed


def _named(subject: Subject) -> set[str]:
    """Give the types of policies that the name of a file tells."""
    return set(subject.words) & set(TYPES)
