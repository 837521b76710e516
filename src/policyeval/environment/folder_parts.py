"""What a folder of policies says about accounts, principals, resources and endpoints."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from policyeval.arn import is_account_id
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
from policyeval.environment.names import GROUP
from policyeval.environment.project_files import ProjectFiles
from policyeval.finding import Finding, Severity
from policyeval.parsing.arn import read_arn
from policyeval.parsing.defect import Defect, quote
from policyeval.parsing.document import NumberText
from policyeval.policy import PolicyType
from policyeval.source import Location, Source, Span

META = ".meta.yaml"
META_KEYS = ("arn", "owner", "region", "tags", "groups")
ROOT = "@root"

TYPES = {
    "scp": PolicyType.SCP,
    "rcp": PolicyType.RCP,
    "identity": PolicyType.IDENTITY,
    "permission_set": PolicyType.IDENTITY,
    "boundary": PolicyType.BOUNDARY,
    "session": PolicyType.SESSION,
    "trust": PolicyType.TRUST,
    "resource": PolicyType.RESOURCE,
    "vpc_endpoint": PolicyType.VPC_ENDPOINT,
}

Steps = tuple[str, ...]
Holder = dict[str, list[PolicyDocument]]


class Parts:
    """Gathers the policies of a folder by where they hang. Not frozen: it grows while reading."""

    def __init__(self, files: ProjectFiles) -> None:
        """`files` gives the documents, and keeps links inside the project."""
        self.files = files
        self.findings: list[Finding] = []
        self.scps: Holder = {}
        self.rcps: Holder = {}
        self.identities: dict[tuple[str, str], dict[str, list[PolicyDocument]]] = {}
        self.groups: Holder = {}
        self.permission_sets: Holder = {}
        self.sessions: dict[str, PolicyDocument] = {}
        self.resources: dict[str, OwnedResource] = {}
        self.endpoints: Holder = {}
        self.unplaced: list[PolicyDocument] = []
        self.metas: dict[tuple[str, str], dict[str, Any]] = {}

    def add(self, layer: str, steps: Steps, file: Path) -> None:
        """Take a policy; `steps` lead from its layer's folder to it, without the ending."""
        name = "/".join((layer, *steps)) + file.suffix
        document = self.files.document(file.name, file.parent, TYPES[layer])
        if isinstance(document, Defect):
            self._add(document.code, document.message, file, document.help)
            return
        named = PolicyDocument(name, document.reader, document.arn)
        place: Callable[[Steps, Path, PolicyDocument], None] = getattr(self, f"_add_{layer}")
        place(steps, file, named)

    # ---- one for each layer ---------------------------------------------------------------

    def _add_scp(self, steps: Steps, file: Path, document: PolicyDocument) -> None:
        self._add_leveled(self.scps, steps, file, document)

    def _add_rcp(self, steps: Steps, file: Path, document: PolicyDocument) -> None:
        self._add_leveled(self.rcps, steps, file, document)

    def _add_leveled(
        self, holders: Holder, steps: Steps, file: Path, document: PolicyDocument
    ) -> None:
        level = steps[0] if len(steps) > 1 else ROOT
        if not level.startswith("@"):
            self._add(
                "PE0730",
                f"the folder {quote(level)} names no level of the organization",
                file,
                "levels are `@root`, `@UNIT` and `@111122223333`",
            )
            return
        holders.setdefault(level, []).append(document)

    def _add_identity(self, steps: Steps, file: Path, document: PolicyDocument) -> None:
        if steps[0].startswith(GROUP):
            self.groups.setdefault(steps[0].removeprefix(GROUP), []).append(document)
        else:
            self._add_to_identity("policies", steps, file, document)

    def _add_boundary(self, steps: Steps, file: Path, document: PolicyDocument) -> None:
        self._add_to_identity("boundary", steps, file, document)

    def _add_trust(self, steps: Steps, file: Path, document: PolicyDocument) -> None:
        self._add_to_identity("trust", steps, file, document)

    def _add_to_identity(
        self, field: str, steps: Steps, file: Path, document: PolicyDocument
    ) -> None:
        account = ""
        if len(steps) > 1 and is_account_id(steps[0]):
            account, *rest = steps
            steps = tuple(rest)
        key = (account, steps[0])
        self.identities.setdefault(key, {}).setdefault(field, []).append(document)
        beside = file if len(steps) == 1 else file.parent
        for meta in dict.fromkeys((file.with_name(file.stem + META), _meta_of(beside, steps[0]))):
            if meta.exists():
                self.metas.setdefault(key, {}).update(self._meta(meta))

    def _add_permission_set(self, steps: Steps, _: Path, document: PolicyDocument) -> None:
        self.permission_sets.setdefault(steps[0], []).append(document)

    def _add_session(self, steps: Steps, _: Path, document: PolicyDocument) -> None:
        self.sessions["/".join(steps)] = document

    def _add_vpc_endpoint(self, steps: Steps, _: Path, document: PolicyDocument) -> None:
        self.endpoints.setdefault(steps[0], []).append(document)

    def _add_resource(self, steps: Steps, file: Path, document: PolicyDocument) -> None:
        meta_file = file.with_name(file.stem + META)
        meta = self._meta(meta_file) if meta_file.exists() else {}
        arn = meta.get("arn") or self._arn_in(document)
        if not arn:
            if document.policy is None:
                self.unplaced.append(document)
                return
            self._add(
                "PE0731",
                f"nothing tells whose policy {quote(document.name)} is",
                file,
                f"no request meets it until `{file.stem}{META}` beside it says `arn: …`",
                Severity.WARNING,
            )
            return
        owner = meta.get("owner") or ""
        own = arn.split(":")[4]
        self.resources["/".join(steps)] = OwnedResource(
            "/".join(steps),
            arn,
            own if is_account_id(own) else owner,
            (document,),
            meta.get("tags") or {},
            meta.get("region") or "",
        )

    def _arn_in(self, document: PolicyDocument) -> str:
        """Give the ARN of the first Resource that names one resource."""
        policy = document.policy
        for statement in policy.statements if policy is not None else ():
            if statement.resource is None or statement.resource.negated:
                continue
            for template in statement.resource.patterns:
                text = template.text.removesuffix("/*").removesuffix("*")
                arn, _ = read_arn(text)
                if arn is not None and not {"*", "?", "$"} & set(text):
                    return text
        return ""

    # ---- what stands beside a policy ------------------------------------------------------

    def _meta(self, file: Path) -> dict[str, Any]:
        """Read `NAME.meta.yaml`: a flat map of texts, with tags and groups."""
        from policyeval.environment.project_files import read_file
        from policyeval.environment.yaml_tree import read_tree

        data, why = read_file(file)
        if why or self.files.inside(file) is None:
            self._add("PE0701", f"{quote(file.name)} cannot be read: {why or 'a link'}", file)
            return {}
        tree, findings = read_tree(data.decode("utf-8", "replace"), os.fspath(file))
        self.findings += findings
        plain = tree.plain() if tree is not None else {}
        if any(finding.is_error for finding in findings):
            return {}
        if not isinstance(plain, dict) or not all(map(_fits, plain.items())):
            self._add(
                "PE0707",
                f"{quote(file.name)} does not fit",
                file,
                f"it may have {', '.join(META_KEYS)}: an ARN, an account id in quotes, a text, "
                "a map of tags, a list of groups",
            )
            return {}
        return plain

    def _add(
        self,
        code: str,
        message: str,
        file: Path,
        help: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        location = Location(Source(os.fspath(file), ""), span=Span(0, 0))
        self.findings.append(Finding(code, severity, message, location, help))

    # ---- all together ---------------------------------------------------------------------

    def environment(self, name: str, findings: tuple[Finding, ...]) -> Environment:
        """Give the environment of what was gathered."""
        identities = {"/".join(filter(None, key)): self._identity(key) for key in self.identities}
        for each, documents in self.permission_sets.items():
            key = f"permission-set/{each}"
            identities[key] = Identity(each, policies=tuple(documents), permission_set=each)
        return Environment(
            name,
            organization=self._organization(),
            accounts=self._accounts(),
            identities=identities,
            groups={each: Group(each, tuple(found)) for each, found in self.groups.items()},
            resources=self.resources,
            endpoints={
                each: Endpoint(each, each, tuple(found)) for each, found in self.endpoints.items()
            },
            sessions=self.sessions,
            unplaced=tuple(self.unplaced),
            load_findings=(*findings, *self._memberless_groups()),
        )

    def _identity(self, key: tuple[str, str]) -> Identity:
        account, name = key
        found, meta = self.identities[key], self.metas.get(key, {})
        arn = meta.get("arn") or ""
        return Identity(
            name,
            arn,
            account or (arn.split(":")[4] if arn.count(":") >= 5 else ""),
            _documents(found, "policies"),
            tuple(group for group in meta.get("groups") or () if group in self.groups),
            _documents(found, "boundary"),
            _documents(found, "trust"),
            meta.get("tags") or {},
        )

    def _memberless_groups(self) -> Iterator[Finding]:
        members = {group for meta in self.metas.values() for group in meta.get("groups") or ()}
        for group in self.groups:
            if group not in members:
                yield Finding(
                    "PE0734",
                    Severity.NOTE,
                    f"nothing tells who is in the group {quote(group)}: its policies are nobody's",
                    help=f"write `groups: [{group}]` into `identity/USER{META}`",
                )

    def _organization(self) -> OrganizationTree | None:
        levels = [level for level in (*self.scps, *self.rcps) if not is_account_id(level[1:])]
        if not levels:
            return None
        units = [level for level in dict.fromkeys(levels) if level != ROOT]
        below = tuple(self._unit(level) for level in units)
        root = self._unit(ROOT)
        return OrganizationTree(
            "", "", Unit(root.name, "", root.scps, root.rcps, below, default_scp=True), open=True
        )

    def _unit(self, level: str) -> Unit:
        return Unit(
            level.removeprefix("@"),
            "",
            _documents(self.scps, level),
            _documents(self.rcps, level),
            default_scp=True,
        )

    def _accounts(self) -> dict[str, Account]:
        ids = [level[1:] for level in (*self.scps, *self.rcps) if is_account_id(level[1:])]
        return {
            each: Account(
                each,
                each,
                scps=_documents(self.scps, f"@{each}"),
                rcps=_documents(self.rcps, f"@{each}"),
                default_scp=True,
            )
            for each in dict.fromkeys(ids)
        }


def _documents(holders: Holder, key: str) -> Documents | None:
    return tuple(holders[key]) if key in holders else None


def _fits(item: tuple[str, Any]) -> bool:
    key, value = item
    if key == "tags":
        return isinstance(value, dict) and all(isinstance(tag, str) for tag in value.values())
    if key == "groups":
        return isinstance(value, list) and all(isinstance(group, str) for group in value)
    if key == "arn":
        return isinstance(value, str) and read_arn(value)[0] is not None
    if key == "owner":
        quoted = isinstance(value, str) and not isinstance(value, NumberText)
        return quoted and is_account_id(value)
    return key == "region" and isinstance(value, str)


def _meta_of(beside: Path, name: str) -> Path:
    return beside.with_name(name + META)
