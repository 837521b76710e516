"""From an explanation to a document: which blocks there are, and in what order.

Always verdict, request, cause, layers, fixes, so that the eye learns it; a block that has nothing
to say is left out, the layers never. The blocks of the causes are in `causes.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.decision import Alternative, Decision, LayerDecision, LayerVerdict, Verdict
from policyeval.explanation.tree import Explanation, Fix, Reason
from policyeval.finding import Finding, Severity
from policyeval.policy import Effect
from policyeval.rendering.causes import cause_blocks, granting_blocks
from policyeval.rendering.changes import (
    change_place,
    change_sentence,
    cost_sentence,
    document_lines,
)
from policyeval.rendering.comparisons import part_name, sample_words, shortened
from policyeval.rendering.document import (
    Block,
    Cell,
    Code,
    Document,
    Line,
    Mark,
    Node,
    Run,
    Snippet,
    Table,
    cell,
    line,
)
from policyeval.rendering.reasons import verdict_sentence, verdict_word
from policyeval.rendering.words import (
    NOT_EVALUATED_WORDS,
    VERDICT_WORDS,
    assumed_sentences,
    context_words,
    counted,
    fact_words,
    joined,
    layer_reason,
    layer_verdict_word,
    level_name,
    origin_of,
    statement_name,
    statement_place,
)
from policyeval.stack import GRANTING, Layer

VERDICT_ROLES = {
    Verdict.ALLOWED: "verdict.allowed",
    Verdict.EXPLICIT_DENY: "verdict.denied",
    Verdict.IMPLICIT_DENY: "verdict.denied",
    Verdict.UNKNOWN: "verdict.unknown",
}
LAYER_ROLES = {
    LayerVerdict.ALLOWED: "allow",
    LayerVerdict.NO_ALLOW: "no_allow",
    LayerVerdict.DENIED: "deny",
    LayerVerdict.UNKNOWN: "unknown",
    LayerVerdict.NONE: "none",
    LayerVerdict.EXEMPT: "skip",
}
MOST_LEVELS = 4
MOST_KEYS = 8


def document_of(
    explanation: Explanation, verbose: int = 0, *, show_grants: bool = False
) -> Document:
    """Give the blocks of an explanation in order.

    With `show_grants` an allow is shown with the statements that grant it, as a denial always is.
    """
    blocks = [
        verdict_block(explanation),
        _request(explanation),
        _claim(explanation),
        _alternatives(explanation.decision),
        *cause_blocks(explanation),
        *(granting_blocks(explanation) if show_grants else ()),
        *finding_blocks(explanation.findings, short_notes=True),
        _layers(explanation),
        _remarks(explanation),
        fixes_block(explanation),
        _next(explanation.decision),
    ]
    if verbose:
        from policyeval.rendering.trace import trace_blocks

        blocks.extend(trace_blocks(explanation.decision, verbose))
    return tuple(block for block in blocks if block.nodes or block.title)


# ---- verdict and request ------------------------------------------------------------------


def verdict_block(explanation: Explanation) -> Block:
    """Give the one line that answers."""
    decision = explanation.decision
    word = Run(VERDICT_ROLES[decision.verdict], verdict_word(decision))
    return Block("verdict", (line(word, f"  {verdict_sentence(explanation)}", whole=True),))


def _request(explanation: Explanation) -> Block:
    request = explanation.decision.request
    principal, resource = request.principal, request.resource
    across = not request.same_account
    rows = [
        _row("principal", principal.text, _account(principal.account, across=across)),
        _row("action", request.action.text, _rebuilt("action", explanation)),
        _row(
            "resource",
            resource.text,
            _account(resource.account, across=across) or _rebuilt("resource", explanation),
        ),
    ]
    for place, key in enumerate(keys_that_mattered(explanation)):
        origin = origin_of(key, request) or _read_from(key, explanation)
        value = shortened(context_words(request.context[key]))
        told = f"{request.context.name_of(key)} = {value}"
        rows.append(_row("context" if not place else "", told, f"({origin})" if origin else ""))
    return Block("request", (Table(tuple(rows), flexible=1),))


def _row(label: str, text: str, remark: str) -> tuple[Cell, ...]:
    runs: list[Run] = [Run("", text)]
    if remark:
        runs.append(Run("dim", f"   {remark}"))
    return (cell(Run("dim", label)), tuple(runs))


def _claim(explanation: Explanation) -> Block:
    """AWS's own word beside the answer, for a request that was read from a text."""
    if explanation.check is None:
        return Block("claim", ())
    from policyeval.rendering.claims import claim_block

    return claim_block(explanation)


def _rebuilt(fact: str, explanation: Explanation) -> str:
    """Mark a fact that a text does not tell in full, and that was put together."""
    pasted = explanation.pasted
    return "(rebuilt)" if pasted is not None and fact in pasted.rebuilt else ""


def _read_from(key: str, explanation: Explanation) -> str:
    """Name the field of a pasted text that told a context key."""
    origins = explanation.pasted.origins if explanation.pasted is not None else {}
    found = next((origins[name] for name in origins if name.lower() == key.lower()), "")
    return f"from {found}" if found else ""


def _account(account: str, *, across: bool) -> str:
    return f"account {account}" if across and account else ""


def keys_that_mattered(explanation: Explanation) -> list[str]:
    """The context keys with a value that the statements shown ask for, each once."""
    context = explanation.decision.request.context
    views = [*explanation.granting, *(v for c in explanation.causes for v in c.statements[:1])]
    keys: dict[str, str] = {}
    for view in views:
        for part in view.parts:
            if part.key and isinstance(context[part.key], tuple):
                keys.setdefault(part.key.lower(), part.key)
    return list(keys.values())[:MOST_KEYS]


# ---- unknown ------------------------------------------------------------------------------


def _alternatives(decision: Decision) -> Block:
    """For an unknown answer: which values of the missing facts lead where."""
    told = [alternative for alternative in decision.alternatives if alternative.facts]
    if not told:
        facts = joined(fact_words(fact, decision.request) for fact in decision.missing)
        shown = line("missing: ", Run("strong", facts), indent=2)
        return Block("facts", (shown,) if decision.unknown and facts else ())
    rows: list[tuple[Cell, ...]] = []
    before = ""
    for alternative in told:
        for place, (fact, value) in enumerate(alternative.facts):
            last = place == len(alternative.facts) - 1
            again = fact == before and len(alternative.facts) == 1
            name = cell(
                "and " if place else "",
                Run("strong", "" if again else fact_words(fact, decision.request)),
            )
            answer = _then(alternative) if last else cell("")
            rows.append((name, cell(sample_words(value, exact=not decision.inexact)), answer))
            before = fact
    open_ = [fact for fact in decision.missing if fact not in {f for a in told for f, _ in a.facts}]
    rows += [
        (cell(Run("strong", fact_words(fact, decision.request))), cell("?"), cell(""))
        for fact in open_
    ]
    return Block("facts", (Table(tuple(rows), ("fact", "if it is", "then"), flexible=1),))


def _then(alternative: Alternative) -> Cell:
    verdict, by = alternative.verdict, ""
    if alternative.statements:
        first = alternative.statements[0]
        by = f"  {statement_place(first)} {statement_name(first)}"
    elif alternative.decided_by is not None:
        word = "deny" if verdict is Verdict.EXPLICIT_DENY else "no allow"
        by = f"  {alternative.decided_by.value}: {word}"
    return cell(Run(VERDICT_ROLES[verdict], VERDICT_WORDS[verdict]), by)


def _next(decision: Decision) -> Block:
    """How to give the missing facts."""
    if not decision.unknown:
        return Block("next", ())
    keys = [fact for fact in decision.missing if not fact.startswith(("policies:", "principal:"))]
    nodes: list[Node] = []
    for key in keys[:MOST_KEYS]:
        given, absent = f"--context {key}=VALUE", f"--no-context {key}"
        nodes.append(line(Run("fix", given), "   or   ", Run("fix", absent), indent=2))
    layers = [
        fact.removeprefix("policies:") for fact in decision.missing if fact.startswith("policies:")
    ]
    nodes += [line(Run("fix", f"--policy {layer}=FILE"), indent=2) for layer in layers]
    return Block("next", tuple(nodes), line(Run("heading", "next")))


# ---- layers -------------------------------------------------------------------------------


def _layers(explanation: Explanation) -> Block:
    rows = tuple(_layer_row(said, explanation) for said in explanation.layers)
    return Block("layers", (Table(rows, flexible=2),), line(Run("heading", "layers")))


def _layer_row(said: LayerDecision, explanation: Explanation) -> tuple[Cell, ...]:
    word = Run(LAYER_ROLES[said.verdict], layer_verdict_word(said))
    return (
        cell(said.layer.value),
        cell(word),
        cell(layer_detail(said, explanation)),
        cell(Run("mark", layer_mark(said, explanation))),
    )


def layer_mark(said: LayerDecision, explanation: Explanation) -> str:
    """`decides`, `blocks too`, `grants`, `undecided`; empty for a layer that lets pass."""
    decision = explanation.decision
    if decision.decided_by is said.layer:
        return "decides"
    if said.layer in decision.blocking:
        return "blocks too"
    if decision.allowed and any(view.ref.layer is said.layer for view in explanation.granting):
        return "grants" if said.layer in GRANTING else ""
    return ""


def layer_detail(said: LayerDecision, explanation: Explanation) -> str:
    """The statement that speaks for a layer, or why none does."""
    decision = explanation.decision
    if said.reason:
        needed = said.layer in decision.blocking and said.reason == "none"
        words = layer_reason(said, decision.request)
        return "no policy, and an allow is needed" if needed else words
    if said.verdict is LayerVerdict.UNKNOWN:
        return _open(said, explanation)
    if said.verdict is LayerVerdict.NO_ALLOW:
        return _silent(said, explanation)
    effect = Effect.DENY if said.verdict is LayerVerdict.DENIED else Effect.ALLOW
    return _statements(said, effect, decision)


def _statements(said: LayerDecision, effect: Effect, decision: Decision) -> str:
    refs = said.refs(effect)
    if not refs:
        return "RCPFullAWSAccess (default)" if said.layer is Layer.RESOURCE_CONTROL_POLICY else ""
    first = refs[0]
    if said.level_count > 1 and effect is Effect.ALLOW:
        return _by_level(said, decision)
    more = f" and {len(refs) - 1} more" if len(refs) > 1 else ""
    return f"{statement_place(first)} {statement_name(first)}{more}"


def _by_level(said: LayerDecision, decision: Decision) -> str:
    """`FullAWSAccess at the organization's root, Workloads and the account`."""
    levels: dict[str, list[str]] = {}
    seen: set[int | None] = set()
    for ref in said.refs(Effect.ALLOW):
        if ref.level not in seen and ref.level is not None:
            seen.add(ref.level)
            levels.setdefault(ref.policy.name, []).append(
                level_name(decision, said.layer, ref.level)
            )
    if len(seen) > MOST_LEVELS:
        return f"{joined(levels)} at {len(seen)} levels"
    return "; ".join(f"{name} at {joined(places)}" for name, places in levels.items())


def _silent(said: LayerDecision, explanation: Explanation) -> str:
    """The policies that say nothing; for SCPs those of the level that lacks an allow."""
    decision = explanation.decision
    attached, where = decision.stack.policies(said.layer), ""
    for cause in explanation.causes:
        if cause.layer is said.layer and cause.level is not None and said.level_count > 1:
            attached = decision.stack.layers[said.layer][cause.level]
            where = f" at {level_name(decision, said.layer, cause.level)}"
    if not attached:
        return f"no policy{where}"
    count = sum(len(item.policy.statements) for item in attached)
    name = attached[0].name if len(attached) == 1 else counted(len(attached), "policy")
    return f"{name}{where} ({counted(count, 'statement')})"


def _open(said: LayerDecision, explanation: Explanation) -> str:
    """The facts on which a layer hangs."""
    facts: dict[str, None] = {}
    for cause in explanation.causes:
        if cause.layer is said.layer:
            parts = [part for view in cause.statements for part in view.parts]
            facts.update(dict.fromkeys(part_name(part) for part in parts if part.holds is None))
    if said.layer is Layer.VPC_ENDPOINT_POLICY and not facts:
        facts["aws:SourceVpce"] = None
    return f"hangs on {joined(facts)}" if facts else "hangs on facts not given"


# ---- remarks and fixes --------------------------------------------------------------------


def _remarks(explanation: Explanation) -> Block:
    """What the answer rests on, and what it leaves out."""
    decision = explanation.decision
    sentences = assumed_sentences(decision)
    if decision.denied and decision.missing:
        facts = joined(fact_words(fact, decision.request) for fact in decision.missing)
        sentences.append(f"Denied in any case; whether explicitly hangs on {facts}.")
    if explanation.taken_absent:
        keys = explanation.taken_absent[:MOST_KEYS]
        more = len(explanation.taken_absent) - len(keys)
        listed = joined(keys) if not more else f"{', '.join(keys)} and {more} more"
        sentences.append(f"Taken to be absent, since nobody told: {listed}.")
    if explanation.not_evaluated:
        words = joined(NOT_EVALUATED_WORDS.get(word, word) for word in explanation.not_evaluated)
        sentences.append(f"Not evaluated, and could matter: {words}.")
    return Block("remarks", tuple(line(Run("dim", text), indent=2) for text in sentences))


def fixes_block(explanation: Explanation) -> Block:
    """Give the changes that would make it pass, each with its cost."""
    fixes = explanation.fixes
    if not fixes:
        return Block("fixes", (), _no_fix(explanation))
    title = "fix" if len(fixes) == 1 else "fixes"
    proof = "re-evaluated: ALLOWED" if len(fixes) == 1 else "each one re-evaluated: ALLOWED"
    nodes: list[Node] = []
    rows: list[tuple[Cell, ...]] = []
    shown: set[tuple[str, ...]] = set()
    for number, fix in enumerate(fixes, 1):
        for row, code in _fix_rows(number, fix, explanation, shown):
            rows.append(row)
            if code and code not in shown:
                shown.add(code)
                nodes += [Table(tuple(rows), flexible=1, stacked=True), Code(code, indent=7)]
                rows = []
    if rows:
        nodes.append(Table(tuple(rows), flexible=1, stacked=True))
    return Block("fixes", tuple(nodes), line(Run("heading", title), f" ({proof})"))


def _no_fix(explanation: Explanation) -> Line | None:
    if not (explanation.decision.denied and explanation.fixes_sought):
        return None
    if any(cause.reason in _FINAL for cause in explanation.causes):
        return line(Run("dim", "No change to a policy can help."))
    return line(Run("dim", "No fix: none of the changes tried leads to ALLOWED."))


_FINAL = (Reason.CLOSED_TO_CALLER, Reason.OWNER_ONLY, Reason.OTHER_PARTITION)


def _fix_rows(
    number: int, fix: Fix, explanation: Explanation, shown: set[tuple[str, ...]]
) -> Iterator[tuple[tuple[Cell, ...], tuple[str, ...]]]:
    request = explanation.decision.request
    for place, change in enumerate(fix.changes):
        where, what = change_place(change), change_sentence(change, request)
        do = [Run("path", f"{where}  ")] if where else []
        opens = fix.opens[place : place + 1]
        cost = cost_sentence(opens[0], change, request) if opens else ""
        head = str(number) if not place else "+"
        code = document_lines(change)
        if code in shown:
            what, cost = f"{what}: the one shown above", "opens the same"
        yield (cell(Run("fix", head)), cell(*do, Run("", what)), cell(Run("cost", cost))), code


# ---- findings -----------------------------------------------------------------------------

_SEVERITY_ROLES = {
    Severity.ERROR: "severity.error",
    Severity.WARNING: "severity.warning",
    Severity.NOTE: "severity.note",
}


def finding_blocks(findings: tuple[Finding, ...], *, short_notes: bool = False) -> list[Block]:
    """One block a finding: `warning[PE0310]: …`, where it stands, and what to do."""
    return [_finding(finding, short_notes=short_notes) for finding in findings]


def _finding(finding: Finding, *, short_notes: bool) -> Block:
    role = _SEVERITY_ROLES[finding.severity]
    title = line(
        Run(role, f"{finding.severity.value}[{finding.code}]"), f": {finding.message}", hang=2
    )
    helps = (f"help: {finding.help}",) if finding.help else ()
    location = finding.location
    code = (Code((finding.command,), indent=4),) if finding.command else ()
    if location is None:
        notes = tuple(line(Run("gutter", "  = "), Run("dim", text), hang=4) for text in helps)
        return Block("finding", (*notes, *code), title)
    short = short_notes and finding.severity is Severity.NOTE
    marks = () if short else (Mark(location, finding.label),)
    return Block("finding", (Snippet(location, marks, notes=helps), *code), title)
