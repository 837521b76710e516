"""What the verbs that ask about many share: the world they ask in, the text that they print."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from policyeval.cli.inputs import context_of, facts_of
from policyeval.cli.output import check_colour, only_ascii, style_for, width_of
from policyeval.cli.question import Question, refuse_contradictions
from policyeval.cli.world import read_environment
from policyeval.context import Facts
from policyeval.environment.model import Environment
from policyeval.errors import ConfigError
from policyeval.finding import Finding, Severity
from policyeval.rendering.document import Document
from policyeval.value import Value


class Setting(Value):
    """What a question about many is asked in."""

    environment: Environment
    context: Mapping[str, Any]
    facts: Facts


def setting_of(options: Mapping[str, Any]) -> Setting:
    """Give the environment, context and facts of a verb's options, by their names.

    Raises PolicyEvalError where there is no environment.
    """
    check_colour(options.get("color", "auto"))

    def several(name: str) -> tuple[str, ...]:
        return tuple(options.get(name) or ())

    question = Question(
        context=several("context"),
        no_context=several("no_context"),
        context_file=options["context_file"],
        context_set=options["context_set"],
        at=options["at"],
        policy_folder=options["policies"],
        environment_file=options["env"],
        vpc_endpoint=options["vpc_endpoint"],
        exact=options["exact"],
        partial=options["partial"],
        assume_absent=options["assume_absent"],
    )
    refuse_contradictions(question)
    environment = read_environment(question)
    if environment is None:
        raise ConfigError(
            "a question about many needs an environment: give --env FILE or --policies DIR"
        )
    return Setting(environment, context_of(question, environment), facts_of(question, Facts.TYPED))


def warnings_about(environment: Environment, actions: Iterable[str]) -> tuple[Finding, ...]:
    """Give what may make an answer about everybody wrong: who was not read, a misspelt action."""
    from policyeval.catalogue.remarks import remarks_on_action

    found = [each for each in environment.load_findings if each.severity is Severity.WARNING]
    for action in actions:
        found += remarks_on_action(action)
    return tuple(dict.fromkeys(found))


def account_names(environment: Environment) -> dict[str, str]:
    """Give the short names of accounts by their ids."""
    return {account.id: account.name for account in environment.accounts.values()}


def is_ascii(target: str | None) -> bool:
    """Tell whether the output takes nothing but ASCII for certain."""
    return target in (None, "-") and only_ascii(sys.stdout)


def as_text(document: Document, target: str | None, colour: str) -> str:
    """Give a document as text for the place where it goes."""
    from policyeval.rendering.text import render_document

    to_stdout = target in (None, "-")
    return render_document(
        document,
        width=width_of(sys.stdout) if to_stdout else 80,
        style=style_for(sys.stdout, colour) if to_stdout or colour == "always" else None,
        ascii_only=is_ascii(target),
    )
