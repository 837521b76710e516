"""The nouns of the catalogue: services, actions, resource types, condition keys.

All names have AWS's own spelling. Maps that are asked by a user's text have lower-case keys,
since letter case does not matter to AWS (R-MATCH-01, R-COND-01).
"""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.value import Value


class ConditionKey(Value):
    """A condition key; a part that varies is written `${TagKey}` or `<key>`.

    `type` is AWS's word: `String`, `ARN`, `Bool`, `Date`, `IPAddress`, `Numeric`, `Binary`, the
    same after `ArrayOf` for a key with several values; empty where the source does not tell.
    """

    name: str
    type: str


class ResourceType(Value):
    """A resource type; `arn` is a pattern with variables: `arn:${Partition}:s3:::${BucketName}`.

    `condition_keys` are those that describe a resource of the type. A few types have `other_arns`
    too, such as the stages of the two API Gateways.
    """

    name: str
    arn: str
    condition_keys: tuple[str, ...] = ()
    other_arns: tuple[str, ...] = ()

    @property
    def arns(self) -> tuple[str, ...]:
        """All its ARN patterns."""
        return (self.arn, *self.other_arns)


class ActionResource(Value):
    """A resource type that an action can be restricted to, and what holds only then.

    `required` is AWS's star in its tables: a policy must cover a resource of this type.
    """

    type: str
    required: bool
    condition_keys: tuple[str, ...] = ()
    dependent_actions: tuple[str, ...] = ()


class ActionEntry(Value):
    """An action in its canonical spelling, `s3:GetObject`.

    `access_level` is `Read`, `List`, `Write`, `Tagging` or `Permissions management`. `resources`
    is empty for an action without resource-level permissions (R-MATCH-04), unless
    `resources_known` is false: then no source tells all of them. `condition_keys` are those that a
    request carries whatever the resource.
    """

    name: str
    access_level: str
    resources: tuple[ActionResource, ...] = ()
    condition_keys: tuple[str, ...] = ()
    dependent_actions: tuple[str, ...] = ()
    resources_known: bool = True


class Service(Value):
    """A service by its prefix; keys of `actions` are lower case and have the prefix.

    Keys of `resources` are the type names, keys of `condition_keys` lower-case names.
    """

    prefix: str
    name: str
    actions: Mapping[str, ActionEntry]
    resources: Mapping[str, ResourceType]
    condition_keys: Mapping[str, ConditionKey]


class CatalogueSource(Value):
    """A package that the catalogue was made from; `released` is `YYYY-MM` or `YYYY-MM-DD`."""

    package: str
    version: str
    released: str
    licence: str
    sha256: str


class About(Value):
    """Where the catalogue comes from.

    `date` is the release of its newest source, `sha256` that of the data, `services`, `actions`,
    `resource_types` and `condition_keys` are counts.
    """

    date: str
    sha256: str
    sources: tuple[CatalogueSource, ...]
    services: int
    actions: int
    resource_types: int
    condition_keys: int
