"""One self-contained page: no scripts, nothing loaded, light or dark as the reader's system is.

A content security policy forbids everything but the style below, told by its hash, so that not
even a mistake in the escaping could run or load anything.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256

from policyeval.explanation.tree import Explanation
from policyeval.rendering.document import Block, Code, Document, Line, Node, Run, Snippet, Table
from policyeval.rendering.flow import escape, flow_picture
from policyeval.rendering.reasons import verdict_word
from policyeval.rendering.report import document_of
from policyeval.rendering.snippet import snippet_rows

WIDTH = 110

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2127;--dim:#5d6873;--line:#d5dae0;
--field:#f5f7f9;--allow:#14713a;--deny:#b3261e;--open:#8a5a00;--link:#1556a8;
--allow-field:#e6f4ea;--deny-field:#fdeceb;--open-field:#fdf3dc}
@media(prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e4e8ec;--dim:#9aa5b1;
--line:#343b43;--field:#1c2127;--allow:#6fd394;--deny:#ff8f87;--open:#f0c063;--link:#86b7f5;
--allow-field:#15301f;--deny-field:#3a1a18;--open-field:#352a10}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:28px 20px 60px}
h1,.verdict{font-size:1.35rem;line-height:1.35;margin:0 0 18px;font-weight:500}
.verdict b{padding:3px 10px;margin-right:10px;border-radius:6px;letter-spacing:.03em}
h2{font-size:1rem;margin:28px 0 8px}
p{margin:6px 0}
pre,code,td,.mono{font:13.5px/1.5 ui-monospace,Menlo,Consolas,monospace}
pre{margin:8px 0;padding:12px 14px;overflow-x:auto;background:var(--field);
border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;margin:6px 0}
td,th{padding:4px 18px 4px 0;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{font-weight:400;color:var(--dim);font-size:.85rem}
section{margin:18px 0}
.layers table,.fixes table{width:100%}
.layers tr+tr td,.fixes tr+tr td{border-top:1px solid var(--line)}
.dim,.gutter,.cost{color:var(--dim)}
.path{color:var(--link)}
.strong,.heading,.mark{font-weight:600}
.allow,.verdict-allowed,.severity-note{color:var(--allow)}
.deny,.no_allow,.verdict-denied,.severity-error,.caret,.label{color:var(--deny)}
.unknown,.verdict-unknown,.severity-warning{color:var(--open)}
.verdict .verdict-allowed{background:var(--allow-field)}
.verdict .verdict-denied{background:var(--deny-field)}
.verdict .verdict-unknown{background:var(--open-field)}
.none,.skip{color:var(--dim)}
.picture{overflow-x:auto;margin:0 0 8px}
.flow{display:block;width:100%;min-width:820px;height:auto}
.flow text{font:12.5px system-ui,sans-serif;text-anchor:middle;fill:currentColor}
.flow .small{font-size:11.5px;fill:var(--dim)}
.flow .big{font-size:14px;font-weight:600}
.flow rect{fill:var(--field);stroke:var(--line)}
.flow .box,.flow .request{color:var(--ink)}
.flow .way{fill:none;stroke:var(--ink);stroke-width:3}
.flow .way.closed{stroke:var(--dim);stroke-width:2;stroke-dasharray:3 3}
.flow .sign{fill:none;stroke:currentColor;stroke-width:3;stroke-linecap:round;
stroke-linejoin:round}
.flow .gate.allow,.flow .verdict-allowed{color:var(--allow)}
.flow .gate.deny,.flow .gate.no_allow,.flow .verdict-denied{color:var(--deny)}
.flow .gate.unknown,.flow .verdict-unknown{color:var(--open)}
.flow .gate.none,.flow .gate.skip{color:var(--dim)}
.flow .gate.allow rect,.flow .verdict-allowed rect{fill:var(--allow-field);stroke:var(--allow)}
.flow .gate.deny rect,.flow .verdict-denied rect{fill:var(--deny-field);stroke:var(--deny)}
.flow .gate.unknown rect,.flow .verdict-unknown rect{fill:var(--open-field);stroke:var(--open)}
.flow .gate.no_allow rect{stroke:var(--deny);stroke-dasharray:5 3}
.flow .gate.none rect,.flow .gate.skip rect{fill:none;stroke-dasharray:2 4}
.flow .gate.decides rect{fill:var(--deny-field);stroke-width:3.5;stroke-dasharray:none}
.flow .mark{font-weight:600}
"""


def render_html(explanation: Explanation) -> str:
    """Give an explanation as one HTML page that stands for itself."""
    decision = explanation.decision
    title = f"{verdict_word(decision)} {decision.request.action} - policyeval"
    return html_page(title, explanation_blocks(explanation))


def html_page(title: str, body: Iterable[str], style: str = STYLE) -> str:
    """Give a page around a body that is HTML already; `style` is all its CSS."""
    return "".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_security(style)}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="referrer" content="no-referrer">\n',
            f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n",
            *body,
            "</main>\n</body>\n</html>\n",
        )
    )


def explanation_blocks(
    explanation: Explanation, *, level: int = 1, show_grants: bool = False
) -> Iterator[str]:
    """Give the blocks of an explanation as HTML; `level` is that of the verdict's heading."""
    blocks = document_of(explanation, show_grants=show_grants)
    return html_blocks(blocks, flow_picture(explanation), level=level)


def _security(style_text: str) -> str:
    style = b64encode(sha256(style_text.encode()).digest()).decode()
    rules = ("default-src 'none'", f"style-src 'sha256-{style}'", "base-uri 'none'")
    return "; ".join((*rules, "form-action 'none'"))


def html_blocks(blocks: Document, picture: str = "", *, level: int = 1) -> Iterator[str]:
    """Give a document as HTML; under its verdict stands a picture, which is HTML already."""
    for block in blocks:
        if block.name == "verdict":
            yield f'<h{level} class="verdict">{_verdict(block)}</h{level}>\n'
            yield f'<div class="picture">{picture}</div>\n'
        else:
            inside = "".join(_block(block, level + 1))
            yield f'<section class="{block.name}">\n{inside}</section>\n'


def _verdict(block: Block) -> str:
    word, *rest = next(node.runs for node in block.nodes if isinstance(node, Line))
    return f'<b class="{_class(word.role)}">{escape(word.text)}</b>{_runs(rest)}'


def _block(block: Block, level: int) -> Iterator[str]:
    if block.title is not None:
        yield f"<h{level}>{_runs(block.title.runs)}</h{level}>\n"
    for node in block.nodes:
        yield _node(node)


def _node(node: Node) -> str:
    if isinstance(node, Line):
        return f"<p>{_runs(node.runs)}</p>\n"
    if isinstance(node, Table):
        return _table(node)
    if isinstance(node, Code):
        return _pre([(Run("code", text),) for text in node.lines])
    return _snippet(node)


def _snippet(snippet: Snippet) -> str:
    return _pre(snippet_rows(snippet, WIDTH))


def _pre(rows: Iterable[Iterable[Run]]) -> str:
    lines = "\n".join(_runs(row) for row in rows)
    return f'<pre tabindex="0">{lines}</pre>\n'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.head)
    rows = [f"<tr>{head}</tr>\n"] if head else []
    for row in table.rows:
        cells = "".join(f"<td>{_runs(cell)}</td>" for cell in row)
        rows.append(f"<tr>{cells}</tr>\n")
    return f"<table>\n{''.join(rows)}</table>\n"


def _runs(runs: Iterable[Run]) -> str:
    return "".join(
        f'<span class="{_class(run.role)}">{escape(run.text)}</span>'
        if run.role
        else escape(run.text)
        for run in runs
    )


def _class(role: str) -> str:
    return role.replace(".", "-")
