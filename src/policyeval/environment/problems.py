"""What does not fit the model of `environment.yaml`, as findings with a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyeval.environment.yaml_tree import Node
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.document import NumberText
from policyeval.parsing.nearest import did_you_mean

KEY = "[key]"

_EXPECTED = {
    "model_type": "a map",
    "dict_type": "a map",
    "list_type": "a list",
    "string_type": "a text",
}

Problem = Mapping[str, Any]
Schema = Mapping[str, Any]


def findings_of(problems: Iterable[Problem], tree: Node, schema: Schema) -> tuple[Finding, ...]:
    """Turn pydantic's errors into findings."""
    return tuple(_finding(problem, tree, schema) for problem in problems)


def position(finding: Finding) -> tuple[str, int]:
    """Give the place of a finding to sort by: file, character."""
    location = finding.location
    if location is None or location.span is None:
        return "", 0
    return location.source.name, location.span.start


def summed_up(name: str, found: Iterable[Finding]) -> tuple[str, tuple[Finding, ...]]:
    """Give the message of an error about a file, and its findings in the order of the text."""
    findings = tuple(sorted(dict.fromkeys(found), key=position))
    first, *others = [finding.message for finding in findings if finding.is_error]
    more = f" (and {len(others)} more)" if others else ""
    return f"{quote(name)}: {first}{more}", findings


def _finding(problem: Problem, tree: Node, schema: Schema) -> Finding:
    steps: tuple[str | int, ...] = problem["loc"]
    kind = problem["type"]
    if kind == "extra_forbidden":
        return _unknown_key(steps, tree, schema)
    if kind == "missing":
        return _missing_key(steps, tree)
    at_key = KEY in steps
    steps = tuple(step for step in steps if step != KEY)
    node, place = tree.find(steps)
    if not at_key and not isinstance(node.value, (dict, list)):
        place = node.location
    code, message, help = _words(problem, str(steps[-1]) if at_key else node.value)
    where = dotted(steps)
    return Finding(code, Severity.ERROR, f"`{where}`: {message}" if where else message, place, help)


def _unknown_key(steps: tuple[str | int, ...], tree: Node, schema: Schema) -> Finding:
    key = str(steps[-1])
    known = legal_keys(schema, steps[:-1])
    if key == "<<":
        help = "merge keys are not part of YAML 1.2: write the keys out, or use `extends`"
    else:
        help = did_you_mean(key, known) or (f"expected one of {', '.join(known)}" if known else "")
    _, place = tree.find(steps)
    where = dotted(steps[:-1])
    inside = f" in `{where}`" if where else ""
    return Finding("PE0705", Severity.ERROR, f"unknown key {quote(key)}{inside}", place, help)


def _missing_key(steps: tuple[str | int, ...], tree: Node) -> Finding:
    key = str(steps[-1])
    _, place = tree.find(steps[:-1])
    where = dotted(steps[:-1])
    return Finding(
        "PE0706",
        Severity.ERROR,
        f"`{where}` has no `{key}`" if where else f"the file has no `{key}`",
        place,
        "write `version: 1`" if key == "version" else f"add `{key}`",
    )


def _words(problem: Problem, value: Any) -> tuple[str, str, str]:
    """Code, message and help for a value that does not fit."""
    ours = problem.get("ctx", {}).get("error")
    if hasattr(ours, "code"):
        return ours.code, ours.message, ours.help
    got = _kind(value)
    kind = problem["type"]
    if kind == "literal_error":
        legal = str(problem["ctx"]["expected"]).replace("'", "`")
        words = [word for word in legal.split("`") if word.isprintable() and word.strip(", ")]
        shown = quote(str(value)) if isinstance(value, str) else got
        near = did_you_mean(str(value), [word for word in words if word != " or "])
        return "PE0710", f"{shown} is not possible here", near or f"expected {legal}"
    if kind in _EXPECTED:
        return "PE0707", f"expected {_EXPECTED[kind]}, this is {got}", ""
    return "PE0707", str(problem["msg"]).lower(), ""


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, NumberText):
        return "a number"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a text"
    return "a map" if isinstance(value, dict) else "a list"


def dotted(steps: tuple[str | int, ...]) -> str:
    """Name a place in the file: `principals.deploy.policies[0]`."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{step}"
    return text if text.isprintable() and len(text) <= 200 else ascii(text)[1:200]


def legal_keys(schema: Schema, steps: tuple[str | int, ...]) -> list[str]:
    """Give the keys that the schema knows at a place."""
    here = schema
    for step in steps:
        if isinstance(step, int):
            here = _items(here)
        else:
            here = _object_form(here, schema)
            known = here.get("properties", {})
            here = known[step] if step in known else here.get("additionalProperties") or {}
        if not isinstance(here, Mapping):
            return []
    return list(_object_form(here, schema).get("properties", {}))


def _items(here: Schema) -> Schema:
    """Give the form of the items of a list."""
    forms = [choice["items"] for choice in (here, *here.get("anyOf", ())) if "items" in choice]
    return forms[0] if forms else {}


def _object_form(here: Schema, schema: Schema) -> Schema:
    """Follow references and choices to the form that is an object."""
    for choice in here.get("anyOf", ()):
        if "$ref" in choice:
            here = choice
    if "$ref" in here:
        name = str(here["$ref"]).rpartition("/")[2]
        return schema["$defs"][name]  # type: ignore[no-any-return]
    return here
