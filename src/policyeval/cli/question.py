"""The question that a command line asks: its options, and which of them exclude each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.cli.files import is_file
from policyeval.errors import ConfigError
from policyeval.value import Value


class Question(Value):
    """The options of one question, as given; `paste` is a text, a file or `-` to read it from."""

    paste: str | None = None
    principal: str | None = None
    action: str | None = None
    resource: str | None = None
    resource_account: str | None = None
    context: tuple[str, ...] = ()
    no_context: tuple[str, ...] = ()
    context_file: str | None = None
    context_set: str | None = None
    at: str | None = None
    policy_files: tuple[str, ...] = ()
    policy_folder: str | None = None
    environment_file: str | None = None
    session_policies: tuple[str, ...] = ()
    vpc_endpoint: str | None = None
    case_file: str | None = None
    case_id: str | None = None
    exact: bool = False
    partial: bool = False
    assume_absent: bool = False


def question_of(options: Mapping[str, Any]) -> Question:
    """Give the question that a verb's options ask, by the names of its parameters."""

    def several(name: str) -> tuple[str, ...]:
        return tuple(options.get(name) or ())

    paste = _pasted(options)

    def either(name: str) -> str | None:
        positional: str | None = options[name] if paste is None else None
        flag: str | None = options[f"{name}_flag"]
        if positional is not None and flag is not None:
            raise ConfigError(f"{name} is given twice: `{positional}` and --{name} `{flag}`")
        return positional if positional is not None else flag

    return Question(
        paste,
        either("principal"),
        either("action"),
        either("resource"),
        options["resource_account"],
        several("context"),
        several("no_context"),
        options["context_file"],
        options["context_set"],
        options["at"],
        several("policy"),
        options["policies"],
        options["env"],
        several("session_policy"),
        options["vpc_endpoint"],
        options.get("case"),
        options.get("case_id"),
        options["exact"],
        options["partial"],
        options["assume_absent"],
    )


def _pasted(options: Mapping[str, Any]) -> str | None:
    """Give the argument that stands alone: no principal, but a text that tells of a request."""
    alone: str | None = options["principal"]
    if alone is None or options["action"] is not None:
        return None
    flags = [options[f"{name}_flag"] for name in ("action", "resource")]
    return alone if is_text(alone) or not any(flags) else None


def is_text(argument: str) -> bool:
    """Tell a pasted text, a file or standard input from the name of a principal."""
    return argument == "-" or any(char in argument for char in " \n{[") or is_file(argument)


def refuse_contradictions(question: Question) -> None:
    """Of two options that exclude each other, none is quietly ignored."""
    asked = question.principal is not None or question.paste is not None
    for both, words in (
        (question.partial and question.assume_absent, "--partial and --assume-absent"),
        (question.environment_file and question.policy_folder, "--env and --policies"),
        (question.case_file and asked, "--case and a question"),
        (question.case_id and question.action, "--id and a question"),
    ):
        if both:
            raise ConfigError(f"{words} contradict each other: give one of them")
    files = [pair.partition("=")[2] for pair in question.policy_files]
    files += [*question.session_policies, question.context_file or "", question.case_file or ""]
    files += [question.paste or ""]
    if files.count("-") > 1:
        raise ConfigError("standard input can be read once, and `-` stands here twice")
