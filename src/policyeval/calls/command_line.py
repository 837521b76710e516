"""Calls as they are typed: `s3.put_object --bucket b --key k`, `aws s3 cp a.json s3://b/`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from policyeval.calls.call import ApiCall, IamRequest
from policyeval.calls.exceptions import service_names
from policyeval.calls.names import Found, clients_of, find
from policyeval.calls.operations import fold
from policyeval.calls.requests import no_policy_reason, requests_of_operation
from policyeval.calls.s3_commands import steps_of
from policyeval.calls.shorthand import read_json, read_value
from policyeval.calls.steps import Step
from policyeval.errors import InvalidRequestError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.value import Value, replace

GLOBAL_SWITCHES = frozenset(
    {
        "cli-auto-prompt",
        "debug",
        "no-cli-auto-prompt",
        "no-cli-pager",
        "no-paginate",
        "no-sign-request",
        "no-verify-ssl",
        "version",
    }
)
GLOBAL_VALUED = frozenset(
    {
        "ca-bundle",
        "cli-binary-format",
        "cli-connect-timeout",
        "cli-error-format",
        "cli-read-timeout",
        "color",
        "endpoint-url",
        "max-items",
        "output",
        "page-size",
        "profile",
        "query",
        "region",
        "starting-token",
    }
)

Read = Callable[[str], str]
"""Gives the text of a file that a parameter names (`file://delete.json`)."""


class Typed(Value):
    """What was typed: a name for it, the calls that it makes, the region that it names.

    `free` is the reason why no policy is asked, where it is so for all of it.
    """

    name: str
    calls: tuple[Step, ...]
    region: str = ""
    free: str = ""


def read_typed(words: Sequence[str], read: Read, parameters: Mapping[str, Any]) -> Typed:
    """Give what some words mean: `aws …`, or `service.operation` and its parameters.

    A single word with spaces is split as a shell would do it. `parameters` stand beside those in
    the words. Raises InvalidRequestError with a finding: PE2001 for an unknown service, PE2002 an
    operation, PE2003 an option or argument, PE2004 for quotes that do not end.
    """
    words = _split(words)
    if not words:
        raise _refused("PE2003", "no call is given", "write it like s3.put_object or aws s3 cp")
    if words[0] == "aws":
        return _of_aws(words[1:], read, parameters)
    name = words[0].replace(".amazonaws.com", "", 1)
    service, _, operation = name.partition("." if "." in name else ":")
    if not (service and operation):
        raise _refused(
            "PE2003",
            f"{quote(words[0])} names no operation",
            "write it like `s3.put_object` or `aws s3api put-object`",
        )
    return _of_operation(service, operation, words[1:], read, parameters)


def requests_of_typed(typed: Typed, call: ApiCall) -> tuple[IamRequest, ...]:
    """Give the IAM requests of what was typed; region, account, partition are those of `call`."""
    made: list[IamRequest] = []
    for step in typed.calls:
        found = find(step.service, step.operation, step.parameters)
        given = replace(
            call,
            service=step.service,
            operation=step.operation,
            parameters=step.parameters,
            region=call.region or typed.region,
        )
        made += [_as_step(request, step) for request in requests_of_operation(found, given)]
    return tuple(_once(made))


def _as_step(request: IamRequest, step: Step) -> IamRequest:
    """A request of a step that stands for many says so, one that is conditional says both."""
    when = ", ".join(words for words in (step.when, request.when) if words)
    return replace(request, when=when, why=request.why or step.why)


def _once(requests: list[IamRequest]) -> Iterator[IamRequest]:
    """Each request once, certain ones before those that may be made; the first stays first."""
    seen: dict[tuple[str, ...], IamRequest] = {}
    for request in sorted(requests, key=lambda each: not each.certain):
        resource = request.resource or request.pattern
        context = repr(sorted(request.context.items()))
        seen.setdefault((request.action, resource, request.when, context), request)
    certain = {(each.action, each.resource) for each in seen.values() if each.certain}
    for request in seen.values():
        if request.certain or (request.action, request.resource) not in certain:
            yield request


def _split(words: Sequence[str]) -> list[str]:
    """One word with spaces is a command line in quotes."""
    if len(words) != 1 or not any(char.isspace() for char in words[0].strip()):
        return [word for word in words if word.strip()] if len(words) == 1 else list(words)
    text = words[0].replace("\\\r\n", " ").replace("\\\n", " ").strip().removeprefix("$ ")
    try:
        return shlex.split(text)
    except ValueError as error:
        reason = str(error).lower()
        raise _refused(
            "PE2004",
            f"{quote(words[0])} is no command line: {reason}",
            "put the whole command in quotes of one kind, and use the other kind inside",
        ) from None


def _of_aws(words: Sequence[str], read: Read, parameters: Mapping[str, Any]) -> Typed:
    rest, options = _without_global_options(words)
    region = options.get("region", "")
    if len(rest) < 2 or rest[0].startswith("-"):
        raise _refused(
            "PE2003",
            "a command of the AWS CLI names a service and an operation",
            "such as `aws s3 cp` or `aws lambda invoke`",
        )
    service, operation, *arguments = rest
    if service == "s3":
        return Typed(f"aws s3 {operation}", steps_of(operation, arguments), region)
    clients_of(service)
    return replace(
        _of_operation(service, operation, arguments, read, parameters),
        name=f"aws {service} {operation}",
        region=region,
    )


def _without_global_options(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The options that every command of the AWS CLI takes, and the other words."""
    rest: list[str] = []
    options: dict[str, str] = {}
    number = 0
    while number < len(words):
        word = words[number]
        number += 1
        name, equals, value = word[2:].partition("=") if word.startswith("--") else ("", "", "")
        if name in GLOBAL_VALUED:
            if not equals and number < len(words):
                value = words[number]
                number += 1
            options[name] = value
        elif name not in GLOBAL_SWITCHES:
            rest.append(word)
    return rest, options


def _of_operation(
    service: str,
    operation: str,
    words: Sequence[str],
    read: Read,
    parameters: Mapping[str, Any],
) -> Typed:
    pairs = list(_pairs(words))
    names = [*parameters, *(name for name, _ in pairs)]
    found = find(service, operation, names)
    given = dict(parameters)
    for name, values in pairs:
        added = _parameter(found, name, values, read)
        twice = {fold(each) for each in added} & {fold(each) for each in given}
        if twice:
            raise _refused("PE2003", f"{quote('--' + name)} is given twice")
        given |= added
    _refuse_strangers(found, given)
    step = Step(found.operation.name, given, service=found.service.client)
    name = f"{found.service.client}.{operation}"
    return Typed(name, (step,), free=no_policy_reason(found))


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Give each option with the words behind it, up to the next option."""
    name, values = "", list[str]()
    for word in words:
        if word.startswith("--") and len(word) > 2:
            if name:
                yield name, values
            name, equals, value = word[2:].partition("=")
            values = [value] if equals else []
        elif name:
            values.append(word)
        # AWS: a few commands take a file to write to as a bare word (aws lambda invoke … out.json)
    if name:
        yield name, values


def _parameter(found: Found, name: str, values: list[str], read: Read) -> dict[str, Any]:
    """Give the parameter that an option stands for; `--no-x` is x turned off."""
    folded = fold(name)
    known = _members(found)
    if folded in ("cliinputjson", "cliinputyaml"):
        tree = read_json(_text(values[0] if values else "", read))
        if not isinstance(tree, dict):
            raise _refused("PE2003", f"{quote('--' + name)} holds no map of parameters")
        return tree
    if folded not in known and folded.startswith("no") and folded[2:] in known:
        return {known[folded[2:]][0]: "false"}
    spelled, kind = known.get(folded, (name, ""))
    if not values and kind != "?":
        raise _refused("PE2003", f"{quote('--' + name)} lacks its value")
    if kind in (
        "{",
        "[",
        "<",
    ):  # a scalar that names a file is a document or a blob, which no request depends on
        values = [_text(value, read) for value in values]
    texts = values
    if not texts:
        return {spelled: "true"}
    read_values = [read_value(text, kind) for text in texts]
    if kind in ("[", "<") or len(read_values) > 1:
        return {spelled: _flat(read_values)}
    return {spelled: read_values[0]}


def _flat(values: list[Any]) -> list[Any]:
    """A list in JSON among the words is itself the list."""
    found: list[Any] = []
    for value in values:
        found += value if isinstance(value, list) else [value]
    return found


def _text(value: str, read: Read) -> str:
    """A value, or what stands in the file that it names."""
    return read(value.removeprefix("file://")) if value.startswith("file://") else value


def _members(found: Found) -> dict[str, tuple[str, str]]:
    """Give name and kind of every parameter by its folded name.

    A method that is no operation of the API takes those of any operation of its service.
    """
    operation = found.operation
    every = [operation]
    if not operation.parameters and fold(operation.name) not in found.service.operations:
        every = list(found.service.operations.values())
    members = {
        fold(name): (name, each.kinds.get(name, "")) for each in every for name in each.parameters
    }
    for name in service_names().extras.get(found.service.client, ()):
        members.setdefault(fold(name), (name, "{" if name.endswith("Args") else "?"))
    return members


def _refuse_strangers(found: Found, given: Mapping[str, Any]) -> None:
    """A misspelt parameter would leave a request incomplete without a word."""
    members = _members(found)
    known = set(members)
    for paths in (*found.exceptions.variables.values(), tuple(found.exceptions.keys.values())):
        known |= {fold(path.partition(".")[0]) for path in paths}
    for name in given:
        if fold(name) not in known:
            names = [spelled for spelled, _ in members.values()]
            listed = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
            raise _refused(
                "PE2003",
                f"{quote(name)} is no parameter of {found.service.client}.{found.operation.name}",
                did_you_mean(name.replace("-", ""), names)
                or (f"it takes {listed}" if names else ""),
            )


def _refused(code: str, message: str, hint: str = "") -> InvalidRequestError:
    return InvalidRequestError(message, (Finding(code, Severity.ERROR, message, help=hint),))
