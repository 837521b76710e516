"""From what exports say of an organization to its tree, with what hangs at each level.

What is not exported is not taken to be absent: where a level's policies are not all known, one of
them is missing, and the layer unknown below. Where accounts may be left out, the tree is partial.
"""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.arn import is_account_id
from policyeval.environment.builtin import FULL_ACCESS, RCP_FULL_ACCESS, built_in
from policyeval.environment.exports.names import legal_name, short_names
from policyeval.environment.exports.organization_parts import RCP, SCP
from policyeval.environment.exports.parts import Parts
from policyeval.environment.model import (
    Documents,
    OrganizationTree,
    PolicyDocument,
    Unit,
    built_in_document,
)
from policyeval.environment.project_files import Missing
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.write import policy_to_dict
from policyeval.source import Location, Source

ROOT = "root"
MOST_LEVELS = 16  # AWS: units nest five deep
CHILDREN = ("Accounts", "OrganizationalUnits")
FIELDS = {SCP: "scps", RCP: "rcps"}
DEFAULTS = {SCP: FULL_ACCESS, RCP: RCP_FULL_ACCESS}
WORDS = {SCP: "service control policies", RCP: "resource control policies"}

Levels = Mapping[tuple[str, str], Documents | None]


def organization_tree(
    parts: Parts, account_names: Mapping[str, str]
) -> tuple[OrganizationTree | None, Levels]:
    """Give the organization, and the policies of each account by (id, `scps` or `rcps`)."""
    if parts.organization.is_empty:
        return None, {}
    tree = _Tree(parts)
    organization = tree.build()
    levels = {
        (account, field): tree.documents(account, kind)
        for account in account_names
        for kind, field in FIELDS.items()
        if account in tree.placed
    }
    return organization, levels


class _Tree:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.told = parts.organization
        self.placed: set[str] = set()
        self.below: dict[str, list[str]] = {}
        self.read: dict[str, PolicyDocument] = {}
        self.root = ""
        self.of_type: dict[str, set[str]] = {kind: set() for kind in FIELDS}
        for policy, kind in self.told.types.items():
            self.of_type[kind].add(policy)
        self.hangs_at: dict[tuple[str, str], set[str]] = {}
        for policy, targets in self.told.targets.items():
            for target in targets:
                place = (target, self.told.types.get(policy, ""))
                self.hangs_at.setdefault(place, set()).add(policy)
        # Types of which something is known that must hang somewhere.
        self.used = {
            kind
            for kind, policies in self.of_type.items()
            if not all(map(self._built_in, policies))
        } | {kind for _, kind in self.told.attached_whole}

    def build(self) -> OrganizationTree | None:
        identifier = self._only("id", self.told.ids)
        management = self._only("management account", self.told.managements)
        self.root = self._only("root", self._roots(), needed=False)
        self._place_all()
        unit = self._unit(self.root, ROOT)
        if not identifier or not management:
            return None
        return OrganizationTree(identifier, management, unit, partial=not self._is_whole())

    # ---- the tree -------------------------------------------------------------------------

    def _only(self, what: str, found: Mapping[str, Location], *, needed: bool = True) -> str:
        """Give the one id of its kind."""
        if len(found) == 1 or (not needed and not found):
            return next(iter(found), "")
        if not found:
            self._report(
                "PE1811",
                f"nothing tells the {what} of the organization",
                None,
                "add what `aws organizations describe-organization` prints",
            )
            return ""
        several = ", ".join(map(quote, sorted(found)))
        self._report(
            "PE1806",
            f"the exports tell more than one {what} of an organization: {several}",
            found[max(found)],
            "an environment has one organization: read them one by one",
        )
        return ""

    def _roots(self) -> dict[str, Location]:
        named = {
            parent: place
            for parents in self.told.parents.values()
            for parent, place in parents.items()
            if parent.startswith("r-")
        }
        return named | self.told.roots

    def _place_all(self) -> None:
        """Put each unit and account below its parent; refuse what is no tree."""
        parent_of = {child: self._parent(child) for child in sorted(self.told.parents)}
        depth = {self.root: 0} if self.root else {}
        lost: set[str] = set()
        for child in parent_of:
            path: dict[str, None] = {}
            at = child
            while at in parent_of and not (at in depth or at in lost or at in path):
                path[at] = None
                at = parent_of[at]
            if at in path:
                self._refuse_place(at, "stands below itself in the organization")
            if at not in depth:
                lost.update(path)
                continue
            for each in reversed(path):
                depth[each] = depth[parent_of[each]] + 1
        deepest = max(depth, key=depth.__getitem__, default="")
        if deepest and depth[deepest] > MOST_LEVELS:
            self._refuse_place(deepest, f"stands deeper than {MOST_LEVELS} levels")
            return
        for child in depth.keys() - {self.root}:
            self.below.setdefault(parent_of[child], []).append(child)
            if is_account_id(child):
                self.placed.add(child)

    def _parent(self, child: str) -> str:
        """Give the parent of a unit or account; refuse several."""
        parents = self.told.parents[child]
        if len(parents) > 1:
            several = " and ".join(map(quote, sorted(parents)))
            self._refuse_place(child, f"has several parents: {several}")
        return min(parents)

    def _refuse_place(self, child: str, why: str) -> None:
        places = self.told.parents[child]
        self._report(
            "PE1809",
            f"{quote(child)} {why}",
            places[min(places)],
            "leave out the older of the exports",
        )

    def _unit(self, identifier: str, name: str) -> Unit:
        """Give a unit with all below it; `_place_all` has refused circles and depth."""
        children = sorted(self.below.get(identifier, ()))
        units = [child for child in children if not is_account_id(child)]
        names = short_names(
            {each: (legal_name(self.told.names.get(each, "")), each) for each in units}
        )
        return Unit(
            name,
            identifier,
            self.documents(identifier, SCP),
            self.documents(identifier, RCP),
            tuple(
                self._unit(each, names[each]) for each in sorted(units, key=lambda one: names[one])
            ),
            tuple(child for child in children if is_account_id(child)),
        )

    def _is_whole(self) -> bool:
        """Tell whether all accounts of the organization are listed, each in its place."""
        told = self.told
        if set(told.accounts) - self.placed - set(told.managements):
            return False
        if told.all_accounts:
            return True
        units = {self.root, *told.units, *(each for each in self.below if each)}
        return all((kind, unit) in told.children for unit in units for kind in CHILDREN)

    # ---- what hangs where -----------------------------------------------------------------

    def documents(self, target: str, kind: str) -> Documents | None:
        """Give the policies of a type that hang at a target; None where nothing tells of any."""
        told, own = self.told, self.of_type[kind]
        known = told.attached.get((target, kind), set()) | self.hangs_at.get((target, kind), set())
        differ = len(told.lists.get((target, kind), ())) > 1
        if kind in told.disabled:
            # AWS: a type that is not enabled hangs nowhere, and restricts nothing.
            differ = kind in told.enabled or not all(map(self._built_in, known))
            if not differ:
                return (built_in_document(DEFAULTS[kind]),)
        if differ:
            return (self._differing(target, kind),)
        if (target, kind) in told.attached_whole:
            return self._all(told.attached[target, kind])
        if kind in told.catalogues and own and own <= told.targets_whole:
            return self._all(known)
        if not known and kind not in self.used:
            return None
        finding = Finding(
            "PE1811",
            Severity.WARNING,
            f"the exports do not tell which {WORDS[kind]} hang at {quote(target or ROOT)}, so what "
            "they say is unknown",
            None,
            f"add `list-policies-for-target.{target or 'r-ab12'}.{kind}.json`",
        )
        missing = PolicyDocument(f"{WORDS[kind]} of {target or ROOT}", Missing(finding))
        return (*self._all(known), missing)

    def _differing(self, target: str, kind: str) -> PolicyDocument:
        """Give the stand-in for policies of which the exports tell different things."""
        what = f"{WORDS[kind]} of {target or ROOT}"
        finding = Finding(
            "PE1806",
            Severity.WARNING,
            f"the exports differ in which {WORDS[kind]} hang at {quote(target or ROOT)}, so what "
            "they say is unknown",
            None,
            "leave out the older of the exports",
        )
        return PolicyDocument(what, Missing(finding))

    def _all(self, policies: set[str]) -> Documents:
        named = sorted(policies, key=lambda each: (self.told.names.get(each, ""), each))
        return tuple(self._policy(each) for each in named)

    def _policy(self, identifier: str) -> PolicyDocument:
        if identifier not in self.read:
            self.read[identifier] = self._read(identifier)
        return self.read[identifier]

    def _read(self, identifier: str) -> PolicyDocument:
        name, arn = self.told.names.get(identifier, identifier), self.told.arns.get(identifier, "")
        known = self._built_in(identifier)
        if known:
            return built_in_document(known)
        documents = [
            PolicyDocument(name, reader, arn) for reader in self.told.contents.get(identifier, ())
        ]
        if documents and _agree(documents):
            return documents[0]
        code, message, help = (
            ("PE1806", f"two exports differ in the policy {quote(name)}", "leave out the older one")
            if documents
            else (
                "PE1810",
                f"no export holds the policy {quote(name)}",
                f"add what `aws organizations describe-policy --policy-id {identifier}` prints",
            )
        )
        location = Location(Source(documents[0].name)) if documents else None
        finding = Finding(
            code, Severity.WARNING, f"{message}, so what it says is unknown", location, help
        )
        return PolicyDocument(name, Missing(finding), arn)

    def _built_in(self, identifier: str) -> str:
        """Give the name of the policy of AWS's own that an id means; empty for none."""
        name = identifier.removeprefix("p-")
        if name in (FULL_ACCESS, RCP_FULL_ACCESS):
            return name
        return built_in(self.told.arns.get(identifier, ""))

    def _report(self, code: str, message: str, place: Location | None, help: str) -> None:
        self.parts.add(Finding(code, Severity.ERROR, message, place, help))


def _agree(documents: list[PolicyDocument]) -> bool:
    """Tell whether all documents say the same."""
    if len(documents) == 1:
        return True
    read = [policy_to_dict(each.policy) if each.policy is not None else None for each in documents]
    return all(each == read[0] for each in read[1:])
