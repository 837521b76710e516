"""`*.policytest.yaml`: its model and its JSON Schema."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema

from policyeval.environment.file import (
    ContextKey,
    ContextValue,
    LayerWord,
    Model,
    OrOne,
    ProblemError,
    Text,
    Version,
    as_list,
    context_key,
    empty,
)
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.stack import Layer
from policyeval.testing.model import Want

SCHEMA_ID = "urn:policyeval:policytest:1"
NAMED = ""
"""Stands for the key of a map that is a named context: `via-vpc` is `{NAMED: via-vpc}`."""

WANTS = tuple(want.value for want in Want)
LAYERS = tuple(layer.value for layer in Layer)
SHORT_FORMS = (
    *WANTS,
    *(f"{kind} {layer}" for kind in ("deny", "explicit-deny", "implicit-deny") for layer in LAYERS),
    *(f"not {want}" for want in WANTS),
)
_EXPECTED = (
    f"expected one of {', '.join(WANTS)}, with a layer after a denial (`deny scp`), or `not` "
    "before it"
)

# ---- scalars --------------------------------------------------------------------------------


def _expectation(value: Any) -> Any:
    """Turn a short form into the long one: `deny scp`, `not allow`."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        shown = "true" if value is True else "false" if value is False else "a list"
        raise ProblemError("PE2204", f"{shown} is no expectation", _EXPECTED)
    word, _, rest = value.strip().partition(" ")
    if word == "not" and rest.strip() in WANTS:
        return {"not": {"decision": rest.strip()}}
    if word in WANTS and not rest:
        return {"decision": word}
    if word.endswith("deny") and word in WANTS and rest.strip() in LAYERS:
        return {"decision": word, "layer": rest.strip()}
    raise ProblemError(
        "PE2204",
        f"{quote(value)} is no expectation",
        did_you_mean(value.replace("denied", "deny"), SHORT_FORMS)
        or ("trust policies are of the layer `resource`" if rest.strip() == "trust" else _EXPECTED),
    )


def _context(value: Any) -> Any:
    """A context is a name, a map, or a list of both: give the list of maps."""
    items = value if isinstance(value, list) else [value]
    return [{NAMED: item} if isinstance(item, str) else item for item in items]


def _alternatives(value: Any) -> Any:
    """The contexts of a matrix: each item of the list is one."""
    return [_context(item) for item in value] if isinstance(value, list) else [_context(value)]


def _key_or_name(value: Any) -> Any:
    return value if value == NAMED else context_key(value)


def _name(value: str) -> str:
    if not value.strip():
        raise ProblemError("PE0710", "a test without a name cannot be told from others", "name it")
    return value


def _date(value: Any) -> date:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ProblemError("PE0710", f"{quote(str(value))} is no day", "write it like 2027-01-31")


class OrShort:
    """Says in the JSON Schema that a value has short forms beside the long one."""

    def __init__(self, *forms: dict[str, Any]) -> None:
        self.forms = forms

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        """Give the schema of the long form or one of the short ones."""
        return {"anyOf": [*self.forms, handler(core)]}


ContextMap = dict[Annotated[str, BeforeValidator(_key_or_name)], ContextValue]
_NAME_OR_MAP = {
    "anyOf": [
        {"type": "string", "description": "the name of a context"},
        {"type": "object", "description": "condition keys; null: the key is absent"},
    ]
}
_CONTEXT = {"anyOf": [*_NAME_OR_MAP["anyOf"], {"type": "array", "items": _NAME_OR_MAP}]}
Context = Annotated[list[ContextMap], BeforeValidator(_context), WithJsonSchema(_CONTEXT)]
Contexts = Annotated[
    list[Annotated[list[ContextMap], BeforeValidator(_context)]],
    BeforeValidator(_alternatives),
    WithJsonSchema({"type": "array", "items": _CONTEXT}),
]
Texts = Annotated[list[Text], BeforeValidator(as_list), OrOne()]
Day = Annotated[date, PlainValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
StackLayer = Literal[
    "rcp", "scp", "vpc_endpoint", "resource", "trust", "identity", "boundary", "session"
]


# ---- the model ------------------------------------------------------------------------------


class ReasonedExpectation(Model):
    """A decision, and why it came so."""

    decision: Literal["allow", "deny", "explicit-deny", "implicit-deny", "unknown"] | None = None
    layer: LayerWord | None = Field(
        None, description="the deciding layer; of an allow: one that grants"
    )
    statement: Text = Field(
        "",
        description="the deciding statement: its Sid, file.json#index (from 0) or file.json:line",
    )
    message: Text = Field("", description="part of the sentence that `why` begins with")
    near_miss: Text = Field(
        "", alias="near-miss", description="the context key or the Sid that was nearly met"
    )
    missing: Texts = Field([], description="facts that an unknown answer waits for")


class ExpectEntry(ReasonedExpectation):
    """What is expected: a decision, and optionally why."""

    negated: ReasonedExpectation | None = Field(
        None, alias="not", description="the answer must be another than this"
    )


Expect = Annotated[ExpectEntry, BeforeValidator(_expectation), OrShort({"enum": list(SHORT_FORMS)})]

Holders = Annotated[dict[Text, Texts], empty(dict)]
"""By principal, `@group-NAME`, resource, VPC endpoint, `@root`, `@UNIT` or `@ACCOUNT`."""


class LayersEntry(Model):
    """Policies by layer and holder."""

    rcp: Holders = {}
    scp: Holders = {}
    vpc_endpoint: Holders = {}
    resource: Holders = {}
    identity: Holders = {}
    boundary: Holders = {}


class OverlayEntry(Model):
    """What hangs otherwise than in the environment: "as if this SCP were attached to that OU"."""

    policies: LayersEntry | None = Field(
        None, description="these policies hang there, and no others of the layer"
    )
    attach: LayersEntry | None = Field(
        None, description="these hang there too; one of the same name is replaced"
    )
    detach: LayersEntry | None = Field(
        None, description="these, by name, do not hang there; `*`: none does"
    )


class AskEntry(OverlayEntry):
    """What is asked, and what is expected: by default, in a test, in a case of it."""

    principal: Text | None = None
    action: Text | None = None
    resource: Text | None = None
    resource_account: Text | None = Field(
        None, alias="resource-account", description="the resource's account, where its ARN has none"
    )
    context: Context | None = Field(None, description="a named context, a map of keys, or a list")
    unknown: Texts = Field([], description="context keys that nobody knows")
    facts: Literal["typed", "partial", "complete"] | None = Field(
        None, description="what a fact not given is: as for typed questions, unknown, or absent"
    )
    vpc_endpoint: Text | None = Field(
        None, alias="vpc-endpoint", description="the endpoint that the request comes through"
    )
    session_policy: Texts | None = Field(
        None, alias="session-policy", description="files or names; [] is a session without one"
    )
    expect: Expect | None = None


class SkipEntry(Model):
    """Tests that are not run; after the day `until` they fail."""

    tests: Texts = Field(["*"], description="names of tests; * and ? are wildcards")
    reason: Text = ""
    until: Day | None = None


class MatrixEntry(Model):
    """Lists that are multiplied: each combination is a test."""

    principal: Texts | None = None
    action: Texts | None = None
    resource: Texts | None = None
    context: Contexts | None = None


class TestEntry(AskEntry):
    """A test, or the many that its matrix, its table or its cases make of it."""

    name: Annotated[Text, AfterValidator(_name)]
    matrix: MatrixEntry | None = None
    columns: list[Text] | None = Field(None, description="what the columns of `rows` hold")
    rows: list[list[Any]] | None = None
    cases: list[AskEntry] | None = Field(None, description="variations of this test")
    skip: Text | None = Field(None, description="why it is not run")


class PolicyEntry(Model):
    """One policy to test on its own."""

    file: Text
    layer: StackLayer | None = Field(
        None, description="what it is; by default what its folder says, else `identity`"
    )


def _policy(value: Any) -> Any:
    return {"file": value} if isinstance(value, str) else value


Levels = list[Texts]


def _levels(value: Any) -> Any:
    """A flat list of policies is one level."""
    if isinstance(value, str):
        return [[value]]
    if isinstance(value, list) and not any(isinstance(item, list) for item in value):
        return [value]
    return value


_FILES = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_LEVELS = Annotated[
    Levels,
    BeforeValidator(_levels),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": _FILES}]}),
]


class SuiteFile(OverlayEntry):
    """Requests, and the answers that they must get."""

    version: Version
    environment: Text | None = Field(
        None, description="a file or folder; by default the nearest environment.yaml upward"
    )
    policy: Annotated[PolicyEntry, BeforeValidator(_policy), OrShort({"type": "string"})] | None = (
        Field(None, description="test this policy on its own: all other layers allow")
    )
    stack: Annotated[dict[StackLayer, _LEVELS], empty(dict)] | None = Field(
        None,
        description="test these policies, by layer, and no others; of SCPs and RCPs a list of "
        "lists gives the levels, root first",
    )
    defaults: AskEntry | None = Field(None, description="what tests do not say themselves")
    context_sets: Annotated[
        dict[Text, Annotated[dict[ContextKey, ContextValue], empty(dict)]], empty(dict)
    ] = Field({}, alias="context-sets", description="named contexts")
    tests: Annotated[list[TestEntry], empty(list)] = []
    skip: Annotated[
        list[SkipEntry],
        BeforeValidator(lambda value: [value] if isinstance(value, dict) else value),
        OrOne(),
    ] = Field([], description="tests that are not run, with a reason and perhaps a day")


@cache
def suite_schema() -> dict[str, Any]:
    """Give the JSON Schema of `*.policytest.yaml`."""
    schema = SuiteFile.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
        "title": "policyeval policy tests",
    }
