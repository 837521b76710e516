"""What came of the mutants, for terminals and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

from policyeval.rendering.document import Block, Document, Line, Run, line
from policyeval.rendering.json import finding_to_json
from policyeval.rendering.words import position
from policyeval.testing.coverage.table import percentage
from policyeval.testing.mutation.diff import diff_of
from policyeval.testing.mutation.model import Fate, Mutant, MutantResult, MutationRun
from policyeval.testing.mutation.paste import entry_lines, want_words
from policyeval.testing.mutation.words import (
    change_words,
    effect_words,
    met_words,
    operator_words,
    place_words,
    proof_words,
)

SCHEMA = "policyeval/mutation/1"

_ROLES = {
    Fate.KILLED: "allow",
    Fate.SURVIVED: "deny",
    Fate.EQUIVALENT: "dim",
    Fate.UNDECIDED: "unknown",
    Fate.NOT_ASKED: "unknown",
}
_DIFF_ROLES = {"-": "deny", "+": "allow"}


def score(run: MutationRun) -> Fraction | None:
    """Give the share of mutants killed among those killed and survived; None where none is."""
    killed, survived = run.count(Fate.KILLED), run.count(Fate.SURVIVED)
    return Fraction(killed, killed + survived) if killed + survived else None


def failing_under(run: MutationRun, limit: float | str) -> bool:
    """Tell whether less than `limit` percent of the mutants are killed.

    Compared exactly: 89.99 percent is under 90. Mutants that are equivalent or undecided do not
    count; where no mutant counts, every limit but 0 is missed. Raises ConfigError for a limit that
    is no number from 0 to 100.
    """
    wanted, share = percentage(limit), score(run)
    return wanted > 0 if share is None else 100 * share < wanted


# ---- text ---------------------------------------------------------------------------------


def mutation_document(run: MutationRun, *, most: int | None = None) -> Document:
    """Give totals, survivors with diff and test, equivalents with proof, the undecided.

    `most` limits how many survivors are shown, all by default.
    """
    blocks = [Block("mutants", tuple(_totals(run)))]
    survivors = run.of(Fate.SURVIVED)
    shown = survivors if most is None else survivors[:most]
    blocks += [Block("survived", tuple(_survivor(each)), _headline(each)) for each in shown]
    left = len(survivors) - len(shown)
    if left:
        blocks.append(Block("survived", (line(Run("dim", f"{left} more survived")),)))
    for fate in (Fate.UNDECIDED, Fate.EQUIVALENT):
        listed = run.of(fate)
        if listed:
            blocks.append(Block(fate.value, tuple(_listed(listed))))
    if run.left_out:
        blocks.append(Block("left-out", tuple(_left_out(run))))
    return tuple(blocks)


def _totals(run: MutationRun) -> Iterator[Line]:
    runs: list[Run | str] = [f"mutants {len(run.results)}"]
    for fate in Fate:
        count = run.count(fate)
        if count or fate is not Fate.NOT_ASKED:
            word = fate.value.replace("-", " ")
            runs += ["   ", Run(_ROLES[fate], f"{word} {count}")]
    yield line(*runs)
    share = score(run)
    if share is not None:
        killed = run.count(Fate.KILLED)
        counting = killed + run.count(Fate.SURVIVED)
        yield line(Run("strong", f"{percent(share)} % killed"), f": {killed} of {counting}")


def percent(share: Fraction) -> str:
    """Give a share in percent to one digit, rounded down: 100.0 only where nothing survived."""
    tenths = share.numerator * 1000 // share.denominator
    return f"{tenths // 10}.{tenths % 10}"


def _headline(result: MutantResult) -> Line:
    mutant = result.mutant
    return line(
        Run(_ROLES[result.fate], result.fate.value),
        f"  {mutant.operator.value}  ",
        Run("path", place_words(mutant)),
        whole=True,
    )


def _change(result: MutantResult) -> Line:
    inside = effect_words(result.mutant)
    return line(
        change_words(result.mutant),
        Run("dim", f" ({inside})" if inside else ""),
        indent=2,
        hang=2,
    )


def _survivor(result: MutantResult) -> Iterator[Line]:
    yield _change(result)
    yield from _diff(result.mutant)
    yield line(f"{met_words(result)}", indent=2)
    yield line("this request tells them apart:", indent=2)
    assert result.witness is not None
    for text in entry_lines(result.witness):
        yield line(Run("code", text), indent=4, whole=True)


def _diff(mutant: Mutant) -> Iterator[Line]:
    diff = diff_of(mutant)
    if diff is None:
        return
    name = mutant.location.source.name
    yield line(Run("dim", f"--- {name}"), indent=2, whole=True)
    yield line(Run("dim", f"+++ {name}"), indent=2, whole=True)
    yield line(Run("dim", diff.header), indent=2, whole=True)
    for text in diff.lines:
        yield line(Run(_DIFF_ROLES.get(text[:1], ""), text), indent=2, whole=True)


def _listed(results: Sequence[MutantResult]) -> Iterator[Line]:
    for reason, group in groupby(results, key=_reason):
        for result in group:
            yield _headline(result)
            yield _change(result)
        yield line(Run("dim", reason), indent=2, hang=2)


def _reason(result: MutantResult) -> str:
    if result.proof is not None:
        return f"proved: {proof_words(result.proof)}"
    return "no test fails; neither a proof nor a request that tells them apart was found"


def _left_out(run: MutationRun) -> Iterator[Line]:
    yield line("tests that fail without any mutant, and so kill none:")
    for test in run.left_out:
        yield line(Run("path", test.id), indent=2, whole=True)


# ---- JSON ---------------------------------------------------------------------------------


def mutation_json(run: MutationRun) -> dict[str, Any]:
    """Give the run as a JSON object, under stable keys."""
    share = score(run)
    return {
        "schema": SCHEMA,
        "mutants": len(run.results),
        **{fate.value.replace("-", "_"): run.count(fate) for fate in Fate},
        "score": None if share is None else float(round(100 * share, 4)),
        "tests": run.asked,
        "left_out": [test.id for test in run.left_out],
        "remembered": run.remembered,
        "seconds": round(run.seconds, 3),
        "results": [_result(result) for result in run.results],
        "findings": [finding_to_json(finding) for finding in run.findings],
    }


def _result(result: MutantResult) -> dict[str, Any]:
    mutant = result.mutant
    found = position(mutant.location)
    diff = diff_of(mutant) if result.fate is not Fate.KILLED else None
    return {
        "fate": result.fate.value,
        "operator": mutant.operator.value,
        "name": operator_words(mutant),
        "policy": mutant.name,
        "line": found[0] if found is not None else None,
        "statement": mutant.index if mutant.index >= 0 else None,
        "pointer": mutant.location.pointer,
        "change": {
            "verb": mutant.change.verb,
            "element": mutant.change.element or None,
            "key": mutant.change.key or None,
            "old": mutant.change.old or None,
            "new": mutant.change.new or None,
        },
        "tests": result.met,
        "killed_by": result.killer or None,
        "proof": _proof(result),
        "witness": _witness(result),
        "diff": [diff.header, *diff.lines] if diff is not None else None,
    }


def _proof(result: MutantResult) -> dict[str, Any] | None:
    if result.proof is None:
        return None
    by = result.proof.by or None
    return {"reason": result.proof.reason.value, "by": by, "words": proof_words(result.proof)}


def _witness(result: MutantResult) -> dict[str, Any] | None:
    witness = result.witness
    if witness is None:
        return None
    test = witness.test
    return {
        "beside": test.id,
        "principal": test.principal,
        "action": test.action,
        "resource": test.resource,
        "context": {key: _plain(value) for key, value in test.context.items()},
        "today": want_words(witness.today),
        "mutated": want_words(witness.mutated),
    }


def _plain(value: Any) -> Any:
    from policyeval.context import UNKNOWN, Presence

    if isinstance(value, Presence):
        return {"presence": value.value} if value is UNKNOWN else None
    return list(value) if isinstance(value, tuple) else value
