"""`environment.yaml`: its model, its JSON Schema, and the way from the file to an `Environment`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
)

from policyeval.arn import is_account_id
from policyeval.environment.model import Environment
from policyeval.parsing.defect import quote
from policyeval.parsing.document import NumberText

SCHEMA_ID = "urn:policyeval:environment:1"


class ProblemError(ValueError):
    """A value that does not fit, in words of our own."""

    def __init__(self, code: str, message: str, help: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help


# ---- scalars --------------------------------------------------------------------------------


def _text(value: Any) -> Any:
    if isinstance(value, NumberText):
        raise ProblemError(
            "PE0707", f"expected a text, YAML reads {quote(value)} as a number", "put it in quotes"
        )
    if isinstance(value, bool):
        word = "true" if value else "false"
        raise ProblemError(
            "PE0707", f"expected a text, YAML reads `{word}` as a boolean", "put it in quotes"
        )
    return value


def _account_id(value: Any) -> Any:
    if isinstance(value, NumberText):
        raise ProblemError(
            "PE0708",
            f"the account id {quote(value)} is not in quotes, so YAML reads it as a number",
            f'write "{value}": as a number it would lose leading zeros'
            if len(value) == 12
            else "write all 12 digits, in quotes: a number loses leading zeros",
        )
    if isinstance(value, str) and not is_account_id(value):
        raise ProblemError(
            "PE0708", f"{quote(value)} is no account id", "an account id has 12 digits"
        )
    return value


def _account_name(value: Any) -> Any:
    """An account's name, or its id."""
    return _account_id(value) if isinstance(value, NumberText) else _text(value)


def _name(value: str) -> str:
    if not value or value.startswith("@") or re.search(r"[\s/:*]", value):
        raise ProblemError(
            "PE0710",
            f"{quote(value)} cannot be a name",
            "names have no blanks, `/`, `:`, `*`, and no leading `@`",
        )
    return value


def _id_with(prefix: str, pattern: str) -> BeforeValidator:
    legal = re.compile(pattern)

    def check(value: Any) -> Any:
        value = _text(value)
        if isinstance(value, str) and not legal.fullmatch(value):
            raise ProblemError(
                "PE0710", f"{quote(value)} is no id of this kind", f"it begins with `{prefix}`"
            )
        return value

    return BeforeValidator(check)


def _version(value: Any) -> Any:
    if not isinstance(value, NumberText) or value != "1":
        raise ProblemError("PE0710", "this version is not known", "write `version: 1`")
    return 1


def empty(kind: type) -> BeforeValidator:
    """A section with nothing below it is null in YAML: it is empty."""
    return BeforeValidator(lambda value: kind() if value is None else value)


def as_list(value: Any) -> Any:
    """A single text stands for a list of one."""
    return [value] if isinstance(value, str) else value


def _context_value(value: Any) -> str | tuple[str, ...] | None:
    """Turn a value into what IAM compares: strings. None means absent."""
    if isinstance(value, list):
        return tuple(_context_scalar(item) for item in value)
    return None if value is None else _context_scalar(value)


def _context_scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    raise ProblemError(
        "PE0707", "expected a text, boolean, number, list of these, or null for absent"
    )


def context_key(value: str) -> str:
    """Give a condition key; raises ProblemError for a text that is none."""
    if ":" not in value.strip(":") or re.search(r"\s", value.partition("/")[0]):
        raise ProblemError(
            "PE0710", f"{quote(value)} is no condition key", "keys look like `aws:SourceIp`"
        )
    return value


class OrOne:
    """Says in the JSON Schema that one item may stand for a list of one."""

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        """Give the schema of an item or of the list."""
        listed = handler(core)
        return {"anyOf": [listed["items"], listed]}


Version = Annotated[Literal[1], BeforeValidator(_version)]
Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, BeforeValidator(_name)]
AccountId = Annotated[
    str, BeforeValidator(_account_id), Field(json_schema_extra={"pattern": "^[0-9]{12}$"})
]
AccountName = Annotated[str, BeforeValidator(_account_name)]
Tags = Annotated[dict[str, Text], empty(dict)]
Policy = Annotated[Text, Field(description="a file, the name or the ARN of a policy")]
Policies = Annotated[list[Policy], BeforeValidator(as_list), OrOne()]
OrganizationId = Annotated[str, _id_with("o-", "o-[a-z0-9]+")]
RootId = Annotated[str, _id_with("r-", "r-[a-z0-9]+")]
UnitId = Annotated[str, _id_with("ou-", "ou-[a-z0-9]+-[a-z0-9]+")]
EndpointId = Annotated[str, _id_with("vpce-", "vpce-[a-z0-9]+")]
VpcId = Annotated[str, _id_with("vpc-", "vpc-[a-z0-9]+")]
ContextKey = Annotated[str, BeforeValidator(context_key)]
_SCALAR_SCHEMA = {"type": ["string", "number", "boolean"]}
ContextValue = Annotated[
    Any,
    PlainValidator(_context_value),
    WithJsonSchema(
        {
            "anyOf": [_SCALAR_SCHEMA, {"type": "array", "items": _SCALAR_SCHEMA}, {"type": "null"}],
            "description": "null: the key is absent",
        }
    ),
]
LayerWord = Literal["rcp", "scp", "vpc_endpoint", "resource", "identity", "boundary", "session"]
Partition = Literal[
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
]


# ---- the model ------------------------------------------------------------------------------


class Model(BaseModel):
    """Base of the entries of files: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)

    def given(self, field: str) -> bool:
        """True where the file has the key, if only with null."""
        return field in self.model_fields_set


class _PlaceEntry(Model):
    scps: Policies | None = Field(
        None, description="SCPs attached here, FullAWSAccess included; [] allows nothing"
    )
    rcps: Policies | None = Field(None, description="RCPs attached here; the default is implied")


class UnitEntry(_PlaceEntry):
    """An organizational unit."""

    id: UnitId = ""
    ous: Annotated[dict[Name, UnitEntry], empty(dict)] = {}
    accounts: Annotated[list[AccountName], empty(list)] = []


class RootEntry(_PlaceEntry):
    """The root of an organization."""

    id: RootId = ""
    ous: Annotated[dict[Name, UnitEntry], empty(dict)] = {}
    accounts: Annotated[list[AccountName], empty(list)] = []


class OrganizationEntry(Model):
    """An organization; SCPs and RCPs do not reach its management account."""

    id: OrganizationId
    management: AccountName
    partial: bool = Field(
        False, description="not all accounts are listed: others are perhaps members too"
    )
    root: RootEntry = Field(default_factory=lambda: RootEntry(scps=None, rcps=None))


class AccountEntry(_PlaceEntry):
    """An account."""

    id: AccountId
    tags: Tags = {}
    canonical_user: Text = Field(
        "", alias="canonical-user", description="the id that S3 policies call the account by"
    )


UnknownTags = Annotated[list[Text], BeforeValidator(as_list), OrOne()]
_UNKNOWN_TAGS: Any = Field(
    [],
    alias="unknown-tags",
    description="keys of tags whose value is not known; `*`: of all that `tags` does not tell",
)


class PrincipalEntry(Model):
    """An IAM user or role."""

    arn: Text
    tags: Tags = {}
    policies: Policies | None = None
    groups: Annotated[list[Text], empty(list)] = Field([], description="of a user")
    boundary: Policy | None = Field(None, description="null: it has none")
    trust: Policy | None = Field(None, description="the trust policy of a role")
    unknown_tags: UnknownTags = _UNKNOWN_TAGS


class GroupEntry(Model):
    """An IAM group."""

    policies: Annotated[Policies, empty(list)] = []


class ResourceEntry(Model):
    """A resource with what it carries."""

    arn: Text
    owner: AccountName = Field("", description="its account, where the ARN does not tell")
    policy: Policy | None = Field(None, description="null: it has none")
    tags: Tags = {}
    region: Text = Field("", description="its region, where the ARN does not tell")
    aliases: Annotated[list[Text], BeforeValidator(as_list), OrOne()] = Field(
        [], description="of a KMS key"
    )
    encryption_key: Text = Field(
        "", alias="encryption-key", description="the resource that encrypts it"
    )
    unknown_tags: UnknownTags = _UNKNOWN_TAGS


class EndpointEntry(Model):
    """A VPC endpoint."""

    id: EndpointId
    vpc: VpcId = ""
    account: AccountName = ""
    service: Text = ""
    type: Literal["gateway", "interface"] | None = Field(
        None, description="decides how Principal is read (R-FLOW-05)"
    )
    policy: Policy | None = Field(None, description="without one: AWS's default, full access")


class EnvironmentFile(Model):
    """Who there is, what there is, and which policies hang where."""

    version: Version
    partition: Partition = "aws"
    organization: OrganizationEntry | None = None
    accounts: Annotated[dict[Name, AccountEntry], empty(dict)] = {}
    principals: Annotated[dict[Name, PrincipalEntry], empty(dict)] = {}
    groups: Annotated[dict[str, GroupEntry], empty(dict)] = {}
    resources: Annotated[dict[Name, ResourceEntry], empty(dict)] = {}
    vpc_endpoints: Annotated[dict[Name, EndpointEntry], empty(dict)] = {}
    contexts: Annotated[
        dict[Name, Annotated[dict[ContextKey, ContextValue], empty(dict)]], empty(dict)
    ] = {}
    complete: Annotated[list[LayerWord], empty(list)] = Field(
        [], description="layers that are fully listed here"
    )
    managed_policies: Text = Field(
        "", alias="managed-policies", description="a folder with copies of AWS managed policies"
    )
    exports: Annotated[list[Text], BeforeValidator(as_list), OrOne(), empty(list)] = Field(
        [], description="files and folders of exports; entries of this file win over them"
    )
    parameters: Annotated[dict[Text, Text], empty(dict)] = Field(
        {}, description="values for what templates leave open: AWS::AccountId, AWS::Region, …"
    )
    extends: Annotated[list[Text], BeforeValidator(as_list), OrOne(), empty(list)] = Field(
        [], description="files to build on: maps merge by key, lists are replaced"
    )


# ---- the face -------------------------------------------------------------------------------


def load_environment(path: str | Path, *, root: Path | None = None) -> Environment:
    """Give the environment of a file, or of a folder with an `environment.yaml` or policies.

    The file may be an export too, and the folder one of exports (docs/exports.md). Files may be
    named under `root` only; without it, under the nearest folder upward with `.git` or
    `pyproject.toml`, else its own folder. Raises EnvironmentLoadError with every error that was
    found.
    """
    from policyeval.environment.load import load

    return load(Path(path), root)


def environment_schema() -> dict[str, Any]:
    """Give the JSON Schema of `environment.yaml`."""
    schema = EnvironmentFile.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
        "title": "policyeval environment",
    }


def read_model(data: Any) -> EnvironmentFile | list[dict[str, Any]]:
    """Give the model of plain data, or what does not fit: pydantic's errors."""
    try:
        return EnvironmentFile.model_validate(data)
    except ValidationError as error:
        return [dict(problem) for problem in error.errors(include_url=False)]
