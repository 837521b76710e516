"""What the verbs that ask about many share: the world they ask in, the text that they print."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from policyeval.cli.inputs import Question, World, read_world
from policyeval.cli.output import check_colour, only_ascii, style_for, width_of
from policyeval.environment.model import Environment
from policyeval.rendering.document import Document


def world_of(options: Mapping[str, Any]) -> World:
    """Give the world that a verb's options name, by the names of its parameters."""
    check_colour(options.get("color", "auto"))

    def several(name: str) -> tuple[str, ...]:
        return tuple(options.get(name) or ())

    return read_world(
        Question(
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
    )


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
