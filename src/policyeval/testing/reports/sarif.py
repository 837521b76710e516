"""SARIF 2.1.0, for code scanning: one result for each failure, at the statement that decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyeval.decision import Outcome, StatementRef, Verdict
from policyeval.explanation.tree import Explanation
from policyeval.rendering.reasons import verdict_sentence, verdict_word
from policyeval.rendering.report import layer_detail
from policyeval.rendering.words import (
    layer_verdict_word,
    statement_location,
    statement_name,
)
from policyeval.testing.judge import deciding_statements
from policyeval.testing.model import Result, Run, Status
from policyeval.testing.reports.failure import (
    TEXTS,
    TITLES,
    Kind,
    explanation_of,
    kind_of,
    sentences,
)
from policyeval.testing.reports.place import Place, path_below, place_of
from policyeval.testing.reports.sarif_log import (
    Json,
    Rule,
    code_flow,
    fingerprints,
    location,
    log_of,
    message,
)
from policyeval.testing.reports.text import FAILURES

CATEGORY = "policyeval/test"
MOST_RELATED = 20
MOST_NEAR = 3


def sarif_report(run: Run, *, root: str = "", exit_code: int | None = None) -> str:
    """Give the failures of a run as a SARIF log.

    Paths are relative to `root`, the top of the checkout, where they are below it. `exit_code` is
    that of the command: by default 1 where something failed, 2 where something is an error.
    """
    failures = run.of(*FAILURES)
    rules = _rules(failures)
    index = {rule.id: number for number, rule in enumerate(rules)}
    code = exit_code if exit_code is not None else run.exit_code
    results = (_result(result, index, root) for result in failures)
    return log_of(rules, results, category=CATEGORY, exit_code=code)


# ---- rules --------------------------------------------------------------------------------


def _rule_id(result: Result) -> str:
    """The kind of a failure; of an error the code of its finding."""
    if result.status is Status.ERROR and result.findings:
        return result.findings[0].code
    return kind_of(result).value


def _rules(failures: tuple[Result, ...]) -> list[Rule]:
    """Every kind of failure, so that the log of a good run tells of them too, and codes met."""
    rules = [Rule(kind.value, _name(kind), TITLES[kind], TEXTS[kind]) for kind in Kind]
    known = {rule.id for rule in rules}
    codes = sorted({_rule_id(result) for result in failures} - known)
    return rules + [_diagnostic(code) for code in codes]


def _name(kind: Kind) -> str:
    return "".join(word.capitalize() for word in kind.value.split("-"))


def _diagnostic(code: str) -> Rule:
    """A rule from the page of `policyeval explain`."""
    from policyeval.diagnostics import DIAGNOSTICS

    page = DIAGNOSTICS.get(code)
    if page is None:
        return Rule(code, code, TITLES[Kind.ERROR], TEXTS[Kind.ERROR])
    return Rule(code, code, page.title, page.text, page.severity.value)


# ---- results ------------------------------------------------------------------------------


def _result(result: Result, index: dict[str, int], root: str) -> Json:
    rule, explanation = _rule_id(result), explanation_of(result, max_fixes=0)
    told = [result.test.title, *sentences(result)]
    if explanation is not None:
        told.append(f"{verdict_word(explanation.decision)} {verdict_sentence(explanation)}")
    test = place_of(result.test.location, root)
    refs = _deciding(explanation)
    first = [place_of(statement_location(ref), root) for ref in refs[:1]]
    related = [(test, "the test")] if first else []
    related += _further(refs[1:], "decides too", root)
    if explanation is not None:
        related += _further(_near(explanation), "near miss", root)
    shown: Json = {
        "ruleId": rule,
        "ruleIndex": index[rule],
        "kind": "fail",
        "level": "error",
        "message": message("\n".join(told)),
        "locations": [location(first[0] if first else test)],
        "partialFingerprints": fingerprints(*_identity(result, rule, refs, root)),
    }
    if related:
        shown["relatedLocations"] = [
            location(place, words, number)
            for number, (place, words) in enumerate(related[:MOST_RELATED])
        ]
    steps = list(_steps(explanation, root)) if explanation is not None else []
    if len(steps) > 1:
        shown["codeFlows"] = [code_flow(steps)]
    return shown


def _deciding(explanation: Explanation | None) -> list[StatementRef]:
    """The statements of files that deny, or that grant."""
    return _each_once(deciding_statements(explanation.decision)) if explanation is not None else []


def _each_once(refs: Iterable[StatementRef]) -> list[StatementRef]:
    """The statements of files; one that speaks at several levels of an organization once."""
    found: dict[tuple[str, str, str], StatementRef] = {}
    for ref in refs:
        if _in_file(ref):
            key = (ref.layer.value, ref.policy.policy.source.name, ref.statement.pointer)
            found.setdefault(key, ref)
    return list(found.values())


def _near(explanation: Explanation) -> list[StatementRef]:
    """The statements that an implicit denial or an unknown answer comes near to."""
    if explanation.decision.verdict in (Verdict.ALLOWED, Verdict.EXPLICIT_DENY):
        return []
    views = [view for cause in explanation.causes for view in cause.statements[:MOST_NEAR]]
    return _each_once(view.ref for view in views)


def _further(refs: list[StatementRef], words: str, root: str) -> list[tuple[Place, str]]:
    return [
        (place_of(statement_location(ref), root), f"{words}: {_words(ref)}")
        for ref in refs[:MOST_RELATED]
    ]


def _words(ref: StatementRef) -> str:
    return f"{ref.layer.value} {ref.statement.effect.value} {statement_name(ref)}"


def _in_file(ref: StatementRef) -> bool:
    """Tell a statement of a file from one of a policy that AWS attaches by itself."""
    return ref.policy.policy.source.text is not None


def _identity(result: Result, rule: str, refs: list[StatementRef], root: str) -> Iterator[str]:
    """What makes the result the one it is: rule, test, and the statement that decides."""
    yield from (rule, path_below(result.test.file, root), result.test.title)
    for ref in refs[:1]:
        yield place_of(statement_location(ref), root).path
        yield ref.statement.sid or _text(ref)


def _text(ref: StatementRef) -> str:
    """The text of a statement without Sid, whatever its layout."""
    found = statement_location(ref)
    span, text = found.resolve(), found.source.text
    return "".join(text[span.start : span.end].split()) if span is not None and text else ""


def _steps(explanation: Explanation, root: str) -> Iterator[Json]:
    """The layers in the order of evaluation, where a statement of a file speaks for one."""
    granting = [view.ref for view in explanation.granting]
    for said in explanation.layers:
        causes = [cause for cause in explanation.causes if cause.layer is said.layer]
        refs = [view.ref for cause in causes for view in cause.statements]
        refs += [ref for ref in granting if ref.layer is said.layer]
        refs += [ref for ref, outcome in said.trace if outcome is Outcome.MATCHED]
        spoken = next((ref for ref in refs if _in_file(ref)), None)
        if spoken is not None:
            answer = f"{layer_verdict_word(said)} {layer_detail(said, explanation)}".rstrip()
            place = place_of(statement_location(spoken), root)
            yield location(place, f"{said.layer.value}: {answer}")
