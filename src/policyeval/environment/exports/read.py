"""Exports to an `Environment`: each file is recognised by its content, and all are merged.

What a file is called matters only where its content does not tell whose list it is
(`exports/subject.py`). The forms are listed in docs/exports.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from policyeval.environment.exports import authorization_details as iam
from policyeval.environment.exports import config
from policyeval.environment.exports import organizations as org
from policyeval.environment.exports.fields import Fields, Origin
from policyeval.environment.exports.forms import FORMS, OF_MEMBERS, RESOURCE_POLICY
from policyeval.environment.exports.merge import Managed, merge
from policyeval.environment.exports.parts import Given, Parts
from policyeval.environment.exports.resource_policies import read_resource_policy
from policyeval.environment.exports.stream import BrokenExportError, ExportFile, Item, items
from policyeval.environment.exports.subject import NEEDED, Subject
from policyeval.environment.exports.vpc_endpoints import read_endpoint
from policyeval.environment.model import Environment
from policyeval.environment.project_files import PATH_ERRORS, ProjectFiles, project_root
from policyeval.errors import EnvironmentLoadError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.source import Location, Source, Span

ENDINGS = (".json", ".yaml", ".yml", ".template")
MOST_FILES = 50_000
MOST_DEEP = 8


def read_exports(
    paths: Iterable[str | Path],
    *,
    name: str = "exports",
    root: Path | None = None,
    given: Given | None = None,
    form: str | None = None,
) -> Environment:
    """Give the environment of all exports in these files and folders, merged.

    Links are followed only inside `root`; without it, inside the project of each path. `given`
    tells what exports leave open, such as the account of a template. With `form`, a word of
    `exports.forms`, files of other forms are refused. Raises EnvironmentLoadError with every
    finding where something cannot be read.
    """
    parts = read_parts(map(Path, paths), root, given)
    for other, shown in parts.forms.items():
        if form not in (None, other):
            message = f"{quote(shown)} is of the form `{other}`, not `{form}`"
            parts.add(Finding("PE1802", Severity.ERROR, message, _at(Path(shown)), FORMS[other]))
    environment = merge(parts, name)
    errors = [finding for finding in environment.load_findings if finding.is_error]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise EnvironmentLoadError(errors[0].message + more, environment.load_findings)
    return environment


def read_parts(paths: Iterable[Path], root: Path | None, given: Given | None = None) -> Parts:
    """Give what all exports say, before it is merged."""
    parts = Parts(given)
    files: dict[str, tuple[Path, str]] = {}
    for path in paths:
        for resolved, shown in _files(path, root, parts):
            files.setdefault(os.fspath(resolved), (resolved, shown))
    # INVARIANT: the order of the arguments is not the order of reading.
    for key in sorted(files):
        read_file(*files[key], parts)
    parts.note_not_understood()
    parts.note_unused_parameters()
    return parts


def looks_like_exports(folder: Path) -> bool:
    """Tell whether a folder holds files that may be exports, at its top or below."""
    parts = Parts()
    return next(_files(folder, None, parts), None) is not None


# ---- which files ----------------------------------------------------------------------------


def _files(path: Path, root: Path | None, parts: Parts) -> Iterator[tuple[Path, str]]:
    """Give the files that a path means, with links resolved, each with its name in messages."""
    try:
        is_folder = path.is_dir()
        files = ProjectFiles(root or project_root(path if is_folder else path.parent))
    except PATH_ERRORS as error:
        parts.add(_unreadable(path, str(error)))
        return
    if not is_folder:
        yield from _one(path, files, parts)
        return
    found = 0
    for each in _below(path, parts):
        for file in _one(each, files, parts):
            found += 1
            yield file
        if found > MOST_FILES:
            parts.add(_unreadable(path, f"it holds more than {MOST_FILES} files"))
            return
    if not found:
        parts.add(_unreadable(path, f"it holds no file that ends in {', '.join(ENDINGS)}"))


def _below(folder: Path, parts: Parts, depth: int = MOST_DEEP) -> Iterator[Path]:
    try:
        entries = sorted(each for each in folder.iterdir() if not each.name.startswith("."))
    except PATH_ERRORS as error:
        parts.add(_unreadable(folder, str(error)))
        return
    for entry in entries:
        if entry.is_dir():
            if depth and not entry.is_symlink():
                yield from _below(entry, parts, depth - 1)
            else:
                parts.not_understood[f"folder {entry.name}"] += 1
        elif entry.exists() and not entry.is_file():  # a pipe would be waited for
            parts.add(_unreadable(entry, "it is no file"))
        elif entry.suffix.lower() in ENDINGS:
            yield entry
        else:
            parts.not_understood[f"file *{entry.suffix}"] += 1


def _one(path: Path, files: ProjectFiles, parts: Parts) -> Iterator[tuple[Path, str]]:
    resolved = files.inside(path)
    if resolved is None:
        message = f"{quote(os.fspath(path))} leads outside the project"
        help = f"files must be under `{files.root}`; another folder can be given as the root"
        parts.add(Finding("PE0720", Severity.ERROR, message, _at(path), help))
        return
    yield resolved, os.path.normpath(path)


def _unreadable(path: Path, why: str) -> Finding:
    message = f"{quote(os.fspath(path))} cannot be read: {why.lower()}"
    return Finding("PE1801", Severity.ERROR, message, _at(path))


def _at(path: Path) -> Location:
    return Location(Source(os.fspath(path), ""), span=Span(0, 0))


# ---- one file -------------------------------------------------------------------------------


def read_file(path: Path, shown: str, parts: Parts) -> None:
    """Take what one export says; `path` has its links resolved, `shown` is its name."""
    subject = Subject.of(Path(shown).stem)
    reading = _Reading(shown, subject, parts)
    parts.organization.reading = {}
    try:
        if path.suffix.lower() == ".json" or _is_json(path):
            file = ExportFile.of(path, shown)
            with path.open("rb") as stream:
                reading.take_all(items(file, stream))
        else:
            from policyeval.environment.exports.yaml_export import yaml_items

            reading.take_all(yaml_items(path, shown, parts))
    except BrokenExportError as error:
        parts.add(error.finding)
    except PATH_ERRORS as error:
        why = getattr(error, "strerror", None) or str(error)
        parts.add(_unreadable(Path(shown), why))


def _is_json(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


class _Reading:
    """Hands the values of one file to the readers that know them."""

    def __init__(self, shown: str, subject: Subject, parts: Parts) -> None:
        self.shown = shown
        self.subject = subject
        self.parts = parts
        self.opened: dict[str, Item] = {}
        self.kept: dict[str, Item] = {}
        self.changes: list[Item] = []
        self.known = False
        self.strange: set[str] = set()

    def take_all(self, found: Iterator[Item]) -> None:
        """Read a file to its end."""
        for item in found:
            self._take(item)
        self._end()

    def _take(self, item: Item) -> None:
        if item.opens:
            self._open(item)
        elif item.in_list:
            self._take_from_list(item)
        else:
            self.kept[item.key] = item

    def _open(self, item: Item) -> None:
        self.opened[item.key] = item
        if item.key in LISTS:
            self.known = True
            self._refuse_nameless(item)
        elif item.key not in PLAIN:
            self.strange.add(item.key)

    def _take_from_list(self, item: Item) -> None:
        if item.key == "resource_changes":
            self.changes.append(item)
            return
        if item.key == "deferred_changes":  # that there is one is all that is asked
            self.kept.setdefault(item.key, item)
            return
        read = LISTS.get(item.key)
        if read is not None:
            entry = self._fields(item)
            if entry is not None and entry.tree:
                read(entry, self.subject)

    def _fields(self, item: Item) -> Fields | None:
        """Give the members of an item; those of AWS Config may stand as a JSON text."""
        small = item.key in OF_CONFIG
        if small and isinstance(item.value, str):
            name = item.pointer.rpartition("/")[2]
            holder = {name: item.value}
            above = item.pointer.removesuffix(f"/{name}")
            return Fields(holder, above, Origin(item), self.parts).parsed(name, small=True)
        return Fields(item.value, item.pointer, Origin(item), self.parts, small=small)

    def _refuse_nameless(self, item: Item) -> None:
        """A list that does not say whose it is needs a name that does."""
        key, subject = item.key, self.subject
        command = NEEDED.get(key, "")
        if key == "Accounts" and subject.command == "list-accounts-for-parent":
            command = subject.command
        if key == "Policies" and subject.command == "list-policies-for-target":
            command = subject.command
        if not command or (subject.command == command and _fits(command, subject.id)):
            return
        self._report_name(item, f"{command}.{EXAMPLES[command]}.json")

    def _report_name(self, item: Item, example: str) -> None:
        self.parts.add(
            Finding(
                "PE1808",
                Severity.ERROR,
                f"nothing tells whose {quote(item.key)} these are",
                Location(item.source, item.pointer, key=True),
                f"name the file after the command and its subject, such as `{example}`",
            )
        )

    def _end(self) -> None:
        if read_resource_policy({**self.opened, **self.kept}, self.subject, self.parts):
            # Members such as `Policy` are too plain to tell the command: the name does.
            self.parts.forms.setdefault(RESOURCE_POLICY, self.shown)
            return
        for key in (*self.opened, *self.kept):
            if key in OF_MEMBERS:
                self.parts.forms.setdefault(OF_MEMBERS[key], self.shown)
        for key, read in OBJECTS.items():
            item = self.kept.get(key)
            if item is not None and isinstance(item.value, Mapping):
                self.known = True
                read(Fields.of(item, self.parts), self.subject)
                del self.kept[key]
        self._end_whole_forms()
        whole = self._is_whole()
        for key in self.opened if whole else ():
            org.end_list(key, self.subject, self.parts)
        self.strange |= self.kept.keys() - PLAIN
        if not self.known:
            self._refuse_unknown()
            return
        for key in self.strange:
            self.parts.not_understood[key] += 1

    def _end_whole_forms(self) -> None:
        """Read what can only be read as a whole: plans and templates."""
        members = {*self.kept, *self.opened}
        if "resource_changes" in members or (
            not members.isdisjoint(("planned_values", "values")) and "terraform_version" in members
        ):
            from policyeval.environment.exports.terraform import read_plan

            self.known = True
            read_plan(self.kept, self.changes, self.parts)
            self.strange -= OF_PLANS
            self.kept = {key: item for key, item in self.kept.items() if key not in OF_PLANS}

        if "Resources" in self.kept and not members.isdisjoint(OF_TEMPLATES):
            from policyeval.environment.exports.cloudformation import read_template

            self.known = True
            read_template(self.kept, self.parts)
            self.kept = {key: item for key, item in self.kept.items() if key not in OF_TEMPLATES}
            self.strange -= OF_TEMPLATES

    def _is_whole(self) -> bool:
        """Tell whether the file holds the last page of its lists."""
        for key in ("IsTruncated", "NextToken", "nextToken", "Marker"):
            item = self.kept.get(key)
            if item is not None and item.value not in (None, False, ""):
                self.parts.note_incomplete(quote(self.shown), Location(item.source, item.pointer))
                return False
        return True

    def _refuse_unknown(self) -> None:
        found = sorted({*self.opened, *self.kept})
        shown = ", ".join(map(quote, found[:6])) + (", …" if len(found) > 6 else "")
        what = f"its members are {shown}" if found else "it has no members"
        self.parts.add(
            Finding(
                "PE1802",
                Severity.ERROR,
                f"{quote(self.shown)} is no export that is known: {what}",
                _at(Path(self.shown)),
                f"known are {'; '.join(FORMS.values())}",
            )
        )


# ---- who reads what -------------------------------------------------------------------------


def _read_policies(entry: Fields, subject: Subject) -> None:
    """Two services call a list `Policies`."""
    if entry.has("PolicyVersionList") or ":iam:" in str(entry.tree.get("Arn", "")):
        iam.read_managed(entry)
        return
    if subject.command not in LISTING_POLICIES and entry.pointer.endswith("/0"):
        entry.report(
            "PE1808",
            "nothing tells which `Policies` these are",
            "name the file after the command and its subject, such as "
            "`list-policies.SERVICE_CONTROL_POLICY.json` or "
            "`list-policies-for-target.ou-ab12-11111111.json`",
        )
    org.read_policy_summary(entry, subject)


LISTS: dict[str, Any] = {
    "UserDetailList": lambda entry, _: iam.read_user(entry),
    "GroupDetailList": lambda entry, _: iam.read_group(entry),
    "RoleDetailList": lambda entry, _: iam.read_role(entry),
    "Policies": _read_policies,
    "VpcEndpoints": lambda entry, _: read_endpoint(entry),
    "Roots": org.read_root,
    "OrganizationalUnits": org.read_unit,
    "Accounts": org.read_account,
    "Parents": org.read_parent,
    "Targets": org.read_target,
    "configurationItems": lambda entry, _: config.read_item(entry),
    "baseConfigurationItems": lambda entry, _: config.read_item(entry),
    "BaseConfigurationItems": lambda entry, _: config.read_item(entry),
    "Results": lambda entry, _: config.read_result(entry),
}
"""Lists by the member that holds them; an item is read when it comes."""

OBJECTS: dict[str, Any] = {
    "Organization": org.read_organization,
    "OrganizationalUnit": org.read_described_unit,
    "Account": org.read_account,
    "Policy": org.read_policy,
}
"""Objects by the member that holds them."""

OF_CONFIG = frozenset(
    {"configurationItems", "baseConfigurationItems", "BaseConfigurationItems", "Results"}
)
OF_PLANS = frozenset(
    (
        *("format_version", "terraform_version", "planned_values", "resource_changes", "values"),
        *("configuration", "variables", "output_changes", "prior_state", "relevant_attributes"),
        *("timestamp", "applyable", "complete", "errored", "checks", "resource_drift"),
        *("proposed_unknown", "deferred_changes", "action_invocations"),
    )
)
OF_TEMPLATES = frozenset(
    (
        *("AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings", "Rules"),
        *("Conditions", "Transform", "Resources", "Outputs", "Hooks", "Globals"),
    )
)
PLAIN = frozenset(
    (
        *("IsTruncated", "Marker", "NextToken", "nextToken", "ResponseMetadata", "$metadata"),
        *("fileVersion", "configSnapshotId", "QueryInfo", "UnprocessedResourceIdentifiers"),
        "unprocessedResourceKeys",
    )
)
"""What stands beside the lists and says nothing of its own."""

LISTING_POLICIES = ("list-policies", "list-policies-for-target")
EXAMPLES = {
    "list-parents": "222233334444",
    "list-targets-for-policy": "p-0123abcd",
    "list-organizational-units-for-parent": "r-ab12",
    "list-accounts-for-parent": "ou-ab12-11111111",
    "list-policies-for-target": "ou-ab12-11111111",
}


def _fits(command: str, identifier: str) -> bool:
    """Tell whether an id is one of a subject of the command."""
    if command == "list-targets-for-policy":
        return identifier.startswith("p-")
    if identifier.startswith(("r-", "ou-")):
        return command != "list-parents" or identifier.startswith("ou-")
    is_account = len(identifier) == 12 and identifier.isdigit()
    return is_account and command in ("list-parents", "list-policies-for-target")


__all__ = ["FORMS", "Given", "Managed", "Origin", "looks_like_exports", "read_exports"]
