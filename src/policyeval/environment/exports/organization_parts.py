"""What exports say of an organization, gathered before it becomes a tree."""

from __future__ import annotations

from policyeval.environment.model import Reader
from policyeval.source import Location

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"


class OrganizationParts:
    """Gathers an organization's units, accounts, policies and attachments. Not frozen.

    Everything goes by id. `parents` tells for each child the parents that were named, with the
    place. `children` are the lists of units or accounts below a parent that are whole: (kind,
    parent). `catalogues` are the types of policies that are listed completely. `attached` are the
    policies that hang at (target, type), `targets` the places where a policy hangs; of those in
    `attached_whole` and `targets_whole` nothing is left out. `disabled` are the types of policies
    that the root does not use, `enabled` those that it uses: of exports of different times a type
    may be in both. `lists` are the contents of whole lists by (target, type), `reading` that of
    the list which is being read, by type.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self.ids: dict[str, Location] = {}
        self.managements: dict[str, Location] = {}
        self.roots: dict[str, Location] = {}
        self.names: dict[str, str] = {}
        self.accounts: dict[str, Location] = {}
        self.units: dict[str, Location] = {}
        self.parents: dict[str, dict[str, Location]] = {}
        self.children: set[tuple[str, str]] = set()
        self.all_accounts = False
        self.types: dict[str, str] = {}
        self.arns: dict[str, str] = {}
        self.contents: dict[str, list[Reader]] = {}
        self.catalogues: set[str] = set()
        self.attached: dict[tuple[str, str], set[str]] = {}
        self.attached_whole: set[tuple[str, str]] = set()
        self.targets: dict[str, set[str]] = {}
        self.targets_whole: set[str] = set()
        self.listed: set[str] = set()
        self.disabled: set[str] = set()
        self.enabled: set[str] = set()
        self.lists: dict[tuple[str, str], set[frozenset[str]]] = {}
        self.reading: dict[str, set[str]] = {}

    @property
    def is_empty(self) -> bool:
        """True where no export spoke of an organization."""
        return not (self.ids or self.roots or self.accounts or self.units or self.parents)

    def note_arn(self, arn: str, location: Location) -> None:
        """Take the organization's id and its management account out of an ARN of its things."""
        parts = arn.split(":", 5)
        if len(parts) < 6 or parts[2] != "organizations" or not parts[4].isdigit():
            return
        self.managements.setdefault(parts[4], location)
        for step in parts[5].split("/"):
            if step.startswith("o-"):
                self.ids.setdefault(step, location)

    def place(self, child: str, parent: str, location: Location) -> None:
        """Take a parent of a unit or account."""
        self.parents.setdefault(child, {}).setdefault(parent, location)
