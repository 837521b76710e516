"""The blocks that say why: the statement that denies, or the one that came nearest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyeval.decision import Decision, LayerVerdict
from policyeval.explanation.tree import Cause, Explanation, Part, Reason, StatementView
from policyeval.policy import Effect
from policyeval.rendering.comparisons import (
    balance,
    comparison,
    failing_label,
    holds_if,
    matching_label,
    part_name,
    wanted_words,
    would_hold_if,
)
from policyeval.rendering.document import (
    Block,
    Cell,
    Line,
    Mark,
    Node,
    Run,
    Snippet,
    Table,
    cell,
    line,
)
from policyeval.rendering.reasons import cause_sentence, hint
from policyeval.rendering.words import (
    counted,
    joined,
    layer_verdict_word,
    level_name,
    statement_name,
    statement_place,
)
from policyeval.source import Location
from policyeval.stack import GRANTING, AttachedPolicy, Layer

MOST_DENIES = 3
MOST_GRANTS = 3
MOST_OPEN = 4
MOST_MARKS = 4


def cause_blocks(explanation: Explanation) -> Iterator[Block]:
    """Give the blocks of all causes, the deciding one first."""
    decision = explanation.decision
    hints: set[str] = set()
    for place, cause in enumerate(explanation.causes):
        if cause.reason is Reason.EXPLICIT_DENY:
            yield from _deny_blocks(cause, decision)
        elif cause.reason is Reason.UNKNOWN:
            yield from _open_blocks(cause, decision)
        else:
            yield from _silence_blocks(cause, decision, first=not place)
        words = hint(cause, decision)
        if words and words not in hints:
            hints.add(words)
            yield Block("hint", (line(Run("dim", words), indent=2),))
    yield _not_given(explanation.causes)


def granting_blocks(explanation: Explanation) -> Iterator[Block]:
    """Give the statements that grant, for readers who did not expect an allow."""
    views = [view for view in explanation.granting if view.ref.layer in GRANTING]
    for view in views[:MOST_GRANTS]:
        title = _title("allow", f"allow[{Reason.ALLOWED.value}]", _matches(view))
        yield Block("cause", (_matching_snippet(view, explanation.decision),), title)
    yield _more(len(views) - MOST_GRANTS, "Allow")


def _more(count: int, effect: str) -> Block:
    if count <= 0:
        return Block("hint", ())
    words = f"{counted(count, f'more {effect} statement')} {'matches' if count == 1 else 'match'}."
    return Block("hint", (line(Run("dim", words), indent=2),))


# ---- an explicit deny ---------------------------------------------------------------------


def _deny_blocks(cause: Cause, decision: Decision) -> Iterator[Block]:
    for view in cause.statements[:MOST_DENIES]:
        title = _title("deny", f"deny[{cause.reason.value}]", _matches(view))
        yield Block("cause", (_matching_snippet(view, decision),), title)
    yield _more(len(cause.statements) - MOST_DENIES, "Deny")


def _matches(view: StatementView) -> str:
    name = statement_name(view.ref)
    return f"{'' if name.startswith('statement') else 'statement '}{name} matches this request"


def _matching_snippet(view: StatementView, decision: Decision) -> Snippet:
    telling = [part for part in view.parts if part.wanted != ("*",) or part.key] or list(view.parts)
    marks = tuple(
        Mark(part.location, matching_label(part), comparison(part) if part.key else "")
        for part in telling[:MOST_MARKS]
    )
    conditions = [part for part in telling if part.key] or telling[-1:]
    notes = _attached_notes(view, decision)
    return Snippet(conditions[0].location, marks, _context_of(view, telling), notes)


def _attached_notes(view: StatementView, decision: Decision) -> tuple[str, ...]:
    ref = view.ref
    if ref.level is not None and decision.layer(ref.layer).level_count > 1:
        return (f"attached to {level_name(decision, ref.layer, ref.level)}",)
    return (f"attached to {ref.policy.attached_to}",) if ref.policy.attached_to else ()


def _context_of(view: StatementView, parts: list[Part]) -> tuple[Location, ...]:
    """Sid, Effect, and the operators of the conditions shown: lines that help to read."""
    statement, policy = view.ref.statement, view.ref.policy.policy
    source = policy.source
    places = [Location(source, statement.at("Effect"), key=True)]
    if statement.sid is not None:
        places.insert(0, Location(source, statement.at("Sid"), key=True))
    places += [
        Location(source, statement.at("Condition", part.operator), key=True)
        for part in parts
        if part.key
    ]
    return tuple(places)


# ---- no allow -----------------------------------------------------------------------------


def _silence_blocks(cause: Cause, decision: Decision, *, first: bool) -> Iterator[Block]:
    misses = cause.statements
    told_by_verdict = first and cause.reason is Reason.NO_ALLOW and misses
    if not told_by_verdict:
        words = cause_sentence(cause, decision)
        title = _title("no_allow", f"no allow[{cause.reason.value}]", words)
        yield Block("cause", tuple(_beside_the_sentence(cause, decision)), title)
    if misses:
        code = f"[{cause.reason.value}]" if told_by_verdict else ""
        yield _nearest(misses[0], decision, code)
        yield _others(misses[1:])


def _beside_the_sentence(cause: Cause, decision: Decision) -> Iterator[Node]:
    if cause.reason is Reason.CROSS_ACCOUNT:
        yield line("")
        yield _sides(decision)
    if cause.reason is Reason.ONLY_DENIES and cause.layer is not None:
        snippet = _only_denies(decision.stack.policies(cause.layer))
        if snippet is not None:
            yield snippet


def _sides(decision: Decision) -> Table:
    """Who has the allow that a request across accounts needs, and who has not."""
    rows = []
    for name, layer in (
        ("the principal's", Layer.IDENTITY_POLICY),
        ("the resource's", Layer.RESOURCE_POLICY),
    ):
        said = decision.layer(layer)
        role = "allow" if said.verdict is LayerVerdict.ALLOWED else "no_allow"
        refs = said.refs(Effect.ALLOW)
        where = joined(item.name for item in decision.stack.policies(layer)[:2])
        if refs:
            where = f"{statement_place(refs[0])} {statement_name(refs[0])}"
        word = Run(role, layer_verdict_word(said))
        rows.append((cell(name), cell("an allow"), cell(word), cell(where)))
    return Table(tuple(rows), ("side", "needs", "has", ""), flexible=3)


def _only_denies(attached: tuple[AttachedPolicy, ...]) -> Snippet | None:
    for item in attached:
        first, *others = (
            item.policy.location(statement.at("Effect"))
            for statement in item.policy.statements[:MOST_MARKS]
        )
        marks = (Mark(first, "nothing else is here"), *(Mark(place) for place in others))
        return Snippet(first, marks)
    return None


def _nearest(view: StatementView, decision: Decision, code: str) -> Block:
    failing = view.failing
    name = statement_name(view.ref)
    if len(failing) == 1:
        words = f"{name} would allow it if {would_hold_if(failing[0])}"
    else:
        names = joined(part_name(part) for part in failing)
        words = f"{name} comes nearest; it fails in {names}"
    marks = _marks_of_failing(failing)
    notes = (balance(view), *_attached_notes(view, decision))
    context = (*_context_of(view, list(failing)), *(p.location for p in view.parts if p.holds))
    snippet = Snippet(failing[0].location, marks, context, notes)
    return Block("cause", (snippet,), _title("no_allow", f"near miss{code}", words))


def _marks_of_failing(parts: Sequence[Part]) -> tuple[Mark, ...]:
    return tuple(
        Mark(part.location, failing_label(part), comparison(part)) for part in parts[:MOST_MARKS]
    )


def _others(views: tuple[StatementView, ...]) -> Block:
    """The further near misses, one line each."""
    if not views:
        return Block("others", ())
    rows: list[tuple[Cell, ...]] = []
    for view in views:
        part = view.failing[0]
        more = f"  (and {len(view.failing) - 1} more)" if len(view.failing) > 1 else ""
        told = f"{part_name(part)}: wanted {wanted_words(part)}{more}"
        place = Run("path", statement_place(view.ref))
        rows.append((cell(place, f" {statement_name(view.ref)}"), cell(told)))
    title = line(Run("heading", "other near misses"))
    return Block("others", (Table(tuple(rows), flexible=1, stacked=True),), title)


# ---- unknown ------------------------------------------------------------------------------


def _open_blocks(cause: Cause, decision: Decision) -> Iterator[Block]:
    for view in cause.statements[:MOST_OPEN]:
        open_ = [part for part in view.parts if part.holds is None]
        if not open_:
            continue
        verb = "denies" if view.ref.statement.effect is Effect.DENY else "allows"
        facts = joined(holds_if(part) for part in open_)
        words = f"{statement_name(view.ref)} {verb} it if {facts}"
        marks = _marks_of_failing(open_)
        snippet = Snippet(
            open_[0].location, marks, _context_of(view, open_), _attached_notes(view, decision)
        )
        title = _title("unknown", f"unknown[{cause.reason.value}]", words)
        yield Block("cause", (snippet,), title)


def _not_given(causes: tuple[Cause, ...]) -> Block:
    """The layers of which no policy was given, all in one line."""
    layers = [
        cause.layer.value
        for cause in causes
        if cause.reason is Reason.UNKNOWN and not cause.statements and cause.layer is not None
    ]
    if not layers:
        return Block("cause", ())
    words = f"no {joined(layers, 'or')} policy was given, and one could decide"
    return Block("cause", (), _title("unknown", f"unknown[{Reason.UNKNOWN.value}]", words))


def _title(role: str, head: str, words: str) -> Line:
    return line(Run(role, head), f": {words}", hang=2)
