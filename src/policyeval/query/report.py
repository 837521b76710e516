"""From the answer about many principals to a document: who, by what, under which conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from policyeval.context import UNKNOWN
from policyeval.decision import StatementRef, Verdict
from policyeval.explanation.tree import Part
from policyeval.policy import ConditionClause
from policyeval.query.compact import compact
from policyeval.query.conditions import Condition
from policyeval.query.grant import Grant, WhatCan
from policyeval.query.holder import Holder, HolderKind, Step, WhoCan
from policyeval.rendering.comparisons import holds_if
from policyeval.rendering.document import Block, Document, Line, Run, line
from policyeval.rendering.words import (
    LAYER_NOUNS,
    counted,
    joined,
    statement_name,
    statement_place,
)
from policyeval.source import Location, Source
from policyeval.stack import Layer

Known = tuple[int, tuple[ConditionClause, ...]]

MOST_STATEMENTS = 4
MOST_ACTIONS = 24

_POLICIES = "policies:"
_FACTS = {
    "principal:issuer": "the user behind the federated session",
    "principal:session_name": "the name of the session",
    "principal:canonical_user": "the account behind a canonical user id",
}
_KINDS = {
    HolderKind.ANONYMOUS: "anyone, without signing",
    HolderKind.ANY_ACCOUNT: "principals of any account",
}


def who_can_document(
    answer: WhoCan, accounts: Mapping[str, str] | None = None, group_by: str = "account"
) -> Document:
    """Give the blocks of an answer: the verdict, the groups, what was left out.

    `accounts` gives the short names of account ids. `group_by` is `account` or `layer`, the layer
    of the statements that grant.
    """
    shared = _shared(answer.holders)
    told = {_identity(condition) for condition in shared}
    blocks = [Block("verdict", tuple(_verdict(answer, shared)))]
    groups: dict[str, list[Holder]] = {}
    for holder in answer.holders:
        name = (
            _account(holder, accounts or {}) if group_by == "account" else _granting_layers(holder)
        )
        groups.setdefault(name, []).append(holder)
    for name, holders in groups.items():
        nodes = tuple(
            node for holder in holders for node in _holder(holder, told, answer.any_context)
        )
        blocks.append(Block("holders", nodes, line(Run("heading", name))))
    return tuple(blocks)


def clause_words(clause: ConditionClause) -> str:
    """`aws:SourceVpce is "vpce-1"`."""
    return holds_if(
        Part(
            "Condition",
            None,
            tuple(value.text for value in clause.values),
            UNKNOWN,
            Location(Source("policy")),
            clause.operator.text,
            clause.key,
        )
    )


def condition_words(condition: Condition) -> str:
    """`if aws:SourceVpce is "vpce-1" and …`, `unless …`."""
    word = "unless" if condition.denies else "if"
    return f"{word} {joined(map(clause_words, condition.clauses))}"


def missing_words(fact: str) -> str:
    """Name a missing fact: a condition key, the policies of a layer, something of the caller."""
    if fact.startswith(_POLICIES):
        return f"its {LAYER_NOUNS[Layer(fact.removeprefix(_POLICIES))]}"
    return _FACTS.get(fact, fact)


def what_can_document(answer: WhatCan, *, whole: bool = False) -> Document:
    """Give a block for each region; long lists of actions are cut short unless `whole`."""
    groups: dict[tuple[str, ...], list[Grant]] = {}
    for grant in answer.grants:
        groups.setdefault(grant.within, []).append(grant)
    role = "verdict.allowed" if groups else "verdict.denied"
    word = "can" if groups else "can do nothing that policies allow"
    on = f" on {answer.resource}" if answer.resource else ""
    blocks = [Block("verdict", (line(Run(role, f"{answer.principal} {word}"), on, whole=True),))]
    for within, grants in groups.items():
        nodes = tuple(
            node for grant in grants for node in _grant(grant, answer.any_context, whole=whole)
        )
        places = [Run("heading", "on "), Run("strong", joined(within, "and also"))]
        title = None if answer.resource else line(*places, whole=True)
        blocks.append(Block("grants", nodes, title))
    return tuple(blocks)


def _grant(grant: Grant, any_context: bool, *, whole: bool) -> Iterator[Line]:
    sure = grant.verdict is Verdict.ALLOWED
    word = "allowed" if sure else "could" if any_context else "perhaps"
    actions = compact(grant.actions, grant.within)
    shown = ", ".join(actions if whole else actions[:MOST_ACTIONS])
    if len(actions) > MOST_ACTIONS and not whole:
        shown += f" and {len(actions) - MOST_ACTIONS} more"
    yield line(Run("allow" if sure else "unknown", f"{word:<9}"), shown, indent=2, hang=9)
    excepts = grant.excepts if whole else grant.excepts[:MOST_STATEMENTS]
    for text in excepts:
        yield line(f"except on {text}", indent=11, whole=True)
    if len(excepts) < len(grant.excepts):
        yield line(f"except on {len(grant.excepts) - len(excepts)} more", indent=11)
    yield from _granted_by(grant.by, grant.conditions, set())
    facts = [fact for fact in grant.missing if not _is_told(fact, grant.conditions)]
    if facts and not sure:
        yield line(f"hangs on {joined(map(_fact_of_grant, facts))}", indent=11, hang=2)


def _fact_of_grant(fact: str) -> str:
    return "the resource's own policy" if fact == "policies:resource" else missing_words(fact)


# ---- the blocks -----------------------------------------------------------------------------


def _verdict(answer: WhoCan, shared: tuple[Condition, ...]) -> Iterator[Line]:
    sure, perhaps = len(answer.allowed), len(answer.perhaps)
    what = f" on {answer.resource}"
    if sure or not (perhaps and answer.any_context):
        who = counted(sure, "principal") if sure else "nobody"
        role = "verdict.allowed" if sure else "verdict.unknown" if perhaps else "verdict.denied"
        yield line(Run(role, f"{who} can {answer.action}"), what)
    else:
        yield line(Run("verdict.unknown", f"{_number(answer)} could {answer.action}"), what)
    if perhaps and answer.any_context:
        yield line("could: it depends on the call", indent=2)
    elif perhaps:
        yield line(f"{_number(answer)} perhaps: facts are missing", indent=2)
    for condition in shared:
        yield _condition(condition, indent=2, prefix="each of them, ")
    if answer.unasked:
        yield line(Run("mark", f"not asked: {joined(answer.unasked)}"), indent=2, hang=2)


def _number(answer: WhoCan) -> str:
    perhaps = len(answer.perhaps)
    return f"{perhaps} more" if answer.allowed else counted(perhaps, "principal")


def _account(holder: Holder, accounts: Mapping[str, str]) -> str:
    if not holder.in_environment:
        return "not in the environment"
    if not holder.account:
        return "no account"
    name = accounts.get(holder.account)
    known = name and name != holder.account
    return f"account {holder.account} ({name})" if known else f"account {holder.account}"


def _granting_layers(holder: Holder) -> str:
    layers = [layer for layer in Layer if any(ref.layer is layer for ref in holder.by)]
    if not layers:
        return "no policy needed"
    return " and ".join(LAYER_NOUNS[layer] for layer in layers)


def _holder(holder: Holder, shared: set[Known], any_context: bool) -> Iterator[Line]:
    sure = holder.verdict is Verdict.ALLOWED
    word = "allowed" if sure else "could" if any_context else "perhaps"
    role = "allow" if sure else "unknown"
    runs = [Run(role, f"{word:<9}"), Run("strong", holder.principal)]
    if holder.kind in _KINDS:
        runs.append(Run("", f"  {_KINDS[holder.kind]}"))
    if not holder.in_environment and holder.account:
        runs.append(Run("", f"  account {holder.account}"))
    yield line(*runs, indent=2, whole=True)
    yield from map(_step, holder.via)
    if not holder.by and holder.kind is HolderKind.ROOT and not holder.via:
        yield line(Run("dim", "the account's root user: no policy needed"), indent=11, hang=2)
    yield from _granted_by(holder.by, holder.conditions, shared)
    facts = [fact for fact in holder.missing if not _is_told(fact, holder.conditions)]
    if facts and not sure:
        yield line(f"hangs on {joined(map(missing_words, facts))}", indent=11, hang=2)


def _step(step: Step) -> Line:
    perhaps = "" if step.verdict is Verdict.ALLOWED else "perhaps "
    conditions = joined(map(condition_words, step.conditions), "and")
    under = f" {conditions}" if conditions else ""
    return line(f"{perhaps}assumes {step.role}{under}", indent=11, hang=2)


def _granted_by(
    by: tuple[StatementRef, ...], conditions: tuple[Condition, ...], shared: set[Known]
) -> Iterator[Line]:
    """The statements that grant, each with its own conditions; then what limits and denies."""
    under = {id(condition.ref.statement): condition for condition in conditions}
    for ref in by[:MOST_STATEMENTS]:
        condition = under.get(id(ref.statement))
        words = f" {condition_words(condition)}" if condition is not None else ""
        yield line("by ", *_statement(ref), words, indent=11, hang=2)
    if len(by) > MOST_STATEMENTS:
        more = len(by) - MOST_STATEMENTS
        yield line(Run("dim", f"and {counted(more, 'statement')} more"), indent=11)
    granting = {id(ref.statement) for ref in by}
    before = ""
    for condition in conditions:
        if _identity(condition) in shared or id(condition.ref.statement) in granting:
            continue
        again = bool(condition.group) and condition.group == before
        before = condition.group
        yield _condition(condition, indent=11, prefix="or " if again else "")


def _condition(condition: Condition, *, indent: int, prefix: str = "") -> Line:
    return line(
        f"{prefix}{condition_words(condition)}  (",
        *_statement(condition.ref),
        ")",
        indent=indent,
        hang=2,
    )


def _statement(ref: StatementRef) -> tuple[Run, ...]:
    return Run("path", statement_place(ref)), Run("", f" {statement_name(ref)}")


def _shared(holders: Iterable[Holder]) -> tuple[Condition, ...]:
    """The denies that could meet every holder alike: said once."""
    every = [holder.conditions for holder in holders]
    if len(every) < 2:
        return ()
    others = [set(map(_identity, conditions)) for conditions in every[1:]]
    return tuple(
        condition
        for condition in every[0]
        if condition.denies and all(_identity(condition) in other for other in others)
    )


def _identity(condition: Condition) -> Known:
    return id(condition.ref.statement), condition.clauses


def _is_told(fact: str, conditions: Iterable[Condition]) -> bool:
    """Tell whether a missing key stands in one of the conditions that are shown."""
    return any(
        clause.key.lower() == fact.lower()
        for condition in conditions
        for clause in condition.clauses
    )
