"""What the readers of exports say, gathered: the one thing that all of them write into.

A reader claims entries; it decides nothing. Several exports may speak of one thing: `merge`
compares their claims, so the order of files never matters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TypeVar

from policyeval.environment.exports.organization_parts import OrganizationParts
from policyeval.environment.exports.stream import Where
from policyeval.environment.model import PolicyDocument, Reader
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.policy import PolicyType
from policyeval.source import Location
from policyeval.stack import EndpointType
from policyeval.value import Value, replace

MOST_FINDINGS = 500
STAND_IN = "planned:"  # in the place of the ARN of a managed policy that has none yet
FOR_GOOD = "~"  # later than every time: when something was deleted is not told


class Given(Value):
    """What the caller tells about exports that do not tell it themselves; empty: not told."""

    account: str = ""
    region: str = ""
    partition: str = ""
    parameters: Mapping[str, str] = {}


def given_of(parameters: Mapping[str, str]) -> Given:
    """Give what parameters tell, among them the pseudo parameters of templates."""
    return Given(
        parameters.get("AWS::AccountId", ""),
        parameters.get("AWS::Region", ""),
        parameters.get("AWS::Partition", ""),
        parameters,
    )


class ManagedReference(Value):
    """A managed policy that hangs somewhere, by its ARN; `name` is that of the attachment."""

    arn: str
    name: str
    where: Where | None = None


Reference = PolicyDocument | ManagedReference
References = tuple[Reference, ...]
Tags = Mapping[str, str]


class IdentityClaim(Value):
    """What an export says of a user or role. None: it says nothing of that.

    `arn` is empty where the account is not known; `kind` is `user` or `role`. `groups` are names.
    `unknown_tags` as at `Identity`.
    """

    kind: str
    name: str
    arn: str = ""
    account: str = ""
    policies: References | None = None
    groups: tuple[str, ...] | None = None
    boundary: References | None = None
    trust: References | None = None
    tags: Tags | None = None
    unknown_tags: tuple[str, ...] = ()
    where: Where | None = None
    when: str = ""


def group_key(account: str, name: str) -> str:
    """Give the name of a group among what is gone: claims of groups have no ARN."""
    return f"group {account}/{name}"


class GroupClaim(Value):
    """What an export says of a group."""

    name: str
    account: str
    policies: References | None = None
    where: Where | None = None
    when: str = ""


class ManagedClaim(Value):
    """A managed policy with its document; `readers` gives a reader for each use."""

    arn: str
    name: str
    readers: Mapping[PolicyType, Reader] = {}
    where: Where | None = None
    when: str = ""


class ResourceClaim(Value):
    """What an export says of a resource."""

    arn: str
    owner: str = ""
    policy: References | None = None
    tags: Tags | None = None
    region: str = ""
    aliases: tuple[str, ...] | None = None
    encryption_key: str = ""
    unknown_tags: tuple[str, ...] = ()
    where: Where | None = None
    when: str = ""


class EndpointClaim(Value):
    """What an export says of a VPC endpoint; `policy` is empty where it has AWS's default."""

    id: str
    vpc: str = ""
    account: str = ""
    service: str = ""
    type: EndpointType | None = None
    policy: References | None = None
    name: str = ""
    where: Where | None = None
    when: str = ""


Claim = TypeVar("Claim", IdentityClaim, GroupClaim, ManagedClaim, ResourceClaim, EndpointClaim)


class Parts:
    """Gathers claims. Not frozen: it grows while exports are read.

    `attached` are policies that hang at a user, role or group which another export describes,
    by (kind, account, name); `joined` are groups of users likewise. `unplaced` are policies of
    resources of which nothing tells the ARN. `not_understood` counts what no reader knows, by name.
    `forms` tells of each form one file that has it. `when` is the time of the claims that follow,
    where their export tells it; `gone` when something was seen to be deleted, by ARN, id or
    `group_key`; `FOR_GOOD` where no time is told. `parameters` are those that templates have.
    """

    def __init__(self, given: Given | None = None) -> None:
        """Start with nothing; `given` is what the caller tells."""
        self.given = given or Given()
        self.findings: list[Finding] = []
        self.not_understood: Counter[str] = Counter()
        self.identities: dict[tuple[str, str, str], list[IdentityClaim]] = {}
        self.attached: dict[tuple[str, str, str], list[Reference]] = {}
        self.groups: dict[tuple[str, str], list[GroupClaim]] = {}
        self.joined: dict[tuple[str, str], set[str]] = {}
        self.managed: dict[str, list[ManagedClaim]] = {}
        self.resources: dict[str, list[ResourceClaim]] = {}
        self.resource_policies: dict[str, list[PolicyDocument]] = {}
        self.endpoints: dict[str, list[EndpointClaim]] = {}
        self.unplaced: list[PolicyDocument] = []
        self.accounts: dict[str, Counter[str]] = {}
        self.partitions: Counter[str] = Counter()
        self.organization = OrganizationParts()
        self.forms: dict[str, str] = {}
        self.gone: dict[str, str] = {}
        self.when = ""
        self.parameters: set[str] = set()

    def add(self, finding: Finding) -> None:
        """Note a finding; past a bound only their number grows."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)

    def add_identity(self, claim: IdentityClaim) -> None:
        """Take what an export says of a user or role."""
        self.identities.setdefault((claim.kind, claim.account, claim.name), []).append(
            self._timed(claim)
        )
        self._note_arn(claim.arn)

    def _timed(self, claim: Claim) -> Claim:
        return replace(claim, when=self.when) if self.when else claim

    def attach(self, kind: str, account: str, name: str, policy: Reference) -> None:
        """Take a policy that hangs at a user, role or group besides what others say of it."""
        self.attached.setdefault((kind, account, name), []).append(policy)

    def add_group(self, claim: GroupClaim) -> None:
        """Take what an export says of a group."""
        self.groups.setdefault((claim.account, claim.name), []).append(self._timed(claim))

    def add_managed(self, claim: ManagedClaim) -> None:
        """Take a managed policy."""
        self.managed.setdefault(claim.arn, []).append(self._timed(claim))

    def add_resource(self, claim: ResourceClaim) -> None:
        """Take what an export says of a resource."""
        self.resources.setdefault(claim.arn, []).append(self._timed(claim))
        self._note_arn(claim.arn)

    def add_endpoint(self, claim: EndpointClaim) -> None:
        """Take what an export says of a VPC endpoint."""
        self.endpoints.setdefault(claim.id, []).append(self._timed(claim))

    def add_account(self, account: str, name: str = "") -> None:
        """Take an account, and its name where one is told."""
        names = self.accounts.setdefault(account, Counter())
        if name:
            names[name] += 1

    def note_incomplete(self, what: str, location: Location) -> None:
        """Say that an export holds the first part of a list alone."""
        self.add(
            Finding(
                "PE1805",
                Severity.WARNING,
                f"the export goes on: {what} is the first part of a longer list",
                location,
                "export the other parts too, and give all files",
            )
        )

    def note_not_understood(self) -> None:
        """Say once what no reader knew, with numbers."""
        if not self.not_understood:
            return
        listed = sorted(self.not_understood.items(), key=lambda each: (-each[1], each[0]))
        shown = ", ".join(f"{quote(name)} ({count})" for name, count in listed[:20])
        more = f" and {len(listed) - 20} more" if len(listed) > 20 else ""
        kinds = "kind of thing was" if len(listed) == 1 else "kinds of things were"
        self.findings.append(
            Finding(
                "PE1807",
                Severity.NOTE,
                f"{len(listed)} {kinds} not understood: {shown}{more}",
                None,
                "nothing of them is part of any answer",
            )
        )

    def note_unused_parameters(self) -> None:
        """Say which values were given that no template takes: a misspelt name leaves one open."""
        if "cfn" not in self.forms:
            return
        for name in self.given.parameters:
            if name not in self.parameters and not name.startswith("AWS::"):
                near = did_you_mean(name, sorted(self.parameters))
                self.findings.append(
                    Finding(
                        "PE1814",
                        Severity.WARNING,
                        f"no template has the parameter {quote(name)}",
                        None,
                        near or "leave it out, or correct its name",
                    )
                )

    def _note_arn(self, arn: str) -> None:
        if arn:
            self.partitions[arn.split(":")[1]] += 1
