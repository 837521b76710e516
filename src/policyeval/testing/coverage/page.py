"""Coverage as one self-contained HTML page: the policies with each statement's state beside it.

No scripts, nothing loaded. What a colour says, a mark and words say too.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.rendering.flow import escape
from policyeval.rendering.html import html_page
from policyeval.testing.coverage.table import (
    ConditionCoverage,
    Coverage,
    PolicyCoverage,
    State,
    StatementCoverage,
)
from policyeval.testing.coverage.words import deny_words, policy_name, state_words

TAB = 4
MARKS = {
    State.DECISIVE: "\u2713",
    State.MATCHED: "~",
    State.EVALUATED: "\u2717",
    State.UNTESTED: "\u2717",
}
_WORST = (State.UNTESTED, State.EVALUATED, State.MATCHED, State.DECISIVE)

_STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2127;--dim:#5d6873;--line:#d5dae0;
--field:#f5f7f9;--good:#14713a;--bad:#b3261e;--half:#8a5a00;--link:#1556a8;
--good-field:#e6f4ea;--bad-field:#fdeceb;--half-field:#fdf3dc}
@media(prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e4e8ec;--dim:#9aa5b1;
--line:#343b43;--field:#1c2127;--good:#6fd394;--bad:#ff8f87;--half:#f0c063;--link:#86b7f5;
--good-field:#15301f;--bad-field:#3a1a18;--half-field:#352a10}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:1180px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:1.35rem;font-weight:500;margin:0 0 12px}
h2{font-size:1rem;margin:36px 0 6px;overflow-wrap:anywhere}
a{color:var(--link)}
table{border-collapse:collapse;margin:8px 0;max-width:100%}
td,th{padding:3px 16px 3px 0;text-align:left;vertical-align:top}
th{font-weight:400;color:var(--dim);font-size:.85rem}
.number{text-align:right;font-variant-numeric:tabular-nums}
pre,.tests,.matrix td{font:13.5px/1.5 ui-monospace,Menlo,Consolas,monospace}
pre{margin:8px 0;padding:8px 0;overflow-x:auto;border:1px solid var(--line);border-radius:8px}
.row{display:block;min-width:max-content;padding:0 12px;border-left:4px solid transparent}
.row i{font-style:normal;color:var(--dim);display:inline-block;min-width:5ch;text-align:right;
margin-right:1ch;user-select:none}
.row b{display:inline-block;min-width:2ch;user-select:none}
.note{margin-left:3ch;color:var(--dim);font-style:italic}
.decisive{background:var(--good-field);border-color:var(--good)}
.matched{background:var(--half-field);border-color:var(--half)}
.evaluated,.untested{background:var(--bad-field);border-color:var(--bad)}
.decisive b,.good{color:var(--good)}
.matched b,.half{color:var(--half)}
.evaluated b,.untested b,.bad{color:var(--bad)}
details{margin:4px 0}
.tests{margin:4px 0;overflow-wrap:anywhere}
.matrix{overflow-x:auto}
"""


def coverage_to_html(coverage: Coverage, *, contexts: bool = False) -> str:
    """Give the page; `contexts` adds a matrix of tests and statements to each policy."""
    title = f"policy coverage {coverage.decisive.percent} %"
    return html_page(title, _body(coverage, contexts), _STYLE)


def _body(coverage: Coverage, contexts: bool) -> Iterator[str]:
    share = coverage.decisive
    yield f"<h1>{share.percent} % of the statements are decisive in a test that passes</h1>\n"
    yield (
        "<p>"
        f'<span class="good">{MARKS[State.DECISIVE]} decisive</span>: without the statement a test '
        f'would get another answer. <span class="half">{MARKS[State.MATCHED]} matched</span>: it '
        "applied, but no answer depends on it. "
        f'<span class="bad">{MARKS[State.EVALUATED]} never matched</span>, or never evaluated.'
        "</p>\n"
    )
    for finding in coverage.findings:
        yield f"<p>{escape(finding.code)}: {escape(finding.message)}</p>\n"
    yield from _overview(coverage)
    for place, policy in enumerate(coverage.policies):
        yield from _section(policy, place, contexts)


def _overview(coverage: Coverage) -> Iterator[str]:
    names = ("statements", "decisive", "conditions true/false", "patterns used")
    yield '<table>\n<tr><th scope="col">policy</th>'
    yield "".join(f'<th scope="col">{name}</th>' for name in names)
    yield "</tr>\n"
    for place, policy in enumerate(coverage.policies):
        name = escape(policy_name(policy.shape))
        yield f'<tr><td><a href="#p{place}">{name}</a></td>{_shares(policy)}</tr>\n'
    yield f"<tr><td>total</td>{_shares(coverage)}</tr>\n</table>\n"


def _shares(of: Coverage | PolicyCoverage) -> str:
    texts = (str(of.decisive.all), str(of.decisive), str(of.conditions), str(of.patterns))
    return "".join(f'<td class="number">{text}</td>' for text in texts)


def _section(policy: PolicyCoverage, place: int, contexts: bool) -> Iterator[str]:
    yield f'<section id="p{place}">\n<h2>{escape(policy_name(policy.shape))}</h2>\n'
    if policy.shape.text:
        yield '<pre tabindex="0">'
        yield from _source(policy)
        yield "</pre>\n"
    for statement in policy.statements:
        yield from _statement(statement)
    if contexts:
        yield from _matrix(policy)
    yield "</section>\n"


def _source(policy: PolicyCoverage) -> Iterator[str]:
    states: dict[int, State] = {}
    notes: dict[int, list[str]] = {}
    for statement in policy.statements:
        shape, state = statement.shape, statement.state
        for line in range(shape.line, shape.end_line + 1):
            worst = states.get(line, state)
            states[line] = min(worst, state, key=_WORST.index)
        notes.setdefault(shape.line, []).append(f"{shape.name} {state_words(statement)}")
        for condition in statement.conditions:
            notes.setdefault(condition.shape.line, []).append(_answers(condition))
        for pattern in statement.patterns:
            if not pattern.used:
                one = pattern.shape
                notes.setdefault(one.line, []).append(f"{one.element} {one.text} unused")
    for line, text in enumerate(policy.shape.text.split("\n"), policy.shape.line):
        found = states.get(line)
        mark = MARKS[found] if found is not None else ""
        kind = f" {found.value}" if found is not None else ""
        said = notes.get(line, ())
        note = f'<span class="note">{escape("; ".join(said))}</span>' if said else ""
        shown = escape(text.removesuffix("\r").expandtabs(TAB))
        yield f'<span class="row{kind}"><i>{line}</i><b>{mark}</b>{shown}{note}</span>'


def _answers(condition: ConditionCoverage) -> str:
    """`StringEquals aws:X: true yes, false no, absent no`."""
    yes, no = "\u2713", "\u2717"
    absent = f", absent {no}" if condition.needs_absent else ""
    return (
        f"{condition.shape.operator} {condition.shape.key}: "
        f"true {yes if condition.true else no}, false {yes if condition.false else no}{absent}"
    )


def _statement(statement: StatementCoverage) -> Iterator[str]:
    shape = statement.shape
    kind = {State.DECISIVE: "good", State.MATCHED: "half"}.get(statement.state, "bad")
    head = (
        f'<span class="{kind}">{MARKS[statement.state]}</span> '
        f"{escape(f'{shape.effect} {shape.name}: {state_words(statement)}')}"
    )
    remark = escape(deny_words(statement))
    tests = statement.decisive_in or statement.matched_in
    if not tests:
        yield f"<p>{head}{f'; {remark}' if remark else ''}</p>\n"
        return
    yield f"<details>\n<summary>{head}</summary>\n"
    if remark:
        yield f"<p>{remark}</p>\n"
    yield f'<ul class="tests">{"".join(f"<li>{escape(test)}</li>" for test in tests)}</ul>\n'
    count = statement.decisive or statement.matched
    if count > len(tests):
        yield f"<p>and {count - len(tests)} more</p>\n"
    yield "</details>\n"


def _matrix(policy: PolicyCoverage) -> Iterator[str]:
    """Which test hit which statement: D where it is decisive, m where it matches."""
    tests = sorted({test for each in policy.statements for test in each.matched_in})
    if not tests:
        return
    decisive = [frozenset(each.decisive_in) for each in policy.statements]
    matched = [frozenset(each.matched_in) for each in policy.statements]
    yield '<details>\n<summary>tests and statements</summary>\n<div class="matrix"><table>\n<tr>'
    yield '<th scope="col">D decisive, m matched</th>'
    for statement in policy.statements:
        yield f'<th scope="col">{escape(statement.shape.name)}</th>'
    yield "</tr>\n"
    for test in tests:
        cells = "".join(
            f"<td>{'D' if test in decides else 'm' if test in matches else ''}</td>"
            for decides, matches in zip(decisive, matched, strict=True)
        )
        yield f"<tr><td>{escape(test)}</td>{cells}</tr>\n"
    yield "</table></div>\n</details>\n"
