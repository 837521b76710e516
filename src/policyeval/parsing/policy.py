"""Policy documents: text, bytes or dict to `Policy` (R-LANG); normative form: policy.lark.

    policy : "{" ["Version" …] ["Id" …] "Statement" (statement | "[" statement* "]") "}"

Elements stand in any order. Every defect of a document is reported, not the first alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.errors import PolicySyntaxError
from policyeval.finding import Finding
from policyeval.parsing.defect import Defect, quote, warning
from policyeval.parsing.document import read_document
from policyeval.parsing.reading import Reading, kind_of, type_name
from policyeval.parsing.statement import read_statement
from policyeval.policy import (
    VERSION_2008,
    VERSION_2012,
    Policy,
    PolicyType,
    Statement,
    escape_pointer,
)
from policyeval.source import Source

ELEMENTS = ("Version", "Id", "Statement")


def parse_policy(
    data: str | bytes | Mapping[str, Any],
    *,
    name: str = "policy",
    type: PolicyType | None = None,
) -> Policy:
    """Give the policy of a document; its `findings` are the remarks that stop nothing.

    With a type, the elements are checked against what it may have. Raises `PolicySyntaxError`
    with all findings where the document cannot be evaluated as it stands.
    """
    policy, findings = read_policy(data, name=name, type=type)
    if policy is None:
        first, *others = [finding for finding in findings if finding.is_error]
        more = f" (and {len(others)} more)" if others else ""
        raise PolicySyntaxError(first.message + more, findings)
    return policy


def read_policy(
    data: str | bytes | Mapping[str, Any],
    *,
    name: str = "policy",
    type: PolicyType | None = None,
    source: Source | None = None,
    pointer: str = "",
    exempt_from_size: bool = False,
) -> tuple[Policy | None, tuple[Finding, ...]]:
    """Give the policy of a document and all findings; None where one of them is an error.

    `source` and `pointer` tell where the document stands in something bigger, such as an account
    export. Never raises on malformed input. AWS's own managed policies are `exempt_from_size`.
    """
    findings: tuple[Finding, ...] = ()
    tree: object = data
    inner = source
    if isinstance(data, (str, bytes)):
        tree, inner, findings = read_document(data, name)
    reading = Reading(source or inner or Source(name), type, exact=source is None or tree is data)
    if reading.exact:
        reading.findings.extend(findings)
    else:
        reading.adopt(findings, pointer)
    if reading.has_errors:
        return None, tuple(reading.findings)
    policy = _read_tree(tree, pointer, reading)
    if type is not None and policy is not None:
        from policyeval.parsing.sizes import check_size

        if not exempt_from_size:
            check_size(data, policy, reading)
    findings = tuple(reading.findings)
    if policy is None or reading.has_errors:
        return None, findings
    return (_with_findings(policy, findings) if findings else policy), findings


def _with_findings(policy: Policy, findings: tuple[Finding, ...]) -> Policy:
    return Policy(
        policy.version,
        policy.id,
        policy.statements,
        policy.source,
        policy.pointer,
        policy.type,
        findings,
    )


def _read_tree(tree: object, pointer: str, reading: Reading) -> Policy | None:
    if not isinstance(tree, Mapping):
        reading.add(
            Defect(
                "PE0101",
                f"a policy is a JSON object, this is {type_name(tree)}",
                label="expected an object with `Version` and `Statement`",
            ),
            pointer,
        )
        return None
    reading.check_names(tree, ELEMENTS, pointer, "policy")
    version = _read_version(tree, pointer, reading)
    reading.variables = version == VERSION_2012
    identifier = _read_id(tree, pointer, reading)
    statements = _read_statements(tree, pointer, reading)
    return Policy(version, identifier, statements, reading.source, pointer, reading.type)


def _read_version(tree: Mapping[str, Any], pointer: str, reading: Reading) -> str | None:
    if "Version" not in tree:
        if reading.type is PolicyType.RCP:  # R-LANG-01
            reading.add(
                Defect(
                    "PE0605",
                    "a resource control policy must carry `Version`",
                    label="`Version` is missing",
                    help=f'add `"Version": "{VERSION_2012}"`',
                ),
                pointer,
            )
        return None
    version = tree["Version"]
    if version in (VERSION_2012, VERSION_2008):
        return str(version)
    shown = version if isinstance(version, str) else type_name(version)
    reading.add(
        Defect(
            "PE0105",
            f"unknown policy version {quote(str(shown))}",
            label=f"expected `{VERSION_2012}`",
            help=f"write `{VERSION_2012}` in quotes: it is the name of the policy language, not "
            "the date of the policy",
        ),
        f"{pointer}/Version",
    )
    return None


def _read_id(tree: Mapping[str, Any], pointer: str, reading: Reading) -> str | None:
    identifier = tree.get("Id")
    if identifier is None and "Id" not in tree:
        return None
    if kind_of(identifier) == "string":
        return str(identifier)
    reading.add_wrong_kind("`Id`", "a string", identifier, f"{pointer}/Id")
    return None


def _read_statements(
    tree: Mapping[str, Any], pointer: str, reading: Reading
) -> tuple[Statement, ...]:
    if "Statement" not in tree:
        reading.add(
            Defect(
                "PE0103",
                "the policy has no `Statement`",
                label="`Statement` is missing",
                help='add `"Statement": [{"Effect": "Allow", "Action": …, "Resource": …}]`',
            ),
            pointer,
        )
        return ()
    given: object = tree["Statement"]
    place = f"{pointer}/Statement"
    if isinstance(given, (list, tuple)):
        if not given:
            reading.add(
                warning("PE0108", "the policy has no statements, so it matches nothing"), place
            )
    elif isinstance(given, Mapping):
        given = [given]
    else:
        reading.add_wrong_kind("`Statement`", "an object or a list of objects", given, place)
        return ()
    read = [read_statement(raw, i, f"{place}/{i}", reading) for i, raw in enumerate(given)]
    statements = tuple(statement for statement in read if statement is not None)
    _check_sids(statements, reading)
    return statements


def _check_sids(statements: tuple[Statement, ...], reading: Reading) -> None:
    """Sids are unique in a document (R-LANG-09); one that is not changes no answer."""
    first: dict[str, Statement] = {}
    for statement in statements:
        if statement.sid and first.setdefault(statement.sid, statement) is not statement:
            other = first[statement.sid]
            reading.add(
                warning(
                    "PE0110",
                    f"the Sid {quote(statement.sid)} is not unique",
                    label=f"statement {other.index + 1} has it too",
                    help="AWS refuses a policy in which two statements have one Sid; rename one",
                ),
                statement.at("Sid"),
            )


__all__ = ["ELEMENTS", "escape_pointer", "parse_policy", "read_policy"]
