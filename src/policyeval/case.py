"""The self-contained case of `decide`: a request and its policies in one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, ValidationError

from policyeval.context import Facts
from policyeval.decision import Decision
from policyeval.errors import CaseError, PolicySyntaxError
from policyeval.evaluation.engine import evaluate
from policyeval.evaluation.notes import attached_policies, findings_of
from policyeval.finding import Finding
from policyeval.parsing.document import NumberText
from policyeval.parsing.policy import read_policy
from policyeval.request import Request
from policyeval.source import Source
from policyeval.stack import (
    LEVELED,
    AttachedPolicy,
    EndpointType,
    Layer,
    Organization,
    PolicyStack,
    policy_type,
)

Document = dict[str, Any]


def _as_list(value: Any) -> Any:
    """None is no policy, a single policy is a list of one."""
    if value is None:
        return []
    return [value] if isinstance(value, dict) else value


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NamedPolicy(_Model):
    """A document with the name and ARN that output shall call it by."""

    name: str | None = None
    arn: str = ""
    document: Document
    type: Literal["gateway", "interface"] | None = Field(
        None, description="for a VPC endpoint policy: the kind of endpoint (R-FLOW-05)"
    )


def _as_named(value: Any) -> Any:
    """A bare document stands for a policy without a name."""
    if isinstance(value, dict) and "document" not in value:
        return {"document": value}
    return value


CasePolicy = Annotated[NamedPolicy, BeforeValidator(_as_named)]
Policies = Annotated[list[CasePolicy], BeforeValidator(_as_list)]
Levels = Annotated[list[Policies], BeforeValidator(_as_list)]


def _with_short_forms(schema: dict[str, Any]) -> None:
    """Say in the JSON Schema what the validators take: bare documents, single ones, null."""
    properties = schema["properties"]
    named = properties["identity"]["items"]
    bare = {"type": "object", "required": ["Statement"]}
    one = {"anyOf": [bare, named]}
    some = {"anyOf": [one, {"type": "array", "items": one}, {"type": "null"}]}
    levels = {"anyOf": [{"type": "array", "items": some}, {"type": "null"}]}
    for key in properties:
        properties[key] = {**(levels if key in ("scp", "rcp") else some), "default": []}


class CasePolicies(_Model):
    """Policies by layer. Absent, null and [] all mean: none applies.

    `scp` belongs to the caller's account, `rcp` to the resource's; both by level, root first. An
    inner [] of `scp` allows nothing; RCPFullAWSAccess is implied at every level of `rcp`.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra=_with_short_forms)

    scp: Levels = []
    rcp: Levels = []
    vpc_endpoint: Policies = []
    resource: Policies = []
    identity: Policies = []
    boundary: Policies = []
    session: Policies = []


Scalar = str | bool | int | float


def _refuse_number(value: Any) -> Any:
    """Numbers of a JSON text come as `NumberText`: where a text is wanted, they are none."""
    if isinstance(value, NumberText):
        raise ValueError("expected a text, this is a number")  # noqa: TRY004 - pydantic's way
    return value


Text = Annotated[str, BeforeValidator(_refuse_number)]


class CaseRequest(_Model):
    """What is asked. A context key that is null is absent, even if it could be derived."""

    principal: Text
    action: Text
    resource: Text
    resource_account: Text | None = None
    issuer: str = Field("", description="the IAM user behind a GetFederationToken session")
    context: dict[str, Scalar | list[Scalar] | None] = {}


class CaseOrganization(_Model):
    """Which accounts SCPs and RCPs reach."""

    id: str = ""
    management_account: str = ""
    accounts: list[str] = []
    delegated_administrators: list[str] = Field(
        [], description="accounts that administer IAM for the organization (R-FLOW-21)"
    )


class ExpectedStatement(_Model):
    """A determining statement; `index` counts from 0."""

    layer: str
    policy: str
    index: int
    sid: str | None = None
    level: int | None = None


class Expectation(_Model):
    """What a conformance case expects."""

    decision: Literal["allowed", "explicit_deny", "implicit_deny", "unknown"]
    blocking: list[str] | None = None
    statements: list[ExpectedStatement] | None = None
    missing: list[str] | None = None
    decided_by: str | None = None


class Case(_Model):
    """One case: a line of `policyeval decide`, and of the conformance suite."""

    id: Text = ""
    request: CaseRequest
    policies: CasePolicies = CasePolicies()
    organization: CaseOrganization | None = None
    canonical_users: dict[str, str] = Field(
        {}, description="the account behind each S3 canonical user id"
    )
    partial: StrictBool = Field(
        False, description="facts and layers not given are unknown (R-FLOW-20)"
    )
    rules: list[str] = []
    source: str = ""
    why: str = ""
    confidence: str = ""
    expect: Expectation | None = None

    @staticmethod
    def of(data: object) -> Case:
        """Read a case from a JSON object; raises CaseError that names what does not fit."""
        try:
            return Case.model_validate(data)
        except ValidationError as error:
            raise CaseError(_first_problem(error)) from None

    def to_request(self) -> Request:
        """Give the request; raises InvalidRequestError or InvalidArnError."""
        asked = self.request
        return Request.of(
            asked.principal,
            asked.action,
            asked.resource,
            asked.context,
            resource_account=asked.resource_account,
            issuer=asked.issuer,
            facts=Facts.PARTIAL if self.partial else Facts.COMPLETE,
        )

    def to_stack(self, source: Source | None = None) -> PolicyStack:
        """Give the policies. `source` is the text that the case was read from.

        Raises PolicySyntaxError with the findings of every document that cannot be evaluated.
        """
        origin = source or Source(self.id or "case")
        broken: list[Finding] = []
        layers: dict[Layer, tuple[tuple[AttachedPolicy, ...], ...]] = {}
        given = self.policies.model_fields_set
        for layer in Layer:
            if self.partial and layer.value not in given:
                continue
            layers[layer] = tuple(
                tuple(self._attached(layer, level, origin, broken)) for level in self._levels(layer)
            )
        if broken:
            raise PolicySyntaxError(broken[0].message, tuple(broken))
        organization = self.organization
        return PolicyStack(
            layers,
            organization=Organization(
                organization.id,
                organization.management_account,
                frozenset(organization.accounts),
                frozenset(organization.delegated_administrators),
            )
            if organization
            else None,
            canonical_users=self.canonical_users,
        )

    def _levels(self, layer: Layer) -> list[list[tuple[str, str, NamedPolicy]]]:
        """Each policy with its default name and its place in the case."""
        listed = getattr(self.policies, layer.value)
        key = layer.value
        if layer in LEVELED:
            return [
                [
                    (f"{key}[{depth}][{place}]", f"/policies/{key}/{depth}/{place}", policy)
                    for place, policy in enumerate(level)
                ]
                for depth, level in enumerate(listed)
            ]
        level = [
            (f"{key}[{place}]", f"/policies/{key}/{place}", policy)
            for place, policy in enumerate(listed)
        ]
        return [level] if level else []

    def _attached(
        self,
        layer: Layer,
        level: list[tuple[str, str, NamedPolicy]],
        origin: Source,
        broken: list[Finding],
    ) -> Iterator[AttachedPolicy]:
        for default_name, pointer, given in level:
            if origin.text is not None and f"{pointer}/document" in origin.map.values:
                pointer += "/document"
            policy, findings = read_policy(
                given.document,
                name=given.name or default_name,
                type=policy_type(layer, self.request.action),
                source=origin,
                pointer=pointer,
            )
            if policy is None:
                broken.extend(finding for finding in findings if finding.is_error)
                continue
            yield AttachedPolicy(
                policy,
                given.name or default_name,
                given.arn,
                endpoint_type=EndpointType(given.type) if given.type else None,
            )


class DecidedStatement(_Model):
    """A determining statement of an answer."""

    layer: str
    policy: str
    sid: str | None
    index: int
    level: int | None = None


class ShownFinding(_Model):
    """A remark on the request or a policy; `at` is a JSON Pointer into the case."""

    code: str
    severity: Literal["error", "warning", "note"]
    message: str
    at: str | None = None
    help: str | None = None


class DecisionLine(_Model):
    """One line of the output of `decide`."""

    id: str
    decision: Literal["allowed", "explicit_deny", "implicit_deny", "unknown"]
    decided_by: str | None
    blocking: list[str]
    statements: list[DecidedStatement]
    missing: list[str]
    assumed: dict[str, str]
    findings: list[ShownFinding]


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in problem["loc"]) or "case"
    if problem["type"] == "extra_forbidden":
        near = get_close_matches(str(problem["loc"][-1]), _KNOWN_KEYS, 1)
        return f"`{place}` is no key of a case" + (f": did you mean `{near[0]}`?" if near else "")
    if problem["type"] == "missing":
        return f"`{place}` is missing"
    wanted = _SHAPES.get(problem["type"])
    if wanted is not None:
        return f"`{place}` is no {wanted}"
    message = problem["msg"].removeprefix("Value error, ")
    return f"`{place}`: {message[0].lower()}{message[1:]}"


_SHAPES = {
    "model_type": "JSON object",
    "dict_type": "JSON object",
    "list_type": "list",
    "string_type": "text",
    "bool_type": "boolean",
}
_KNOWN_KEYS = sorted(
    {
        name
        for model in (Case, CaseRequest, CasePolicies, CaseOrganization, NamedPolicy, Expectation)
        for name in model.model_fields
    }
)


def decide(case: Case, source: Source | None = None) -> Decision:
    """Answer a case."""
    return evaluate(case.to_request(), case.to_stack(source))


def decision_to_json(case: Case, decision: Decision) -> dict[str, Any]:
    """Give the output object of `decide`."""
    findings = findings_of(decision, attached_policies(decision))
    return {
        "id": case.id,
        "decision": decision.verdict.value,
        "decided_by": decision.decided_by.value if decision.decided_by else None,
        "blocking": [layer.value for layer in decision.blocking],
        "statements": [statement_to_json(ref) for ref in decision.determining],
        "missing": list(decision.missing),
        "assumed": dict(decision.assumed),
        "findings": [finding_to_json(finding) for finding in findings],
    }


def statement_to_json(ref: Any) -> dict[str, Any]:
    """Give a determining statement as output shows it."""
    shown = {
        "layer": ref.layer.value,
        "policy": ref.policy.name,
        "sid": ref.statement.sid,
        "index": ref.statement.index,
    }
    return shown if ref.level is None else {**shown, "level": ref.level}


def finding_to_json(finding: Finding) -> Mapping[str, Any]:
    """Give a finding as output shows it."""
    shown: dict[str, Any] = {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
    }
    if finding.location is not None:
        shown["at"] = finding.location.pointer
    if finding.help:
        shown["help"] = finding.help
    return shown
