"""Asserts about policies, for tests in Python: pytest, unittest, or none of them.

Each takes what to ask (the fixture `iam`, an environment, a stack), then principal, action and
resource. Lists multiply: every combination must get the answer, and all that do not are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from policyeval.context import Facts
from policyeval.decision import Decision
from policyeval.errors import PolicyEvalError
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.rendering.document import visible
from policyeval.rendering.words import counted
from policyeval.stack import Layer, PolicySource
from policyeval.testing.errors import AssertArgumentError
from policyeval.testing.handle import Contexts, Iam, answer_text
from policyeval.testing.judge import mismatches
from policyeval.testing.model import Expectation, Want
from policyeval.testing.reports.failure import MOST_FIXES, mismatch_sentences
from policyeval.testing.texts import full_texts
from policyeval.value import Value

__unittest = True  # unittest leaves modules that say so out of tracebacks

Texts = str | Sequence[str]
Asked = tuple[str, str, str]

MOST_EXPLAINED = 5
_KINDS = {
    None: Want.DENY,
    "explicit": Want.EXPLICIT_DENY,
    "implicit": Want.IMPLICIT_DENY,
}


class Other(Value):
    """A request that got another answer than expected."""

    asked: Asked
    decision: Decision
    sentences: tuple[str, ...]
    fixes: int


def assert_allowed(
    iam: PolicySource | Iam,
    principal: Texts | None = None,
    action: Texts | None = None,
    resource: Texts | None = None,
    context: Contexts | None = None,
    *,
    by: Layer | str | None = None,
    statement: str = "",
    **more: Any,
) -> None:
    """Raise AssertionError unless every request is allowed, and known to be.

    `by` is a layer that grants, `statement` one that does: its Sid, `file.json#index` or
    `file.json:line`. `more` is what `Iam.evaluate` takes.
    """
    __tracebackhide__ = True
    expect = Expectation(Want.ALLOW, _layer(by), statement)
    _check(iam, (principal, action, resource), context, expect, more)


def assert_denied(  # noqa: PLR0913 - one parameter for each thing that a denial can be
    iam: PolicySource | Iam,
    principal: Texts | None = None,
    action: Texts | None = None,
    resource: Texts | None = None,
    context: Contexts | None = None,
    *,
    by: Layer | str | None = None,
    kind: str | None = None,
    statement: str = "",
    near_miss: str = "",
    **more: Any,
) -> None:
    """Raise AssertionError unless every request is denied, and known to be.

    `by` is the deciding layer, `kind` is `explicit` or `implicit`, `statement` the deciding
    statement, `near_miss` the context key or the Sid that was nearly met. `more` is what
    `Iam.evaluate` takes.
    """
    __tracebackhide__ = True
    if kind not in _KINDS:
        raise AssertArgumentError(
            f"{quote(str(kind))} is no kind of denial: expected `explicit` or `implicit`"
        )
    expect = Expectation(_KINDS[kind], _layer(by), statement, near_miss=near_miss)
    _check(iam, (principal, action, resource), context, expect, more)


def assert_unknown(
    iam: PolicySource | Iam,
    principal: Texts | None = None,
    action: Texts | None = None,
    resource: Texts | None = None,
    context: Contexts | None = None,
    *,
    missing: Sequence[str] = (),
    facts: Facts = Facts.TYPED,
    **more: Any,
) -> None:
    """Raise AssertionError unless the answer to every request hangs on facts that nobody gave.

    `missing` are some of these facts; context keys are made unknown by `policyeval.UNKNOWN`.
    `more` is what `Iam.evaluate` takes.
    """
    __tracebackhide__ = True
    keys = (missing,) if isinstance(missing, str) else tuple(missing)
    expect = Expectation(Want.UNKNOWN, missing=keys)
    _check(iam, (principal, action, resource), context, expect, {**more, "facts": facts})


def _check(
    iam: PolicySource | Iam,
    texts: tuple[Texts | None, Texts | None, Texts | None],
    context: Contexts | None,
    expect: Expectation,
    more: dict[str, Any],
) -> None:
    __tracebackhide__ = True
    handle = Iam.of(iam)
    try:
        listed = list(_asked(handle, texts))
    except PolicyEvalError as error:
        raise error.with_traceback(None) from None
    others = []
    for asked in listed:
        decision = handle.evaluate(*asked, context, **more)
        found = mismatches(expect, decision)
        if found:
            fixes = MOST_FIXES if expect.decision is Want.ALLOW else 0
            others.append(Other(asked, decision, mismatch_sentences(found, expect), fixes))
    if others:
        raise AssertionError(_told(others, len(listed)))


def _asked(handle: Iam, texts: tuple[Texts | None, Texts | None, Texts | None]) -> Iterator[Asked]:
    dimensions: list[list[str]] = []
    for word, given in zip(("principal", "action", "resource"), texts, strict=True):
        settled = given if given is not None else getattr(handle, word)
        if settled is None:
            raise AssertArgumentError(f"the question has no `{word}`: give it as an argument")
        items = [settled] if isinstance(settled, str) else list(settled)
        if not items:
            raise AssertArgumentError(f"the list of `{word}` is empty: nothing would be asked")
        # INVARIANT: what stands here alone is asked as it is, so that messages show it so.
        dimensions.append([each for item in items for each in _full(word, item, handle)])
    principals, actions, resources = dimensions
    yield from product(principals, actions, resources)


def _full(word: str, text: str, handle: Iam) -> list[str]:
    full = full_texts(word, text, handle.environment)
    return full if len(full) > 1 or word == "action" else [text]


def _layer(by: Layer | str | None) -> Layer | None:
    __tracebackhide__ = True
    if by is None or isinstance(by, Layer):
        return by
    words = [layer.value for layer in Layer]
    if by not in words:
        help = did_you_mean(by, words) or f"expected one of {', '.join(words)}"
        raise AssertArgumentError(f"{quote(by)} is no layer: {help}")
    return Layer(by)


def _told(others: Sequence[Other], count: int) -> str:
    """Give the message: every request that got another answer, the first few explained."""
    if count == 1:
        return _one(others[0])
    many = f"{counted(len(others), 'request')} of {count} got another answer than expected"
    explained = [f"{place}. {_one(other)}" for place, other in enumerate(others, 1)]
    rest = [f"{place}. {_line(other)}" for place, other in enumerate(others, 1)]
    parts = [many, *explained[:MOST_EXPLAINED]]
    if len(others) > MOST_EXPLAINED:
        parts.append("\n".join(rest[MOST_EXPLAINED:]))
    return "\n\n".join(parts)


def _one(other: Other) -> str:
    return f"{_line(other)}\n\n{answer_text(other.decision, max_fixes=other.fixes).rstrip()}"


def _line(other: Other) -> str:
    return visible(f"{' '.join(other.asked)}: {'; '.join(other.sentences)}")
