"""Requests of AWS's policy simulator, with its results where they are given, to policy tests.

A request is the JSON of `aws iam simulate-custom-policy --cli-input-json`, or that of
`simulate-principal-policy`; several stand in a list, or one on a line. AWS documents them as
API_SimulateCustomPolicy, API_SimulatePrincipalPolicy and API_EvaluationResult.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from policyeval.environment.index import policy_holder
from policyeval.environment.project_files import read_file
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.document import NumberText, read_document
from policyeval.parsing.nearest import did_you_mean
from policyeval.policy import escape_pointer
from policyeval.source import Location, Source, Span
from policyeval.testing.errors import SuiteError
from policyeval.testing.imports.caller import account_of, caller_for, note_one_sided
from policyeval.testing.imports.context import EntryError, key_and_value
from policyeval.testing.imports.draft import Draft, DraftTest
from policyeval.value import Value

_POLICIES = "PolicyInputList"
_BOUNDARIES = "PermissionsBoundaryPolicyInputList"
_ORGANIZATION, _SCPS = "OrderedOrganizationPolicyInputList", "ServiceControlPolicyInputList"
KEYS = (
    _POLICIES,
    _BOUNDARIES,
    _ORGANIZATION,
    *("ActionNames", "ResourceArns", "ResourcePolicy", "ResourceOwner", "CallerArn"),
    *("ContextEntries", "ResourceHandlingOption", "PolicySourceArn", "EvaluationResults"),
    "PolicyExclusionList",
)
_OF_NO_MATTER = ("MaxItems", "Marker", "IsTruncated", "$schema")
EXPECT = {"allowed": "allow", "implicitDeny": "implicit-deny", "explicitDeny": "explicit-deny"}
Decisions = Mapping[tuple[str, str], str]
"""Short forms by action and resource, both in lower case where AWS does not tell cases apart."""


class Record(Value):
    """A JSON object and where it stands."""

    content: dict[str, Any]
    source: Source
    pointer: str = ""

    def at(self, *steps: str | int) -> Location:
        """Give the place of a value in it."""
        path = "".join(f"/{escape_pointer(str(step))}" for step in steps)
        return Location(self.source, self.pointer + path)


class _LeftOutError(Exception):
    """A request cannot come over; the reason has been noted."""


def from_simulator(
    path: Path, target: Path, *, results: Path | None = None, environment: Path | None = None
) -> Draft:
    """Give the policy tests of a file of requests, to be written as `target`.

    `results` holds what the simulator answered, in the order of the requests; what is expected is
    taken from there, or from `EvaluationResults` beside a request, and from nowhere else.
    `environment` is the world of requests with `PolicySourceArn`. Raises SuiteError where a file
    cannot be read; what does not fit is among the findings.
    """
    draft = Draft(target)
    requests = read_records(path)
    answers: list[Record] = read_records(results) if results is not None else []
    if answers and len(answers) != len(requests):
        draft.warn(
            "PE2365",
            f"there are {len(requests)} requests and {len(answers)} results",
            answers[-1].at(),
            "results belong to the requests in their order",
        )
    for number, record in enumerate(requests):
        answer = answers[number] if number < len(answers) else None
        with suppress(_LeftOutError):
            _Request(record, draft, environment).take(answer)
    return draft


def read_records(path: Path) -> list[Record]:
    """Give the objects of a file: one, a list of them, or one on each line."""
    data, why = read_file(path)
    if why:
        place = Location(Source(str(path), ""), span=Span(0, 0))
        raise _error(f"{quote(str(path))} cannot be read: {why}", place)
    tree, source, findings = read_document(data, str(path))
    if tree is None:
        records = list(_lines(source.text or "", str(path)))
        if len(records) > 1 and all(isinstance(each.content, dict) for each in records):
            return records
        raise SuiteError(f"{quote(str(path))} is not JSON", findings)
    listed = isinstance(tree, list)
    found = [
        Record(each, source, f"/{number}" if listed else "")
        for number, each in enumerate(tree if listed else [tree])
    ]
    for record in found:
        if not isinstance(record.content, dict):
            raise _error("a request or result is a JSON object", record.at())
    return found


def _lines(text: str, name: str) -> Iterator[Record]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            tree, source, _ = read_document(line, name, line=number)
            yield Record(tree, source)
            if not isinstance(tree, dict):
                return


class _Request:
    def __init__(self, record: Record, draft: Draft, environment: Path | None) -> None:
        self._record = record
        self._draft = draft
        self._environment = environment
        # `--generate-cli-skeleton` fills in empty texts and lists: they say nothing.
        self._given = {
            key: value for key, value in record.content.items() if value not in ("", None)
        }

    def take(self, answer: Record | None) -> None:
        """Take over one request, as a test for each action and resource."""
        self._note_unknown()
        actions = self._texts("ActionNames")
        resources = self._texts("ResourceArns") or ("*",)
        if not actions:
            self._leave_out("it has no `ActionNames`")
        base, caller = self._world(resources)
        has_policy = bool(self._text("ResourcePolicy"))
        if has_policy and not caller:
            self._leave_out("`ResourcePolicy` needs `CallerArn`", "ResourcePolicy")
        context = self._context()
        owner = account_of(self._text("ResourceOwner"))
        decisions = self._decisions(answer, resources)
        for principal, account, some in caller_for(resources, caller, owner, has_policy):
            if "environment" not in base:
                place = self._record.at("ResourceArns")
                note_one_sided(self._draft, principal, account, some, has_policy, place)
            for number, action in enumerate(actions):
                for resource in some:
                    expect = decisions.get((action.lower(), resource), "")
                    self._draft.add(
                        DraftTest(
                            f"{action} on {resource}",
                            (action,),
                            (resource,),
                            self._record.at("ActionNames", number),
                            principal,
                            account,
                            context,
                            expect,
                            base=base,
                        )
                    )

    # ---- policies ---------------------------------------------------------------------------

    def _world(self, resources: tuple[str, ...]) -> tuple[dict[str, Any], str]:
        """Give the start of the suite, and who asks."""
        identity = self._policies(_POLICIES, "identity")
        boundary = self._policies(_BOUNDARIES, "boundary")
        resource = self._policies("ResourcePolicy", "resource")
        caller, source = self._text("CallerArn"), self._text("PolicySourceArn")
        if not source:
            if not identity:
                self._leave_out(f"it has no `{_POLICIES}`")
            stack: dict[str, Any] = {"scp": self._levels(), "resource": resource}
            stack |= {"identity": identity, "boundary": boundary}
            return {"stack": {layer: files for layer, files in stack.items() if files}}, caller
        if self._given.get("PolicyExclusionList") or self._given.get(_ORGANIZATION):
            key = "PolicyExclusionList" if "PolicyExclusionList" in self._given else _ORGANIZATION
            self._leave_out(f"`{key}` changes what hangs in the environment", key)
        if self._environment is None:
            self._leave_out(
                "the policies of `PolicySourceArn` are not in the request",
                "PolicySourceArn",
                "`--env FILE` names an environment that has them",
            )
        if caller not in ("", source) or ":group/" in source:
            self._leave_out("a test asks with the policies of its own principal", "PolicySourceArn")
        return self._in_environment(source, identity, boundary, resource, resources), source

    def _in_environment(
        self,
        source: str,
        identity: list[str],
        boundary: list[str],
        resource: list[str],
        resources: tuple[str, ...],
    ) -> dict[str, Any]:
        """The simulator adds policies to the principal's, and puts others in place of the rest."""
        assert self._environment is not None
        folder = self._draft.target.parent
        base: dict[str, Any] = {"environment": _relative(self._environment, folder)}
        instead: dict[str, Any] = {}
        if resource:
            holders = sorted({policy_holder(each) for each in resources})
            instead["resource"] = dict.fromkeys(holders, resource)
        if boundary:
            instead["boundary"] = {source: boundary}
        if instead:
            base["policies"] = instead
        if identity:
            base["attach"] = {"identity": {source: identity}}
        return base

    def _levels(self) -> list[list[str]]:
        """Give the files of SCPs by level, from the organization's root to the account."""
        levels = self._given.get(_ORGANIZATION, [])
        if not isinstance(levels, list) or not all(isinstance(each, dict) for each in levels):
            self._leave_out(f"`{_ORGANIZATION}` is no list of levels", _ORGANIZATION)
        if levels == [{_SCPS: [""]}]:
            return []  # of a skeleton
        for number, level in enumerate(levels):
            foreign = [key for key in level if key != _SCPS]
            if foreign:
                message = f"{quote(foreign[0])} is unknown in a level"
                self._leave_out(message, _ORGANIZATION, number=number)
        return [
            self._files(level.get(_SCPS), "scp", _ORGANIZATION, number, _SCPS)
            for number, level in enumerate(levels)
        ]

    def _policies(self, key: str, layer: str) -> list[str]:
        """Give the files of the policies of a list, or of a single one."""
        return self._files(self._given.get(key), layer, key)

    def _files(self, value: Any, layer: str, *steps: str | int) -> list[str]:
        several = isinstance(value, list)
        files = []
        for number, text in enumerate(value if isinstance(value, list) else [value]):
            if text in (None, ""):
                continue
            place = self._record.at(*steps, number) if several else self._record.at(*steps)
            if not _is_text(text):
                self._leave_out(f"`{steps[-1]}` holds policies as texts", str(steps[0]))
            file = self._draft.policy(layer, text, self._record.source.name, place)
            if file is None:
                self._draft.left_out += 1
                raise _LeftOutError
            files.append(file)
        return files

    # ---- context and results ----------------------------------------------------------------

    def _context(self) -> dict[str, Any]:
        context: dict[str, Any] = {}
        seen: set[str] = set()
        entries = self._given.get("ContextEntries", [])
        if not isinstance(entries, list):
            self._leave_out("`ContextEntries` is no list", "ContextEntries")
        for number, entry in enumerate(entries):
            if not isinstance(entry, dict):
                self._leave_out("a context entry is no object", "ContextEntries", number=number)
            if not entry.get("ContextKeyName"):
                continue  # of a skeleton
            try:
                key, value = key_and_value(entry)
            except EntryError as error:
                self._leave_out(error.message, "ContextEntries", error.help, number=number)
            if key.lower() in seen:
                message = f"{quote(key)} is given twice"
                self._leave_out(message, "ContextEntries", number=number)
            seen.add(key.lower())
            context[key] = value
        return context

    def _decisions(self, answer: Record | None, resources: tuple[str, ...]) -> Decisions:
        record = answer if answer is not None else self._record
        results = record.content.get("EvaluationResults", [])
        found: dict[tuple[str, str], str] = {}
        if not isinstance(results, list):
            self._draft.warn("PE2365", "`EvaluationResults` is no list", record.at())
            return found
        for number, result in enumerate(results):
            place = record.at("EvaluationResults", number)
            if not isinstance(result, dict) or not _is_text(result.get("EvalActionName")):
                self._draft.warn("PE2365", "the result names no action", place)
                continue
            if result.get("MissingContextValues"):
                self._draft.warn(
                    "PE2365",
                    "AWS answered without facts that the policies ask for",
                    record.at("EvaluationResults", number, "MissingContextValues"),
                    "the suite takes context keys that are not given to be absent",
                )
            action = str(result["EvalActionName"]).lower()
            for resource, decision in _by_resource(result, resources):
                if decision not in EXPECT:
                    message = f"{quote(str(decision))} is no decision"
                    self._draft.warn("PE2365", message, place)
                    continue
                found[action, resource] = EXPECT[decision]
        return found

    # ---- texts ------------------------------------------------------------------------------

    def _text(self, key: str) -> str:
        value = self._given.get(key, "")
        if not _is_text(value):
            self._leave_out(f"`{key}` is no text", key)
        return str(value)

    def _texts(self, key: str) -> tuple[str, ...]:
        value = self._given.get(key, [])
        if not isinstance(value, list) or not all(map(_is_text, value)):
            self._leave_out(f"`{key}` is no list of texts", key)
        return tuple(dict.fromkeys(text for text in value if text))

    def _note_unknown(self) -> None:
        for key in self._record.content:
            if key not in (*KEYS, *_OF_NO_MATTER):
                place = Location(
                    self._record.source,
                    f"{self._record.pointer}/{escape_pointer(key)}",
                    key=True,
                )
                help = did_you_mean(key, KEYS)
                self._draft.warn("PE2361", f"{quote(key)} is left out", place, help)
        if "ResourceHandlingOption" in self._given:
            place = self._record.at("ResourceHandlingOption")
            self._draft.warn("PE2361", "`ResourceHandlingOption` is left out", place)

    def _leave_out(self, why: str, key: str = "", help: str = "", number: int = -1) -> Any:
        steps = [key] if key else []
        place = self._record.at(*steps, *([number] if number >= 0 else []))
        self._draft.leave_out(why, place, help)
        raise _LeftOutError


def _by_resource(
    result: Mapping[str, Any], resources: tuple[str, ...]
) -> Iterator[tuple[str, Any]]:
    """Give the decisions of a result by resource.

    AWS: with several resources the decision of the whole is the most restrictive one; those of
    the resources stand in ResourceSpecificResults.
    """
    decision = result.get("EvalDecision")
    if len(resources) == 1 or decision == "allowed":
        for resource in resources:
            yield resource, decision
    specific = result.get("ResourceSpecificResults")
    for each in specific if isinstance(specific, list) else ():
        if isinstance(each, dict) and _is_text(each.get("EvalResourceName")):
            yield str(each["EvalResourceName"]), each.get("EvalResourceDecision")


def _relative(path: Path, folder: Path) -> str:
    return os.path.relpath(path.resolve(), folder.resolve()).replace(os.sep, "/")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, NumberText)


def _error(message: str, place: Location) -> SuiteError:
    return SuiteError(message, (Finding("PE2360", Severity.ERROR, message, place),))
