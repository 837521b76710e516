"""From the model of `environment.yaml` to the nouns: names resolved, policies found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from policyeval.arn import Arn, is_account_id
from policyeval.environment.builtin import built_in
from policyeval.environment.model import (
    Account,
    Documents,
    Endpoint,
    Environment,
    Group,
    Identity,
    OrganizationTree,
    OwnedResource,
    PolicyDocument,
    Unit,
)
from policyeval.environment.problems import dotted
from policyeval.environment.project_files import ProjectFiles, leaves_project
from policyeval.environment.yaml_tree import Node
from policyeval.finding import Finding, Severity
from policyeval.parsing.arn import read_arn
from policyeval.parsing.defect import Defect, quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.policy import PolicyType
from policyeval.source import Location, Span
from policyeval.stack import EndpointType, Layer

if TYPE_CHECKING:
    from policyeval.environment.file import (
        EndpointEntry,
        EnvironmentFile,
        OrganizationEntry,
        PrincipalEntry,
        ResourceEntry,
        RootEntry,
        UnitEntry,
    )

Steps = tuple[str | int, ...]
ROOT = "root"


class Builder:
    """Turns one file into an environment, and gathers what is wrong with it."""

    def __init__(
        self,
        tree: Node,
        model: EnvironmentFile,
        files: ProjectFiles,
        folders: Mapping[str, Path],
    ) -> None:
        """`folders` tells where each source stands: references in it are relative to that.

        `known_accounts` and `known_groups` are what exports below the file add to its names.
        """
        self.tree = tree
        self.model = model
        self.files = files
        self.folders = folders
        self.findings: list[Finding] = []
        self.placed: dict[str, Steps] = {}
        self.known_accounts: Mapping[str, str] = {}
        self.known_groups: frozenset[str] = frozenset()
        self.managed = self._managed_folder()

    def build(self, name: str) -> Environment:
        """Give the environment; of use only where no finding is an error."""
        model = self.model
        accounts = self._accounts()
        organization = self._organization(model.organization) if model.organization else None
        self._note_outsiders(organization)
        identities = {
            key: self._identity(key, entry, ("principals", key))
            for key, entry in model.principals.items()
        }
        self._refuse_twice("principals", "arn", [each.arn for each in identities.values()])
        groups = {
            key: Group(key, self._documents(entry.policies, ("groups", key), PolicyType.IDENTITY))
            for key, entry in model.groups.items()
        }
        resources = {
            key: self._resource(key, entry, ("resources", key))
            for key, entry in model.resources.items()
        }
        self._refuse_twice("resources", "arn", [each.arn for each in resources.values()])
        endpoints = {
            key: self._endpoint(key, entry, ("vpc_endpoints", key))
            for key, entry in model.vpc_endpoints.items()
        }
        self._refuse_twice("vpc_endpoints", "id", [each.id for each in endpoints.values()])
        return Environment(
            name,
            model.partition,
            organization,
            accounts,
            identities,
            groups,
            resources,
            endpoints,
            model.contexts,
            frozenset(Layer(word) for word in model.complete),
            load_findings=tuple(self.findings),
        )

    # ---- accounts and the organization ----------------------------------------------------

    def _accounts(self) -> dict[str, Account]:
        found = {
            key: Account(
                key,
                entry.id,
                entry.tags,
                self._optional(entry.scps, ("accounts", key, "scps"), PolicyType.SCP),
                self._optional(entry.rcps, ("accounts", key, "rcps"), PolicyType.RCP),
                entry.canonical_user,
            )
            for key, entry in self.model.accounts.items()
        }
        self._refuse_twice("accounts", "id", [account.id for account in found.values()])
        return found

    def _organization(self, entry: OrganizationEntry) -> OrganizationTree:
        root = self._unit(ROOT, entry.root, ("organization", "root"))
        management = self._account(entry.management, ("organization", "management"))
        return OrganizationTree(entry.id, management, root, partial=entry.partial)

    def _unit(self, name: str, entry: RootEntry | UnitEntry, steps: Steps) -> Unit:
        return Unit(
            name,
            entry.id,
            self._optional(entry.scps, (*steps, "scps"), PolicyType.SCP),
            self._optional(entry.rcps, (*steps, "rcps"), PolicyType.RCP),
            tuple(self._unit(key, below, (*steps, "ous", key)) for key, below in entry.ous.items()),
            tuple(
                self._placed_account(account, (*steps, "accounts", place))
                for place, account in enumerate(entry.accounts)
            ),
        )

    def _placed_account(self, name: str, steps: Steps) -> str:
        account = self._account(name, steps)
        first = self.placed.setdefault(account, steps)
        if account and first != steps:
            self._add(
                "PE0713",
                f"the account {quote(name)} stands in the organization twice",
                steps,
                f"it is listed at `{dotted(first[:-1])}` too: keep one",
            )
        return account

    def _account(self, name: str, steps: Steps) -> str:
        """Give the id behind an account's name."""
        if not name or is_account_id(name):
            return name
        entry = self.model.accounts.get(name)
        if entry is not None:
            return entry.id
        if name in self.known_accounts:
            return self.known_accounts[name]
        self._add_unknown("account", name, self.model.accounts, steps)
        return ""

    def _note_outsiders(self, organization: OrganizationTree | None) -> None:
        """An account that stands nowhere in the organization is taken to be outside."""
        if organization is None or organization.partial or not self.placed:
            return
        for key, entry in self.model.accounts.items():
            if entry.id not in self.placed and entry.id != organization.management:
                self._add(
                    "PE0745",
                    f"the account {quote(key)} is taken to be outside the organization",
                    ("accounts", key),
                    "list it under the root or a unit if it belongs to the organization",
                    Severity.NOTE,
                )

    # ---- who, what, through what ----------------------------------------------------------

    def _identity(self, key: str, entry: PrincipalEntry, steps: Steps) -> Identity:
        arn = self._principal_arn(entry.arn, (*steps, "arn"))
        is_user = arn is not None and arn.resource.startswith("user/")
        if is_user and entry.given("trust"):
            self._add("PE0714", "a user has no trust policy", (*steps, "trust"), "leave it out")
        if arn is not None and not is_user and entry.groups:
            self._add("PE0714", "a role is in no group", (*steps, "groups"), "leave it out")
        for place, group in enumerate(entry.groups):
            if not self._has_group(group):
                where = (*steps, "groups", place)
                self._add_unknown("group", group, self.model.groups, where)
        return Identity(
            key,
            entry.arn,
            arn.account if arn is not None else "",
            self._optional(entry.policies, (*steps, "policies"), PolicyType.IDENTITY),
            tuple(group for group in entry.groups if self._has_group(group)),
            self._single(entry, "boundary", steps, PolicyType.BOUNDARY),
            self._single(entry, "trust", steps, PolicyType.TRUST),
            entry.tags,
            unknown_tags=tuple(entry.unknown_tags),
        )

    def _has_group(self, name: str) -> bool:
        return name in self.model.groups or name in self.known_groups

    def _principal_arn(self, text: str, steps: Steps) -> Arn | None:
        arn = self._arn(text, steps)
        if arn is None:
            return None
        kind, _, name = arn.resource.partition("/")
        if arn.service == "iam" and kind in ("user", "role") and name:
            if is_account_id(arn.account):
                return arn
            self._add("PE0711", f"{quote(text)} has no account", steps)
            return None
        self._add(
            "PE0711",
            f"{quote(text)} is neither a user nor a role",
            steps,
            "principals of an environment are IAM users and roles; a session is asked for as "
            "`ROLE/SESSION`",
        )
        return None

    def _resource(self, key: str, entry: ResourceEntry, steps: Steps) -> OwnedResource:
        arn = self._arn(entry.arn, (*steps, "arn"))
        owner = self._account(entry.owner, (*steps, "owner"))
        own = arn.account if arn is not None and is_account_id(arn.account) else ""
        if own and owner and own != owner:
            self._add(
                "PE0715",
                f"the owner is given as `{owner}`, but the ARN belongs to `{own}`",
                (*steps, "owner"),
                "leave it out",
            )
        wanted = entry.encryption_key
        if wanted and wanted not in self.model.resources and not wanted.startswith("arn:"):
            self._add_unknown("resource", wanted, self.model.resources, (*steps, "encryption-key"))
        return OwnedResource(
            key,
            entry.arn,
            own or owner,
            self._single(entry, "policy", steps, PolicyType.RESOURCE),
            entry.tags,
            entry.region,
            tuple(entry.aliases),
            wanted,
            tuple(entry.unknown_tags),
        )

    def _endpoint(self, key: str, entry: EndpointEntry, steps: Steps) -> Endpoint:
        return Endpoint(
            key,
            entry.id,
            self._single(entry, "policy", steps, PolicyType.VPC_ENDPOINT) or (),
            entry.vpc,
            self._account(entry.account, (*steps, "account")),
            entry.service,
            EndpointType(entry.type) if entry.type else None,
        )

    def _arn(self, text: str, steps: Steps) -> Arn | None:
        arn, defect = read_arn(text)
        if defect is not None:
            self._add_defect(defect, steps)
        elif arn is not None and arn.partition != self.model.partition:
            self._add(
                "PE0711",
                f"{quote(text)} is not in the partition `{self.model.partition}`",
                steps,
                "one environment is one partition: set `partition`",
            )
        return arn

    # ---- exports ---------------------------------------------------------------------------

    def export_paths(self) -> list[Path]:
        """Give the files and folders of exports that lie below this file's entries."""
        found = []
        for place, reference in enumerate(self.model.exports):
            steps: Steps = ("exports", place)
            path = self._folder(steps) / reference
            resolved = self.files.inside(path)
            if resolved is None:
                self._add_defect(leaves_project(reference, self.files.root), steps)
            elif not resolved.exists():
                self._add("PE0721", f"there is no file or folder {quote(reference)}", steps)
            else:
                found.append(path)
        return found

    # ---- policies -------------------------------------------------------------------------

    def _managed_folder(self) -> Path | None:
        reference = self.model.managed_policies
        if not reference:
            return None
        steps: Steps = ("managed-policies",)
        folder = self._folder(steps) / reference
        if self.files.inside(folder) is None:
            self._add_defect(leaves_project(reference, self.files.root), steps)
        elif not folder.is_dir():
            self._add("PE0721", f"there is no folder {quote(reference)}", steps)
        else:
            return folder
        return None

    def _optional(
        self, references: list[str] | None, steps: Steps, kind: PolicyType
    ) -> Documents | None:
        return None if references is None else self._documents(references, steps, kind)

    def _single(
        self,
        entry: PrincipalEntry | ResourceEntry | EndpointEntry,
        field: str,
        steps: Steps,
        kind: PolicyType,
    ) -> Documents | None:
        """Give the one policy of a field: none if it is null, None if it is left out."""
        reference = getattr(entry, field)
        if reference is None:
            return () if entry.given(field) else None
        return self._documents([reference], (*steps, field), kind)

    def _documents(self, references: Iterable[str], steps: Steps, kind: PolicyType) -> Documents:
        found: list[PolicyDocument] = []
        for place, reference in enumerate(references):
            where = (*steps, place)
            document = self._document(reference, where, kind)
            if isinstance(document, Defect):
                self._add_defect(document, where)
            else:
                found.append(document)
        return tuple(found)

    def _document(self, reference: str, steps: Steps, kind: PolicyType) -> PolicyDocument | Defect:
        if reference.startswith("arn:") and not built_in(reference):
            place = self._scalar_place(steps)
            return self.files.managed(reference, self.managed, kind, place)
        return self.files.document(reference, self._folder(steps), kind)

    # ---- places and findings --------------------------------------------------------------

    def _folder(self, steps: Steps) -> Path:
        """Give the folder of the file in which a value stands."""
        node, _ = self.tree.find(steps)
        return self.folders[node.source.name]

    def _scalar_place(self, steps: Steps) -> Location:
        node, place = self.tree.find(steps)
        return place if isinstance(node.value, (dict, list)) else node.location

    def _add(
        self,
        code: str,
        message: str,
        steps: Steps,
        help: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        place = self._scalar_place(steps)
        self.findings.append(Finding(code, severity, message, place, help))

    def _add_unknown(self, what: str, name: str, known: Iterable[str], steps: Steps) -> None:
        names = list(known)
        help = did_you_mean(name, names) or (
            f"there are {', '.join(names)}" if names else f"the file lists no {what}"
        )
        self._add("PE0712", f"there is no {what} {quote(name)}", steps, help)

    def _add_defect(self, defect: Defect, steps: Steps) -> None:
        """Note a defect of a text; its span counts in the text, which may stand in quotes."""
        place = self._scalar_place(steps)
        node, _ = self.tree.find(steps)
        text, outer = place.source.text or "", place.span
        if defect.span is not None and outer is not None and isinstance(node.value, str):
            start = outer.start + (text[outer.start : outer.start + 1] in ("'", '"'))
            if text.startswith(node.value, start):
                inner = Span(start + defect.span.start, start + defect.span.end)
                place = Location(place.source, span=inner)
        self.findings.append(defect.at(place))

    def _refuse_twice(self, section: str, field: str, values: list[str]) -> None:
        """No two entries of a section may stand for the same thing."""
        first: dict[str, str] = {}
        for key, value in zip(getattr(self.model, section), values, strict=True):
            if first.setdefault(value, key) != key:
                self._add(
                    "PE0713",
                    f"{quote(key)} and {quote(first[value])} have the same {field}",
                    (section, key, field),
                    "keep one of them",
                )
