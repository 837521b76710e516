"""Policy tests to requests of AWS's policy simulator, and to scenarios of politest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from json import dumps
from pathlib import Path
from typing import Any

from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.policy import read_policy
from policyeval.parsing.write import policy_to_dict
from policyeval.stack import Layer
from policyeval.testing.imports.context import entries
from policyeval.testing.imports.draft import PolicyFiles
from policyeval.testing.imports.outgoing import (
    NoEquivalentError,
    Outgoing,
    outgoing,
)
from policyeval.testing.imports.variables import fill
from policyeval.testing.model import PolicyTest, Suite, Want
from policyeval.testing.write import suite_text
from policyeval.value import Value

DECISIONS = {
    Want.ALLOW: "allowed",
    Want.IMPLICIT_DENY: "implicitDeny",
    Want.EXPLICIT_DENY: "explicitDeny",
}
_SIMULATED = (
    Layer.SERVICE_CONTROL_POLICY,
    Layer.RESOURCE_POLICY,
    Layer.IDENTITY_POLICY,
    Layer.PERMISSIONS_BOUNDARY,
)
_OF_POLITEST = (Layer.IDENTITY_POLICY, Layer.SERVICE_CONTROL_POLICY, Layer.RESOURCE_POLICY)


class Export(Value):
    """Files by name, relative to the folder of the target; `tests` of the suite are in them."""

    files: Mapping[str, str]
    findings: tuple[Finding, ...]
    tests: int
    left_out: int


class _Notes:
    """Collects what does not go out; what all tests have in common is said once."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.left_out = 0
        self._once: set[str] = set()

    def leave_out(self, test: PolicyTest, why: str, help: str = "") -> None:
        self.left_out += 1
        message = f"{quote(test.title)} is left out: {why}"
        self.findings.append(Finding("PE2368", Severity.ERROR, message, test.location, help))

    def once(self, test: PolicyTest, message: str, help: str = "") -> None:
        if message not in self._once:
            self._once.add(message)
            finding = Finding("PE2369", Severity.WARNING, message, test.location, help)
            self.findings.append(finding)


# ---- the simulator ---------------------------------------------------------------------------


def to_simulator(suite: Suite, target: Path) -> Export:
    """Give requests for `aws iam simulate-custom-policy`, one on a line where there are several.

    What the tests expect stands beside them as the simulator's results would, in
    `NAME.results.json`; a denial of either kind, and `unknown`, are no results.
    """
    notes = _Notes()
    sent = list(_sent(suite, _SIMULATED, "the simulator", notes))
    requests, results = [], []
    for _, group in groupby(sent, lambda each: each.key):
        for some in _of_different_actions(list(group)):
            requests.append(_request(some))
            results.append({"EvaluationResults": list(_results(some, notes))})
    files = {}
    if requests:
        stem = target.name.rpartition(".")[0] or target.name
        files[target.name] = _json(requests)
        if any(each["EvaluationResults"] for each in results):
            files[f"{stem}.results.json"] = _json(results)
    return Export(files, tuple(notes.findings), len(sent), notes.left_out)


def _sent(suite: Suite, layers: Sequence[Layer], whose: str, notes: _Notes) -> Iterator[Outgoing]:
    for test in suite.tests:
        try:
            sent = outgoing(test, layers, by_level=layers is _SIMULATED)
        except NoEquivalentError as error:
            notes.leave_out(test, str(error))
            continue
        if len(sent.texts(Layer.RESOURCE_POLICY)) > 1:
            notes.leave_out(test, f"{whose} takes one resource policy")
            continue
        if not sent.texts(Layer.IDENTITY_POLICY):
            notes.leave_out(test, f"{whose} needs an identity policy")
            continue
        for layer in sent.lost:
            message = f"{layer.value} policies are left out where the answer is the same"
            notes.once(test, message, f"{whose} has no place for them")
        if test.expect.gives_reason:
            notes.once(test, f"the reasons of expectations are left out: {whose} knows none")
        yield sent


def _of_different_actions(group: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    """Split requests that ask the same action twice."""
    some: dict[str, Outgoing] = {}
    for each in group:
        if each.action.lower() in some:
            yield list(some.values())
            some = {}
        some[each.action.lower()] = each
    yield list(some.values())


def _request(some: Sequence[Outgoing]) -> dict[str, Any]:
    first = some[0]
    resource = first.texts(Layer.RESOURCE_POLICY)
    scps = first.policies.get(Layer.SERVICE_CONTROL_POLICY, ())
    request: dict[str, Any] = {
        "PolicyInputList": list(first.texts(Layer.IDENTITY_POLICY)),
        "PermissionsBoundaryPolicyInputList": list(first.texts(Layer.PERMISSIONS_BOUNDARY)),
        "OrderedOrganizationPolicyInputList": [
            {"ServiceControlPolicyInputList": list(level)} for level in scps
        ],
        "ActionNames": [each.action for each in some],
        "ResourceArns": [first.resource],
        "ResourcePolicy": resource[0] if resource else "",
        "ResourceOwner": first.owner,
        "CallerArn": first.caller,
        "ContextEntries": list(entries(first.context)),
    }
    return {key: value for key, value in request.items() if value}


def _results(some: Sequence[Outgoing], notes: _Notes) -> Iterator[dict[str, Any]]:
    for each in some:
        decision = _decision(each.test)
        if decision:
            yield {
                "EvalActionName": each.action,
                "EvalResourceName": each.resource,
                "EvalDecision": decision,
            }
        elif each.test.expect.decision is not None:
            notes.once(each.test, "expectations that are no decision of AWS's are left out")


def _decision(test: PolicyTest) -> str:
    if test.expect.negated or test.expect.decision is None:
        return ""
    return DECISIONS.get(test.expect.decision, "")


def _json(listed: Sequence[Any]) -> str:
    if len(listed) == 1:
        return dumps(listed[0], indent=2) + "\n"
    return "".join(f"{dumps(each)}\n" for each in listed)


# ---- politest --------------------------------------------------------------------------------


def to_politest(suite: Suite, target: Path) -> Export:
    """Give scenarios of politest; tests with other policies go into others beside the first.

    politest has one identity policy, so several become one of all their statements.
    """
    notes = _Notes()
    found: list[tuple[Outgoing, str]] = []
    for sent in _sent(suite, _OF_POLITEST, "politest", notes):
        if sent.test.skip is not None:
            notes.leave_out(sent.test, "politest runs every test")
        elif not _decision(sent.test):
            help = "say `explicit-deny` or `implicit-deny`"
            notes.leave_out(sent.test, "what it expects is no decision of AWS's", help)
        else:
            identity = _merged(sent.texts(Layer.IDENTITY_POLICY))
            if identity is None:
                notes.leave_out(sent.test, "its identity policies cannot be made one")
            else:
                found.append((sent, identity))
    stem, dot, ending = target.name.rpartition(".")
    stem = stem if dot else ending
    files = PolicyFiles(stem)
    scenarios: dict[tuple[str, tuple[str, ...]], list[Outgoing]] = {}
    for sent, identity in found:
        key = (identity, sent.texts(Layer.SERVICE_CONTROL_POLICY))
        scenarios.setdefault(key, []).append(sent)
    texts: dict[str, str] = {}
    for number, ((identity, scps), some) in enumerate(scenarios.items(), 1):
        name = target.name if number == 1 else f"{stem}-{number}{dot}{ending if dot else ''}"
        texts[name] = _scenario(identity, scps, some, files)
    return Export({**files.texts, **texts}, tuple(notes.findings), len(found), notes.left_out)


def _scenario(
    identity: str, scps: Sequence[str], some: Sequence[Outgoing], files: PolicyFiles
) -> str:
    variables: dict[str, str] = {}
    scenario: dict[str, Any] = {"policy_json": files.name("identity", identity)}
    if scps:
        scenario["scp_paths"] = [files.name("scp", text) for text in scps]
    tests = []
    for sent in some:
        test: dict[str, Any] = {
            "name": _literal(sent.test.title, variables),
            "action": sent.action,
            "resource": _literal(sent.resource, variables),
        }
        resource = sent.texts(Layer.RESOURCE_POLICY)
        if resource:
            test["resource_policy_json"] = files.name("resource", resource[0])
        if sent.caller:
            test["caller_arn"] = _literal(sent.caller, variables)
        if sent.owner:
            test["resource_owner"] = sent.owner
        context = [_entry(entry, variables) for entry in entries(sent.context)]
        if context:
            test["context"] = context
        tests.append({**test, "expect": _decision(sent.test)})
    if variables:
        scenario["vars"] = {name: text for text, name in variables.items()}
    return suite_text({**scenario, "tests": tests})


def _entry(entry: Mapping[str, Any], variables: dict[str, str]) -> dict[str, Any]:
    """Give a context entry of politest, which does not know all types."""
    kind = entry["ContextKeyType"]
    return {
        "ContextKeyName": _literal(entry["ContextKeyName"], variables),
        "ContextKeyValues": [_literal(each, variables) for each in entry["ContextKeyValues"]],
        "ContextKeyType": "string" if kind in ("ip", "date", "binary") else kind,
    }


def _literal(text: str, variables: dict[str, str]) -> str:
    """Keep politest from reading variables into a text: the text becomes the value of one.

    `variables` are names by their values.
    """
    filled = fill(text, {})
    if not filled.missing and not filled.other:
        return text
    name = variables.setdefault(text, f"text{len(variables) + 1}")
    return f"{{{{.{name}}}}}"


def _merged(texts: Sequence[str]) -> str | None:
    """Give one policy of several; None where they are of different versions."""
    if len(texts) == 1:
        return texts[0]
    read = [read_policy(text)[0] for text in texts]
    plain = [policy_to_dict(policy) for policy in read if policy is not None]
    if len(plain) < len(texts) or len({each.get("Version") for each in plain}) > 1:
        return None
    statements = [statement for each in plain for statement in each["Statement"]]
    seen: set[str] = set()
    for statement in statements:
        if statement.get("Sid") in seen:
            del statement["Sid"]
        seen.add(statement.get("Sid", ""))
    whole = {key: value for key, value in plain[0].items() if key == "Version"}
    return dumps({**whole, "Statement": statements}, indent=2) + "\n"
