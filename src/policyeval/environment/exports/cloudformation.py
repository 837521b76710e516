"""CloudFormation templates, in JSON and YAML: the literal parts, and what follows from them.

A policy that holds a function whose value nobody can tell is unknown as a whole. A user or role
whose name AWS makes up goes by its logical id, which a note says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.environment.exports.cloudformation_identities import IDENTITY_READERS
from policyeval.environment.exports.cloudformation_resources import BESIDE, RESOURCE_READERS
from policyeval.environment.exports.cloudformation_template import KINDS, Template, functions
from policyeval.environment.exports.fields import Fields, Origin
from policyeval.environment.exports.parts import Parts
from policyeval.environment.exports.stream import Item
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.document import read_document
from policyeval.policy import escape_pointer
from policyeval.source import Location

PROCESSED = (
    "export the processed template: `aws cloudformation get-template --template-stage Processed`"
)
READERS = {**IDENTITY_READERS, **RESOURCE_READERS}


def read_template(members: Mapping[str, Item], parts: Parts) -> None:
    """Take the resources of a template."""
    item = members["Resources"]
    source, tree = item.source, item.value
    if item.place is not None:  # JSON: read once more, with repeated keys and numbers told apart
        text = source.text or ""
        line, pointer = source.line, item.pointer
        tree, source, findings = read_document(text, source.name, line=line, pointer=pointer)
        for finding in findings:
            parts.add(finding)
    transform = members.get("Transform")
    if transform is not None:
        parts.add(
            Finding(
                "PE1812",
                Severity.WARNING,
                "the template is transformed when it is deployed: what that adds is not known",
                Location(transform.source, transform.pointer),
                PROCESSED,
            )
        )
    included = functions(tree) if isinstance(tree, Mapping) else {}
    for name in included:
        pointer = f"{item.pointer}/{escape_pointer(name)}"
        parts.add(
            Finding(
                "PE1812",
                Severity.WARNING,
                f"{quote(name)} adds resources when the template is deployed: they are not known",
                Location(source, pointer, key=True),
                PROCESSED,
            )
        )
    if tree is not None:
        fields = Fields(tree, item.pointer, Origin(source=source), parts)
        template = Template(fields, parts, _not_texts(members.get("Parameters")))
        _read_resources(template)
        parts.parameters |= template.resolver.asked | set(_declared(members.get("Parameters")))


def _declared(item: Item | None) -> Mapping[str, Any]:
    """Give the parameters of a template by name."""
    return item.value if item is not None and isinstance(item.value, Mapping) else {}


def _not_texts(item: Item | None) -> frozenset[str]:
    """Give the parameters whose value is not the text that is given: lists, and names in SSM."""
    return frozenset(
        name
        for name, one in _declared(item).items()
        if isinstance(one, Mapping)
        and str(one.get("Type", "String")).startswith(
            ("CommaDelimitedList", "List<", "AWS::SSM::Parameter::Value<")
        )
    )


def _read_resources(template: Template) -> None:
    """Take every resource; policies of resources are gathered before what they are about."""
    for first in (True, False):
        for name, resource in template.resources.items():
            kind = resource.text("Type")
            read = BESIDE.get(kind) if first else READERS.get(kind)
            if read is not None:
                read(template, name, template.properties(resource))
            elif not first and kind not in BESIDE:
                template.parts.not_understood[kind or "resource without a type"] += 1
    if not template.given.account and any(
        template.kind(name) in KINDS for name in template.resources
    ):
        template.parts.add(
            Finding(
                "PE1813",
                Severity.NOTE,
                "nothing tells the account of the template, so its users and roles go by name",
                None,
                "give it: `--account`, or `AWS::AccountId` among `parameters`",
            )
        )
